"""认定依据: why one enterprise is in its class on one day, in text; the page, the print and the API say the same."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from core.base import terms
from core.filing.model import Figures, field
from core.rule.classification import INPUTS, Derivation, explain
from core.rule.policy import READINGS, Policy, clause_of, clauses, in_words


@dataclass(frozen=True, slots=True)
class Subject:
    """The enterprise of a card, with the amounts (yuan, None: not filed) of the card's year."""

    enterprise_id: str
    name: str
    uscc: str
    size: str | None
    total_revenue: int | None
    ai_revenue: int | None
    software_revenue: int | None
    hardware_revenue: int | None


@dataclass(frozen=True)
class Card:
    """`subject`: as it stood on `day` for `year`.

    `provisional`: the figures are forecasts (预判). `effective`: the policy was in force on the day; else it is the oldest
    there is. `data_as_of`: the moment of the newest admission then, in words.
    """

    subject: Subject
    year: int
    day: date
    provisional: bool
    effective: bool
    data_as_of: str
    derivation: Derivation

    @property
    def basis(self) -> str:
        """Which figures and which policy, in words."""
        policy = self.derivation.policy
        figures = "全年（预测），预判，不是正式认定" if self.provisional else "全年实际"
        lacking = "" if self.effective else "（当日尚无生效的政策版本，按最早的版本推算）"
        return f"{self.year}年度{figures} · 截至 {self.day} · 数据截至 {self.data_as_of} · 政策版本 {policy.version}，自 {policy.effective_from} 起{lacking}"

    @property
    def amounts(self) -> list[tuple[str, str]]:
        """The numbers that the class rests on: label, whole yuan."""
        return [
            (field(Figures, name).label, "未填" if amount is None else f"{amount:,} 元")
            for name in INPUTS
            for amount in [getattr(self.subject, name)]
        ]

    @property
    def readings(self) -> list[tuple[str, str, str]]:
        """Each unclear clause: its name, the reading chosen, the text that it rests on."""
        policy = self.derivation.policy
        return [
            (clauses()[name].label, words[getattr(policy, name)], clause_of(policy, name))
            for name, words in READINGS.items()
        ]


def card(
    subject: Subject, policy: Policy, *, year: int, day: date, provisional: bool, effective: bool, data_as_of: str
) -> Card:
    """Derive the class of `subject` by `policy`; see `Card`."""
    return Card(subject, year, day, provisional, effective, data_as_of, explain(asdict(subject), policy))


def verdict(met: bool | None) -> str:
    """What a test came to."""
    return "说明" if met is None else "满足" if met else "不满足"


def document(card: Card) -> dict[str, Any]:
    """The whole card as plain data: what the API answers, with the words of the page and the print."""
    policy, subject = card.derivation.policy, card.subject
    result = ("directory_tier", "counting_basis", "weight_bp", "counted_output", "kind_assumed")
    return {
        "enterprise": {
            "id": subject.enterprise_id,
            "name": subject.name,
            "uscc": subject.uscc,
            "size": subject.size,
            "企业规模": terms.SIZES.get(subject.size or ""),
        },
        "year": card.year,
        "as_of": card.day.isoformat(),
        "provisional": card.provisional,
        "basis": card.basis,
        "amounts_yuan": {name: getattr(subject, name) for name in INPUTS},
        "amounts": dict(card.amounts),
        "tests": [
            {
                "name": test.name,
                "sentence": test.sentence,
                "met": test.met,
                "verdict": verdict(test.met),
                "clause": test.clause,
            }
            for test in card.derivation.tests
        ],
        "conclusion": card.derivation.conclusion,
        "result": {name: getattr(card.derivation.result, name) for name in result},
        "readings": [{"clause": name, "reading": chosen, "text": text} for name, chosen, text in card.readings],
        "policy": {
            "version": policy.version,
            "title": policy.title,
            "reference": policy.reference,
            "effective_from": policy.effective_from.isoformat(),
            "in_force_then": card.effective,
            "parameters": {about.label: in_words(name, getattr(policy, name)) for name, about in clauses().items()},
        },
    }
