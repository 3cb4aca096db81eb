"""报表导出 on the screen: what of the whole is exported, for whom, and what it must not be laid beside."""

from collections.abc import Mapping

import streamlit as st

from core.report.compose import KINDS, REPORTS
from core.report.earlier_exports import Neighbour
from core.statistics.selection import FILTERS
from ui.base.text import moment, plain, say

_OUTSIDE = (
    "对外：企业不足 4 家或前两家合计超过 85% 的单元格以“＊”代替，并隐去能倒推出它们的其他单元格；公布的数字不作改动。"
)


def choice(label: str, key: str, words: Mapping[str, str], default: str) -> str:
    """One of `words` (code -> word), as the address says or `default`."""
    asked = st.query_params.get(key, default)
    st.session_state[key] = asked if asked in words else default
    st.segmented_control(
        label, list(words), format_func=words.__getitem__, required=True, key=key, on_change=_remember, args=(key,)
    )
    return str(st.session_state[key])


def _remember(key: str) -> None:
    """The address is the choice, by its code: other pages link to a report."""
    st.query_params[key] = st.session_state[key]


def round_id(rounds: Mapping[str, str]) -> str:
    """Of which round, one of `rounds` (id -> name)."""
    return st.selectbox(
        "填报期",
        list(rounds),
        format_func=rounds.__getitem__,
        key="round",
        placeholder="请选择填报期",
        bind="query-params",
    )


def meeting(held: Mapping[str, str]) -> str:
    """Of which 例会, one of `held` (id -> name)."""
    asked = st.query_params.get("meeting", "")
    st.session_state["meeting"] = asked if asked in held else next(iter(held))
    return st.selectbox(
        "例会",
        list(held),
        format_func=held.__getitem__,
        key="meeting",
        placeholder="请选择例会",
        on_change=_remember,
        args=("meeting",),
    )


def part(which: str, filters: Mapping[str, str], left: Mapping[str, str], trial: str) -> None:
    """What is exported of a report: only this part, which parameters are tried; `left`: filters of the address that it does not know."""
    if filters:
        st.caption(f"只导出：{_words(filters)}。")
        st.button("取消筛选，导出全部", type="tertiary", key="whole", on_click=_lift)
    if left:
        st.caption(f"{REPORTS[which]}不能筛选，导出全部；“{_words(left)}”未使用。")
    if which == "ranking":
        st.caption("榜单按纳入统计由大到小排列，列前 100 家。")
    if which == "what_if":
        st.caption(
            plain(f"测算，不是统计结果，每张表、每页都注明：{trial or '参数与现行规则相同'}。改参数请回到“阈值测算”。")
        )


def _words(filters: Mapping[str, str]) -> str:
    return "、".join(FILTERS[name][1][code] for name, code in filters.items())


def _lift() -> None:
    st.query_params.from_dict({name: value for name, value in st.query_params.to_dict().items() if name not in FILTERS})


def audience(which: str, audiences: Mapping[str, str], *, city: bool, filtered: bool) -> str:
    """For whom, one of `audiences` (code -> word); under it what that means, and why there is no other."""
    first = next(iter(audiences))
    chosen = st.segmented_control(
        "用途",
        list(audiences),
        format_func=audiences.__getitem__,
        default=first,
        required=True,
        key=f"audience.{which}{'.part' if filtered else ''}",
    )
    _means(which, chosen or first, city=city, filtered=filtered)
    return chosen or first


def _means(which: str, code: str, *, city: bool, filtered: bool) -> None:
    if code == "outside":
        st.caption(_OUTSIDE)
        return
    alone = ""
    if KINDS[which].inside_only and city:
        alone = f"这张报表{KINDS[which].inside_only}，只供内部使用。"
    elif not city:
        alone = "对外报表由市级导出。"
    elif filtered:
        alone = "筛选后的报表与全市报表相减可能推出单个企业，只供内部使用。"
    st.caption("内部：不隐去任何数字，请勿外传。" + alone)


def near(found: Neighbour | None) -> None:
    """One sentence when another 对外 export of other data could be subtracted from this one."""
    if found is not None:
        of = f"（数据截至 {moment(found.as_of)}）" if found.as_of else ""
        say(
            "warning",
            f"{found.who}于 {moment(found.at)} 对外导出过“{found.title}”{of}，与本次的数据时点不同："
            "两份相减可能推出单个企业，对外提供前请确认，或改用同一“数据截至”。",
        )
