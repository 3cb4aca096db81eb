"""开发工具 on the screen: the dictionary, a query, the rule's cases."""

import pytest

from core.base.errors import Forbidden
from core.rule.policy import Policy
from data.rule import rule_cases
from exports import table
from tests.pages.walk import Screen
from tests.world import World


def runs(world: World) -> int:
    return len([fact for fact in world.store.facts() if fact.kind == "query.run"])


def test_the_dictionary_is_searched(world: World) -> None:
    screen = Screen(world, "administrator", "platform/data_dictionary.py")
    everything = len(screen.tables[0])
    screen.set("q", "联系人电话")
    assert 0 < len(screen.tables[0]) < everything
    screen.set("q", "没有这样的字段")
    assert "没有符合条件" in screen.said("info")
    assert not screen.tables


def test_a_query_shows_its_rows_is_noted_once_and_stays_when_the_page_runs_again(world: World) -> None:
    world.admit("enterprise")
    screen = Screen(world, "administrator", "platform/query.py")
    assert runs(world) == 0
    screen.widget("sql").set_value("SELECT name, district FROM v_enterprises")
    screen.press("运行")
    assert "武汉测试智能科技有限公司（虚构）" in str(screen.tables[-1])
    screen.run()
    assert "武汉测试智能科技有限公司（虚构）" in str(screen.tables[-1])
    assert runs(world) == 1
    screen.widget("sql").set_value("SELECT * FROM range(1001)")
    screen.press("运行")
    assert "还有更多" in screen.said("caption")
    screen.widget("sql").set_value("SELECT 1 WHERE false")
    screen.press("运行")
    assert "没有符合条件的行" in screen.said("info")


def test_a_query_that_may_not_be_or_is_wrong_says_so_and_keeps_its_text(world: World) -> None:
    screen = Screen(world, "administrator", "platform/query.py")
    for sql, said in (
        ("DROP TABLE v_rounds", "只能查询"),
        ("SELECT * FROM accounts", "没有“accounts”"),
        ("SELECT x FROM v_rounds", "没有接受"),
    ):
        screen.widget("sql").set_value(sql)
        screen.press("运行")
        assert said in screen.said("error").replace("\\", "")
        assert screen.widget("sql").value == sql
        assert len(screen.tables) == 1  # the views only


def test_every_case_passes_and_amounts_are_derived(world: World) -> None:
    screen = Screen(world, "administrator", "rule/rule_cases.py")
    assert f"全部 {len(rule_cases.CASES)} 个用例" in screen.said("success")
    assert set(screen.tables[0]["结果"]) == {"一致"}
    for name, typed in {"total_revenue": "1,000", "ai_revenue": "500.0001", "software_revenue": "500.0001"}.items():
        screen.widget(f"rule.{name}").set_value(typed)
    screen.press("推导")
    assert "核心企业" in screen.said("markdown")
    assert "5,000,001 元" in screen.said("markdown")
    screen.widget("rule.total_revenue").set_value("很多")
    screen.press("推导")
    assert "总收入“很多”不是数字" in screen.said("error").replace("\\", "")
    assert "名录身份" not in screen.said("markdown")


def test_a_case_that_fails_is_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = Policy(core_share_bp=9_000)
    monkeypatch.setattr(rule_cases, "shipped", lambda: (wrong,))
    screen = Screen(world, "administrator", "rule/rule_cases.py")
    assert "与期望不符" in screen.said("error")
    assert set(screen.tables[0]["结果"]) == {"一致", "不符"}
    for persona in ("enterprise", "city"):
        with pytest.raises(Forbidden):
            rule_cases.run(world.visit(persona))


def test_a_file_for_spreadsheets_runs_nothing(world: World) -> None:
    import polars as pl

    text = table.csv(pl.DataFrame({"=a": ["=1+1", "企业", None], "n": [-1, 2, 3]})).decode("utf-8-sig")
    assert text.splitlines() == ["'=a,n", "'=1+1,-1", "企业,2", ",3"]
