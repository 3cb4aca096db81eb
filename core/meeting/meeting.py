"""例会: what a meeting is, its screens in their order, and how fast they change by themselves."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from core.base import terms
from core.base.dictionaries import DISTRICTS
from core.rule.policy import Policy
from core.what_if import scenario as what_if_scenario

#: code -> heading. The last is of a frozen meeting only.
SCREENS: Final = {
    "title": "标题",
    "headline": "主要数字",
    "change": "较上次例会变化",
    "waterfall": "变化分解",
    "districts": "区域",
    "chain": "产业链",
    "movers": "身份变动企业",
    "late": "未报企业",
    "demands": "需求与项目",
    "what_if": "本周测算",
    "decisions": "决议",
    "since": "此后变化",
}
#: Seconds a screen stays when the meeting plays by itself; "" = it does not.
PACES: Final = {"": "手动", "10": "10 秒", "20": "20 秒", "40": "40 秒"}


@dataclass(frozen=True)
class Meeting:
    """`district` "": of the whole city. `compared`: the earlier meeting chosen, "" = the last frozen before it.

    `scenario` and `parameters`: what its 本周测算 is called and what that changes; "": the default one.
    `as_of` (naive UTC) and `policy` are kept when it is frozen, and None until then.
    """

    id: str
    day: date
    title: str
    district: str
    year: int
    provisional: bool
    layer: str
    size: str
    compared: str
    scenario: str
    parameters: Mapping[str, Any] = field(hash=False)
    notes: Mapping[str, str] = field(hash=False)
    revision: int
    as_of: datetime | None
    policy: Policy | None

    @property
    def frozen(self) -> bool:
        return self.as_of is not None

    def comparable(self, other: "Meeting") -> bool:
        """Whether both are about the same: scope, year, kind of figures (实际, 预判) and filters. Else no difference is a finding."""
        same = ("district", "year", "provisional", "layer", "size")
        return all(getattr(self, name) == getattr(other, name) for name in same)


def nothing_to_compare(meeting: Meeting, other: Meeting | None) -> str:
    """Why no change is shown; `other`: the earlier meeting, where it was about something else: named, never subtracted."""
    if other is None:
        return "还没有更早的已冻结例会可以比较。冻结一次例会之后，下一次起显示变化。"
    return (
        f"上次例会（{other.day} {other.title}）统计的是{_about(other)}，本次是{_about(meeting)}，口径不同，不作比较。"
        "冻结一次口径相同的例会之后，下一次起显示变化。"
    )


def _about(meeting: Meeting) -> str:
    """Which figures a meeting is about, in words."""
    filters = [terms.LAYERS.get(meeting.layer, ""), terms.SIZES.get(meeting.size, "")]
    kind = "全年（预测），预判" if meeting.provisional else "全年实际"
    return "，".join([f"{meeting.year}年度{kind}", *filter(None, filters)])


@dataclass(frozen=True)
class Decision:
    """A 决议. `number`: from 1 within its meeting; `who` is responsible; `due`: by which day, None = not set."""

    number: int
    text: str
    who: str
    due: date | None
    done: bool


@dataclass(frozen=True, slots=True)
class MeetingDraft:
    """What is set of a meeting, as typed: `day` in text, the others as in `Meeting`."""

    day: str
    title: str
    district: str
    year: int
    provisional: bool
    layer: str = ""
    size: str = ""
    compared: str = ""


def screens(frozen: bool) -> list[str]:
    """The codes of a meeting's screens in order."""
    return [code for code in SCREENS if frozen or code != "since"]


def whose(words: str, meeting: Meeting) -> str:
    """Whom a meeting is about, in words; `words`: the scope of who looks."""
    parts = (
        DISTRICTS.get(meeting.district, "") or words,
        terms.LAYERS.get(meeting.layer, ""),
        terms.SIZES.get(meeting.size, ""),
    )
    return " · ".join(each for each in parts if each)


def default_scenario(policy: Policy) -> what_if_scenario.Preset:
    """What a meeting tries that has chosen nothing else: the lines with what equals them, or without."""
    return what_if_scenario.presets(policy)[f"threshold_inclusive.{not policy.threshold_inclusive}".lower()]


def trial(meeting: Meeting, policy: Policy) -> tuple[str, Policy]:
    """What the 本周测算 of a meeting is called, and its policy; `policy` itself where what was kept does not fit it any more."""
    default = default_scenario(policy)
    name, kept = (meeting.scenario, meeting.parameters) if meeting.scenario else (default.name, default.changes)
    return name, what_if_scenario.standing(policy, kept) or policy


def place(asked: str | None, count: int) -> int:
    """The number of the screen asked for in an address, from 1 to `count`; the first where it says nothing sensible."""
    return min(max(int(asked), 1), count) if asked and asked.isdecimal() and len(asked) < 4 else 1
