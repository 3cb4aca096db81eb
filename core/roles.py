"""Who may do what: permissions, and the roles that ship with the product."""

from typing import Final

PERMISSIONS: Final = {
    "filing.edit": "填写并提交本企业填报",
    "filer.manage": "管理本企业填报人员",
    "filing.read": "查看管辖企业的填报",
    "review.district": "区级审核",
    "review.city": "市级审核、入库、撤销",
    "overview.read": "查看产业总览",
    "designation.read": "查看名单认定",
    "system.read": "查看平台运行状态",
    "log.read": "查看、导出日志",
    "account.manage": "管理账号",
    "position.manage": "管理职位",
    "profile.own": "查看和维护个人中心",
}

ROLES: Final[dict[str, frozenset[str]]] = {
    "enterprise": frozenset({"filing.edit", "filer.manage", "profile.own"}),
    "district_reviewer": frozenset({"filing.read", "review.district", "overview.read", "profile.own"}),
    "city_officer": frozenset({"filing.read", "review.city", "overview.read", "designation.read", "profile.own"}),
    "administrator": frozenset({"overview.read", "designation.read", "system.read", "log.read", "account.manage", "position.manage", "profile.own"}),
}

#: Roles that must show a second factor where nothing else is configured (LIBRARY_SECOND_FACTOR); demonstrations ask none.
SECOND_FACTOR: Final[frozenset[str]] = frozenset({"administrator", "city_officer"})
