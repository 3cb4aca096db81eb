"""Who may do what: roles, and the roles that ship with the product; the bureau's changes lie over them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from core.access.organisations import Tree, below
from core.access.permissions import PERMISSIONS, Permission
from core.base import terms

#: action -> the permission that opens the page it is done on: one is of no use without the other.
NEEDS: Final[Mapping[str, Permission]] = {
    Permission.REVIEW_DISTRICT: Permission.FILING_READ,
    Permission.REVIEW_CITY: Permission.FILING_READ,
    Permission.LOG_EXPORT: Permission.LOG_READ,
    Permission.POLICY_DRAFT: Permission.POLICY_READ,
    Permission.POLICY_PUBLISH: Permission.POLICY_READ,
    Permission.REMINDER_SEND: Permission.PROGRESS_READ,
    Permission.ENTERPRISE_CORRECT: Permission.ENTERPRISE_READ,
    Permission.PROJECT_MANAGE: Permission.PROJECT_READ,
    Permission.MEETING_MANAGE: Permission.MEETING_READ,
}
#: What everybody may who may sign in.
BASE: Final[frozenset[Permission]] = frozenset(
    {Permission.PROFILE_OWN, Permission.MESSAGE_READ, Permission.NOTICE_READ}
)
#: Only a filer of an enterprise can use these.
FILERS: Final = frozenset({Permission.FILING_EDIT, Permission.FILER_MANAGE, Permission.MATCH_OWN})
#: What concerns the whole city at once, and so asks for the scope 全部.
CITYWIDE: Final = frozenset(
    {
        Permission.ROLE_MANAGE,
        Permission.ORGANISATION_MANAGE,
        Permission.POSITION_MANAGE,
        Permission.SYSTEM_READ,
        Permission.ROUND_MANAGE,
        Permission.POLICY_DRAFT,
        Permission.POLICY_PUBLISH,
        Permission.PARAMETER_MANAGE,
        Permission.NOTICE_MANAGE,
        Permission.JOB_MANAGE,
        Permission.BACKUP_MANAGE,
        Permission.DEVELOPER_USE,
    }
)
#: Who holds both for the whole city can mend any other account or role. One always stays: nobody changes his own role,
#: nobody stops himself, and who has just lost them changes nobody any more.
ADMINISTRATION: Final[frozenset[Permission]] = frozenset({Permission.ACCOUNT_MANAGE, Permission.ROLE_MANAGE})

#: The data scopes of a role.
SCOPES: Final = {
    "all": "全部",
    "organisation_below": "本机构及以下",
    "organisation": "本机构",
    "own": "仅本人",
    "custom": "自定义",
}


@dataclass(frozen=True)
class Role:
    """`organisations`: whose data a role of scope "custom" sees, each with those below it.

    `second_factor`: whether it must be shown at sign-in; None: as configured (LIBRARY_SECOND_FACTOR).
    """

    code: str
    name: str
    permissions: frozenset[Permission]
    scope: str
    organisations: frozenset[str] = frozenset()
    second_factor: bool | None = None
    note: str = ""


def _role(code: str, scope: str, *permissions: Permission) -> Role:
    return Role(code, terms.ROLES[code], frozenset(permissions) | BASE, scope)


#: The role of whoever signs in for an enterprise; it sees its own enterprise and cannot be changed.
ENTERPRISE: Final = "enterprise"
SHIPPED: Final[Mapping[str, Role]] = {
    role.code: role
    for role in (
        _role(ENTERPRISE, "own", Permission.FILING_EDIT, Permission.FILER_MANAGE, Permission.MATCH_OWN),
        _role(
            "district_reviewer", "organisation_below", Permission.FILING_READ, Permission.REVIEW_DISTRICT, Permission.OVERVIEW_READ,
            Permission.DESK_READ, Permission.PROGRESS_READ, Permission.REMINDER_SEND, Permission.ENTERPRISE_READ, Permission.PROJECT_READ,
            Permission.MESSAGE_SEND, Permission.MEETING_READ,
            Permission.REPORT_EXPORT,
            Permission.WHAT_IF_USE, Permission.EDGE_READ,
        ),
        _role(
            "city_officer", "all", Permission.FILING_READ, Permission.REVIEW_CITY, Permission.OVERVIEW_READ, Permission.DESIGNATION_READ,
            Permission.DESK_READ, Permission.PROGRESS_READ, Permission.REMINDER_SEND, Permission.ENTERPRISE_READ, Permission.PROJECT_READ, Permission.PROJECT_MANAGE,
            Permission.ROUND_MANAGE, Permission.POLICY_READ, Permission.POLICY_DRAFT, Permission.DICTIONARY_READ,
            Permission.MESSAGE_SEND, Permission.NOTICE_MANAGE, Permission.ENTERPRISE_CORRECT, Permission.MEETING_READ, Permission.MEETING_MANAGE,
            Permission.REPORT_EXPORT,
            Permission.WHAT_IF_USE, Permission.EDGE_READ,
        ),
        _role(
            "administrator", "all", Permission.DESK_READ, Permission.OVERVIEW_READ, Permission.DESIGNATION_READ, Permission.SYSTEM_READ, Permission.LOG_READ, Permission.LOG_EXPORT,
            Permission.ACCOUNT_MANAGE, Permission.ROLE_MANAGE, Permission.ORGANISATION_MANAGE, Permission.POSITION_MANAGE,
            Permission.ROUND_MANAGE, Permission.POLICY_READ, Permission.POLICY_DRAFT, Permission.POLICY_PUBLISH, Permission.DICTIONARY_READ, Permission.PARAMETER_MANAGE,
            Permission.MESSAGE_SEND, Permission.NOTICE_MANAGE,
            Permission.JOB_MANAGE, Permission.BACKUP_MANAGE, Permission.DEVELOPER_USE,
            Permission.ENTERPRISE_READ, Permission.MEETING_READ,
            Permission.WHAT_IF_USE,
        ),
    )
}  # fmt: skip

#: Roles that must show a second factor where nothing else is configured (LIBRARY_SECOND_FACTOR); demonstrations ask none.
SECOND_FACTOR: Final[frozenset[str]] = frozenset({"administrator", "city_officer"})


def fits(permissions: frozenset[str], scope: str) -> str | None:
    """What is wrong with a role of these permissions and this scope; None when nothing is."""
    if unknown := permissions - PERMISSIONS.keys():
        return f"没有“{'、'.join(sorted(unknown))}”这种权限。"
    if scope not in SCOPES:
        return f"“数据范围”没有“{scope}”这一项。"
    if filers := permissions & FILERS:
        return f"“{PERMISSIONS[min(filers)]}”只属于企业填报人，不能给工作人员的角色。"
    for code in sorted(permissions):
        if (page := NEEDS.get(code)) and page not in permissions:
            return f"有“{PERMISSIONS[code]}”就须同时有“{PERMISSIONS[page]}”，否则打不开所在页面。请一并勾选。"
    if scope != "all" and (wide := permissions & CITYWIDE):
        return f"“{PERMISSIONS[min(wide)]}”对全市生效，数据范围须为“全部”。"
    return None


def reach(role: Role, organisation_id: str | None, tree: Tree) -> frozenset[str] | None:
    """The organisations whose data and accounts somebody of this role sees who works there; None: the whole city."""
    if role.scope == "all":
        return None
    if role.scope == "custom":
        return frozenset().union(*(below(tree, each) for each in role.organisations & tree.keys()))
    if (
        organisation_id is None
        or organisation_id not in tree
        or role.scope not in ("organisation", "organisation_below")
    ):
        return frozenset()
    return below(tree, organisation_id) if role.scope == "organisation_below" else frozenset({organisation_id})
