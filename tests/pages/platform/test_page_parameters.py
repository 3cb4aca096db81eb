"""参数 on the screen; what each press leaves in the store."""

from typing import Any

from core.base.parameters import PARAMETERS
from data.rule import parameters
from tests.pages.walk import Screen
from tests.world import World

PAGE = "platform/parameters.py"


def save(screen: Screen, code: str) -> Screen:
    found: Any = next(
        button for button in screen.at.button if button.label == "保存" and str(button.form_id).startswith(code)
    )
    found.click()
    return screen.run()


def test_a_parameter_is_set(world: World) -> None:
    screen = Screen(world, "administrator", PAGE)
    assert screen.said("caption").count("尚未改动") == len(PARAMETERS)
    screen.widget("reminder_days_before#0#value").set_value("10")
    save(screen, "reminder_days_before")
    assert parameters.value(world.store, "reminder_days_before") == 10
    assert "为 10 天，已生效" in screen.said("success").replace("\\", "")
    assert "keeper 于 2026-01-10" in screen.said("caption")


def test_what_is_out_of_range_says_why_and_keeps_what_was_typed(world: World) -> None:
    screen = Screen(world, "administrator", PAGE)
    screen.widget("reminder_days_before#0#value").set_value("61")
    save(screen, "reminder_days_before")
    assert "“提前催报天数”填的是“61”" in screen.said("error")
    assert screen.widget("reminder_days_before#0#value").value == "61"
    assert parameters.value(world.store, "reminder_days_before") == 7
