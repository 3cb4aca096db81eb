"""The entry script: who is it, and which pages may that person open."""

from pathlib import Path

import streamlit as st

import gate
from core.terms import PRODUCT, ROLES
from gate.settings import from_environment
from ui.text import plain

#: section, page, title, icon, permission. The menu, the gate's tests and the screenshots are drawn from it.
PAGES = (
    ("企业填报", "enterprise/workbench.py", "工作台", "home", "filing.edit"),
    ("企业填报", "enterprise/basic.py", "基础信息", "badge", "filing.edit"),
    ("企业填报", "enterprise/technology.py", "技术条件", "memory", "filing.edit"),
    ("企业填报", "enterprise/business.py", "AI业务条件", "payments", "filing.edit"),
    ("企业填报", "enterprise/market.py", "市场需求", "storefront", "filing.edit"),
    ("企业填报", "enterprise/submit.py", "核对提交", "fact_check", "filing.edit"),
    ("统计分析", "bureau/overview.py", "产业总览", "monitoring", "overview.read"),
    ("统计分析", "bureau/designations.py", "名单认定", "verified", "designation.read"),
    ("审核", "bureau/review.py", "审核", "rule", "filing.read"),
    ("平台管理", "system/status.py", "运行状态", "health_and_safety", "system.read"),
)

IMAGES = Path(__file__).parent.parent / "ui" / "images"

st.set_page_config(page_title=PRODUCT, page_icon=str(IMAGES / "icon.png"), layout="wide")
visit = gate.require()
menu: dict[str, list[st.Page]] = {}
for section, path, title, icon, permission in PAGES:
    if visit.may(permission):
        first = not menu
        page = st.Page(path, title=title, icon=f":material/{icon}:", default=first)
        menu.setdefault(section, []).append(page)
current = st.navigation(menu, expanded=True)
st.logo(IMAGES / "logo.svg", size="large", icon_image=IMAGES / "icon.png", alt=PRODUCT)
with st.sidebar:
    if from_environment().demonstration:
        st.caption(":orange-badge[演示环境] 数据均为虚构")
    st.caption(f"{plain(visit.name)}（{ROLES[visit.role]}）")
    st.html('<a href="/auth/logout" target="_self">退出登录</a>')
current.run()
