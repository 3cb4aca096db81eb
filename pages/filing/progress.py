"""填报进度: who must file, who has, who is late; reminders one or many, and what is passed on."""

import streamlit as st

import gate
from core.access.permissions import Permission
from core.base.errors import UserError
from data.filing import progress, reminders
from ui.base import answer
from ui.base.text import plain, say
from ui.filing import progress as screen
from ui.statistics import basis_line

visit = gate.require(Permission.PROGRESS_READ)
st.title("填报进度", anchor=False)
known = {each.id: each for each in progress.rounds_begun(visit)}
if not known:
    st.info("还没有填报期。填报期开始后，这里显示应报、已报和未报的企业。", icon=":material/event_upcoming:")
    st.stop()
asked = st.query_params.get("round")
chosen = st.selectbox(
    "填报期",
    list(known),
    index=list(known).index(asked) if asked in known else 0,
    format_func=lambda each: known[each].name,
    key="round.chosen",
    placeholder="请选择填报期",
    on_change=lambda: st.query_params.update(round=st.session_state["round.chosen"]),
)
this_round = known[chosen]
frame = progress.listing(visit, this_round)
whole = progress.whole(frame)
waiting = progress.unfinished(frame)
late = visit.store.today > this_round.closes
left = (
    f"已截止 {-this_round.days_left(visit.store.today)} 天"
    if late
    else f"还有 {this_round.days_left(visit.store.today)} 天"
)
st.caption(
    f"{plain(visit.scope.words)} · {this_round.opens} 至 {this_round.closes}（{left}） · 填报对象：{this_round.who}"
)
basis_line.export(visit.may(Permission.REPORT_EXPORT), "progress", {"round": chosen})
answer.show()
if frame.is_empty():
    say("info", "本期在您的管辖范围内没有须填报的企业。")
    st.stop()
screen.numbers(whole, int(waiting["unreported_revenue"].sum()))
with st.container(border=True):
    st.header("逐日已报（家）", anchor=False)
    screen.over_time(progress.rate(visit, this_round), whole.due)
with st.container(border=True):
    st.header("分组进度（家）", anchor=False)
    by = (
        st.segmented_control(
            "分组",
            list(progress.GROUPS),
            format_func=progress.GROUPS.__getitem__,
            default="district",
            required=True,
            key="by",
            bind="query-params",
        )
        or "district"
    )
    screen.groups(progress.grouped(frame, by), by, progress.GROUPS[by])
    if by == "segment":
        st.caption("一家企业可属多个环节，在每个环节各计一次，各环节之和大于总数。")

st.header("未报名单", anchor=False)
view, order = screen.choice(chosen)
listed = progress.listed(visit, this_round, view, order)
if listed.is_empty():
    say("success", "名单中没有企业。")
    st.stop()
ticked = screen.people(listed, f"{answer.turn()}{view}.{order}.people")
if len(ticked) == 1:
    screen.record(reminders.history(visit, this_round, listed["enterprise_id"][ticked[0]]), reminders.LEVELS)
if not visit.may(Permission.REMINDER_SEND):
    st.stop()
letter = screen.letter(len(ticked), listed.height, this_round, late)
try:
    if letter:
        ids = (
            listed["enterprise_id"].to_list()
            if letter.everybody
            else [listed["enterprise_id"][place] for place in ticked]
        )
        bar, done = st.progress(0.0, "正在发送……"), []
        for start in range(0, len(ids), reminders.BATCH):
            part = ids[start : start + reminders.BATCH]
            done.append(
                reminders.remind(
                    visit,
                    this_round.id,
                    part,
                    template=letter.template,
                    title=letter.title,
                    text=letter.text,
                    copy=letter.copy,
                )
            )
            bar.progress(min(1.0, (start + len(part)) / len(ids)), f"正在发送 {start + len(part)}/{len(ids)}")
        unreachable = [name for part in done for name in part.unreachable]
        answer.give(screen.said(sum(part.sent for part in done), sum(part.filed for part in done), unreachable))
        st.rerun()
    overdue = reminders.overdue(visit, this_round)
    if not overdue.is_empty():
        st.subheader("上报", anchor=False)
        st.caption(f"逾期且催报过仍未报的 {overdue.height} 家，可发给所在区审核人员或市级。")
        with st.container(horizontal=True):
            for level in ("district", "city"):
                if st.button(reminders.LEVELS[level], key=f"escalate.{level}", icon=":material/escalator_warning:"):
                    count = reminders.escalate(visit, this_round.id, level)
                    answer.give(f"逾期名单已发给 {count} 位{'区级审核' if level == 'district' else '市级'}人员。")
                    st.rerun()
except UserError as error:
    say("error", f"{error}（编号 {error.reference}）")
