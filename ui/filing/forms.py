"""Forms drawn from the models of core.filing.model: labels, stars, units, choices and placeholders come from there.

A form returns what stands on the page, raw as typed. Widgets are text inputs wherever a browser's own
input would swallow a wrong value: what was typed stays, and a sentence under it says what is wrong.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote

import streamlit as st

from core.base import dictionaries, terms
from core.base.errors import UserError
from core.base.values import empty
from core.filing.model import PERIOD_ORDER, About, Business, Figures, Part, YearFigures, field, fields, read_part
from core.filing.round import Round
from core.statistics.metrics import METRICS
from ui.base.text import file_name, plain, say

#: How long a pause in typing saves what was typed.
_PAUSE: Final = "300ms"
Raw = dict[str, Any]
#: Keeps an uploaded file (name, bytes) and answers its address; a function of data, given by the page.
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
            st.header(about.section, anchor=False)
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
            here = f"{key}.{about.name}"
            values[about.name] = entry(about, raw.get(about.name), here, locked=locked, into=values, attach=attach)
            if about.help and about.widget != "files":
                st.caption(f"● {about.help}")
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


def entry(about: About, value: Any, key: str, *, locked: bool, into: Raw, attach: Attach | None = None) -> Any:
    """Draw one simple field; return its raw value. A change also goes `into` the group at once, by callback,
    so that it is known even to a run that draws another page."""
    told: dict[str, Any] = {"on_change": _tell, "args": (into, about.name, key)}
    disabled = locked or about.identity
    text = label(about)
    if about.widget == "segments":
        return _segments(about, value or [], key, into, disabled=disabled)
    if about.widget == "files":
        return _files(about, value or [], key, attach=None if disabled else attach)
    if about.widget == "yes_no":
        shown = {True: "是", False: "否"}.get(value, value)
        options = _with_stored(["是", "否"], shown)
        return st.radio(
            text,
            options,
            index=options.index(shown) if shown in options else None,
            key=key,
            horizontal=True,
            disabled=disabled,
            format_func=plain,
            **told,
        )
    if about.choices:
        options = _with_stored(list(about.choices), value)
        index = options.index(value) if value in options else None
        if about.widget == "radio":
            return st.radio(
                text,
                options,
                index=index,
                key=key,
                horizontal=True,
                disabled=disabled,
                format_func=lambda code: about.choices.get(code) or plain(code),
                **told,
            )
        return st.selectbox(
            text,
            options,
            index=index,
            key=key,
            placeholder=about.placeholder or "请选择",
            disabled=disabled,
            format_func=lambda code: about.choices.get(code, code),
            **told,
        )
    given = "" if value is None else str(value)
    if about.widget == "long":
        return st.text_area(text, given, key=key, placeholder=about.placeholder, disabled=disabled, **told)
    return st.text_input(
        text, given, key=key, placeholder=about.placeholder, disabled=disabled, live=_PAUSE, autocomplete="off", **told
    )


def _files(about: About, kept: list[str], key: str, *, attach: Attach | None) -> list[str]:
    """Uploaded files by name, each with a link and a way to take it off; and the place to upload more."""
    memory = st.session_state.setdefault(f"{key}#files", {"turn": 0, "added": [], "removed": [], "refused": []})
    if attach is not None:
        uploads = st.file_uploader(
            about.label,
            type=["pdf", "png", "jpg", "jpeg"],
            accept_multiple_files=True,
            help=about.help,
            key=f"{key}#{memory['turn']}",
        )
        for upload in uploads or []:
            try:
                address = attach(upload.name, upload.getvalue())
            except UserError as error:
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
                "移除",
                key=f"{key}#{address}",
                on_click=memory["removed"].append,
                args=(address,),
                type="tertiary",
                icon=":material/close:",
                help=f"移除{plain(file_name(address))}",
            )
    return addresses


def _with_stored(options: list[Any], value: Any) -> list[Any]:
    """The options, and a stored value that is none of them: it stays until the filer chooses another."""
    return options if empty(value) or value in options else [*options, value]


def _tell(into: Raw, name: str, key: str) -> None:
    into[name] = st.session_state[key]


def _tell_segments(into: Raw, name: str, key: str) -> None:
    into[name] = [code for layer in terms.LAYERS for code in st.session_state.get(f"{key}.{layer}") or []]


def _segments(about: About, chosen: list[str], key: str, into: Raw, *, disabled: bool) -> list[str]:
    """AI产业链环节: three layers, each a row of segments to tick."""
    st.markdown(plain(label(about)))
    result: list[str] = []
    for layer, name in terms.LAYERS.items():
        codes = [row["segment"] for row in dictionaries.segments() if row["layer"] == layer]
        if layer == "application":  # the last row also holds what is stored but no segment
            codes += [code for code in chosen if code not in about.choices]
        picked = st.pills(
            name,
            codes,
            selection_mode="multi",
            key=f"{key}.{layer}",
            disabled=disabled,
            wrap=True,
            default=[code for code in chosen if code in codes],
            format_func=lambda code: about.choices.get(code) or plain(code),
            on_change=_tell_segments,
            args=(into, about.name, key),
        )
        result += [code for code in codes if code in picked]
    return chosen if set(result) == set(chosen) else result  # another order is no change


# --- rows: a list whose entries can be added and deleted ------------------------------------------------


def _row_ids(key: str, given: list[Any]) -> tuple[list[str], dict[str, Any]]:
    """Stable ids for the rows on the page, and what each started from; kept with the page, not with the data."""
    state = st.session_state.setdefault(f"{key}#rows", {"ids": [], "raw": {}, "next": 0, "for": None, "deleted": None})
    if state["for"] is None:
        state["for"] = True
        for row in given:
            state["ids"].append(str(state["next"]))
            state["raw"][str(state["next"])] = row
            state["next"] += 1
    return state["ids"], state["raw"]


def _add(key: str, start: Raw, first: bool) -> None:
    state = st.session_state[f"{key}#rows"]
    state["ids"].insert(0 if first else len(state["ids"]), str(state["next"]))
    state["raw"][str(state["next"])] = start
    state["next"] += 1


def _delete(key: str, identity: str) -> None:
    state = st.session_state[f"{key}#rows"]
    if identity in state["ids"]:
        state["deleted"] = (state["ids"].index(identity), identity)
        state["ids"].remove(identity)


def _restore(key: str) -> None:
    state = st.session_state[f"{key}#rows"]
    if state["deleted"]:
        state["ids"].insert(*state["deleted"])
        state["deleted"] = None


def _undo_offer(key: str) -> None:
    """After a deletion, where the row stood: what happened, and the way back."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("已删除一条。")
        st.button(
            "撤销删除", key=f"{key}#restore", on_click=_restore, args=(key,), icon=":material/undo:", type="tertiary"
        )


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
    newest_first = draw is not None
    adding = st.container() if newest_first else None
    if not ids:
        st.caption(f"暂无{name.removeprefix('新增')}数据" + ("" if locked else f"，请点击“{name}”添加"))
    result: list[Raw] = []
    deleted = st.session_state[f"{key}#rows"]["deleted"]
    for position, identity in enumerate([*ids, None]):
        if deleted and deleted[0] == position and not locked:
            _undo_offer(key)
        if identity is None:
            break
        with st.container(border=draw is None):
            here = f"{key}.{identity}"
            if draw is None:
                head, action = st.columns([5, 1], vertical_alignment="center")
                head.markdown(f"**{plain(about.label)} 第 {position + 1} 条**")
                raw[identity] = part(about.row, raw[identity], here, locked=locked, attach=attach)
                action.button(
                    "删除",
                    key=f"{here}#delete",
                    on_click=_delete,
                    args=(key, identity),
                    disabled=locked,
                    icon=":material/delete:",
                    type="tertiary",
                    help=f"删除{about.label}第 {position + 1} 条",
                )
            else:
                raw[identity] = draw(raw[identity], here)
            result.append(raw[identity])
    (adding or st).button(
        name,
        key=f"{key}#add",
        on_click=_add,
        args=(key, dict(start or {}), newest_first),
        disabled=locked,
        icon=":material/add:",
    )
    return result


# --- AI业务条件 -------------------------------------------------------------------------------------------


def years(given: list[Raw], key: str, *, this_round: Round, locked: bool) -> list[Raw]:
    """Draw the years of AI业务条件, newest first, four cumulative columns each; AI收入占比 is computed."""
    about = field(Business, "years")
    st.header(about.label, anchor=False)

    def one(raw: Raw, here: str) -> Raw:
        """The round's year and a year not yet named stand open; earlier years can be opened."""
        year = read_part(YearFigures, raw, "")[0]["year"]
        if year is None or year >= this_round.year:
            with st.container(border=True):
                return _year(raw, here, key=key, this_round=this_round, locked=locked)
        with st.expander(f"{year}年（已填，可展开修改）", key=f"{here}#open"):
            return _year(raw, here, key=key, this_round=this_round, locked=locked)

    return rows(about, given, key, locked=locked, start={}, add_label="新增年度", draw=one)


def _year(raw: Raw, here: str, *, key: str, this_round: Round, locked: bool) -> Raw:
    identity = here.removeprefix(f"{key}.")
    result: Raw = {}
    top = st.columns([2, 3, 2], vertical_alignment="bottom")
    with top[0]:
        about = field(YearFigures, "year")
        result["year"] = entry(about, raw.get("year"), f"{here}.year", locked=locked, into=result)
    values, problems = read_part(YearFigures, {"year": result["year"]}, "")
    with (
        top[2],
        st.popover("删除此年度", icon=":material/delete:", disabled=locked, width="stretch", key=f"{here}#popover"),
    ):
        st.markdown(f"将删除 {plain(result['year'] or '此')} 年的全部数据。")
        st.button(
            "确认删除", key=f"{here}#delete", on_click=_delete, args=(key, identity), type="primary", disabled=locked
        )
    for problem in problems:
        st.markdown(f":red[:material/error: 年份：{plain(problem.sentence)}。]")
    places = st.columns(len(PERIOD_ORDER))
    for place, period in zip(places, PERIOD_ORDER, strict=True):
        with place:
            asked = values["year"] == this_round.year and period in this_round.columns
            st.markdown(f"**{terms.PERIODS[period]}**" + ("　:red-badge[本期必填]" if asked else ""))
            result[period] = _figures(raw.get(period) or {}, f"{here}.{period}", asked=asked, locked=locked)
    return result


def _figures(raw: Mapping[str, Any], here: str, *, asked: bool, locked: bool) -> Raw:
    result: Raw = {}
    share_place = st.container()
    for about in fields(Figures):
        starred = asked and about.name in ("total_revenue", "ai_revenue")
        text = f"{'* ' if starred else ''}{about.label}（{about.unit}）"
        given, key = raw.get(about.name), f"{here}.{about.name}"
        result[about.name] = st.text_input(
            text,
            "" if given is None else str(given),
            key=key,
            placeholder=about.placeholder,
            disabled=locked,
            live=_PAUSE,
            autocomplete="off",
            on_change=_tell,
            args=(result, about.name, key),
        )
        if about.name == "ai_revenue":
            share_place = st.container()
    values, problems = read_part(Figures, result, "")
    share = terms.share(values["ai_revenue"], values["total_revenue"])
    share_place.text_input(
        f"{METRICS['share'].label}（%）",
        share.removesuffix("%"),
        key=f"{here}.share.{share}",
        disabled=True,
        help="由AI业务收入与总收入自动计算，四舍五入到两位小数；认定身份时按精确数比较",
    )
    for problem in problems:
        st.markdown(f":red[:material/error: {plain(problem.label)}：{plain(problem.sentence)}。]")
    if (values["ai_revenue"] or 0) > (values["total_revenue"] or 0) and values["total_revenue"] is not None:
        st.markdown(":red[:material/error: AI业务收入大于总收入，请核对两个数。]")
    return result
