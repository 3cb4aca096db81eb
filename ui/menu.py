"""The menu as data: which pages there are, and the permission each asks for."""

from typing import Final

#: section, page, title, icon, permission. The menu, the gate's tests and the screenshots are drawn from it.
PAGES: Final = (
    ("企业填报", "enterprise/workbench.py", "工作台", "home", "filing.edit"),
    ("企业填报", "enterprise/basic.py", "基础信息", "badge", "filing.edit"),
    ("企业填报", "enterprise/technology.py", "技术条件", "memory", "filing.edit"),
    ("企业填报", "enterprise/business.py", "AI业务条件", "payments", "filing.edit"),
    ("企业填报", "enterprise/market.py", "市场需求", "storefront", "filing.edit"),
    ("企业填报", "enterprise/submit.py", "核对提交", "fact_check", "filing.edit"),
    ("企业填报", "enterprise/filers.py", "填报人员", "group", "filer.manage"),
    ("企业填报", "enterprise/matches.py", "供需对接", "handshake", "match.own"),
    ("统计分析", "bureau/overview.py", "产业总览", "monitoring", "overview.read"),
    ("统计分析", "bureau/designations.py", "名单认定", "verified", "designation.read"),
    ("审核", "bureau/review.py", "审核", "rule", "filing.read"),
    ("企业信息", "bureau/enterprises.py", "企业信息", "domain", "enterprise.read"),
    ("企业信息", "bureau/enterprise.py", "企业画像", "contact_page", "enterprise.read"),
    ("项目库", "bureau/projects.py", "项目库", "handshake", "project.read"),
    ("平台管理", "system/status.py", "运行状态", "health_and_safety", "system.read"),
    ("日志管理", "system/logs.py", "日志管理", "history", "log.read"),
    ("系统管理", "system/accounts.py", "账号管理", "manage_accounts", "account.manage"),
    ("系统管理", "system/accounts_import.py", "账号导入", "upload_file", "account.manage"),
    ("系统管理", "system/positions.py", "职位管理", "work", "position.manage"),
    ("系统管理", "system/profile.py", "个人中心", "person", "profile.own"),
)
