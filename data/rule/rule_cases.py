"""规则验证: the written cases of the rule, which the tests run too, decided by the rule as it is installed."""

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from core.access.permissions import Permission
from core.rule.classification import INPUTS, classify
from core.rule.policy import Policy, shipped
from data.access.visit import Visit

#: What a case says of the result.
EXPECTED: Final = ("directory_tier", "counting_basis", "weight_bp", "counted_output", "kind_assumed")


@dataclass(frozen=True)
class Case:
    """`amounts` in yuan; `changes`: parameters that differ from the shipped policy; `row`: as it is written."""

    note: str
    amounts: dict[str, int | None]
    changes: dict[str, Any]
    expected: dict[str, Any]
    row: dict[str, str]


def _case(row: dict[str, str]) -> Case:
    return Case(
        note=row["note"],
        amounts={name: int(row[name]) if row[name] else None for name in INPUTS},
        changes=json.loads(row["policy"] or "{}"),
        expected={
            "directory_tier": row["directory_tier"],
            "counting_basis": row["counting_basis"],
            "weight_bp": int(row["weight_bp"]),
            "counted_output": int(row["counted_output"]),
            "kind_assumed": row["kind_assumed"] == "true",
        },
        row=row,
    )


def _read() -> tuple[Case, ...]:
    with (Path(__file__).parent / "rule_cases.csv").open(encoding="utf-8-sig", newline="") as file:
        return tuple(map(_case, csv.DictReader(file)))


CASES: Final = _read()


@dataclass(frozen=True)
class Outcome:
    """A case, the policy it was decided by, and what the rule gave."""

    case: Case
    policy: Policy
    got: dict[str, Any]

    @property
    def passed(self) -> bool:
        return self.got == self.case.expected


def run(visit: Visit) -> tuple[Outcome, ...]:
    """Every case with what the rule gives for it now.

    They are written for the policy that ships first; a published one has other lines.
    """
    visit.check(Permission.DEVELOPER_USE)
    base, found = shipped()[0], []
    for case in CASES:
        policy = base.scenario(**case.changes) if case.changes else base
        frame = pl.DataFrame([case.amounts], schema=dict.fromkeys(INPUTS, pl.Int64))
        result = classify(frame, policy).row(0, named=True)
        found.append(Outcome(case, policy, {name: result[name] for name in EXPECTED}))
    return tuple(found)
