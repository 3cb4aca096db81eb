"""企业信息: who sees whom, what is found, in which order; saved views are one's own."""

import csv
import io

import pytest

from core.base.errors import Forbidden, Refused
from core.enterprise import query as enterprise_query
from core.enterprise.query import Query
from data.enterprise import search as enterprise_search
from data.review import decisions
from tests.core import samples
from tests.world import NAMES, USCC, World

IN_HS = samples.put(
    samples.clean(),
    {
        "basic.district": "HS",
        "business.years.0.full_year": samples.figures("9000", "2000", "2000", "0"),
        "technology.segments": ["chips"],
    },
)


def names(world: World, persona: str = "city", **query: str) -> list[str]:
    return enterprise_search.search(world.visit(persona), Query(**query))["name"].to_list()


@pytest.fixture
def two(world: World) -> World:
    """One admitted in GX (core), one whose filing in HS waits; figures are of a year that is over."""
    world.admit("enterprise")
    world.submit("other", IN_HS)
    return world


def test_each_sees_its_own_district_and_the_city_all(two: World) -> None:
    assert names(two) == sorted(NAMES.values())
    assert names(two, "district") == [NAMES["enterprise"]]
    assert names(two, "other_district") == [NAMES["other"]]  # not admitted yet: the district it has filed in
    assert names(two, "administrator") == sorted(NAMES.values())
    with pytest.raises(Forbidden):
        names(two, "enterprise")


@pytest.mark.parametrize(
    "text", ["另一家", USCC["other"][-6:].lower(), "ＭＡ０ＤＥＭ０２１７", "智能 另一", "　另一家 "]
)
def test_text_is_found_in_name_and_code_whatever_the_width_and_case(two: World, text: str) -> None:
    assert names(two, text=text) == [NAMES["other"]]


@pytest.mark.parametrize("text", ["没有这家", "%", ".*", "测试 另一"])
def test_what_is_not_there_is_not_found(two: World, text: str) -> None:
    assert names(two, text=text) == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"district": "GX"}, "enterprise"), ({"district": "HS"}, "other"), ({"tier": "core"}, "enterprise"),
        ({"size": "medium"}, "enterprise"), ({"chain": "application"}, None), ({"chain": "platforms"}, "enterprise"),
        ({"chain": "chips"}, None), ({"state": "submitted"}, "other"), ({"state": "none"}, None), ({"admitted": "yes"}, "enterprise"),
        ({"admitted": "no"}, "other"), ({"district": "nowhere"}, None),
    ],
)  # fmt: skip
def test_filters_keep_what_they_say(two: World, query: dict[str, str], expected: str | None) -> None:
    layer = enterprise_search.search(two.visit("city"), Query())["layer"].drop_nulls()[0]
    if query == {"chain": "application"}:
        query, expected = {"chain": layer}, "enterprise"
    assert names(two, **query) == ([NAMES[expected]] if expected else [])


def test_amounts_sort_from_the_largest_and_missing_ones_stand_last(world: World) -> None:
    world.admit("enterprise")
    other = world.submit("other", IN_HS)
    assert names(world, sort="total_revenue") == [NAMES["enterprise"], NAMES["other"]]
    decisions.decide(world.visit("other_district"), other.id, other.revision, "pass")
    decisions.decide(world.visit("city"), other.id, other.revision + 1, "admit")
    assert names(world, sort="total_revenue") == [NAMES["other"], NAMES["enterprise"]]
    assert names(world, sort="share") == [NAMES["enterprise"], NAMES["other"]]


def test_state_and_class_follow_what_happens(world: World) -> None:
    world.token("enterprise")
    (row,) = enterprise_search.search(world.visit("city"), Query()).to_dicts()
    assert (row["state"], row["admitted"], row["directory_tier"], row["total_revenue"]) == ("none", False, None, None)
    filing = world.admit("enterprise")
    (row,) = enterprise_search.search(world.visit("city"), Query()).to_dicts()
    assert (row["state"], row["admitted"], row["directory_tier"], row["total_revenue"]) == (
        "admitted",
        True,
        "core",
        60_000_000,
    )
    decisions.decide(world.visit("city"), filing.id, filing.revision, "revoke", reasons={"": "虚假填报"})
    now = enterprise_search.one(world.visit("city"), row["enterprise_id"])
    assert (now.state, now.admitted, now.directory_tier) == ("revoked", False, None)


def test_one_outside_the_scope_is_refused_like_one_that_is_not(two: World) -> None:
    identity = enterprise_search.search(two.visit("district"), Query())["enterprise_id"][0]
    assert enterprise_search.one(two.visit("district"), identity).name == NAMES["enterprise"]
    said = set()
    for persona, asked in (("other_district", identity), ("city", "none")):
        with pytest.raises(Forbidden) as refusal:
            enterprise_search.one(two.visit(persona), asked)
        said.add(str(refusal.value))
    assert len(said) == 1


def test_rows_in_words_are_exact(two: World) -> None:
    found = enterprise_search.search(two.visit("city"), Query(sort="total_revenue"))
    rows = enterprise_query.table(found, tuple(enterprise_query.COLUMNS)).to_dicts()
    assert rows[0] | {"最近变动": "", "产业链层": ""} == {
        "企业名称": NAMES["enterprise"],
        "统一社会信用代码": USCC["enterprise"],
        "区属": "东湖高新区",
        "园区": "—",
        "企业规模": "中型企业",
        "产业链层": "",
        "产业链环节": "开发服务平台、应用软件",
        "入库": "已入库",
        "名录身份": "核心企业",
        "总收入（万元）": "6,000",
        "AI业务收入（万元）": "4,200",
        "AI收入占比": "70.00%",
        "本期状态": "入库",
        "最近变动": "",
    }
    assert (rows[1]["名录身份"], rows[1]["总收入（万元）"], rows[1]["入库"]) == ("—", "—", "未入库")


def test_views_are_kept_replaced_and_forgotten_by_their_owner_alone(world: World) -> None:
    city, keeper = world.visit("city"), world.visit("administrator")
    assert (
        enterprise_search.save_view(
            city, " 光谷  核心 ", {"district": "GX", "tier": "core", "q": "", "columns": "name,share"}
        )
        is False
    )
    assert enterprise_search.views(city) == {"光谷 核心": {"district": "GX", "tier": "core", "columns": "name,share"}}
    assert enterprise_search.views(keeper) == {}
    assert enterprise_search.save_view(city, "光谷 核心", {"q": "a&b=c"}) is True
    assert enterprise_search.views(city)["光谷 核心"] == {"q": "a&b=c"}
    enterprise_search.remove_view(keeper, "光谷 核心")
    assert list(enterprise_search.views(city)) == ["光谷 核心"]
    enterprise_search.remove_view(city, "光谷 核心")
    assert enterprise_search.views(city) == {}
    with pytest.raises(Forbidden):
        enterprise_search.save_view(world.visit("enterprise"), "x", {})


def test_a_view_needs_a_name_and_there_are_not_too_many(world: World) -> None:
    city = world.visit("city")
    for name in ("", "  ", "长" * 31):
        with pytest.raises(Refused, match="视图名称"):
            enterprise_search.save_view(city, name, {})
    for number in range(enterprise_search.MOST_VIEWS):
        enterprise_search.save_view(city, f"视图{number}", {"q": str(number)})
    with pytest.raises(Refused, match="达到上限"):
        enterprise_search.save_view(city, "再一个", {})
    assert enterprise_search.save_view(city, "视图3", {"q": "新"}) is True
    enterprise_search.remove_view(city, "视图4")
    assert enterprise_search.save_view(city, "再一个", {}) is False


def test_the_export_holds_what_is_found_and_is_noted(two: World) -> None:
    rows = enterprise_search.export(two.visit("district"), Query(text="智能"), ("name", "share"), "企业信息.csv")
    assert rows.to_dicts() == [{"企业名称": NAMES["enterprise"], "AI收入占比": "70.00%"}]
    two.store.write(lambda _: None)
    fact = [fact for fact in two.store.facts() if fact.kind == "file.opened"][-1]
    assert (fact.subject, fact.body["name"]) == ("export:enterprises", "企业信息.csv")
    with pytest.raises(Forbidden):
        enterprise_search.export(two.visit("enterprise"), Query(), ("name",), "x")


def test_a_file_of_the_register_runs_nothing(world: World) -> None:
    from core.base.spreadsheet import cell as safe
    from gate.exports import _lines

    text = _lines([[safe(cell) for cell in ("=1+1", "＝1", "甲,乙", "—")]])
    assert next(csv.reader(io.StringIO(text))) == ["'=1+1", "'＝1", "甲,乙", "—"]
