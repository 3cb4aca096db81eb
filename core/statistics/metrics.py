"""What is counted, once: label, unit, decimals, formula and meaning of every statistic. Tiles, charts, tables and files read it.

A value is a whole number: yuan, a count, basis points or tenths; its unit says how many of them one written unit has.
Formulas add whole numbers; a ratio is made of two sums, by multiplication and one rounding. Nothing is divided to decide.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import polars as pl

from core.base import terms
from core.filing.model import IP_KINDS, Figures, fields

#: What the whole number that is kept counts.
Kind = Literal["yuan", "count", "bp", "tenth"]
#: Of which time a value is: a full calendar year; a cumulative quarter or a difference of two; the moment of filing or of looking.
Period = Literal["full_year", "quarter", "moment"]
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Unit:
    """`size`: how many of the whole numbers that are kept make one of it. `places`: decimals; None: exact, without trailing zeros."""

    word: str
    kind: Kind
    size: int
    places: int | None

    def text(self, amount: int | None) -> str:
        """A value without its unit, rounded half up: '12.34', '1,234', '—'; a percentage with its sign: '12.30%'."""
        if amount is None:
            return "—"
        if self.places is None:
            return terms.wan(amount)
        return terms.scaled(amount, self.size, self.places) + ("%" if self.kind == "bp" else "")

    def said(self, amount: int | None) -> str:
        """A value with its unit: '12.34 亿元', '1,234 家', '12.30%'."""
        return f"{self.text(amount)} {self.beside}".rstrip()

    @property
    def beside(self) -> str:
        """What stands beside a number of `text`: the unit, nothing where the number bears its sign."""
        return "" if self.kind == "bp" else self.word

    def drawn(self, amount: int) -> float:
        """A value as the length of a bar; for drawing only."""
        return amount / self.size


YI: Final = Unit("亿元", "yuan", 100_000_000, 2)
WAN: Final = Unit("万元", "yuan", 10_000, None)
#: 万元 of what is computed, and so has no exact digits.
WAN_ROUNDED: Final = Unit("万元", "yuan", 10_000, 2)
PERCENT: Final = Unit("%", "bp", 100, 2)
ENTERPRISES: Final = Unit("家", "count", 1, 0)
PERSONS: Final = Unit("人", "count", 1, 0)
ITEMS: Final = Unit("项", "count", 1, 0)
DEMANDS: Final = Unit("条", "count", 1, 0)
POINTS: Final = Unit("", "count", 1, 0)
TENTHS_OF_PERSONS: Final = Unit("人", "tenth", 10, 1)
TENTHS_OF_ITEMS: Final = Unit("项", "tenth", 10, 1)


def ratio(part: int | None, whole: int | None, times: int = 10_000) -> int | None:
    """`part` × `times` / `whole`, rounded half away from zero; None without a whole. Basis points unless `times` says other."""
    if part is None or whole is None or whole <= 0:
        return None
    size = (2 * abs(part) * times + whole) // (2 * whole)
    return size if part >= 0 else -size


def ratios(part: pl.Expr, whole: pl.Expr, times: int = 10_000) -> pl.Expr:
    """`ratio` of columns. Rest and quotient are taken apart, so that `times` × the largest amount is all that must fit 64 bits."""
    many = part.abs() * times
    size = many // whole + (2 * (many % whole) >= whole).cast(pl.Int64)
    return pl.when(whole > 0).then(pl.when(part >= 0).then(size).otherwise(-size))


@dataclass(frozen=True, eq=False)
class Sum:
    """`each`: what one enterprise adds, from the ending of its columns ("" , "_before", "_after"); null adds nothing."""

    each: Callable[[str], pl.Expr]

    def of(self, code: str, row: Row) -> int | None:
        value: int | None = row[code]
        return value


@dataclass(frozen=True)
class Ratio:
    """Of two columns of sums, times what its unit is kept in."""

    part: str
    whole: str
    times: int = 10_000

    def of(self, _: str, row: Row) -> int | None:
        return ratio(row[self.part], row[self.whole], self.times)


@dataclass(frozen=True)
class Growth:
    """From one column of sums to another, in basis points of the first."""

    before: str
    now: str

    def of(self, _: str, row: Row) -> int | None:
        now, before = row[self.now], row[self.before]
        return None if now is None or before is None else ratio(now - before, before)


@dataclass(frozen=True, eq=False)
class Metric:
    """`unit`: of a group of enterprises; `of_one`: of a single one, where that is another. `short`: where `label` has no room.

    `definition`: one sentence, with the clause or the page of the form that it rests on.
    """

    code: str
    label: str
    unit: Unit
    period: Period
    computed: Sum | Ratio | Growth
    definition: str
    short: str = ""
    of_one: Unit | None = None

    @property
    def brief(self) -> str:
        return self.short or self.label

    @property
    def one(self) -> Unit:
        """The unit of a single enterprise."""
        return self.of_one or self.unit

    @property
    def heading(self) -> str:
        """As the head of a column: 纳入统计（亿元）; AI收入占比."""
        return headed(self.label, self.unit)

    @property
    def heading_brief(self) -> str:
        return headed(self.brief, self.unit)

    @property
    def heading_of_one(self) -> str:
        """As the head of a column of single enterprises: 纳入统计（万元）."""
        return headed(self.label, self.one)

    def of(self, row: Row) -> int | None:
        """The value of a row of sums."""
        return self.computed.of(self.code, row)

    def text(self, amount: int | None) -> str:
        """The value of a group without its unit: '12.34'."""
        return self.unit.text(amount)

    def said(self, amount: int | None) -> str:
        """The value of a group with its unit: '12.34 亿元'."""
        return self.unit.said(amount)

    def signed(self, change: int) -> str:
        """A change of the value with its sign, as a tile's delta reads it: '+1.20', '-0.35', '0.00'."""
        return f"{'+' if change > 0 else ''}{self.text(change)}"

    def each(self, ending: str = "") -> pl.Expr:
        """What one enterprise adds, whole numbers; null adds nothing. Of sums only."""
        assert isinstance(self.computed, Sum)
        return self.computed.each(ending).cast(pl.Int64)

    def total(self, ending: str = "") -> pl.Expr:
        """The sum over enterprises, named by the code and the ending; int64."""
        return self.each(ending).sum().cast(pl.Int64).alias(f"{self.code}{ending}")


def headed(label: str, unit: Unit) -> str:
    """A label with its unit, where the numbers under it do not bear it themselves."""
    return f"{label}（{unit.beside}）" if unit.beside else label


def _amount(code: str) -> Sum:
    return Sum(lambda ending: pl.col(f"{code}{ending}"))


def _of_tiers(*tiers: str) -> Sum:
    return Sum(
        lambda ending: pl.any_horizontal(pl.col(f"directory_tier{ending}") == tier for tier in tiers).cast(pl.Int64)
    )


#: The form's own words for the amounts that it asks for.
_FORM: Final = {about.name: about.label for about in fields(Figures)}
_CLASSES: Final = {
    "core": "AI业务收入占总收入超过核心线，或AI业务收入超过核心收入线的企业（统计原则：核心企业）",
    "related_software": "不是核心企业、AI业务收入占比超过相关线且软件收入较大的企业（统计原则：相关企业（软件））",
    "related_hardware": "不是核心企业、AI业务收入占比超过相关线且硬件收入较大或相等的企业（统计原则：相关企业（硬件））",
    "outside": "三条线都没有超过的企业（统计原则：核心企业、相关企业以外）",
    "undetermined": "该年度有全年数、但缺一项或有误而不能认定的企业（统计原则须有总收入和AI业务收入）",
    "missing": "该年度没有全年数的企业，不论原因；不是无法认定，也不是退出（统计原则：近1个自然年度）",
}
_FILED: Final = "（填报“技术条件”）"


def _heads(code: str, label: str, definition: str) -> Metric:
    return Metric(code, label, PERSONS, "moment", _amount(code), f"{definition}{_FILED}")


def _items(code: str, label: str, definition: str) -> Metric:
    return Metric(code, label, ITEMS, "moment", _amount(code), f"{definition}{_FILED}")


#: The largest whose share of the whole is told.
LARGEST: Final = 10
_ROWS: Final = (
    # How many enterprises, by class.
    Metric("enterprises", "入库企业", ENTERPRISES, "moment", Sum(lambda ending: pl.col(f"directory_tier{ending}").is_not_null()), "经市级审核入库、未撤销的企业（操作手册：入库）", short="企业数"),
    *(Metric(tier, terms.TIERS[tier], ENTERPRISES, "full_year", _of_tiers(tier), words, short=terms.TIERS[tier].replace("企业", "")) for tier, words in _CLASSES.items()),
    Metric("related", "相关企业", ENTERPRISES, "full_year", _of_tiers("related_software", "related_hardware"), "相关企业（软件）与相关企业（硬件）之和（统计原则：相关企业）", short="相关"),
    Metric("moved", "身份改变", ENTERPRISES, "full_year", _amount("moved"), "测算规则下名录身份与现行规则不同的企业（阈值测算）"),
    # Amounts of a full calendar year.
    Metric("counted_output", "纳入统计", YI, "full_year", _amount("counted_output"), "营业收入按名录身份的比例计入之和，逐家四舍五入到元（统计原则：营业收入按比例纳入统计）", of_one=WAN),
    Metric("ai_revenue", _FORM["ai_revenue"], YI, "full_year", _amount("ai_revenue"), "企业填报的AI业务收入之和（填报“AI业务条件”）", short="AI收入", of_one=WAN),
    Metric("total_revenue", _FORM["total_revenue"], YI, "full_year", _amount("total_revenue"), "企业填报的总收入之和（填报“AI业务条件”）", of_one=WAN),
    Metric("software_revenue", _FORM["software_revenue"], YI, "full_year", _amount("software_revenue"), "AI业务收入中软件收入之和（填报“AI业务条件”）", of_one=WAN),
    Metric("hardware_revenue", _FORM["hardware_revenue"], YI, "full_year", _amount("hardware_revenue"), "AI业务收入中硬件收入之和（填报“AI业务条件”）", of_one=WAN),
    Metric("difference", "差额", YI, "full_year", _amount("difference"), "测算规则下的纳入统计减现行规则下的（阈值测算）", of_one=WAN),
    Metric("ai_revenue_single", "单季AI业务收入", YI, "quarter", _amount("ai_revenue_single"), "本季累计数减上季累计数，只计前后两列都已填报的企业（填报“AI业务条件”）", short="单季"),
    # Shares and growth.
    Metric("share", "AI收入占比", PERCENT, "full_year", Ratio("ai_revenue", "total_revenue"), "AI业务收入除以总收入；认定按精确数比较，不按此数（统计原则：占总营业收入比例）"),
    Metric("coverage", "覆盖（按家数）", PERCENT, "full_year", Ratio("covered", "admitted"), "有该年度全年数的企业占入库企业（统计原则未规定，供比较）"),
    Metric("coverage_revenue", "覆盖（按上次总收入）", PERCENT, "full_year", Ratio("last_revenue_covered", "last_revenue"), "有该年度全年数的企业占入库企业最近一个更早年度的全年实际总收入之和，没有更早年度的不计（统计原则未规定，供比较）"),
    Metric("weight", "AI收入占合计", PERCENT, "full_year", Ratio("ai_revenue", "ai_revenue_of_all"), "一组的AI业务收入占各组合计（统计原则未规定，供比较）"),
    Metric("growth", "AI业务收入同口径增速", PERCENT, "full_year", Growth("ai_revenue_same_before", "ai_revenue_same"), "两年都能认定的同一批企业，AI业务收入比上年全年实际的增减（统计原则未规定，供比较）", short="AI收入同口径增速"),
    Metric("ai_revenue_top_share", f"AI业务收入前 {LARGEST} 家占比", PERCENT, "full_year", Ratio("ai_revenue_top", "ai_revenue"), f"AI业务收入最大的 {LARGEST} 家之和占全部（统计原则未规定，供比较）", short=f"AI收入前 {LARGEST} 家占比"),
    Metric("counted_output_top_share", f"纳入统计前 {LARGEST} 家占比", PERCENT, "full_year", Ratio("counted_output_top", "counted_output"), f"纳入统计最大的 {LARGEST} 家之和占全部（统计原则未规定，供比较）"),
    Metric("total_revenue_top_share", f"总收入前 {LARGEST} 家占比", PERCENT, "full_year", Ratio("total_revenue_top", "total_revenue"), f"总收入最大的 {LARGEST} 家之和占全部（统计原则未规定，供比较）"),
    Metric("top4", "前 4 家占比", PERCENT, "full_year", Ratio("top4", "whole"), "该指标最大的 4 家之和占合计（统计原则未规定，供比较）"),
    Metric("top10", "前 10 家占比", PERCENT, "full_year", Ratio("top10", "whole"), "该指标最大的 10 家之和占合计（统计原则未规定，供比较）"),
    Metric("hhi", "集中度指数", POINTS, "full_year", _amount("hhi"), "赫芬达尔指数（HHI）：各企业占比（%）的平方和，最大 10,000；低于 1,500 一般视为分散，高于 2,500 视为高度集中"),
    # Heads and rights, as filed.
    Metric("reported", "有数据", ENTERPRISES, "moment", _amount("filed"), f"本年度填报已入库的企业{_FILED}"),
    _heads("insured_staff", "社保人数", "缴纳社保总人数"),
    _heads("researchers", "研发人员", "AI算法研发人员与AI应用软件开发人员之和"),
    _heads("developers", "AI算法研发", "AI算法研发人员数量"),
    _heads("software_staff", "AI应用软件开发", "AI应用软件开发人员数量"),
    _heads("insured_doctors", "博士", "缴纳社保的博士人数"),
    _heads("insured_masters", "硕士", "缴纳社保的硕士人数"),
    _heads("insured_bachelors", "本科", "缴纳社保的本科人数"),
    _heads("staff_of_ai", "两项都有的社保人数", "社保人数和AI业务收入都有的企业的社保人数"),
    _items("ip_count", "自主知识产权", "申报的自主知识产权数量"),
    *(_items(f"ip_{kind}", words, f"列出明细的{words}") for kind, words in IP_KINDS.items()),
    _items("honours", "荣誉资质", "列出的AI相关荣誉资质"),
    _items("standards", "参与标准", "列出的参与制定的AI相关标准"),
    Metric("researchers_average", "每家平均研发人员", TENTHS_OF_PERSONS, "moment", Ratio("researchers", "reported", 10), f"研发人员除以有数据的企业数{_FILED}"),
    Metric("inventions_average", "每百人发明专利", TENTHS_OF_ITEMS, "moment", Ratio("inventions", "staff_of_rights", 1_000), f"发明专利明细数 ÷ 社保人数 × 100，只计列出了明细或声明没有知识产权、且有社保人数的企业{_FILED}"),
    Metric("ai_revenue_average", "人均AI业务收入", WAN_ROUNDED, "full_year", Ratio("ai_staffed", "staff_of_ai", 1), f"AI业务收入 ÷ 社保人数，只计两项都有的企业{_FILED}"),
)  # fmt: skip
#: code -> metric, in the order of the reference.
METRICS: Final[Mapping[str, Metric]] = {each.code: each for each in _ROWS}


@dataclass(frozen=True)
class Comparison:
    """With the year before: the endings of its columns of this year and of that one. `same`: only of who has a class in both."""

    label: str
    now: str
    before: str
    same: bool
    definition: str


COMPARISONS: Final = {
    "all": Comparison("较上年", "", "_before", False, "本年全部企业与上年全年实际比"),
    "same": Comparison(
        "同口径", "_same", "_same_before", True, "只计两年都能认定的企业，两年按本年同一口径认定，合并的与各前身之和比"
    ),
}
