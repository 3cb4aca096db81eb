"""A filing: one pydantic model per step, from which form, checks, print and template are drawn.

Labels, stars, units and placeholders are the manual's (chapter 2). A filing's content is kept as it
was typed (`Content`: step -> field -> raw text), so that nothing entered is lost, however wrong;
`read` turns it into exact values and says, in sentences, what cannot be read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Final, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from core.base import terms
from core.base.dictionaries import DISTRICTS, INDUSTRIES, SEGMENTS
from core.base.values import (
    Count,
    Day,
    Email,
    Files,
    Line,
    Name,
    Paragraph,
    Phone,
    Uscc,
    Year,
    YesNo,
    Yuan,
    empty,
    one_of,
    several_of,
    shown,
)
from core.filing.round import Round

Content = dict[str, dict[str, Any]]
#: In a row of a list: its identity, which stays whatever is added or deleted around it.
ROW_ID: Final = "id"

PERIOD_ORDER: Final = tuple(terms.PERIODS)


IP_KINDS: Final = {
    "invention": "发明专利",
    "utility": "实用新型专利",
    "software": "软件著作权",
    "layout": "集成电路布图设计",
}
EVIDENCE_KINDS: Final = {"evaluation": "第三方评测通过", "market": "市场认可"}
HONOUR_KINDS: Final = {"high_tech": "高新技术企业", "award": "AI领域奖项", "other": "其他AI相关荣誉资质"}
STANDARD_LEVELS: Final = {"national": "国家标准", "industry": "行业标准", "group": "团体标准"}
DEMAND_KINDS: Final = {
    "scene": "场景需求",
    "compute": "算力需求",
    "data": "数据需求",
    "talent": "人才需求",
    "finance": "融资需求",
    "policy": "政策与合作需求",
}


def entry(
    label: str,
    *,
    unit: str = "",
    placeholder: str = "",
    help: str = "",
    choices: Mapping[str, str] | None = None,
    required: bool = True,
    widget: str = "",
    identity: bool = False,
    shown_if: str = "",
    section: str = "",
) -> Any:
    """Declare one field of a step: everything that a form, a check or a print needs to know of it.

    `identity`: supplied by the sign-in and read-only. `shown_if`: the yes/no field that opens these rows.
    Every field may be absent from a draft, hence the default; `required` is judged by `read`.
    """
    return Field(
        default=None,
        title=label,
        description=help,
        json_schema_extra={
            "unit": unit,
            "placeholder": placeholder,
            "choices": dict(choices or {}),
            "required": required,
            "widget": widget,
            "identity": identity,
            "shown_if": shown_if,
            "section": section,
        },
    )


class Part(BaseModel):
    """A group of fields: a step, or one row within a step."""

    model_config = ConfigDict(extra="forbid")


# --- the four steps ------------------------------------------------------------------------------


class Basic(Part):
    """基础信息 (manual, chapter 2, first screen); 所属行业 and 资产总额 are ours, for the size rule."""

    enterprise_name: Name | None = entry("企业名称", placeholder="请输入企业名称", identity=True)
    uscc: Uscc | None = entry("统一社会信用代码", placeholder="请输入统一社会信用代码", identity=True)
    registered_address: Line | None = entry("注册地址", placeholder="请输入注册地址")
    district: Annotated[str, one_of(DISTRICTS)] | None = entry("区属", placeholder="请选择企业区属", choices=DISTRICTS)
    size: Annotated[str, one_of(terms.SIZES)] | None = entry(
        "企业规模", choices=terms.SIZES, widget="radio", help="需符合《中小企业划型标准规定》"
    )
    operating_address: Line | None = entry("实际经营地址", placeholder="若与注册地址一致，可填“同上”")
    founded: Day | None = entry("成立时间", placeholder="请填写成立日期，如 2020-01-31")
    contact_name: Name | None = entry("企业联系人姓名", placeholder="请输入企业联系人")
    contact_phone: Phone | None = entry("联系人电话", placeholder="请输入企业联系电话")
    contact_email: Email | None = entry("联系人邮箱", placeholder="请输入邮箱")
    industry: Annotated[str, one_of(INDUSTRIES)] | None = entry(
        "所属行业",
        placeholder="请选择所属行业",
        choices=INDUSTRIES,
        help="《中小企业划型标准规定》的十六个行业，用于核对企业规模",
    )
    total_assets: Yuan | None = entry(
        "资产总额", unit="万元", placeholder="请输入数量", required=False, help="用于核对企业规模，没有可不填"
    )


class Product(Part):
    """An AI product or service that a third party has tested or the market recognises."""

    name: Name | None = entry("产品/服务名称", placeholder="请输入名称")
    evidence_kind: Annotated[str, one_of(EVIDENCE_KINDS)] | None = entry(
        "证明类型", choices=EVIDENCE_KINDS, placeholder="请选择"
    )
    evidence: Line | None = entry("证明说明", placeholder="评测机构与报告编号，或代表客户、合同、获奖")
    attachments: Files | None = entry(
        "证明材料", widget="files", required=False, help="PDF、PNG 或 JPEG，每个不超过 10 MB"
    )


class IntellectualProperty(Part):
    """自主知识产权: one right."""

    kind: Annotated[str, one_of(IP_KINDS)] | None = entry("类型", choices=IP_KINDS, placeholder="请选择")
    number: Name | None = entry("编号", placeholder="专利号或登记号")
    name: Line | None = entry("名称", placeholder="请输入名称")
    granted: Day | None = entry("授权/登记日期", placeholder="如 2024-05-31")


class Honour(Part):
    """AI相关荣誉资质."""

    kind: Annotated[str, one_of(HONOUR_KINDS)] | None = entry("类型", choices=HONOUR_KINDS, placeholder="请选择")
    name: Line | None = entry("名称", placeholder="证书或奖项全称与编号")
    year: Year | None = entry("获得年份", placeholder="如 2024", required=False)
    attachments: Files | None = entry(
        "证明材料", widget="files", required=False, help="PDF、PNG 或 JPEG，每个不超过 10 MB"
    )


class Standard(Part):
    """参与的AI相关标准."""

    level: Annotated[str, one_of(STANDARD_LEVELS)] | None = entry(
        "标准级别", choices=STANDARD_LEVELS, placeholder="请选择"
    )
    name: Line | None = entry("标准名称与编号", placeholder="请输入名称与编号")
    attachments: Files | None = entry(
        "证明材料", widget="files", required=False, help="PDF、PNG 或 JPEG，每个不超过 10 MB"
    )


class Technology(Part):
    """技术条件 (manual, chapter 2, second screen)."""

    segments: Annotated[list[str], several_of(SEGMENTS)] | None = entry(
        "AI产业链环节",
        choices=SEGMENTS,
        widget="segments",
        section="1.人工智能技术能力（覆盖产业边界）",
        help="基础层、技术层、应用层共十二个环节，可多选",
    )
    has_products: YesNo | None = entry("拥有第三方评测通过或市场认可的AI产品/服务", widget="yes_no")
    products: list[Product] | None = entry("AI产品/服务", required=False, shown_if="has_products")
    ip_count: Count | None = entry(
        "自主知识产权数量",
        unit="项",
        placeholder="请输入数量",
        section="2.自主知识产权",
        help="AI相关自主知识产权包括AI领域发明专利、实用新型专利、软件著作权、集成电路布图设计等",
    )
    ip_rights: list[IntellectualProperty] | None = entry("知识产权", required=False)
    algorithm_staff: Count | None = entry(
        "AI算法研发人员数量",
        unit="人",
        placeholder="请输入数量",
        section="3.专业研发人员",
        help="从事AI算法、硬件、应用软件开发的专业技术人员数量",
    )
    software_staff: Count | None = entry("AI应用软件开发人员数量", unit="人", placeholder="请输入数量")
    insured_staff: Count | None = entry("缴纳社保总人数", unit="人", placeholder="请输入数量")
    insured_doctors: Count | None = entry("缴纳社保博士人数", unit="人", placeholder="请输入数量")
    insured_masters: Count | None = entry("缴纳社保硕士人数", unit="人", placeholder="请输入数量")
    insured_bachelors: Count | None = entry("缴纳社保本科人数", unit="人", placeholder="请输入数量")
    has_honours: YesNo | None = entry(
        "是否获得AI相关荣誉资质",
        widget="yes_no",
        section="4.其他补充信息",
        help="AI相关荣誉资质包括：高新技术企业、AI领域奖项等",
    )
    honours: list[Honour] | None = entry("荣誉资质", required=False, shown_if="has_honours")
    has_standards: YesNo | None = entry(
        "是否参与过AI相关标准制定", widget="yes_no", help="AI相关标准包括：国家标准、行业标准或团体标准等"
    )
    standards: list[Standard] | None = entry("相关标准", required=False, shown_if="has_standards")


class Figures(Part):
    """One cumulative column of one year. AI收入占比 is computed, never typed."""

    total_revenue: Yuan | None = entry("总收入", unit="万元", placeholder="请输入", required=False)
    ai_revenue: Yuan | None = entry("AI业务收入", unit="万元", placeholder="请输入", required=False)
    software_revenue: Yuan | None = entry("软件收入", unit="万元", placeholder="请输入", required=False)
    hardware_revenue: Yuan | None = entry("硬件收入", unit="万元", placeholder="请输入", required=False)


class YearFigures(Part):
    """One 年度 of AI业务条件: four cumulative columns."""

    year: Year | None = entry("年份", placeholder="如2025")
    q1: Figures | None = entry("截至一季末", required=False)
    q2: Figures | None = entry("截至二季末", required=False)
    q3: Figures | None = entry("截至三季末", required=False)
    full_year: Figures | None = entry("全年（预测）", required=False)


class Business(Part):
    """AI业务条件 (manual, chapter 2, third screen)."""

    years: list[YearFigures] | None = entry("以AI软件/产品/服务为主营业务（按年度填写）")


class Demand(Part):
    """市场需求: one demand."""

    kind: Annotated[str, one_of(DEMAND_KINDS)] | None = entry("需求类型", choices=DEMAND_KINDS, placeholder="请选择")
    title: Name | None = entry("标题", placeholder="一句话说明需求")
    description: Paragraph | None = entry("说明", widget="long", placeholder="请说明背景、内容与期望")
    scale: Name | None = entry("金额或规模", placeholder="如 500万元、200P算力、10人", required=False)
    needed_by: Day | None = entry("期望时间", placeholder="如 2026-06-30", required=False)


class Market(Part):
    """市场需求 (fourth step; the manual shows the tab only)."""

    demands: list[Demand] | None = entry("市场需求", required=False)


STEPS: Final[dict[str, type[Part]]] = {"basic": Basic, "technology": Technology, "business": Business, "market": Market}
STEP_NAMES: Final = {"basic": "基础信息", "technology": "技术条件", "business": "AI业务条件", "market": "市场需求"}
NOTICES: Final = (
    "本问卷依据《人工智能基础共性人工智能企业认定》（YD/T2025-0256，征求意见稿）及《人工智能基础共性人工智能产业"
    "边界界定》（YD/T2025-0255，征求意见稿）制定，用于收集企业符合人工智能企业入库条件的相关信息，为入库工作提供依据。",
    "请企业如实、完整填写问卷内容，所填信息及提交的证明材料将作为入库核心依据，虚假填报将取消入库资格。",
    "企业规模划分严格依据《中小企业划型标准规定》（工信部联企业〔2011〕300号）执行，若对企业规模划分存疑，"
    "可查阅该规定或咨询当地工业和信息化部门。",
)


# --- reading what was typed ------------------------------------------------------------------------


@dataclass(frozen=True)
class About:
    """What a field says of itself (see `entry`)."""

    name: str
    label: str
    help: str
    unit: str
    placeholder: str
    choices: dict[str, str]
    required: bool
    widget: str
    identity: bool
    shown_if: str
    section: str
    row: type[Part] | None  # the model of one row, when the field is a list of rows
    part: type[Part] | None  # the model of a nested group


@cache
def fields(model: type[Part]) -> tuple[About, ...]:
    """The fields of a step or row, in the order of the manual's screen."""
    described = []
    for name, info in model.model_fields.items():
        extra = info.json_schema_extra
        assert isinstance(extra, dict)
        kind = next(option for option in get_args(info.annotation) if option is not type(None))
        row = get_args(kind)[0] if get_origin(kind) is list and get_args(kind)[0] is not str else None
        part = kind if isinstance(kind, type) and issubclass(kind, Part) else None
        described.append(
            About(name=name, label=info.title or name, help=info.description or "", row=row, part=part, **extra)  # type: ignore[arg-type]
        )
    return tuple(described)


@cache
def field(model: type[Part], name: str) -> About:
    return next(about for about in fields(model) if about.name == name)


@cache
def _adapter(model: type[Part], name: str) -> TypeAdapter[Any]:
    info = model.model_fields[name]
    kind: Any = Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation
    return TypeAdapter(kind)


@dataclass(frozen=True)
class Problem:
    """A value that cannot be read, or a required one that is missing. `path`: step.field[.row[.field]]."""

    path: str
    label: str
    value: str
    sentence: str


def row_id(row: Any, position: int) -> str:
    """The identity of a row: its own, or its position when it was filed before rows had one."""
    return str(row.get(ROW_ID, position)) if isinstance(row, Mapping) else str(position)


def identified(rows: Any) -> list[Any]:
    """The rows of a list, each with its identity; what is no list has none."""
    return [
        {ROW_ID: row_id(row, position), **row} if isinstance(row, Mapping) else row
        for position, row in enumerate(rows if isinstance(rows, list) else ())
    ]


def bare(raw: Any) -> Any:
    """Rows and groups without their identities and empty entries: what is left is what someone typed."""
    if isinstance(raw, Mapping):
        filled = {name: bare(item) for name, item in raw.items() if name != ROW_ID}
        return {name: item for name, item in filled.items() if item != {} and not empty(item)}
    return [bare(item) for item in raw] if isinstance(raw, list) else raw


def in_words(about: About, raw: Any) -> str:
    """A raw value in the words of the form: labels of choices, units, rows one after another; “—” when empty."""
    if empty(raw):
        return "—"
    if isinstance(raw, bool):
        return "是" if raw else "否"
    if about.row is not None and isinstance(raw, list):
        rows = (_row_in_words(about.row, row) for row in raw)
        return "；".join(f"第 {number} 条（{row or '空'}）" for number, row in enumerate(rows, start=1))
    if about.widget == "files" and isinstance(raw, list):
        return "、".join(str(address).partition("/")[2] for address in raw)
    if isinstance(raw, list):
        return "、".join(about.choices.get(code, str(code)) for code in raw)
    return about.choices.get(raw, str(raw)) + (f" {about.unit}" if about.unit else "")


def _row_in_words(model: type[Part], raw: Any) -> str:
    filled = bare(_group(raw))
    parts = []
    for about in fields(model):
        if about.name in filled:
            inner = _row_in_words(about.part, filled[about.name]) if about.part else in_words(about, filled[about.name])
            parts.append(f"{about.label}：{inner}")
    return "，".join(parts)


def _group(raw: Any) -> Mapping[str, Any]:
    return raw if isinstance(raw, Mapping) else {}


def read_part(model: type[Part], raw: Any, path: str, prefix: str = "") -> tuple[dict[str, Any], list[Problem]]:
    """Read one step or row: exact values (None where empty or unreadable; rows with their identity) and the problems found.

    Never raises, whatever a client sends: a group or row of the wrong shape is one problem, read as empty.
    """
    if not isinstance(raw, Mapping) and not empty(raw):
        return read_part(model, {}, path)[0], [Problem(path, prefix.strip(), shown(raw), "无法读取，请删去后重新填写")]
    raw = _group(raw)
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for about in fields(model):
        given, here, label = raw.get(about.name), f"{path}.{about.name}", f"{prefix}{about.label}"
        values[about.name] = None
        if about.shown_if and raw.get(about.shown_if) not in (True, "是"):
            continue
        if about.part is not None:
            nested, found = read_part(about.part, given, here, f"{label} ")
            values[about.name] = nested
            problems += found
        elif empty(given):
            if about.required:
                verb = "选择" if about.choices or about.widget == "yes_no" else "填写"
                problems.append(Problem(here, label, "", f"必填项未填，请{verb}"))
        elif about.row is not None:
            values[about.name] = []
            if not isinstance(given, list):
                problems.append(Problem(here, label, shown(given), "无法读取，请删去后重新填写"))
                continue
            for position, item in enumerate(given):
                name = f"{prefix}{about.label}第 {position + 1} 条 "
                if about.row is YearFigures:
                    typed = _group(item).get("year")
                    name = f"第 {position + 1} 个年度 " if empty(typed) else f"{shown(typed, 8).removesuffix('年')}年 "
                row = f"{here}.{row_id(item, position)}"
                nested, found = read_part(about.row, item, row, name)
                if isinstance(item, Mapping) and not bare(item):
                    found = [Problem(row, name.strip(), "", "为空，请填写或删除这一条")]
                values[about.name].append({ROW_ID: row_id(item, position), **nested})
                problems += found
        else:
            try:
                values[about.name] = _adapter(model, about.name).validate_python(given)
            except ValidationError as error:
                problems.append(Problem(here, label, shown(given), error.errors()[0]["msg"]))
    return values, problems


def read(content: Content) -> tuple[dict[str, dict[str, Any]], list[Problem]]:
    """Read a whole filing: step -> field -> exact value, and every problem in the order of the form."""
    values: dict[str, dict[str, Any]] = {}
    problems: list[Problem] = []
    for step, model in STEPS.items():
        values[step], found = read_part(model, _group(content.get(step)), step)
        problems += found
    return values, problems


def difference(before: Content, after: Content) -> dict[str, tuple[Any, Any]]:
    """ "step.field" -> (before, after) for every field that differs."""
    paths = {f"{step}.{name}" for content in (before, after) for step, given in content.items() for name in given}
    pairs = {
        path: tuple(c.get(path.split(".", 1)[0], {}).get(path.split(".", 1)[1]) for c in (before, after))
        for path in sorted(paths)
    }
    return {path: (old, new) for path, (old, new) in pairs.items() if old != new and not (empty(old) and empty(new))}


def year_figures(values: Mapping[str, Mapping[str, Any]], year: int, period: str) -> dict[str, int | None]:
    """The four amounts (yuan) of one year and cumulative column; all None when not filed."""
    for row in values.get("business", {}).get("years") or ():
        if row["year"] == year:
            return dict(row[period])
    return dict.fromkeys(("total_revenue", "ai_revenue", "software_revenue", "hardware_revenue"))


def progress(content: Content, this_round: Round) -> dict[str, tuple[int, int]]:
    """step -> (fields in order, fields that count): the required ones, the round's open columns, and any with a problem."""
    result = {}
    for step, model in STEPS.items():
        raw = _group(content.get(step))
        values, problems = read_part(model, raw, step)
        bad = {found.path.split(".")[1] for found in problems}
        if step == "business":
            asked = [year_figures({"business": values}, this_round.year, column) for column in this_round.columns]
            filled = [figures[name] is not None for figures in asked for name in ("total_revenue", "ai_revenue")]
            wrong = sum(1 for found in problems if found.value)
            result[step] = (sum(filled), len(filled) + (wrong if all(filled) else 0))
            continue
        needed = {
            about.name
            for about in fields(model)
            if about.required or (about.shown_if and raw.get(about.shown_if) in (True, "是"))
        }
        done = sum(1 for name in needed if name not in bad and not empty(raw.get(name)))
        result[step] = (done, len(needed | bad))
    return result


def carried_over(latest: Content, year: int, forecast_year: int | None = None) -> Content:
    """What a new round starts from: the last filing without its explanations, with a row for the new year.

    A full-year forecast (`forecast_year`) is not carried over: it must not pass for an actual figure.
    """
    content = {step: dict(given) for step, given in latest.items() if step in STEPS}
    years = identified(content.get("business", {}).get("years"))
    if forecast_year is not None:
        years = [
            {k: v for k, v in row.items() if k != "full_year"} if str(row.get("year")) == str(forecast_year) else row
            for row in years
        ]
    if all(str(row.get("year")) != str(year) for row in years):
        years.insert(0, {ROW_ID: f"y{year}", "year": str(year)})
    content["business"] = {"years": years}
    return content
