"""The entry script: who is it, and which pages may that person open."""

from pathlib import Path

import streamlit as st

import gate
from core.terms import PRODUCT, ROLES
from gate.settings import from_environment
from ui.menu import PAGES
from ui.text import plain

IMAGES = Path(__file__).parent.parent / "ui" / "images"

st.set_page_config(page_title=PRODUCT, page_icon=str(IMAGES / "icon.png"), layout="wide")
visit = gate.require()
menu: dict[str, list[st.Page]] = {}
for section, path, title, icon, permission in PAGES:
    if visit.may(permission):
        menu.setdefault(section, []).append(st.Page(path, title=title, icon=f":material/{icon}:"))
first = next(iter(menu.values()))[0]
# "/" leads to one's first page; every page keeps its own address, whoever opens it.
home = st.Page(lambda: st.switch_page(first), title="首页", url_path="home", default=True, visibility="hidden")
current = st.navigation({"": [home], **menu}, expanded=True)
st.logo(str(IMAGES / "logo.svg"), size="large", icon_image=str(IMAGES / "icon.png"))
with st.sidebar:
    if from_environment().demonstration:
        st.caption(":orange-badge[演示环境] 数据均为虚构")
    st.caption(f"{plain(visit.name)}（{ROLES[visit.role]}）")
    st.html('<a href="/auth/logout" target="_self">退出登录</a>')
current.run()
