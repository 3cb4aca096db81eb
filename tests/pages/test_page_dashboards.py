"""产业总览, 名单认定, 运行状态: the numbers on the screen are the numbers of the store."""

from datetime import timedelta

import pytest
import samples

from core import policy, terms
from core.aggregation import totals
from data import accounts, designations, filings, overview
from data.store import SYSTEM
from tests.pages.walk import Screen
from tests.world import World

OVERVIEW, DESIGNATIONS, STATUS = "bureau/overview.py", "bureau/designations.py", "system/status.py"


def metrics(screen: Screen) -> dict[str, str]:
    """Label -> value of the cards, without the units that stand in either."""
    found: dict[str, str] = {}
    for metric in screen.at.metric:
        label = metric.label.removesuffix("（家）").removesuffix("（亿元）")
        found[label] = metric.value.removesuffix(" 家").removesuffix(" 亿元")
    return found


def two(world: World) -> None:
    """A core enterprise in GX, and one outside in HS."""
    world.admit("enterprise")
    changes = {
        "basic.district": "HS",
        "business.years.0.full_year": samples.figures("6000", "600", "600", "0"),
    }
    filing = world.submit("other", samples.put(samples.clean(), changes))
    for reviewer, action in (("other_district", "pass"), ("city", "admit")):
        filings.decide(world.visit(reviewer), filing.id, filing.revision, action)
        filing = filings.one(world.visit("city"), filing.id)


def test_an_empty_library_says_what_fills_it(world: World) -> None:
    screen = Screen(world, "city", OVERVIEW)
    assert "还没有入库企业" in screen.said("info")
    assert not screen.at.metric


@pytest.mark.parametrize(("persona", "core", "outside", "scope"), [
    ("city", 1, 1, "全市"), ("administrator", 1, 1, "全市"),
    ("district", 1, 0, "东湖高新区"), ("other_district", 0, 1, "洪山区"),
])  # fmt: skip
def test_the_numbers_are_those_of_the_store_within_the_scope(
    world: World, persona: str, core: int, outside: int, scope: str
) -> None:
    two(world)
    screen = Screen(world, persona, OVERVIEW)
    assert not screen.at.exception
    law = policy.in_force(policy.shipped(), world.store.today)
    whole = totals(overview.classified(world.visit(persona), 2025, law)).row(0, named=True)
    assert (whole["core"], whole["outside"]) == (core, outside)
    shown = metrics(screen)
    assert shown["核心企业"] == f"{core}"
    assert (shown["相关企业（软件）"], shown["相关企业（硬件）"], shown["无法认定"]) == ("0", "0", "0")
    assert shown["未达相关线"] == f"{outside}"
    assert shown["纳入统计"] == terms.yi(whole["counted_output"]) == ("0.60" if core else "0.00")
    assert shown["AI业务收入"] == terms.yi(whole["ai_revenue"])
    caption = screen.said("caption")
    assert scope in caption
    assert f"有数据 {core + outside} 家／入库 {core + outside} 家" in caption
    assert f"政策版本 {law.version}" in caption
    assert "数据截至 2026-01-10 10:00" in caption


def test_an_admission_shows_at_the_next_run(world: World) -> None:
    screen = Screen(world, "city", OVERVIEW)
    world.admit("enterprise")
    screen.run()
    assert metrics(screen)["核心企业"] == "1"
    filing = filings.mine(world.visit("enterprise"))
    assert filing is not None
    filings.decide(world.visit("city"), filing.id, filing.revision, "revoke", reasons={"": "材料不实"})
    assert metrics(screen.run())["核心企业"] == "0"


def test_a_filing_not_yet_admitted_is_not_counted(world: World) -> None:
    world.admit("enterprise")
    world.submit("other")
    assert metrics(Screen(world, "city", OVERVIEW))["核心企业"] == "1"


def test_the_year_is_chosen_and_a_forecast_is_called_so(world: World) -> None:
    rows = [
        samples.year("2025", full_year=samples.figures("6000", "4200", "4200", "0")),
        samples.year("2024", full_year=samples.figures("6000", "600", "600", "0")),
    ]
    content = samples.put(samples.clean(), {"business.years": rows})
    content["explanations"] = {
        f"year_on_year@business.years.0.full_year.{name}": "并购了一家同行企业，合同与收入随之转入"
        for name in ("total_revenue", "ai_revenue")
    }
    world.admit("enterprise", content)
    screen = Screen(world, "city", OVERVIEW)
    assert list(screen.widget("year").options) == ["2025", "2024"]
    assert metrics(screen)["核心企业"] == "1"
    screen.set("year", "2024")
    assert metrics(screen)["核心企业"] == "0"
    assert metrics(screen)["未达相关线"] == "1"
    assert "2024年度全年实际" in screen.said("caption")
    # The same round opened within its year asks for a forecast.
    body = {"year": 2026, "columns": ["full_year"], "opens": "2026-01-08", "closes": "2026-01-31"}
    world.store.write(lambda t: t.append(SYSTEM, "round.opened", "round:2026", body))
    ahead = [samples.year("2026", full_year=samples.figures("7000", "4900", "4900", "0"))]
    world.admit("other", samples.put(samples.clean(), {"business.years": ahead}))
    screen = Screen(world, "city", OVERVIEW)
    assert list(screen.widget("year").options) == ["2026预判", "2025", "2024"]
    assert screen.widget("year").value == "2025"
    screen.set("year", "2026预判")
    assert "预判" in screen.said("caption")
    assert metrics(screen)["核心企业"] == "1"
    assert metrics(screen)["无法认定"] == "1"


def test_a_nonsense_year_in_the_address_shows_the_page(world: World) -> None:
    world.admit("enterprise")
    screen = Screen(world, "city")
    screen.at.query_params["year"] = "<script>"
    screen.open(OVERVIEW)
    assert not screen.at.exception
    assert metrics(screen)["核心企业"] == "1"


def test_designations_stand_beside_the_computed_class(world: World) -> None:
    designations.record_shipped(world.store)
    world.admit("enterprise")
    body = {"designation": "related_software", "source": designations.SOURCE}
    world.store.write(lambda t: t.append(SYSTEM, "designation.recorded", "designation:武汉测试智能", body))
    for persona in ("city", "administrator"):
        screen = Screen(world, persona, DESIGNATIONS)
        assert not screen.at.exception
        (table,) = screen.tables
        row = table[table["名单企业"] == "武汉测试智能"].iloc[0]
        assert row["计算身份"] == "核心企业"
        assert row["名单认定"] == "相关企业（软件）"
        assert row["比较"] == "不一致"
        assert len(table) == 34
        assert "名单共 34 家，库中按名称匹配到 1 家" in screen.said("markdown")
    # The computed class itself is untouched by the list.
    assert metrics(Screen(world, "city", OVERVIEW))["核心企业"] == "1"


def test_the_status_page_counts_and_verifies(world: World) -> None:
    world.save("enterprise")
    screen = Screen(world, "administrator", STATUS)
    assert not screen.at.exception
    shown = metrics(screen)
    assert shown["记录条数"] == f"{len(world.store.facts())} 条"
    assert (shown["企业"], shown["填报"], shown["在线会话"]) == ("1", "1 份", "2 个")
    version = world.store.data_version
    screen.press("核验日志链")
    assert f"日志链完整，共 {len(world.store.facts())} 条记录" in screen.said("success")
    assert world.store.data_version == version
    visit = world.visit("enterprise")
    accounts.end_session(world.store, visit.session_id or "", reason="退出登录", actor=visit.actor)
    assert metrics(screen.run())["在线会话"] == "1 个"


def test_a_changed_record_is_found(world: World) -> None:
    world.save("enterprise")
    screen = Screen(world, "administrator", STATUS)

    def tamper(transaction: object) -> None:
        change = "UPDATE facts SET body = replace(body, '张三', '李四') WHERE kind = 'filing.saved'"
        world.store._writer_cursor.execute(change)

    world.store.write(tamper)
    screen.press("核验日志链")
    assert "断开" in screen.said("error")
    assert not screen.at.success


def test_sessions_past_their_hours_are_not_counted(world: World) -> None:
    world.token("enterprise")
    world.clock.now += timedelta(hours=accounts.SESSION_HOURS, minutes=1)
    assert metrics(Screen(world, "administrator", STATUS))["在线会话"] == "1 个"
