"""The gate: who is it, may they, and the visit through which everything is read and written.

`require` is the first statement of every page and of every fragment: it looks the session up again on
each script run, so that logout, a stopped account or 强制下线 ends open tabs at their next run.
"""

from urllib.parse import quote, urlencode, urlsplit

import streamlit as st

from core.access.permissions import Permission
from data.access import sessions
from data.access.visit import Visit
from data.audit import log
from data.store.store import Store

__all__ = ["SESSION_HEADER", "Visit", "bind", "bound_store", "require"]

#: Set by the guard from the cookie's session, never taken from a client; mapped into st.user by config.toml.
SESSION_HEADER = "x-library-session"

#: Where a tab remembers its page, so that a page opened is noted once; nothing is decided by it.
PAGE = "log.page"

_bound: list[Store] = []


def bind(store: Store | None) -> None:
    """Give the gate the process's store (None when it closes)."""
    _bound[:] = [store] if store is not None else []


def bound_store() -> Store:
    """The process's store. Raises RuntimeError before `bind`."""
    if not _bound:
        raise RuntimeError("the gate has no store yet")
    return _bound[0]


def page_shown() -> str:
    """The title of the page that this run is for, as the router has noted it; else its path."""
    return str(st.session_state.get(PAGE) or urlsplit(st.context.url or "").path)


def require(permission: Permission | None = None, *, watching: bool = False) -> Visit:
    """The visit of this script run; stops the run with a sentence when there is none or it may not.

    `permission`: None asks for a live session only. `watching`: this run comes
    from a clock, not from a person, and does not keep the session from growing idle.
    """
    identity = st.user.get("session")
    visit = sessions.visit_of(bound_store(), str(identity) if identity else None)
    if visit is None:
        st.error(
            "登录已失效：可能是超过时限、已在别处退出，或账号被停用。已保存的内容不受影响，请重新登录后继续。",
            icon=":material/lock:",
        )
        here = urlsplit(st.context.url or "").path or "/"
        if asked := urlencode(st.query_params.to_dict()):
            here = f"{here}?{asked}"
        st.html(f'<a href="/auth/login?next={quote(here)}" target="_self">重新登录</a>')
        st.stop()
    if not watching and visit.session_id is not None:
        sessions.use(bound_store(), visit.session_id)
    if permission is not None and not visit.may(permission):
        log.refused(visit, permission, page_shown())
        st.error(
            f"您的账号没有“{permission.label}”的权限，不能打开此页。如需开通请联系系统管理员。", icon=":material/block:"
        )
        st.stop()
    return visit
