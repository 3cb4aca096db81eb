"""Facts about accounts, sign-ins, roles, positions, organisations and where enterprises are placed."""

from collections.abc import Mapping
from typing import Any, Final

from core.base.facts import Body, FactKind, Nothing


class AccountSet(Body):
    """An account as created, or what changed of it."""

    username: str = ""
    name: str = ""
    role: str = ""
    enterprise_id: str | None = None
    organisation_id: str | None = None
    position_id: str | None = None
    active: bool = True
    demonstration: bool = False
    principal: bool = False

    @classmethod
    def upgraded(cls, body: Mapping[str, Any]) -> Mapping[str, Any]:
        if "district" not in body:
            return body
        # What the organisation was called before there were any but districts.
        return {name: value for name, value in body.items() if name != "district"} | {
            "organisation_id": body["district"]
        }


class PositionSet(Body):
    """A position as created, or what changed of it; removed: not active."""

    name: str = ""
    note: str = ""
    active: bool = True


class OrganisationSet(Body):
    """An organisation as created, or what changed of it; removed: not active."""

    name: str = ""
    parent: str = ""
    active: bool = True


class RoleSet(Body):
    """A role as created, or what changed of it. `permissions` and `organisations`: codes; removed: not active."""

    name: str = ""
    permissions: tuple[str, ...] = ()
    scope: str = ""
    organisations: tuple[str, ...] = ()
    second_factor: bool | None = None
    note: str = ""
    active: bool = True


class Placed(Body):
    """In which park an enterprise lies and who looks after it; None: nobody."""

    organisation_id: str | None
    officer_id: str | None


class SessionOpened(Body):
    way: str
    address: str | None = None


class SessionEnded(Body):
    reason: str


class SignInFailed(Body):
    """`second_factor`: the password was right."""

    address: str | None = None
    second_factor: bool = False


class CredentialSet(Body):
    """What an account's credentials are from now on, as fingerprints (SHA-256) of what is kept; "": none. No secret is among it."""

    password: str
    second_factor: str = ""


class HandedOver(Body):
    """To whose account."""

    to: str


FACTS: Final[Mapping[str, FactKind]] = {
    "enterprise.placed": FactKind("设定企业归属", Placed),
    "account.created": FactKind("新建账号", AccountSet),
    "account.changed": FactKind("变更账号", AccountSet),
    "account.unlocked": FactKind("解锁账号", Nothing),
    "password.changed": FactKind("修改密码", Nothing),
    "password.reset": FactKind("重置密码", Nothing),
    "second_factor.enrolled": FactKind("启用两步验证", Nothing),
    "second_factor.removed": FactKind("停用两步验证", Nothing),
    "credential.set": FactKind("登记凭据指纹", CredentialSet),
    "session.opened": FactKind("登录", SessionOpened),
    "session.ended": FactKind("会话结束", SessionEnded),
    "sign_in.failed": FactKind("登录失败", SignInFailed),
    "filer.handed_over": FactKind("移交填报工作", HandedOver),
    "role.created": FactKind("新增角色", RoleSet),
    "role.changed": FactKind("修改角色", RoleSet),
    "role.removed": FactKind("删除角色", RoleSet),
    "position.created": FactKind("新增职位", PositionSet),
    "position.changed": FactKind("修改职位", PositionSet),
    "position.removed": FactKind("删除职位", PositionSet),
    "organisation.created": FactKind("新增机构", OrganisationSet),
    "organisation.changed": FactKind("修改机构", OrganisationSet),
    "organisation.removed": FactKind("删除机构", OrganisationSet),
}
