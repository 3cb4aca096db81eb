"""备份: what a running store held at one moment comes back whole, and a damaged copy is found out."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from core.base.errors import Forbidden, Refused, Unavailable
from data.access import sessions
from data.filing import attachments
from data.platform import backups
from data.projections import project
from data.rule import parameters
from data.store.store import Store, StoreDamaged
from tests.world import World

ROOT = Path(__file__).parents[3]


@pytest.fixture
def filled(world: World) -> World:
    world.admit("enterprise")
    attachments.add(world.visit("enterprise"), "证书.pdf", b"%PDF-1.7 fictional")
    return world


def made(world: World) -> Path:
    world.clock.now += timedelta(minutes=1)
    return world.folder / "backups" / backups.make(world.visit("administrator"))


def test_a_backup_holds_what_the_store_held_and_is_found_whole(filled: World) -> None:
    home = made(filled)
    manifest = json.loads((home / "manifest.json").read_text("utf-8"))
    assert manifest["tables"]["filings"] == 1
    assert manifest["files"] == 1
    whole, finding = backups.check(filled.visit("administrator"), home.name)
    assert whole, finding
    assert f"{manifest['seq']:,} 条记录" in finding
    (backup,) = backups.listing(filled.visit("administrator"))
    assert (backup.name, backup.whole, backup.facts) == (home.name, True, manifest["seq"])
    kinds = [fact.kind for fact in filled.store.facts(f"backup:{home.name}")]
    assert kinds == ["backup.made", "backup.checked"]
    assert sorted(path.name for path in home.parent.iterdir()) == [home.name]
    assert filled.store.verify() == filled.store.data_version


def test_the_copy_takes_no_room_for_the_same_files(filled: World) -> None:
    (file,) = (made(filled) / "attachments").iterdir()
    assert file.stat().st_ino == (filled.folder / "attachments" / file.name).stat().st_ino


def test_a_backup_made_while_people_save_is_of_one_moment(filled: World) -> None:
    stop = threading.Event()

    def save() -> None:
        visit = filled.visit("administrator")
        while not stop.is_set():
            filled.store.write(lambda t: t.append(visit.actor, "note.made", "note:1", {}))

    writers = [threading.Thread(target=save) for _ in range(3)]
    for writer in writers:
        writer.start()
    try:
        names = [made(filled).name for _ in range(3)]
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    for name in names:
        whole, finding = backups.check(filled.visit("administrator"), name)
        assert whole, finding


def row_missing(home: Path) -> None:
    with duckdb.connect(str(home / "library.duckdb")) as database:
        database.execute("DELETE FROM filings")


def body_changed(home: Path) -> None:
    with duckdb.connect(str(home / "library.duckdb")) as database:
        database.execute("UPDATE facts SET body = '{}' WHERE seq = 3")


def last_fact_gone(home: Path) -> None:
    with duckdb.connect(str(home / "library.duckdb")) as database:
        database.execute("DELETE FROM facts WHERE seq = (SELECT max(seq) FROM facts)")


def file_gone(home: Path) -> None:
    next((home / "attachments").iterdir()).unlink()


def file_changed(home: Path) -> None:
    file = next((home / "attachments").iterdir())
    file.unlink()
    file.write_bytes(b"%PDF-1.7 another")


def database_cut(home: Path) -> None:
    with (home / "library.duckdb").open("rb+") as handle:
        handle.truncate(20_000)


def database_gone(home: Path) -> None:
    (home / "library.duckdb").unlink()


@pytest.mark.parametrize(
    "damage", [row_missing, body_changed, last_fact_gone, file_gone, file_changed, database_cut, database_gone]
)
def test_a_damaged_backup_is_found_out_and_never_restored(filled: World, damage: Callable[[Path], None]) -> None:
    home = made(filled)
    damage(home)
    whole, finding = backups.check(filled.visit("administrator"), home.name)
    assert not whole
    assert finding.startswith("不能恢复")
    assert backups.listing(filled.visit("administrator"))[0].whole is False
    filled.close()
    before = (filled.folder / "high_water.json").read_text("utf-8")
    with pytest.raises(Refused, match="现有数据未动"):
        backups.restore(filled.folder, home.name, filled.clock())
    assert (filled.folder / "high_water.json").read_text("utf-8") == before
    assert not list(filled.folder.glob("replaced-*"))


def test_so_many_are_kept_and_never_the_last_good_one_removed(filled: World) -> None:
    parameters.put(filled.visit("administrator"), "backups_kept", 0, "2")
    good = made(filled)
    backups.check(filled.visit("administrator"), good.name)
    later = [made(filled).name for _ in range(3)]
    assert backups.clean(filled.visit("administrator")) == 1
    assert [backup.name for backup in backups.listing(filled.visit("administrator"))] == [*later[:0:-1], good.name]
    backups.check(filled.visit("administrator"), later[-1])
    assert backups.clean(filled.visit("administrator")) == 1
    assert not good.exists()


def test_the_nightly_run_makes_checks_and_says_so(filled: World, monkeypatch: pytest.MonkeyPatch) -> None:
    left = filled.folder / "backups" / ".making-interrupted"
    left.mkdir(parents=True)
    sentence = backups.nightly(filled.store)
    assert "可以恢复" in sentence
    assert not left.exists()
    filled.clock.now += timedelta(days=1)
    monkeypatch.setattr(backups, "_differences", lambda *_: ["表 filings 应有 1 行，现有 0 行"])
    with pytest.raises(Unavailable, match="校验未通过"):
        backups.nightly(filled.store)


def test_a_full_disk_leaves_nothing_half_made(filled: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: Path) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(filled.store, "copy_to", full)
        with pytest.raises(Unavailable, match="没有完成"):
            backups.make(filled.visit("administrator"))
    assert list((filled.folder / "backups").iterdir()) == []
    made(filled)


def test_nobody_else_may_and_a_name_is_no_path(filled: World) -> None:
    home = made(filled)
    for persona in ("enterprise", "district", "city"):
        visit = filled.visit(persona)
        for act in (backups.listing, backups.make, backups.clean, lambda v: backups.check(v, home.name)):
            with pytest.raises(Forbidden):
                act(visit)
    for name in ("..", "../backups", "", f"{home.name}/attachments", str(home)):
        with pytest.raises(Refused, match="没有名为"):
            backups.check(filled.visit("administrator"), name)


def command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "data", *arguments],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "LIBRARY_DATA_DIR": str(folder), "PYTHONIOENCODING": "utf-8"},
    )


def test_back_up_go_on_and_restore_from_the_command_line(filled: World) -> None:
    token = filled.token("city")
    home = made(filled)
    told = filled.store.data_version
    filled.submit("other")
    held = command(filled.folder, "restore", home.name)
    assert held.returncode == 1
    assert "先停止服务" in held.stderr
    assert command(filled.folder, "check-backup", home.name).returncode == 0
    assert "另一个进程" in command(filled.folder, "backup").stderr
    filled.close()
    restored = command(filled.folder, "restore", home.name)
    assert restored.returncode == 0, restored.stderr
    (aside,) = filled.folder.glob("replaced-*")
    assert {path.name for path in aside.iterdir()} >= {"library.duckdb", "high_water.json", "attachments"}
    with Store(filled.folder, project=project, clock=filled.clock) as store:
        assert len(store.rows("SELECT * FROM filings")) == 1
        assert store.facts()[-1].kind == "backup.restored"
        assert store.verify() == told  # what came after the copy but one fact is gone; the restoring is one more
        assert sessions.visit_of(store, sessions.token_id(token)) is None
        assert len(list((filled.folder / "attachments").iterdir())) == 1
    answer = command(filled.folder, "backup")
    assert answer.returncode == 0
    newest = max(filled.folder.glob("backups/*"), key=lambda folder: folder.name)
    if sys.platform != "win32":  # files of a backup are for the service's own account
        written = [file for file in newest.rglob("*") if file.is_file() and file.stat().st_nlink == 1]
        assert written and [file.name for file in written if file.stat().st_mode & 0o077] == []
    assert command(filled.folder, "nonsense").returncode == 2
    assert command(filled.folder, "restore").returncode == 2


def test_a_damaged_database_can_be_replaced(filled: World) -> None:
    home = made(filled)
    filled.close()
    (filled.folder / "library.duckdb").write_bytes(b"no database")
    (filled.folder / "library.duckdb.wal").unlink(missing_ok=True)
    with pytest.raises((StoreDamaged, duckdb.Error)):
        Store(filled.folder, project=project)
    assert command(filled.folder, "restore", home.name).returncode == 0
    with Store(filled.folder, project=project) as store:
        assert len(store.rows("SELECT * FROM filings")) == 1
