"""审核: the queue of a district or of the city, the filing with its class and derivation beside it, the decision."""

import polars as pl
import streamlit as st

import gate
from core.access.permissions import Permission
from core.base.errors import UserError
from core.filing.states import FORWARD
from data.enterprise import moves
from data.filing import filings, periods
from data.review import comments, decisions
from data.review import queue as review_queue
from ui.base import answer
from ui.base.text import plain, say
from ui.enterprise import move
from ui.filing import read_only, side_by_side
from ui.review import batch, decision, discussion
from ui.rule import derivation

visit = gate.require(Permission.FILING_READ)
st.title("审核", anchor=False)
answer.show()
if asked := decision.asked():
    try:
        if asked.action == "undo":
            decisions.undo(visit, asked.filing, asked.revision)
        else:
            key = f"{asked.action}:{asked.filing}:{asked.revision}"
            decisions.decide(visit, asked.filing, asked.revision, asked.action, reasons=asked.reasons, key=key)
    except UserError as error:
        decision.answer(asked.filing, "error", f"{error}（编号 {error.reference}）")
    else:
        decision.answer(asked.filing, "success", f"{asked.name}：{decision.ACTIONS[asked.action]}，已完成。")
if chosen_several := batch.asked():
    try:
        came = decisions.decide_several(visit, chosen_several)
        batch.answer(came.done, came.left)
    except UserError as error:
        say("error", f"{error}（编号 {error.reference}）")
this_round = periods.current_round(visit)
if this_round is None:
    st.info("还没有填报期。", icon=":material/event_upcoming:")
    st.stop()

mine = review_queue.waiting_state(visit)
state, order = decision.view(mine)
everything = review_queue.filings(visit, this_round.id, order=order, others=True)
queue = everything if state is None else everything.filter(pl.col("state") == state)
decision.counted(queue, this_round, visit.scope.words, order, mine=state == mine)
if mine is not None and state == mine:
    batch.choose(queue.filter(~pl.col("flagged")), FORWARD[mine], decisions.MOST)
chosen = decision.address()
moved = st.session_state.pop("review.moved", False)
if chosen is None or (moved and chosen not in queue["id"]):
    # Another view was asked for, or none named: its first, and from now on that one, whatever others decide.
    if queue.is_empty():
        st.stop()
    chosen = queue["id"][0]
    decision.go(chosen)

try:
    filing = filings.one(visit, chosen)
    head = review_queue.head(visit, filing)
    found, record = filings.check(visit, filing), filings.timeline(visit, filing.id)
    said = comments.listing(visit, filing.id)
except UserError as error:
    decision.queue(queue, None)
    say("error", str(error))
    st.stop()
decision.queue(queue, head)
decision.heading(head.name, filing, this_round)
seconds = decisions.seconds_left(visit, filing)


@st.fragment(run_every=2)
def watch() -> None:
    """Count down the seconds in which a decision may be taken back; then draw the page without that button."""
    left = decisions.seconds_left(gate.require(Permission.FILING_READ, watching=True), filing)
    if not left:
        st.rerun()
    st.caption(f"{left} 秒内可撤回本次决定")


side, content = st.columns([2, 3], gap="medium")
with side:
    st.subheader("身份与推导", anchor=False)
    st.caption(f"排序理由：{plain(head.impact_reason)}")
    basis = "按全年（预测）预判" if filing.round.forecast else "按全年实际"
    derivation.card(review_queue.derivation(visit, filing), caption=f"{filing.round.year}年度，{basis}，本期填报数。")
    st.subheader("审核关系", anchor=False)
    read_only.findings(found, filing.content.get("explanations", {}))
    decision.panel(
        decisions.open_to(visit, filing),
        filing,
        head.name,
        way=decision.neighbours(everything["id"].to_list(), queue["id"], chosen),
        undo=bool(seconds),
    )
    if seconds:
        watch()
    with st.expander(f"沟通记录（{len(said)} 条）", icon=":material/forum:"):
        discussion.show(filing.id, said, lambda path, text: comments.add(visit, filing.id, path, text))
    decision.record(record)
    if visit.may(Permission.ENTERPRISE_CORRECT) and visit.scope.everything:
        firm = moves.standing(visit, filing.enterprise_id)
        move.show(
            firm, lambda to, since, why: moves.move(visit, firm.id, firm.district, district=to, since=since, reason=why)
        )
with content:
    if before := review_queue.previous(visit, filing):
        side_by_side.compare(filing.content, before[1], before[0].name)
    else:
        read_only.whole(filing.content)
