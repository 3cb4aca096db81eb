"""What has happened to the filings of the sample: in which state each stands, when it got there, what was typed on the way."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.filing.cells import apply
from core.filing.model import Content, carried_over, difference
from core.filing.round import Round
from core.filing.states import CITY_REVIEW
from data.access.accounts import DEMONSTRATION_ISSUER, enterprise_id, platform_account_id
from data.filing.filings import with_identity
from data.sample.contents import PLAIN, Contents
from data.sample.event import CITY, Event
from data.sample.figures import Floats
from data.sample.people import FILERS, REVIEWERS, STAFF
from data.store.store import Actor

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


def states(rng: np.random.Generator, count: int, known: int) -> list[list[str]]:
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


def of_round(
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
            yield Event(at["admit"], CITY, "filing.admitted", subject, {"reasons": {}})
        if name == "revoked":
            yield Event(at["revoke"], CITY, "filing.revoked", subject, {"reasons": _REVOKED_REASON})
        latest[i] = content


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


def _working_time(opens: date, days: Floats) -> NDArray[np.datetime64]:
    """Working days since `opens` -> moments (UTC) between 9:00 and 17:30 in Beijing."""
    whole = np.floor(days)
    day = np.busday_offset(np.datetime64(opens), whole.astype(np.int64), roll="forward")
    seconds = 3600 + ((days - whole) * 8.5 * 3600).astype(np.int64)
    moments: NDArray[np.datetime64] = day.astype("datetime64[s]") + seconds.astype("timedelta64[s]")
    return moments


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
