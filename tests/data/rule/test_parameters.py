"""参数: whole numbers in their range, each change a fact, read at once."""

from datetime import datetime

import pytest

from core.audit import wording
from core.audit.entry import LogEntry
from core.base.errors import Conflict, Forbidden, Refused
from core.base.parameters import PARAMETERS
from data.projections import PROJECTED
from data.rule import parameters
from tests.world import World


def test_every_parameter_has_its_default_until_somebody_sets_it(world: World) -> None:
    listed = parameters.listing(world.visit("administrator"))
    assert [(each.about.code, each.value, each.who, each.at) for each in listed] == [
        (code, about.default, "", None) for code, about in PARAMETERS.items()
    ]
    assert all(about.low <= about.default <= about.high for about in PARAMETERS.values())
    assert parameters.value(world.store, "reminder_days_before") == 7
    with pytest.raises(KeyError):
        parameters.value(world.store, "no_such")


def test_what_is_set_counts_at_once_and_says_who_and_when(world: World) -> None:
    keeper = world.visit("administrator")
    assert parameters.value(world.store, "reminder_days_before") == 7
    assert parameters.put(keeper, "reminder_days_before", 0, " ３０ 天") == 30
    assert parameters.value(world.store, "reminder_days_before") == 30
    row = next(each for each in parameters.listing(keeper) if each.about.code == "reminder_days_before")
    (fact,) = world.store.facts("parameter:reminder_days_before")
    assert (row.value, row.who, row.at, row.revision) == (30, "keeper", fact.at_utc, 1)
    parameters.put(keeper, "reminder_days_before", 1, "30")  # the same: nothing is written
    assert len(world.store.facts("parameter:reminder_days_before")) == 1


@pytest.mark.parametrize("code", PARAMETERS)
def test_the_ends_of_the_range_are_in_it_and_nothing_beyond(world: World, code: str) -> None:
    keeper, about = world.visit("administrator"), PARAMETERS[code]
    for number in (about.low, about.high):
        parameters.put(keeper, code, len(world.store.facts(f"parameter:{code}")), str(number))
        assert parameters.value(world.store, code) == number
    for typed in (str(about.low - 1), str(about.high + 1), "", "3.5", "七", "1e3", "-0x1", "9" * 30):
        with pytest.raises(Refused, match=f"“{about.label}”.*未保存"):
            parameters.put(keeper, code, 2, typed)
    assert parameters.value(world.store, code) == about.high


def test_two_who_set_it_do_not_overwrite_one_another(world: World) -> None:
    keeper = world.visit("administrator")
    parameters.put(keeper, "backups_kept", 0, "30")
    with pytest.raises(Conflict, match="没有保存"):
        parameters.put(keeper, "backups_kept", 0, "31")
    with pytest.raises(Refused, match="没有“x”这个参数"):
        parameters.put(keeper, "x", 0, "1")


@pytest.mark.parametrize("persona", ["enterprise", "district", "city"])
def test_only_those_who_may(world: World, persona: str) -> None:
    for deed in (
        lambda: parameters.listing(world.visit(persona)),
        lambda: parameters.put(world.visit(persona), "backups_kept", 0, "3"),
    ):
        with pytest.raises(Forbidden):
            deed()


def test_parameters_are_rebuilt_from_the_facts_and_named_in_the_log(world: World) -> None:
    parameters.put(world.visit("administrator"), "backups_kept", 0, "30")
    before = world.store.rows("SELECT * FROM parameters")
    world.store.rebuild(PROJECTED)
    assert world.store.rows("SELECT * FROM parameters") == before
    entry = LogEntry(1, datetime(2026, 1, 10), "parameter.set", "parameter:backups_kept", {"value": 30})
    (line,) = wording.table("operations", [entry])
    assert (line["事件"], line["对象"], line["内容"]) == ("设定参数", "参数 保留备份份数", "取值：30")
