"""Values as a filer types them -> exact values; what cannot be read is refused in a Chinese sentence.

万元 text becomes whole yuan by decimal arithmetic; full-width digits, thousands separators and units
are understood. Used as pydantic types by the models of `core.filing.model`.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Final

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from pydantic import BeforeValidator, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError
from stdnum.cn import uscc as uscc_number

from core.base.errors import Refused

#: Largest admissible amount in yuan: 10000 times it still fits a signed 64-bit integer.
YUAN_LIMIT: Final = 900_000_000_000_000


def problem(sentence: str) -> PydanticCustomError:
    """A refusal in the words the filer reads: what is wrong and what to do."""
    return PydanticCustomError("sentence", "{sentence}", {"sentence": sentence})


def visible(text: str) -> str:
    """Text without surrounding blanks and invisible format characters (zero-width blanks, BOM)."""
    return "".join(character for character in text if unicodedata.category(character) != "Cf").strip()


def _typed(raw: Any) -> str:
    """What was typed, as text; a list, a group or a truth value is none."""
    if isinstance(raw, bool) or not isinstance(raw, str | int | float | Decimal | date):
        raise problem("不是一项文字或数字，请重新填写")
    return visible(str(raw))


def _plain(raw: Any) -> str:
    """Text without full-width digits, surrounding blanks or characters that are not text."""
    return unicodedata.normalize("NFKC", _typed(raw)).strip()


def _text(raw: Any) -> str:
    text = unicodedata.normalize("NFC", _typed(raw))
    for character in text:
        category = unicodedata.category(character)
        # Planes 2 and 3: rare characters of names, newer than Python's tables; marks: product names.
        if (category == "Cn" and 0x20000 <= ord(character) < 0x3FFFE) or character in "©®™°℃№\n\r\t":
            continue
        if category in ("So", "Cs", "Co", "Cn", "Cc"):
            raise problem(f"含有不能登记的字符“{character if category == 'So' else '控制字符'}”，请删去")
    return text


def limited(limit: int, *, lines: bool = False) -> BeforeValidator:
    """Text of at most `limit` characters; line breaks become blanks unless `lines`."""

    def check(raw: Any) -> str:
        text = _text(raw) if lines else re.sub(r"\s+", " ", _text(raw))
        if len(text) > limit:
            raise problem(f"共 {len(text):,} 个字，最多 {limit} 个字，请删减")
        return text

    return BeforeValidator(check)


#: Signs that people write for a minus, after NFKC.
_MINUS: Final = str.maketrans({"−": "-", "–": "-", "—": "-", "‐": "-", "‑": "-"})


def _figure(raw: Any) -> str:
    """The text of one number. What looks like several cells of a spreadsheet is refused: run together they would be another."""
    if re.search(r"[\t\n\r\v\f\u2028\u2029]", _typed(raw)):
        raise problem("含有制表符或换行，像是从表格里复制了几个格，请只填一个数")
    return _plain(raw).translate(_MINUS)


def _decimal(raw: Any, *units: str) -> Decimal:
    """A number, thousands groups and one of `units` behind it understood; exact whatever its length."""
    text = _figure(raw)
    for unit in units:
        if text.endswith(unit):
            text = text.removesuffix(unit).rstrip()
            break
    text = re.sub(r"^([+-]) +", r"\1", text)
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?|[+-]?\d{1,3}( \d{3})+(\.\d*)?", text, re.ASCII):
        text = re.sub("[, ]", "", text)
    if re.search(r"[\d.,] +[\d.,]", text):
        raise problem("数字中间有空格，请只填一个数，例如 1234.56")
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?", text, re.ASCII | re.IGNORECASE):
        raise problem("不是数字，请只填阿拉伯数字，例如 1234.56")
    return Decimal(text)


def _yuan(raw: Any) -> int:
    """万元 as typed -> whole yuan, exact."""
    text = re.sub(r"^(¥|人民币|RMB|CNY) *", "", _figure(raw), flags=re.IGNORECASE)
    text = re.sub(r" *[元圆]整?$|(?<=[万亿])整$", "元", text)
    if re.search(r"[^万]元$|亿元?$", text):
        raise problem("单位须为万元，请换算成万元后只填数字")
    number = _decimal(text, "万元", "万")
    if number < 0:
        raise problem("不能为负数，请填 0 或正数")
    if number > YUAN_LIMIT // 10_000:
        raise problem(f"超过 {YUAN_LIMIT // 10_000:,} 万元的上限，请核对单位是否为万元")
    # Compared before multiplying: a product would be rounded to the 28 digits of the decimal context.
    exact = number.quantize(Decimal("0.0001"))
    if exact != number:
        raise problem("最多 4 位小数（精确到元），请四舍五入后填写")
    return int(exact * 10_000)


def _percent(raw: Any) -> int:
    """A percentage as typed -> basis points, exact."""
    number = _decimal(raw, "%")
    if not 0 <= number <= 100:
        raise problem("须在 0 到 100 之间，请填百分数，例如 50")
    exact = number.quantize(Decimal("0.01"))
    if exact != number:
        raise problem("最多 2 位小数（万分之一），请四舍五入后填写")
    return int(exact * 100)


def _whole(limit: int) -> BeforeValidator:
    def check(raw: Any) -> int:
        number = _decimal(raw, "人", "项", "个", "件")
        if number < 0:
            raise problem("不能为负数，请填 0 或正整数")
        if number != number.to_integral_value():
            raise problem("须为整数，请去掉小数")
        if number > limit:
            raise problem(f"超过上限 {limit:,}，请核对")
        return int(number)

    return BeforeValidator(check)


def _date(raw: Any) -> date:
    # A cell of a spreadsheet often holds a moment where a day is meant.
    text = re.sub(r"[T ]\d{1,2}:\d\d(:\d\d(\.\d+)?)?Z?$", "", _plain(raw.date() if isinstance(raw, datetime) else raw))
    digits = re.fullmatch(r"(\d{4})(\d{2})(\d{2})", text, re.ASCII) or re.fullmatch(
        r"(\d{4})[-/.年 ](\d{1,2})[-/.月 ](\d{1,2})日?", text, re.ASCII
    )
    try:
        if digits is None:
            raise ValueError
        day = date(*(int(part) for part in digits.groups()))
    except ValueError:
        raise problem("不是有效日期，请按 2020-01-31 的样式填写") from None
    if day.year < 1900:
        raise problem("早于 1900 年，请核对年份")
    return day


def _year(raw: Any) -> int:
    text = _plain(raw).removesuffix("年")
    if not re.fullmatch(r"(19|20)\d\d", text, re.ASCII):
        raise problem("不是四位年份，请填写如 2025")
    return int(text)


def organisation_digit(code: str) -> str:
    """Check digit of the inner organisation code (GB 11714), from its first eight characters."""
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(character, 36) * weight for character, weight in zip(code, weights, strict=True))
    return "0123456789X"[(11 - total % 11) % 11]


def _uscc(raw: Any) -> str:
    code = _plain(raw).replace(" ", "").upper()
    if len(code) != 18:
        raise problem(f"应为 18 位，现为 {len(code)} 位，请对照营业执照填写")
    wrong = sorted({character for character in code if character not in "0123456789ABCDEFGHJKLMNPQRTUWXY"})
    if wrong:
        raise problem(f"含有不会出现的字符“{'、'.join(wrong)}”（不使用 I、O、S、V、Z），请对照营业执照填写")
    if not uscc_number.is_valid(code):
        raise problem("校验位不符，通常是抄错或漏了一位，请对照营业执照填写")
    if organisation_digit(code[8:16]) != code[16]:
        raise problem("主体标识码（第 9 至 17 位）校验位不符，请对照营业执照填写")
    return code


def _email(raw: Any) -> str:
    try:
        return validate_email(_plain(raw), check_deliverability=False, allow_smtputf8=False).normalized
    except EmailNotValidError:
        raise problem("不是有效的邮箱地址，请填写如 name@example.com") from None


def _phone(raw: Any) -> str:
    """A number of the mainland, digits only: a landline with its area code, an extension behind “转”.

    A landline without area code is one of the city, as people here write it.
    """
    written = re.sub(r"\s*(转|分机|ext\.?|x|#)\s*(?=\d+$)", ";ext=", _plain(raw), flags=re.IGNORECASE)
    bare, _, extension = re.sub(r"[\s()-]", "", written).partition(";ext=")
    if re.fullmatch(r"[2-8]\d{6,7}", bare, re.ASCII) and not bare.startswith(("400", "800")):
        return f"{bare}转{extension}" if extension else bare
    try:
        number = phonenumbers.parse(written, "CN")
    except phonenumbers.NumberParseException:
        number = phonenumbers.PhoneNumber()
    if number.country_code != 86 or not phonenumbers.is_valid_number(number):
        raise problem("不是有效的电话号码，请填 11 位手机号或带区号的座机号，分机写作“转8001”")
    fixed = phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.FIXED_LINE
    digits = f"{'0' if fixed else ''}{phonenumbers.national_significant_number(number)}"
    return f"{digits}转{number.extension}" if number.extension else digits


def _yes_no(raw: Any) -> bool:
    if isinstance(raw, bool):
        return raw
    if raw in ("是", "否"):
        return bool(raw == "是")
    raise problem("请选择“是”或“否”")


def one_of(options: Mapping[str, str]) -> BeforeValidator:
    def check(raw: Any) -> str:
        if not isinstance(raw, str) or raw not in options:
            raise problem(f"不在选项之内，请从“{'、'.join(options.values())}”中选择")
        return str(raw)

    return BeforeValidator(check)


def several_of(options: Mapping[str, str]) -> BeforeValidator:
    def check(raw: Any) -> list[str]:
        chosen = list(raw) if isinstance(raw, list | tuple) else [raw]
        if any(not isinstance(value, str) or value not in options for value in chosen):
            raise problem(f"含有不在选项之内的值，请从“{'、'.join(options.values())}”中选择")
        return [value for value in options if value in chosen]

    return BeforeValidator(check)


Yuan = Annotated[int, BeforeValidator(_yuan)]
Percent = Annotated[int, BeforeValidator(_percent)]
Count = Annotated[int, _whole(10_000_000)]
Day = Annotated[date, BeforeValidator(_date)]
Year = Annotated[int, BeforeValidator(_year)]
Uscc = Annotated[str, BeforeValidator(_uscc)]
Email = Annotated[str, BeforeValidator(_email)]
Phone = Annotated[str, BeforeValidator(_phone)]
YesNo = Annotated[bool, BeforeValidator(_yes_no)]
Name = Annotated[str, limited(100)]
Line = Annotated[str, limited(200)]
Paragraph = Annotated[str, limited(2000, lines=True)]


def _addresses(raw: Any) -> list[str]:
    """Addresses of uploaded files, "sha256/name" (see data.filing.attachments)."""
    given = raw if isinstance(raw, list) else [raw]
    if any(not isinstance(item, str) or not re.fullmatch(r"[0-9a-f]{64}/[^/]{1,100}", item) for item in given):
        raise problem("含有无法识别的附件，请删除后重新上传")
    return given


Files = Annotated[list[str], BeforeValidator(_addresses)]


def empty(raw: Any) -> bool:
    return raw is None or raw == [] or (isinstance(raw, str) and not visible(raw))


def shown(raw: Any, limit: int = 40) -> str:
    """A typed value as a sentence quotes it: whole if short, else its beginning."""
    text = "、".join(map(str, raw)) if isinstance(raw, list) else str(raw)
    text = text.encode("utf-8", "replace").decode()  # half a surrogate pair cannot be stored or sent
    return text if len(text) <= limit else f"{text[:limit]}……"


def day(text: str | None, label: str) -> date | None:
    """A day as it is typed, None for nothing. Raises Refused with a sentence."""
    if empty(text):
        return None
    try:
        return TypeAdapter(Day).validate_python(text)
    except ValidationError:
        raise Refused(f"{label}“{shown(text, 20)}”不是日期，请填写如 2026-01-05。") from None
