"""The filters of a dashboard: kept in the address, so that Back undoes a choice and a link shows the same page."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl
import streamlit as st

from core.access.scope import Places
from core.statistics.selection import FILTERS, Selection, read
from ui.base import charts
from ui.base.text import say, say_outside

#: The places in lists, which begin anew when something else is asked for.
_PAGES: Final = ("page", "moved")


def put(**filters: str | None) -> None:
    """Set or (None) lift filters in the address, in one step of the browser's history; lists begin at their first page."""
    for name in _PAGES:
        if name in st.session_state:
            st.session_state[name] = 1
    asked = {**st.query_params.to_dict(), **filters}
    st.query_params.from_dict({name: code for name, code in asked.items() if code and name not in _PAGES})


def toggle(name: str, code: str) -> None:
    """Set a filter; the value that is set already lifts it."""
    put(**{name: None if st.query_params.get(name) == code else code})


def chosen(years: Sequence[tuple[int, bool]], places: Places) -> Selection:
    """Draw the year, the filters and the chips that lift them; the selection that the address asks for.

    `years`: (year, provisional), newest first, at least one. A year or value that does not exist is said.
    """
    names = {Selection(year, forecast).year_words: (year, forecast) for year, forecast in years}
    last_full = next((name for name, (_, forecast) in names.items() if not forecast), next(iter(names)))
    asked = st.query_params.get("year", last_full)
    year = st.session_state["year"] = asked if asked in names else last_full
    filters, unknown = read(st.query_params.to_dict())
    foreign = filters.pop("district") if "district" in filters and places.outside(filters["district"]) else ""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        # The address is the choice. bind="query-params" would replace it in place; this way Back returns to the former.
        st.segmented_control(
            "统计年度",
            list(names),
            required=True,
            key="year",
            help="“预判”按全年（预测）数计算，不是正式认定",
            on_change=lambda: st.query_params.update(year=st.session_state["year"]),
            width="content",
        )
        with st.popover(f"筛选（{len(filters)}）" if filters else "筛选", icon=":material/filter_alt:"):
            for name in FILTERS:
                _choice(name, filters.get(name), places)
        for name, code in filters.items():
            words = f"{FILTERS[name][0]}：{FILTERS[name][1][code]}"
            st.button(
                words,
                icon=":material/close:",
                key=f"chip.{name}",
                on_click=put,
                kwargs={name: None},
                help=f"取消“{words}”",
            )
        if len(filters) > 1:
            st.button("全部取消", type="tertiary", key="chip.all", on_click=put, kwargs=dict.fromkeys(FILTERS))
    if asked != year:
        wanted = f"{asked}年" if asked.isdecimal() else f"“{asked[:20]}”"
        say("info", f"没有{wanted}的数据，已显示{year}{'' if names[year][1] else '年'}。")
    if unknown:
        say("info", f"地址中的筛选“{'、'.join(unknown)[:40]}”不存在，未使用。")
    say_outside(foreign, places, "该筛选未使用，所示为您范围内的数据")
    return Selection.asked(*names[year], filters)


def _choice(name: str, code: str | None, places: Places) -> None:
    """One filter as a list; of the districts those in which anything of the scope lies."""
    label, values = FILTERS[name]
    own = places.districts if name == "district" else values
    key = f"filter.{name}"
    st.session_state[key] = code

    def take() -> None:
        put(**{name: st.session_state[key]})

    st.selectbox(
        label,
        list(own),
        index=None,
        format_func=lambda each: values.get(each, each),
        placeholder="全部",
        key=key,
        on_change=take,
    )


def one_of(label: str, options: Mapping[str, str], *, name: str, hidden: bool = False) -> str:
    """A choice of one (code -> words) that is kept in the address under `name`; the first where nothing is asked."""
    asked = st.query_params.get(name, "")
    st.session_state[f"one.{name}"] = code = asked if asked in options else next(iter(options))
    st.segmented_control(
        label,
        list(options),
        format_func=lambda each: options.get(each, each),
        required=True,
        key=f"one.{name}",
        on_change=lambda: put(**{name: st.session_state[f"one.{name}"]}),
        label_visibility="collapsed" if hidden else "visible",
    )
    return code


def chart(figure: dict[str, Any], *, key: str, alt: str, by: str) -> None:
    """A chart whose marks set the filter `by`: a mark carries the code as its `customdata`, a part of a treemap as its `id`.

    A code "layer:foundation" sets that filter instead. The mark that is set already lifts it.
    """
    state = _state(key)

    def take() -> None:
        points = st.session_state[state]["selection"]["points"]
        mark: Any = next((point.get("customdata") or point.get("id") for point in points), None)
        name, _, code = str(mark[0] if isinstance(mark, list | tuple) else mark).rpartition(":")
        if code in FILTERS[name or by][1]:
            toggle(name or by, code)

    st.plotly_chart(figure, key=state, alt=alt, config=charts.CONFIG, on_select=take, selection_mode="points")


def _state(key: str) -> str:
    """A key that changes with the filters: else the browser would hold on to the mark pressed before."""
    return "#".join((key, *(st.query_params.get(name, "") for name in FILTERS)))


def marked(figure: dict[str, Any], codes: Sequence[str | None], code: str | None) -> dict[str, Any]:
    """Let the bars of `figure` carry their codes; those of other values than the one set stand back."""
    for trace in figure["data"]:
        if trace["type"] == "bar":
            trace["customdata"] = [each or "" for each in codes]
            trace["marker"] = {**trace["marker"], "opacity": [1 if code in (None, each) else 0.35 for each in codes]}
    return figure


def rows(lines: Sequence[Mapping[str, Any]], codes: Sequence[str | None], *, key: str, alt: str, by: str) -> None:
    """A table whose rows set the filter `by`; the row that is set already lifts it."""
    state = _state(key)

    def take() -> None:
        picked = st.session_state[state]["selection"]
        places = [*picked["rows"], *(row for row, _ in picked["cells"])]
        code = codes[places[0]] if places and places[0] < len(codes) else None
        if code:
            toggle(by, code)

    st.dataframe(
        pl.DataFrame(lines),
        hide_index=True,
        key=state,
        alt=alt,
        height="content",
        on_select=take,
        selection_mode=["single-row", "single-cell"],
    )
