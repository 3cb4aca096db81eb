"""The bureau's organisations as a tree: the city, its districts, the parks below them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from core.base.dictionaries import DISTRICTS

CITY: Final = "city"


@dataclass(frozen=True)
class Organisation:
    """`parent`: None for the city only. The city and the districts ship with the product; parks are added."""

    id: str
    name: str
    parent: str | None


Tree = Mapping[str, Organisation]
SHIPPED: Final[Tree] = {
    CITY: Organisation(CITY, "武汉市", None),
    **{code: Organisation(code, name, CITY) for code, name in DISTRICTS.items()},
}


def path(tree: Tree, identity: str) -> tuple[Organisation, ...]:
    """From the city down to this organisation."""
    found: list[Organisation] = []
    step: str | None = identity
    while step is not None:
        found.append(tree[step])
        step = tree[step].parent
    return tuple(reversed(found))


def full_name(tree: Tree, identity: str) -> str:
    """“江岸区 / 某园区”; of the city only its own name."""
    return " / ".join(node.name for node in path(tree, identity)[1:]) or tree[identity].name


def district_of(tree: Tree, identity: str) -> str | None:
    """The district that an organisation lies in; None for the city."""
    above = path(tree, identity)
    return above[1].id if len(above) > 1 else None


def below(tree: Tree, identity: str) -> frozenset[str]:
    """This organisation and all below it."""
    return frozenset(each for each in tree if any(node.id == identity for node in path(tree, each)))


def in_order(tree: Tree) -> list[str]:
    """Every organisation, parents before their children, districts in their own order, parks by name."""
    children: dict[str | None, list[Organisation]] = {}
    for node in tree.values():
        children.setdefault(node.parent, []).append(node)
    order: list[str] = []

    def visit(node: Organisation) -> None:
        order.append(node.id)
        known = children.get(node.id, [])
        for child in known if node.id == CITY else sorted(known, key=lambda each: each.name):
            visit(child)

    visit(tree[CITY])
    return order


def may_lie_under(tree: Tree, identity: str | None, parent: str) -> str | None:
    """Why a park (None: a new one) cannot lie under `parent`; None when it can."""
    if parent not in tree:
        return "没有这个上级机构，可能已被删除。请重新选择。"
    if parent == CITY:
        return "园区须设在某个区之下：企业按区属审核，园区不能直属全市。请选择所在的区或上级园区。"
    if identity is not None and any(node.id == identity for node in path(tree, parent)):
        return "不能把机构移到自己或自己的下级之下，那样会形成循环。请另选上级机构。"
    return None
