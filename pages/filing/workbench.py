"""工作台 of an enterprise: what is due, until when, how far it is, what came back and why."""

import streamlit as st

import gate
from core.access.permissions import Permission
from core.audit.wording import EVENTS
from core.filing.cells import label_of
from core.filing.model import STEP_NAMES, progress
from core.filing.states import IN_REVIEW, STATES
from data.filing import filings
from data.review import desk
from ui.base.text import moment, plain, say
from ui.filing import step
from ui.rule import derivation

visit = gate.require(Permission.FILING_EDIT)
st.title("工作台", anchor=False)
filing = filings.mine(visit)
if filing is None:
    st.info("目前没有开放的填报期。开放后将在此提示，届时会另行通知。", icon=":material/event_upcoming:")
    st.stop()
today = visit.store.today
left = (filing.closes - today).days
st.header(plain(filing.content["basic"]["enterprise_name"]), anchor=False)
st.caption(f"{filing.round.name}，{filing.round.opens:%Y-%m-%d} 至 {filing.closes:%Y-%m-%d}")
if filing.merged:
    say("warning", f"贵企业{filing.merged}。")
with st.grid(3):
    st.metric("本期状态", STATES[filing.state] if filing.revision else "尚未填写", border=True)
    st.metric("距截止", "无须填报" if filing.merged else f"{left} 天" if left >= 0 else "已截止", border=True)
    st.metric("最近保存", moment(filing.saved_at), border=True)
if filing.revision == 0 and "technology" in filing.content:
    say("info", "已带入上期填报的内容供核对，尚未保存。请逐步检查、更新，填写本期数据后提交。")
if filing.state == "returned" and not filing.merged:
    say("warning", "填报被退回，请按下列意见修改后重新提交。")
    for path, text in filing.reasons.items():
        st.markdown(f"- **{plain(label_of(path)) if path else '总体意见'}**：{plain(text)}")
elif filing.state in IN_REVIEW:
    say("info", f"已于 {moment(filing.submitted_at)} 提交，正在审核，请留意本页的状态变化。")
elif filing.state == "admitted":
    say("success", "本期填报已通过审核，企业已入库。")
elif filing.state == "revoked":
    say("error", "入库资格已被撤销，如有疑问请联系所在区经信部门。")
before = filings.earlier(visit)
step.earlier([each for each in before if step.unfinished(each, today)], today)
if own := desk.own_class(visit, filing):
    st.header("身份预判" if filing.round.forecast else "本期身份", anchor=False)
    basis = (
        "按全年（预测）计算的预判，不是正式认定"
        if filing.round.forecast
        else "按本期填报的全年数计算，以审核入库的结果为准"
    )
    derivation.card(own, caption=f"{filing.round.year}年度，{basis}。")
    if filing.state == "admitted":
        st.link_button(
            "打印认定依据",
            derivation.address("print", filing.enterprise_id, filing.round.year, visit.store.today),
            icon=":material/print:",
        )
st.header("填报进度", anchor=False)
for name, (done, needed) in progress(filing.content, filing.round).items():
    link, bar = st.columns([1, 3], vertical_alignment="center")
    link.page_link(step.PAGES[name], label=STEP_NAMES[name])
    if needed:
        bar.progress(done / needed, text=f"已填 {done} 项，共 {needed} 项必填")
    else:
        bar.caption("选填")
st.page_link("filing/submit.py", label="核对并提交", icon=":material/fact_check:")
if filing.revision:
    st.header("办理记录", anchor=False)
    for item in filings.timeline(visit, filing.id):
        # Why it was sent back stands above as long as it is to be mended.
        why = "" if item.kind == "filing.returned" else "；".join(item.reasons.values())
        st.markdown(f"- {moment(item.at)}　{EVENTS[item.kind]}" + (f"：{plain(why)}" if why else ""))
if finished := [each for each in before if not step.unfinished(each, today)]:
    st.header("往期填报", anchor=False)
    step.earlier(finished, today)
