"""例会放映: one screen at a time, 16:9, by keyboard or by itself. What it shows is the address: meeting, screen, pace."""

import streamlit as st

import gate
from core.access.permissions import Permission
from core.meeting.meeting import PACES, SCREENS, nothing_to_compare, place, screens, whose
from data.directory import classified
from data.meeting import meetings, scenario
from ui.base.text import moment, plain
from ui.meeting import controls
from ui.meeting import stage as draw

visit = gate.require(Permission.MEETING_READ)
known = {each.id: each for each in meetings.listing(visit)}
if (named := known.get(st.query_params.get("id", next(iter(known), "")))) is None:
    st.title("例会放映", anchor=False)
    wrong = bool(known or "id" in st.query_params)
    st.info(
        "没有这次例会，或不在您的管辖范围内。" if wrong else "还没有例会。召集之后在这里放映。",
        icon=":material/co_present:",
    )
    st.page_link("meeting/meetings.py", label="例会列表", icon=":material/arrow_back:")
    st.stop()
meeting = named
codes = screens(meeting.frozen)
number, last = place(st.query_params.get("screen"), len(codes)), len(codes)
play = next((pace for pace in PACES if pace == st.query_params.get("play")), "")
code, loop = codes[number - 1], st.query_params.get("loop") == "1"
policy, about = meetings.moment(visit, meeting).policy, whose(visit.scope.words, meeting)
figures, changed = meetings.figures(visit, meeting), meetings.changed(visit, meeting)


def go(to: int) -> None:
    """To another screen, by its address."""
    st.query_params["screen"] = str(min(max(to, 1), last))


def set_pace() -> None:
    """How the screens follow one another, into the address."""
    st.query_params.update(play=st.session_state["every"] or "", loop="1" if st.session_state["loop"] else "")


def screen() -> None:
    """The content of this screen."""
    if code == "headline":
        draw.headline(figures, meetings.figure_bands(visit, meeting))
    elif code in ("change", "waterfall", "movers") and changed is None:
        draw.nothing(plain(nothing_to_compare(meeting, meetings.incomparable(visit, meeting))))
    elif code == "change" and changed and changed.earlier:
        draw.change(
            changed.before,
            changed.after,
            f"{changed.earlier.day} {changed.earlier.title}（政策版本 {changed.then.policy.version}）",
        )
    elif code == "waterfall" and changed:
        draw.waterfall(changed.before, changed.after, changed.parts)
    elif code == "districts":
        draw.districts(figures, changed.before if changed else None)
    elif code == "chain":
        draw.chain(figures, changed.before if changed else None)
    elif code == "movers" and changed:
        draw.moved(changed.parts)
    elif code == "late":
        found = meetings.late(visit, meeting)
        draw.late(*found) if found else draw.nothing("没有填报期，或您的账号没有“查看填报进度”的权限。")
    elif code == "demands":
        wanted = meetings.demands(visit, meeting)
        draw.nothing("您的账号没有“查看管辖企业的需求与项目”的权限。") if wanted is None else draw.demands(wanted)
    elif code == "what_if":
        trial = scenario.trial(visit, meeting)
        draw.trial(trial.name, policy, trial.scenario, figures, trial.frame, address=scenario.address(visit, meeting))
    elif code == "decisions":
        draw.decisions(meetings.decisions(visit, meeting))
    elif code == "since" and (later := meetings.since(visit, meeting)):
        draw.waterfall(later.before, later.after, later.parts, ends=("冻结时", "现在"))
        st.caption(f"现在：数据截至 {moment(classified.data_as_of(visit))}，政策版本 {plain(later.now.policy.version)}")


draw.dress()
with st.container(key="stage"):
    if code == "title":
        draw.opening(meeting.title, f"{meeting.day:%Y年%m月%d日}", about, meeting.frozen, figures)
    else:
        st.title(SCREENS[code], anchor=False)
        with st.container(key="body", height="stretch"):
            screen()
    as_of = meeting.as_of or classified.data_as_of(visit)
    draw.footer(about, meeting.year, as_of, policy, figures, provisional=meeting.provisional, frozen=meeting.frozen)
with st.container(key="controls", horizontal=True, vertical_alignment="center"):
    if st.button("返回", key="back", icon=":material/close:", shortcut="Esc"):
        if st.context.is_embedded:
            draw.leave(meeting.id)
        st.switch_page("meeting/meetings.py", query_params={"id": meeting.id})
    controls.turning(number, last, go)
    with st.popover(f"自动播放：{PACES[play]}", icon=":material/play_circle:"):
        st.session_state["every"], st.session_state["loop"] = play, loop
        st.segmented_control(
            "每屏停留", list(PACES), format_func=PACES.__getitem__, key="every", required=True, on_change=set_pace
        )
        st.toggle("放完从头再来", key="loop", on_change=set_pace)
        st.html(draw.themes(meeting.id, number))
controls.keys(number, go)
st.session_state["arrived"] = True


@st.fragment(run_every=int(play or 5))
def clock() -> None:
    """Playing, turn to the next screen; else draw a live meeting anew when what it shows has moved."""
    now = meetings.version(gate.require(Permission.MEETING_READ, watching=True))
    if st.session_state.pop("arrived", False):
        st.session_state["meeting_version"] = now
    elif play and (number < last or loop):
        go(number + 1 if number < last else 1)
        st.rerun()
    elif not play and not meeting.frozen and st.session_state["meeting_version"] != now:
        st.rerun()


clock()
