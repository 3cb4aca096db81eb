"""Writes docs/reference/ from the tables of the product: `python -m docs.generate`; a test demands that it is current."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from core.access.permissions import Permission
from core.access.roles import NEEDS, SHIPPED
from core.audit.facts import FACTS
from core.base import terms
from core.base.facts import Nothing
from core.base.parameters import PARAMETERS
from core.filing.check_rules import RULES
from core.filing.states import ACTIONS, STATES
from core.report.compose import KINDS
from core.rule.policy import clauses, in_words, shipped
from core.statistics.metrics import COMPARISONS, METRICS, Period
from gate.settings import Settings
from ui.base.menu import PAGES

#: Of which time a metric is, in words.
PERIODS: Final[dict[Period, str]] = {"full_year": "全年", "quarter": "累计季度", "moment": "时点"}
FOLDER: Final = Path(__file__).parent / "reference"


def table(headings: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    def line(cells: Iterable[object]) -> str:
        return "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"

    named = list(headings)
    return "\n".join([line(named), line("---" for _ in named), *map(line, rows)])


def settings() -> list[tuple[str, str]]:
    """(variable of the environment, what it is) for each that the product reads."""
    return sorted((str(field.validation_alias), field.description or "") for field in Settings.model_fields.values())


def pages() -> dict[str, str]:
    """file -> what stands in it."""
    policy = shipped()[-1]
    found = {
        "checks": ("审核关系", table(("代码", "级别", "名称", "何时提出"), ((code, terms.SEVERITIES[rule.severity], rule.label, rule.rule) for code, rule in RULES.items()))),
        "states": (
            "填报的状态与动作",
            table(("动作", "名称", "从", "到", "权限", "事实", "可撤回", "须写原因"), (
                (code, action.word, "、".join(STATES[state] for state in action.permissions), STATES[action.to],
                 "、".join(dict.fromkeys(action.permissions.values())), action.kind, "是" if action.undoable else "", "是" if action.reasoned else "")
                for code, action in ACTIONS.items()
            )),
        ),
        "permissions": (
            "权限",
            table(("权限", "菜单", "说明", "须同时有", "出厂即有的角色"), (
                (each.value, each.section, each.label, NEEDS.get(each, ""), "、".join(role.name for role in SHIPPED.values() if each in role.permissions))
                for each in Permission
            )),
        ),
        "facts": ("事实", table(("种类", "日志中的说法", "声明于", "内容"), (
                (name, kind.word, f"core/{kind.body.__module__.split('.')[1]}/facts.py" if kind.body is not Nothing else "",
                 "、".join(each.alias or field for field, each in kind.body.model_fields.items()))
                for name, kind in sorted(FACTS.items())
            ))),
        "parameters": ("参数", table(("代码", "名称", "单位", "范围", "默认", "说明"), ((p.code, p.label, p.unit, f"{p.low}–{p.high}", p.default, p.note) for p in PARAMETERS.values()))),
        "policy": (
            f"政策参数（{policy.version}）",
            table(("参数", "名称", "取值", "出处"), ((name, clause.label, in_words(name, getattr(policy, name)), clause.clause) for name, clause in clauses().items())),
        ),
        "metrics": (
            "指标",
            table(("代码", "名称", "简称", "单位", "单家企业的单位", "小数", "时间", "含义与出处"), (
                (each.code, each.label, each.short, each.unit.word, each.one.word, "不限" if each.unit.places is None else each.unit.places, PERIODS[each.period], each.definition)
                for each in METRICS.values()
            )) + "\n\n两年的比较：\n\n" + table(("代码", "名称", "含义"), ((code, each.label, each.definition) for code, each in COMPARISONS.items())),
        ),
        "reports": (
            "报表",
            table(("代码", "名称", "权限", "只供内部的原因", "可筛选"), ((code, kind.title, kind.permission, kind.inside_only, "是" if kind.filtered else "") for code, kind in KINDS.items())),
        ),
        "pages": ("页面", table(("菜单", "名称", "文件", "权限"), ((section, title, path, permission) for section, path, title, _, permission in PAGES))),
        "settings": ("环境变量", table(("变量", "含义"), ((f"`{name}`", about) for name, about in settings()))),
    }  # fmt: skip
    return {
        f"{name}.md": f"# {title}\n\n由 `python -m docs.generate` 从代码中的表生成，请勿手改。\n\n{text}\n"
        for name, (title, text) in found.items()
    }


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
