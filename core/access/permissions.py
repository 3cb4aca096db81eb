"""The permissions: what one may do, by the part of the menu it belongs to. Menu, gate, roles and writers name these."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final, Self


class Permission(StrEnum):
    """A permission. Its value stands in roles as they are stored; `section` is its part of the menu, `label` its words."""

    section: str
    label: str

    def __new__(cls, code: str, section: str, label: str) -> Self:
        permission = str.__new__(cls, code)
        permission._value_ = code
        permission.section, permission.label = section, label
        return permission

    FILING_EDIT = "filing.edit", "企业填报", "填写并提交本企业填报"
    FILER_MANAGE = "filer.manage", "企业填报", "管理本企业填报人员"
    MATCH_OWN = "match.own", "企业填报", "答复本企业的供需对接"
    DESK_READ = "desk.read", "工作台", "查看工作台"
    OVERVIEW_READ = "overview.read", "统计分析", "查看产业总览、区域、产业链"
    DESIGNATION_READ = "designation.read", "统计分析", "查看名单认定"
    MEETING_READ = "meeting.read", "例会与报表", "查看例会"
    MEETING_MANAGE = "meeting.manage", "例会与报表", "召集、冻结例会，记录决议"
    REPORT_EXPORT = "report.export", "例会与报表", "导出报表"
    WHAT_IF_USE = "what_if.use", "阈值测算", "阈值测算：试改参数、保存情景"
    EDGE_READ = "edge.read", "阈值测算", "查看临界企业与阈值附近的异常"
    FILING_READ = "filing.read", "审核", "查看管辖企业的填报"
    PROGRESS_READ = "progress.read", "审核", "查看填报进度"
    REMINDER_SEND = "reminder.send", "审核", "催报"
    REVIEW_DISTRICT = "review.district", "审核", "区级审核"
    REVIEW_CITY = "review.city", "审核", "市级审核、入库、撤销"
    MESSAGE_READ = "message.read", "消息", "查看和回复站内信"
    MESSAGE_SEND = "message.send", "消息", "向管辖范围发送站内信"
    NOTICE_READ = "notice.read", "消息", "查看通知公告"
    NOTICE_MANAGE = "notice.manage", "消息", "起草、发布、撤回公告"
    ENTERPRISE_READ = "enterprise.read", "企业信息", "查看管辖企业的信息与画像"
    ENTERPRISE_CORRECT = "enterprise.correct", "企业信息", "更正入库数据、调整企业区属、登记企业合并"
    PROJECT_READ = "project.read", "项目库", "查看管辖企业的需求与项目"
    PROJECT_MANAGE = "project.manage", "项目库", "立项、撮合、结束项目"
    ROUND_MANAGE = "round.manage", "平台管理", "设定填报期、为企业解锁"
    POLICY_READ = "policy.read", "平台管理", "查看政策版本"
    POLICY_DRAFT = "policy.draft", "平台管理", "起草政策版本"
    POLICY_PUBLISH = "policy.publish", "平台管理", "发布政策版本"
    DICTIONARY_READ = "dictionary.read", "平台管理", "查看字典"
    PARAMETER_MANAGE = "parameter.manage", "平台管理", "设定平台参数"
    SYSTEM_READ = "system.read", "平台管理", "查看平台运行状态"
    JOB_MANAGE = "job.manage", "平台管理", "管理任务"
    BACKUP_MANAGE = "backup.manage", "平台管理", "管理备份"
    LOG_READ = "log.read", "日志管理", "查看日志"
    LOG_EXPORT = "log.export", "日志管理", "导出日志"
    ACCOUNT_MANAGE = "account.manage", "系统管理", "管理账号"
    ROLE_MANAGE = "role.manage", "系统管理", "管理角色"
    ORGANISATION_MANAGE = "organisation.manage", "系统管理", "管理机构与企业归属"
    POSITION_MANAGE = "position.manage", "系统管理", "管理职位"
    PROFILE_OWN = "profile.own", "系统管理", "查看和维护个人中心"
    DEVELOPER_USE = "developer.use", "开发工具", "使用开发工具"


#: code -> words.
PERMISSIONS: Final[dict[str, str]] = {each.value: each.label for each in Permission}
#: part of the menu -> code -> words: first those that open a page, then the actions.
SECTIONS: Final[dict[str, dict[str, str]]] = {
    section: {each.value: each.label for each in Permission if each.section == section}
    for section in dict.fromkeys(each.section for each in Permission)
}


def known(stored: Iterable[str]) -> frozenset[Permission]:
    """The permissions among what is stored; what this version does not know counts for nothing."""
    given = frozenset(stored)
    return frozenset(each for each in Permission if each in given)
