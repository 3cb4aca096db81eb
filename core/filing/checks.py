"""审核关系: the checks on a filing, in three severities (DOMAIN, Checks on a filing).

强制 blocking must be mended before submitting; 核实 explain may be submitted with a typed explanation;
提示 notice informs. Every check names the field, the values, the rule and what to do.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from core.base import terms
from core.base.dictionaries import INDUSTRIES
from core.filing import size_rule
from core.filing.check_rules import (
    CHANGE_ABOVE,
    CHANGE_BELOW_TENTHS,
    RULES,
    SLIP_FACTORS,
    SLIP_WITHIN,
    SUSPECT_PER_HEAD,
    Severity,
    changed_much,
)
from core.filing.model import PERIOD_ORDER, ROW_ID, Content, Figures, Technology, field, fields, read, year_figures
from core.filing.round import Round
from core.rule.policy import Policy

#: What says nothing: assurances, fillers, politeness. An explanation needs words beside these.
EMPTY_WORDS: Final = re.compile(
    r"[\W_]|以上|上述|数据|数字|数值|情况|信息|内容|填报|填写|填的|均为|均|都是|都|已经|已|经|我们|我司|本公司|公司|本企业|企业|本单位"
    r"|确认|核实|核对|检查|属实|无误|有误|准确|正确|真实|有效|完整|可靠|确实|确系|如此|没有|没|不存在|问题|错误|差错|错|无异常|异常"
    r"|特此|说明|实际|请|予以|审核|通过|谢谢|知悉|收到|同意|如实|ok|yes|是的|的|了|对"
)
AMOUNTS: Final = {about.name: about.label for about in fields(Figures)}
Values = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Check:
    """One finding of the check `code` (core.filing.check_rules). `path` is "step.field[.row…]"; `message` says what is wrong, `remedy` what to do.

    `values`: what an explanation of it speaks of; when they change, it speaks of something else and is asked for again.
    """

    code: str
    path: str
    message: str
    remedy: str
    values: tuple[int | str | None, ...] = ()

    @property
    def severity(self) -> Severity:
        return RULES[self.code].severity

    @property
    def key(self) -> str:
        """Under this key the filer's explanation of these values is kept."""
        return f"{self.place}={','.join(str(value) for value in self.values)}" if self.values else self.place

    @property
    def place(self) -> str:
        """The check and the cell, whatever the values: the key of explanations given before they were bound to values."""
        return f"{self.code}@{self.path}"

    @property
    def step(self) -> str:
        return self.path.split(".")[0]


@dataclass(frozen=True)
class Context:
    """What the checks need beside the filing: its round, the day, the previous filing, the first draft."""

    round: Round
    today: date
    policy: Policy
    previous: Values | None = None
    first_draft: Values | None = None


def run(content: Content, context: Context) -> list[Check]:
    """All findings on `content`, blocking ones first, each in the order of the form."""
    values, problems = read(content)
    found = [
        Check(
            "unreadable" if problem.value else "required",
            problem.path,
            f"“{problem.label}”填的是“{problem.value}”：{problem.sentence}。"
            if problem.value
            else f"“{problem.label}”{problem.sentence}。",
            "请返回该步骤修改，其余内容已保留。",
        )
        for problem in problems
    ]
    for rule in (_dates, _people, _opened_rows, _years, _figures, _parts, _units, _change, _crossing, _size, _market):
        found += rule(values, context)
    rank = list(terms.SEVERITIES)
    return sorted(found, key=lambda check: rank.index(check.severity))


def explained(text: str | None) -> bool:
    """Whether an explanation says something: “核实无误” and the like alone are refused."""
    if not isinstance(text, str):
        return False
    bare = EMPTY_WORDS.sub("", unicodedata.normalize("NFKC", text).lower())
    return len(bare) >= 4 and len(set(bare)) >= 3 and not bare.isdigit()


def explanation(check: Check, explanations: Mapping[str, str]) -> str | None:
    """What the filer said of this finding, to be read; one from before explanations were bound to values counts here."""
    return explanations.get(check.key) or explanations.get(check.place)


def earlier_explanation(check: Check, explanations: Mapping[str, str]) -> str | None:
    """What was said of the same finding when the values were others."""
    said = (text for key, text in explanations.items() if key.partition("=")[0] == check.place and key != check.key)
    return next((text for text in said if text), None)


def outstanding(checks: list[Check], explanations: Mapping[str, str]) -> list[Check]:
    """The findings that still stop a submission: blocking ones, and 核实 without a proper explanation."""
    return [
        check
        for check in checks
        if check.severity == "blocking" or (check.severity == "explain" and not explained(explanations.get(check.key)))
    ]


def _dates(values: Values, context: Context) -> Iterator[Check]:
    founded = values["basic"]["founded"]
    if founded and founded > context.today:
        yield Check(
            "future_date",
            "basic.founded",
            f"“成立时间”填的是 {founded}，晚于今天（{context.today}）。",
            "请对照营业执照修改。",
        )
    for position, right in enumerate(values["technology"]["ip_rights"] or ()):
        if right["granted"] and right["granted"] > context.today:
            yield Check(
                "future_date",
                f"technology.ip_rights.{right[ROW_ID]}.granted",
                f"“知识产权第 {position + 1} 条 授权/登记日期”填的是 {right['granted']}，晚于今天（{context.today}）。",
                "请对照证书修改。",
            )


def _people(values: Values, context: Context) -> Iterator[Check]:
    staff = values["technology"]
    insured = staff["insured_staff"]
    if insured is None:
        return
    degrees = [staff[name] for name in ("insured_doctors", "insured_masters", "insured_bachelors")]
    if sum(count or 0 for count in degrees) > insured:
        parts = " + ".join(str(count or 0) for count in degrees)
        yield Check(
            "degrees_over_insured",
            "technology.insured_staff",
            f"“缴纳社保博士、硕士、本科人数”合计 {parts} = {sum(count or 0 for count in degrees)} 人，"
            f"多于“缴纳社保总人数”{insured} 人。",
            "请核对各学历人数与总人数。",
        )
    for name, label in (("algorithm_staff", "AI算法研发人员数量"), ("software_staff", "AI应用软件开发人员数量")):
        if (staff[name] or 0) > insured:
            yield Check(
                "developers_over_insured",
                f"technology.{name}",
                f"“{label}”{staff[name]} 人，多于“缴纳社保总人数”{insured} 人。",
                "请核对人数；外包、派遣人员不计入。",
            )


def _opened_rows(values: Values, context: Context) -> Iterator[Check]:
    technology = values["technology"]
    for flag, rows in (("has_products", "products"), ("has_honours", "honours"), ("has_standards", "standards")):
        if technology[flag] and not technology[rows]:
            label = field(Technology, flag).label
            yield Check(
                "rows_missing",
                f"technology.{rows}",
                f"“{label}”选了“是”，但没有列出任何一条。",
                "请至少新增一条，或改选“否”。",
            )
    count, listed = technology["ip_count"], len(technology["ip_rights"] or ())
    if count is not None and listed > count:
        yield Check(
            "ip_over_count",
            "technology.ip_count",
            f"“自主知识产权数量”填的是 {count} 项，已列出 {listed} 条。",
            "请更正数量或删去多列的条目。",
        )
    elif count and listed < count:
        yield Check(
            "ip_under_count",
            "technology.ip_rights",
            f"“自主知识产权数量”为 {count} 项，已列出 {listed} 条。",
            "可继续补充明细，不影响提交。",
        )


def _years(values: Values, context: Context) -> Iterator[Check]:
    rows = values["business"]["years"] or []
    years = [row["year"] for row in rows if row["year"]]
    for year in sorted({year for year in years if years.count(year) > 1}):
        yield Check(
            "year_twice",
            "business.years",
            f"“年份”{year} 出现了 {years.count(year)} 次。",
            "每个年度只填一次，请删除重复的年度。",
        )
    for year in sorted(set(years)):
        if year > context.round.year:
            yield Check(
                "year_ahead",
                "business.years",
                f"“年份”填的是 {year}，晚于本期填报年度 {context.round.year}。",
                "请更正年份或删除此年度。",
            )
    if rows and context.round.year not in years:
        yield Check(
            "year_absent",
            "business.years",
            f"缺少 {context.round.year} 年的数据。",
            f"请在“AI业务条件”点“新增年度”，填写 {context.round.year} 年。",
        )
    for row in rows:
        if row["year"] != context.round.year:
            continue
        for column in context.round.columns:
            for name in ("total_revenue", "ai_revenue"):
                if row[column][name] is None:
                    yield Check(
                        "required_column",
                        f"business.years.{row[ROW_ID]}.{column}.{name}",
                        f"“{row['year']}年 {terms.PERIODS[column]} {AMOUNTS[name]}”为本期必填，尚未填写或无法读取。",
                        "没有收入请填 0。",
                    )


def _columns(values: Values) -> Iterator[tuple[str, str, dict[str, int | None]]]:
    """(path, label, figures) of each year and column."""
    for row in values["business"]["years"] or ():
        for column, label in terms.PERIODS.items():
            yield f"business.years.{row[ROW_ID]}.{column}", f"{row['year'] or '未填年份'}年 {label}", row[column]


def _figures(values: Values, context: Context) -> Iterator[Check]:
    for path, label, figures in _columns(values):
        total, ai = figures["total_revenue"], figures["ai_revenue"]
        if total is not None and ai is not None and ai > total:
            yield Check(
                "ai_over_total",
                f"{path}.ai_revenue",
                f"“{label} AI业务收入”{terms.wan(ai)} 万元，大于“总收入”{terms.wan(total)} 万元。",
                "AI业务收入是总收入的一部分，请核对两个数。",
            )
    for row in values["business"]["years"] or ():
        for name, label in AMOUNTS.items():
            before: tuple[str, int] | None = None
            for column in PERIOD_ORDER:
                amount = row[column][name]
                if amount is None:
                    continue
                if before and amount < before[1]:
                    yield Check(
                        "cumulative_falls",
                        f"business.years.{row[ROW_ID]}.{column}.{name}",
                        f"“{row['year'] or '未填年份'}年 {terms.PERIODS[column]} {label}”{terms.wan(amount)} 万元，"
                        f"小于“{terms.PERIODS[before[0]]}”{terms.wan(before[1])} 万元。",
                        "各列为累计数，后一列不会小于前一列，请核对是否误填了单季数。",
                    )
                before = (column, amount)


def _parts(values: Values, context: Context) -> Iterator[Check]:
    for path, label, figures in _columns(values):
        ai, software, hardware = figures["ai_revenue"], figures["software_revenue"], figures["hardware_revenue"]
        if ai is None:
            continue
        if software is None and hardware is None:
            if ai > 0:
                yield Check(
                    "kind_missing",
                    f"{path}.software_revenue",
                    f"“{label} 软件收入、硬件收入”均未填。",
                    "用于区分软件、硬件企业，建议填写。",
                )
        elif (software or 0) + (hardware or 0) != ai:
            yield Check(
                "parts_differ",
                f"{path}.ai_revenue",
                f"“{label}”软件收入 {terms.wan(software or 0)} + 硬件收入 {terms.wan(hardware or 0)} = "
                f"{terms.wan((software or 0) + (hardware or 0))} 万元，与 AI业务收入 {terms.wan(ai)} 万元不等。",
                "请更正，或说明差额的构成。",
                (software, hardware, ai),
            )


def _slip(now: int, then: int) -> int | None:
    """10⁴ or 10³ when `now` looks like `then` in a wrong unit (too large by it), negative when too small."""
    for factor in SLIP_FACTORS:
        if then * factor <= SLIP_WITHIN * now and now <= SLIP_WITHIN * then * factor:
            return factor
        if now * factor <= SLIP_WITHIN * then and then <= SLIP_WITHIN * now * factor:
            return -factor
    return None


SLIPS: Final = {10_000: "误以元填写", 1_000: "多填三位数", -10_000: "误以亿元填写", -1_000: "少填三位数"}


def _last_year(values: Values, context: Context, column: str, name: str) -> int | None:
    """The same column one year before: as filed last time, else as this filing itself gives it."""
    year = context.round.year - 1
    filed = year_figures(context.previous, year, column)[name] if context.previous else None
    return year_figures(values, year, column)[name] if filed is None else filed


def _reference(values: Values, context: Context, column: str, name: str) -> tuple[str, int] | None:
    """The last period's amount a slip shows against: the same column a year ago, else the column before."""
    if then := _last_year(values, context, column, name):
        return "上年同期", then
    for earlier in reversed(PERIOD_ORDER[: PERIOD_ORDER.index(column)]):
        for source in (values, context.previous or {}):
            if then := year_figures(source, context.round.year, earlier)[name]:
                return terms.PERIODS[earlier], then
    return None


def _units(values: Values, context: Context) -> Iterator[Check]:
    year = context.round.year
    for row in values["business"]["years"] or ():
        if row["year"] != year:
            continue
        for column in context.round.columns:
            for name in ("total_revenue", "ai_revenue"):
                now, reference = row[column][name], _reference(values, context, column, name)
                label = f"{year}年 {terms.PERIODS[column]} {AMOUNTS[name]}"
                if now and reference and (slip := _slip(now, reference[1])):
                    proposed = now // slip if slip > 0 else now * -slip
                    yield Check(
                        "unit_slip",
                        f"business.years.{row[ROW_ID]}.{column}.{name}",
                        f"“{label}”{terms.wan(now)} 万元，{reference[0]} {terms.wan(reference[1])} 万元，"
                        f"相差约 {abs(slip):,} 倍，疑为单位填错。",
                        f"若{SLIPS[slip]}，应为 {terms.wan(proposed)} 万元，请更正；确无误请说明原因。",
                        (now, reference[1]),
                    )
            staff, total = values["technology"]["insured_staff"], row[column]["total_revenue"]
            if staff and total and total > staff * SUSPECT_PER_HEAD:
                yield Check(
                    "per_head",
                    f"business.years.{row[ROW_ID]}.{column}.total_revenue",
                    f"“{year}年 {terms.PERIODS[column]} 总收入”{terms.wan(total)} 万元，按社保人数 {staff} 人计，人均超过 {terms.wan(SUSPECT_PER_HEAD)} 万元，疑为单位填错。",
                    f"若误以元填写，应为 {terms.wan(total // 10_000)} 万元，请更正；确无误请说明原因。",
                    (total, staff),
                )


def _change(values: Values, context: Context) -> Iterator[Check]:
    year = context.round.year
    for row in values["business"]["years"] or ():
        if row["year"] != year:
            continue
        for column in context.round.columns:
            for name in ("total_revenue", "ai_revenue"):
                now, then = row[column][name], _last_year(values, context, column, name)
                if now is None or not then or (now and _slip(now, then)):
                    continue
                if changed_much(now, then):
                    yield Check(
                        "year_on_year",
                        f"business.years.{row[ROW_ID]}.{column}.{name}",
                        f"“{year}年 {terms.PERIODS[column]} {AMOUNTS[name]}”{terms.wan(now)} 万元，上年同期 {terms.wan(then)} 万元，"
                        f"{f'增长超过 {(CHANGE_ABOVE - 1) * 100}%' if now > then else f'下降超过 {100 - CHANGE_BELOW_TENTHS * 10}%'}。",
                        "请核对；确无误请说明主要原因（如新签合同、并购、业务调整）。",
                        (now, then),
                    )


def _crossing(values: Values, context: Context) -> Iterator[Check]:
    if context.first_draft is None:
        return
    column = max(context.round.columns, key=PERIOD_ORDER.index)
    before = year_figures(context.first_draft, context.round.year, column)
    now = year_figures(values, context.round.year, column)
    if any(not f["total_revenue"] or f["ai_revenue"] is None for f in (before, now)):
        return  # without a total there is no share

    def above(figures: Mapping[str, int | None], line_bp: int) -> bool:
        met = context.policy.share_meets(figures["ai_revenue"] or 0, figures["total_revenue"] or 0, line_bp)
        return bool(met)

    lines = (context.policy.core_line_bp(values["basic"]["size"]), context.policy.related_share_bp)
    crossed = [terms.percent(line_bp) for line_bp in lines if above(before, line_bp) != above(now, line_bp)]
    if crossed:
        written = [
            f"{terms.share(f['ai_revenue'], f['total_revenue'])}"
            f"（{terms.wan(f['ai_revenue'])} / {terms.wan(f['total_revenue'])} 万元）"
            for f in (before, now)
        ]
        row = next(row for row in values["business"]["years"] if row["year"] == context.round.year)
        yield Check(
            "share_crossed",
            f"business.years.{row[ROW_ID]}.{column}.ai_revenue",
            f"“{context.round.year}年 {terms.PERIODS[column]} AI收入占比”由首次保存的 {written[0]} "
            f"改为 {written[1]}，越过 {'、'.join(crossed)} 线。",
            "请说明修改的依据（如审计报告、合同分类）；确系填错的请改回。",
            tuple(figures[name] for figures in (before, now) for name in ("ai_revenue", "total_revenue")),
        )


def _size(values: Values, context: Context) -> Iterator[Check]:
    basic = values["basic"]
    if not basic["industry"] or not basic["size"]:
        return
    revenue = year_figures(values, context.round.year, "full_year")["total_revenue"]
    computed = size_rule.enterprise_size(
        basic["industry"],
        employees=values["technology"]["insured_staff"],
        revenue=revenue,
        assets=basic["total_assets"],
    )
    if computed and size_rule.form_size(computed) != basic["size"]:
        staff, assets = values["technology"]["insured_staff"], basic["total_assets"]
        given = [
            *([] if staff is None else [f"社保人数 {staff} 人"]),
            *(
                f"{label} {terms.wan(a)} 万元"
                for label, a in (("总收入", revenue), ("资产总额", assets))
                if a is not None
            ),
        ]
        yield Check(
            "size_differs",
            "basic.size",
            f"“企业规模”填的是{terms.SIZES[basic['size']]}，按《中小企业划型标准规定》，"
            f"{INDUSTRIES[basic['industry']]}（{'，'.join(given)}）应为{terms.SIZES[size_rule.form_size(computed)]}。",
            "请更正规模、行业或人数，确无误请说明依据。",
            (basic["size"], basic["industry"], values["technology"]["insured_staff"], revenue, basic["total_assets"]),
        )


def _market(values: Values, context: Context) -> Iterator[Check]:
    if not values["market"]["demands"]:
        yield Check(
            "no_demand",
            "market.demands",
            "没有填写市场需求。",
            "如有场景、算力、数据、人才、融资等需求，填写后可获得对接。",
        )
