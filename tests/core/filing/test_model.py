"""A filing is read exactly or refused in a sentence; nothing typed is lost, nothing raises."""

import copy
import re
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.base import terms, values
from core.base import values as base_values
from core.base.values import YUAN_LIMIT
from core.filing import cells, checks
from core.filing import model as filing_model
from tests.core.samples import ROUND, clean, context, figures, get, put, table, year

CHINESE = re.compile(r"[一-鿿]")
thorough = settings(max_examples=200, deadline=None)


def problems(content: filing_model.Content) -> list[filing_model.Problem]:
    return filing_model.read(content)[1]


def only_change(path: str, value: Any) -> filing_model.Problem:
    """The one problem that `value` at `path` makes; everything else must read as before."""
    expected = filing_model.read(clean())[0]
    values, found = filing_model.read(put(clean(), {path: value}))
    assert [problem.path for problem in found] == [path]
    assert get(values, path) is None
    assert values == put(expected, {path: None})
    return found[0]


# --- the clean filing ----------------------------------------------------------------------------------


def test_a_clean_filing_reads_without_a_problem_into_exact_values() -> None:
    values, found = filing_model.read(clean())
    assert found == []
    assert values["basic"]["founded"] == date(2015, 6, 1)
    assert values["basic"]["total_assets"] == 80_000_000
    assert values["technology"]["segments"] == ["platforms", "application_software"]
    assert values["technology"]["has_products"] is True
    assert values["technology"]["has_standards"] is False
    assert values["business"]["years"][0]["year"] == 2025
    assert values["business"]["years"][0]["full_year"] == {
        "total_revenue": 60_000_000,
        "ai_revenue": 42_000_000,
        "software_revenue": 30_000_000,
        "hardware_revenue": 12_000_000,
    }
    assert filing_model.year_figures(values, 2025, "full_year")["ai_revenue"] == 42_000_000
    assert set(filing_model.year_figures(values, 2024, "full_year").values()) == {None}


def test_an_empty_filing_lacks_every_required_field_and_no_other() -> None:
    required = {
        f"{step}.{about.name}"
        for step, model in filing_model.STEPS.items()
        for about in filing_model.fields(model)
        if about.required
    }
    found = problems({})
    assert {problem.path for problem in found} == required
    assert all(problem.value == "" and problem.sentence.startswith("必填项未填") for problem in found)
    verbs = {problem.path: problem.sentence for problem in found}
    assert verbs["basic.district"] == verbs["technology.has_products"] == "必填项未填，请选择"
    assert verbs["basic.enterprise_name"] == "必填项未填，请填写"


# --- credit codes --------------------------------------------------------------------------------------


@pytest.mark.parametrize("sample", table("uscc_samples.csv"), ids=lambda sample: sample["note"])
def test_credit_codes_are_accepted_or_refused_as_listed(sample: dict[str, str]) -> None:
    content = put(clean(), {"basic.uscc": sample["code"]})
    values, found = filing_model.read(content)
    if sample["expected"] == "valid":
        assert (values["basic"]["uscc"], found) == (sample["code"], [])
    else:
        assert values["basic"]["uscc"] is None
        assert [problem.path for problem in found] == ["basic.uscc"]
        assert "请对照营业执照填写" in found[0].sentence


def test_a_credit_code_wrong_only_in_its_inner_check_digit_is_refused() -> None:
    good = "914201007893316905"
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    codes = [good[:16] + inner + outer for inner in "0123456789X" for outer in alphabet if inner != good[16]]
    sentences = [entered_problem("basic.uscc", code) for code in codes]
    assert all(sentences)
    assert sum("第 9 至 17 位" in sentence for sentence in sentences) == 10


def entered_problem(path: str, value: Any) -> str:
    step, name = path.split(".")
    found = filing_model.read_part(filing_model.STEPS[step], {name: value}, step)[1]
    return "".join(problem.sentence for problem in found if problem.path == path)


@given(st.integers(0, 17), st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
@settings(max_examples=100, deadline=None)
def test_any_one_wrong_character_of_a_credit_code_is_noticed(at: int, character: str) -> None:
    good = "91340000711771143J"
    code = good[:at] + character + good[at + 1 :]
    assert bool(entered_problem("basic.uscc", code)) == (code != good)


# --- what is refused, with its sentence ----------------------------------------------------------------

MONEY = "business.years.0.full_year.total_revenue"
REFUSED = [
    ("basic.uscc", "914201007893316904", "校验位不符"),
    ("basic.uscc", "91420100789331690", "应为 18 位，现为 17 位"),
    ("basic.uscc", "91420100789331690IO"[:18], "不会出现的字符“I”"),
    ("basic.uscc", "9142O1007893316905", "不会出现的字符“O”"),
    ("basic.uscc", "91420100 789331690I", "不使用 I、O、S、V、Z"),
    (MONEY, "六千", "不是数字，请只填阿拉伯数字"),
    (MONEY, "约6000", "不是数字"),
    (MONEY, "1e5x", "不是数字"),
    (MONEY, "nan", "不是数字"),
    (MONEY, "Infinity", "不是数字"),
    (MONEY, "6_000", "不是数字"),
    (MONEY, "60,00", "不是数字"),
    (MONEY, "1,2,3", "不是数字"),
    (MONEY, "٦٠٠٠", "不是数字"),
    (MONEY, "--5", "不是数字"),
    (MONEY, "1e999999", "不是数字"),
    (MONEY, "1e999", "超过 90,000,000,000 万元的上限"),
    (MONEY, "-1", "不能为负数，请填 0 或正数"),
    (MONEY, "-0.0001", "不能为负数"),
    (MONEY, "1000000000000000000", "超过 90,000,000,000 万元的上限，请核对单位是否为万元"),
    (MONEY, "90000000000.0001", "超过 90,000,000,000 万元的上限"),
    (MONEY, "90000000000.00000000000000000000000000001", "超过 90,000,000,000 万元的上限"),
    (MONEY, "1234.56789", "最多 4 位小数（精确到元）"),
    (MONEY, "0.1234000000000000000000000000000000001", "最多 4 位小数"),
    (MONEY, "60000000元", "单位须为万元"),
    (MONEY, "￥60,000,000元整", "单位须为万元"),
    (MONEY, "60000000圆整", "单位须为万元"),
    (MONEY, "3862\t2394", "含有制表符或换行，像是从表格里复制了几个格"),
    (MONEY, "3862\n2394", "含有制表符或换行"),
    (MONEY, "3862\r\n2394 万元", "含有制表符或换行"),
    (MONEY, "3862 2394", "数字中间有空格"),
    (MONEY, "38 62", "数字中间有空格"),
    (MONEY, "3862　2394", "数字中间有空格"),
    (MONEY, "3,862 2,394", "数字中间有空格"),
    (MONEY, "3862 .5", "数字中间有空格"),
    (MONEY, "−5", "不能为负数"),
    ("technology.insured_staff", "12\t5", "含有制表符或换行"),
    ("technology.insured_staff", "1 2", "数字中间有空格"),
    (MONEY, "0.6亿元", "单位须为万元"),
    (MONEY, "0.6亿", "单位须为万元"),
    ("technology.insured_staff", "-1", "不能为负数，请填 0 或正整数"),
    ("technology.insured_staff", "12.5", "须为整数"),
    ("technology.insured_staff", "3万", "不是数字"),
    ("technology.insured_staff", "10000001", "超过上限 10,000,000"),
    ("technology.insured_staff", "一百", "不是数字"),
    ("basic.enterprise_name", "武汉🚀科技", "含有不能登记的字符“🚀”，请删去"),
    ("basic.enterprise_name", "武" * 5000, "共 5,000 个字，最多 100 个字，请删减"),
    ("basic.enterprise_name", "武" * 101, "共 101 个字，最多 100 个字"),
    ("basic.enterprise_name", "武汉\x00科技", "含有不能登记的字符“控制字符”"),
    ("basic.enterprise_name", "武汉\x1b[31m科技", "控制字符"),
    ("basic.registered_address", "武" * 201, "最多 200 个字"),
    ("market.demands.0.description", "武" * 2001, "共 2,001 个字，最多 2000 个字"),
    ("basic.founded", "2015-13-01", "不是有效日期，请按 2020-01-31 的样式填写"),
    ("basic.founded", "2023-02-29", "不是有效日期"),
    ("basic.founded", "1900-02-29", "不是有效日期"),
    ("basic.founded", "昨天", "不是有效日期"),
    ("basic.founded", "2020101", "不是有效日期"),
    ("basic.founded", "20205-1", "不是有效日期"),
    ("basic.founded", "1899-12-31", "早于 1900 年"),
    ("basic.contact_email", "zhang.san", "不是有效的邮箱地址"),
    ("basic.contact_email", "a b@example.com", "不是有效的邮箱地址"),
    ("basic.contact_email", "a@example", "不是有效的邮箱地址"),
    ("basic.contact_email", "a@b@example.com", "不是有效的邮箱地址"),
    ("basic.contact_email", "张三@example.com", "不是有效的邮箱地址"),
    ("basic.contact_email", "a@example.com\nBcc: b@example.com", "不是有效的邮箱地址"),
    ("basic.contact_email", f"{'a' * 250}@example.com", "不是有效的邮箱地址"),
    ("basic.contact_phone", "1380013800", "不是有效的电话号码"),
    ("basic.contact_phone", "23800138000", "不是有效的电话号码"),
    ("basic.contact_phone", "无", "不是有效的电话号码"),
    ("basic.contact_phone", "+1 202 555 0123", "不是有效的电话号码"),
    ("basic.contact_phone", "027-87654321-8001", "分机写作“转8001”"),
    ("basic.contact_email", "a@b..com", "不是有效的邮箱地址"),
    ("basic.district", "420111", "不在选项之内，请从“江岸区、"),
    ("basic.size", "micro", "请从“小微企业、中型企业、大型企业”中选择"),
    ("basic.industry", "I17", "不在选项之内"),
    ("technology.segments", ["platforms", "robots"], "含有不在选项之内的值"),
    ("technology.has_standards", "有", "请选择“是”或“否”"),
    ("technology.products.0.evidence_kind", "x", "请从“第三方评测通过、市场认可”中选择"),
    ("technology.ip_rights.0.granted", "2024-02-30", "不是有效日期"),
    ("technology.honours.0.year", "202", "不是四位年份"),
    ("technology.honours.0.year", "2150", "不是四位年份"),
    ("business.years.0.year", "25", "不是四位年份，请填写如 2025"),
    ("market.demands.0.kind", "money", "不在选项之内"),
    ("market.demands.0.needed_by", "年底", "不是有效日期"),
]


@pytest.mark.parametrize(("path", "value", "words"), REFUSED, ids=[f"{path}={str(v)[:20]!a}" for path, v, _ in REFUSED])
def test_a_bad_value_gets_its_sentence_and_nothing_else_changes(path: str, value: Any, words: str) -> None:
    problem = only_change(path, value)
    assert words in problem.sentence
    assert CHINESE.search(problem.label)
    assert not re.search(r"[A-Za-z]{4}", problem.sentence.split("如 name@")[0])
    assert 0 < len(problem.value) <= 42


def test_a_problem_in_a_row_says_which_row() -> None:
    assert only_change("technology.products.0.evidence_kind", "x").label == "AI产品/服务第 1 条 证明类型"
    assert only_change(MONEY, "x").label == "2025年 全年（预测） 总收入"
    unnamed = problems(put(clean(), {MONEY: "x", "business.years.0.year": ""}))
    assert unnamed[-1].label == "第 1 个年度 全年（预测） 总收入"


# --- what is understood --------------------------------------------------------------------------------

UNDERSTOOD = [
    (MONEY, "６０００", 60_000_000),
    (MONEY, "6,000", 60_000_000),
    (MONEY, "6，000．5", 60_005_000),
    (MONEY, "1,234,567.8901", 12_345_678_901),
    (MONEY, " 6000 万元 ", 60_000_000),
    (MONEY, "6000\n", 60_000_000),
    (MONEY, "￥6,000", 60_000_000),
    (MONEY, "人民币 6000万元整", 60_000_000),
    (MONEY, "6000 万整", 60_000_000),
    (MONEY, "1 234 567.5", 12_345_675_000),
    (MONEY, "6 000万元", 60_000_000),
    (MONEY, "+ 6000", 60_000_000),
    (MONEY, "6000万", 60_000_000),
    (MONEY, "0", 0),
    (MONEY, "6000.00000", 60_000_000),
    (MONEY, "90000000000", YUAN_LIMIT),
    (MONEY, 6000, 60_000_000),
    (MONEY, 0.1, 1000),
    ("technology.insured_staff", "１２０", 120),
    ("technology.insured_staff", "120人", 120),
    ("technology.insured_staff", "1,200", 1200),
    ("technology.insured_staff", "120.0", 120),
    ("technology.insured_staff", "10000000", 10_000_000),
    ("basic.uscc", "９１４２０１００７８９３３１６９０５", "914201007893316905"),
    ("basic.uscc", "9142 0100 7893 3169 05", "914201007893316905"),
    ("basic.uscc", "91340000711771143j", "91340000711771143J"),
    ("basic.uscc", "\u200b914201007893316905\ufeff", "914201007893316905"),
    ("basic.enterprise_name", "  武汉测试  ", "武汉测试"),
    ("basic.enterprise_name", "武" * 100, "武" * 100),
    ("basic.enterprise_name", "武汉\n测试", "武汉 测试"),
    ("basic.enterprise_name", "武汉测试®（中国）", "武汉测试®（中国）"),
    ("basic.contact_name", "张\U000320c3\U0002ebf0", "张\U000320c3\U0002ebf0"),
    ("basic.registered_address", "Ａ座３楼№5", "Ａ座３楼№5"),
    ("market.demands.0.description", "第一行\n第二行", "第一行\n第二行"),
    ("basic.founded", "2020-02-29", date(2020, 2, 29)),
    ("basic.founded", "2000/2/29", date(2000, 2, 29)),
    ("basic.founded", "2020年1月5日", date(2020, 1, 5)),
    ("basic.founded", "２０２０．１．５", date(2020, 1, 5)),
    ("basic.founded", "20200105", date(2020, 1, 5)),
    ("basic.founded", "1900-01-01", date(1900, 1, 1)),
    ("basic.founded", date(2020, 1, 5), date(2020, 1, 5)),
    ("basic.founded", datetime(2020, 1, 5, 13, 30), date(2020, 1, 5)),
    ("basic.founded", "2020-01-05 00:00:00", date(2020, 1, 5)),
    ("basic.founded", "2020-01-05T13:30:00.000Z", date(2020, 1, 5)),
    ("basic.contact_phone", "138-0013-8000", "13800138000"),
    ("basic.contact_phone", "0086 138 0013 8000", "13800138000"),
    ("basic.contact_phone", "027-87654321转8001", "02787654321转8001"),
    ("basic.contact_phone", "（027）8765 4321 分机 8001", "02787654321转8001"),
    ("basic.contact_phone", "87654321转12", "87654321转12"),
    ("basic.contact_phone", "800-810-1234", "8008101234"),
    ("basic.contact_phone", "+86 138 0013 8000", "13800138000"),
    ("basic.contact_phone", "（027）8765 4321", "02787654321"),
    ("basic.contact_phone", "87654321", "87654321"),
    ("basic.contact_phone", "400-123-4567", "4001234567"),
    ("basic.contact_email", "Zhang.San+ai@mail.example.com.cn", "Zhang.San+ai@mail.example.com.cn"),
    ("technology.has_standards", False, False),
    ("technology.has_products", "是", True),
    ("business.years.0.year", "2025年", 2025),
    ("technology.segments", ["application_software", "chips"], ["chips", "application_software"]),
]


@pytest.mark.parametrize(("path", "typed", "value"), UNDERSTOOD, ids=lambda given: ascii(str(given))[:40])
def test_what_a_person_may_type_is_understood(path: str, typed: Any, value: Any) -> None:
    values, found = filing_model.read(put(clean(), {path: typed}))
    assert found == []
    assert get(values, path) == value
    assert type(get(values, path)) is type(value)


@pytest.mark.parametrize("blank", [None, "", "  ", "\u3000", "\n", "\u200b", "\ufeff ", []])
def test_blank_and_invisible_text_is_no_answer(blank: Any) -> None:
    found = problems(put(clean(), {"basic.enterprise_name": blank}))
    assert [(problem.path, problem.value, problem.sentence) for problem in found] == [
        ("basic.enterprise_name", "", "必填项未填，请填写")
    ]
    assert problems(put(clean(), {"basic.total_assets": blank})) == []


@given(st.one_of(st.integers(0, YUAN_LIMIT), st.integers(0, 10**8), st.just(YUAN_LIMIT)))
@thorough
def test_any_amount_survives_the_way_to_the_form_and_back(amount: int) -> None:
    for text in (terms.wan(amount), terms.wan(amount).replace(",", ""), f"{terms.wan(amount)} 万元"):
        values, found = filing_model.read_part(filing_model.Figures, {"ai_revenue": text}, "x")
        assert (values["ai_revenue"], found) == (amount, [])


@given(st.integers(YUAN_LIMIT + 1, 10**40))
@thorough
def test_any_amount_beyond_the_limit_is_refused(amount: int) -> None:
    values, found = filing_model.read_part(filing_model.Figures, {"ai_revenue": terms.wan(amount)}, "x")
    assert values["ai_revenue"] is None
    assert "上限" in found[0].sentence


# --- hostile clients -----------------------------------------------------------------------------------

junk: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=8),
        st.sampled_from(
            ["是", "否", "2025", "1e999999999", "\ud800", "-0", "sNaN", "0x10", "９", "=1+1", "2025-01-01"]
        ),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.one_of(st.text(max_size=3), st.sampled_from(["year", "q1", "name", "kind"])), inner, max_size=3
        ),
    ),
    max_leaves=6,
)


def every_path(value: Any, at: str = "") -> list[str]:
    """The paths of a content: steps, fields, rows, and fields of rows."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    here = [at] if at else []
    return here + [path for name, part in inside for path in every_path(part, f"{at}.{name}" if at else str(name))]


PATHS = every_path(clean())


def shape(value: Any) -> Any:
    """Which keys are there; a list stands for its rows."""
    if isinstance(value, dict):
        return {name: shape(part) for name, part in value.items() if isinstance(part, dict)} | {"": sorted(value)}
    return None


@given(st.sampled_from(PATHS), junk, st.sampled_from(PATHS), junk)
@settings(max_examples=500, deadline=None)
def test_reading_and_checking_never_raise_whatever_a_client_sends(one: str, this: Any, two: str, that: Any) -> None:
    content = put(clean(), {one: this})
    if two in every_path(content):
        content = put(content, {two: that})
    values, found = filing_model.read(content)
    assert shape(values) == shape(filing_model.read(clean())[0])
    for row in values["business"]["years"] or ():
        assert set(row) == {filing_model.ROW_ID, *filing_model.YearFigures.model_fields}
    assert all(CHINESE.search(problem.sentence) for problem in found)
    assert all(problem.label for problem in found)
    filing_model.progress(content, ROUND)
    for check in checks.run(content, context(first_draft=values, previous=values)):
        assert CHINESE.search(check.message)
        assert CHINESE.search(check.remedy)
        (check.message + check.remedy).encode("utf-8")


@pytest.mark.parametrize(
    ("path", "value", "label"),
    [
        ("business.years", "abc", "以AI软件/产品/服务为主营业务（按年度填写）"),
        ("business.years", {"year": "2025"}, "以AI软件/产品/服务为主营业务（按年度填写）"),
        ("business.years.0", "2025", "第 1 个年度"),
        ("business.years.0.full_year", "6000", "2025年 全年（预测）"),
        ("technology.products", "大模型", "AI产品/服务"),
        ("technology.products.0", ["大模型"], "AI产品/服务第 1 条"),
        ("technology.ip_rights.0", 7, "知识产权第 1 条"),
        ("market.demands.0", "算力", "市场需求第 1 条"),
    ],
)
def test_rows_of_the_wrong_shape_are_one_problem_and_never_pass_for_an_answer(
    path: str, value: Any, label: str
) -> None:
    found = problems(put(clean(), {path: value}))
    assert [(problem.path, problem.label) for problem in found] == [(path, label)]
    assert "无法读取" in found[0].sentence
    findings = checks.run(put(clean(), {path: value}), context())
    assert any(check.severity == "blocking" and check.path == path for check in findings)


@pytest.mark.parametrize("step", filing_model.STEPS)
@pytest.mark.parametrize("value", [None, "x", 5, [], ["x"]], ids=str)
def test_a_step_of_the_wrong_shape_reads_as_an_empty_step(step: str, value: Any) -> None:
    without = {name: part for name, part in clean().items() if name != step}
    assert filing_model.read(put(clean(), {step: value})) == filing_model.read(without)
    assert filing_model.progress(put(clean(), {step: value}), ROUND) == filing_model.progress(without, ROUND)


@pytest.mark.parametrize("value", [{"a": 1}, ["x"], True, False])
@pytest.mark.parametrize(
    "path", ["basic.enterprise_name", "basic.uscc", "basic.founded", "basic.contact_phone", "basic.total_assets", MONEY]
)
def test_a_group_a_list_or_a_truth_value_is_no_text(path: str, value: Any) -> None:
    assert "不是一项文字或数字" in only_change(path, value).sentence


def test_rows_behind_a_no_are_neither_read_nor_judged() -> None:
    content = put(clean(), {"technology.has_products": "否", "technology.products": [{"name": ""}]})
    values, found = filing_model.read(content)
    assert found == []
    assert values["technology"]["products"] is None


# --- apply, difference, progress -----------------------------------------------------------------------

NAMES = [f"{step}.{name}" for step, model in filing_model.STEPS.items() for name in model.model_fields]
plain = st.recursive(
    st.one_of(st.none(), st.integers(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.text(max_size=2), inner, max_size=2)),
    max_leaves=4,
)
patches = st.dictionaries(
    st.one_of(st.sampled_from(NAMES), st.sampled_from(["explanations.parts_differ@business.years.0.q1.ai_revenue"])),
    plain,
    max_size=5,
)
contents = st.one_of(st.just({}), st.builds(lambda patch: cells.apply(clean(), patch), patches))


@given(contents, patches)
@thorough
def test_only_the_patched_fields_differ(content: filing_model.Content, patch: dict[str, Any]) -> None:
    before = copy.deepcopy(content)
    after = cells.apply(content, patch)
    assert content == before
    changed = filing_model.difference(content, after)
    assert set(changed) <= set(patch)
    for path, raw in patch.items():
        step, name = path.split(".", 1)
        assert after[step][name] == raw
        old = content.get(step, {}).get(name)
        if old != raw and not (values.empty(old) and values.empty(raw)):
            assert changed[path] == (old, raw)


@given(contents, contents)
@thorough
def test_differences_are_mirrored_and_lead_from_one_to_the_other(
    one: filing_model.Content, two: filing_model.Content
) -> None:
    forth, back = filing_model.difference(one, two), filing_model.difference(two, one)
    assert {path: (new, old) for path, (old, new) in forth.items()} == back
    assert filing_model.difference(cells.apply(one, {path: new for path, (_, new) in forth.items()}), two) == {}
    assert filing_model.difference(one, one) == {}


@pytest.mark.parametrize("path", ["basic.no_such", "nothing.uscc", "basic", "", "basic.uscc.0", "uscc", "STEPS.basic"])
def test_a_patch_of_an_unknown_field_is_refused(path: str) -> None:
    with pytest.raises(KeyError):
        cells.apply(clean(), {path: "x"})


def test_progress_counts_required_fields_filled_and_readable() -> None:
    assert filing_model.progress({}, ROUND) == {
        "basic": (0, 11),
        "technology": (0, 11),
        "business": (0, 2),
        "market": (0, 0),
    }
    # two of the yes/no questions are answered 是 and open a field each
    assert filing_model.progress(clean(), ROUND) == {
        "basic": (11, 11),
        "technology": (13, 13),
        "business": (2, 2),
        "market": (0, 0),
    }


@pytest.mark.parametrize(
    ("changes", "step", "expected"),
    [
        ({"basic.contact_name": ""}, "basic", (10, 11)),
        ({"basic.contact_email": "x"}, "basic", (10, 11)),
        ({"basic.total_assets": ""}, "basic", (11, 11)),
        ({"technology.has_products": "否"}, "technology", (12, 12)),
        ({"technology.has_standards": "是"}, "technology", (13, 14)),
        ({"technology.products.0.name": ""}, "technology", (12, 13)),
        ({MONEY: "x"}, "business", (1, 2)),
        ({MONEY: ""}, "business", (1, 2)),
        ({MONEY: "0"}, "business", (2, 2)),
        ({"business.years.0.year": "2024"}, "business", (0, 2)),
        ({"business.years.0.q1": figures("1", "1")}, "business", (2, 2)),
        ({"business.years": []}, "business", (0, 2)),
    ],
)
def test_progress_moves_with_one_field(changes: dict[str, Any], step: str, expected: tuple[int, int]) -> None:
    before = filing_model.progress(clean(), ROUND)
    assert filing_model.progress(put(clean(), changes), ROUND) == before | {step: expected}


def test_every_open_column_counts_towards_progress() -> None:
    quarters = replace(ROUND, columns=("q1", "q2"))
    assert filing_model.progress(clean(), quarters)["business"] == (0, 4)
    content = put(clean(), {"business.years.0.q2": figures("1", "1")})
    assert filing_model.progress(content, quarters)["business"] == (2, 4)


# --- labels --------------------------------------------------------------------------------------------

MANUAL = [
    "企业名称",
    "统一社会信用代码",
    "注册地址",
    "区属",
    "企业规模",
    "实际经营地址",
    "成立时间",
    "企业联系人姓名",
    "联系人电话",
    "联系人邮箱",
    "AI产业链环节",
    "拥有第三方评测通过或市场认可的AI产品/服务",
    "自主知识产权数量",
    "AI算法研发人员数量",
    "AI应用软件开发人员数量",
    "缴纳社保总人数",
    "缴纳社保博士人数",
    "缴纳社保硕士人数",
    "缴纳社保本科人数",
    "是否获得AI相关荣誉资质",
    "是否参与过AI相关标准制定",
    "以AI软件/产品/服务为主营业务（按年度填写）",
    "年份",
    "截至一季末",
    "截至二季末",
    "截至三季末",
    "全年（预测）",
    "总收入",
    "AI业务收入",
    "软件收入",
    "硬件收入",
]
SECTIONS = "1.人工智能技术能力（覆盖产业边界） 2.自主知识产权 3.专业研发人员 4.其他补充信息".split()  # noqa: SIM905


def described(model: type[filing_model.Part]) -> list[filing_model.About]:
    """The fields of a model and of its rows and groups, once each."""
    found = []
    for about in filing_model.fields(model):
        found.append(about)
        inner = about.row or about.part
        if inner and not (inner is filing_model.Figures and about.name != "q1"):
            found += described(inner)
    return found


ABOUT = [about for model in filing_model.STEPS.values() for about in described(model)]


def test_every_label_of_the_manual_is_a_label_of_the_models_in_its_order() -> None:
    labels = [about.label for about in ABOUT if about.label in MANUAL]
    periods = list(terms.PERIODS.values())
    assert [label for label in labels if label not in periods] == [label for label in MANUAL if label not in periods]
    assert [label for label in labels if label in periods] == periods
    assert [about.section for about in ABOUT if about.section] == SECTIONS


def test_the_starred_fields_of_the_manual_are_required() -> None:
    starred = MANUAL[:21]
    assert all(about.required for about in ABOUT if about.label in starred)


def test_the_share_of_ai_revenue_is_never_typed() -> None:
    assert not any("占比" in about.label for about in ABOUT)


def test_every_field_has_a_chinese_label_of_its_own() -> None:
    for about in ABOUT:
        assert CHINESE.search(about.label), about.name
    for model in (*filing_model.STEPS.values(), *{about.row for about in ABOUT if about.row}):
        labels = [about.label for about in filing_model.fields(model)]
        assert len(set(labels)) == len(labels)


def test_every_choice_is_chinese_and_money_is_in_wan_yuan() -> None:
    for about in ABOUT:
        assert all(CHINESE.search(word) for word in about.choices.values())
        if "收入" in about.label or "资产" in about.label:
            assert about.unit == "万元"
        if about.label.endswith(("人数", "人员数量")):
            assert about.unit == "人"


def test_a_field_is_found_under_its_step_and_label() -> None:
    assert cells.label_of("basic.uscc") == "基础信息 · 统一社会信用代码"
    assert cells.label_of(MONEY) == "AI业务条件 · 以AI软件/产品/服务为主营业务（按年度填写） 全年（预测） 总收入"
    assert cells.label_of(MONEY, "2025年") == "AI业务条件 · 2025年 全年（预测） 总收入"
    assert cells.label_of("explanations.x") == "核实说明"
    assert set(filing_model.STEP_NAMES) == set(filing_model.STEPS)
    assert [filing_model.STEP_NAMES[step] for step in filing_model.STEPS] == [
        "基础信息",
        "技术条件",
        "AI业务条件",
        "市场需求",
    ]


def test_a_long_value_is_quoted_by_its_beginning() -> None:
    assert values.shown("武" * 41) == "武" * 40 + "……"
    assert values.shown("武" * 40) == "武" * 40
    assert values.shown(["a", "b"]) == "a、b"


def test_years_and_figures_of_the_sample_have_the_shape_of_the_models() -> None:
    assert set(year("2025")) == set(filing_model.YearFigures.model_fields)
    assert set(figures()) == set(filing_model.Figures.model_fields)
    assert base_values.organisation_digit("78933169") == "0"
