"""参数: the few numbers of the platform that the administrator may set, each with its range."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Parameter:
    """A whole number from `low` to `high`; `default` where nobody has set it."""

    code: str
    label: str
    unit: str
    low: int
    high: int
    default: int
    note: str


PARAMETERS: Final = {
    each.code: each
    for each in (
        Parameter("reminder_days_before", "提前催报天数", "天", 1, 60, 7, "距填报期截止还有几天时开始提醒未提交的企业"),
        Parameter(
            "escalation_days_after",
            "逾期升级天数",
            "天",
            0,
            60,
            3,
            "截止几天之后，把催报过仍未提交的企业名单转给所在区；0 为截止次日",
        ),
        Parameter("meeting_weekday", "例会日", "（1 为周一，7 为周日）", 1, 7, 1, "工作台按最近一次例会之后计算变化"),
        Parameter(
            "core_target", "核心企业数目标", "家", 0, 100_000, 0, "全市目标，产业总览显示完成的比例；0 为未设目标"
        ),
        Parameter(
            "counted_target",
            "AI产业规模目标",
            "亿元",
            0,
            1_000_000,
            0,
            "全市纳入统计的目标，产业总览显示完成的比例；0 为未设目标",
        ),
        Parameter(
            "idle_minutes", "闲置时限", "分钟", 10, 120, 30, "这么久没有操作即退出登录；最后 5 分钟页面提示，可点“继续”"
        ),
        Parameter(
            "coverage_least",
            "较上年所需覆盖",
            "%",
            0,
            100,
            95,
            "上年纳入统计中本年已报的占比达到此数才显示“较上年”，未达到时只显示同口径和覆盖；0 为总是显示",
        ),
        Parameter("backups_kept", "保留备份份数", "份", 1, 365, 14, "超出的旧备份自动清理"),
    )
}
