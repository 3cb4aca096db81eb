"""项目库: demands as filed, made into projects; who could answer them and why; proposals and what came of them."""

import streamlit as st

import gate
from core.access.permissions import Permission
from core.base.errors import UserError
from core.enterprise.matching import PROJECT_STATES
from core.filing.model import DEMAND_KINDS
from data.enterprise import projects
from ui.base import answer
from ui.base.text import moment, plain, say, say_outside
from ui.enterprise import projects as screen

visit = gate.require(Permission.PROJECT_READ)
st.title("项目库", anchor=False)
text, kind, district, state = screen.filters()
found = projects.demands(visit, text=text, kind=kind, district=district, state=state)
st.caption(f"{visit.scope.words} · {found.height:,} 项需求，对接中的在前 · 点一行查看")
answer.show()
if say_outside(district, visit.places, "没有可以显示的需求"):
    st.stop()
if found.is_empty():
    say("info", "没有符合条件的需求。企业在“市场需求”中填写并提交后出现在这里。")
else:
    screen.demands(found)
chosen = st.query_params.get("demand")
if not chosen:
    st.stop()
try:
    demand = projects.one(visit, chosen)
except UserError as error:
    say("error", str(error))
    st.stop()
st.header(plain(demand.title), anchor=False)
facts = [
    DEMAND_KINDS.get(demand.kind, "需求"),
    demand.name,
    demand.scale,
    demand.needed_by,
    PROJECT_STATES[demand.state],
]
st.caption(" · ".join(plain(fact) for fact in facts if fact))
st.markdown(plain(demand.description) or "没有说明。")
if demand.reason:
    say("info", f"结果：{demand.reason}")
manages, live, key = (
    visit.may(Permission.PROJECT_MANAGE),
    demand.state in ("open", "matched"),
    f"{answer.turn()}{chosen}#",
)
proposed = projects.proposals(visit, chosen)
said = {True: "同意", False: "不同意", None: "未答复"}
try:
    if manages and not demand.state and st.button("立项", key=f"{key}open", type="primary", icon=":material/add_task:"):
        projects.open_project(visit, chosen)
        answer.give("已立项，可以向双方提出对接。")
        st.rerun()
    if proposed:
        st.subheader("已提出的对接", anchor=False)
    for each in proposed:
        st.markdown(
            f"- **{plain(each.name)}**　需求方{said[each.demand]}，供给方{said[each.supply]}  \n:small[{plain(each.reasons)} · {moment(each.proposed_at)}]"
        )
    st.subheader("可对接的企业", anchor=False)
    matches = projects.candidates(visit, chosen)
    st.caption(f"按产业链环节、产品用词与区属匹配，{matches.height} 家。双方都同意之前，联系方式只由主管部门掌握。")
    for match in matches.iter_rows(named=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                f"**{plain(match['name'])}**　{match['score']} 分  \n:small[{plain(match['reasons'])}]", width="stretch"
            )
            done = any(each.enterprise_id == match["enterprise_id"] for each in proposed)
            if manages and live and not done and st.button("向双方提出", key=f"{key}propose#{match['enterprise_id']}"):
                unreached = projects.propose(visit, chosen, match["enterprise_id"])
                by_phone = f"{'、'.join(unreached)}没有可用的账号，收不到站内信，请电话联系。" if unreached else ""
                answer.give(f"已向双方提出与{match['name']}的对接。{by_phone}")
                st.rerun()
    if manages and live:
        with st.expander("结束项目", icon=":material/task_alt:"), st.form(f"{key}form", border=False):
            outcome = st.selectbox(
                "结果",
                ["done", "closed"],
                format_func=PROJECT_STATES.__getitem__,
                key=f"{key}outcome",
                placeholder="请选择",
            )
            reason = st.text_area("说明", key=f"{key}reason", max_chars=500, placeholder="成效或关闭的原因，企业可见")
            if st.form_submit_button("结束项目", type="primary"):
                projects.close(visit, chosen, demand.revision, outcome, reason)
                answer.give("项目已结束。")
                st.rerun()
except UserError as error:
    say("error", f"{error}（编号 {error.reference}）")
