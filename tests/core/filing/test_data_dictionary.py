"""数据字典: every field of the models, with bounds that the models themselves keep."""

import pytest

from core.filing.data_dictionary import HEADINGS, entries
from core.filing.model import STEPS, Demand, Figures, fields, read_part

BY_CODE = {line["代码"]: line for line in entries()}


def test_every_field_of_every_step_row_and_group_is_there() -> None:
    for step, model in STEPS.items():
        for about in fields(model):
            assert BY_CODE[f"{step}.{about.name}"]["名称"] == about.label
            for inner in fields(about.row) if about.row else ():
                assert f"{step}.{about.name}[].{inner.name}" in BY_CODE
    assert BY_CODE["business.years[].q3.ai_revenue"]["单位"] == "万元"
    assert all(set(line) == set(HEADINGS) and line["类型"] and line["约束"] for line in entries())
    assert len(BY_CODE) == len(entries())


def test_what_it_says_of_a_field() -> None:
    assert BY_CODE["basic.district"]["选项"].startswith("江岸区（")
    assert BY_CODE["technology.segments"]["类型"] == "多选"
    assert BY_CODE["technology.products"]["必填"] == "“拥有第三方评测通过或市场认可的AI产品/服务”为是时"
    assert BY_CODE["basic.total_assets"]["必填"] == "否"
    assert "由登录提供" in BY_CODE["basic.uscc"]["说明"]


@pytest.mark.parametrize(
    "model, code, most, too_much",
    [
        (STEPS["basic"], "basic.contact_name", "一" * 100, "一" * 101),
        (STEPS["basic"], "basic.registered_address", "一" * 200, "一" * 201),
        (Demand, "market.demands[].description", "一" * 2000, "一" * 2001),
        (Figures, "business.years[].q1.total_revenue", "90,000,000,000", "90000000000.0001"),
        (STEPS["technology"], "technology.ip_count", "10,000,000", "10000001"),
        (STEPS["basic"], "basic.founded", "1900-01-01", "1899-12-31"),
    ],
)
def test_the_bounds_it_names_are_those_that_are_kept(model: type, code: str, most: str, too_much: str) -> None:
    name = code.rpartition(".")[2]

    def wrong(raw: str) -> bool:
        return any(problem.path == f"x.{name}" for problem in read_part(model, {name: raw}, "x")[1])

    assert not wrong(most)
    assert wrong(too_much)
    assert (f"{len(most):,} 字" if "一" in most else most) in BY_CODE[code]["约束"]
