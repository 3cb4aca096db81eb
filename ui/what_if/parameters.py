"""阈值测算 on the screen, the side where it is asked: the parameters to drag or type, the ready scenarios, the year.

The address is the scenario: every input writes there what differs from the policy in force, and is drawn from there.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import streamlit as st

from core.base.errors import Refused
from core.rule import policy_draft
from core.rule.policy import CHOICES, Policy, clauses, in_words, written
from core.what_if import scenario as what_if_scenario
from core.what_if.scenario import Preset
from ui.base.text import plain, say

#: The slider of the revenue line ends at 1 亿元, in 万元; higher lines can be typed.
_MOST_WAN: Final = 10_000
_SMALL: Final = "core_share_small_bp"


def _put(policy: Policy, name: str, value: Any) -> None:
    """Name one parameter in the address, or leave it out where it is as in force."""
    if value == getattr(policy, name):
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = str(value).lower()
    st.session_state.pop("what_if.problem", None)


def choose(policy: Policy, changes: Mapping[str, Any]) -> None:
    """Name a whole scenario in the address and nothing else."""
    for name in clauses():
        _put(policy, name, changes.get(name, getattr(policy, name)))


def _dragged(policy: Policy, name: str) -> None:
    value = st.session_state[f"{name}.slider"]
    _put(policy, name, round(value * 100) if name.endswith("_bp") else value * 10_000)


def _typed(policy: Policy, name: str) -> None:
    try:
        _put(policy, name, policy_draft.parameter(name, st.session_state[f"{name}.text"]))
    except Refused as error:
        st.session_state["what_if.problem"] = str(error).replace("未保存", "未采用，各数仍按上一次的值")


def _switched(policy: Policy, name: str) -> None:
    _put(policy, name, st.session_state[f"{name}.switch"])


def _apart(policy: Policy, trial: Policy) -> None:
    """小微企业 get a line of their own, at first that of all; or lose it."""
    _put(policy, _SMALL, trial.core_share_bp if st.session_state[f"{_SMALL}.own"] else None)


def show(policy: Policy, trial: Policy) -> None:
    """Every parameter beside the one in force: a slider and the same to type, or a switch; both drawn from the address."""
    for name, about in clauses().items():
        value, now = getattr(trial, name), in_words(name, getattr(policy, name))
        label = f"{about.label}{'（已改）' if value != getattr(policy, name) else ''}"
        if name == _SMALL:
            st.session_state[f"{name}.own"] = value is not None
            st.toggle(
                f"小微企业另设核心线（现行：{now}）",
                key=f"{name}.own",
                help=about.clause,
                on_change=_apart,
                args=(policy, trial),
            )
            if value is None:
                continue
        if name in CHOICES or isinstance(value, bool):
            words = {True: "是", False: "否"} if isinstance(value, bool) else CHOICES[name]
            st.session_state[f"{name}.switch"] = value
            st.segmented_control(
                f"{label}　现行：{now}",
                list(words),
                format_func=words.__getitem__,
                key=f"{name}.switch",
                required=True,
                help=about.clause,
                on_change=_switched,
                args=(policy, name),
            )
            continue
        text, unit = written(name, value)
        shares = name.endswith("_bp")
        st.session_state[f"{name}.text"] = text
        st.session_state[f"{name}.slider"] = value / 100 if shares else min(value // 10_000, _MOST_WAN)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            ends: dict[str, Any] = (
                {"min_value": 0.0, "max_value": 100.0, "step": 0.5, "format": "%g%%"}
                if shares
                else {"min_value": 0, "max_value": _MOST_WAN, "step": 100}
            )
            st.slider(
                f"{label}　现行：{now}",
                **ends,
                key=f"{name}.slider",
                help=about.clause,
                on_change=_dragged,
                args=(policy, name),
            )
            st.text_input(
                f"{about.label}，键入（{unit}）",
                key=f"{name}.text",
                max_chars=20,
                placeholder=f"现行 {now}",
                label_visibility="collapsed",
                on_change=_typed,
                args=(policy, name),
                width=96,
                autocomplete="off",
            )
    if problem := st.session_state.get("what_if.problem"):
        say("error", problem)


def chooser(policy: Policy, trial: Policy, known: Mapping[str, Preset]) -> str | None:
    """The ready scenarios, presets and saved ones by their codes; the one that stands is named and its code answered."""
    now = what_if_scenario.changes(policy, trial)
    differ = {
        code: {name: value for name, value in each.changes.items() if value != getattr(policy, name, None)}
        for code, each in known.items()
    }
    st.session_state["chosen"] = next((code for code, given in differ.items() if given == now), None)

    def take() -> None:
        if code := st.session_state["chosen"]:
            choose(policy, known[code].changes)

    st.selectbox(
        "情景",
        list(known),
        format_func=lambda code: known[code].name,
        key="chosen",
        placeholder="自行调整的参数",
        on_change=take,
    )
    chosen: str | None = st.session_state["chosen"]
    if chosen:
        st.caption(plain(known[chosen].source))
    return chosen


def reset(policy: Policy, trial: Policy) -> None:
    """The button that goes back to the policy in force."""
    st.button(
        "恢复现行参数", icon=":material/restart_alt:", disabled=trial == policy, on_click=choose, args=(policy, {})
    )


def several(known: Mapping[str, Preset]) -> list[Preset]:
    """Which scenarios are to stand side by side, four at most; in the address."""
    chosen = st.multiselect(
        "并列的情景",
        list(known),
        default=[code for code in ("in_force", "city_2023") if code in known],
        key="beside",
        placeholder="最多选四个",
        format_func=lambda code: known[code].name if code in known else code,
        bind="query-params",
        max_selections=4,
    )
    return [known[code] for code in chosen[:4]]


def years(names: Sequence[str], standing: str) -> None:
    """Of which year's figures; in the address."""
    if len(names) < 2:
        return
    st.session_state["year"] = standing
    st.segmented_control(
        "统计年度",
        list(names),
        key="year",
        required=True,
        help="“预判”按全年（预测）数计算",
        on_change=lambda: st.query_params.update(year=st.session_state["year"]),
    )
