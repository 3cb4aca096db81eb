"""The exhibits of a 例会 that is taken away as a file: what its screens show, as tables. They name enterprises: 内部 only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from core.base import terms
from core.base.dictionaries import district_names
from core.enterprise.matching import PROJECT_STATES
from core.filing.model import DEMAND_KINDS
from core.filing.reminders import FILED, PROGRESS, UNFINISHED
from core.meeting.change import PARTS, levels, movers, origin, summed
from core.meeting.meeting import Decision
from core.report.model import Column, Exhibit, of_metric
from core.statistics.metrics import ENTERPRISES, ITEMS, METRICS, YI
from core.statistics.totals import totals

#: Longest list of enterprises.
MOST: Final = 100
_TIERS: Final = ("core", "related_software", "related_hardware")
_COUNTS: Final = (of_metric("enterprises"), *(of_metric(tier) for tier in _TIERS))
_COUNTED: Final = of_metric("counted_output")
_REVENUE: Final = of_metric("ai_revenue")
_WHOLE: Final = [*_COUNTS, _COUNTED, _REVENUE]
#: What the columns of a waterfall are drawn of; the first carries the others and is not to be seen.
_STEPS: Final = [
    Column(code, label, YI, drawn=True)
    for code, label in (("base", "底"), ("total", "合计"), ("up", "增加"), ("down", "减少"))
]


@dataclass(frozen=True)
class Shown:
    """What a 例会 shows, within the scope of who takes it away.

    `before`, `parts`: of the earlier meeting (core.meeting.change.split), which `against` names; None without one to compare with, and
    `against` says why; `late`: the round
    and its rows; `trial`: what the scenario is called, what it changes, and the enterprises by it. See data.meeting.meetings.
    """

    figures: pl.DataFrame
    spans: Mapping[str, tuple[int, int]]
    against: str
    before: pl.DataFrame | None
    parts: pl.DataFrame | None
    late: tuple[str, pl.DataFrame] | None
    demands: pl.DataFrame | None
    trial: tuple[str, str, pl.DataFrame]
    decisions: Sequence[Decision]


def exhibits(shown: Shown) -> list[Exhibit]:
    """In the order of the screens; what there is nothing of is empty or left out."""
    now = totals(shown.figures).row(0, named=True)
    found = [_headline(now), _spans(shown.spans, now)]
    if shown.before is not None and shown.parts is not None:
        was = totals(shown.before).row(0, named=True)
        found += [
            _beside("change", "较上次例会变化", ("上次", was), ("本次", now), f"与 {shown.against} 相比。"),
            _waterfall(was["counted_output"], shown.parts),
        ]
    else:
        columns = [Column("label", "说明")]
        found.append(Exhibit("change", "较上次例会变化", _rows([{"label": shown.against}], columns), columns))
    found += [_by(shown.figures, shown.before, "district", "区域"), _by(shown.figures, shown.before, "layer", "产业链")]
    if shown.parts is not None:
        found.append(_movers(shown.parts))
    if shown.late is not None:
        found += _late(*shown.late)
    if shown.demands is not None:
        found += _demands(shown.demands)
    name, words, trial_figures = shown.trial
    note = f"测算，不是正式统计。{name}：{words or '与本次例会的规则没有差别'}。"
    return [
        *found,
        _beside("trial", "本周测算", ("本次", now), ("测算", totals(trial_figures).row(0, named=True)), note),
        _decisions(shown.decisions),
    ]


def _rows(rows: Sequence[Mapping[str, Any]], columns: Sequence[Column]) -> pl.DataFrame:
    kinds = {column.code: pl.String if column.unit is None else pl.Int64 for column in columns}
    return pl.DataFrame([{code: row[code] for code in kinds} for row in rows], schema=kinds)


def _headline(now: Mapping[str, Any]) -> Exhibit:
    columns = [Column("label", "范围"), *_WHOLE]
    return Exhibit("headline", "主要数字", _rows([{"label": "本次", **now}], columns), columns)


def _spans(spans: Mapping[str, tuple[int, int]], now: Mapping[str, Any]) -> Exhibit:
    """主要数字 with the least and the most over all readings of the unclear clauses."""
    columns = [Column("label", "读法"), of_metric("core"), of_metric("related"), _COUNTED]
    related = now["related_software"] + now["related_hardware"]
    rows = [{"label": "本次", **now, "related": related}]
    rows += [
        {"label": word, **{name: ends[place] for name, ends in spans.items()}}
        for place, word in enumerate(("各种读法最少", "各种读法最多"))
    ]
    return Exhibit(
        "spans",
        "各种读法的区间",
        _rows(rows, columns),
        columns,
        note="原文未写明的条款各有几种读法，取全部组合中的最少和最多，三列各自取。",
    )


def _beside(
    code: str, title: str, left: tuple[str, Mapping[str, Any]], right: tuple[str, Mapping[str, Any]], note: str
) -> Exhibit:
    """Two states of the whole and the difference."""
    columns = [Column("label", "时点" if code == "change" else "规则"), *_WHOLE]
    rows = [{"label": label, **row} for label, row in (left, right)]
    rows.append({"label": "变化", **{column.code: right[1][column.code] - left[1][column.code] for column in _WHOLE}})
    return Exhibit(code, title, _rows(rows, columns), columns, note=note)


def _waterfall(before: int, parts: pl.DataFrame) -> Exhibit:
    """变化分解 of 纳入统计, to the yuan."""
    found = summed(parts, "counted_output")
    steps = levels(before, found)

    def end(label: str, amount: int) -> dict[str, Any]:
        return {"label": label, "amount": amount, "level": amount, "base": 0, "total": amount, "up": 0, "down": 0}

    middle = [
        {
            "label": PARTS[name],
            "amount": amount,
            "level": at + amount,
            "base": min(at, at + amount),
            "total": 0,
            "up": max(amount, 0),
            "down": max(-amount, 0),
        }
        for (name, amount), at in zip(found.items(), steps, strict=False)
    ]
    columns = [Column("label", "部分"), Column("amount", "金额", YI), Column("level", "累计", YI)]
    frame = _rows([end("上次", before), *middle, end("本次", steps[-1])], [*columns, *_STEPS])
    note = f"首尾为两次的{_COUNTED.label}，其余为各部分的变化；各部分之和 {sum(found.values()):+,} 元，等于两次之差。名单认定不计入统计，恒为 0。"
    if start := origin(steps):
        note += f"图的坐标轴自 {YI.said(start)}起。"
    return Exhibit("waterfall", "变化分解", frame, columns, "waterfall", note, bars=_STEPS)


def _by(figures: pl.DataFrame, before: pl.DataFrame | None, by: str, title: str) -> Exhibit:
    """Enterprises and amounts by district or layer, and the change since the earlier meeting."""
    names = district_names() if by == "district" else terms.LAYERS
    table = totals(figures, by)
    columns = [
        Column("label", "区属" if by == "district" else "产业链层"),
        *_COUNTS,
        of_metric("counted_output", drawn=True),
        _REVENUE,
    ]
    rows = [{"label": names.get(row[by] or "", "未填"), **row} for row in table.iter_rows(named=True)]
    if before is not None:
        columns.append(Column("since", f"{_COUNTED.label}较上次", YI))
        past = {code: amount for code, amount in totals(before, by).select(by, "counted_output").iter_rows()}
        rows = [{**row, "since": row["counted_output"] - past.pop(row[by], 0)} for row in rows]
        zero = dict.fromkeys((column.code for column in columns), 0)
        rows += [{**zero, "label": names.get(code or "", "未填"), "since": -amount} for code, amount in past.items()]
    if rows:
        rows.append({"label": "合计", **{column.code: sum(row[column.code] for row in rows) for column in columns[1:]}})
    note = "企业按其产业链环节最多的一层计入一层。" if by == "layer" else ""
    return Exhibit(by, title, _rows(rows, columns), columns, "bar", note, whole=True)


def _words(column: str, names: Mapping[str, str], default: str = "未填") -> pl.Expr:
    return (
        pl.col(column).fill_null("").replace_strict(dict(names), default=default, return_dtype=pl.String).alias(column)
    )


def _cut(count: int) -> str:
    return f"共 {count:,} 家{f'，列前 {MOST} 家' if count > MOST else ''}。"


def _movers(parts: pl.DataFrame) -> Exhibit:
    found = movers(parts).join(
        parts.select("enterprise_id", "name", "district"), on="enterprise_id", how="left", maintain_order="left"
    )
    columns = [
        Column("label", "企业名称"), Column("district", "区属"), Column("tier_before", "上次身份"), Column("tier_after", "本次身份"),
        Column("why", "原因"), Column("change", f"{_COUNTED.label}变化", YI),
    ]  # fmt: skip
    frame = found.head(MOST).select(
        pl.col("name").alias("label"),
        _words("district", district_names()),
        _words("tier_before", terms.TIERS, "—"),
        _words("tier_after", terms.TIERS, "—"),
        _words("why", PARTS),
        "change",
    )
    return Exhibit("movers", "身份变动企业", frame, columns, note=f"{_cut(found.height)}影响大的在前。")


def _late(round_name: str, rows: pl.DataFrame) -> list[Exhibit]:
    """未报 by district, and the list."""
    table = rows.group_by("district").agg(
        pl.len().cast(pl.Int64).alias("due"),
        *(
            pl.col("progress").is_in(states).sum().cast(pl.Int64).alias(code)
            for code, states in (("filed", FILED), ("late", UNFINISHED))
        ),
    )
    columns = [
        Column("label", "区属"), Column("due", "应报", ENTERPRISES), Column("filed", "已报", ENTERPRISES, drawn=True),
        Column("late", "未报", ENTERPRISES, drawn=True),
    ]  # fmt: skip
    lines = table.sort("late", "district", descending=[True, False]).select(
        _words("district", district_names()).alias("label"), "due", "filed", "late"
    )
    if lines.height:
        lines = pl.concat([lines, lines.select(pl.lit("合计").alias("label"), pl.col("due", "filed", "late").sum())])
    note = f"{round_name}。未报含未开始、草稿未提交和退回待修改，不含撤销入库；不按产业链层、规模筛选。"
    waiting = rows.filter(pl.col("progress").is_in(UNFINISHED)).sort(
        "unreported_revenue", "name", descending=[True, False], nulls_last=True
    )
    named = [
        Column("label", "企业名称"),
        Column("district", "区属"),
        Column("progress", "进度"),
        Column("unreported_revenue", f"上次{METRICS['total_revenue'].label}", YI),
    ]
    listed = waiting.head(MOST).select(
        pl.col("name").alias("label"),
        _words("district", district_names()),
        _words("progress", PROGRESS),
        "unreported_revenue",
    )
    return [
        Exhibit("late", "未报企业", lines, columns, "stacked", note, whole=True),
        Exhibit("late_list", "未报名单", listed, named, note=f"{_cut(waiting.height)}规模大的在前。"),
    ]


def _demands(rows: pl.DataFrame) -> list[Exhibit]:
    """Demands by kind and state, and the projects under way."""
    states = {code or "none": word for code, word in PROJECT_STATES.items()}
    columns = [
        Column("label", "需求类别"),
        Column("demands", "需求", ITEMS),
        *(Column(code, word, ITEMS) for code, word in states.items()),
    ]
    table = rows.group_by(_words("kind", DEMAND_KINDS).alias("label")).agg(
        pl.len().cast(pl.Int64).alias("demands"),
        *((pl.col("state").replace("", "none") == code).sum().cast(pl.Int64).alias(code) for code in states),
    )
    taken = rows.filter(pl.col("state").is_in(["open", "matched"])).sort("name", "title").head(MOST)
    named = [
        Column("label", "在办项目"),
        Column("name", "企业"),
        Column("scale", "金额或规模"),
        Column("state", "进展"),
    ]
    return [
        Exhibit(
            "demands",
            "需求与项目",
            table.sort("demands", "label", descending=[True, False]),
            columns,
            note="需求取自企业最近一次报送。",
        ),
        Exhibit(
            "projects",
            "在办项目",
            taken.select(pl.col("title").alias("label"), "name", "scale", _words("state", PROJECT_STATES)),
            named,
        ),
    ]


def _decisions(decided: Sequence[Decision]) -> Exhibit:
    columns = [Column("label", "决议"), Column("who", "责任人"), Column("due", "期限"), Column("done", "办结")]
    lines = [
        {"label": each.text, "who": each.who, "due": str(each.due or "—"), "done": "已办结" if each.done else "办理中"}
        for each in decided
    ]
    return Exhibit("decisions", "决议", _rows(lines, columns), columns)
