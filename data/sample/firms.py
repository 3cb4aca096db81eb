"""Who the enterprises of the sample are: names, credit codes, addresses, chain segments, achievements.

All of it is fictional. Drawn from the seed only, never from the day, except the years in dates.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from unicodedata import normalize

import numpy as np

from core.base import dictionaries
from core.base.values import organisation_digit
from data.sample.figures import Flags
from data.sample.people import FILERS

T = TypeVar("T")

#: What every name ends with.
FICTIONAL: Final = "（虚构）"
#: Region and category of every credit code: no real enterprise is registered in region 420199.
CODE_PREFIX: Final = "91420199"
_CODE_CHARACTERS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_FIRST: Final = "霁澄沅峣玥翎珩璟昀朔溯笙泊砚樾漱岚栎棠皓翊弈攸旻晞沐洵渟湉煦琮璞瑄畅祁筠"
_SECOND: Final = "禾川屿岭舟帆弦律序枢衍翰霖澜汀洲峦崖榕桐柏槿荞葭蘅芷萱芃茗苒黎芸棣楠楹笛澍梧榆"
_FIELDS: Final = (
    "智能",
    "智算",
    "数智",
    "云图",
    "灵境",
    "智联",
    "智维",
    "算元",
    "慧视",
    "语智",
    "智造",
    "云枢",
    "感知",
    "数联",
)
_SOFTWARE_KINDS: Final = ("科技", "科技", "信息技术", "软件", "网络科技", "数据服务")
_HARDWARE_KINDS: Final = ("科技", "智能装备", "电子", "机器人", "光电")
_SURNAMES: Final = "程陆沈顾韩魏冯蒋严华戚邹柏窦章云苏潘葛范彭郎鲁韦昌苗方俞任袁柳"
_GIVEN: Final = (
    "知远",
    "清和",
    "思源",
    "雨桐",
    "一帆",
    "书涵",
    "明轩",
    "嘉禾",
    "子墨",
    "若曦",
    "文博",
    "晓楠",
    "景行",
    "望舒",
    "亦凡",
    "云舒",
    "安然",
    "启航",
    "静怡",
    "佳宁",
    "立言",
    "修远",
    "诗涵",
    "泽宇",
    "海宁",
    "可欣",
    "志恒",
    "婉清",
)
_ROADS: Final = ("智谷大道", "数港路", "光芯一路", "云汉街", "星图路", "算力大道", "启明路", "问津北路", "创梦街")
_SEGMENTS: Final = {
    "application": (("application_software", "application_hardware"), (0.78, 0.22)),
    "technology": (
        ("industry_models", "task_models", "platforms", "middleware", "frameworks", "general_models"),
        (0.35, 0.25, 0.2, 0.1, 0.05, 0.05),
    ),
    "foundation": (("data_services", "compute", "chips", "sensors"), (0.35, 0.3, 0.2, 0.15)),
}
_LAYERS: Final = {"应用层": "application", "技术层": "technology", "基础层": "foundation"}
_PRODUCTS: Final = {
    "chips": "边缘推理芯片",
    "compute": "智算集群调度平台",
    "data_services": "高质量语料标注平台",
    "sensors": "多光谱智能传感器",
    "frameworks": "轻量化训练框架",
    "middleware": "异构算子库",
    "platforms": "模型开发服务平台",
    "general_models": "通用大模型",
    "industry_models": "行业大模型",
    "task_models": "任务型视觉模型",
    "application_software": "智能质检软件",
    "application_hardware": "智能巡检终端",
}


@dataclass(frozen=True)
class Firm:
    """What stays the same from round to round; `technology`: raw content of that step without counts."""

    uscc: str
    name: str
    district: str
    industry: str
    basic: dict[str, str]
    technology: dict[str, Any]
    contact: str


def pick(rng: np.random.Generator, options: Sequence[T], count: int, weights: Sequence[float] | None = None) -> list[T]:
    """`count` of `options`, drawn with replacement."""
    return [options[position] for position in rng.choice(len(options), count, p=weights).tolist()]


def _apportioned(total: int, shares: dict[str, float]) -> dict[str, int]:
    """Whole counts that sum to `total`, nearest to the shares (largest remainders)."""
    exact = {name: total * share / sum(shares.values()) for name, share in shares.items()}
    counts = {name: int(value) for name, value in exact.items()}
    for name in sorted(exact, key=lambda name: counts[name] - exact[name])[: total - sum(counts.values())]:
        counts[name] += 1
    return counts


def _districts(rng: np.random.Generator, parameters: dict[str, Any]) -> list[str]:
    """District codes: those known in the first round, then the newcomers; the two that sign in lead."""
    known, published = parameters["source_verified"]["prev_year_2023"], parameters["source_verified"]
    codes = {normalize("NFKC", name): code for code, name in dictionaries.district_names().items()}
    shares = {
        codes[normalize("NFKC", name)]: share
        for name, share in parameters["assumed_not_sourced"]["district_share"].items()
    }
    others = {code: share for code, share in shares.items() if code != "GX"}
    now = {"GX": published["东湖高新区"]} | _apportioned(published["firms"] - published["东湖高新区"], others)
    then = {"GX": known["东湖高新区"]} | _apportioned(known["firms"] - known["东湖高新区"], others)
    first = [code for code, count in then.items() for _ in range(count)]
    newcomers = [code for code, count in now.items() for _ in range(count - then[code])]
    ordered = [first[i] for i in rng.permutation(len(first))] + [newcomers[i] for i in rng.permutation(len(newcomers))]
    for position, filer in enumerate(FILERS):
        other = ordered.index(filer.district, position)
        ordered[position], ordered[other] = ordered[other], ordered[position]
    return ordered


def _segments(rng: np.random.Generator, parameters: dict[str, Any]) -> list[list[str]]:
    """One to three segments each, the layer of most of them as published; the first is the main one."""
    published, known = parameters["source_verified"], parameters["source_verified"]["prev_year_2023"]
    now = _apportioned(published["firms"], published["chain"])
    then = _apportioned(known["firms"], known["chain"])
    first = [name for name, count in then.items() for _ in range(count)]
    newcomers = [name for name, count in now.items() for _ in range(count - then[name])]
    layers = [first[i] for i in rng.permutation(len(first))] + [newcomers[i] for i in rng.permutation(len(newcomers))]
    for position in range(len(FILERS)):  # both in 应用层
        other = layers.index("应用层", position)
        layers[position], layers[other] = layers[other], layers[position]
    chosen = []
    extra, anywhere = rng.random(len(layers)).tolist(), rng.random(len(layers)).tolist()
    for position, label in enumerate(layers):
        layer = _LAYERS[label]
        options, weights = _SEGMENTS[layer]
        mine = [options[i] for i in rng.choice(len(options), 2, replace=False, p=weights).tolist()]
        if position < len(FILERS):
            chosen.append([options[position]])
        elif extra[position] < 0.7:
            chosen.append(mine[:1])
        elif extra[position] < 0.92:
            # A tie of two layers goes to the later one, so the second may come from an earlier layer.
            earlier = {"application": "data_services", "technology": "compute", "foundation": mine[1]}[layer]
            chosen.append([mine[0], earlier if anywhere[position] < 0.35 else mine[1]])
        else:
            chosen.append([*mine, "data_services" if layer != "foundation" else "task_models"])
    return chosen


def _codes(rng: np.random.Generator, count: int) -> list[str]:
    """Distinct credit codes with valid check digits (GB 32100, GB 11714), those of `FILERS` first."""
    codes = [filer.uscc for filer in FILERS]
    for number in (rng.permutation(31**3)[: count - len(FILERS)] + 31**4).tolist():
        inner = "MAC" + "".join(_CODE_CHARACTERS[number // 31**place % 31] for place in (4, 3, 2, 1, 0))
        code = CODE_PREFIX + inner + organisation_digit(inner)
        total = sum(_CODE_CHARACTERS.index(c) * pow(3, place, 31) for place, c in enumerate(code))
        codes.append(code + _CODE_CHARACTERS[-total % 31])
    return codes


def _names(rng: np.random.Generator, hardware: Flags) -> list[tuple[str, str]]:
    """(name, brand): every pair of brand characters is used once."""
    count = len(hardware)
    brands = [first + second for first in _FIRST for second in _SECOND]
    drawn = [brands[i] for i in rng.permutation(len(brands)).tolist()]
    taken = {filer.enterprise_name[2:4] for filer in FILERS}
    drawn = [brand for brand in drawn if brand not in taken]
    fields = pick(rng, _FIELDS, count)
    software_kinds, hardware_kinds = pick(rng, _SOFTWARE_KINDS, count), pick(rng, _HARDWARE_KINDS, count)
    forms = pick(rng, ("有限公司", "股份有限公司"), count, (0.93, 0.07))
    named = [(filer.enterprise_name, filer.enterprise_name[2:4]) for filer in FILERS]
    for position in range(len(FILERS), count):
        kind = hardware_kinds[position] if hardware[position] else software_kinds[position]
        field = fields[position] if not kind.startswith("智能") else fields[position].replace("智能", "灵境")
        brand = drawn[position]
        named.append((f"武汉{brand}{field}{kind}{forms[position]}{FICTIONAL}", brand))
    return named


def draw(rng: np.random.Generator, parameters: dict[str, Any], year: int) -> tuple[list[Firm], Flags]:
    """The enterprises, those of `FILERS` first, and which lean to hardware; `year`: of the current round."""
    count, known = (parameters["source_verified"]["firms"], parameters["source_verified"]["prev_year_2023"]["firms"])
    districts, segments, codes = _districts(rng, parameters), _segments(rng, parameters), _codes(rng, count)
    leans = {row["segment"]: row["leans"] for row in dictionaries.segments()}
    hardware = np.array([leans[chosen[0]] == "hardware" for chosen in segments])
    industrial = rng.random(count) < np.where(hardware, 0.8, 0.057)
    names = _names(rng, hardware)
    # Newcomers are younger; nobody was founded after the first year reported.
    ages = np.where(np.arange(count) < known, rng.integers(3, 19, count), rng.integers(3, 8, count)).tolist()
    months, days = rng.integers(1, 13, count).tolist(), rng.integers(1, 29, count).tolist()
    numbers, rooms = rng.integers(1, 400, count).tolist(), rng.integers(201, 2600, count).tolist()
    roads, blocks = pick(rng, _ROADS, count), pick(rng, "ABCDEF", count)
    contacts = list(zip(pick(rng, _SURNAMES, count), pick(rng, _GIVEN, count), strict=True))
    phones = _phones(rng, count)
    elsewhere = (rng.random(count) < 0.35).tolist()
    technology = _technology(rng, segments, [brand for _, brand in names], ages, year)
    firms = []
    for i, code in enumerate(codes):
        place = f"武汉市{dictionaries.district_names()[districts[i]]}{roads[i]}{numbers[i]}号"
        contact = "".join(contacts[i])
        if i < len(FILERS):
            contact, phones[i] = FILERS[i].contact_name, FILERS[i].contact_phone
        basic = {
            "registered_address": f"{place}{blocks[i]}座{rooms[i]}室",
            "district": districts[i],
            "operating_address": f"{place}{blocks[i]}座{rooms[i] + 100}室" if elsewhere[i] else "同上",
            "founded": f"{year - ages[i]}-{months[i]:02d}-{days[i]:02d}",
            "contact_name": contact,
            "contact_phone": phones[i],
            "contact_email": f"lianxi{i + 1:04d}@example.com",
            "industry": "I02" if industrial[i] else "I12",
        }
        firms.append(Firm(code, names[i][0], districts[i], basic["industry"], basic, technology[i], contact))
    return firms, hardware


def _phones(rng: np.random.Generator, count: int) -> list[str]:
    """Distinct numbers of the pattern 139…, after those of `FILERS`."""
    return [f"139{number:08d}" for number in (np.unique(rng.integers(10**6, 10**8, 2 * count))[:count]).tolist()]


def _technology(
    rng: np.random.Generator, segments: list[list[str]], brands: list[str], ages: list[int], year: int
) -> list[dict[str, Any]]:
    """技术条件 without its counts: segments, products, rights (at most three listed), honours, standards."""
    count = len(segments)
    has = {name: (rng.random(count) < share).tolist() for name, share in (("products", 0.72), ("standards", 0.18))}
    high_tech, award = (rng.random(count) < 1017 / 1326).tolist(), (rng.random(count) < 0.22).tolist()
    rows, numbers = (rng.integers(1, 4, (count, 4)).tolist(), rng.integers(100_000, 1_000_000, (count, 4)).tolist())
    # Nothing is granted before the year after the founding.
    years = np.maximum(year - 3 - rng.integers(0, 4, (count, 4)), year - np.array(ages)[:, None] + 1).tolist()
    levels = pick(rng, ("national", "industry", "group", "group"), count)
    drawn = []
    for i, (chosen, brand) in enumerate(zip(segments, brands, strict=True)):
        product = [f"{brand}{_PRODUCTS[segment]}" for segment in chosen]
        step: dict[str, Any] = {"segments": chosen}
        has_products = has["products"][i] or i < len(FILERS)
        step["has_products"] = "是" if has_products else "否"
        if has_products:
            step["products"] = [
                {
                    "name": name,
                    "evidence_kind": "evaluation",
                    "evidence": f"第三方测评报告，编号 CP-{years[i][0]}-{numbers[i][0]}（虚构）",
                }
                if (position + rows[i][0]) % 2
                else {
                    "name": name,
                    "evidence_kind": "market",
                    "evidence": f"{rows[i][1] + position + 1} 家客户，合同编号 HT-{numbers[i][1]}（虚构）",
                }
                for position, name in enumerate(product)
            ]
        step["ip_rights"] = [
            {
                "kind": "invention", "number": f"ZL{years[i][1]}1{numbers[i][2]}（虚构）",
                "name": f"一种{product[0]}的数据处理方法", "granted": f"{years[i][1]}-06-{10 + rows[i][2]}",
            },
            {
                "kind": "software", "number": f"{years[i][2]}SR{numbers[i][3]}（虚构）",
                "name": f"{product[0]}V{rows[i][3]}.0", "granted": f"{years[i][2]}-03-{12 + rows[i][2]}",
            },
            {
                "kind": "utility", "number": f"ZL{years[i][3]}2{numbers[i][1]}（虚构）",
                "name": f"用于{product[-1]}的采集组件", "granted": f"{years[i][3]}-11-{15 + rows[i][2]}",
            },
        ][: rows[i][2]]  # fmt: skip
        honours = [
            {
                "kind": "high_tech",
                "name": f"高新技术企业证书 GR{years[i][0]}42{numbers[i][0]}（虚构）",
                "year": str(years[i][0]),
            }
        ] * high_tech[i]
        honours += [
            {"kind": "award", "name": "江城人工智能创新应用大赛优秀案例（虚构）", "year": str(years[i][1])}
        ] * award[i]
        step["has_honours"] = "是" if honours else "否"
        if honours:
            step["honours"] = honours
        step["has_standards"] = "是" if has["standards"][i] else "否"
        if has["standards"][i]:
            step["standards"] = [
                {"level": levels[i], "name": f"{_PRODUCTS[chosen[0]]}技术要求与测试方法（虚构，起草单位之一）"}
            ]
        drawn.append(step)
    return drawn
