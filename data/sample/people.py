"""The people of the demonstration: bureau staff with local accounts, and two enterprises that sign in.

Nothing here depends on the day or on a store, so that a sign-in page can list them all.
"""

from dataclasses import dataclass
from typing import Final

from data.access import accounts
from data.store.store import Store

#: One password for everybody in the demonstration; its bcrypt hash was made once and is as public as it is.
PASSWORD: Final = "Demo2026wh"  # noqa: S105
PASSWORD_HASH: Final = "$2b$12$3kn4ZYyDnSCtTM0AKOv7a.grf/X1pal3MRAAQmQ1XzDfgB3XSFZne"  # noqa: S105


@dataclass(frozen=True)
class Staff:
    """A member of a bureau; `organisation` (for a district its code) is set for a district reviewer only."""

    username: str
    name: str
    role: str
    organisation: str | None = None

    @property
    def account_id(self) -> str:
        return f"local-{self.username}"


@dataclass(frozen=True)
class Filer:
    """An enterprise that signs in; `label` says what it shows. `contact_id`: 身份证号 of the contact, nobody's."""

    uscc: str
    enterprise_name: str
    contact_name: str
    contact_phone: str
    district: str
    label: str
    contact_id: str


STAFF: Final = (
    Staff("donghu", "东湖高新区审核员", "district_reviewer", "GX"),
    Staff("hongshan", "洪山区审核员", "district_reviewer", "HS"),
    Staff("shiji", "市级管理员", "city_officer"),
    Staff("admin", "系统管理员", "administrator"),
)
#: Reviewers of the districts without one in `STAFF`: they act in the past, and cannot sign in.
REVIEWERS: Final = {
    "JA": "jiangan",
    "JH": "jianghan",
    "QK": "qiaokou",
    "HY": "hanyang",
    "WC": "wuchang",
    "QS": "qingshan",
    "DXH": "dongxihu",
    "JK": "jingkai",
    "CD": "caidian",
    "JX": "jiangxia",
    "HP": "huangpi",
    "XZ": "xinzhou",
    "FJ": "fengjing",
    "XQ": "changjiang",
}
#: The first two enterprises of the sample, in this order.
FILERS: Final = (
    Filer(
        uscc="91420199MA0DEM013C",
        enterprise_name="武汉霁禾智能科技有限公司（虚构）",
        contact_name="程知远",
        contact_phone="13900000001",
        district="GX",
        label="东湖高新区，上年已入库，本期尚未填报",
        contact_id="420199190001010012",
    ),
    Filer(
        uscc="91420199MA0DEM0217",
        enterprise_name="武汉澄川灵境智能装备有限公司（虚构）",
        contact_name="陆清和",
        contact_phone="13900000002",
        district="HS",
        label="洪山区，本期填报被退回，待按意见修改",
        contact_id="420199190001010020",
    ),
)
#: Registered at the province only: not in the sample, and asked to complete 基础信息 at the funds platform.
NEWCOMER: Final = Filer(
    uscc="91420199MA0DEM03XY",
    enterprise_name="武汉初曜智能科技有限公司（虚构）",
    contact_name="温言初",
    contact_phone="13900000003",
    district="GX",
    label="首次登录，须在专项资金平台完善基础信息",
    contact_id="420199190001010039",
)


def create_staff(store: Store) -> None:
    """Create the accounts of `STAFF`, all with `PASSWORD`; those that exist already stay as they are."""
    known = {row["id"] for row in store.rows("SELECT id FROM accounts WHERE role <> 'enterprise'")}
    for person in STAFF:
        if person.account_id not in known:
            accounts.create_local(
                store,
                username=person.username,
                name=person.name,
                role=person.role,
                organisation_id=person.organisation,
                password_hash=PASSWORD_HASH,
                demonstration=True,
            )
