"""Who may do what: permissions, roles, and the roles that ship with the product; the bureau's changes lie over them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from core.base import terms

#: Every permission by the part of the menu it belongs to: first those that open a page, indented under them the actions.
SECTIONS: Final[dict[str, dict[str, str]]] = {
    "企业填报": {
        "filing.edit": "填写并提交本企业填报",
        "filer.manage": "管理本企业填报人员",
        "match.own": "答复本企业的供需对接",
    },
    "工作台": {"desk.read": "查看工作台"},
    "统计分析": {"overview.read": "查看产业总览、区域、产业链", "designation.read": "查看名单认定"},
    "例会与报表": {
        "meeting.read": "查看例会",
        "meeting.manage": "召集、冻结例会，记录决议",
        "report.export": "导出报表",
    },
    "阈值测算": {"what_if.use": "阈值测算：试改参数、保存情景", "edge.read": "查看临界企业与阈值附近的异常"},
    "审核": {
        "filing.read": "查看管辖企业的填报",
        "progress.read": "查看填报进度",
        "reminder.send": "催报",
        "review.district": "区级审核",
        "review.city": "市级审核、入库、撤销",
    },
    "消息": {
        "message.read": "查看和回复站内信",
        "message.send": "向管辖范围发送站内信",
        "notice.read": "查看通知公告",
        "notice.manage": "起草、发布、撤回公告",
    },
    "企业信息": {
        "enterprise.read": "查看管辖企业的信息与画像",
        "enterprise.correct": "更正入库数据、调整企业区属、登记企业合并",
    },
    "项目库": {"project.read": "查看管辖企业的需求与项目", "project.manage": "立项、撮合、结束项目"},
    "平台管理": {
        "round.manage": "设定填报期、为企业解锁",
        "policy.read": "查看政策版本",
        "policy.draft": "起草政策版本",
        "policy.publish": "发布政策版本",
        "dictionary.read": "查看字典",
        "parameter.manage": "设定平台参数",
        "system.read": "查看平台运行状态",
        "job.manage": "管理任务",
        "backup.manage": "管理备份",
    },
    "日志管理": {"log.read": "查看日志", "log.export": "导出日志"},
    "系统管理": {
        "account.manage": "管理账号",
        "role.manage": "管理角色",
        "organisation.manage": "管理机构与企业归属",
        "position.manage": "管理职位",
        "profile.own": "查看和维护个人中心",
    },
    "开发工具": {"developer.use": "使用开发工具"},
}
PERMISSIONS: Final = {code: words for section in SECTIONS.values() for code, words in section.items()}
#: action -> the permission that opens the page it is done on: one is of no use without the other.
NEEDS: Final = {
    "review.district": "filing.read", "review.city": "filing.read", "log.export": "log.read",
    "policy.draft": "policy.read", "policy.publish": "policy.read",
    "reminder.send": "progress.read",
    "enterprise.correct": "enterprise.read",
    "project.manage": "project.read",
    "meeting.manage": "meeting.read",
}  # fmt: skip
#: What everybody may who may sign in.
BASE: Final = frozenset({"profile.own", "message.read", "notice.read"})
#: Only a filer of an enterprise can use these.
FILERS: Final = frozenset({"filing.edit", "filer.manage", "match.own"})
#: What concerns the whole city at once, and so asks for the scope 全部.
CITYWIDE: Final = frozenset({
    "role.manage", "organisation.manage", "position.manage", "system.read",
    "round.manage", "policy.draft", "policy.publish", "parameter.manage",
    "notice.manage",
    "job.manage", "backup.manage", "developer.use",
})  # fmt: skip
#: Who holds both can mend any other account or role: one local account must always be left.
ADMINISTRATION: Final = frozenset({"account.manage", "role.manage"})

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
    permissions: frozenset[str]
    scope: str
    organisations: frozenset[str] = frozenset()
    second_factor: bool | None = None
    note: str = ""

    @property
    def administers(self) -> bool:
        return self.permissions >= ADMINISTRATION


def _role(code: str, scope: str, *permissions: str) -> Role:
    return Role(code, terms.ROLES[code], frozenset(permissions) | BASE, scope)


#: The role of whoever signs in for an enterprise; it sees its own enterprise and cannot be changed.
ENTERPRISE: Final = "enterprise"
SHIPPED: Final[Mapping[str, Role]] = {
    role.code: role
    for role in (
        _role(ENTERPRISE, "own", "filing.edit", "filer.manage", "match.own"),
        _role(
            "district_reviewer", "organisation_below", "filing.read", "review.district", "overview.read",
            "desk.read", "progress.read", "reminder.send", "enterprise.read", "project.read",
            "message.send", "meeting.read",
            "report.export",
            "what_if.use", "edge.read",
        ),
        _role(
            "city_officer", "all", "filing.read", "review.city", "overview.read", "designation.read",
            "desk.read", "progress.read", "reminder.send", "enterprise.read", "project.read", "project.manage",
            "round.manage", "policy.read", "policy.draft", "dictionary.read",
            "message.send", "notice.manage", "enterprise.correct", "meeting.read", "meeting.manage",
            "report.export",
            "what_if.use", "edge.read",
        ),
        _role(
            "administrator", "all", "desk.read", "overview.read", "designation.read", "system.read", "log.read", "log.export",
            "account.manage", "role.manage", "organisation.manage", "position.manage",
            "round.manage", "policy.read", "policy.draft", "policy.publish", "dictionary.read", "parameter.manage",
            "message.send", "notice.manage",
            "job.manage", "backup.manage", "developer.use",
            "enterprise.read", "meeting.read",
            "what_if.use",
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
