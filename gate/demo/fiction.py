"""填入演示资料: fictional people and enterprises that are not registered yet, with valid check digits.

420199 is the code of no district, and nobody signs in today who was born in 1900: the numbers are nobody's.
"""

from itertools import count
from typing import Any, Final

from stdnum.cn import ric, uscc

from core.base.values import organisation_digit
from gate.demo.book import Book

_GIVEN: Final = ("何闻笛", "苏星野", "沈云舟", "林见微", "周乐知", "许长青")
_BRANDS: Final = ("星槎", "云笺", "汀兰", "观澜", "启明川", "知行野")


def id_number(order: int) -> str:
    """A valid 身份证号 of nobody; `order`: 1 to 999."""
    body = f"42019919000101{order:03d}"
    return body + ric.calc_check_digit(f"{body}0")


def credit_code(order: int) -> str:
    """A valid 统一社会信用代码 of no enterprise; `order`: 1 to 999."""
    inner = f"MA0NE{order:03d}"
    body = f"91420199{inner}{organisation_digit(inner)}"
    return body + uscc.calc_check_digit(body)


def person(book: Book) -> dict[str, str]:
    """For 个人注册."""
    order = next(n for n in count(101) if id_number(n) not in book.people and not book.person(f"13900000{n}"))
    return {
        "name": f"{_GIVEN[order % len(_GIVEN)]}（虚构）",
        "id_number": id_number(order),
        "valid_from": "2020-01-01",
        "valid_for": "long",
        "phone": f"13900000{order}",
    }


def representative(book: Book, session: dict[str, Any]) -> dict[str, str]:
    """For 法人注册: whoever has registered in this browser, else any person there is."""
    known = book.people.get(session.get("person", "")) or next(iter(book.people.values()), None)
    if known is None:
        return {}
    return {"name": known.name, "paper": "居民身份证", "id_number": known.id_number}


def enterprise(book: Book, representative_id: str) -> dict[str, str]:
    """For 法人注册, second step: the representative is the contact, too."""
    order = next(n for n in count(101) if credit_code(n) not in book.enterprises)
    contact = book.people[representative_id]
    return {
        "enterprise_name": f"武汉{_BRANDS[order % len(_BRANDS)]}智能科技有限公司（虚构）",
        "kind": "企业法人",
        "uscc": credit_code(order),
        "contact_name": contact.name,
        "contact_id": contact.id_number,
        "phone": contact.phone,
    }


BASICS: Final = {
    "registered_address": "武汉市东湖高新区演示路1号（虚构）",
    "district": "GX",
    "operating_address": "同上",
    "founded": "2021-06-01",
    "contact_email": "demo@example.com",
}
