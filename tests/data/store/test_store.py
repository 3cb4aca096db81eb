"""The store: what is acknowledged is on disk, in order, once, and provably whole."""

import json
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.base.errors import Refused, Unavailable, UserError
from core.messaging.notice import NoticeDraft
from core.rule import policy as rule_policy
from core.rule.classification import classify
from core.rule.policy import Policy, clauses
from core.rule.policy_draft import PolicyDraft
from data.access import accounts, organisations, placements, positions, roles
from data.directory import classified
from data.enterprise import mergers, moves, planned, profile
from data.filing import attachments, filings, reminders, rounds
from data.messaging import messages, notices
from data.projections import HANDLERS, PROJECTED, project
from data.review import comments, corrections, decisions
from data.rule import parameters, policies
from data.store.store import SYSTEM, Store, StoreDamaged, Transaction, conflict_unless, per_version
from data.what_if import scenarios
from tests import world as world_module
from tests.core import samples
from tests.data.filing import setting
from tests.world import START, USCC, World, content_at, save

ROOT = Path(__file__).parents[3]


@contextmanager
def opened(folder: Path, **options: Any) -> Iterator[Store]:
    with Store(folder, project=project, **options) as store:
        yield store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with opened(tmp_path / "library") as store:
        yield store


def note(text: str, subject: str = "note:甲") -> Callable[[Transaction], int]:
    """A job that appends one fact."""
    return lambda t: t.append(SYSTEM, "note.written", subject, {"text": text}).seq


def counted(name: str) -> Callable[[Transaction], int]:
    """A job that reads a row, adds one and writes it back: loses an update if two run on the same reading."""

    def job(transaction: Transaction) -> int:
        row = transaction.get("designations", name)
        number = int(row["designation"]) + 1 if row else 1
        body = {"designation": str(number), "source": "试验"}
        transaction.append(SYSTEM, "designation.recorded", f"designation:{name}", body)
        return number

    return job


def texts(store: Store) -> list[str]:
    return [fact.body["text"] for fact in store.facts() if fact.kind == "note.written"]


Job = Callable[[Transaction], Any]


def in_one_batch(store: Store, jobs: list[tuple[Job, str | None]]) -> list[Any]:
    """Queue all jobs in this order behind one that is held, so that one batch takes them; results or exceptions."""
    started, release = threading.Event(), threading.Event()

    def hold(_: Transaction) -> None:
        started.set()
        assert release.wait(10)

    def attempt(job: Job, key: str | None) -> Any:
        try:
            return store.write(job, key=key)
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(jobs) + 1) as pool:
        held = pool.submit(store.write, hold)
        assert started.wait(10)
        answers = []
        for position, (job, key) in enumerate(jobs):
            answers.append(pool.submit(attempt, job, key))
            until = time.monotonic() + 10
            while store._jobs.qsize() <= position:
                assert time.monotonic() < until
                time.sleep(0.0005)
        release.set()
        held.result(10)
        return [answer.result(10) for answer in answers]


@pytest.fixture
def commits(store: Store, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The size of each batch committed from now on."""
    sizes: list[int] = []
    commit = store._commit

    def counting(batch: Any) -> bool:
        done = commit(batch)
        if done:
            sizes.append(len(batch))
        return done

    monkeypatch.setattr(store, "_commit", counting)
    return sizes


# --- an acknowledged save is on disk ---------------------------------------------------------------------


def test_a_save_is_on_disk_before_it_is_acknowledged(store: Store, tmp_path: Path) -> None:
    for turn in range(5):
        seq = store.write(note(f"第{turn}条"))
        copy = tmp_path / f"copy{turn}"
        shutil.copytree(store.folder, copy)  # as a crash would leave it: nothing is closed or checkpointed
        with opened(copy) as found:
            assert found.data_version == seq
            assert texts(found) == [f"第{n}条" for n in range(turn + 1)]


WRITING = """
import sys, threading
from pathlib import Path
from data.projections import project
from data.store.store import SYSTEM, Store
store = Store(Path(sys.argv[1]), project=project)
def work(name):
    for number in range(100_000):
        text = f"{sys.argv[2]}.{name}.{number}"
        store.write(lambda t: t.append(SYSTEM, "note.written", f"note:{name}", {"text": text}).seq)
        sys.stdout.write(text + "\\n")
        sys.stdout.flush()
for name in range(6):
    threading.Thread(target=work, args=(name,), daemon=True).start()
threading.Event().wait()
"""


def test_nothing_acknowledged_is_lost_when_the_process_is_killed_while_writing(tmp_path: Path) -> None:
    acknowledged: set[str] = set()
    for turn in range(4):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITING, str(tmp_path / "library"), str(turn)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        first = "".join(process.stdout.readline() for _ in range(21))  # it writes now, however busy the machine is
        time.sleep(0.1 + 0.07 * turn)
        process.send_signal(signal.SIGKILL)
        rest, _ = process.communicate()
        heard = [line for line in (first + rest).splitlines(keepends=True) if line.endswith("\n")]
        assert len(heard) > 20
        acknowledged |= {line.strip() for line in heard}
        with opened(tmp_path / "library") as store:
            found = texts(store)
            assert acknowledged <= set(found)
            assert len(found) == len(set(found)) == store.verify()


# --- many at once ----------------------------------------------------------------------------------------


def test_many_threads_lose_no_update_and_each_gets_its_own_answer(store: Store, commits: list[int]) -> None:
    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(lambda _: store.write(counted("甲")), range(400)))
    assert sorted(answers) == list(range(1, 401))
    row = store.rows("SELECT designation FROM designations WHERE name = '甲'")
    assert row == [{"designation": "400"}]
    assert [fact.revision for fact in store.facts("designation:甲")] == list(range(1, 401))
    assert sum(commits) == 400
    assert len(commits) < 400
    assert store.verify() == 400


def test_what_has_gathered_is_committed_in_one_transaction(store: Store, commits: list[int]) -> None:
    assert in_one_batch(store, [(counted("甲"), None)] * 50) == list(range(1, 51))
    assert commits == [1, 50]


def test_a_batch_of_hundreds_is_stored_like_single_writes(store: Store) -> None:
    """From 256 rows on they travel as an Arrow table."""

    def many(transaction: Transaction) -> None:
        for number in range(700):
            accounts.register_enterprise(transaction, SYSTEM, f"code{number}", f"企业{number}")

    store.write(many)
    assert store.verify() == 700
    kept = store.rows("SELECT uscc, name, district FROM enterprises ORDER BY length(uscc), uscc")
    assert kept == [{"uscc": f"code{n}", "name": f"企业{n}", "district": None} for n in range(700)]


def test_a_refused_job_leaves_nothing_and_does_not_disturb_its_batch(store: Store, commits: list[int]) -> None:
    def refused(transaction: Transaction) -> None:
        counted("甲")(transaction)
        note("不应留下")(transaction)
        raise Refused("不行")

    answers = in_one_batch(
        store, [(counted("甲"), None), (note("一"), None), (refused, "k"), (counted("甲"), None), (note("二"), None)]
    )
    assert answers[:2] == [1, 2]
    assert isinstance(answers[2], Refused)
    assert answers[3:] == [2, 4]  # the second count and the fourth fact: nothing of the refused one in between
    assert texts(store) == ["一", "二"]
    assert commits == [1, 5]
    assert store.verify() == 4
    assert store.write(note("三"), key="k") == 5  # a refusal is no answer to keep


@pytest.mark.parametrize(
    ("bug", "raised"),
    [
        (lambda t: {}["missing"], KeyError),
        (lambda t: t.put("designations", {"name": "缺列"}), KeyError),
        (lambda t: t.append(SYSTEM, "note.written", "note:坏", {"text": "\ud800"}), UnicodeEncodeError),
        (lambda t: t.find("SELECT * FROM no_such_table"), Unavailable),
        (lambda t: t._store._writer_cursor.execute("INSERT INTO facts (seq) VALUES (1)"), Unavailable),
    ],
)
def test_a_job_with_a_bug_leaves_nothing_and_does_not_disturb_its_batch(
    store: Store, bug: Job, raised: type[Exception]
) -> None:
    def broken(transaction: Transaction) -> None:
        note("不应留下")(transaction)
        bug(transaction)

    answers = in_one_batch(store, [(counted("甲"), "a"), (broken, "b"), (counted("甲"), "c")])
    assert answers[0] == 1
    assert isinstance(answers[1], raised)
    assert answers[2] == 2
    assert texts(store) == []
    assert store.write(note("以后")) == 3
    assert store.verify() == 3


def test_a_projection_that_fails_fails_its_own_write_only(tmp_path: Path) -> None:
    def picky(transaction: Transaction, fact: Any) -> None:
        if fact.kind == "bad":
            raise ValueError("projection")

    with Store(tmp_path / "library", project=picky) as store:
        bad = lambda t: t.append(SYSTEM, "bad", "note:坏", {})  # noqa: E731
        answers = in_one_batch(store, [(note("一"), None), (bad, None), (note("二"), None)])
        assert [answers[0], type(answers[1]), answers[2]] == [1, ValueError, 2]


def test_every_writer_is_answered_when_the_store_closes_under_them(tmp_path: Path) -> None:
    store = Store(tmp_path / "library", project=project)
    done: list[str] = []
    refused: list[Unavailable] = []

    def work(name: int) -> None:
        for number in range(100_000):
            try:
                store.write(note(f"{name}.{number}"))
            except Unavailable as error:
                refused.append(error)
                return
            done.append(f"{name}.{number}")

    threads = [threading.Thread(target=work, args=(name,), daemon=True) for name in range(16)]
    for thread in threads:
        thread.start()
    while len(done) < 50:
        time.sleep(0.001)
    store.close()
    store.close()  # twice is harmless
    for thread in threads:
        thread.join(5)
    assert not any(thread.is_alive() for thread in threads)
    assert len(refused) == 16
    assert "未保存" in str(refused[0])
    with opened(tmp_path / "library") as again:
        assert sorted(texts(again)) == sorted(done)


# --- once only -------------------------------------------------------------------------------------------


def test_a_retried_write_runs_once_and_gets_the_first_answer(store: Store) -> None:
    first = store.write(lambda t: {"seq": note("一")(t)}, key="k")
    assert store.write(lambda t: {"seq": note("二")(t)}, key="k") == first == {"seq": 1}
    assert store.write(note("三"), key="other") == 2
    assert texts(store) == ["一", "三"]


def test_a_retry_in_the_same_batch_runs_once(store: Store) -> None:
    assert in_one_batch(store, [(note("一"), "k"), (note("二"), "k"), (note("三"), "k")]) == [1, 1, 1]
    assert texts(store) == ["一"]


def test_a_retry_after_reopening_gets_the_first_answer(tmp_path: Path) -> None:
    with opened(tmp_path / "library") as store:
        assert store.write(note("一"), key="k") == 1
    with opened(tmp_path / "library") as store:
        assert store.write(note("二"), key="k") == 1
        assert texts(store) == ["一"]


def test_a_write_made_from_an_old_revision_is_a_conflict(store: Store) -> None:
    store.write(note("一"))
    store.write(lambda t: conflict_unless(t, "note:甲", 1, "已被修改"))
    with pytest.raises(UserError, match="已被修改"):
        store.write(lambda t: conflict_unless(t, "note:甲", 0, "已被修改"))


# --- the chain and the mark ------------------------------------------------------------------------------


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A closed folder with ten facts."""
    with opened(tmp_path / "library") as store:
        for number in range(10):
            store.write(note(str(number)))
        assert store.verify() == 10
    return tmp_path / "library"


def tamper(folder: Path, sql: str) -> None:
    with duckdb.connect(str(folder / "library.duckdb")) as connection:
        connection.execute(sql)


@pytest.mark.parametrize(
    ("sql", "broken_at"),
    [
        ('UPDATE facts SET body = \'{"text":"改"}\' WHERE seq = 4', 4),
        ("UPDATE facts SET account_id = 'other' WHERE seq = 1", 1),
        ("UPDATE facts SET session_id = 's' WHERE seq = 3", 3),
        ("UPDATE facts SET at_utc = at_utc + INTERVAL 1 MICROSECOND WHERE seq = 7", 7),
        ("UPDATE facts SET kind = 'note.changed' WHERE seq = 2", 2),
        ("UPDATE facts SET subject = 'note:乙' WHERE seq = 5", 5),
        ("UPDATE facts SET revision = 99 WHERE seq = 6", 6),
        ("DELETE FROM facts WHERE seq = 6", 6),
        ("DELETE FROM facts WHERE seq = 1", 1),
    ],
)
def test_the_chain_shows_a_changed_or_removed_fact(written: Path, sql: str, broken_at: int) -> None:
    tamper(written, sql)
    with opened(written) as store, pytest.raises(StoreDamaged, match=f"第 {broken_at} 条记录"):
        store.verify()


def test_a_chain_written_anew_by_someone_else_does_not_meet_the_mark(written: Path, tmp_path: Path) -> None:
    with opened(tmp_path / "forged") as store:
        for number in range(10):
            store.write(note(f"伪造{number}"))
        assert store.verify() == 10
    shutil.copy(tmp_path / "forged" / "library.duckdb", written / "library.duckdb")
    with pytest.raises(StoreDamaged, match="内容不符"):
        Store(written, project=project)


def test_a_database_cut_short_is_refused_at_opening(written: Path) -> None:
    tamper(written, "DELETE FROM facts WHERE seq > 8")
    with pytest.raises(StoreDamaged, match=r"已确认保存到第 10 条记录，数据库中只有 8 条.*请从最近的备份恢复"):
        Store(written, project=project)


def test_an_older_copy_of_the_database_is_refused_at_opening(written: Path, tmp_path: Path) -> None:
    shutil.copy(written / "library.duckdb", tmp_path / "older.duckdb")
    with opened(written) as store:
        store.write(note("之后"))
    newer = tmp_path / "newer.duckdb"
    shutil.copy(written / "library.duckdb", newer)
    shutil.copy(tmp_path / "older.duckdb", written / "library.duckdb")
    with pytest.raises(StoreDamaged, match="数据不完整"):
        Store(written, project=project)
    # A refused folder is let go of: the right copy put back opens, in the same process too.
    shutil.copy(newer, written / "library.duckdb")
    with opened(written) as store:
        assert store.verify() == 11


def test_a_deleted_write_ahead_log_is_refused_at_opening(store: Store, tmp_path: Path) -> None:
    store.write(note("一"))
    copy = tmp_path / "copy"
    shutil.copytree(store.folder, copy)
    (copy / "library.duckdb.wal").unlink()
    with pytest.raises(StoreDamaged, match="数据不完整"):
        Store(copy, project=project)


@pytest.mark.parametrize("content", [None, "", "{", "垃圾"])
def test_a_missing_or_unreadable_mark_is_refused_until_accepted(written: Path, content: str | None) -> None:
    mark = written / "high_water.json"
    mark.unlink()
    if content is not None:
        mark.write_text(content)
    with pytest.raises(StoreDamaged, match=r"水位.*无法确认数据完整.*accept-mark"):
        Store(written, project=project)
    with opened(written, accept_mark=True) as store:
        assert store.data_version == 10
    with opened(written) as store:  # the accepted mark stays
        assert store.write(note("以后")) == 11


def test_a_mark_that_lags_behind_is_a_valid_lower_bound(written: Path) -> None:
    """A kill between the commit and the mark leaves it so."""
    earlier = (written / "high_water.json").read_text("utf-8")
    with opened(written) as store:
        store.write(note("之后"))
    (written / "high_water.json").write_text(earlier, "utf-8")
    with opened(written) as store:
        assert store.data_version == 11


def test_accepting_the_mark_from_the_command_line(written: Path) -> None:
    (written / "high_water.json").unlink()

    def run(command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "data", command],
            check=False,
            cwd=ROOT,
            capture_output=True,
            text=True,
            env={"LIBRARY_DATA_DIR": str(written), "PYTHONIOENCODING": "utf-8"},
        )

    refused = run("verify")
    assert refused.returncode == 1
    assert "accept-mark" in refused.stderr
    accepted = run("accept-mark")
    assert (accepted.returncode, accepted.stdout.strip()) == (0, "日志链完整，共 10 条记录。")


def test_a_second_process_on_the_same_folder_is_refused_with_a_sentence(store: Store) -> None:
    script = (
        "import sys; from pathlib import Path; from data.store.store import Store, StoreDamaged\n"
        "try: Store(Path(sys.argv[1]), project=lambda t, f: None)\n"
        "except StoreDamaged as error: print(error)\n"
    )
    command = [sys.executable, "-c", script, str(store.folder)]
    environment = {"PYTHONIOENCODING": "utf-8"}
    answer = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True, env=environment)
    assert "另一个进程" in answer.stdout, answer.stderr


def test_schema_files_are_applied_once(written: Path) -> None:
    files = sorted(file.stem for file in (ROOT / "data" / "store" / "schema").glob("*.sql"))
    with opened(written) as store:
        applied = store.rows("SELECT * FROM schema_versions ORDER BY version")
    assert [row["version"] for row in applied] == files
    with opened(written) as store:
        assert store.rows("SELECT * FROM schema_versions ORDER BY version") == applied
        assert store.data_version == 10


# --- projections -----------------------------------------------------------------------------------------


FILERS = ("enterprise", "other", "third")


def snapshot(store: Store) -> dict[str, list[str]]:
    return {table: sorted(map(repr, store.rows(f"SELECT * FROM {table}"))) for table in PROJECTED}


def step(world: World, persona: str, action: str, number: int) -> None:
    """One action as the page of its persona would take it; refusals are part of the walk."""
    mine = filings.mine(world.visit(persona))
    assert mine is not None
    try:
        if action == "save":
            content = samples.clean()
            patch = {f"{s}.{n}": raw for s, given in content.items() for n, raw in given.items()}
            ai = str(1000 + number * 300)
            rows = [samples.year("2025", full_year=samples.figures("6000", ai, ai, "0"))]
            patch |= {"basic.district": "GX" if number % 3 else "HS", "business.years": rows}
            if number % 4 == 0:
                patch["basic.contact_phone"] = "不是电话"
            save(world.visit(persona), mine, patch)
        elif action == "submit":
            filings.submit(world.visit(persona), mine.id, mine.revision)
        elif action == "undo":
            decider = mine.decided_by
            persona = next((p for p in ("district", "other_district", "city") if world.account(p) == decider), "city")
            decisions.undo(world.visit(persona), mine.id, mine.revision)
        else:
            reviewer = "city"
            if mine.state == "submitted":
                reviewer = "district" if mine.district == "GX" else "other_district"
            decisions.decide(world.visit(reviewer), mine.id, mine.revision, action, reasons={"": f"原因第{number}条"})
    except UserError:
        pass


ACTIONS = ("save", "save", "submit", "submit", "pass", "pass", "admit", "admit", "return", "revoke", "undo", "undo")
WALKS = st.lists(
    st.tuples(st.sampled_from(FILERS), st.sampled_from(ACTIONS), st.integers(0, 12)), min_size=4, max_size=25
)
SLOW = settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@contextmanager
def fresh_world() -> Iterator[World]:
    """A world with three enterprises in a folder of its own; Hypothesis runs many within one test."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setitem(world_module.USCC, "third", "91420199MA0DEM0305")
        patch.setitem(world_module.NAMES, "third", "武汉第三家智能科技有限公司（虚构）")
        world = World(Path(folder) / "library")
        try:
            yield world
        finally:
            world.close()


@SLOW
@given(walk=WALKS)
def test_projections_rebuilt_from_the_facts_equal_those_kept(walk: list[tuple[str, str, int]]) -> None:
    with fresh_world() as world:
        for persona in FILERS:
            step(world, persona, "save", 11)
        for persona, action, number in walk:
            step(world, persona, action, number)
        kept = snapshot(world.store)
        world.store.rebuild(PROJECTED)
        assert snapshot(world.store) == kept
        world.store.verify()


def project_life(transaction: Transaction) -> None:
    """A demand becomes a project, is matched with another enterprise and ends."""
    demand = dict.fromkeys(("enterprise_id", "kind", "title", "description", "scale", "needed_by"), "甲")
    transaction.append(SYSTEM, "project.opened", "project:p", demand)
    transaction.append(
        SYSTEM, "match.proposed", "match:p.乙", {"project_id": "p", "enterprise_id": "乙", "reasons": "对口"}
    )
    for side in ("demand", "supply"):
        transaction.append(SYSTEM, "match.answered", "match:p.乙", {"side": side, "agreed": True})
    transaction.append(SYSTEM, "project.ended", "project:p", {"outcome": "done", "reason": "已签约"})


def merger_life(world: World, one: str, into: str) -> None:
    """Kept for a day, withdrawn; done, taken back."""
    city = world.visit("city")
    mergers.merge(city, one, 0, into=into, since=world.store.today + timedelta(days=9), reason="合并")
    planned.withdraw(city, one, "merge", profile.planned(city, one)["merge"].seq, "缓办")
    mergers.merge(city, one, profile.merger(city, one).seq, into=into, since=world.store.today, reason="合并")
    mergers.unmerge(city, one, profile.merger(city, one).seq, "有误")


def meeting_life(transaction: Transaction) -> None:
    """A meeting is called, changed, noted, decides, and is frozen."""
    given = {
        "day": "2026-01-12",
        "title": "周例会",
        "district": "",
        "year": 2025,
        "provisional": False,
        "layer": "",
        "size": "",
        "compared": "",
    }
    transaction.append(SYSTEM, "meeting.opened", "meeting:m", given)
    transaction.append(SYSTEM, "meeting.changed", "meeting:m", {"day": "2026-01-19", "layer": "foundation"})
    transaction.append(
        SYSTEM, "meeting.changed", "meeting:m", {"scenario": "试一试", "parameters": {"core_share_bp": 4000}}
    )
    transaction.append(SYSTEM, "meeting.noted", "meeting:m", {"screen": "title", "text": "开场"})
    for number, due in ((1, "2026-02-01"), (2, None)):
        transaction.append(
            SYSTEM, "meeting.decided", "meeting:m", {"number": number, "text": "催报", "who": "甲", "due": due}
        )
    transaction.append(SYSTEM, "meeting.struck", "meeting:m", {"number": 2})
    kept = {
        "as_of": "2026-01-19T02:00:00",
        "policy": Policy().model_dump(mode="json"),
        "compared": "",
        "kept": {"round": ""},
    }
    transaction.append(SYSTEM, "meeting.frozen", "meeting:m", kept)
    transaction.append(SYSTEM, "meeting.settled", "meeting:m", {"number": 1, "done": True})


def test_a_whole_life_rebuilds_equal_and_repairs_a_damaged_projection(world: World) -> None:
    """Every kind of fact that has a projection, none left to chance."""
    filing = world.admit("enterprise")
    corrections.correct(
        world.visit("city"), filing.id, filing.revision, "basic.total_assets", "9000", reason="登记有误"
    )
    decisions.decide(world.visit("city"), filing.id, filing.revision + 1, "revoke", reasons={"": "虚假填报"})
    attachments.add(world.visit("enterprise"), "证书.pdf", b"%PDF-1.7 ...")
    world.account("other")
    reminders.remind(
        world.visit("city"), "2025", [accounts.enterprise_id(USCC["other"])], template="returned", title="催", text="报"
    )
    returned = world.submit("other")
    decisions.decide(
        world.visit("district"), returned.id, returned.revision, "return", reasons={"basic.size": "规模有误"}
    )
    accounts.enterprise_account(
        world.store,
        issuer="https://id.test",
        uscc="91420199MA0DEM013C",
        enterprise_name="更名后（虚构）",
        contact="张三",
    )
    account = f"account:{world.account('other')}"
    world.store.write(lambda t: t.append(SYSTEM, "account.changed", account, {"active": False}))
    position = positions.add(world.visit("administrator"), "科长")
    positions.change(world.visit("administrator"), position, 1, "处长", "")
    positions.remove(world.visit("administrator"), position, 2)
    keeper = world.visit("administrator")
    park = organisations.add(keeper, "园区", "GX")
    organisations.change(keeper, park, 1, name="改名园区", parent="GX")
    placements.place(
        keeper, [accounts.enterprise_id(USCC["enterprise"])], organisation_id=park, officer_id="local-officer"
    )
    organisations.remove(keeper, organisations.add(keeper, "多余园区", "HS"), 1)
    roles.change(keeper, "city_officer", 0, note="市局")
    roles.remove(keeper, roles.add(keeper, name="统计员", permissions=frozenset({"overview.read"}), scope="all"), 1)
    setting.change(keeper, "2025", 1, closes=date(2026, 2, 10), obliged="admitted", districts=("GX",))
    rounds.unlock(keeper, returned.enterprise_id, date(2026, 2, 20), "企业来函说明")
    rounds.relock(keeper, returned.enterprise_id)
    world.store.write(lambda t: messages.send(t, SYSTEM, to=[keeper.account_id], title="提醒", text="内容"))
    given = NoticeDraft("公告", "内容", pinned=False, roles=(), districts=("GX",), until="")
    notice = notices.draft(keeper, given)
    notices.publish(keeper, notice, 1)
    notices.change(keeper, notice, 2, replace(given, pinned=True))
    notices.withdraw(keeper, notice, 3)
    parameters.put(keeper, "backups_kept", 0, "30")
    typed = {name: rule_policy.written(name, getattr(Policy(), name))[0] for name in clauses()}
    typed |= {"low_share_core": "not_counted", "equal_kind": "software"}
    form = PolicyDraft("修订", "修订稿", "某号文件", "2027-01-01", typed)
    draft = policies.draft(world.visit("city"), form)
    policies.change(world.visit("city"), draft, 1, replace(form, parameters=typed | {"core_share_bp": "45"}))
    policies.publish(keeper, draft, 2)
    policies.withdraw(keeper, policies.draft(keeper, replace(form, version="另一版")), 1)
    moves.move(world.visit("city"), returned.enterprise_id, None, district="HS", since=world.store.today, reason="迁址")
    merger_life(world, returned.enterprise_id, filing.enterprise_id)
    scenario = scenarios.save(keeper, "四成", "", Policy(), Policy().scenario(core_share_bp=4000))
    scenarios.change(keeper, scenario, 1, "占比四成", "说明")
    scenarios.remove(keeper, scenario, 2)
    scenarios.restore(keeper, scenario, 3)
    comments.add(world.visit("enterprise"), filing.id, "basic.size", "已按人数重新划型")
    undone = filings.one(world.visit("city"), filing.id)
    decisions.undo(world.visit("city"), filing.id, undone.revision)
    world.store.write(project_life)
    world.store.write(meeting_life)
    world.store.write(counted("甲"))
    assert {fact.kind for fact in world.store.facts()} >= set(HANDLERS)
    kept = snapshot(world.store)
    assert {table: len(rows) > 0 for table, rows in kept.items()} == dict.fromkeys(PROJECTED, True)

    def damage(transaction: Transaction) -> None:
        row = transaction.get("filings", filing.id)
        assert row is not None
        transaction.put("filings", {**row, "state": "admitted", "name": "乱"})

    world.store.write(damage)
    assert snapshot(world.store) != kept
    world.store.rebuild(PROJECTED)
    assert snapshot(world.store) == kept


def test_a_rebuild_among_other_writes_loses_none_of_them(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its batch holds facts not committed yet: they must not be folded away."""
    store.write(counted("甲"))
    jobs: list[Job] = []
    with monkeypatch.context() as patch:
        patch.setattr(store, "write", jobs.append)
        store.rebuild(PROJECTED)
    batch = [(counted("甲"), None), (jobs[0], None), (counted("甲"), None)]
    assert in_one_batch(store, batch) == [2, None, 3]
    assert store.rows("SELECT designation FROM designations") == [{"designation": "3"}]


# --- once per version ------------------------------------------------------------------------------------


def test_a_read_is_computed_once_per_version_for_all_threads(store: Store) -> None:
    runs: list[int] = []

    @per_version
    def slow(given: Store, factor: int) -> int:
        runs.append(factor)
        time.sleep(0.05)
        return factor * len(given.rows("SELECT * FROM designations"))

    def all_at_once(factor: int) -> set[int]:
        with ThreadPoolExecutor(8) as pool:
            return set(pool.map(lambda _: slow(store, factor), range(8)))

    assert all_at_once(1) == {0}
    assert runs == [1]
    store.write(counted("甲"))
    assert all_at_once(1) == {1}
    assert runs == [1, 1]
    store.write(note("另一张表"))
    accounts.create_local(store, username="u", name="某", role="city_officer", password_hash="x")
    assert all_at_once(1) == {1}
    assert runs == [1, 1]  # a commit that does not touch its table recomputes nothing
    assert all_at_once(7) == {7}  # other arguments are another read
    assert runs == [1, 1, 7]


def test_a_cached_read_hangs_on_every_table_it_touches_through_other_cached_reads_too(store: Store) -> None:
    runs: list[str] = []

    @per_version
    def named(given: Store) -> int:
        runs.append("inner")
        return len(given.rows("SELECT * FROM designations"))

    @per_version
    def both(given: Store) -> int:
        runs.append("outer")
        return named(given) + given.frame("SELECT * FROM accounts").height

    def again() -> list[str]:
        runs.clear()
        both(store)
        return runs

    assert again() == ["outer", "inner"]
    assert again() == []
    accounts.create_local(store, username="u", name="某", role="city_officer", password_hash="x")
    assert again() == ["outer"]  # the inner one answers from what it kept, and what that hangs on still counts
    store.write(counted("甲"))
    assert again() == ["outer", "inner"]
    store.write(lambda t: t.append(SYSTEM, "page.opened", "session:x", {}) and None)
    assert again() == []


def test_a_cached_read_hangs_on_what_is_purged_and_on_a_rebuild(store: Store) -> None:
    @per_version
    def kept(given: Store) -> int:
        return len(given.rows("SELECT * FROM sign_in_failures"))

    store.write(counted("甲"))

    @per_version
    def named(given: Store) -> int:
        return len(given.rows("SELECT * FROM designations"))

    assert (kept(store), named(store)) == (0, 1)
    before = store.versions()
    store.write(lambda t: t.purge("sign_in_failures", "TRUE", ()))
    store.rebuild(["designations"])
    after = store.versions()
    assert all(after.get(table, 0) > before.get(table, 0) for table in ("sign_in_failures", "designations"))


def test_a_read_that_fails_leaves_nothing_noted(store: Store) -> None:
    @per_version
    def broken(given: Store) -> int:
        given.rows("SELECT * FROM accounts")
        raise ValueError

    with pytest.raises(ValueError):
        broken(store)
    with store.touching() as touched:
        store.rows("SELECT * FROM designations")
    assert touched == {"designations"}


def test_a_read_after_an_answered_write_sees_it(store: Store) -> None:
    @per_version
    def newest(given: Store) -> str:
        return str(given.rows("SELECT designation FROM designations WHERE name = '甲'")[0]["designation"])

    def write_and_read(_: int) -> bool:
        number = store.write(counted("甲"))
        return int(newest(store)) >= number

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(write_and_read, range(100)))
    assert newest(store) == "100"


def test_the_data_version_rises_with_each_commit_of_facts(store: Store) -> None:
    before = store.data_version
    store.write(note("一"))
    assert store.data_version == before + 1
    store.write(lambda t: t.put("session_activity", {"id": "a", "seen_at": START}))
    assert store.data_version == before + 1
    with pytest.raises(Refused):
        store.write(lambda t: (note("二")(t), (_ for _ in ()).throw(Refused("不行"))))
    assert store.data_version == before + 1


# --- the disk is full ------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), duckdb.IOException("write failed")])
def test_when_the_disk_is_full_writers_are_told_and_the_store_works_afterwards(
    store: Store, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    store.write(counted("甲"), key="k0")
    with monkeypatch.context() as patch:

        def full(*_: Any, **__: Any) -> None:
            raise error

        patch.setattr(store, "_insert", full)
        answers = in_one_batch(store, [(counted("甲"), "k1"), (counted("甲"), "k2")])
        assert [type(answer) for answer in answers] == [Unavailable, Unavailable]
        assert "未能写入磁盘" in str(answers[0])
        assert store.data_version == 1
        assert store.rows("SELECT designation FROM designations") == [{"designation": "1"}]  # reading goes on
    assert store.write(counted("甲"), key="k1") == 2  # and the retry saves, once
    assert store.verify() == 2


def test_a_disk_that_fills_halfway_through_a_batch_keeps_nothing_of_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert = store._insert

    def projections_fail(table: str, rows: Any, **options: Any) -> None:
        if table != "facts":
            raise OSError(28, "No space left on device")
        insert(table, rows, **options)

    with monkeypatch.context() as patch:
        patch.setattr(store, "_insert", projections_fail)
        with pytest.raises(Unavailable):
            store.write(counted("甲"))
    assert store.facts() == []
    assert store.write(counted("甲")) == 1


def test_a_mark_that_cannot_be_written_does_not_take_back_a_commit(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:

        def full() -> None:
            raise OSError(28, "No space left on device")

        patch.setattr(store, "_write_mark", full)
        assert store.write(note("一")) == 1
    assert store.write(note("二")) == 2
    assert json.loads((store.folder / "high_water.json").read_text("utf-8"))["seq"] == 2


# --- the past --------------------------------------------------------------------------------------------


def test_any_moment_of_the_past_reads_as_it_was(world: World) -> None:
    """A filing and the overview, asked for at every moment, give what was read then."""
    policy = Policy()
    taken: list[tuple[datetime, Any, list[Any], list[Any]]] = []

    def take() -> None:
        now = world.clock.now
        city = world.visit("city")
        found = classified.classified(city, 2025, policy).sort("enterprise_id").rows()
        figures = classified.newest_figures(world.store).rows()
        mine = filings.mine(world.visit("enterprise"))
        assert mine is not None
        taken.append((now, mine.content if mine.revision else None, found, figures))
        world.clock.now += timedelta(hours=1)

    take()
    filing = world.submit("enterprise")
    take()
    decisions.decide(world.visit("district"), filing.id, filing.revision, "return", reasons={"": "请补充材料"})
    columns = {"q1": samples.figures("900", "700"), "full_year": samples.figures("6000", "4100", "4100", "0")}
    rows = [samples.year("2025", **columns)]
    filing = world.admit("enterprise", samples.put(samples.clean(), {"business.years": rows}))
    take()
    world.admit("other")
    take()
    decisions.decide(world.visit("city"), filing.id, filing.revision, "revoke", reasons={"": "虚假填报"})
    take()

    assert [len(found) for _, _, found, _ in taken] == [0, 0, 1, 2, 1]
    assert len({json.dumps(content) for _, content, _, _ in taken}) == 3
    city = world.visit("city")
    for moment, content, found, figures in taken:
        assert classified.classified(city, 2025, policy, as_of=moment).sort("enterprise_id").rows() == found
        assert classified.newest_figures(world.store, moment).rows() == figures
        assert content_at(world.store, filing, moment) == (content or {})


def test_a_published_number_can_be_produced_again_under_the_policy_of_then(world: World) -> None:
    world.admit("enterprise")
    moment, then = world.clock.now, Policy()
    city = world.visit("city")
    published = classified.classified(city, 2025, then)["counted_output"].sum()
    world.clock.now += timedelta(days=1)
    world.tokens.clear()  # yesterday's sessions have ended
    city = world.visit("city")
    world.admit("other", samples.put(samples.clean(), {"business.years.0.full_year.total_revenue": "5900"}))
    later = then.scenario(core_share_bp=9000, core_ai_revenue=90_000_000)
    assert classified.classified(city, 2025, later)["counted_output"].sum() != published
    again = classified.classified(city, 2025, then, as_of=moment)
    assert again["counted_output"].sum() == published == 60_000_000
    amounts = again.select("total_revenue", "ai_revenue", "software_revenue", "hardware_revenue")
    assert classify(amounts, then)["counted_output"].to_list() == [60_000_000]
