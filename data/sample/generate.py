"""Load the fictional sample: enterprises, rounds and filings in every state, as facts of the past.

The job appends the facts that `data.filing.filings` and `data.access.accounts` append when people do these things.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.base import beijing, dictionaries
from core.base.terms import PERIODS
from core.filing.model import Content, apply, carried_over, difference
from core.filing.round import Round
from core.filing.states import CITY_REVIEW
from core.rule.policy import shipped
from core.what_if.scenario import presets
from data.access.accounts import DEMONSTRATION_ISSUER, enterprise_id, platform_account_id
from data.enterprise.projects import demands_of_all
from data.filing.filings import with_identity
from data.filing.periods import rounds as filing_rounds
from data.filing.progress import of_round
from data.meeting.meetings import demand_rows, late_rows, what_is_kept
from data.sample.contents import PLAIN, Contents
from data.sample.figures import Floats
from data.sample.people import FILERS, STAFF
from data.store.store import SYSTEM, Actor, Store, Transaction

#: Reviewers of the districts without one in `STAFF`: they act in the past, and cannot sign in.
REVIEWERS: Final = {
    "JA": "jiangan",
    "JH": "jianghan",
    "QK": "qiaokou",
    "HY": "hanyang",
    "WC": "wuchang",
    "QS": "qingshan",
    "DXH": "dongxihu",
    "JK": "jingkai",
    "CD": "caidian",
    "JX": "jiangxia",
    "HP": "huangpi",
    "XZ": "xinzhou",
    "FJ": "fengjing",
    "XQ": "changjiang",
}
#: State -> how many filings of the two past rounds ended in it; all others were admitted.
_PAST: Final = ({"revoked": 4, "returned": 7, "draft": 8}, {"revoked": 7, "returned": 11, "draft": 12})
#: State -> share of all enterprises in the current round; the rest have not opened their filing.
_CURRENT: Final = {"admitted": 0.55, "submitted": 0.12, CITY_REVIEW: 0.10, "returned": 0.05, "draft": 0.08}
#: State -> when filings that stand in it were opened, as parts of the days so far.
_OPENED: Final = {
    "admitted": (0.0, 0.5), CITY_REVIEW: (0.25, 0.6), "submitted": (0.3, 0.92), "returned": (0.3, 0.78),
    "draft": (0.2, 0.97), "": (0.0, 0.0),
}  # fmt: skip
_RETURN_REASONS: Final = (
    ("technology.products", "产品/服务的证明说明过于简略，请补充测评机构与出具日期，或合同的签订单位。"),
    ("business.years", "全年AI业务收入与增值税申报表差异较大，请核对后填写，并说明测算依据。"),
    ("technology.insured_staff", "缴纳社保总人数与社保缴纳证明不一致，请按申报当月的缴纳人数填写。"),
    ("technology.ip_count", "自主知识产权数量含未授权的申请，请只统计已授权或已登记的数量。"),
    ("basic.operating_address", "实际经营地址请填写到楼栋和门牌号，并与租赁合同一致。"),
    ("technology.segments", "所选产业链环节与主营产品不符，请按主要收入来源重新选择。"),
    ("basic.contact_phone", "联系人电话多次无人接听，请更新为可联系到的号码。"),
)  # fmt: skip
_ASSETS_REASON: Final = {"basic.total_assets": "资产总额未填或仍为上期数，请按最近一期资产负债表填写。"}
_REVOKED_REASON: Final = {"": "经核查，填报的AI业务收入与审计报告严重不符，按规定撤销入库资格。"}
_STEPS: Final = ("open", "save", "submit", "return", "mend", "resubmit", "pass", "admit", "revoke")
_SHIJI: Final = Actor("local-shiji")


@dataclass(frozen=True)
class Event:
    """A fact to be appended."""

    at: datetime
    actor: Actor
    kind: str
    subject: str
    body: dict[str, Any]


def anchor_year(today: date) -> int:
    """The year that the current round asks for."""
    return (today - timedelta(days=182)).year


def rounds(today: date) -> tuple[Round, Round, Round]:
    """Two annual rounds that are over, with actual figures, and the one that is open today."""
    year = anchor_year(today)
    past = [Round(str(y), y, tuple(PERIODS), date(y + 1, 1, 5), date(y + 1, 2, 28)) for y in (year - 2, year - 1)]
    now = Round(str(year), year, ("full_year",), today - timedelta(days=45), today + timedelta(days=40))
    return past[0], past[1], now


def load(store: Store, *, today: date, seed: int = 20251230) -> None:
    """Fill an empty store with the sample; the same `seed` and `today` (Beijing) give the same facts.

    Everything happens before `today`, so it must be loaded before anything else is recorded.
    Raises ValueError when the store has facts already.
    """
    if store.data_version:
        raise ValueError("the sample is the past: load it into a store without facts")
    events_before: list[Event] = []
    for event in events(today, seed):
        if event.kind == "meeting.frozen":  # keeps what is known by then
            _write(store, events_before)
            events_before = [replace(event, body={**event.body, "kept": _kept(store)})]
        else:
            events_before.append(event)
    _write(store, events_before)


def _write(store: Store, happened: list[Event]) -> None:
    def job(transaction: Transaction) -> None:
        for event in happened:
            transaction.append(event.actor, event.kind, event.subject, event.body, at=event.at)

    store.write(job)


def _kept(store: Store) -> dict[str, Any]:
    """Who is late in the newest round and what is asked for, as a meeting keeps it."""
    newest = filing_rounds(store)[0]
    return what_is_kept((newest.name, late_rows(of_round(store, newest.id))), demand_rows(demands_of_all(store)))


def events(today: date, seed: int) -> list[Event]:
    """All that happened, in the order of time."""
    rng = np.random.default_rng(seed)
    parameters = json.loads((Path(__file__).parent / "parameters.json").read_text("utf-8"))
    contents = Contents(rng, parameters, anchor_year(today))
    all_rounds = rounds(today)
    happened = [*_bureau(all_rounds), *_notices(all_rounds[-1]), *_meetings(all_rounds[-1], today)]
    latest: dict[int, Content] = {}
    states = _states(rng, len(contents.firms), contents.known)
    for this_round, state in zip(all_rounds, states, strict=True):
        happened += _filings(rng, contents, this_round, today, state=state, latest=latest)
    return sorted(happened, key=lambda event: event.at)


def _beijing(day: date, hour: int, minute: int = 0) -> datetime:
    """A time of day in Beijing as naive UTC."""
    return beijing.utc(datetime(day.year, day.month, day.day, hour, minute))


def _bureau(all_rounds: tuple[Round, ...]) -> Iterator[Event]:
    """The district reviewers and the rounds."""
    names = dictionaries.district_names()
    for code, username in REVIEWERS.items():
        body = {
            "username": username,
            "name": f"{names[code]}审核员",
            "role": "district_reviewer",
            "organisation_id": code,
            "demonstration": True,
        }
        at = _beijing(all_rounds[0].opens - timedelta(days=10), 9)
        yield Event(at, SYSTEM, "account.created", f"account:local-{username}", body)
    for opened in all_rounds:
        body = {
            "year": opened.year,
            "columns": list(opened.columns),
            "opens": opened.opens.isoformat(),
            "closes": opened.closes.isoformat(),
        }
        yield Event(_beijing(opened.opens, 8, 30), _SHIJI, "round.opened", f"round:{opened.id}", body)


def _notices(this_round: Round) -> Iterator[Event]:
    """What the bureau has put on the notice board for the current round."""
    texts = (
        (
            f"关于开展{this_round.year}年度培育库填报工作的通知",
            True,
            ["enterprise"],
            f"各有关企业：\n{this_round.year}年度填报已经开始，请登录本系统，按四个步骤填写并提交。\n填报于 {this_round.closes} 截止，"
            "请预留修改时间。\n虚假填报将取消入库资格。",
        ),
        (
            "关于做好本期审核工作的提示",
            False,
            ["district_reviewer"],
            "各区审核员：\n请在企业提交后五个工作日内完成区级审核；退回时请逐项写明原因，便于企业一次改好。",
        ),
    )
    for number, (title, pinned, roles, text) in enumerate(texts):
        subject, at = f"notice:sample-{number}", _beijing(this_round.opens, 9, 10 * number)
        body = {"title": title, "text": text, "pinned": pinned, "roles": roles, "districts": [], "until": None}
        yield Event(at, _SHIJI, "notice.drafted", subject, body)
        yield Event(at + timedelta(minutes=5), _SHIJI, "notice.published", subject, {"state": "published"})


def _meetings(this_round: Round, today: date) -> Iterator[Event]:
    """Two meetings held and frozen, on the last actual year and on this year's forecasts, and the next one."""
    year, policy = this_round.year, shipped()[-1].model_dump(mode="json")
    last, coming = today - timedelta(days=21 + today.weekday()), today + timedelta(days=7 - today.weekday())
    called = (
        (date(year, 4, 27), year - 1, "年度入库总结例会"),
        (last, year, "人工智能产业周例会"),
        (coming, year, "人工智能产业周例会"),
    )
    for number, (day, about, title) in enumerate(called):
        subject, at = f"meeting:sample{number}", _beijing(min(day, today - timedelta(days=2)), 8, 40)
        given = {
            "title": title,
            "district": "",
            "year": about,
            "provisional": about == year,
            "layer": "",
            "size": "",
            "compared": "",
        }
        yield Event(at, _SHIJI, "meeting.opened", subject, {"day": day.isoformat(), **given})
        if day == coming:
            yield Event(
                at + timedelta(minutes=5),
                _SHIJI,
                "meeting.noted",
                subject,
                {"screen": "late", "text": "请未报最多的三个区说明原因。"},
            )
            scenario = presets(shipped()[-1])["city_2023"]
            body = {"scenario": scenario.name, "parameters": dict(scenario.changes)}
            yield Event(at + timedelta(minutes=6), _SHIJI, "meeting.changed", subject, body)
            continue
        decision = {
            "number": 1,
            "text": "各区核对本区未报企业名单并逐家联系",
            "who": "各区经信部门",
            "due": (day + timedelta(days=7)).isoformat(),
        }
        yield Event(at + timedelta(minutes=50), _SHIJI, "meeting.decided", subject, decision)
        frozen = at + timedelta(minutes=60)
        body = {
            "as_of": (frozen - timedelta(microseconds=1)).isoformat(),
            "policy": policy,
            "compared": "sample0" if number else "",
        }
        yield Event(frozen, _SHIJI, "meeting.frozen", subject, body)


def _states(rng: np.random.Generator, count: int, known: int) -> list[list[str]]:
    """[round][enterprise]: the state its filing stands in; "" where there is none."""
    states = []
    for present, ended in zip((known, count), _PAST, strict=True):
        state = ["admitted"] * present + [""] * (count - present)
        odd = iter((PLAIN + rng.permutation(present - PLAIN)).tolist())
        for name, many in ended.items():
            for _ in range(many):
                state[next(odd)] = name
        states.append(state)
    drawn = [name for name, share in _CURRENT.items() for _ in range(round(share * count))]
    drawn.remove("returned")
    # The first two are those who sign in; who was not admitted last year has not come back.
    settled = {0: "", 1: "returned"} | {i: "" for i, name in enumerate(states[1]) if name != "admitted"}
    drawn += [""] * (count - len(settled) - len(drawn))
    shuffled = iter(rng.permutation(len(drawn)).tolist())
    states.append([settled[i] if i in settled else drawn[next(shuffled)] for i in range(count)])
    return states


def _working_time(opens: date, days: Floats) -> NDArray[np.datetime64]:
    """Working days since `opens` -> moments (UTC) between 9:00 and 17:30 in Beijing."""
    whole = np.floor(days)
    day = np.busday_offset(np.datetime64(opens), whole.astype(np.int64), roll="forward")
    seconds = 3600 + ((days - whole) * 8.5 * 3600).astype(np.int64)
    moments: NDArray[np.datetime64] = day.astype("datetime64[s]") + seconds.astype("timedelta64[s]")
    return moments


def _times(
    rng: np.random.Generator, this_round: Round, today: date, state: list[str], sent_back: NDArray[np.bool_]
) -> NDArray[np.datetime64]:
    """[enterprise, step of `_STEPS`]: when each step happened, if it did."""
    count, current = len(state), this_round.closes >= today
    length = int(np.busday_count(this_round.opens, min(this_round.closes + timedelta(days=1), today)))
    lag = rng.random((count, 6)) + 0.02
    if current:
        low, high = np.array([_OPENED[name] for name in state]).T
        opened = (low + rng.random(count) * (high - low)) * length
        spans = np.array([0.035, 0.09, 0.05, 0.12, 0.1]) * length
    else:
        opened = rng.beta(2, 1.3, count) * (length - 2) * np.where(sent_back, 0.5, 1)
        spans = np.array([1.3, 4, 3, 6, 5])
    submit = opened + lag[:, 0] * spans[0]
    back = submit + lag[:, 1] * spans[1]
    again = back + lag[:, 2] * spans[2]
    passed = np.where(sent_back, again, submit) + lag[:, 3] * spans[3]
    admitted = passed + lag[:, 4] * spans[4]
    revoked = length + 20 + lag[:, 5] * 20
    save = opened + (submit - opened) * 0.7
    mended = back + (again - back) * 0.8
    return _working_time(
        this_round.opens, np.column_stack([opened, save, submit, back, mended, again, passed, admitted, revoked])
    )


def _filings(
    rng: np.random.Generator,
    contents: Contents,
    this_round: Round,
    today: date,
    *,
    state: list[str],
    latest: dict[int, Content],
) -> Iterator[Event]:
    """All that happens to the filings of one round; `latest` keeps the content each enterprise left."""
    count, k = len(state), this_round.year - contents.first
    admitted = np.array([name in ("admitted", CITY_REVIEW, "revoked") for name in state])
    plain = np.arange(count) < PLAIN
    sent_back = (rng.random(count) < 0.1) & admitted & ~plain
    mistaken = ((rng.random(count) < 0.012) & ~sent_back & admitted & ~plain).tolist()
    quarter_ends = np.array([f"{this_round.year}-{day}" for day in ("03-31", "06-30", "09-30")], dtype="datetime64[D]")
    times = _times(rng, this_round, today, state, sent_back)
    over: list[int] = (times[:, 0].astype("datetime64[D]")[:, None] > quarter_ends).sum(axis=1).tolist()
    moments: list[list[datetime]] = times.tolist()
    reasons: list[list[int]] = np.argsort(rng.random((count, len(_RETURN_REASONS))), axis=1)[:, :3].tolist()
    many: list[int] = rng.integers(1, 4, count).tolist()
    reviewers = REVIEWERS | {person.organisation: person.username for person in STAFF if person.organisation}
    for i, name in enumerate(state):
        if not name:
            continue
        firm, at = contents.firms[i], dict(zip(_STEPS, moments[i], strict=True))
        identity = enterprise_id(firm.uscc)
        filer, reviewer = (
            Actor(platform_account_id(DEMONSTRATION_ISSUER, firm.uscc)),
            Actor(f"local-{reviewers[firm.district]}"),
        )
        subject = f"filing:{identity}.{this_round.id}"
        if i not in latest:
            before = at["open"] - timedelta(minutes=5)
            body: dict[str, Any] = {"uscc": firm.uscc, "name": firm.name}
            yield Event(before, filer, "enterprise.registered", f"enterprise:{identity}", body)
            body = {
                "username": firm.uscc.lower(),
                "name": firm.contact,
                "role": "enterprise",
                "enterprise_id": identity,
                "demonstration": True,
            }
            yield Event(before, filer, "account.created", f"account:{filer.account_id}", body)
        opened = with_identity(carried_over(latest.get(i, {}), this_round.year), {"name": firm.name, "uscc": firm.uscc})
        body = {"enterprise_id": identity, "round_id": this_round.id, "content": opened}
        yield Event(at["open"], filer, "filing.opened", subject, body)
        target = contents.content(i, k, quarters_over=over[i], assets=bool(sent_back[i]))
        saves: list[tuple[str, Content]]
        if name == "draft":
            saves = [("open", _unfinished(opened, target, i))]
        else:
            first = contents.mistaken(i, k, target) if mistaken[i] else None
            explained = contents.explanations(i, target, this_round, today, first=first)
            finished = {**target, "explanations": explained} if explained else target
            if first is not None:
                saves = [("open", first), ("save", finished)]
            elif i not in latest:
                saves = [("open", {step: target[step] for step in ("basic", "technology")}), ("save", finished)]
            else:
                saves = [("open", finished)]
        content = opened
        for step, wanted in saves:
            patch = _patch(content, wanted)
            if sent_back[i]:
                patch.pop("basic.total_assets", None)
            yield Event(at[step], filer, "filing.saved", subject, _saved(content, patch))
            content = apply(content, patch)
        if name != "draft":
            yield Event(at["submit"], filer, "filing.submitted", subject, {"from": "draft"})
        if sent_back[i]:
            yield Event(at["return"], reviewer, "filing.returned", subject, {"reasons": _ASSETS_REASON})
            patch = _patch(content, target)
            yield Event(at["mend"], filer, "filing.saved", subject, _saved(content, patch))
            content = apply(content, patch)
            yield Event(at["resubmit"], filer, "filing.submitted", subject, {"from": "returned"})
        elif name == "returned":
            chosen = [0, 1] if i < len(FILERS) else reasons[i][: many[i]]
            given = dict(_RETURN_REASONS[number] for number in chosen)
            yield Event(at["return"], reviewer, "filing.returned", subject, {"reasons": given})
        if admitted[i]:
            yield Event(at["pass"], reviewer, "filing.passed", subject, {"reasons": {}})
        if name in ("admitted", "revoked"):
            yield Event(at["admit"], _SHIJI, "filing.admitted", subject, {"reasons": {}})
        if name == "revoked":
            yield Event(at["revoke"], _SHIJI, "filing.revoked", subject, {"reasons": _REVOKED_REASON})
        latest[i] = content


def _patch(before: Content, wanted: Content) -> dict[str, Any]:
    """The fields of `wanted` that differ from `before`; those `wanted` leaves out stay as they are."""
    return {path: after for path, (_, after) in difference(before, {**before, **wanted}).items()}


def _saved(content: Content, patch: dict[str, Any]) -> dict[str, Any]:
    """The body of a save: what was typed, and what stood there."""
    places = {path: path.partition(".") for path in patch}
    return {
        "patch": patch,
        "before": {path: content.get(step, {}).get(name) for path, (step, _, name) in places.items()},
    }


def _unfinished(opened: Content, target: Content, number: int) -> Content:
    """A part of `target`: 基础信息 where `opened` is empty, else people too, or a total without AI."""
    if "district" not in opened["basic"]:
        return {"basic": target["basic"]}
    started = {"basic": target["basic"], "technology": target["technology"]}
    if number % 2 and _patch(opened, started):
        return started
    years: list[dict[str, Any]] = target["business"]["years"]
    total = {"total_revenue": years[0]["full_year"]["total_revenue"]}
    return {**started, "business": {"years": [{"year": years[0]["year"], "full_year": total}, *years[1:]]}}
