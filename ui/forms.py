"""Forms drawn from the models of core.filing: labels, stars, units, choices and placeholders come from there.

A form returns what stands on the page, raw as typed. Widgets are text inputs wherever a browser's own
input would swallow a wrong value: what was typed stays, and a sentence under it says what is wrong.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote

import streamlit as st

from core import dictionaries, terms
from core.errors import DoorError
from core.filing import PERIOD_ORDER, About, Business, Figures, Part, YearFigures, empty, field, fields, read_part
from core.round import Round
from ui.text import file_name, plain, say

#: How long a pause in typing saves what was typed.
_PAUSE: Final = "300ms"
Raw = dict[str, Any]
#: Keeps an uploaded file (name, bytes) and answers its address; the store's door, given by the page.
Attach = Callable[[str, bytes], str]


def label(about: About) -> str:
    star = "* " if about.required else ""
    return f"{star}{about.label}（{about.unit}）" if about.unit else f"{star}{about.label}"


def part(
    model: type[Part], raw: Mapping[str, Any], key: str, *, locked: bool, attach: Attach | None = None, columns: int = 2
) -> Raw:
    """Draw all fields of `model` starting from `raw`; return what stands on the page."""
    values: Raw = {}
    _, problems = read_part(model, _now(model, raw, key), "")
    wrong = {problem.path.lstrip("."): problem.sentence for problem in problems if problem.value}
    grid = st.grid(columns, min_column_width=260)
    for about in fields(model):
        if about.section:
            st.subheader(about.section, anchor=False)
            grid = st.grid(columns, min_column_width=260)
        if about.row is not None:
            if not about.shown_if or values.get(about.shown_if) in (True, "是"):
                values[about.name] = rows(
                    about, raw.get(about.name) or [], f"{key}.{about.name}", locked=locked, attach=attach
                )
            else:
                values[about.name] = raw.get(about.name) or []
            grid = st.grid(columns, min_column_width=260)
            continue
        with grid.cell(column_span="all" if about.widget in ("long", "segments", "files") else 1):
            values[about.name] = entry(about, raw.get(about.name), f"{key}.{about.name}", locked=locked, attach=attach)
            if sentence := wrong.get(about.name):
                st.markdown(f":red[:material/error: {plain(about.label)}：{plain(sentence)}。]")
    return values


def _now(model: type[Part], raw: Mapping[str, Any], key: str) -> Raw:
    """What the browser just sent for simple fields, before the widgets are drawn; else `raw`."""
    return {
        about.name: st.session_state.get(f"{key}.{about.name}", raw.get(about.name))
        for about in fields(model)
        if about.row is None and about.part is None and about.widget not in ("segments", "files")
    }


def entry(about: About, value: Any, key: str, *, locked: bool, attach: Attach | None = None) -> Any:
    """Draw one simple field; return its raw value."""
    disabled = locked or about.identity
    text, hint = label(about), about.help or None
    if about.widget == "segments":
        return _segments(about, value or [], key, disabled=disabled)
    if about.widget == "files":
        return _files(about, value or [], key, attach=None if disabled else attach)
    if about.widget == "yes_no":
        shown = {True: "是", False: "否"}.get(value, value)
        options = _with_stored(["是", "否"], shown)
        return st.radio(
            text, options, index=options.index(shown) if shown in options else None, key=key, horizontal=True,
            help=hint, disabled=disabled, format_func=plain,
        )  # fmt: skip
    if about.choices:
        options = _with_stored(list(about.choices), value)
        index = options.index(value) if value in options else None
        if about.widget == "radio":
            return st.radio(
                text, options, index=index, key=key, horizontal=True, help=hint, disabled=disabled,
                format_func=lambda code: about.choices.get(code) or plain(code),
            )  # fmt: skip
        return st.selectbox(
            text, options, index=index, key=key, placeholder=about.placeholder or "请选择", help=hint,
            disabled=disabled, format_func=lambda code: about.choices.get(code, code),
        )  # fmt: skip
    given = "" if value is None else str(value)
    if about.widget == "long":
        return st.text_area(text, given, key=key, placeholder=about.placeholder, help=hint, disabled=disabled)
    return st.text_input(
        text,
        given,
        key=key,
        placeholder=about.placeholder,
        help=hint,
        disabled=disabled,
        live=_PAUSE,
        autocomplete="off",
    )


def _files(about: About, kept: list[str], key: str, *, attach: Attach | None) -> list[str]:
    """Uploaded files by name, each with a link and a way to take it off; and the place to upload more."""
    memory = st.session_state.setdefault(f"{key}#files", {"turn": 0, "added": [], "removed": [], "refused": []})
    if attach is not None:
        uploads = st.file_uploader(
            about.label, type=["pdf", "png", "jpg", "jpeg"], accept_multiple_files=True, help=about.help,
            key=f"{key}#{memory['turn']}",
        )  # fmt: skip
        for upload in uploads or []:
            try:
                address = attach(upload.name, upload.getvalue())
            except DoorError as error:
                memory["refused"].append(str(error))
                continue
            memory["added"].append(address)
            memory["removed"] = [other for other in memory["removed"] if other != address]
        if uploads:  # kept, or refused with a sentence: the uploader is empty again
            memory["turn"] += 1
            st.rerun()
        for sentence in memory["refused"]:
            say("error", sentence)
        memory["refused"] = []
    addresses = [a for a in dict.fromkeys([*kept, *memory["added"]]) if a not in memory["removed"]]
    for address in addresses:
        name, action = st.columns([5, 1], vertical_alignment="center")
        name.markdown(f":material/attach_file: [{plain(file_name(address))}](/files/{quote(address)})")
        if attach is not None:
            action.button(
                "移除", key=f"{key}#{address}", on_click=memory["removed"].append, args=(address,), type="tertiary",
                icon=":material/close:", help=f"移除{plain(file_name(address))}",
            )  # fmt: skip
    return addresses


def _with_stored(options: list[Any], value: Any) -> list[Any]:
    """The options, and a stored value that is none of them: it stays until the filer chooses another."""
    return options if empty(value) or value in options else [*options, value]


def _segments(about: About, chosen: list[str], key: str, *, disabled: bool) -> list[str]:
    """AI产业链环节: three layers, each a row of segments to tick."""
    st.markdown(plain(label(about)), help=about.help)
    result: list[str] = []
    for layer, name in terms.LAYERS.items():
        codes = [row["segment"] for row in dictionaries.segments() if row["layer"] == layer]
        if layer == "application":  # the last row also holds what is stored but no segment
            codes += [code for code in chosen if code not in about.choices]
        picked = st.pills(
            name, codes, selection_mode="multi", key=f"{key}.{layer}", disabled=disabled, wrap=True,
            default=[code for code in chosen if code in codes], format_func=lambda code: about.choices.get(code) or plain(code),
        )  # fmt: skip
        result += [code for code in codes if code in picked]
    return chosen if set(result) == set(chosen) else result  # another order is no change


# --- rows: a list whose entries can be added and deleted ------------------------------------------------


def _row_ids(key: str, given: list[Any]) -> tuple[list[str], dict[str, Any]]:
    """Stable ids for the rows on the page, and what each started from; kept with the page, not with the data."""
    state = st.session_state.setdefault(f"{key}#rows", {"ids": [], "raw": {}, "next": 0, "for": None})
    if state["for"] is None:
        state["for"] = True
        for row in given:
            state["ids"].append(str(state["next"]))
            state["raw"][str(state["next"])] = row
            state["next"] += 1
    return state["ids"], state["raw"]


def _add(key: str, start: Raw) -> None:
    state = st.session_state[f"{key}#rows"]
    state["ids"].append(str(state["next"]))
    state["raw"][str(state["next"])] = start
    state["next"] += 1


def _delete(key: str, identity: str) -> None:
    st.session_state[f"{key}#rows"]["ids"].remove(identity)


def rows(
    about: About,
    given: list[Any],
    key: str,
    *,
    locked: bool,
    attach: Attach | None = None,
    start: Raw | None = None,
    add_label: str = "",
    draw: Callable[[Raw, str], Raw] | None = None,
) -> list[Raw]:
    """Draw a list of rows with 新增 and 删除; return the rows as they stand on the page."""
    assert about.row is not None
    ids, raw = _row_ids(key, given)
    name = add_label or f"新增{about.label}"
    if not ids:
        st.caption(f"暂无{about.label}数据" + ("" if locked else f"，请点击“{name}”添加"))
    result = []
    for position, identity in enumerate(list(ids)):
        with st.container(border=True):
            here = f"{key}.{identity}"
            if draw is None:
                head, action = st.columns([5, 1], vertical_alignment="center")
                head.markdown(f"**{plain(about.label)} 第 {position + 1} 条**")
                raw[identity] = part(about.row, raw[identity], here, locked=locked, attach=attach)
                action.button("删除", key=f"{here}#delete", on_click=_delete, args=(key, identity), disabled=locked,
                              icon=":material/delete:", type="tertiary", help=f"删除{about.label}第 {position + 1} 条")  # fmt: skip
            else:
                raw[identity] = draw(raw[identity], here)
            result.append(raw[identity])
    st.button(
        name, key=f"{key}#add", on_click=_add, args=(key, dict(start or {})), disabled=locked, icon=":material/add:"
    )
    return result


# --- AI业务条件 -------------------------------------------------------------------------------------------


def years(given: list[Raw], key: str, *, this_round: Round, locked: bool) -> list[Raw]:
    """Draw the years of AI业务条件, four cumulative columns each; AI收入占比 is computed."""

    def one(raw: Raw, here: str) -> Raw:
        return _year(raw, here, key=key, this_round=this_round, locked=locked)

    about = field(Business, "years")
    return rows(about, given, key, locked=locked, start={}, add_label="新增年度", draw=one)


def _year(raw: Raw, here: str, *, key: str, this_round: Round, locked: bool) -> Raw:
    identity = here.removeprefix(f"{key}.")
    top = st.columns([2, 3, 2], vertical_alignment="bottom")
    with top[0]:
        year = entry(field(YearFigures, "year"), raw.get("year"), f"{here}.year", locked=locked)
    current = str(year).strip().removesuffix("年") == str(this_round.year)
    with top[2], st.popover("删除此年度", icon=":material/delete:", disabled=locked, width="stretch"):
        st.markdown(f"将删除 {plain(year or '此')} 年的全部数据。此前保存的版本仍可由管理部门查回。")
        st.button(
            "确认删除", key=f"{here}#delete", on_click=_delete, args=(key, identity), type="primary", disabled=locked
        )
    result: Raw = {"year": year}
    places = st.columns(len(PERIOD_ORDER))
    for place, period in zip(places, PERIOD_ORDER, strict=True):
        with place:
            asked = current and period in this_round.columns
            st.markdown(f"**{terms.PERIODS[period]}**" + ("　:red-badge[本期必填]" if asked else ""))
            result[period] = _figures(raw.get(period) or {}, f"{here}.{period}", asked=asked, locked=locked)
    return result


def _figures(raw: Mapping[str, Any], here: str, *, asked: bool, locked: bool) -> Raw:
    result: Raw = {}
    share_place = None
    for about in fields(Figures):
        starred = asked and about.name in ("total_revenue", "ai_revenue")
        text = f"{'* ' if starred else ''}{about.label}（{about.unit}）"
        given = raw.get(about.name)
        result[about.name] = st.text_input(
            text, "" if given is None else str(given), key=f"{here}.{about.name}", placeholder=about.placeholder,
            disabled=locked, live=_PAUSE, autocomplete="off",
        )  # fmt: skip
        if about.name == "ai_revenue":
            share_place = st.container()
    values, problems = read_part(Figures, result, "")
    assert share_place is not None
    share = terms.share(values["ai_revenue"], values["total_revenue"])
    share_place.text_input(
        "AI收入占比（%）", share.removesuffix("%"), key=f"{here}.share.{share}", disabled=True,
        help="由AI业务收入与总收入自动计算，四舍五入到两位小数；认定身份时按精确数比较",
    )  # fmt: skip
    for problem in problems:
        st.markdown(f":red[:material/error: {plain(problem.label)}：{plain(problem.sentence)}。]")
    return result
