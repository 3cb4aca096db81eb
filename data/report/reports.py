"""报表导出: what a report is made of, and the files being made of it, each in a process of its own.

A file belongs to the account that asked for it, is kept an hour and given out by a route that asks whose it is. What is
being made is known to this process only: after a restart one asks again.
"""

import json
import logging
import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from weakref import WeakKeyDictionary

import polars as pl

from core.access.permissions import Permission
from core.access.scope import Scope
from core.base import beijing
from core.base.errors import Forbidden, Refused, UserError
from core.report.compose import KINDS, Head, Material
from core.report.model import AUDIENCES, FILES
from core.report.trial import MARK
from core.rule.policy import counts_for
from core.statistics.selection import Selection, read
from core.statistics.totals import single_quarters
from core.what_if import scenario
from data.access import belonging
from data.access.visit import Visit
from data.audit import log
from data.directory import classified as directory_classified
from data.filing import progress
from data.report import meeting as report_meeting
from data.rule import parameters, policies
from data.statistics import dashboards, quality, revisions, talent
from data.store.store import Store

logger = logging.getLogger(__name__)
KEPT: Final = timedelta(hours=1)
#: Longest that making one file may take.
SECONDS: Final = 120.0
#: Most files that one account waits for at once.
MOST: Final = 3
_ROOT: Final = Path(__file__).parents[2]
#: What the process is told of its surroundings: where programs and fonts are, no setting of ours.
_SURROUNDINGS: Final = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "SYSTEMROOT",
    "WINDIR",
    "LOCALAPPDATA",
    "TEMP",
    "TMP",
    "TMPDIR",
)
_one_at_a_time: Final = threading.Lock()


@dataclass(frozen=True)
class Order:
    """`which`: a key of core.report.compose.REPORTS; `kind`: of core.report.model.FILES; `as_of`: the data as it was when that day ended.

    `round_id`: of 填报进度, which is of a round and not of a year; `meeting`: of 例会, whose year and moment are its own.
    """

    which: str
    year: int
    provisional: bool
    audience: str
    kind: str
    as_of: date | None = None
    round_id: str = ""
    #: Of a dashboard (core.statistics.selection), of 阈值测算 (core.what_if.scenario.address): as in an address.
    filters: tuple[tuple[str, str], ...] = ()
    trial: tuple[tuple[str, str], ...] = ()
    #: The id of a 例会.
    meeting: str = ""

    @property
    def selection(self) -> Selection:
        return Selection.asked(self.year, self.provisional, dict(self.filters))


@dataclass
class Export:
    """A file being made. `state`: waiting, running, done, failed; `sentence` with `reference` says why it failed."""

    id: str
    order: Order
    name: str
    account_id: str
    scope: Scope = field(repr=False)
    asked_at: datetime
    state: str = "waiting"
    share: float = 0.0
    words: str = "排队中"
    sentence: str = ""
    reference: str = ""
    kept_until: datetime | None = None
    #: Which enterprises it is made of.
    enterprises: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def going(self) -> bool:
        return self.state in ("waiting", "running")


_exports: "WeakKeyDictionary[Store, dict[str, Export]]" = WeakKeyDictionary()


# --- what it is made of -----------------------------------------------------------------------------------


def choices(visit: Visit) -> dict[str, str]:
    """The reports that this visit may ask for: code -> title."""
    visit.check(Permission.REPORT_EXPORT)
    return {code: kind.title for code, kind in KINDS.items() if visit.may(kind.permission)}


def audiences(visit: Visit, which: str, *, part: bool = False) -> dict[str, str]:
    """For whom: 对外 first, for who sees the whole city, for a report that names nobody and is not of a `part`.

    What is withheld is chosen over all tables of the city at once: two districts that chose apart could be subtracted.
    """
    visit.check(Permission.REPORT_EXPORT)
    leaves = visit.scope.everything and not KINDS[which].inside_only and not part
    return {code: word for code, word in AUDIENCES.items() if code == "inside" or leaves}


def scenario_in_words(visit: Visit, year: int, trial: Mapping[str, str]) -> str:
    """What a trial of an address differs in from the policy that the year counts by, in words."""
    visit.check(Permission.WHAT_IF_USE)
    policy = policies.for_year(visit, year)
    return scenario.described(policy, scenario.read(policy, trial)[0])


def gather(visit: Visit, order: Order) -> tuple[Head, Material]:
    """What the report says of itself and what it is made of, read within the scope of the visit."""
    visit.check(Permission.REPORT_EXPORT)
    if order.which not in KINDS or order.kind not in FILES or order.audience not in AUDIENCES:
        raise Refused("没有这种报表、格式或用途，没有导出。请重新选择。")
    kind = KINDS[order.which]
    visit.check(kind.permission)
    if order.filters and (not kind.filtered or read(dict(order.filters))[1]):
        raise Refused(f"“{kind.title}”不能按这些条件筛选，没有导出。请取消筛选。")
    if order.audience == "outside" and kind.inside_only:
        raise Refused(f"“{kind.title}”{kind.inside_only}，只供内部使用，没有导出。请把用途改为“内部”，或改选其他报表。")
    if order.audience == "outside" and not visit.scope.everything:
        raise Forbidden(
            "对外报表须按全市口径统一处理小单元格，只有数据范围为“全部”的账号可以导出。请把用途改为“内部”，或请市级导出。"
        )
    if order.audience == "outside" and order.filters:
        raise Refused(
            "筛选后的报表与全市报表相减可能推出单个企业，只供内部使用，没有导出。请取消筛选，或把用途改为“内部”。"
        )
    visit.check_district(dict(order.filters).get("district"))
    today = visit.store.today
    if order.as_of is not None and order.as_of > today:
        raise Refused(f"“数据截至”{order.as_of} 晚于今天，没有导出。请改为今天或以前的日期。")
    if order.as_of is not None and kind.now_only:
        raise Refused(f"{kind.title}只能导出现在的情况，没有导出。请清空“数据截至”。")
    at = end_of_day(order)
    nothing = pl.DataFrame()
    if order.which == "meeting":
        head, shown = report_meeting.gather(visit, order.meeting, order.audience)
        return head, Material(_EMPTY, nothing, nothing, meeting=shown)
    if order.which == "progress":
        this_round = progress.round_of(visit, order.round_id)
        policy = policies.in_force(visit)
        head = Head(
            order.which, visit.scope.words, this_round.name, False, visit.store.clock(), policy.version, order.audience
        )
        return head, Material(
            _EMPTY, nothing, progress.listing(visit, this_round).select("enterprise_id", "district", "progress")
        )
    if (order.year, order.provisional) not in (known := directory_classified.years(visit, as_of=at)):
        raise Refused(
            f"没有{order.year}年度{'全年（预测）' if order.provisional else '全年实际'}的数据，没有导出。请改选年度。"
        )
    versions = policies.versions(visit.store)
    policy, policy_before = (counts_for(versions, year, order.as_of or today) for year in (order.year, order.year - 1))
    classified = order.selection.of(
        directory_classified.classified(visit, order.year, policy, provisional=order.provisional, as_of=at)
    )
    trial, words = None, ""
    if order.which == "what_if":
        trial, problems = scenario.read(policy, dict(order.trial))
        if problems:
            raise Refused(f"{problems[0].rpartition('，')[0]}，没有导出。请回到“阈值测算”页面再点“导出报表”。")
        words = scenario.described(policy, trial) or "参数与现行规则相同"
    whose = visit.scope.words + (f"：{order.selection.words}" if order.filters else "")
    head = Head(
        order.which,
        whose,
        period_of(order),
        order.provisional,
        data_as_of(visit, at),
        policy.version,
        order.audience,
        words,
    )
    beside = kind.beside_former and (order.year - 1, False) in known
    former = (
        directory_classified.classified_of_all(visit.store, order.year - 1, False, policy_before, at)
        if beside
        else nothing
    )
    material = Material(
        classified,
        nothing,
        nothing,
        year_policies=(policy, policy_before),
        coverage_least=parameters.value(visit.store, "coverage_least"),
        trial=trial,
        former=former,
        registers=dashboards.registers(visit.store, visit.scope, order.selection, (classified, former), at)
        if beside
        else None,
    )
    more = _MORE.get(order.which)
    return head, more(visit, order, material, at) if more else material


def end_of_day(order: Order) -> datetime | None:
    """The last moment (naive UTC) of the day that is asked for; None: now."""
    return beijing.start(order.as_of + timedelta(days=1)) - timedelta(microseconds=1) if order.as_of else None


def period_of(order: Order) -> str:
    """The period in words, as the log keeps it."""
    return f"{order.year}年度{'全年（预测）' if order.provisional else '全年实际'}"


def data_as_of(visit: Visit, at: datetime | None) -> datetime | None:
    """Moment (naive UTC) of the newest admission or revocation up to `at`; None: up to now."""
    found: datetime | None = visit.store.rows(
        "SELECT max(at_utc) AS at FROM admissions WHERE $1::TIMESTAMP IS NULL OR at_utc <= $1", [at]
    )[0]["at"]
    return found


def filings_moved_at(visit: Visit) -> datetime | None:
    """When a filing last came to another state: what 填报进度 shows has been the same since."""
    found: datetime | None = visit.store.rows(
        "SELECT max(at_utc) AS at FROM facts WHERE starts_with(kind, 'filing.') AND kind NOT IN ('filing.saved', 'filing.commented')"
    )[0]["at"]
    return found


#: No enterprise at all, with the columns that the exhibits ask for.
_EMPTY: Final = pl.DataFrame(
    schema={
        **dict.fromkeys(("district", "layer", "size", "directory_tier"), pl.String),
        **dict.fromkeys(("total_revenue", "ai_revenue", "counted_output"), pl.Int64),
    }
)


def _quarters(visit: Visit, at: datetime | None, classified: pl.DataFrame) -> pl.DataFrame:
    """core.statistics.totals.single_quarters of these enterprises."""
    figures = directory_classified.newest_figures(visit.store, at).join(classified, on="enterprise_id", how="semi")
    return single_quarters(
        figures.select("enterprise_id", "year", "period", "forecast", "total_revenue", "ai_revenue"),
        by=("enterprise_id",),
    ).select("year", "period", "forecast", "ai_revenue_single")


def _with_quarters(visit: Visit, _: Order, material: Material, at: datetime | None) -> Material:
    return replace(material, quarters=_quarters(visit, at, material.classified))


def _with_demands(visit: Visit, order: Order, material: Material, _: datetime | None) -> Material:
    seen = visit.may(Permission.PROJECT_READ)
    return replace(material, wanted=dashboards.asked_for(visit, order.selection)) if seen else material


def _with_people(visit: Visit, order: Order, material: Material, at: datetime | None) -> Material:
    return replace(material, people=talent.with_people(visit.store, material.classified, order.year, at))


def _with_quality(visit: Visit, order: Order, material: Material, _: datetime | None) -> Material:
    this_round, due = quality.coverage(visit, order.selection)
    return replace(
        material,
        judged=quality.enterprises(visit, order.selection),
        corrections=quality.corrections(visit, order.selection),
        revisions=revisions.table(visit, order.selection),
        progress=due,
        round=this_round.name if this_round else "",
    )


#: report -> what it needs beside the classified enterprises.
_MORE: Final[Mapping[str, Callable[[Visit, Order, Material, datetime | None], Material]]] = {
    "overview": _with_quarters,
    "chain": _with_demands,
    "talent": _with_people,
    "quality": _with_quality,
}


# --- making it --------------------------------------------------------------------------------------------


def start(visit: Visit, order: Order) -> str:
    """Have a file made; its id. Noted in the log. Raises what `gather` raises, and Refused while `MOST` are being made."""
    head, material = gather(visit, order)
    head = replace(head, made=made(visit, order.audience))
    if sum(export.going for export in mine(visit)) >= MOST:
        raise Refused(f"您已有 {MOST} 个报表正在生成，本次没有开始。请等其中一个完成。")
    sweep(visit.store)
    mark = f"（预判）-{AUDIENCES[order.audience]}" if head.provisional else f"-{AUDIENCES[order.audience]}"
    day = f"-数据截至{order.as_of}" if order.as_of else ""
    part = f"（{order.selection.words}）" if order.filters else MARK if head.trial else ""
    name = f"{KINDS[order.which].title}{part}-{head.period}{mark}{day}{FILES[order.kind][1]}"
    identity = os.urandom(16).hex()
    export = Export(identity, order, name, visit.account_id, visit.scope, visit.store.clock())
    frames = [given for given in vars(material).values() if isinstance(given, pl.DataFrame)]
    export.enterprises = frozenset().union(
        *(each["enterprise_id"] for each in frames if "enterprise_id" in each.columns)
    )
    body = {
        "report": order.which,
        "period": head.period,
        "audience": order.audience,
        "format": FILES[order.kind][0],
        "name": name,
        "version": head.policy_version,
        **{
            key: said
            for key, said in (
                ("as_of", _moment_of(visit, order, head)),
                ("filters", head.trial or order.selection.words),
            )
            if said
        },
    }
    visit.write(lambda t: t.append(visit.actor, "report.exported", f"report:{identity}", body))
    _exports.setdefault(visit.store, {})[identity] = export
    given = pickle.dumps((head, material))
    threading.Thread(target=_make, args=(visit, export, given), name=f"report-{identity[:8]}", daemon=True).start()
    return identity


def made(visit: Visit, audience: str) -> str:
    """What a file says of its making: who and when (对外: when only), and the journal's head, by which it can be shown later
    what stood then.
    """
    seq, digest = visit.store.head
    who = f"{visit.name} " if audience == "inside" else ""
    return f"{who}{beijing.minute(visit.store.clock())} 导出，日志 {seq}-{digest[:12]}"


def _moment_of(visit: Visit, order: Order, head: Head) -> str:
    at = filings_moved_at(visit) if order.which == "progress" else head.data_as_of
    return at.isoformat() if at else ""


def _home(store: Store) -> Path:
    return store.folder / "reports"


def _file(store: Store, export: Export) -> Path:
    return _home(store) / f"{export.id}{FILES[export.order.kind][1]}"


def _make(visit: Visit, export: Export, given: bytes) -> None:
    """In a thread that mostly waits for the process; one file at a time, so that the other processor serves pages."""
    try:
        with _one_at_a_time:
            export.state, export.words = "running", "正在启动"
            _home(visit.store).mkdir(mode=0o700, exist_ok=True)
            _run(export, given, _file(visit.store, export))
        export.kept_until = visit.store.clock() + KEPT
        export.share, export.state = 1.0, "done"
    except Exception as error:
        refused = (
            error
            if isinstance(error, UserError)
            else Refused("报表没有生成，数据不受影响。请稍后重试；若再次出现，请把编号告诉管理员。")
        )
        logger.error("report %s failed: %s", refused.reference, export.name, exc_info=error)
        export.sentence, export.reference, export.state = str(refused), refused.reference, "failed"
        log.failed(
            visit, reference=refused.reference, kind=type(error).__name__, sentence=str(refused), page="报表导出"
        )


def _run(export: Export, given: bytes, target: Path) -> None:
    command = [sys.executable, "-m", "exports.worker", export.order.kind, str(target.resolve())]
    surroundings = {name: os.environ[name] for name in _SURROUNDINGS if name in os.environ}
    process = subprocess.Popen(  # noqa: S603
        command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=surroundings
    )
    late = threading.Timer(SECONDS, process.kill)
    late.daemon = True
    late.start()
    complaint: list[bytes] = []
    # Read at the same time: a process whose complaint nobody reads would wait for ever.
    listener = threading.Thread(target=lambda: complaint.append(process.stderr.read()), daemon=True)  # type: ignore[union-attr]
    listener.start()
    sentence = ""
    try:
        # One that ended before it had read everything is told of below, by what ended it.
        with suppress(BrokenPipeError), process, process.stdin as pipe:  # type: ignore[union-attr]
            pipe.write(given)
            pipe.close()
            for line in process.stdout or ():
                said: dict[str, Any] = json.loads(line)
                sentence = said.get("sentence", sentence)
                export.share, export.words = said.get("share", export.share), said.get("words", export.words)
    finally:
        overdue = not late.is_alive()
        late.cancel()
    listener.join(5)
    if sentence:
        raise Refused(sentence)
    if overdue:
        raise Refused(
            f"生成超过 {SECONDS:.0f} 秒，已停止，数据不受影响。请稍后重试或改用 XLSX；若再次出现，请把编号告诉管理员。"
        )
    if process.returncode or not target.exists():
        raise RuntimeError(
            b"".join(complaint).decode("utf-8", "replace")[-4000:] or f"the process ended with {process.returncode}"
        )


# --- having it --------------------------------------------------------------------------------------------


def mine(visit: Visit) -> list[Export]:
    """One's own files, those being made among them, newest first; gone when their hour is over."""
    visit.check(Permission.REPORT_EXPORT)
    now = visit.store.clock()
    own = [export for export in _exports.get(visit.store, {}).values() if export.account_id == visit.account_id]
    return sorted((each for each in own if _still(each, now)), key=lambda export: export.asked_at, reverse=True)


def _still(export: Export, now: datetime) -> bool:
    return export.going or (export.kept_until or export.asked_at + KEPT) > now


def open_for(visit: Visit, identity: str) -> tuple[Path, Export]:
    """A file of one's own. Raises Forbidden for another's, one that is over, and once the scope has changed or an
    enterprise in it was moved out of it."""
    export = next((each for each in mine(visit) if each.id == identity and each.state == "done"), None)
    if export is None or (
        export.scope != visit.scope
        or belonging.moved_away(visit, export.enterprises, export.asked_at)
        or not (file := _file(visit.store, export)).exists()
    ):
        raise Forbidden("没有这个文件：可能已超过保留的一小时，或不是您导出的。请重新导出。")
    return file, export


def sweep(store: Store) -> int:
    """Remove the files whose hour is over, and those of a former run of the service; how many."""
    now, known = store.clock(), _exports.setdefault(store, {})
    for identity in [each.id for each in known.values() if not _still(each, now)]:
        known.pop(identity, None)
    kept = {_file(store, export).stem for export in known.values()}
    removed = 0
    for file in _home(store).glob("*"):
        # By its own age too: one that another thread has just begun is not known here yet.
        if file.stem not in kept and time.time() - file.stat().st_mtime > 60:
            file.unlink(missing_ok=True)
            removed += 1
    return removed
