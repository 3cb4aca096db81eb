"""核对提交: all checks, explanations where 核实 asks for one, the whole filing to read, and submit."""

from zlib import crc32

import streamlit as st

import gate
from core.access.permissions import Permission
from core.base import terms
from core.base.errors import Conflict, UserError
from core.filing.checks import earlier_explanation, explained, outstanding
from core.filing.model import NOTICES, STEP_NAMES
from core.filing.states import FILED, STATES
from data.filing import filings
from data.review import comments, corrections
from ui.base import answer
from ui.base.text import moment, plain, say
from ui.enterprise import profile
from ui.filing import read_only, step
from ui.review import decision, discussion

visit = gate.require(Permission.FILING_EDIT)
st.title("核对提交", anchor=False)
answer.show()
filing = step.of_address(lambda named: filings.mine(visit, named))
step.header(filing, filing.content, visit.store.today)
locked = not filing.editable_on(visit.store.today)
if filing.state in FILED:
    say("success", f"已于 {moment(filing.submitted_at)} 提交，当前状态：{STATES[filing.state]}。无需重复提交。")
found = filings.check(visit, filing)
given: dict[str, str] = dict(filing.content.get("explanations", {}))

st.header("审核关系", anchor=False)
counts = {severity: sum(check.severity == severity for check in found) for severity in terms.SEVERITIES}
st.caption("　".join(f"{word} {counts[severity]} 处" for severity, word in terms.SEVERITIES.items()))
if not found:
    st.success("全部审核关系通过。", icon=":material/check_circle:")
for check in found:
    with st.container(border=True):
        colour = {"blocking": "red", "explain": "orange", "notice": "blue"}[check.severity]
        st.markdown(f":{colour}-badge[{terms.SEVERITIES[check.severity]}] {plain(check.message)}")
        st.caption(plain(check.remedy))
        if check.severity == "explain":
            # What this tab was drawn from is remembered: a text saved elsewhere meanwhile is not overwritten.
            saved, memory = given.get(check.key, ""), f"{filing.round.id}#drawn#{check.key}"
            if not saved and (before := earlier_explanation(check, given)):
                st.caption(f"数值改动之前的说明：{plain(before)}。现在的数值请重新说明。")
            drawn: str = st.session_state.setdefault(memory, saved)
            text = st.text_area(
                "情况说明",
                drawn,
                key=f"{filing.round.id}#explain#{check.key}#{crc32(drawn.encode())}",
                disabled=locked,
                placeholder="请写明具体原因；只写“核实无误”不能提交",
            )
            if text.strip() and not explained(text):
                say("warning", "说明过于简单，请写明具体原因，例如新签的合同、口径的变化。")
            if text in (drawn, saved):
                if drawn != saved:
                    st.session_state[memory] = saved
                    st.rerun()
            else:
                try:
                    kept = filings.save(visit, filing.id, {f"explanations.{check.key}": (drawn, text)})
                except UserError as error:
                    say("error", f"{error}（编号 {error.reference}）")
                    st.stop()
                if kept.conflicts:
                    say(
                        "warning",
                        f"这条说明在另一个窗口已保存为“{saved}”，您刚输入的“{text}”没有保存。请比较后重新填写。",
                    )
                    st.session_state[memory] = saved
                else:
                    st.session_state[memory], st.session_state[f"{filing.id}#seen"] = text, kept.revision
                    st.rerun()
        if check.severity != "notice" and not locked:
            st.page_link(
                step.PAGES[check.step],
                label=f"去修改：{STEP_NAMES[check.step]}",
                icon=":material/edit:",
                query_params=step.way(),
            )

if made := corrections.of_enterprise(visit, filing.enterprise_id):
    st.header("主管部门的更正", anchor=False)
    profile.corrections(made)

st.header("填报内容", anchor=False)
read_only.whole(filing.content)

if filing.state != "draft":
    said = comments.listing(visit, filing.id)
    st.header("沟通记录", anchor=False)
    discussion.show(filing.id, said, lambda path, text: comments.add(visit, filing.id, path, text))
    decision.record(filings.timeline(visit, filing.id))
left = outstanding(found, given)
if locked:
    st.stop()
if left:
    say("warning", f"还有 {len(left)} 处须处理后才能提交。已填内容均已保存，可随时回来继续。")
st.caption(NOTICES[1])
seen = st.session_state.get(f"{filing.id}#seen", filing.revision)
st.session_state[f"{filing.id}#seen"] = filing.revision
agreed = st.checkbox("我已核对全部内容，确认真实、完整", key=f"{filing.round.id}#agreed")
if not left and not agreed:
    st.caption("勾选上面的确认后即可提交。")
if st.button("提交", type="primary", icon=":material/send:", disabled=bool(left) or not agreed or not filing.revision):
    try:
        if seen != filing.revision:
            raise Conflict("这份填报在您核对之后又被保存过，尚未提交。本页现为最新内容，请核对后再提交。")
        filings.submit(visit, filing.id, filing.revision, key=f"submit:{filing.id}:{filing.revision}")
    except UserError as error:
        say("error", f"{error}（编号 {error.reference}）")
    else:
        st.toast("已提交，等待区级审核", icon=":material/check_circle:")
        st.rerun()
