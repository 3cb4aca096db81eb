"""备份 and 任务 on the screen; what each press leaves in the store and on the disk."""

from datetime import timedelta

import pytest

from core.platform.backup import Backup
from data import jobs
from data.platform import backups
from data.rule import parameters
from data.store.version import VERSION
from tests.pages.walk import Screen
from tests.world import World
from ui.base.text import duration


def listed(world: World) -> list[Backup]:
    return backups.listing(world.visit("administrator"))


def test_made_checked_and_cleaned(world: World) -> None:
    parameters.put(world.visit("administrator"), "backups_kept", 0, "1")
    screen = Screen(world, "administrator", "platform/backups.py")
    assert "还没有备份" in screen.said("info")
    screen.click("make")
    assert "已备份" in screen.said("success")
    (first,) = listed(world)
    screen.click("check")
    assert "可以恢复" in screen.said("success")
    assert listed(world)[0].whole is True
    assert screen.widget("clean").disabled
    world.clock.now += timedelta(minutes=1)
    screen.click("make")
    assert screen.widget("clean").disabled  # the older one is the only one known to be good
    assert screen.widget("name").value == listed(world)[0].name
    screen.click("check")
    screen.click("clean")
    assert "1 份" in screen.said("success")
    assert first.name not in [backup.name for backup in listed(world)]


def test_a_damaged_one_is_named_as_such(world: World) -> None:
    name = backups.make(world.visit("administrator"))
    (world.folder / "backups" / name / "library.duckdb").unlink()
    screen = Screen(world, "administrator", "platform/backups.py").click("check")
    assert "不能恢复" in screen.said("error")
    assert listed(world)[0].whole is False
    assert "不能恢复" in str(screen.run().tables[0])


def test_a_job_run_by_hand(world: World) -> None:
    screen = Screen(world, "administrator", "platform/jobs.py")
    assert "尚未运行" in screen.said("markdown")
    screen.click("backup#run")
    assert "已完成" in screen.said("success")
    assert len(listed(world)) == 1
    assert [row.code for row in jobs.listing(world.visit("administrator")) if row.ok] == ["backup"]


def test_a_job_that_fails_says_why(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backups, "_differences", lambda *_: ["表 filings 应有 1 行，现有 0 行"])
    screen = Screen(world, "administrator", "platform/jobs.py").click("backup#run")
    assert "校验未通过" in screen.said("error")
    assert jobs.listing(world.visit("administrator"))[0].ok is False


def test_the_status_names_versions_and_the_newest_backup(world: World) -> None:
    screen = Screen(world, "administrator", "platform/status.py")
    assert "还没有备份" in screen.said("caption")
    assert f"版本 {VERSION} · 数据表结构 00" in screen.said("caption")
    backups.nightly(world.store)
    assert "校验通过，可以恢复" in screen.run().said("caption")
    memory = next(metric.value for metric in screen.at.metric if metric.label == "内存")
    assert memory == "—" or int(memory.removesuffix(" MB").replace(",", "")) > 50


def test_a_duration_in_words() -> None:
    assert [duration(seconds) for seconds in (59, 3_660, 90_000)] == ["0 分钟", "1 小时 1 分钟", "1 天 1 小时"]
