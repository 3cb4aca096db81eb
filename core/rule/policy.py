"""The statistics policy: thresholds and weights as dated, referenced, versioned parameters.

Source: 人工智能产业统计原则 (last chapter of the manual). Money is whole yuan, shares and weights
are basis points (1 bp = 1/10000), so every comparison can be made exactly in integers.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field

from core.base import terms
from core.base.values import YUAN_LIMIT

LowShareCore = Literal["related_weight", "not_counted", "ai_revenue"]
EqualKind = Literal["hardware", "software"]
LOW_SHARE: Final = {"related_weight": "按相关企业比例计入", "not_counted": "不计入", "ai_revenue": "只计AI业务收入"}
EQUAL_KIND: Final = {"hardware": "按硬件（计入比例较低）", "software": "按软件（计入比例较高）"}
#: Parameters chosen from a few: parameter -> code -> words.
CHOICES: Final = {"low_share_core": LOW_SHARE, "equal_kind": EQUAL_KIND}
#: The unclear clauses, each a switch: parameter -> reading -> words.
READINGS: Final[Mapping[str, Mapping[Any, str]]] = {
    "threshold_inclusive": {False: "“超过”不含等于", True: "“超过”含等于"},
    "low_share_core": LOW_SHARE,
    "equal_kind": EQUAL_KIND,
}
BasisPoints = Annotated[int, Field(strict=True, ge=0, le=10_000)]


class Policy(BaseModel):
    """One version of the rule. Frozen; `scenario` makes a validated copy with changes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    core_share_bp: BasisPoints = 5000
    core_ai_revenue: Annotated[int, Field(strict=True, ge=0, le=YUAN_LIMIT)] = 20_000_000
    related_share_bp: BasisPoints = 2000
    core_weight_bp: BasisPoints = 10_000
    related_software_weight_bp: BasisPoints = 5000
    related_hardware_weight_bp: BasisPoints = 2000
    threshold_inclusive: Annotated[bool, Field(strict=True)] = False
    low_share_core: LowShareCore = "related_weight"
    #: 小微企业: a share line of their own (None: none), and whether the revenue line is open to them.
    core_share_small_bp: BasisPoints | None = None
    small_core_by_revenue: Annotated[bool, Field(strict=True)] = True
    #: What an enterprise with equal software and hardware revenue (or neither) counts as.
    equal_kind: EqualKind = "hardware"

    version: str = "未定版"
    title: str = ""
    reference: str = ""
    effective_from: date = date.min

    @property
    def by_size(self) -> bool:
        """Whether the class depends on the size, so that `classify` asks for a column `size`."""
        return self.core_share_small_bp is not None or not self.small_core_by_revenue

    def meets(self, amount: Any, line: Any) -> Any:
        """Whether `amount` is over `line` as this version reads 超过; whole yuan, or expressions of any engine.

        With `share_meets` the only place that compares with a threshold. Source: 人工智能产业统计原则, “超过”.
        """
        return amount >= line if self.threshold_inclusive else amount > line

    def share_meets(self, ai: Any, total: Any, line_bp: Any) -> Any:
        """Whether `ai` is over `line_bp` (basis points) of `total`; both whole yuan, exact: multiplied, not divided."""
        return self.meets(ai * 10_000, total * line_bp)

    def core_line_bp(self, size: str | None) -> int:
        """核心企业占比线 of an enterprise of this size (a code of core.base.terms.SIZES)."""
        own = self.core_share_small_bp if size == "small" else None
        return self.core_share_bp if own is None else own

    def scenario(self, **changes: Any) -> Self:
        """A validated copy with `changes`; its version says that it is a trial (测算), not the policy."""
        changed = {**self.model_dump(), "version": f"{self.version}（测算）", **changes}
        return type(self).model_validate(changed)


class Clause(BaseModel):
    """Where one parameter comes from: its Chinese label, unit and the text of the source."""

    model_config = ConfigDict(frozen=True)

    label: str
    unit: str
    clause: str


@cache
def _documents() -> tuple[dict[str, Any], ...]:
    folder = Path(__file__).parent / "policies"
    return tuple(yaml.safe_load(file.read_text("utf-8")) for file in sorted(folder.glob("*.yaml")))


@cache
def shipped() -> tuple[Policy, ...]:
    """The versions that ship with the product, oldest first."""
    return tuple(
        Policy(
            version=document["version"],
            title=document["title"],
            reference=document["reference"],
            effective_from=document["effective_from"],
            **{name: entry["value"] for name, entry in document["parameters"].items()},
        )
        for document in _documents()
    )


@cache
def clauses() -> dict[str, Clause]:
    """Parameter name -> label, unit and source clause, from the newest shipped version."""
    return {
        name: Clause(**{key: entry[key] for key in ("label", "unit", "clause")})
        for name, entry in _documents()[-1]["parameters"].items()
    }


def clause_of(policy: Policy, name: str) -> str:
    """The words a parameter rests on: the clause of the source while its value stands, else what `policy` refers to."""
    unchanged = getattr(policy, name) == _documents()[-1]["parameters"][name]["value"]
    return clauses()[name].clause if unchanged or not policy.reference else policy.reference


def in_force(versions: Iterable[Policy], day: date) -> Policy:
    """The version in force on `day`: of those already effective, the latest (ties: the later in order).

    Raises LookupError when none was effective yet.
    """
    effective = [version for version in versions if version.effective_from <= day]
    if not effective:
        raise LookupError(f"{day:%Y-%m-%d} 尚无生效的统计政策版本")
    return max(enumerate(effective), key=lambda pair: (pair[1].effective_from, pair[0]))[1]


def counts_for(versions: Iterable[Policy], year: int, today: date) -> Policy:
    """The version by which the figures of `year` count on `today` (近1个自然年度).

    While the year runs it is the one in force; once it is over, the one that was in force when it ended: a version that
    comes later leaves the official figures of a closed year as they were. Years older than any version: by the first.
    """
    known = list(versions)
    first = min(version.effective_from for version in known)
    return in_force(known, max(min(today, date(year, 12, 31)), first))


def before(versions: Iterable[Policy], version: Policy) -> Policy | None:
    """The version that `version` takes the place of, of those published earlier (a draft: of all); None for the first."""
    known = list(versions)
    earlier = known[: known.index(version)] if version in known else known
    try:
        return in_force(earlier, version.effective_from)
    except LookupError:
        return None


def written(name: str, value: int | str | None) -> tuple[str, str]:
    """A parameter's value as people read it, and its unit: (5000 bp) -> ('50', '%')."""
    if value is None:
        return "不分规模", "—"
    if name.endswith("_bp"):
        return terms.percent(int(value)).removesuffix("%"), "%"
    if name == "core_ai_revenue":
        return terms.wan(int(value)), "万元"
    return ("是" if value else "否") if isinstance(value, bool) else CHOICES[name][str(value)], "—"


def difference(old: Policy, new: Policy) -> list[tuple[str, str, str]]:
    """(label, before, after) of every parameter that differs, in the order of the source."""
    pairs = [(name, getattr(old, name), getattr(new, name)) for name in clauses()]
    return [(clauses()[name].label, in_words(name, was), in_words(name, now)) for name, was, now in pairs if was != now]


def in_words(name: str, value: int | str | None) -> str:
    """A parameter's value with its unit: '50%', '2,000 万元'."""
    text, unit = written(name, value)
    return text if unit == "—" else f"{text}%" if unit == "%" else f"{text} {unit}"
