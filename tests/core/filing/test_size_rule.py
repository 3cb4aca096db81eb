"""企业规模 by 《中小企业划型标准规定》: inclusive minima, the lower class of all indicators."""

import pytest

from core.base.dictionaries import industries
from core.filing.size_rule import enterprise_size, form_size

WAN = 10_000


def size(industry: str, people: int | None = None, revenue: int | None = None, assets: int | None = None) -> str | None:
    """People in persons, money in 万元, as the regulation prints it."""
    return enterprise_size(
        industry,
        employees=people,
        revenue=None if revenue is None else revenue * WAN,
        assets=None if assets is None else assets * WAN,
    )


@pytest.mark.parametrize(
    ("revenue", "expected"),
    [
        (0, "micro"), (49, "micro"), (50, "small"), (499, "small"), (500, "medium"),
        (19_999, "medium"), (20_000, "large"),
    ],
)  # fmt: skip
def test_agriculture_is_judged_by_revenue_alone(revenue: int, expected: str) -> None:
    assert size("I01", revenue=revenue) == expected
    assert size("I01", people=1, revenue=revenue, assets=1) == expected


@pytest.mark.parametrize(
    ("industry", "people", "revenue", "expected"),
    [
        ("I02", 1000, 40_000, "large"), ("I02", 999, 40_000, "medium"), ("I02", 1000, 39_999, "medium"),
        ("I02", 300, 2000, "medium"), ("I02", 299, 2000, "small"), ("I02", 300, 1999, "small"),
        ("I02", 20, 300, "small"), ("I02", 19, 300, "micro"), ("I02", 5000, 299, "micro"),
        ("I11", 2000, 100_000, "large"), ("I11", 1999, 100_000, "medium"), ("I11", 100, 999, "small"),
        ("I12", 300, 10_000, "large"), ("I12", 299, 10_000, "medium"), ("I12", 300, 9999, "medium"),
        ("I12", 100, 1000, "medium"), ("I12", 99, 1000, "small"), ("I12", 100, 999, "small"),
        ("I12", 10, 50, "small"), ("I12", 9, 50, "micro"), ("I12", 10, 49, "micro"), ("I12", 0, 0, "micro"),
        ("I04", 200, 40_000, "large"), ("I04", 5, 1000, "small"), ("I04", 4, 40_000, "micro"),
    ],
)  # fmt: skip
def test_the_lower_class_of_people_and_revenue_holds(industry: str, people: int, revenue: int, expected: str) -> None:
    assert size(industry, people=people, revenue=revenue) == expected


@pytest.mark.parametrize(
    ("revenue", "assets", "expected"),
    [
        (200_000, 10_000, "large"), (199_999, 10_000, "medium"), (200_000, 9999, "medium"),
        (1000, 5000, "medium"), (999, 5000, "small"), (1000, 4999, "small"),
        (100, 2000, "small"), (99, 2000, "micro"), (100, 1999, "micro"),
    ],
)  # fmt: skip
def test_real_estate_is_judged_by_revenue_and_assets(revenue: int, assets: int, expected: str) -> None:
    assert size("I13", revenue=revenue, assets=assets) == expected


@pytest.mark.parametrize(
    ("people", "assets", "expected"),
    [
        (300, 120_000, "large"), (299, 120_000, "medium"), (300, 119_999, "medium"),
        (100, 8000, "medium"), (99, 8000, "small"), (100, 7999, "small"),
        (10, 100, "small"), (9, 100, "micro"), (10, 99, "micro"),
    ],
)  # fmt: skip
def test_leasing_is_judged_by_people_and_assets(people: int, assets: int, expected: str) -> None:
    assert size("I15", people=people, assets=assets) == expected


@pytest.mark.parametrize(
    ("people", "expected"),
    [(300, "large"), (299, "medium"), (100, "medium"), (99, "small"), (10, "small"), (9, "micro")],
)
def test_other_industries_are_judged_by_people_alone(people: int, expected: str) -> None:
    assert size("I16", people=people) == expected


def test_one_yuan_short_of_a_minimum_is_the_class_below() -> None:
    assert enterprise_size("I01", employees=None, revenue=200_000_000, assets=None) == "large"
    assert enterprise_size("I01", employees=None, revenue=199_999_999, assets=None) == "medium"


@pytest.mark.parametrize(
    ("industry", "given"),
    [
        ("I01", {"people": 10, "assets": 10}),
        ("I12", {"people": 10, "assets": 10}),
        ("I12", {"revenue": 10, "assets": 10}),
        ("I13", {"people": 10, "revenue": 10}),
        ("I15", {"people": 10, "revenue": 10}),
        ("I16", {"revenue": 10, "assets": 10}),
    ],
)
def test_without_an_indicator_the_size_is_not_computed(industry: str, given: dict[str, int]) -> None:
    assert size(industry, **given) is None


@pytest.mark.parametrize("industry", ["I00", "I17", "", "软件和信息技术服务业"])
def test_an_unknown_industry_is_refused(industry: str) -> None:
    with pytest.raises(KeyError) as refusal:
        size(industry, people=1, revenue=1, assets=1)
    assert refusal.value.args == (industry,)


def test_sixteen_industries_each_with_rising_minima() -> None:
    assert [row["code"] for row in industries()] == [f"I{number:02d}" for number in range(1, 17)]
    for row in industries():
        for line in row["indicators"]:
            assert line["small"] < line["medium"] < line["large"], row["name"]


def test_the_form_merges_small_and_micro() -> None:
    assert [form_size(name) for name in ("micro", "small", "medium", "large")] == ["small", "small", "medium", "large"]
