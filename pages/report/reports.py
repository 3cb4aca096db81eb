"""报表导出: choose a report, year, audience and format; made by a process of its own while the page shows how far it is."""

from dataclasses import replace

import streamlit as st

import gate
from core.access.permissions import Permission
from core.base import values
from core.base.errors import UserError
from core.report.compose import KINDS, REPORTS
from core.report.model import FILES
from core.rule.policy import clauses
from core.statistics.selection import read
from data.directory import classified
from data.filing import progress
from data.meeting import meetings
from data.report import earlier_exports, reports
from ui.base import answer
from ui.base.text import moment, plain, say
from ui.report import reports as screen

visit = gate.require(Permission.REPORT_EXPORT)
st.title("报表导出", anchor=False)
st.caption("生成期间可以离开本页；文件保留一小时，只有您本人能下载。每次导出记入操作日志。")
choices = reports.choices(visit)
years = classified.years(visit) if visit.may(Permission.OVERVIEW_READ) else []
names = {f"{year}预判" if forecast else str(year): (year, forecast) for year, forecast in years}
rounds = {each.id: each.name for each in progress.rounds_begun(visit)} if visit.may(Permission.PROGRESS_READ) else {}
held = (
    {each.id: f"{each.day} {each.title}" for each in meetings.listing(visit)}
    if visit.may(Permission.MEETING_READ)
    else {}
)
ready = {code: title for code, title in choices.items() if {"progress": rounds, "meeting": held}.get(code, names)}
if not ready:
    st.info("还没有可导出的数据。企业填报经区级、市级审核入库后，在这里导出报表。", icon=":material/hourglass_empty:")
    st.stop()
newest = next((name for name, (_, forecast) in names.items() if not forecast), next(iter(names), ""))
with st.container(border=True):
    which = screen.choice("报表", "report", ready, next(iter(ready)))
    year, provisional, round_id, meeting = 0, False, "", ""
    if which == "progress":
        round_id = screen.round_id(rounds)
    elif which == "meeting":
        meeting = screen.meeting(held)
    else:
        year, provisional = names[screen.choice("年度", "year", {name: name for name in names}, newest)]
    given = st.query_params.to_dict()
    found = read(given)[0]
    filters = found if KINDS[which].filtered else {}
    trial = {name: given[name] for name in clauses() if name in given} if which == "what_if" else {}
    screen.part(
        which,
        filters,
        {} if filters else found,
        reports.scenario_in_words(visit, year, trial) if which == "what_if" else "",
    )
    audiences = reports.audiences(visit, which, part=bool(filters))
    audience = screen.audience(which, audiences, city=visit.scope.everything, filtered=bool(filters))
    kind = screen.choice("格式", "format", {code: word for code, (word, _, _) in FILES.items()}, "pptx")
    since = (
        ""
        if KINDS[which].now_only
        else st.text_input("数据截至", key="as_of", placeholder="留空为现在，或填写日期如 2026-01-05", max_chars=20)
    )
    order = reports.Order(
        which, year, provisional, audience, kind, None, round_id, tuple(filters.items()), tuple(trial.items()), meeting
    )
    problem: UserError | None = None
    try:
        order = replace(order, as_of=values.day(since, "数据截至"))
        screen.near(earlier_exports.neighbour(visit, order))
    except UserError as error:  # told once it is pressed
        problem = error
    asked = st.button("开始生成", type="primary", icon=":material/play_arrow:", key="start")


@st.fragment(run_every=1 if any(each.going for each in reports.mine(visit)) else None)
def files() -> None:
    """One's own files, looked at each second as long as one is being made."""
    own = reports.mine(gate.require(Permission.REPORT_EXPORT, watching=True))
    going = any(each.going for each in own)
    if st.session_state.get("reports.going") and not going:
        st.session_state["reports.going"] = False
        st.rerun()  # the whole page: the clock stops
    st.session_state["reports.going"] = going
    for each in own:
        with st.container(border=True):
            st.markdown(f"**{plain(each.name.rpartition('.')[0])}**")
            about = f"{FILES[each.order.kind][0]} · {moment(each.asked_at)} 开始"
            st.caption(f"{about} · 保留至 {moment(each.kept_until)}" if each.state == "done" else about)
            if each.state == "done":
                st.link_button("下载", f"/exports/reports/{each.id}", icon=":material/download:")
            elif each.going:
                st.progress(each.share, each.words)
            else:
                say("error", f"{each.sentence}（编号 {each.reference}）")
    if not own:
        st.caption("还没有导出的文件。")


try:
    if asked:
        if problem:
            raise problem
        reports.start(visit, order)
        answer.give(f"“{REPORTS[which]}”已开始生成。")
        st.rerun()
except UserError as error:
    say("error", f"{error}（编号 {error.reference}）")
answer.show()
st.header("我的文件", anchor=False)
files()
