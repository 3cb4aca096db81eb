"""The states of a filing and what moves it between them (DOMAIN, States): known here and nowhere else."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from core.access.permissions import Permission

DRAFT: Final = "draft"
SUBMITTED: Final = "submitted"
CITY_REVIEW: Final = "city_review"
ADMITTED: Final = "admitted"
RETURNED: Final = "returned"
REVOKED: Final = "revoked"
#: state -> what it is called.
STATES: Final = {
    DRAFT: "草稿",
    SUBMITTED: "已提交（待区级审核）",
    CITY_REVIEW: "区级通过（待市级审核）",
    ADMITTED: "入库",
    RETURNED: "退回",
    REVOKED: "撤销入库",
}


@dataclass(frozen=True)
class Action:
    """What moves a filing on: the fact it appends, the state it leads to, and by the state it starts from who may take it.

    `word`: as on its button. `event`: as the log tells it. `undoable`: whoever took it may take it back within
    a minute. `reasoned`: it needs a reason.
    """

    kind: str
    to: str
    permissions: Mapping[str, Permission]
    word: str
    event: str
    undoable: bool = False
    reasoned: bool = False


#: code -> action, in the order of the buttons.
ACTIONS: Final[Mapping[str, Action]] = {
    "submit": Action(
        "filing.submitted", SUBMITTED, {DRAFT: Permission.FILING_EDIT, RETURNED: Permission.FILING_EDIT}, "提交", "提交"
    ),
    "pass": Action(
        "filing.passed", CITY_REVIEW, {SUBMITTED: Permission.REVIEW_DISTRICT}, "通过", "区级审核通过", undoable=True
    ),
    "admit": Action(
        "filing.admitted", ADMITTED, {CITY_REVIEW: Permission.REVIEW_CITY}, "入库", "市级审核通过，入库", undoable=True
    ),
    "return": Action(
        "filing.returned",
        RETURNED,
        {SUBMITTED: Permission.REVIEW_DISTRICT, CITY_REVIEW: Permission.REVIEW_CITY},
        "退回",
        "退回",
        undoable=True,
        reasoned=True,
    ),
    "revoke": Action(
        "filing.revoked",
        REVOKED,
        {ADMITTED: Permission.REVIEW_CITY},
        "撤销入库",
        "撤销入库",
        undoable=True,
        reasoned=True,
    ),
}
#: The decisions of a reviewer, and the kinds of fact they append.
DECISIONS: Final = {code: action for code, action in ACTIONS.items() if code != "submit"}
DECIDED: Final = tuple(action.kind for action in DECISIONS.values())
#: Kind of fact -> what has happened, in words.
EVENTS: Final = {action.kind: action.event for action in ACTIONS.values()}
#: Kind of fact -> the state a filing stands in after it.
STATE_AFTER: Final = {action.kind: action.to for action in ACTIONS.values()}
#: The kinds of fact that may be taken back.
UNDOABLE: Final = tuple(action.kind for action in ACTIONS.values() if action.undoable)
#: Where the filer may type.
EDITABLE: Final = tuple(ACTIONS["submit"].permissions)
#: Where a filing waits for a reviewer: state -> the step forward that is open there.
FORWARD: Final = {SUBMITTED: "pass", CITY_REVIEW: "admit"}
IN_REVIEW: Final = tuple(FORWARD)
#: The reviewer's permission -> the state whose filings wait for its holder.
WAITING: Final = {ACTIONS[code].permissions[state]: state for state, code in FORWARD.items()}
#: Sent in and not sent back.
FILED: Final = (*IN_REVIEW, ADMITTED)
#: state a decision was taken in -> who may take it back: who takes the step forward, and once admitted who revokes.
DECIDERS: Final = {state: permission for permission, state in WAITING.items()} | dict(ACTIONS["revoke"].permissions)
