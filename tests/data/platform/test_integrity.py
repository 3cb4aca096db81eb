"""`python -m data verify` against somebody who can write the database, its mark, and knows how the chain is made."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from data import __main__ as commands
from data import jobs
from data.access import credentials
from data.platform.settings import DataSettings
from data.store.store import GENESIS, SYSTEM, Fact, dump, fact_hash
from tests.world import PASSWORD_HASH, World

KEY = "k3y-0f-a-r4nd0m-string-l0nger-than-32-signs"
Connection = duckdb.DuckDBPyConnection


@pytest.fixture
def folder(world: World, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A library with an admission, anchored; closed."""
    monkeypatch.setenv("LIBRARY_DATA_DIR", str(world.folder))
    monkeypatch.setenv("LIBRARY_DATA_KEY", KEY)
    world.admit("enterprise")
    job = next(each for each in jobs.JOBS if each.code == "anchor")
    assert "已记入" in job.run(world.store)
    world.close()
    return world.folder


def verdict(capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    capsys.readouterr()
    code = commands.main(["verify"])
    captured = capsys.readouterr()
    return code, captured.out + captured.err


def forge(folder: Path, change: Callable[[Connection], object]) -> None:
    """Change the database, then compute the whole chain and the mark anew, as an insider would."""
    with duckdb.connect(str(folder / "library.duckdb")) as connection:
        change(connection)
        rows = connection.execute(
            "SELECT seq, at_utc, account_id, session_id, kind, subject, revision, body FROM facts ORDER BY seq"
        ).fetchall()
        previous = GENESIS
        for *columns, body in rows:
            previous = fact_hash(previous, Fact(*columns, {}), body)
            connection.execute("UPDATE facts SET hash = $1 WHERE seq = $2", [previous, columns[0]])
    (folder / "high_water.json").write_text(json.dumps({"seq": rows[-1][0], "hash": previous}), "utf-8")


def test_an_untouched_library_is_found_whole(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = verdict(capsys)
    assert (code, "没有发现改动" in said) == (0, True), said


def _edit_fact(connection: Connection) -> None:
    rows = connection.execute("SELECT seq, body FROM facts WHERE kind = 'filing.admitted'").fetchall()
    connection.execute(
        "UPDATE facts SET body = $1 WHERE seq = $2",
        [dump(json.loads(rows[0][1]) | {"reasons": {"": "伪造"}}), rows[0][0]],
    )


def _cut_tail(connection: Connection) -> None:
    connection.execute("DELETE FROM facts WHERE seq > (SELECT max(seq) - 2 FROM facts)")


ATTACKS: dict[str, tuple[Callable[[Connection], Any], str]] = {
    "a fact edited, chain and mark computed anew": (_edit_fact, "其中有记录被改动"),
    "the tail cut and the mark lowered": (_cut_tail, "末尾的记录被删除"),
    "a figure edited": (lambda c: c.execute("UPDATE figures SET ai_revenue = ai_revenue + 1"), "表 figures 与日志不符"),
    "an admission removed": (lambda c: c.execute("DELETE FROM admissions"), "表 admissions 与日志不符"),
    "a filing's state edited": (lambda c: c.execute("UPDATE filings SET state = 'draft'"), "表 filings 与日志不符"),
    "a role given": (
        lambda c: c.execute("UPDATE accounts SET role = 'administrator' WHERE username = 'gxreviewer'"),
        "表 accounts 与日志不符",
    ),
    "a password replaced": (
        lambda c: c.execute("UPDATE credentials SET password_hash = 'mine' WHERE account_id = 'local-keeper'"),
        "账号 local-keeper 的密码",
    ),
    "a second factor replaced": (
        lambda c: c.execute("UPDATE credentials SET totp_secret = 'MINE' WHERE account_id = 'local-keeper'"),
        "账号 local-keeper 的密码",
    ),
    "credentials removed": (
        lambda c: c.execute("DELETE FROM credentials WHERE account_id = 'local-keeper'"),
        "账号 local-keeper 的密码",
    ),
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_an_insider_changes_is_found(folder: Path, capsys: pytest.CaptureFixture[str], attack: str) -> None:
    change, sentence = ATTACKS[attack]
    forge(folder, change)
    code, said = verdict(capsys)
    assert (code, sentence in said) == (1, True), said


def test_an_anchor_made_without_the_key_is_found(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    forge(folder, _edit_fact)
    file, settings = DataSettings().anchors_file, DataSettings()
    assert file.parent == settings.data_folder.parent, "outside the data folder"
    line = json.loads(file.read_text("utf-8"))
    line["hash"] = json.loads((folder / "high_water.json").read_text("utf-8"))["hash"]
    line["seq"] = json.loads((folder / "high_water.json").read_text("utf-8"))["seq"]
    file.write_text(json.dumps(line) + "\n", "utf-8")
    code, said = verdict(capsys)
    assert (code, "签名不符" in said) == (1, True), said


def test_every_way_of_changing_credentials_is_known_to_the_journal(world: World) -> None:
    store, account = world.store, "local-keeper"
    credentials.enrol_second_factor(store, account, "SECRET", 1, actor=SYSTEM)
    credentials.set_password(store, account, PASSWORD_HASH, actor=SYSTEM)
    credentials.remove_second_factor(store, account, actor=SYSTEM)
    credentials.enrol_second_factor(store, account, "SECRET2", 1, actor=SYSTEM)
    credentials.use_step(store, account, 7)
    assert credentials.unlike_facts(store) == ([], 0)
    bodies = [fact.body for fact in store.facts(f"credential:{account}")]
    assert len(bodies) == 5
    assert not any("SECRET" in str(body) or PASSWORD_HASH in str(body) for body in bodies)
