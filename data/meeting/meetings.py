"""例会: called, prepared, frozen; its decisions; its figures, live until frozen and the same ever after."""

import json
import secrets
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

import polars as pl

from core.access.permissions import Permission
from core.base import values
from core.base.dictionaries import DISTRICTS
from core.base.errors import Conflict, Forbidden, Refused
from core.base.terms import LAYERS, SIZES
from core.filing.reminders import UNFINISHED
from core.meeting.meeting import SCREENS, Decision, Meeting, MeetingDraft, trial
from core.rule.policy import Policy
from core.what_if import scenario as what_if_scenario
from data.access.visit import Visit
from data.directory import classified
from data.enterprise import projects
from data.filing import progress
from data.filing.periods import current_round
from data.meeting.figures import Moment, Sample, bands, changes, standing
from data.rule import policies
from data.store.store import Row, Store, Transaction, per_version

_NOTE: Final = 2_000


@dataclass(frozen=True)
class Changed:
    """What has changed between two moments: the rows of both, and the parts of each enterprise (core.meeting.change.split)."""

    then: Moment
    now: Moment
    before: pl.DataFrame
    after: pl.DataFrame
    parts: pl.DataFrame
    earlier: Meeting | None = None


@per_version
def _all(store: Store) -> tuple[Meeting, ...]:
    """Every meeting, the newest day first."""
    rows = store.rows(
        "SELECT m.id, m.day, m.title, m.district, m.year, m.provisional, m.layer, m.size, m.compared, m.scenario, m.parameters, m.notes, m.as_of, m.policy, "
        "(SELECT max(f.revision) FROM facts f WHERE f.subject = 'meeting:' || m.id) AS revision "
        "FROM meetings m ORDER BY m.day DESC, m.as_of DESC NULLS FIRST, m.id"
    )
    return tuple(
        Meeting(
            **{name: value for name, value in row.items() if name not in ("policy", "notes", "parameters")},
            notes=json.loads(row["notes"]),
            parameters=json.loads(row["parameters"]),
            policy=Policy.model_validate_json(row["policy"]) if row["policy"] else None,
        )
        for row in rows
    )


def _sees(visit: Visit, district: str) -> bool:
    """City meetings are for everybody, each in the figures of his own scope; a district's are for who sees the district."""
    return not district or visit.scope.everything or district in visit.scope.districts


def listing(visit: Visit) -> list[Meeting]:
    """The meetings of the city and of the districts within the scope, the newest day first."""
    visit.check(Permission.MEETING_READ)
    return [each for each in _all(visit.store) if _sees(visit, each.district)]


def one(visit: Visit, identity: str) -> Meeting:
    """A meeting. Raises Forbidden outside the scope."""
    for each in listing(visit):
        if each.id == identity:
            return each
    raise Forbidden("没有这次例会，或不在您的管辖范围内。请从例会列表中选择。")


def districts(visit: Visit) -> list[str]:
    """For whom the visitor may call a meeting: "" (the city) and the codes of districts."""
    visit.check(Permission.MEETING_MANAGE)
    return ["", *DISTRICTS] if visit.scope.everything else [code for code in DISTRICTS if code in visit.scope.districts]


def may_manage(visit: Visit, meeting: Meeting) -> bool:
    return visit.may(Permission.MEETING_MANAGE) and meeting.district in districts(visit)


def earlier(visit: Visit, meeting: Meeting) -> list[Meeting]:
    """The frozen meetings that this one can be compared with (`Meeting.comparable`), the last frozen first."""
    return [each for each in _frozen_before(visit, meeting) if each.comparable(meeting)]


def incomparable(visit: Visit, meeting: Meeting) -> Meeting | None:
    """The meeting of the same scope frozen last before this one, where it was about something else; else None."""
    last = next(iter(_frozen_before(visit, meeting)), None)
    return None if last is None or last.comparable(meeting) else last


def _frozen_before(visit: Visit, meeting: Meeting) -> list[Meeting]:
    """Of the same district, the last frozen first."""
    frozen = [
        each
        for each in listing(visit)
        if each.as_of
        and each.id != meeting.id
        and each.district == meeting.district
        and (not meeting.as_of or each.as_of < meeting.as_of)
    ]
    return sorted(frozen, key=lambda each: each.as_of or datetime.min, reverse=True)


def last_frozen(visit: Visit) -> datetime | None:
    """The moment kept of the meeting frozen last of those that concern the visitor; None before the first."""
    kept = [each.as_of for each in _all(visit.store) if each.as_of and _sees(visit, each.district)]
    return max(kept, default=None)


# --- the figures -------------------------------------------------------------------------------------


def moment(visit: Visit, meeting: Meeting) -> Moment:
    """By what the figures of a meeting are computed: of a frozen one as kept, of a live one as now."""
    policy = meeting.policy or policies.for_year(visit, meeting.year)
    return Moment(meeting.year, meeting.provisional, policy, meeting.as_of)


def sample(visit: Visit, meeting: Meeting) -> Sample:
    """Whose figures the visitor sees of a meeting. Raises Forbidden outside the scope."""
    visit.check(Permission.MEETING_READ)
    if not _sees(visit, meeting.district):
        raise Forbidden("没有这次例会，或不在您的管辖范围内。请从例会列表中选择。")
    return Sample(visit.scope, meeting.district, meeting.layer, meeting.size)


def figures(visit: Visit, meeting: Meeting) -> pl.DataFrame:
    """The rows of `overview.classified` that the meeting is about."""
    return standing(visit.store, sample(visit, meeting), moment(visit, meeting))


def figure_bands(visit: Visit, meeting: Meeting) -> dict[str, tuple[int, int]]:
    """`core.what_if.scenario.spans` of the meeting's enterprises."""
    return bands(visit.store, sample(visit, meeting), moment(visit, meeting))


def _between(visit: Visit, meeting: Meeting, then: Moment, now: Moment, earlier_one: Meeting | None = None) -> Changed:
    whose, store = sample(visit, meeting), visit.store
    frames = (standing(store, whose, then), standing(store, whose, now), changes(store, whose, then, now))
    return Changed(then, now, *frames, earlier_one)


def changed(visit: Visit, meeting: Meeting) -> Changed | None:
    """The change since the earlier meeting, over the enterprises that this one is about; None without an earlier one."""
    known = earlier(visit, meeting)
    chosen = next(
        (each for each in known if each.id == meeting.compared), known[0] if known and not meeting.compared else None
    )
    return _between(visit, meeting, moment(visit, chosen), moment(visit, meeting), chosen) if chosen else None


def since(visit: Visit, meeting: Meeting) -> Changed | None:
    """此后变化: from what a frozen meeting showed to the same year as known now, by the policy of now; None while it is live."""
    if not meeting.frozen:
        return None
    provisional = meeting.provisional and (meeting.year, False) not in classified.years(visit)
    now = replace(
        moment(visit, meeting), policy=policies.for_year(visit, meeting.year), provisional=provisional, as_of=None
    )
    return _between(visit, meeting, moment(visit, meeting), now)


def late(visit: Visit, meeting: Meeting) -> tuple[str, pl.DataFrame] | None:
    """The round's name and a row for each that must file: enterprise_id, district, progress, and of who has still to: name, unreported_revenue.

    None where nobody must file, or the visitor may not see it. Layer and size of the meeting do not apply.
    """
    whose = replace(sample(visit, meeting), layer="", size="")
    if not visit.may(Permission.PROGRESS_READ):
        return None
    if meeting.frozen:
        kept = _kept(visit.store, meeting.id)
        frame = pl.DataFrame({_KEPT_AS.get(name, name): cells for name, cells in kept["late"].items()}, schema=_LATE)
        return (kept["round"], whose.of(frame)) if kept["round"] else None
    this_round = current_round(visit)
    if this_round is None:
        return None
    return this_round.name, whose.of(late_rows(progress.listing(visit, this_round)))


def demands(visit: Visit, meeting: Meeting) -> pl.DataFrame | None:
    """A row a demand: enterprise_id, district, kind, state, and of those made a project title, name, scale; None: not for the visitor."""
    whose = replace(sample(visit, meeting), layer="", size="")
    if not visit.may(Permission.PROJECT_READ):
        return None
    if meeting.frozen:
        return whose.of(pl.DataFrame(_kept(visit.store, meeting.id)["demands"], schema=_DEMANDS))
    return whose.of(demand_rows(projects.demands(visit)))


_LATE: Final = {
    "enterprise_id": pl.String,
    "district": pl.String,
    "progress": pl.String,
    "name": pl.String,
    "unreported_revenue": pl.Int64,
}
#: What a column of `_LATE` was called when the first meetings were frozen; facts keep their names.
_KEPT_AS: Final = {"at_stake": "unreported_revenue"}
_DEMANDS: Final = dict.fromkeys(("enterprise_id", "district", "kind", "state", "title", "name", "scale"), pl.String)


def late_rows(frame: pl.DataFrame) -> pl.DataFrame:
    """Of the rows of a round what `late` shows: who has filed is not named."""
    waits = pl.col("progress").is_in(UNFINISHED)
    return frame.with_columns(
        pl.when(waits).then(pl.col(name)).alias(name) for name in ("name", "unreported_revenue")
    ).select(list(_LATE))


def demand_rows(frame: pl.DataFrame) -> pl.DataFrame:
    """Of demands what `demands` shows: a demand that is no project is not named."""
    taken = pl.col("state") != ""
    return frame.with_columns(
        pl.when(taken).then(pl.col(name)).alias(name) for name in ("title", "name", "scale")
    ).select(list(_DEMANDS))


def what_is_kept(waiting: tuple[str, pl.DataFrame] | None, wanted: pl.DataFrame | None) -> Row:
    """What is kept with a frozen meeting of `late` and `demands`."""
    return {
        "round": waiting[0] if waiting else "",
        "late": waiting[1].to_dict(as_series=False) if waiting else {},
        "demands": wanted.to_dict(as_series=False) if wanted is not None else {},
    }


@per_version
def _kept(store: Store, identity: str) -> Row:
    kept: Row = json.loads(store.rows("SELECT kept FROM meetings WHERE id = $1", [identity])[0]["kept"])
    return kept


def decisions(visit: Visit, meeting: Meeting) -> list[Decision]:
    """决议 in order."""
    sample(visit, meeting)
    return [decision for identity, decision in _decisions(visit.store) if identity == meeting.id]


@per_version
def _decisions(store: Store) -> list[tuple[str, Decision]]:
    """(id of the meeting, 决议) of all meetings, those struck out left out."""
    rows = store.rows(
        "SELECT meeting_id, number, text, who, due, done FROM meeting_decisions WHERE text <> '' ORDER BY meeting_id, number"
    )
    return [(row.pop("meeting_id"), Decision(**row)) for row in rows]


def version(visit: Visit) -> tuple[int, ...]:
    """Moves when anything that a meeting shows has moved."""
    visit.check(Permission.MEETING_READ)
    found: tuple[int, ...] = visit.store.version(
        "admissions", "figures", "meetings", "meeting_decisions", "filings", "projects", "policies"
    )
    return found


# --- what is done ------------------------------------------------------------------------------------


def _words(text: str, label: str, most: int, *, least: int = 2) -> str:
    words = " ".join(text.split())
    if not least <= len(words) <= most:
        raise Refused(f"“{label}”须为 {least} 至 {most} 个字，现为 {len(words)} 个。未保存，请修改后再试。")
    return words


def _checked(visit: Visit, given: MeetingDraft, day: date | None) -> Row:
    """The body of what is set of a meeting. Raises Refused."""
    title = _words(given.title, "名称", 60)
    if day is None:
        raise Refused("“日期”须填写，如 2026-01-12。未保存。")
    if given.district not in districts(visit):
        raise Forbidden("您不能为这个范围召集例会，未保存。")
    if (given.year, given.provisional) not in classified.years(visit):
        raise Refused("这一年度还没有入库数据，不能作为例会的统计年度。未保存。")
    for chosen, known in ((given.layer, LAYERS), (given.size, SIZES)):
        if chosen not in ("", *known):
            raise Refused(f"没有“{chosen[:20]}”这个筛选条件，未保存。")
    return asdict(given) | {"title": title, "day": day.isoformat()}


def call(visit: Visit, given: MeetingDraft) -> str:
    """Call a meeting; its id. Raises Refused for what does not fit."""
    visit.check(Permission.MEETING_MANAGE)
    identity, day = secrets.token_hex(5), values.day(given.day, "“日期”")

    def job(transaction: Transaction) -> str:
        body = _checked(visit, given, day)
        transaction.append(visit.actor, "meeting.opened", f"meeting:{identity}", body)
        return identity

    return visit.write(job)


def live(visit: Visit, transaction: Transaction, identity: str, revision: int | None) -> Row:
    """The row of a meeting that may still be changed. Raises Refused once it is frozen, Conflict on a stale revision."""
    row = _managed(visit, transaction, identity)
    if row["as_of"] is not None:
        raise Refused("这次例会已经冻结，日期、条件、备注和决议不能再改。未保存；决议可以标记办结。")
    if revision is not None and transaction.revision(f"meeting:{identity}") != revision:
        raise Conflict("这次例会刚刚被别人修改过，您的修改没有保存。请刷新页面，看过最新内容再改。")
    return row


def _managed(visit: Visit, transaction: Transaction, identity: str) -> Row:
    row = transaction.get("meetings", identity)
    if row is None or row["district"] not in districts(visit):
        raise Forbidden("没有这次例会，或不由您召集，操作未执行。")
    return row


def change(visit: Visit, identity: str, revision: int, given: MeetingDraft) -> None:
    """Change what was given to `call` before the meeting is frozen. Raises Conflict on a stale revision."""
    visit.check(Permission.MEETING_MANAGE)
    day = values.day(given.day, "“日期”")

    def job(transaction: Transaction) -> None:
        row = live(visit, transaction, identity, revision)
        body = _checked(visit, given, day)
        before = row | {"day": row["day"].isoformat()}
        if given.compared and given.compared not in {each.id for each in earlier(visit, one(visit, identity))}:
            raise Refused("只能与本次之前、同一范围、同一年度与口径、已冻结的例会比较。未保存。")
        if altered := {name: value for name, value in body.items() if before[name] != value}:
            transaction.append(visit.actor, "meeting.changed", f"meeting:{identity}", altered)

    visit.write(job)


def note(visit: Visit, identity: str, revision: int, screen: str, text: str) -> None:
    """Set the speaker's note of a screen; "" takes it away. Raises Refused once the meeting is frozen."""
    visit.check(Permission.MEETING_MANAGE)
    text = text.strip()
    if screen not in SCREENS:
        raise Refused("没有这一屏，备注未保存。")
    if len(text) > _NOTE:
        raise Refused(f"“备注”最多 {_NOTE:,} 字，现为 {len(text):,} 字。未保存，请删减后再试。")

    def job(transaction: Transaction) -> None:
        row = live(visit, transaction, identity, revision)
        if json.loads(row["notes"]).get(screen, "") != text:
            transaction.append(visit.actor, "meeting.noted", f"meeting:{identity}", {"screen": screen, "text": text})

    visit.write(job)


def decide(visit: Visit, identity: str, text: str, who: str, due: date | None) -> int:
    """Record a 决议; its number."""
    visit.check(Permission.MEETING_MANAGE)
    body = {
        "text": _words(text, "决议", 200),
        "who": _words(who, "责任人", 40),
        "due": due.isoformat() if due else None,
    }

    def job(transaction: Transaction) -> int:
        live(visit, transaction, identity, None)
        known = transaction.find("SELECT number FROM meeting_decisions WHERE meeting_id = $1", [identity])
        laid = [
            (row["number"],) for row in transaction.pending_rows("meeting_decisions") if row["meeting_id"] == identity
        ]
        number = max((each for (each,) in [*known, *laid]), default=0) + 1
        transaction.append(visit.actor, "meeting.decided", f"meeting:{identity}", {"number": number, **body})
        return number

    return visit.write(job)


def _decision(transaction: Transaction, identity: str, number: int) -> Row:
    row = transaction.get("meeting_decisions", identity, number)
    if row is None or not row["text"]:
        raise Refused("没有这项决议，操作未执行。请刷新页面。")
    return row


def strike(visit: Visit, identity: str, number: int) -> None:
    """Take a 决议 back before the meeting is frozen."""
    visit.check(Permission.MEETING_MANAGE)

    def job(transaction: Transaction) -> None:
        live(visit, transaction, identity, None)
        _decision(transaction, identity, number)
        transaction.append(visit.actor, "meeting.struck", f"meeting:{identity}", {"number": number})

    visit.write(job)


def settle(visit: Visit, identity: str, number: int, done: bool) -> None:
    """Mark a 决议 done, or not done after all; of a frozen meeting too."""
    visit.check(Permission.MEETING_MANAGE)

    def job(transaction: Transaction) -> None:
        _managed(visit, transaction, identity)
        if _decision(transaction, identity, number)["done"] is not done:
            transaction.append(visit.actor, "meeting.settled", f"meeting:{identity}", {"number": number, "done": done})

    visit.write(job)


def freeze(visit: Visit, identity: str, revision: int) -> None:
    """会议冻结: keep the moment of the data, the policy whole, who is late and what is asked for; from then on nothing moves.

    The moment is just before the write, so that what is committed together with it is of the time after.
    """
    visit.check(Permission.MEETING_MANAGE)

    def job(transaction: Transaction) -> None:
        live(visit, transaction, identity, revision)
        meeting = one(visit, identity)
        found = changed(visit, meeting)
        policy = moment(visit, meeting).policy
        name, scenario = trial(meeting, policy)
        body = {
            "as_of": (transaction.now - timedelta(microseconds=1)).isoformat(),
            "policy": policy.model_dump(mode="json"),
            "compared": found.earlier.id if found and found.earlier else "",
            "scenario": name,
            "parameters": what_if_scenario.changes(policy, scenario),
            "kept": what_is_kept(late(visit, meeting), demands(visit, meeting)),
        }
        transaction.append(visit.actor, "meeting.frozen", f"meeting:{identity}", body)

    visit.write(job)
