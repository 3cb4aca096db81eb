"""供需对接: what became of one's own demands, and what the bureau proposes; contact once both sides agree."""

import streamlit as st

import gate
from core.access.permissions import Permission
from core.base.errors import UserError
from core.enterprise.matching import PROJECT_STATES, SIDES
from core.filing.model import DEMAND_KINDS
from data.enterprise import projects
from ui.base import answer
from ui.base.text import plain, say

visit = gate.require(Permission.MATCH_OWN)
st.title("供需对接", anchor=False)
st.caption("主管部门按产业链环节、产品和区属为市场需求寻找对接企业。双方都同意之后，才互相看到联系方式。")
answer.show()
said = {True: "同意", False: "不同意", None: "未答复"}
offers = projects.offers(visit)
st.header("对接建议", anchor=False)
if not offers:
    say("info", "还没有对接建议。主管部门提出后出现在这里。")
for offer in offers:
    with st.container(border=True):
        st.markdown(f"**{plain(offer.title)}**　{DEMAND_KINDS.get(offer.kind, '需求')}")
        st.markdown(plain(offer.description) or "没有说明。")
        more = [offer.scale, offer.needed_by, PROJECT_STATES[offer.project_state]]
        st.caption(" · ".join(plain(each) for each in more if each))
        st.markdown(f"贵企业是{SIDES[offer.side]}，对方：**{plain(offer.other)}**  \n:small[{plain(offer.reasons)}]")
        st.caption(f"贵企业{said[offer.mine]}，对方{said[offer.theirs]}")
        if offer.contact:
            say("success", f"双方已同意。对方联系人：{offer.contact}")
        elif offer.project_state in ("open", "matched"):
            with st.container(horizontal=True):
                for agreed, label in ((True, "同意"), (False, "不同意")):
                    pressed = st.button(
                        label,
                        key=f"{offer.id}#{label}",
                        type="primary" if agreed else "secondary",
                        disabled=offer.mine is agreed,
                    )
                    if pressed:
                        try:
                            both = projects.answer(visit, offer.id, agreed)
                        except UserError as error:
                            say("error", f"{error}（编号 {error.reference}）")
                        else:
                            answer.give("双方都已同意，联系方式见下。" if both else f"已答复：{label}。")
                            st.rerun()
st.header("本企业的需求", anchor=False)
mine = projects.own(visit)
if not mine:
    say("info", "还没有提交市场需求。可在填报的“市场需求”一步填写，提交后主管部门可以看到。")
for demand in mine:
    reason = f"  \n:small[{plain(demand.reason)}]" if demand.reason else ""
    st.markdown(
        f"- {DEMAND_KINDS.get(demand.kind, '需求')}　**{plain(demand.title)}**　{PROJECT_STATES[demand.state]}{reason}"
    )
