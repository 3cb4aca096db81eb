"""Forms drawn from the models of core.filing.model: labels, stars, units, choices and placeholders come from there.

Every value is a cell of the tab's sheet: it gives the widget its key and its first value, and reads what is typed.
Widgets are text inputs wherever a browser's own input would swallow a wrong value: what was typed stays, and a sentence
under it says what is wrong.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import streamlit as st

from core.base import dictionaries, terms
from core.base.errors import UserError
from core.base.values import empty
from core.filing.model import PERIOD_ORDER, About, Figures, Part, YearFigures, field, fields, read_part
from core.filing.round import Round
from core.statistics.metrics import METRICS
from ui.base.text import file_name, plain, say
from ui.filing.sheet import Attach, Save, Sheet

#: How long a pause in typing saves what was typed.
_PAUSE: Final = "300ms"


@dataclass(frozen=True)
class Form:
    """What a form is drawn with."""

    sheet: Sheet
    save: Save
    round: Round
    locked: bool
    attach: Attach | None = None


def sections(model: type[Part]) -> Iterator[tuple[str, list[About]]]:
    """(heading, its fields) of a step, in the manual's order."""
    heading, gathered = "", list[About]()
    for about in fields(model):
        if about.section and gathered:
            yield heading, gathered
            gathered = []
        heading = about.section or heading
        gathered.append(about)
    yield heading, gathered


def label(about: About) -> str:
    star = "* " if about.required else ""
    return f"{star}{about.label}（{about.unit}）" if about.unit else f"{star}{about.label}"


def part(form: Form, model: type[Part], abouts: Sequence[About], path: str) -> None:
    """Draw `abouts`, fields of `model`, whose cells stand under `path`, each with its sentence when it cannot be read."""
    standing = {about.name: form.sheet.here(f"{path}.{about.name}") for about in fields(model) if about.row is None}
    _, problems = read_part(model, standing, "")
    wrong = {problem.path.lstrip("."): problem.sentence for problem in problems if problem.value}
    grid = st.grid(2, min_column_width=260)
    for about in abouts:
        here = f"{path}.{about.name}"
        if about.row is not None:
            if not about.shown_if or standing.get(about.shown_if) in (True, "是"):
                (years if about.row is YearFigures else rows)(form, about, here)
            grid = st.grid(2, min_column_width=260)
            continue
        with grid.cell(column_span="all" if about.widget in ("long", "segments", "files") else 1):
            entry(form, about, here)
            if about.help and about.widget != "files":
                st.caption(f"● {about.help}")
            if sentence := wrong.get(about.name):
                st.markdown(f":red[:material/error: {plain(about.label)}：{plain(sentence)}。]")
            elif about.unit == "万元":
                _echo(standing[about.name])


def entry(form: Form, about: About, path: str) -> None:
    """Draw one simple field."""
    disabled = form.locked or about.identity
    text, value = label(about), form.sheet.value(path)
    if about.widget == "segments":
        _segments(form, about, path, disabled=disabled)
        return
    if about.widget == "files":
        _files(form, about, path, disabled=disabled)
        return
    key = form.sheet.key(path)
    if about.widget == "yes_no":
        shown = {True: "是", False: "否"}.get(value, value)
        options = _with_stored(["是", "否"], shown)
        index = options.index(shown) if shown in options else None
        st.radio(text, options, index=index, key=key, horizontal=True, disabled=disabled, format_func=plain)
        return
    if about.choices:
        options = _with_stored(list(about.choices), value)
        index = options.index(value) if value in options else None
        if about.widget == "radio":
            st.radio(
                text,
                options,
                index=index,
                key=key,
                horizontal=True,
                disabled=disabled,
                format_func=lambda code: about.choices.get(code) or plain(code),
            )
            return
        st.selectbox(
            text,
            options,
            index=index,
            key=key,
            placeholder=about.placeholder or "请选择",
            disabled=disabled,
            format_func=lambda code: about.choices.get(code, code),
        )
        return
    given = "" if value is None else str(value)
    if about.widget == "long":
        st.text_area(text, given, key=key, placeholder=about.placeholder, disabled=disabled)
        return
    st.text_input(
        text, given, key=key, placeholder=about.placeholder, disabled=disabled, live=_PAUSE, autocomplete="off"
    )


def _echo(raw: Any) -> None:
    """How an amount was understood, in the unit of the dashboards: what was mistyped by a few digits shows."""
    values, _ = read_part(Figures, {"total_revenue": raw}, "")
    if amount := values["total_revenue"]:
        st.caption(f"{terms.wan(amount)} 万元 ＝ {terms.yi(amount)} 亿元")


def _files(form: Form, about: About, path: str, *, disabled: bool) -> None:
    """Uploaded files by name, each with a link and a way to take it off; and the place to upload more."""
    key = form.sheet.file_key(path)
    memory = st.session_state.setdefault(f"{key}#files", {"turn": 0, "refused": []})
    kept: list[str] = list(form.sheet.value(path) or [])
    if form.attach is not None and not disabled:
        uploads = st.file_uploader(
            about.label,
            type=["pdf", "png", "jpg", "jpeg"],
            accept_multiple_files=True,
            help=about.help,
            key=f"{key}#{memory['turn']}",
        )
        added = list(kept)
        for upload in uploads or []:
            try:
                added.append(form.attach(upload.name, upload.getvalue()))
            except UserError as error:
                memory["refused"].append(str(error))
        if uploads:  # kept, or refused with a sentence: the uploader is empty again
            form.sheet.set(path, list(dict.fromkeys(added)), form.save)
            memory["turn"] += 1
            st.rerun()
        for sentence in memory["refused"]:
            say("error", sentence)
        memory["refused"] = []
    for address in dict.fromkeys(kept):
        name, action = st.columns([5, 1], vertical_alignment="center")
        name.markdown(f":material/attach_file: [{plain(file_name(address))}](/files/{quote(address)})")
        if not disabled:
            action.button(
                "移除",
                key=f"{key}#{address}",
                on_click=form.sheet.set,
                args=(path, [other for other in kept if other != address], form.save),
                type="tertiary",
                icon=":material/close:",
                help=f"移除{plain(file_name(address))}",
            )


def _with_stored(options: list[Any], value: Any) -> list[Any]:
    """The options, and a stored value that is none of them: it stays until the filer chooses another."""
    return options if empty(value) or value in options else [*options, value]


def _segments(form: Form, about: About, path: str, *, disabled: bool) -> None:
    """AI产业链环节: three layers, each a row of segments to tick."""
    st.markdown(plain(label(about)))
    chosen: list[str] = form.sheet.value(path) or []
    for layer, name in terms.LAYERS.items():
        codes = [row["segment"] for row in dictionaries.segments() if row["layer"] == layer]
        if layer == "application":  # the last row also holds what is stored but no segment
            codes += [code for code in chosen if code not in about.choices]
        st.pills(
            name,
            codes,
            selection_mode="multi",
            key=form.sheet.key(path, layer),
            disabled=disabled,
            wrap=True,
            default=[code for code in chosen if code in codes],
            format_func=lambda code: about.choices.get(code) or plain(code),
        )


# --- rows: a list whose entries can be added and deleted ------------------------------------------------


def _undo_offers(form: Form, path: str) -> None:
    """Every row deleted on this page, with the way back."""
    for row, held in form.sheet.deleted.get(path, ()) if not form.locked else ():
        words = next((str(value) for name, value in held.items() if name not in ("id", "at") and value), "未填内容")
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"已删除第 {held['at'] + 1} 条（{plain(words[:30])}）。")
            st.button(
                "撤销删除",
                key=f"{row}#restore",
                on_click=form.sheet.restore,
                args=(row, form.save),
                icon=":material/undo:",
                type="tertiary",
                help=f"撤销删除第 {held['at'] + 1} 条",
            )


def _add_button(form: Form, path: str, name: str, *, first: bool) -> None:
    st.button(
        name,
        key=f"{path}#add",
        on_click=form.sheet.add,
        args=(path, {}, first, form.save),
        disabled=form.locked,
        icon=":material/add:",
    )


def rows(form: Form, about: About, path: str) -> None:
    """Draw a list of rows with 新增 and 删除."""
    assert about.row is not None
    name, found = f"新增{about.label}", form.sheet.rows(path)
    if not found:
        st.caption(f"暂无{about.label}数据" + ("" if form.locked else f"，请点击“{name}”添加"))
    for number, row in enumerate(found, start=1):
        with st.container(border=True):
            head, action = st.columns([5, 1], vertical_alignment="center")
            head.markdown(f"**{plain(about.label)} 第 {number} 条**")
            part(form, about.row, fields(about.row), row)
            action.button(
                "删除",
                key=f"{row}#delete",
                on_click=form.sheet.delete,
                args=(row, form.save),
                disabled=form.locked,
                icon=":material/delete:",
                type="tertiary",
                help=f"删除{about.label}第 {number} 条",
            )
    _undo_offers(form, path)
    _add_button(form, path, name, first=False)


# --- AI业务条件 -------------------------------------------------------------------------------------------


def years(form: Form, about: About, path: str) -> None:
    """Draw the years of AI业务条件, newest first, four cumulative columns each; AI收入占比 is computed."""
    st.header(about.label, anchor=False)
    _add_button(form, path, "新增年度", first=True)
    _undo_offers(form, path)
    for row in form.sheet.rows(path):
        year = read_part(YearFigures, {"year": form.sheet.here(f"{row}.year")}, "")[0]["year"]
        # The round's year and a year not yet named stand open; earlier years can be opened.
        if form.sheet.stays_open(row, opens=year is None or year >= form.round.year):
            with st.container(border=True):
                _one_year(form, row)
        else:
            with st.expander(f"{year}年（已填，可展开修改）", key=f"{row}#open"):
                _one_year(form, row)


@st.fragment
def _one_year(form: Form, row: str) -> None:
    """One 年度, which alone is drawn again when something is typed into it."""
    form.sheet.sweep(form.save)
    if row not in form.sheet.rows(row.rpartition(".")[0]):  # deleted by the press that began this run
        st.rerun()
    about = field(YearFigures, "year")
    top = st.columns([2, 3, 2], vertical_alignment="bottom")
    with top[0]:
        entry(form, about, f"{row}.year")
    typed = form.sheet.here(f"{row}.year")
    values, problems = read_part(YearFigures, {"year": typed}, "")
    with (
        top[2],
        st.popover("删除此年度", icon=":material/delete:", disabled=form.locked, width="stretch", key=f"{row}#popover"),
    ):
        st.markdown(f"将删除 {plain(typed or '此')} 年的全部数据。")
        st.button(
            "确认删除",
            key=f"{row}#delete",
            on_click=form.sheet.delete,
            args=(row, form.save),
            type="primary",
            disabled=form.locked,
        )
    for problem in problems:
        st.markdown(f":red[:material/error: 年份：{plain(problem.sentence)}。]")
    asked = [period for period in PERIOD_ORDER if values["year"] == form.round.year and period in form.round.columns]
    others = [period for period in PERIOD_ORDER if period not in asked]
    if asked:
        _columns(form, row, asked, asked=True)
    if asked and others:
        with st.expander(f"选填：{'、'.join(terms.PERIODS[period] for period in others)}", key=f"{row}#optional"):
            _columns(form, row, others, asked=False)
    elif others:
        _columns(form, row, others, asked=False)
    form.sheet.state()


def _columns(form: Form, row: str, periods: Sequence[str], *, asked: bool) -> None:
    for place, period in zip(st.columns(max(len(periods), 2)), periods, strict=False):
        with place:
            st.markdown(f"**{terms.PERIODS[period]}**" + ("　:red-badge[本期必填]" if asked else ""))
            _figures(form, f"{row}.{period}", asked=asked)


def _figures(form: Form, path: str, *, asked: bool) -> None:
    share_place = st.container()
    for about in fields(Figures):
        starred = asked and about.name in ("total_revenue", "ai_revenue")
        here = f"{path}.{about.name}"
        given = form.sheet.value(here)
        st.text_input(
            f"{'* ' if starred else ''}{about.label}（{about.unit}）",
            "" if given is None else str(given),
            key=form.sheet.key(here),
            placeholder=about.placeholder,
            disabled=form.locked,
            live=_PAUSE,
            autocomplete="off",
        )
        if asked:
            _echo(form.sheet.here(here))
        if about.name == "ai_revenue":
            share_place = st.container()
    standing = {about.name: form.sheet.here(f"{path}.{about.name}") for about in fields(Figures)}
    values, problems = read_part(Figures, standing, "")
    share = terms.share(values["ai_revenue"], values["total_revenue"])
    share_place.text_input(
        f"{METRICS['share'].label}（%）",
        share.removesuffix("%"),
        key=f"{path}.share.{share}",
        disabled=True,
        help="由AI业务收入与总收入自动计算，四舍五入到两位小数；认定身份时按精确数比较",
    )
    for problem in problems:
        st.markdown(f":red[:material/error: {plain(problem.label)}：{plain(problem.sentence)}。]")
    if (values["ai_revenue"] or 0) > (values["total_revenue"] or 0) and values["total_revenue"] is not None:
        st.markdown(":red[:material/error: AI业务收入大于总收入，请核对两个数。]")
