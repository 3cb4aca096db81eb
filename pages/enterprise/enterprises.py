"""企业信息: every enterprise, looked through as one types; filters, columns and sort in the address; saved views."""

from urllib.parse import urlencode

import streamlit as st

import gate
from core.access.permissions import Permission
from core.base.errors import UserError
from core.base.paging import pages
from core.enterprise import query as enterprise_query
from data.enterprise import search as enterprise_search
from ui.base import answer
from ui.base.text import plain, say, say_outside
from ui.enterprise import search as screen

visit = gate.require(Permission.ENTERPRISE_READ)
KEYS = (*enterprise_query.ADDRESS.values(), "columns")


def afresh() -> None:
    """Others are asked for: from their first page."""
    st.session_state["page"] = 1


def show(view: dict[str, str]) -> None:
    """Choose what a saved view has chosen, and nothing else."""
    afresh()
    for key in enterprise_query.ADDRESS.values():
        st.session_state[key] = view.get(key, "" if key == "q" else None)
    st.session_state["columns"] = [
        column for column in view.get("columns", "").split(",") if column in enterprise_query.COLUMNS
    ]


st.title("企业信息", anchor=False)
screen.filters(afresh)
chosen = {key: st.session_state.get(key) or "" for key in enterprise_query.ADDRESS.values()}
columns = tuple(dict.fromkeys(("name", *(st.session_state["columns"] or enterprise_query.USUAL))))
query = enterprise_query.from_address(chosen)
found = enterprise_search.search(visit, query)
year, policy = enterprise_search.basis(visit)
with st.container(horizontal=True, vertical_alignment="center"):
    st.caption(
        f"{visit.scope.words} · {found.height:,} 家"
        + (f" · 身份与金额：{year}年度全年实际，政策版本 {policy.version}" if year else "")
        + " · 点一行打开企业画像",
        width="stretch",
    )
    address = {key: given for key, given in {**chosen, "columns": ",".join(columns)}.items() if given}
    st.link_button(
        "导出 CSV",
        f"/exports/enterprises.csv?{urlencode(address)}",
        icon=":material/download:",
        disabled=found.is_empty(),
        help="按当前条件与列导出全部企业",
    )
    with st.popover("我的视图", icon=":material/bookmark:"):
        st.caption("视图记住现在的筛选、列与排序，只有您自己看得到。")
        views = enterprise_search.views(visit)
        for name, view in views.items():
            with st.container(horizontal=True):
                st.button(plain(name), key=f"view#{name}", on_click=show, args=(view,), width="stretch")
                if st.button("删除", key=f"forget#{name}", help=f"删除视图“{plain(name)}”"):
                    enterprise_search.remove_view(visit, name)
                    st.rerun()
        with st.form(f"{answer.turn()}view.form", border=False):
            name = st.text_input(
                "视图名称", max_chars=30, key=f"{answer.turn()}view.name", placeholder="如 光谷核心企业"
            )
            if st.form_submit_button("保存当前视图", type="primary"):
                try:
                    kept = {**chosen, "columns": ",".join(st.session_state["columns"])}
                    replaced = enterprise_search.save_view(visit, name, kept)
                except UserError as error:
                    say("error", f"{error}（编号 {error.reference}）")
                else:
                    answer.give(f"视图“{' '.join(name.split())}”已{'更新' if replaced else '保存'}。")
                    st.rerun()
answer.show()
if say_outside(query.district, visit.places, "没有可以显示的企业"):
    st.stop()
if found.is_empty():
    say(
        "info",
        "没有符合条件的企业。请放宽搜索或筛选条件。"
        if any(chosen.values())
        else "还没有企业。企业首次登录后出现在这里。",
    )
    st.stop()
above = st.container()
page = st.pagination(pages(found.height, enterprise_search.PAGE), key="page", bind="query-params")
rows = found.slice((page - 1) * enterprise_search.PAGE, enterprise_search.PAGE)
with above:
    picked = st.dataframe(
        enterprise_query.table(rows, columns),
        hide_index=True,
        alt="企业列表",
        key="enterprises.list",
        height=36 + 35 * min(rows.height, 15),
        on_select="rerun",
        selection_mode=["single-row", "single-cell"],
    )
marked = [*picked["selection"]["rows"], *(row for row, _ in picked["selection"]["cells"])]
if marked and marked[0] < rows.height:
    st.switch_page("enterprise/enterprise.py", query_params={"id": rows["enterprise_id"][marked[0]]})
