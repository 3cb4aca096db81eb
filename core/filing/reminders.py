"""催报: the templates of reminders, and whom each is meant for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import polars as pl

from core.base import beijing, terms
from core.base.dictionaries import DISTRICTS
from core.filing import states

#: Where a filing of the round stands, as 填报进度 counts it: code -> words.
PROGRESS: Final = {
    "missing": "未开始",
    states.DRAFT: "草稿未提交",
    states.RETURNED: "退回待修改",
    states.SUBMITTED: "已提交",
    states.CITY_REVIEW: "区级通过",
    states.ADMITTED: "入库",
    states.REVOKED: "撤销入库",
}
#: These count as 已报; who stands elsewhere still has something to do.
FILED: Final = states.FILED
UNFINISHED: Final = ("missing", *states.EDITABLE)
#: What is counted beside how many have filed.
COUNTED: Final = (states.CITY_REVIEW, states.ADMITTED, states.RETURNED, states.DRAFT, "missing")


@dataclass(frozen=True, slots=True)
class RoundProgress:
    """How many enterprises must file (`due`), have `filed`, and of these are `passed` by the district or `admitted`; and
    how many of the others stand at `returned`, `draft` or `missing`.
    """

    due: int
    filed: int
    passed: int
    admitted: int
    returned: int
    draft: int
    missing: int


#: The lists of who has not filed: all, or those of one state.
VIEWS: Final = {"unfinished": "全部未报", "missing": "未开始", "draft": "草稿未提交", "returned": "退回待修改"}
ORDERS: Final = {"stake": "对全市影响", "name": "名称", "reminded": "最久未催"}


def table(frame: pl.DataFrame) -> pl.DataFrame:
    """Rows of `data.filing.progress.listing` in words, for the screen and for the file; "—" where nothing stands."""

    def moment(column: str) -> pl.Expr:
        return beijing.minutes(pl.col(column)).fill_null("—")

    yi = pl.col("unreported_revenue").map_elements(terms.yi, return_dtype=pl.String, skip_nulls=False)
    return frame.select(
        pl.col("name").alias("企业名称"),
        pl.col("district").replace_strict(DISTRICTS, default="未填", return_dtype=pl.String).alias("区属"),
        pl.col("progress").replace_strict(PROGRESS, return_dtype=pl.String).alias("进度"),
        yi.alias("上次总收入（亿元）"),
        moment("saved_at").alias("最近保存"),
        pl.when(pl.col("reminders") > 0).then(pl.format("{} 次", "reminders")).otherwise(pl.lit("—")).alias("已催"),
        moment("reminded_at").alias("最近催报"),
    )


@dataclass(frozen=True)
class Template:
    """`text` may hold the words of `WORDS`, filled in for each enterprise. `states`: whom it is meant for."""

    code: str
    name: str
    title: str
    text: str
    states: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SentReminder:
    """A reminder that an enterprise was sent. `at_utc`: naive UTC. `level`: whom it went to, enterprise, district or city.

    `template`: a key of `TEMPLATES`, or one that there was once. `who`: a name, 系统 for the daily job.
    """

    at_utc: datetime
    level: str
    template: str
    who: str


#: What can stand in a template, and what it means.
WORDS: Final = ("【企业名称】", "【填报期】", "【截止日期】", "【剩余天数】")
_END: Final = "如有疑问请直接回复本信，或联系所在区经信部门。"
TEMPLATES: Final[Mapping[str, Template]] = {
    template.code: template
    for template in (
        Template(
            "due", "临近截止", "请在【截止日期】前完成填报",
            f"【企业名称】：\n“【填报期】”将于【截止日期】截止，还有【剩余天数】天，贵企业尚未提交。请登录培育库完成四个步骤并提交；已填内容都已保存。{_END}",
            UNFINISHED,
        ),
        Template(
            "draft", "草稿未提交", "您的填报已保存，但还没有提交",
            f"【企业名称】：\n贵企业“【填报期】”的填报仍是草稿，尚未提交。请在【截止日期】前打开“核对提交”，按提示核对后提交。{_END}",
            ("draft",),
        ),
        Template(
            "returned", "退回待修改", "填报被退回，请修改后重新提交",
            f"【企业名称】：\n贵企业“【填报期】”的填报已被退回，原因见“核对提交”页。请修改后在【截止日期】前重新提交。{_END}",
            ("returned",),
        ),
        Template(
            "late", "逾期未报", "填报已逾期，请尽快联系",
            f"【企业名称】：\n“【填报期】”已于【截止日期】截止，贵企业尚未提交。请尽快联系所在区经信部门申请补报；逾期不报将影响入库。{_END}",
            UNFINISHED,
        ),
    )
}  # fmt: skip


def filled(text: str, *, enterprise: str, round_name: str, closes: date, today: date) -> str:
    """`text` with the words of `WORDS` filled in."""
    left = max((closes - today).days, 0)
    values = dict(
        zip(WORDS, (enterprise, round_name, f"{closes.year}年{closes.month}月{closes.day}日", str(left)), strict=True)
    )
    for word, value in values.items():
        text = text.replace(word, value)
    return text
