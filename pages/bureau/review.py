"""审核: the queue of a district or of the city, the filing with its class and derivation beside it, the decision."""

import polars as pl
import streamlit as st

import gate
from core import policy, terms
from core.classification import explain
from core.errors import Conflict, DoorError
from core.filing import DISTRICTS, STEPS, fields, label_of
from data import filings, review
from ui import derivation, reading
from ui.text import moment, plain, say

ACTIONS = {"pass": "通过，报市级审核", "admit": "通过，入库", "return": "退回", "revoke": "撤销入库"}

visit = gate.require("filing.read")
st.title("审核", anchor=False)
if message := st.session_state.pop("decided", None):
    say("success", message)
this_round = filings.current_round(visit)
if this_round is None:
    st.info("还没有填报期。", icon=":material/event_upcoming:")
    st.stop()
everything = review.filings(visit, this_round.id)
mine = review.waiting_state(visit)
views = {"待我审核": mine, "全部": None} | {
    word: state for state, word in terms.STATES.items() if state not in ("draft", mine)
}
view = st.segmented_control("范围", list(views), default="待我审核", required=True, key="view", bind="query-params")
state = views.get(view or "待我审核")
queue = everything if state is None else everything.filter(pl.col("state") == state)
st.caption(
    f"{this_round.name} · {'全市' if visit.district is None else DISTRICTS[visit.district]} · {queue.height} 份，最早提交的在前"
)
if queue.is_empty():
    st.success("没有需要处理的填报。" if state == mine else "没有符合条件的填报。", icon=":material/done_all:")
    st.stop()
titles = dict(zip(queue["id"], queue["name"], strict=True))
chosen = st.selectbox(
    "打开填报",
    list(titles),
    format_func=lambda identity: titles.get(identity, identity),
    key="filing",
    help="可输入企业名称查找",
)
with st.expander(f"列表（{queue.height} 份）"):
    yi = {"total_revenue": "总收入（亿元）", "ai_revenue": "AI业务收入（亿元）"}
    st.dataframe(
        queue.select(
            pl.col("name").alias("企业名称"),
            pl.col("district").replace_strict(DISTRICTS, default="未填").alias("区属"),
            pl.col("state").replace_strict(terms.STATES).alias("状态"),
            pl.col("directory_tier").replace_strict(terms.TIERS).alias("计算身份（预判）"),
            *((pl.col(name) / 100_000_000).round(4).alias(title) for name, title in yi.items()),
            (pl.col("submitted_at") + pl.duration(hours=8)).dt.to_string("%Y-%m-%d %H:%M").alias("提交时间"),
        ),
        hide_index=True,
        alt="填报列表",
    )
try:
    filing = filings.one(visit, chosen)
    found = filings.check(visit, filing)
except DoorError as error:
    say("error", str(error))
    st.stop()
head = queue.row(by_predicate=pl.col("id") == chosen, named=True)
st.subheader(plain(titles[chosen]), anchor=False)
st.caption(f"状态：{terms.STATES[filing.state]} · 提交于 {moment(filing.submitted_at)} · 第 {filing.revision} 版")
content, side = st.columns([3, 2])
with side:
    st.markdown("**身份与推导**")
    basis = "按全年（预测）预判" if filing.round.forecast else "按全年实际"
    law = policy.in_force(policy.shipped(), visit.store.today)
    derivation.card(explain(head, law), caption=f"{filing.round.year}年度，{basis}，本期填报数。")
    st.markdown("**审核关系**")
    reading.findings(found, filing.content.get("explanations", {}))
    open_actions = filings.decisions_open_to(visit, filing)
    if open_actions:
        st.markdown("**审核意见**")
        reasons = {"": st.text_area("总体意见", key=f"remark#{chosen}", placeholder="退回或撤销时必填其一，企业可见")}
        options = [f"{step}.{about.name}" for step, model in STEPS.items() for about in fields(model)]
        for path in st.multiselect(
            "按项目填写意见", options, format_func=label_of, key=f"paths#{chosen}", placeholder="选择有问题的项目"
        ):
            reasons[path] = st.text_input(
                label_of(path), key=f"reason#{chosen}#{path}", placeholder="说明问题与修改要求"
            )
        with st.container(horizontal=True):
            pressed = next(
                (
                    action for action in open_actions
                    if st.button(ACTIONS[action], key=f"{action}#{chosen}", type="primary" if action in ("pass", "admit") else "secondary")
                ),
                None,
            )  # fmt: skip
        seen = st.session_state.get("seen")
        st.session_state["seen"] = (chosen, filing.revision)
        if pressed:
            try:
                if seen != (chosen, filing.revision):
                    raise Conflict("这份填报刚刚有了新的变化，您的操作未执行。本页现为最新内容，请查看后再决定。")
                filings.decide(
                    visit,
                    chosen,
                    filing.revision,
                    pressed,
                    reasons=reasons,
                    key=f"{pressed}:{chosen}:{filing.revision}",
                )
            except DoorError as error:
                say("error", f"{error}（编号 {error.reference}）")
            else:
                st.session_state["decided"] = f"{titles[chosen]}：{ACTIONS[pressed]}，已完成。"
                st.rerun()
with content:
    reading.whole(filing.content)
