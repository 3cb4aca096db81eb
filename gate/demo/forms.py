"""The forms of the demonstration platforms: their fields as models, what was typed, and what is wrong with it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final

from stdnum.cn import ric
from stdnum.exceptions import ValidationError as NotANumber

from core.base import beijing
from core.base.dictionaries import DISTRICTS
from core.base.values import Day, Email, Line, Name, Phone, Uscc, one_of
from core.filing.model import About, Part, entry, fields, read_part
from gate import passwords
from gate.demo import shelf

TERMS: Final = {"5": "5年", "10": "10年", "20": "20年", "long": "长期有效"}
KINDS: Final = {
    kind: kind for kind in ("企业法人", "个体工商户", "农民专业合作社", "事业单位法人", "社会团体法人", "其他组织")
}
PAPERS: Final = {"居民身份证": "居民身份证"}
CAPTCHA: Final = entry("图形验证码", placeholder="请输入图中的字符", widget="captcha", required=False)
MESSAGE: Final = entry("短信验证码", placeholder="请输入短信验证码", widget="message", required=False)
RULE: Final = "密码由8位以上的小写加大写字母加数字组成"


class PersonForm(Part):
    """个人注册, 1实名认证."""

    name: Name | None = entry("用户名", placeholder="请输入证件上的姓名", section="证件信息")
    id_number: Line | None = entry(
        "证件号码", placeholder="请输入证件号码", help="证件类型：身份证", widget="id_number", section="证件信息"
    )
    valid_from: Day | None = entry(
        "证件有效起始时间", placeholder="如 2020-01-31", help="身份证有效期开始时间", section="证件信息"
    )
    valid_for: Annotated[str, one_of(TERMS)] | None = entry(
        "证件有效期", choices=TERMS, widget="radio", section="证件信息"
    )
    phone: Line | None = entry("手机号码", placeholder="请输入手机号码", widget="mobile", section="账号信息")
    captcha: Line | None = CAPTCHA
    message: Line | None = MESSAGE
    password: Line | None = entry("登录密码", placeholder="请输入登录密码", help=RULE, widget="password")
    again: Line | None = entry("确认密码", placeholder="请再次输入密码", widget="password")


class RepresentativeForm(Part):
    """法人注册, 1实名认证."""

    name: Name | None = entry("法定代表人姓名", placeholder="请输入法定代表人姓名", section="法定代表人信息")
    paper: Annotated[str, one_of(PAPERS)] | None = entry("法人证件类型", choices=PAPERS, section="法定代表人信息")
    id_number: Line | None = entry(
        "法人证件号码", placeholder="请输入证件号码", widget="id_number", section="法定代表人信息"
    )
    captcha: Line | None = CAPTCHA


class EnterpriseForm(Part):
    """法人注册, 2企业机构信息."""

    enterprise_name: Name | None = entry("企业/机构名称", placeholder="名称需与营业执照一致", section="企业/机构信息")
    kind: Annotated[str, one_of(KINDS)] | None = entry("法人类型", choices=KINDS, section="企业/机构信息")
    uscc: Uscc | None = entry("统一社会信用代码", placeholder="请输入统一社会信用代码", section="企业/机构信息")
    contact_name: Name | None = entry("联系人姓名", placeholder="请输入联系人姓名", section="联系人信息")
    contact_id: Line | None = entry(
        "联系人身份证号", placeholder="请输入联系人身份证号", widget="id_number", section="联系人信息"
    )
    phone: Line | None = entry(
        "联系人手机号码", placeholder="请输入联系人手机号码", widget="mobile", section="联系人信息"
    )
    captcha: Line | None = CAPTCHA
    message: Line | None = MESSAGE
    password: Line | None = entry("法人账号登录密码", placeholder="请设置登录密码", help=RULE, widget="password")


class RecoveryForm(Part):
    """找回密码."""

    account: Line | None = entry(
        "账号",
        placeholder="统一社会信用代码或身份证号",
        help="法人账号填统一社会信用代码，个人账号填身份证号",
        section="验证身份",
    )
    phone: Line | None = entry("手机号码", placeholder="请输入账号登记的手机号码", widget="mobile", section="验证身份")
    captcha: Line | None = CAPTCHA
    message: Line | None = MESSAGE
    password: Line | None = entry(
        "新密码", placeholder="请输入新密码", help=RULE, widget="password", section="设置新密码"
    )
    again: Line | None = entry("确认密码", placeholder="请再次输入密码", widget="password", section="设置新密码")


class BasicsForm(Part):
    """专项资金平台, 完善基础信息."""

    enterprise_name: Name | None = entry("企业名称", required=False, identity=True, section="企业信息")
    uscc: Uscc | None = entry("统一社会信用代码", required=False, identity=True, section="企业信息")
    registered_address: Line | None = entry("注册地址", placeholder="请输入注册地址", section="企业信息")
    district: Annotated[str, one_of(DISTRICTS)] | None = entry("区属", choices=DISTRICTS, section="企业信息")
    operating_address: Line | None = entry(
        "实际经营地址", placeholder="若与注册地址一致，可填“同上”", section="企业信息"
    )
    founded: Day | None = entry("成立时间", placeholder="如 2020-01-31", section="企业信息")
    contact_name: Name | None = entry("联系人姓名", placeholder="请输入联系人姓名", section="联系人信息")
    contact_phone: Phone | None = entry("联系电话", placeholder="请输入联系电话", section="联系人信息")
    contact_email: Email | None = entry("邮箱", placeholder="请输入邮箱", section="联系人信息")


@dataclass
class Form:
    """A form on its way to the browser: what stands in it, what is wrong, which field has the cursor."""

    model: type[Part]
    typed: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    cursor: str = ""
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def fields(self) -> tuple[About, ...]:
        return fields(self.model)

    @property
    def groups(self) -> list[tuple[str, list[About]]]:
        """The fields under their headings; one without a heading stands under the last."""
        found: list[tuple[str, list[About]]] = []
        for about in self.fields:
            if about.section and (not found or found[-1][0] != about.section):
                found.append((about.section, []))
            found[-1][1].append(about)
        return found

    def has(self, name: str) -> bool:
        return any(about.name == name for about in self.fields)

    def label(self, name: str) -> str:
        return next(about.label for about in self.fields if about.name == name)

    def wrong(self, name: str, sentence: str) -> None:
        self.errors.setdefault(name, f"{self.label(name)}：{sentence}")

    def in_order(self) -> dict[str, str]:
        """The errors in the order of the form, those of no field (consents) last."""
        return {about.name: self.errors[about.name] for about in self.fields if about.name in self.errors} | self.errors

    @property
    def focus(self) -> str:
        return next(iter(self.in_order()), self.cursor)


def read(model: type[Part], posted: Mapping[str, str]) -> Form:
    """What was posted, kept as typed, with the exact values and a sentence for every field that is wrong."""
    typed = {about.name: posted.get(about.name, "")[:500] for about in fields(model)}
    values, problems = read_part(model, typed, "")
    form = Form(model, typed, values=values)
    for found in problems:
        form.wrong(found.path.rpartition(".")[2], found.sentence)
    for about in form.fields:
        check = _CHECKS.get(about.widget)
        if check and form.typed[about.name].strip() and about.name not in form.errors:
            value = re.sub(r"[\s-]", "", values[about.name]).upper()
            form.values[about.name] = value
            if sentence := check(value):
                form.wrong(about.name, sentence)
    if typed.get("password") and "password" not in form.errors and (weak := passwords.weakness(typed["password"])):
        form.wrong("password", f"{weak}，请重新设置")
    if "again" in typed and typed["again"] and typed["again"] != typed["password"]:
        form.wrong("again", "两次输入的密码不一致，请重新输入同一密码")
    if values.get("valid_from") and values["valid_from"] > today():
        form.wrong("valid_from", "晚于今天，请按身份证上的起始日期填写")
    if values.get("founded") and values["founded"] > today():
        form.wrong("founded", "晚于今天，请按营业执照上的成立日期填写")
    return form


def today() -> date:
    """In Beijing."""
    return beijing.day(datetime.fromtimestamp(shelf.now(), UTC))


def _id_number(number: str) -> str | None:
    """The check digit and the day of birth; any place of birth, so that fictional numbers can have none."""
    if not re.fullmatch(r"\d{17}[\dX]", number, re.ASCII):
        return f"应为 18 位（末位可为 X），现为 {len(number)} 位，请对照身份证填写"
    if ric.calc_check_digit(number) != number[-1]:
        return "校验位不符，通常是抄错或漏了一位，请对照身份证填写"
    try:
        born = ric.get_birth_date(number)
    except NotANumber:
        return "第 7 至 14 位不是有效的出生日期，请对照身份证填写"
    return "出生日期晚于今天，请对照身份证填写" if born > today() else None


def _mobile(number: str) -> str | None:
    return None if re.fullmatch(r"1[3-9]\d{9}", number, re.ASCII) else "不是有效的手机号码，请填写 11 位手机号"


_CHECKS: Final[dict[str, Callable[[str], str | None]]] = {"id_number": _id_number, "mobile": _mobile}
