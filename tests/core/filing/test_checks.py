"""审核关系: each check fires on its side of the line and not on the other, and says what to do."""

import re
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pytest

from core.base import terms
from core.filing import checks, size_rule
from core.filing import model as filing_model
from core.filing.check_rules import RULES
from core.filing.round import Round
from core.rule.policy import Policy
from core.statistics import quality
from tests.core.samples import ROUND, TODAY, clean, context, figures, last_year, put, year

CHINESE = re.compile(r"[一-鿿]")
ROW = "business.years.0"
FULL = f"{ROW}.full_year"
ALL_COLUMNS = replace(ROUND, columns=("q1", "q2", "q3", "full_year"))


def amounts(total: str, ai: str = "0") -> dict[str, Any]:
    """Changes that set total and AI revenue (all of it software) of the open column."""
    return {FULL: figures(total, ai, ai, "")}


@dataclass(frozen=True)
class Pair:
    """A finding, the changes that bring it about, and changes right at its edge that do not."""

    severity: str
    code: str
    path: str
    fires: dict[str, Any]
    quiet: dict[str, Any]
    words: tuple[str, ...]
    context: dict[str, Any] = field(default_factory=dict)


PAIRS = [
    Pair("blocking", "required", "basic.contact_name", {"basic.contact_name": ""}, {"basic.contact_name": "李"},
         ("“企业联系人姓名”", "必填项未填，请填写")),
    Pair("blocking", "unreadable", "basic.uscc", {"basic.uscc": "914201007893316904"},
         {"basic.uscc": "914201007893316905"}, ("“统一社会信用代码”", "914201007893316904", "校验位不符")),
    Pair("blocking", "unreadable", f"{FULL}.total_revenue", {f"{FULL}.total_revenue": "-1"},
         amounts("0") | {"technology.insured_staff": "120"}, ("“2025年 全年（预测） 总收入”", "“-1”", "不能为负数"),
         {"previous": None, "first_draft": None}),
    Pair("blocking", "future_date", "basic.founded", {"basic.founded": "2026-01-11"}, {"basic.founded": "2026-01-10"},
         ("“成立时间”", "2026-01-11", "2026-01-10")),
    Pair("blocking", "future_date", "technology.ip_rights.0.granted",
         {"technology.ip_rights.0.granted": "2026-01-11"}, {"technology.ip_rights.0.granted": "2026-01-10"},
         ("第 1 条", "授权/登记日期", "2026-01-11", "2026-01-10")),
    Pair("blocking", "degrees_over_insured", "technology.insured_staff",
         {"technology.insured_bachelors": "81"}, {"technology.insured_bachelors": "80"},
         ("“缴纳社保总人数”120 人", "5 + 35 + 81 = 121 人")),
    Pair("blocking", "developers_over_insured", "technology.algorithm_staff",
         {"technology.algorithm_staff": "121"}, {"technology.algorithm_staff": "120"},
         ("“AI算法研发人员数量”121 人", "“缴纳社保总人数”120 人")),
    Pair("blocking", "developers_over_insured", "technology.software_staff",
         {"technology.software_staff": "121"}, {"technology.software_staff": "120"},
         ("“AI应用软件开发人员数量”121 人", "“缴纳社保总人数”120 人")),
    Pair("blocking", "rows_missing", "technology.products", {"technology.products": []},
         {"technology.has_products": "否", "technology.products": []},
         ("“拥有第三方评测通过或市场认可的AI产品/服务”", "“是”")),
    Pair("blocking", "rows_missing", "technology.honours", {"technology.honours": []},
         {"technology.has_honours": "否", "technology.honours": []}, ("“是否获得AI相关荣誉资质”", "“是”")),
    Pair("blocking", "rows_missing", "technology.standards", {"technology.has_standards": "是"},
         {"technology.has_standards": "是", "technology.standards": [{"level": "group", "name": "T/X 1"}]},
         ("“是否参与过AI相关标准制定”", "“是”")),
    Pair("blocking", "ip_over_count", "technology.ip_count", {"technology.ip_count": "0"},
         {"technology.ip_count": "1"}, ("“自主知识产权数量”", "0 项", "1 条")),
    Pair("notice", "ip_under_count", "technology.ip_rights", {"technology.ip_count": "2"},
         {"technology.ip_count": "1"}, ("“自主知识产权数量”", "2 项", "1 条")),
    Pair("blocking", "year_twice", "business.years",
         {"business.years": [*clean()["business"]["years"], year("2024"), year("2024")]},
         {"business.years": [*clean()["business"]["years"], year("2024"), year("2023")]}, ("“年份”2024", "2 次")),
    Pair("blocking", "year_ahead", "business.years",
         {"business.years": [*clean()["business"]["years"], year("2026")]},
         {"business.years": [*clean()["business"]["years"], year("2024")]}, ("“年份”", "2026", "2025")),
    Pair("blocking", "year_absent", "business.years", {f"{ROW}.year": "2024"}, {f"{ROW}.year": "2025"},
         ("2025 年",)),
    Pair("blocking", "required_column", f"{FULL}.ai_revenue", {FULL: figures("6000")}, amounts("6000", "0"),
         ("“2025年 全年（预测） AI业务收入”", "必填"), {"previous": None, "first_draft": None}),
    Pair("blocking", "required_column", f"{FULL}.total_revenue", {f"{FULL}.total_revenue": ""},
         {f"{ROW}.q3": figures()}, ("“2025年 全年（预测） 总收入”", "必填")),
    Pair("blocking", "ai_over_total", f"{FULL}.ai_revenue", {f"{FULL}.ai_revenue": "6000.0001"},
         amounts("6000", "6000"), ("“2025年 全年（预测） AI业务收入”6,000.0001 万元", "“总收入”6,000 万元")),
    Pair("blocking", "ai_over_total", f"{ROW}.q1.ai_revenue", {f"{ROW}.q1": figures("10", "11", "11", "")},
         {f"{ROW}.q1": figures("10", "10", "10", "")}, ("“2025年 截至一季末 AI业务收入”11 万元", "10 万元")),
    Pair("blocking", "cumulative_falls", f"{FULL}.total_revenue", {f"{ROW}.q3": figures("6000.0001")},
         {f"{ROW}.q3": figures("6000")}, ("“2025年 全年（预测） 总收入”6,000 万元", "“截至三季末”6,000.0001 万元")),
    Pair("blocking", "cumulative_falls", f"{FULL}.hardware_revenue", {f"{ROW}.q1": figures("", "", "", "1200.0001")},
         {f"{ROW}.q1": figures("", "", "", "1200")}, ("硬件收入”1,200 万元", "“截至一季末”1,200.0001 万元")),
    Pair("explain", "parts_differ", f"{FULL}.ai_revenue", {f"{FULL}.hardware_revenue": "1200.0001"},
         {f"{FULL}.hardware_revenue": "1200"},
         ("软件收入 3,000", "硬件收入 1,200.0001", "4,200.0001 万元", "AI业务收入 4,200 万元")),
    Pair("notice", "kind_missing", f"{FULL}.software_revenue", {FULL: figures("6000", "4200")},
         {FULL: figures("6000", "0")}, ("“2025年 全年（预测） 软件收入、硬件收入”",),
         {"previous": None, "first_draft": None}),
    # Last year 5,000 / 3,500 万元: ×10⁴ shows from a third of it to three times it; so does ×10³.
    Pair("explain", "unit_slip", f"{FULL}.total_revenue", amounts("60000000", "4200"),
         amounts("1666666.6666", "4200"), ("“2025年 全年（预测） 总收入”60,000,000 万元", "上年同期 5,000 万元", "10,000 倍"),
         {"first_draft": None}),
    Pair("explain", "year_on_year", f"{FULL}.total_revenue", amounts("15000.0001", "4200"), amounts("15000", "4200"),
         ("“2025年 全年（预测） 总收入”15,000.0001 万元", "上年同期 5,000 万元", "增长超过 200%"), {"first_draft": None}),
    Pair("explain", "year_on_year", f"{FULL}.ai_revenue", amounts("6000", "1399.9999"), amounts("6000", "1400"),
         ("“2025年 全年（预测） AI业务收入”1,399.9999 万元", "上年同期 3,500 万元", "下降超过 60%"), {"first_draft": None}),
    Pair("explain", "per_head", f"{FULL}.total_revenue", amounts("1200000.0001", "4200"), amounts("1200000", "4200"),
         ("总收入”1,200,000.0001 万元", "120 人", "人均超过 10,000 万元"), {"previous": None, "first_draft": None}),
    Pair("explain", "share_crossed", f"{FULL}.ai_revenue", amounts("6000", "3000.0001"), amounts("6000", "3000"),
         ("2025年", "AI收入占比", "48.33%", "2,900 / 6,000 万元", "3,000.0001 / 6,000 万元", "50%"),
         {"first_draft": filing_model.read(put(clean(), amounts("6000", "2900")))[0]}),
    Pair("explain", "size_differs", "basic.size", {"basic.size": "large"}, {"basic.size": "medium"},
         ("“企业规模”", "大型企业", "中型企业", "软件和信息技术服务业", "120 人", "6,000 万元")),
    Pair("explain", "size_differs", "basic.size", {"technology.insured_staff": "300", FULL: figures("10000", "4200", "4200")},
         {"technology.insured_staff": "299", FULL: figures("10000", "4200", "4200")}, ("中型企业", "大型企业", "300 人"),
         {"previous": None, "first_draft": None}),
    Pair("notice", "no_demand", "market.demands", {"market.demands": []}, {}, ("市场需求",)),
]  # fmt: skip


def found(changes: dict[str, Any], **given: Any) -> list[checks.Check]:
    return checks.run(put(clean(), changes), context(**given))


def codes(changes: dict[str, Any], **given: Any) -> set[str]:
    return {check.code for check in found(changes, **given)}


def test_a_clean_filing_has_no_finding() -> None:
    assert found({}) == []


@pytest.mark.parametrize("pair", PAIRS, ids=[f"{pair.code}@{pair.path}" for pair in PAIRS])
def test_each_check_fires_with_its_severity_and_names_field_values_and_remedy(pair: Pair) -> None:
    matching = [
        check for check in found(pair.fires, **pair.context) if (check.code, check.path) == (pair.code, pair.path)
    ]
    assert len(matching) == 1
    (check,) = matching
    assert check.severity == pair.severity
    for word in pair.words:
        assert word in check.message
    assert CHINESE.search(check.remedy)
    assert check.remedy.endswith("。")
    assert check.message.rstrip("”").endswith("。") or check.code in {"required", "unreadable"}
    assert "None" not in check.message + check.remedy
    assert check.place == f"{pair.code}@{pair.path}"
    assert bool(check.values) == (check.severity == "explain")
    assert check.step in filing_model.STEPS


@pytest.mark.parametrize("pair", PAIRS, ids=[f"{pair.code}@{pair.path}" for pair in PAIRS])
def test_right_at_its_edge_a_check_is_silent(pair: Pair) -> None:
    assert pair.code not in codes(pair.quiet, **pair.context)


def test_every_check_of_the_table_has_a_pair_here() -> None:
    assert set(RULES) == {pair.code for pair in PAIRS}


def test_a_severity_is_known_in_the_table_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """What changes its severity there is asked, counted and grouped by the new one everywhere."""
    monkeypatch.setitem(RULES, "unit_slip", replace(RULES["unit_slip"], severity="notice"))
    slip = checks.Check("unit_slip", "business.years.0.full_year.total_revenue", "", "")
    assert slip.severity == "notice"
    assert checks.outstanding([slip], {}) == []
    again = quality._of_check("unit_slip")
    assert (quality.GROUPS[again.group], again.explainable) == ("提示", False)


def test_findings_come_blocking_first() -> None:
    changes = {"market.demands": [], "basic.size": "large", "basic.uscc": "x", f"{FULL}.hardware_revenue": "1"}
    severities = [check.severity for check in found(changes)]
    assert severities == sorted(severities, key=list(terms.SEVERITIES).index)
    assert set(severities) == set(terms.SEVERITIES)


def test_nothing_is_said_twice() -> None:
    rows = [year("2026"), year("2026"), *clean()["business"]["years"]]
    keys = [check.key for check in found({"business.years": rows})]
    assert len(keys) == len(set(keys))


# --- people, rows, years -------------------------------------------------------------------------------


def test_people_are_compared_only_once_the_insured_are_given() -> None:
    assert not {"degrees_over_insured", "developers_over_insured"} & codes({"technology.insured_staff": ""})


def test_no_insured_staff_at_all_allows_no_developers() -> None:
    nobody = dict.fromkeys(
        (
            "insured_staff",
            "insured_doctors",
            "insured_masters",
            "insured_bachelors",
            "algorithm_staff",
            "software_staff",
        ),
        "0",
    )
    changes = {f"technology.{name}": count for name, count in nobody.items()} | {"basic.size": "small"}
    assert found(changes) == []
    assert codes(changes | {"technology.software_staff": "1"}) == {"developers_over_insured"}


def test_a_filing_without_any_year_is_stopped() -> None:
    for years in ([], "abc", {"year": "2025"}, None):
        stopping = [check for check in found({"business.years": years}) if check.severity == "blocking"]
        assert any(check.path == "business.years" for check in stopping), years


def test_every_open_column_is_required_and_no_other() -> None:
    paths = {check.path for check in found({}, round=ALL_COLUMNS) if check.code == "required_column"}
    assert paths == {
        f"{ROW}.{column}.{name}" for column in ("q1", "q2", "q3") for name in ("total_revenue", "ai_revenue")
    }


def test_a_year_that_is_not_the_rounds_may_be_left_empty() -> None:
    assert found({"business.years": [*clean()["business"]["years"], year("2024")]}) == []


def test_cumulative_columns_may_stand_still_and_skip_a_column() -> None:
    steady = year("2025", q1=figures("6000", "4200", "3000", "1200"), full_year=figures("6000", "4200", "3000", "1200"))
    assert found({ROW: steady}) == []
    falling = put(steady, {"q1": figures("6001", "4200", "3000", "1200")})
    assert codes({ROW: falling}) == {"cumulative_falls"}


def test_a_year_without_a_number_is_named_in_words() -> None:
    nameless = year("", q1=figures("6"), q2=figures("5"))
    messages = [check.message for check in found({"business.years": [*clean()["business"]["years"], nameless]})]
    assert any("未填年份年 截至二季末 总收入" in message for message in messages)
    assert not any("None" in message for message in messages)


# --- units, change on last year ------------------------------------------------------------------------


def slips(total: str, **given: Any) -> list[checks.Check]:
    return [
        check
        for check in found(amounts(total), **({"first_draft": None} | given))
        if check.code == "unit_slip" and check.path.endswith("total_revenue")
    ]


@pytest.mark.parametrize(
    ("total", "times", "reason", "proposed"),
    [
        ("50000000", "10,000 倍", "误以元填写", "5,000 万元"),
        ("16666666.6667", "10,000 倍", "误以元填写", "1,666.6666 万元"),
        ("150000000", "10,000 倍", "误以元填写", "15,000 万元"),
        ("5000000", "1,000 倍", "多填三位数", "5,000 万元"),
        ("1666666.6667", "1,000 倍", "多填三位数", "1,666.6666 万元"),
        ("15000000", "1,000 倍", "多填三位数", "15,000 万元"),
        ("0.5", "10,000 倍", "误以亿元填写", "5,000 万元"),
        ("1.5", "10,000 倍", "误以亿元填写", "15,000 万元"),
        ("0.1667", "10,000 倍", "误以亿元填写", "1,667 万元"),
        ("5", "1,000 倍", "少填三位数", "5,000 万元"),
        ("15", "1,000 倍", "少填三位数", "15,000 万元"),
    ],
)
def test_a_unit_slip_is_recognised_with_the_proposed_correction(
    total: str, times: str, reason: str, proposed: str
) -> None:
    (check,) = slips(total)
    assert times in check.message
    assert f"{terms.wan(round(float(total) * 10_000))} 万元" in check.message
    assert reason in check.remedy
    assert proposed in check.remedy


@pytest.mark.parametrize("total", ["0", "5000", "15.0001", "1666666.6666", "150000000.0003", "0.1666", "50000", "500"])
def test_other_jumps_are_no_unit_slips(total: str) -> None:
    assert slips(total) == []


def test_parts_that_fall_short_are_asked_about_as_well() -> None:
    assert codes({f"{FULL}.hardware_revenue": "1199.9999"}) == {"parts_differ"}
    assert codes({f"{FULL}.hardware_revenue": ""}) == {"parts_differ"}


def test_a_jump_called_a_slip_is_not_called_a_change_as_well() -> None:
    assert "year_on_year" not in {check.code for check in found(amounts("50000000", "4200"), first_draft=None)}


def test_last_year_is_taken_from_this_filing_when_there_is_no_previous_one() -> None:
    rows = [*clean()["business"]["years"], year("2024", full_year=figures("0.6", "0.42", "0.42", ""))]
    assert "unit_slip" in codes({"business.years": rows}, previous=None)
    rows[1] = year("2024", full_year=figures("1999.9999", "1400", "1400", ""))
    assert codes({"business.years": rows}, previous=None) == {"year_on_year"}
    rows[1] = year("2024", full_year=figures("2000", "1400", "1400", ""))
    assert codes({"business.years": rows}, previous=None) == set()


def test_what_was_filed_last_time_counts_before_what_is_said_of_it_now() -> None:
    rows = [*clean()["business"]["years"], year("2024", full_year=figures("6000", "4200", "4200", ""))]
    assert codes({"business.years": rows}, previous=last_year("1900", "1400")) == {"year_on_year"}


def test_without_a_year_ago_the_column_before_shows_a_slip() -> None:
    before = {f"{ROW}.q3": figures("0.5", "0.4", "0.4", "")}
    (total, _) = [check for check in found(before, previous=None) if check.code == "unit_slip"]
    assert "截至三季末 0.5 万元" in total.message
    assert codes({f"{ROW}.q3": figures("4500", "3000", "3000", "")}, previous=None) == set()


def test_the_last_quarters_filing_shows_a_slip_too() -> None:
    assert "unit_slip" in codes({}, previous=last_year("0.5", "0.4", number="2025", column="q3"))
    assert codes({}, previous=last_year("4500", "3000", number="2025", column="q3")) == set()


def test_small_amounts_may_change_freely_and_a_stop_is_asked_about() -> None:
    assert "year_on_year" not in codes(amounts("6000"), previous=last_year("99.9999", "0"), first_draft=None)
    assert "year_on_year" in codes(amounts("6000"), previous=last_year("100", "0"), first_draft=None)
    assert "year_on_year" in codes(amounts("0"), first_draft=None)
    assert "year_on_year" not in codes(amounts("2000", "1400"), first_draft=None)


def test_quarters_are_compared_with_the_same_quarter() -> None:
    quarter = Round("2025-1", 2025, ("q1",), date(2025, 4, 1), date(2025, 4, 30))
    content = {ROW: year("2025", q1=figures("1600", "1200", "1200", ""))}
    given = {"round": quarter, "first_draft": None}
    assert codes(content, previous=last_year("500", "400", column="q1"), **given) == {"year_on_year"}
    assert codes(content, previous=last_year("500", "400", column="full_year"), **given) == set()
    assert codes(content, previous=last_year("600", "400", column="q1"), **given) == set()


# --- share crossing since the first draft --------------------------------------------------------------


def crossing(draft: tuple[str, str], now: tuple[str, str], policy: Policy | None = None) -> list[checks.Check]:
    given = {
        "first_draft": filing_model.read(put(clean(), amounts(*draft)))[0],
        "policy": policy or Policy(),
        "previous": None,
    }
    return [check for check in found(amounts(*now), **given) if check.code == "share_crossed"]


@pytest.mark.parametrize(
    ("draft", "now", "lines"),
    [
        (("6000", "2900"), ("6000", "3100"), "50%"),
        (("6000", "3100"), ("6000", "2900"), "50%"),
        (("6000", "3001"), ("6000", "3000"), "50%"),
        (("6000", "3000"), ("5999.9999", "3000"), "50%"),
        (("6000", "1200"), ("6000", "1200.0001"), "20%"),
        (("6000", "1200.0001"), ("6000", "1200"), "20%"),
        (("6000", "600"), ("6000", "5400"), "50%、20%"),
        (("6000", "5400"), ("6000", "0"), "50%、20%"),
    ],
)
def test_a_share_that_crosses_a_line_either_way_is_asked_about_once(draft: Any, now: Any, lines: str) -> None:
    (check,) = crossing(draft, now)
    assert f"越过 {lines} 线" in check.message


@pytest.mark.parametrize(
    ("draft", "now"),
    [
        (("6000", "4200"), ("6000", "4200")),
        (("6000", "3001"), ("6000", "6000")),
        (("6000", "3000"), ("6000", "1201")),
        (("0", "0"), ("6000", "4200")),
        (("6000", ""), ("6000", "4200")),
        (("6000", "4200"), ("6000", "")),
    ],
)
def test_a_share_that_stays_or_was_none_is_not_asked_about(draft: Any, now: Any) -> None:
    assert crossing(draft, now) == []


def test_the_inclusive_reading_crosses_at_the_line_itself() -> None:
    inclusive = Policy(threshold_inclusive=True)
    assert crossing(("6000", "2999"), ("6000", "3000")) == []
    assert len(crossing(("6000", "2999"), ("6000", "3000"), inclusive)) == 1
    assert crossing(("6000", "3000"), ("6000", "3001"), inclusive) == []


def test_the_lines_are_those_of_the_policy() -> None:
    assert crossing(("6000", "2300"), ("6000", "2500")) == []
    (check,) = crossing(("6000", "2300"), ("6000", "2500"), Policy(core_share_bp=4000))
    assert "越过 40% 线" in check.message


def test_without_a_first_draft_nothing_has_crossed() -> None:
    assert found(amounts("6000", "100"), first_draft=None, previous=None) == []


# --- size ----------------------------------------------------------------------------------------------


def test_without_an_indicator_the_declared_size_stands() -> None:
    assert size_rule.enterprise_size("I13", employees=1, revenue=60_000_000, assets=None) is None
    changes = {"basic.industry": "I13", "basic.total_assets": "", "basic.size": "large"}
    assert codes(changes) == set()
    assert codes(changes | {"basic.total_assets": "8000"}) == {"size_differs"}


def test_micro_and_small_are_one_size_on_the_form() -> None:
    parts = ("insured_doctors", "insured_masters", "insured_bachelors", "algorithm_staff", "software_staff")
    changes = {f"technology.{name}": "0" for name in parts} | {"basic.size": "small"}
    for staff in ("9", "99"):
        assert codes(changes | {"technology.insured_staff": staff}) == set()
    assert codes(changes | {"technology.insured_staff": "100"}) == {"size_differs"}


# --- explanations --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        " ",
        "\u3000\n",
        "。。。。。。",
        "核实无误",
        "核实无误。",
        "已核实，无误！",
        "情况属实",
        "数据属实",
        "无误。",
        "以上数据均已核实无误",
        "经我公司核对，数据真实准确无误",
        "经核实，数据没有问题。",
        "OK",
        "ok!",
        "ＯＫ",
        "确认",
        "真实有效",
        "确实如此",
        "没有错误",
        "不存在问题",
        "情况属实，请审核通过",
        "特此说明",
        "均为实际填报数据",
        "1111111",
        "aaaaaa",
        "哈哈哈哈哈",
        "12345678",
        "并购",
        "新合同",
        "是",
        "无",
        "好",
        5,
        [],
        {"a": "新签三个大合同"},
    ],
    ids=ascii,
)
def test_an_assurance_alone_is_no_explanation(text: Any) -> None:
    assert not checks.explained(text)


@pytest.mark.parametrize(
    "text",
    [
        "新签合同",
        "新签合同增长",
        "2025年新签三个大合同，收入增长",
        "并购子公司后合并报表",
        "差额为AI技术服务费",
        "核实无误，因当年新增海外订单所致",
        "差额 120 万元是咨询收入，不属软硬件",
        "业务调整，硬件停产",
        "疫情后恢复生产",
        "按审计报告更正了合同分类",
        "公司搬迁停工两季度",
    ],
)
def test_a_reason_is_an_explanation(text: str) -> None:
    assert checks.explained(text)


def test_a_submission_is_stopped_by_blocking_findings_and_unexplained_ones() -> None:
    changes = {"market.demands": [], "basic.size": "large", "basic.contact_name": ""}
    every = found(changes)
    blocking, explain, notice = every
    assert [check.severity for check in every] == ["blocking", "explain", "notice"]
    assert checks.outstanding(every, {}) == [blocking, explain]
    assert checks.outstanding(every, {explain.key: "核实无误"}) == [blocking, explain]
    assert checks.outstanding(every, {explain.key: "去年并购后人数大增"}) == [blocking]
    assert checks.outstanding(every, {explain.code: "去年并购后人数大增"}) == [blocking, explain]
    assert checks.outstanding(every, {blocking.key: "联系人离职，暂无人接替"}) == [blocking, explain]
    assert checks.outstanding([notice], {}) == []
    assert checks.outstanding([], {}) == []


def test_a_round_is_open_on_its_first_and_last_day() -> None:
    assert [ROUND.open_on(day) for day in (date(2026, 1, 4), ROUND.opens, TODAY, ROUND.closes, date(2026, 2, 1))] == [
        False,
        True,
        True,
        True,
        False,
    ]
    assert (ROUND.days_left(TODAY), ROUND.days_left(ROUND.closes)) == (21, 0)
    assert ROUND.name == "2025年度填报：全年（预测）"
    assert not ROUND.forecast
    assert replace(ROUND, opens=date(2025, 12, 31)).forecast
