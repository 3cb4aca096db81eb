"""例会 on the list page: what a meeting is called, how it stands, the form it is called by, its notes, what came after it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

import polars as pl
import streamlit as st

from core.base import terms
from core.base.dictionaries import DISTRICTS
from core.meeting.change import MEASURES, PARTS, summed
from core.meeting.meeting import SCREENS, Meeting, MeetingDraft, screens, trial
from core.rule.policy import Policy
from core.statistics.metrics import METRICS
from core.what_if.scenario import Preset
from ui.base import answer
from ui.base.text import moment, plain
from ui.meeting import stage


def name(meeting: Meeting, today: date) -> str:
    """A meeting in a list."""
    state = "已冻结" if meeting.as_of else "待召开" if meeting.day > today else "未冻结"
    return f"{meeting.day} {meeting.title}（{DISTRICTS.get(meeting.district, '全市')}，{state}）"


def _year(year: int, provisional: bool) -> str:
    return f"{year}年度{'预判' if provisional else ''}"


def standing(meeting: Meeting, whose: str, policy: Policy, against: Meeting | None) -> None:
    """By what its figures are computed, and compared with what."""
    frozen = f"已冻结于 {moment(meeting.as_of)}" if meeting.as_of else "未冻结"
    compared = f"与 {against.day} {plain(against.title)} 比较" if against else "没有更早的已冻结例会可比"
    st.caption(
        f"{frozen} · {plain(whose)} · {_year(meeting.year, meeting.provisional)} · 政策版本 {plain(policy.version)} · {compared} · 本周测算：{plain(trial(meeting, policy)[0])}"
    )


def links(meeting: Meeting, *, export: bool, trial: Mapping[str, str]) -> None:
    """The ways on from a meeting: its screens, its file, if `export`, and its scenario, at the address `trial` ({}: none)."""
    st.page_link(
        "meeting/meeting.py", label="放映", icon=":material/slideshow:", query_params={"id": meeting.id, "screen": "1"}
    )
    st.html(stage.themes(meeting.id, 1), width="content")
    if export:
        st.page_link(
            "report/reports.py",
            label="导出",
            icon=":material/download:",
            query_params={"report": "meeting", "meeting": meeting.id},
        )
    if trial:
        st.page_link("what_if/what_if.py", label="本周测算", icon=":material/tune:", query_params=trial)


def freezing(meeting: Meeting, key: str, freeze: Callable[[], None]) -> None:
    """What freezing means, and the button that does it."""
    with st.popover("冻结", icon=":material/lock_clock:"):
        st.markdown("冻结后，数字、条件和备注不再变动，也不能撤回；决议仍可标记办结。")
        if st.button("确认冻结", key=f"{key}freeze", type="primary"):
            freeze()
            answer.give(f"已冻结“{meeting.title}”。同一地址以后打开，仍是现在的数字。")
            st.rerun()


def fields(
    key: str,
    years: Sequence[tuple[int, bool]],
    districts: Sequence[str],
    meeting: Meeting | None = None,
    earlier: Sequence[Meeting] = (),
) -> MeetingDraft:
    """The form of a meeting, filled in for one that is; what was typed."""

    def choice(label: str, name: str, names: Mapping[str, str], now: str) -> str:
        codes = list(names)
        place = codes.index(now) if now in codes else 0
        return str(
            st.selectbox(
                label,
                codes,
                place,
                format_func=lambda code: names.get(code, code),
                key=f"{key}{name}",
                placeholder="请选择",
            )
            or ""
        )

    day = st.text_input(
        "日期", str(meeting.day) if meeting else "", key=f"{key}day", max_chars=20, placeholder="如 2026-01-12"
    )
    title = st.text_input(
        "名称", meeting.title if meeting else "", key=f"{key}title", max_chars=60, placeholder="如 人工智能产业周例会"
    )
    district = choice(
        "范围",
        "district",
        {code: DISTRICTS.get(code, "全市") for code in districts},
        meeting.district if meeting else "",
    )
    terms_of = {f"{year}{'f' if provisional else ''}": (year, provisional) for year, provisional in years}
    actual = next((code for code, (_, provisional) in terms_of.items() if not provisional), "")
    now = f"{meeting.year}{'f' if meeting.provisional else ''}" if meeting else actual
    code = choice("统计年度", "year", {code: _year(*pair) for code, pair in terms_of.items()}, now)
    layer = choice("产业链层", "layer", {"": "全部", **terms.LAYERS}, meeting.layer if meeting else "")
    size = choice("企业规模", "size", {"": "全部", **terms.SIZES}, meeting.size if meeting else "")
    year, provisional = terms_of.get(code, (0, False))
    compared = ""
    if meeting is not None:
        names = {"": "最近一次口径相同、已冻结的例会"} | {each.id: f"{each.day} {each.title}" for each in earlier}
        compared = choice("比较对象", "compared", names, meeting.compared)
    return MeetingDraft(day or "", title or "", district, year, provisional, layer, size, compared)


def scenario(key: str, choices: Mapping[str, Preset], meeting: Meeting) -> str | None:
    """Which scenario the 本周测算 shows; None: the one that it has, which is in the list no more."""
    own = {
        code: preset
        for code, preset in choices.items()
        if code and (preset.name, dict(preset.changes)) == (meeting.scenario, meeting.parameters)
    }
    codes: list[str | None] = [*choices] if own or not meeting.scenario else [None, *choices]
    chosen = next(iter(own), None if meeting.scenario else "")
    names = {None: f"现在的：{meeting.scenario}"} | {
        code: preset.name if code else f"{preset.name}（默认）" for code, preset in choices.items()
    }
    return st.selectbox(
        "情景",
        codes,
        codes.index(chosen),
        format_func=lambda code: names.get(code, code),
        key=f"{key}scenario",
        placeholder="请选择",
    )


def notes(meeting: Meeting) -> None:
    """The speaker's notes, in the order of the screens."""
    if not meeting.notes:
        st.caption("没有备注。")
    for code, word in SCREENS.items():
        if text := meeting.notes.get(code):
            st.markdown(f"**{word}**　{plain(text)}")


def write_note(meeting: Meeting, key: str, note: Callable[[str, str], None]) -> None:
    """The form of a note: `note(screen, text)`, a function of data."""
    with st.expander("写备注", icon=":material/edit_note:", key=f"{key}notes"):
        code = st.selectbox(
            "屏",
            screens(frozen=False),
            format_func=SCREENS.__getitem__,
            key=f"{meeting.id}#screen",
            placeholder="请选择",
        )
        with st.form(f"{key}note#{code}", border=False):
            words = st.text_area(
                "备注",
                meeting.notes.get(code, ""),
                key=f"{key}words@{code}",
                max_chars=2000,
                placeholder="这一屏讲什么",
            )
            if st.form_submit_button("保存备注"):
                note(code, words)
                answer.give(f"“{SCREENS[code]}”的备注已保存。")
                st.rerun()


def since(parts: pl.DataFrame, policy: Policy) -> None:
    """What has changed since a meeting was frozen, split to the yuan and the enterprise."""
    sums = {measure: summed(parts, measure) for measure in MEASURES}
    if not any(amount for found in sums.values() for amount in found.values()):
        st.success("冻结以来没有变化。", icon=":material/done_all:")
        return
    metrics = [METRICS[measure] for measure in MEASURES]
    rows = [
        {"": word, **{metric.heading: metric.signed(sums[metric.code][part]) for metric in metrics}}
        for part, word in PARTS.items()
    ]
    whole = {"": "合计", **{metric.heading: metric.signed(sum(sums[metric.code].values())) for metric in metrics}}
    st.table(pl.DataFrame([*rows, whole]), alt="冻结以来的变化", hide_index=True)
    yuan = sum(sums["counted_output"].values())
    st.caption(
        f"{METRICS['counted_output'].label}合计 {yuan:+,} 元，各部分之和与总变化分毫不差。按现行政策版本 {plain(policy.version)}；名单认定不计入统计，恒为 0。"
    )
