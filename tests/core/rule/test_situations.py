"""The rule, told as situations that a statistician reads: situations.yaml, run through `classify` and `explain`.

The edges that need no story stand in data/rule/rule_cases.csv; none stands in both.
"""

import csv
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from core.base import terms
from core.rule.classification import INPUTS, classify, explain
from core.rule.policy import Policy, clauses, counts_for, shipped

SITUATIONS: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("situations.yaml").read_text("utf-8"))
CASES = Path(__file__).parents[3] / "data" / "rule" / "rule_cases.csv"
COLUMNS = dict(zip(("总收入", "AI业务收入", "软件收入", "硬件收入"), INPUTS, strict=True))
PARAMETERS = {clause.label: name for name, clause in clauses().items()}
KEYS = {"情形", "故事", "规模", "年", "预测", "政策", "新政策", "今天", "数", "认定", "理由"}


def changes(given: dict[str, Any]) -> dict[str, Any]:
    return {PARAMETERS[label]: value for label, value in given.items() if label != "生效"}


def policy_of(situation: dict[str, Any]) -> Policy:
    """The version that the situation's year counts by on its day."""
    policy = shipped()[-1].scenario(**changes(situation.get("政策", {})))
    versions = [policy]
    if new := situation.get("新政策"):
        versions.append(policy.scenario(**changes(new), effective_from=new["生效"]))
    return counts_for(versions, situation.get("年", 2025), situation.get("今天", date(2026, 3, 1)))


def row_of(situation: dict[str, Any]) -> dict[str, Any]:
    """The figures of the situation's year in yuan, and its size."""
    given = situation["数"][situation.get("年", 2025)]
    yuan = {COLUMNS[label]: int(Decimal(str(amount)) * 10_000) for label, amount in given.items()}
    return {**dict.fromkeys(INPUTS), **yuan, "size": situation.get("规模")}


@pytest.mark.parametrize("situation", SITUATIONS, ids=[each["情形"] for each in SITUATIONS])
def test_a_situation_is_classified_and_explained_as_told(situation: dict[str, Any]) -> None:
    name, row, policy = situation["情形"], row_of(situation), policy_of(situation)
    frame = pl.DataFrame([row], schema={**dict.fromkeys(INPUTS, pl.Int64), "size": pl.String})
    found = classify(frame, policy).row(0, named=True)
    told = {
        "名录身份": terms.TIERS[found["directory_tier"]],
        "统计口径": terms.BASES[found["counting_basis"]],
        "纳入统计": found["counted_output"],
    }
    assert told == situation["认定"], name
    derived = explain(row, policy)
    sentences = [*(test.sentence for test in derived.tests), derived.conclusion]
    assert any(situation["理由"] in sentence for sentence in sentences), (name, sentences)
    assert f"{found['counted_output']:,} 元" in derived.conclusion, name


def test_each_situation_is_told_once_and_in_full() -> None:
    assert len(SITUATIONS) >= 20
    assert len({each["情形"] for each in SITUATIONS}) == len(SITUATIONS)
    for each in SITUATIONS:
        assert each.keys() <= KEYS and {"情形", "故事", "数", "认定", "理由"} <= each.keys(), each["情形"]
        assert each.get("预测", False) == (each.get("年", 2025) > 2025), each["情形"]
    assert {each["认定"]["名录身份"] for each in SITUATIONS} == set(terms.TIERS.values()) - {"缺报"}
    assert {each["认定"]["统计口径"] for each in SITUATIONS} == set(terms.BASES.values())


def test_no_situation_stands_among_the_cases_too() -> None:
    with CASES.open(encoding="utf-8", newline="") as file:
        cases = [
            ([(row[name] and int(row[name])) or None for name in INPUTS], Policy(**json.loads(row["policy"] or "{}")))
            for row in csv.DictReader(file)
        ]
    numbers = [(figures, changed.model_dump()) for figures, changed in cases]
    same = {"version", "title", "reference", "effective_from"}
    seen = [(figures, {k: v for k, v in changed.items() if k not in same}) for figures, changed in numbers]
    for each in SITUATIONS:
        own = policy_of(each).model_dump(exclude=same)
        figures = [row_of(each)[name] or None for name in INPUTS]
        assert (figures, own) not in seen or not any(figures), each["情形"]
