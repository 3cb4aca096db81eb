"""规则验证: the written cases of the rule, and the derivation of any four amounts."""

import streamlit as st

import gate
from core.access.permissions import Permission
from core.base import terms
from core.filing.model import Figures, field, read_part
from core.rule.classification import INPUTS, explain
from data.rule import policies, rule_cases
from ui.base.text import plain, say
from ui.rule import derivation

visit = gate.require(Permission.DEVELOPER_USE)


def worded(result: dict[str, object]) -> str:
    """A result of the rule in a line."""
    words = (
        terms.TIERS[str(result["directory_tier"])],
        terms.BASES[str(result["counting_basis"])],
        terms.percent(int(str(result["weight_bp"]))),
        f"{result['counted_output']:,} 元",
        "按硬件推定" if result["kind_assumed"] else "",
    )
    return "，".join(filter(None, words))


st.title("规则验证", anchor=False)
policy = policies.in_force(visit)
st.subheader("按任意数额推导", anchor=False)
with st.form("rule.form"):
    with st.grid(4):
        for name in INPUTS:
            about = field(Figures, name)
            st.text_input(
                f"{about.label}（{about.unit}）", key=f"rule.{name}", placeholder="请输入，如 1234.56", max_chars=40
            )
    asked = st.form_submit_button("推导", type="primary", icon=":material/rule:")
if asked:
    values, problems = read_part(Figures, {name: st.session_state.get(f"rule.{name}") for name in INPUTS}, "rule")
    for problem in problems:
        say("error", f"{problem.label}“{problem.value}”{problem.sentence}")
    if not problems:
        derivation.card(explain(values, policy), caption="按现行政策推导，不保存。")
outcomes = rule_cases.run(visit)
failed = [outcome for outcome in outcomes if not outcome.passed]
st.subheader("规则用例", anchor=False)
st.caption(
    f"用例按自带的政策版本 {plain(outcomes[0].policy.version)} 编写，个别用例另改参数（测算）；测试用的是同一份。"
)
if failed:
    say("error", f"{len(failed)} 个用例与期望不符，共 {len(outcomes)} 个。请停止发布统计数据并联系维护人员。")
else:
    say("success", f"全部 {len(outcomes)} 个用例与期望一致。")
st.dataframe(
    [
        {
            "结果": "一致" if each.passed else "不符",
            "用例": each.case.note,
            **{f"{field(Figures, name).label}（元）": each.case.amounts[name] for name in INPUTS},
            "期望": worded(each.case.expected),
            "实际": worded(each.got),
            "政策版本": each.policy.version,
        }
        for each in outcomes
    ],
    hide_index=True,
    height=560,
    alt="规则用例：输入、期望与实际",
)
