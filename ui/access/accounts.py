"""账号管理 and 填报人员 on the screen: the list to click, the inputs, the words."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl
import streamlit as st

from ui.base.text import moment, plain

Names = Mapping[str, str]
_ADDRESS: Final = "account"  # in the URL, so that a reload and a shared address open the same account


def address() -> str | None:
    """The account that the URL names."""
    return st.query_params.get(_ADDRESS) or None


def go(account: str) -> None:
    """Name this account in the URL."""
    st.query_params[_ADDRESS] = account


def search(roles: Names) -> tuple[str, str | None, bool | None]:
    """What is looked for, kept in the address: text, role, and whether it may sign in (None: all the same)."""
    with st.grid(3):
        text = st.text_input(
            "搜索",
            key="q",
            placeholder="用户名、姓名或企业名称",
            max_chars=60,
            bind="query-params",
            icon=":material/search:",
        )
        role = st.selectbox(
            "角色",
            list(roles),
            index=None,
            format_func=lambda code: roles.get(code, code),
            key="role",
            placeholder="全部",
            bind="query-params",
        )
        state = st.selectbox("状态", ["启用", "停用"], index=None, key="state", placeholder="全部", bind="query-params")
    return text, role, None if state is None else state == "启用"


def _picked(ids: Sequence[str]) -> None:
    selection = st.session_state["accounts.list"]["selection"]
    rows = [*(row for row, _ in selection["cells"]), *selection["rows"]]
    if rows and rows[0] < len(ids):
        go(ids[rows[0]])


def listing(rows: Sequence[Mapping[str, Any]], roles: Names, places: Names) -> None:
    """The accounts of a page as a table to click."""
    ids = [row["id"] for row in rows]
    st.dataframe(
        pl.DataFrame(
            {
                "用户名": [row["username"] for row in rows],
                "姓名": [row["name"] for row in rows],
                "角色": [roles.get(row["role"], row["role"]) for row in rows],
                "机构或企业": [row["enterprise"] or places.get(row["organisation_id"], "—") for row in rows],
                "状态": ["启用" if row["active"] else "停用" for row in rows],
                "最近登录": [moment(row["last_sign_in"]) for row in rows],
                "在线会话": [row["live_sessions"] for row in rows],
            }
        ),
        hide_index=True,
        alt="账号列表",
        key="accounts.list",
        height=36 + 35 * min(len(rows), 10),
        on_select=lambda: _picked(ids),
        selection_mode=["single-row", "single-cell"],
    )


def fields(prefix: str, row: Mapping[str, Any], roles: Names, places: Names) -> dict[str, Any]:
    """Inputs for name, role and organisation, filled from `row`; what they hold."""
    name = st.text_input("姓名", value=row.get("name", ""), max_chars=60, key=f"{prefix}name", placeholder="请输入姓名")
    role = st.selectbox(
        "角色",
        list(roles),
        format_func=lambda code: roles.get(code, code),
        key=f"{prefix}role",
        placeholder="请选择角色",
        index=list(roles).index(row["role"]) if row.get("role") in roles else None,
    )
    organisation = st.selectbox(
        "机构",
        list(places),
        format_func=lambda code: places.get(code, code),
        key=f"{prefix}organisation",
        placeholder="所在机构",
        index=list(places).index(row["organisation_id"]) if row.get("organisation_id") in places else None,
        help="数据范围为“本机构及以下”或“本机构”的角色（如区级审核员）必选",
    )
    return {"name": name, "role": role, "organisation_id": organisation}


def position(prefix: str, row: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The input for 职位, empty where none is set."""
    held = row.get("position_id")
    chosen = st.selectbox(
        "职位",
        list(names),
        format_func=lambda code: names.get(code, code),
        key=f"{prefix}position",
        placeholder="未设定",
        index=list(names).index(str(held)) if held in names else None,
    )
    return {"position_id": chosen}


def facts(account: Mapping[str, Any], roles: Names, places: Names) -> None:
    """What stands about an account, in one line."""
    parts = [
        f"用户名 {plain(account['username'])}",
        plain(roles.get(account["role"], account["role"])),
        plain(account["enterprise"] or places.get(account["organisation_id"], "未设机构")),
        "启用" if account["active"] else "已停用",
        "用户名登录" if account["local"] else "统一登录",
        *(["已锁定"] if account["locked"] else []),
        *(["已启用动态验证码"] if account["second_factor"] else []),
        *(["待修改初始密码"] if account["must_change"] else []),
    ]
    st.caption(" · ".join(parts))
