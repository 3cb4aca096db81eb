"""What a 例会 is when it is taken away as a file: the figures of its screens, of a frozen one as it was frozen."""

from core.access.permissions import Permission
from core.base.errors import Refused
from core.meeting.meeting import nothing_to_compare, whose
from core.report.compose import Head
from core.report.meeting import Shown
from core.what_if.scenario import described
from data.access.visit import Visit
from data.directory import classified
from data.meeting import meetings, scenario


def gather(visit: Visit, identity: str, audience: str) -> tuple[Head, Shown]:
    """What the report says of itself and what it is made of, within the scope. Raises Forbidden outside it, Refused without a meeting."""
    visit.check(Permission.REPORT_EXPORT)
    if not identity:
        raise Refused("没有选择例会，没有导出。请选择一次例会。")
    meeting = meetings.one(visit, identity)
    changed, trial, late = (
        meetings.changed(visit, meeting),
        scenario.trial(visit, meeting),
        meetings.late(visit, meeting),
    )
    shown = Shown(
        figures=meetings.figures(visit, meeting),
        spans=meetings.figure_bands(visit, meeting),
        against=f"{changed.earlier.day} {changed.earlier.title}"
        if changed and changed.earlier
        else nothing_to_compare(meeting, meetings.incomparable(visit, meeting)),
        before=changed.before if changed else None,
        parts=changed.parts if changed else None,
        late=late,
        demands=meetings.demands(visit, meeting),
        trial=(trial.name, described(trial.policy, trial.scenario), trial.frame),
        decisions=meetings.decisions(visit, meeting),
    )
    period = f"{meeting.day} {meeting.title}{'（已冻结）' if meeting.frozen else ''} {meeting.year}年度{'全年（预测）' if meeting.provisional else '全年实际'}"
    as_of = meeting.as_of or classified.newest_decision_at(visit.store)
    head = Head(
        "meeting", whose(visit.scope.words, meeting), period, meeting.provisional, as_of, trial.policy.version, audience
    )
    return head, shown
