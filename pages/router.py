"""The entry script: who is it, and which pages may that person open."""

from functools import partial
from pathlib import Path

import streamlit as st

import gate
from core.access.permissions import Permission
from core.base import help as manual
from core.base.terms import PRODUCT
from data.access import roles
from data.audit import log
from data.filing import filings
from data.messaging import messages, notices, problems
from gate import settings
from ui.base import help
from ui.base.menu import PAGES
from ui.base.text import plain
from ui.filing import step
from ui.messaging import problems as problem

#: The page that is shown without the menu.
STAGE = "meeting"
IMAGES = Path(__file__).parent.parent / "ui" / "base" / "images"

st.set_page_config(page_title=PRODUCT, page_icon=str(IMAGES / "icon.png"), layout="wide")
visit = gate.require()
if visit.may(Permission.FILING_EDIT):
    step.sweep(lambda filing_id: partial(filings.save, visit, filing_id))
menu: dict[str, list[st.Page]] = {}
# Pages one may not open stay out of the menu, but keep their address: their own gate says why they are closed.
closed: list[st.Page] = []
for section, path, title, icon, permission in PAGES:
    if visit.may(permission):
        menu.setdefault(section, []).append(st.Page(path, title=title, icon=f":material/{icon}:"))
    else:
        closed.append(st.Page(path, title=title, icon=f":material/{icon}:", visibility="hidden"))
first = next(iter(menu.values()))[0]
# "/" leads to one's first page; every page keeps its own address, whoever opens it.
home = st.Page(lambda: st.switch_page(first), title="首页", url_path="home", default=True, visibility="hidden")
current = st.navigation({"": [home, *closed], **menu}, expanded=True)
on_stage = current.url_path == STAGE and current not in closed
if on_stage:  # a meeting is shown without the menu around it; Esc leads back
    st.navigation({"": [home, *closed], **menu}, position="hidden")
if current is not home and st.session_state.get(gate.PAGE) != current.title:
    st.session_state[gate.PAGE] = current.title
    if current not in closed:  # a closed page says itself that it was asked for
        log.opened(visit, current.title)
demonstration = "演示环境：企业、人员和数据均为虚构" if settings.current().demonstration else ""
if on_stage:
    if demonstration:
        st.caption(demonstration)
else:
    st.logo(str(IMAGES / "logo.svg"), size="large", icon_image=str(IMAGES / "icon.png"))
    # Over each page, not under the menu, which is longer than many screens.
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center", gap="small"):
        st.caption(demonstration, width="stretch")
        waiting = {"站内信": messages.unread(visit), "公告": notices.unread(visit)}
        if any(waiting.values()):
            words = "，".join(f"{word} {count}" for word, count in waiting.items() if count)
            target = "messaging/messages.py" if waiting["站内信"] else "messaging/notices.py"
            st.page_link(target, label=f"未读：{words}", icon=":material/mark_email_unread:", width="content")
        if visit.may(Permission.FILING_EDIT):
            if known := manual.pages().get(current.url_path):
                help.popover(current.title, known)
            problem.form(
                current.title, problems.MOST, lambda text, key: problems.report(visit, current.title, text, key=key)
            )
        st.caption(f"{plain(visit.name)}（{plain(roles.names(visit)[visit.role])}）", width="content")
        st.html(
            '<a href="/auth/logout" target="_self" style="color: inherit; display: inline-block; padding: 0.4rem 0">退出登录</a>',
            width="content",
        )
problem.answer()
step.warn_elsewhere(current.url_path)
current.run()
