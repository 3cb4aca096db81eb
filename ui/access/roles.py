"""角色管理 on the screen: a role's inputs, and what it says in one line."""

from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

from core.access.permissions import SECTIONS
from core.access.roles import BASE, FILERS, NEEDS, SCOPES, Role
from ui.base.text import plain

_FACTOR: Final = {None: "按系统配置", True: "必须使用", False: "不要求"}
_SCOPE_HELP: Final = (
    "全部：全市。本机构及以下：所在机构和它的下级。本机构：只有直接归属所在机构的企业，不含下级。"
    "仅本人：由本人联系的企业（在企业归属中设定）。自定义：下面所选机构及其下级。"
)


def fields(prefix: str, role: Role | None, places: Mapping[str, str]) -> dict[str, Any]:
    """Inputs for a role, filled from `role` (None: a new one); what they hold, as `data.access.roles` takes it."""
    name = st.text_input(
        "角色名称", value=role.name if role else "", max_chars=20, key=f"{prefix}name", placeholder="例如 统计员"
    )
    note = st.text_input(
        "说明", value=role.note if role else "", max_chars=200, key=f"{prefix}note", placeholder="选填"
    )
    with st.grid(2, min_column_width=280):
        scope = st.selectbox(
            "数据范围",
            list(SCOPES),
            index=list(SCOPES).index(role.scope) if role else None,
            format_func=SCOPES.__getitem__,
            key=f"{prefix}scope",
            placeholder="请选择数据范围",
            help=_SCOPE_HELP,
        )
        factor = st.selectbox(
            "动态验证码",
            list(_FACTOR),
            index=list(_FACTOR).index(role.second_factor if role else None),
            format_func=_FACTOR.__getitem__,
            key=f"{prefix}factor",
            placeholder="请选择",
        )
    organisations = st.multiselect(
        "自定义机构",
        list(places),
        default=sorted(role.organisations & places.keys()) if role else [],
        format_func=lambda code: places.get(code, code),
        key=f"{prefix}organisations",
        placeholder="数据范围为“自定义”时选择",
    )
    chosen = set()
    with st.grid(2, min_column_width=280):
        for section, permissions in SECTIONS.items():
            open_to_staff = {code: words for code, words in permissions.items() if code not in FILERS | BASE}
            if not open_to_staff:
                continue
            with st.container(border=True):
                st.markdown(f"**{section}**")
                for code, words in open_to_staff.items():
                    label = f"└ {words}" if code in NEEDS else words
                    if st.checkbox(label, value=bool(role and code in role.permissions), key=f"{prefix}{code}"):
                        chosen.add(code)
    return {
        "name": name,
        "note": note,
        "scope": scope or "",
        "second_factor": factor,
        "organisations": frozenset(organisations),
        "permissions": frozenset(chosen),
    }


def facts(role: Role, accounts: int, places: Mapping[str, str]) -> None:
    """What stands about a role, in one line."""
    own = "、".join(plain(places.get(each, each)) for each in sorted(role.organisations))
    st.caption(
        f"{accounts} 个账号 · 数据范围：{SCOPES[role.scope]}{f'（{own}）' if own else ''} · {len(role.permissions)} 项权限"
    )
