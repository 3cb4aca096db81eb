"""The words of the field, code -> Chinese, and how exact integers are written out.

One place for every shared word (DOMAIN, Words). Numbers: yuan in, text out, half-up rounding on
integers, so that nothing is lost in a float on its way to the screen.
"""

from typing import Final

PRODUCT: Final = "武汉市人工智能企业培育库"

TIERS: Final = {
    "core": "核心企业",
    "related_software": "相关企业（软件）",
    "related_hardware": "相关企业（硬件）",
    "outside": "未达相关线",
    "undetermined": "无法认定",
    #: Not a class of the rule: no full-year figures of the year, for whatever reason.
    "missing": "缺报",
}
BASES: Final = {
    "core": "核心企业",
    "related_software": "相关企业（软件）",
    "related_hardware": "相关企业（硬件）",
    "ai_revenue": "只计AI业务收入",
    "none": "不纳入",
}
#: What may be kept for a day to come.
CHANGES: Final = {"move": "区属调整", "merge": "企业合并"}
NOTICES: Final = {"draft": "草稿", "published": "已发布", "withdrawn": "已撤回"}
#: Kinds of 站内信, and the states of a copy that goes out by another channel.
MESSAGES: Final = {
    "message": "站内信",
    "reply": "回复",
    "reminder": "催报",
    "review": "审核",
    "match": "供需对接",
    "problem": "报告问题",
}
OUTGOING: Final = {"queued": "待外发", "sent": "已外发", "failed": "外发未成功，将重试"}
SEVERITIES: Final = {"blocking": "强制", "explain": "核实", "notice": "提示"}
SIZES: Final = {"small": "小微企业", "medium": "中型企业", "large": "大型企业"}
PERIODS: Final = {"q1": "截至一季末", "q2": "截至二季末", "q3": "截至三季末", "full_year": "全年（预测）"}
LAYERS: Final = {"foundation": "基础层", "technology": "技术层", "application": "应用层"}
ROLES: Final = {
    "enterprise": "企业填报人",
    "district_reviewer": "区级审核员",
    "city_officer": "市级管理员",
    "administrator": "系统管理员",
}


def percent(basis_points: int) -> str:
    """5000 -> '50%', 3333 -> '33.33%'."""
    whole, rest = divmod(basis_points, 100)
    return f"{whole}.{rest:02d}".rstrip("0") + "%" if rest else f"{whole}%"


def exact_share(total: int, basis_points: int) -> str:
    """total × bp / 10000 written exactly, without trailing zeros: (10000001, 5000) -> '5,000,000.5'."""
    whole, rest = divmod(total * basis_points, 10_000)
    return f"{whole:,}.{rest:04d}".rstrip("0") if rest else f"{whole:,}"


def scaled(amount: int, unit: int, places: int) -> str:
    """`amount` in units of `unit`, rounded half up (away from zero) to `places`, with thousands separators."""
    step = unit // 10**places
    rounded = (abs(amount) + step // 2) // step if step else abs(amount) * 10**places // unit
    whole, rest = divmod(rounded, 10**places)
    sign = "-" if amount < 0 and rounded else ""
    return f"{sign}{whole:,}.{rest:0{places}d}" if places else f"{sign}{whole:,}"


def wan(amount: int | None) -> str:
    """Yuan -> 万元 as typed on forms, exact, no trailing zeros: 12345600 -> '1,234.56'."""
    if amount is None:
        return "—"
    return scaled(amount, 10_000, 4).rstrip("0").rstrip(".")


def yi(amount: int | None, places: int = 2) -> str:
    """Yuan -> 亿元 for dashboards: 12345678900 -> '123.46'."""
    return "—" if amount is None else scaled(amount, 100_000_000, places)


def share(part: int | None, whole: int | None) -> str:
    """part / whole as a percentage with two digits, rounded half up; '—' when it cannot be computed.

    For reading only: 49.996 % prints as 50.00% and is not core. Classes are decided on the exact amounts.
    """
    if part is None or not whole or whole < 0:
        return "—"
    sign, hundredths = ("-" if part < 0 else ""), (abs(part) * 20_000 + whole) // (2 * whole)
    return f"{sign if hundredths else ''}{hundredths // 100}.{hundredths % 100:02d}%"
