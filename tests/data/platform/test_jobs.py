"""任务: each at its hour, once, also after a pause; a failure is kept and the next goes on."""

import threading
import time as clock_time
from datetime import datetime, time, timedelta

import pytest

from core.base.errors import Forbidden, Refused, Unavailable
from data import jobs
from data.audit import log
from data.jobs import Job
from data.store.store import Store
from tests.world import World

NOON = datetime(2026, 1, 10, 4)  # in Beijing


@pytest.fixture
def ran(world: World, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Two jobs that say what they did, the second one a failure; what has run."""
    ran: list[str] = []

    def first(_: Store) -> str:
        ran.append("first")
        return f"第 {len(ran)} 次"

    def second(_: Store) -> str:
        ran.append("second")
        raise Unavailable("磁盘满了")

    monkeypatch.setattr(
        jobs, "JOBS", [Job("second", "坏任务", time(2, 30), second), Job("first", "好任务", time(2, 30), first)]
    )
    world.clock.now = NOON
    return ran


def test_the_hour_is_beijings() -> None:
    job = Job("x", "x", time(2, 30), lambda _: "")
    assert jobs.last_due(job, datetime(2026, 1, 10, 4)) == datetime(2026, 1, 9, 18, 30)
    assert jobs.last_due(job, datetime(2026, 1, 9, 18, 29)) == datetime(2026, 1, 8, 18, 30)
    assert jobs.last_due(job, datetime(2026, 1, 9, 18, 30)) == datetime(2026, 1, 9, 18, 30)


def test_a_new_job_waits_for_its_hour_and_one_missed_for_days_runs_once(world: World, ran: list[str]) -> None:
    assert jobs.run_late(world.store) == []
    world.clock.now = NOON + timedelta(hours=14)  # 02:00
    assert jobs.run_late(world.store) == []
    world.clock.now = NOON + timedelta(days=5)
    assert jobs.run_late(world.store) == ["second", "first"]
    assert jobs.run_late(world.store) == []
    world.clock.now += timedelta(days=1)
    assert jobs.run_late(world.store) == ["second", "first"]
    assert ran == ["second", "first"] * 2


def test_a_failure_is_kept_shown_and_in_the_log_of_trouble(world: World, ran: list[str]) -> None:
    jobs.run_late(world.store)
    world.clock.now += timedelta(days=1)
    jobs.run_late(world.store)
    keeper = world.visit("administrator")
    bad, good = jobs.listing(keeper)
    assert (bad.ok, bad.result) == (False, "磁盘满了")
    assert (good.ok, good.result) == (True, "第 2 次")
    assert good.next_at == datetime(2026, 1, 11, 18, 30)
    (entry,) = [row for row in log.entries(keeper, log.Query("trouble")) if row.kind == "job.failed"]
    assert "坏任务" in entry.body["sentence"]


def test_run_by_hand_by_those_who_may_and_not_twice_at_once(world: World, ran: list[str]) -> None:
    assert jobs.run(world.visit("administrator"), "first") == (True, "第 1 次")
    assert jobs.run(world.visit("administrator"), "second") == (False, "磁盘满了")
    with pytest.raises(Refused, match="没有这个任务"):
        jobs.run(world.visit("administrator"), "third")
    for persona in ("enterprise", "district", "city"):
        with pytest.raises(Forbidden):
            jobs.run(world.visit(persona), "first")
        with pytest.raises(Forbidden):
            jobs.listing(world.visit(persona))
    with jobs._one_at_a_time, pytest.raises(Refused, match="正在运行"):
        jobs.run(world.visit("administrator"), "first")
    assert ran == ["first", "second"]


def test_the_thread_runs_what_is_late_and_stops_at_once(world: World, ran: list[str]) -> None:
    jobs.run_late(world.store)
    world.clock.now += timedelta(days=1)
    with jobs.running(world.store):
        for _ in range(200):
            if len(ran) == 2 and jobs.listing(world.visit("administrator"))[1].ok:
                break
            clock_time.sleep(0.02)
        started = clock_time.perf_counter()
    assert clock_time.perf_counter() - started < 2
    assert ran == ["second", "first"]
    assert "jobs" not in {thread.name for thread in threading.enumerate()}


def test_expired_sign_ins_go_and_the_others_stay(world: World) -> None:
    now = world.clock.now
    step = {"account_id": "a", "wanted": "/", "proven": False, "secret": None, "spent": False}

    def put(transaction):  # type: ignore[no-untyped-def]
        transaction.put("sign_in_steps", {"id": "old", "expires_at": now - timedelta(minutes=1), **step})
        transaction.put("sign_in_steps", {"id": "live", "expires_at": now + timedelta(minutes=5), **step})
        transaction.put("sign_in_failures", {"username": "u", "at_utc": now - timedelta(days=91), "address": None})
        transaction.put("sign_in_failures", {"username": "u", "at_utc": now - timedelta(days=89), "address": None})

    world.store.write(put)
    ok, sentence = jobs.run(world.visit("administrator"), "sweep")
    assert ok
    assert "1 条、90 天前的登录失败记录 1 条" in sentence
    assert world.store.rows("SELECT id FROM sign_in_steps") == [{"id": "live"}]
    assert [row["at_utc"] for row in world.store.rows("SELECT at_utc FROM sign_in_failures")] == [
        now - timedelta(days=89)
    ]


def test_the_shipped_backup_runs_at_its_hour(world: World) -> None:
    jobs.run_late(world.store)
    assert not (world.folder / "backups").exists()  # the first start is not slowed
    world.clock.now += timedelta(days=1)
    assert set(jobs.run_late(world.store)) == {job.code for job in jobs.JOBS}
    assert "可以恢复" in jobs.listing(world.visit("administrator"))[0].result
