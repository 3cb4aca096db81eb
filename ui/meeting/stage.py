"""The screens of 例会, each drawn from what it is given; large, few words, no screen without its footer."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import accumulate
from math import prod
from pathlib import Path
from typing import Final
from urllib.parse import quote

import polars as pl
import streamlit as st

from core.base import terms
from core.base.dictionaries import DISTRICTS
from core.enterprise.matching import PROJECT_STATES
from core.filing.model import DEMAND_KINDS
from core.filing.reminders import FILED, UNFINISHED
from core.meeting.change import PARTS, levels, movers, origin, summed
from core.meeting.meeting import Decision
from core.rule.policy import READINGS, Policy, clauses
from core.statistics import coverage
from core.statistics.metrics import METRICS, Metric
from core.statistics.totals import totals, whole
from core.what_if.scenario import described
from ui.base.text import moment, plain, tile
from ui.meeting import charts

_STYLE = Path(__file__).parent / "stage.css"
_TIERS: Final = ("core", "related_software", "related_hardware")
#: The numbers that are said first.
_HEADLINE: Final = tuple(METRICS[code] for code in ("counted_output", "ai_revenue", "enterprises", *_TIERS))
_COUNTED: Final = METRICS["counted_output"]
#: Rows of a table that fit a screen.
ROWS = 8
#: Characters of a line of a 决议, and lines of them all.
_LINE, _LINES = 24, 10


def dress() -> None:
    """Sizes that go by the screen; of this page only."""
    st.html(_STYLE)


def nothing(sentence: str) -> None:
    """A screen without data says so."""
    st.markdown(f":material/info: {sentence}")


def footer(
    whose: str,
    year: int,
    as_of: datetime | None,
    policy: Policy,
    figures: pl.DataFrame,
    *,
    provisional: bool,
    frozen: bool,
) -> None:
    """Under every screen: whose figures, of when, how many have reported, in what unit, by which data and rule."""
    st.caption(
        f"{plain(whose)} · {year}年度{'全年（预测），预判' if provisional else '全年实际'} · {coverage.whole(figures).brief} · 单位：{_COUNTED.unit.word} · 数据截至 {moment(as_of)}"
        f"{'（已冻结）' if frozen else ''} · 政策 {plain(policy.version)}"
    )


def opening(title: str, day: str, whose: str, frozen: bool, figures: pl.DataFrame) -> None:
    """标题."""
    with st.container(key="opening", height="stretch", vertical_alignment="center", horizontal_alignment="center"):
        st.title(plain(title), anchor=False, text_alignment="center")
        st.markdown(f"{day}　{plain(whose)}", text_alignment="center")
        found = whole(figures)
        st.markdown(
            "　".join(
                f"{word} **{METRICS[code].text(found.of(code))}** {METRICS[code].unit.word}"
                for code, word in (
                    ("enterprises", "入库"),
                    ("core", METRICS["core"].brief),
                    (_COUNTED.code, _COUNTED.label),
                )
            ),
            text_alignment="center",
        )
        st.caption("已冻结：数字不再变动" if frozen else "未冻结：数字随入库更新", text_alignment="center")


def headline(figures: pl.DataFrame, bands: Mapping[str, tuple[int, int]]) -> None:
    """主要数字 with their bands."""
    found = whole(figures)
    with st.grid(3, min_column_width=180):
        for metric in _HEADLINE:
            st.metric(metric.label, tile(metric.unit, found.of(metric.code)), border=True)

    def span(metric: Metric) -> str:
        low, high = (metric.text(each) for each in bands[metric.code])
        return low if low == high else f"{low}–{high}"

    core, related = (
        f"{METRICS[code].label} {span(METRICS[code])} {METRICS[code].unit.word}" for code in ("core", "related")
    )
    st.markdown(f"按各种读法，{_COUNTED.label}为 **{span(_COUNTED)}** {_COUNTED.unit.word}；{core}，{related}。")
    readings = "；".join(f"{clauses()[name].label}：{'、'.join(words.values())}" for name, words in READINGS.items())
    st.caption(f"{len(READINGS)} 条原文未写明，共 {prod(map(len, READINGS.values()))} 种读法。{readings}。")


def change(before: pl.DataFrame, after: pl.DataFrame, against: str) -> None:
    """较上次例会变化."""
    st.markdown(f"与 {plain(against)} 相比")
    was, now = (totals(frame).row(0, named=True) for frame in (before, after))
    with st.grid(3, min_column_width=180):
        for metric in _HEADLINE:
            difference = now[metric.code] - was[metric.code]
            st.metric(
                metric.label,
                tile(metric.unit, now[metric.code]),
                delta=f"{metric.signed(difference)} {metric.unit.word}",
                border=True,
                delta_color="off",
                delta_arrow="off",
            )


def waterfall(
    before: pl.DataFrame, after: pl.DataFrame, parts: pl.DataFrame, *, ends: tuple[str, str] = ("上次", "本次")
) -> None:
    """变化分解: the parts, and that they make the whole."""
    was, now = int(before["counted_output"].sum()), int(after["counted_output"].sum())
    found = summed(parts, "counted_output")
    charts.show(charts.waterfall(was, found, ends), alt=f"{_COUNTED.label}变化的分解，{_COUNTED.unit.word}")
    start = origin(levels(was, found))
    core = (
        "，".join(f"{PARTS[name]} {amount:+,}" for name, amount in summed(parts, "core").items() if amount) or "无变化"
    )
    st.caption(
        f"各部分之和 {sum(found.values()):+,} 元，等于两次之差 {now - was:+,} 元。{METRICS['core'].label}数：{core}。{f'横轴自 {_COUNTED.said(start)}起。' if start else ''}"
        "同一年度，改数都是更正。名单认定不计入统计，恒为 0。"
    )


def districts(figures: pl.DataFrame, before: pl.DataFrame | None) -> None:
    """区域."""
    _bars(figures, before, "district", DISTRICTS, f"各区{_COUNTED.label}，{_COUNTED.unit.word}")


def chain(figures: pl.DataFrame, before: pl.DataFrame | None) -> None:
    """产业链: by layer; each enterprise counts in one."""
    _bars(figures, before, "layer", terms.LAYERS, f"产业链各层{_COUNTED.label}，{_COUNTED.unit.word}")


def _bars(figures: pl.DataFrame, before: pl.DataFrame | None, by: str, names: Mapping[str, str], alt: str) -> None:
    if figures.is_empty():
        nothing("没有入库企业。")
        return
    past = totals(before, by) if before is not None else None
    charts.show(charts.counted(totals(figures, by), by, names, past), alt=alt)
    each = "每家企业按环节最多的一层计入一层。" if by == "layer" else ""
    st.caption(f"{_COUNTED.heading}{'，括号内为较上次例会变化' if before is not None else ''}。{each}")


def moved(parts: pl.DataFrame) -> None:
    """身份变动企业, those that weigh most first."""
    found = movers(parts).join(
        parts.select("enterprise_id", "name", "district"), on="enterprise_id", how="left", maintain_order="left"
    )
    if found.is_empty():
        nothing("没有企业的名录身份有变动，也没有新入库和退出。")
        return
    # Six columns fit only in short words.
    tiers = {code: METRICS[code].brief for code in terms.TIERS}
    tier = {
        name: pl.col(name).replace_strict(tiers, default="—", return_dtype=pl.String)
        for name in ("tier_before", "tier_after")
    }
    why_words, places = (
        {code: word.partition("（")[0] for code, word in names.items()} for names in (PARTS, DISTRICTS)
    )
    rows = found.head(ROWS).select(
        pl.col("name").map_elements(plain, return_dtype=pl.String).alias("企业"),
        pl.col("district").replace_strict(places, default="未填", return_dtype=pl.String).alias("区属"),
        tier["tier_before"].alias("上次"),
        tier["tier_after"].alias("本次"),
        pl.col("why").replace_strict(why_words).alias("原因"),
        pl.col("change").map_elements(_COUNTED.signed, return_dtype=pl.String).alias(_COUNTED.heading),
    )
    st.table(rows, alt="身份变动企业", hide_index=True)
    why = "，".join(
        f"{PARTS[name]} {count:,} 家"
        for name, count in found.group_by("why").len().sort("len", "why", descending=[True, False]).iter_rows()
    )
    st.caption(f"共 {found.height:,} 家：{why}。{f'列出影响最大的 {ROWS} 家。' if found.height > ROWS else ''}")


def late(round_name: str, rows: pl.DataFrame) -> None:
    """未报企业 by district, most first."""
    filed, waits = pl.col("progress").is_in(FILED), pl.col("progress").is_in(UNFINISHED)
    due, done = rows.height, rows.filter(filed).height
    if not due:
        nothing("没有应报企业。")
        return
    st.markdown(f"{plain(round_name)}　应报 **{due:,}** 家，已报 **{done:,}** 家（{terms.share(done, due)}）")
    heaviest = (
        pl.col("name").sort_by("unreported_revenue", "name", descending=[True, False], nulls_last=True).drop_nulls()
    )
    table = (
        rows.with_columns(pl.col("district").fill_null(""))
        .group_by("district")
        .agg(
            pl.len().alias("due"),
            filed.sum().alias("filed"),
            waits.sum().alias("late"),
            heaviest.first().fill_null("").alias("who"),
        )
        .filter(pl.col("late") > 0)
        .sort("late", "district", descending=[True, False])
    )
    if table.is_empty():
        st.markdown(":material/done_all: 全部已报。")
        return
    st.table(
        table.head(ROWS).select(
            pl.col("district").replace_strict(DISTRICTS, default="未填", return_dtype=pl.String).alias("区属"),
            pl.col("due").alias("应报（家）"),
            pl.col("filed").alias("已报（家）"),
            pl.col("late").alias("未报（家）"),
            pl.col("who").map_elements(plain, return_dtype=pl.String).alias("其中规模最大的"),
        ),
        alt="各区未报企业",
        hide_index=True,
    )
    more = f"列出未报最多的 {ROWS} 个区，共 {table.height} 个。" if table.height > ROWS else ""
    st.caption(f"未报含未开始、草稿未提交和退回待修改。不按产业链层、规模筛选。{more}")


def demands(rows: pl.DataFrame) -> None:
    """需求与项目."""
    if rows.is_empty():
        nothing("还没有企业提出需求。")
        return
    with st.grid(4, min_column_width=150):
        for state, word in PROJECT_STATES.items():
            if state != "closed":
                st.metric(word, f"{rows.filter(pl.col('state') == state).height:,} :small[项]", border=True)
    kinds = rows.group_by("kind").len().sort("len", "kind", descending=[True, False])
    st.markdown("，".join(f"{DEMAND_KINDS.get(kind, '未填')} {count:,} 项" for kind, count in kinds.iter_rows()) + "。")
    taken = rows.filter(pl.col("state").is_in(["open", "matched"])).sort("name", "title").head(ROWS // 2)
    if taken.height:
        written = [
            pl.col(name).fill_null("").map_elements(plain, return_dtype=pl.String)
            for name in ("title", "name", "scale")
        ]
        st.table(
            taken.select(
                written[0].alias("在办项目"),
                written[1].alias("企业"),
                written[2].alias("金额或规模"),
                pl.col("state").replace_strict(PROJECT_STATES).alias("进展"),
            ),
            alt="在办项目",
            hide_index=True,
        )
    st.caption("需求取自企业最近一次报送。不按产业链层、规模筛选。")


def trial(
    name: str,
    policy: Policy,
    scenario: Policy,
    figures: pl.DataFrame,
    trial_figures: pl.DataFrame,
    *,
    address: Mapping[str, str],
) -> None:
    """本周测算: what the scenario is called, what it changes, and what that would give. A trial, and it says so.

    `address`: of the scenario on 阈值测算, empty for who may not open that.
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"测算：**{plain(name)}**", width="content")
        if address:
            st.page_link("what_if/what_if.py", label="在阈值测算中打开", icon=":material/tune:", query_params=address)
    words = described(policy, scenario)
    st.caption(plain(words) if words else "与本次例会的规则没有差别，或保存的参数已不适用。请在“例会”页另选一个情景。")
    was, now = (totals(frame).row(0, named=True) for frame in (figures, trial_figures))
    yuan = [row["counted_output"] for row in (was, now)]
    rows = [(_COUNTED.heading, *map(_COUNTED.text, yuan), _COUNTED.signed(yuan[1] - yuan[0]))]
    rows += [
        (
            f"{metric.label}，{metric.unit.word}",
            metric.text(was[metric.code]),
            metric.text(now[metric.code]),
            metric.signed(now[metric.code] - was[metric.code]),
        )
        for metric in (METRICS[tier] for tier in _TIERS)
    ]
    # Lines of a table leave room for all that a scenario may change.
    st.table(
        pl.DataFrame(rows, schema=["项目", "本次", "测算", "变化"], orient="row"), alt="本次例会与测算", hide_index=True
    )
    st.caption("测算，不是正式统计；以本次例会的数据为准。")


def decisions(decided: Sequence[Decision]) -> None:
    """决议."""
    if not decided:
        nothing("还没有决议。在“例会”页记录后显示在这里。")
        return
    table = [
        {
            "决议": plain(each.text),
            "责任人": plain(each.who),
            "期限": str(each.due or "—"),
            "办结": "已办结" if each.done else "办理中",
        }
        for each in decided
    ]
    # A long one takes several lines; as many are shown as there is room for.
    lines = list(accumulate(-(-len(each.text) // _LINE) for each in decided))
    shown = sum(count <= _LINES for count in lines)
    with st.container(key="decisions"):
        st.table(pl.DataFrame(table[:shown]), alt="决议", hide_index=True)
    if len(decided) > shown:
        st.caption(f"共 {len(decided)} 项，列出前 {shown} 项。")


def leave(identity: str) -> None:
    """Back to the list with a page loaded anew, for a theme chosen by the address stays as long as the page."""
    st.html(f'<script>location.assign("/meetings?id={quote(identity)}")</script>', unsafe_allow_javascript=True)
    st.stop()


def themes(identity: str, screen: int) -> str:
    """Links that show the meeting light or dark: the choice is part of the address, and so needs a page loaded anew."""
    links = (
        f'<a href="/meeting?id={quote(identity)}&screen={screen}&embed=true&embed_options={theme}_theme" target="_self" style="color: inherit">{word}放映</a>'
        for theme, word in (("light", "浅色"), ("dark", "深色"))
    )
    return "　".join(links)
