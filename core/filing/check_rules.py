"""审核关系 as a table: every check with its severity, what it is called and when it finds something (DOMAIN, Checks on a filing).

The filing page, 核对提交, review and 数据质量 read it: to change a severity, a wording or a threshold is to change this file.
"""

from dataclasses import dataclass
from typing import Any, Final, Literal

from core.base.terms import wan

Severity = Literal["blocking", "explain", "notice"]

#: How many times too large or too small an amount in a wrong unit is, and within which factor around that it counts as such.
SLIP_FACTORS: Final = (10_000, 1_000)
SLIP_WITHIN: Final = 3
#: More than this a head (yuan) is a slip far more often than a fact: 1 亿元.
SUSPECT_PER_HEAD: Final = 100_000_000
#: A change is asked about from this amount of last year on (yuan), above this many times, or below this many tenths of it.
CHANGE_FROM: Final = 1_000_000
CHANGE_ABOVE: Final = 3
CHANGE_BELOW_TENTHS: Final = 4


def changed_much(now: Any, then: Any) -> Any:
    """Whether `now` lies far from `then`, last year's; whole yuan, or Polars expressions."""
    return (then >= CHANGE_FROM) & ((now > CHANGE_ABOVE * then) | (now * 10 < then * CHANGE_BELOW_TENTHS))


@dataclass(frozen=True)
class CheckRule:
    """`label`: what it is called in lists; `rule`: when it finds something."""

    severity: Severity
    label: str
    rule: str


_GROWTH: Final = f"增超 {(CHANGE_ABOVE - 1) * 100}% 或降超 {100 - CHANGE_BELOW_TENTHS * 10}%"
_TIMES: Final = " 倍或 ".join(f"{factor:,}" for factor in reversed(SLIP_FACTORS))
RULES: Final[dict[str, CheckRule]] = {
    "unreadable": CheckRule("blocking", "无法读取", "填写的内容不合该项的要求"),
    "required": CheckRule("blocking", "必填项未填", "带星号的项须填写"),
    "future_date": CheckRule("blocking", "日期晚于今天", "成立、授权或登记的日期不晚于今天"),
    "degrees_over_insured": CheckRule(
        "blocking", "学历人数多于社保人数", "博士、硕士、本科人数之和不大于缴纳社保总人数"
    ),
    "developers_over_insured": CheckRule(
        "blocking", "研发人员多于社保人数", "算法研发、应用软件开发人员各不多于缴纳社保总人数"
    ),
    "rows_missing": CheckRule("blocking", "选“是”而没有明细", "选“是”的项须至少列出一条"),
    "ip_over_count": CheckRule("blocking", "知识产权明细多于数量", "所列条数不多于自主知识产权数量"),
    "ip_under_count": CheckRule("notice", "知识产权明细不全", "已列明细少于申报的自主知识产权数量"),
    "year_twice": CheckRule("blocking", "年度重复", "每个年度只填一次"),
    "year_ahead": CheckRule("blocking", "年度晚于本期", "年份不晚于本期填报年度"),
    "year_absent": CheckRule("blocking", "缺少本期年度", "须有本期填报年度的数据"),
    "required_column": CheckRule("blocking", "本期必填列未填", "本期开放的各列须填总收入和AI业务收入"),
    "ai_over_total": CheckRule("blocking", "AI业务收入大于总收入", "AI业务收入不大于总收入"),
    "cumulative_falls": CheckRule("blocking", "累计数下降", "各列为累计数，后一列不小于前一列"),
    "kind_missing": CheckRule("notice", "软件、硬件收入均未填", "AI业务收入大于 0，软件收入和硬件收入都没有填"),
    "parts_differ": CheckRule(
        "explain", "分项之和不等于AI业务收入", "软件、硬件收入至少填了一项，两项之和与AI业务收入不等"
    ),
    "unit_slip": CheckRule("explain", "疑为单位填错", f"总收入或AI业务收入与上年相差约 {_TIMES} 倍"),
    "per_head": CheckRule("explain", "人均收入过高", f"总收入除以社保人数超过 {wan(SUSPECT_PER_HEAD)} 万元"),
    "year_on_year": CheckRule(
        "explain", "年度增减异常", f"总收入或AI业务收入比上年（不低于 {wan(CHANGE_FROM)} 万元）{_GROWTH}"
    ),
    "share_crossed": CheckRule("explain", "提交前占比越线", "AI收入占比与首次保存时相比越过认定线，按企业的说明计"),
    "size_differs": CheckRule("explain", "企业规模与计算不符", "所填规模与按《中小企业划型标准规定》计算的不同"),
    "no_demand": CheckRule("notice", "没有市场需求", "市场需求没有填写"),
}
