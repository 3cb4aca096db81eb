"""One complete, clean filing, and how the tests change it: paths are written as in the checks."""

import copy
import csv
from datetime import date
from pathlib import Path
from typing import Any

from core.filing import checks
from core.filing import model as filing_model
from core.filing.round import Round
from core.rule.policy import Policy

HERE = Path(__file__).parent
ROUND = Round("2025-4", 2025, ("full_year",), date(2026, 1, 5), date(2026, 1, 31))
TODAY = date(2026, 1, 10)


def table(name: str) -> list[dict[str, str]]:
    """The rows of a CSV file beside this one."""
    with (HERE / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def figures(total: str = "", ai: str = "", software: str = "", hardware: str = "") -> dict[str, str]:
    """One cumulative column as typed, 万元."""
    return {"total_revenue": total, "ai_revenue": ai, "software_revenue": software, "hardware_revenue": hardware}


def year(number: str, **columns: dict[str, str]) -> dict[str, Any]:
    return {"year": number} | {period: columns.get(period, figures()) for period in filing_model.PERIOD_ORDER}


def clean() -> filing_model.Content:
    """A complete filing with no finding at all (medium-sized software firm, 70 % AI)."""
    return {
        "basic": {
            "enterprise_name": "武汉测试智能科技有限公司（虚构）",
            "uscc": "91420199MA0DEM013C",
            "registered_address": "武汉市东湖高新区光谷大道1号",
            "district": "GX",
            "size": "medium",
            "operating_address": "同上",
            "founded": "2015-06-01",
            "contact_name": "张三",
            "contact_phone": "13800138000",
            "contact_email": "zhang.san@example.com",
            "industry": "I12",
            "total_assets": "8000",
        },
        "technology": {
            "segments": ["application_software", "platforms"],
            "has_products": "是",
            "products": [{"name": "测试大模型", "evidence_kind": "market", "evidence": "某集团合同"}],
            "ip_count": "1",
            "ip_rights": [{"kind": "software", "number": "2024SR000001", "name": "测试平台", "granted": "2024-05-31"}],
            "algorithm_staff": "30",
            "software_staff": "40",
            "insured_staff": "120",
            "insured_doctors": "5",
            "insured_masters": "35",
            "insured_bachelors": "60",
            "has_honours": "是",
            "honours": [{"kind": "high_tech", "name": "高新技术企业证书", "year": "2023"}],
            "has_standards": "否",
            "standards": [],
        },
        "business": {"years": [year("2025", full_year=figures("6000", "4200", "3000", "1200"))]},
        "market": {
            "demands": [
                {"kind": "compute", "title": "训练算力", "description": "微调所用", "scale": "", "needed_by": ""}
            ]
        },
    }


def put(content: filing_model.Content, changes: dict[str, Any]) -> filing_model.Content:
    """A deep copy of `content` with the value at each path ("business.years.0.year") replaced."""
    result: Any = copy.deepcopy(content)
    for path, value in changes.items():
        *way, last = path.split(".")
        place = result
        for step in way:
            place = place[int(step)] if isinstance(place, list) else place[step]
        if isinstance(place, list):
            place[int(last)] = value
        else:
            place[last] = value
    return result


def get(values: Any, path: str) -> Any:
    for step in path.split("."):
        values = values[int(step)] if isinstance(values, list) else values[step]
    return values


def last_year(total: str = "5000", ai: str = "3500", number: str = "2024", column: str = "full_year") -> checks.Values:
    """The previous filing, as read."""
    rows = [year(number, **{column: figures(total, ai, ai, "0")})]
    return filing_model.read(put(clean(), {"business.years": rows}))[0]


def context(**changes: Any) -> checks.Context:
    given: dict[str, Any] = {
        "round": ROUND,
        "today": TODAY,
        "policy": Policy(),
        "previous": last_year(),
        "first_draft": filing_model.read(clean())[0],
    }
    return checks.Context(**(given | changes))
