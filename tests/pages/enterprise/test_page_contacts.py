"""Whom to speak to: wherever an enterprise's contact is shown or handed on, name, telephone and mail stand together."""

from collections.abc import Callable

import pytest

from core.filing.model import Basic
from data.enterprise import projects
from data.messaging import messages, outgoing
from data.store.store import SYSTEM
from tests.core import samples
from tests.data.messaging.test_notifications import FAR, demand
from tests.pages.walk import Screen
from tests.world import World

BASIC = samples.clean()["basic"]
#: The whole contact, as the form names it.
CONTACT = [BASIC[name] for name in ("contact_name", "contact_phone", "contact_email")]


def shown(screen: Screen) -> str:
    assert not screen.at.exception
    typed = [widget.value for widget in screen.at.get("text_input")]
    text = screen.said() + str([table.values.tolist() for table in screen.tables]) + str(typed)
    return text.replace("\\", "").replace("\u2060", "")


def form(world: World) -> str:
    world.save("enterprise")
    return shown(Screen(world, "enterprise", "filing/basic.py"))


def submitting(world: World) -> str:
    world.save("enterprise")
    return shown(Screen(world, "enterprise", "filing/submit.py"))


def reviewing(world: World) -> str:
    world.submit("enterprise")
    return shown(Screen(world, "district", "review/review.py"))


def matched(world: World) -> str:
    """What the other side sees once both have agreed."""
    world.submit("enterprise")
    far = {"basic.district": "HS", "technology.segments": ["chips"], "market.demands": []}
    world.submit("other", samples.put(samples.clean(), far))
    projects.open_project(world.visit("city"), demand(world))
    projects.propose(world.visit("city"), demand(world), FAR)
    for persona in ("other", "enterprise"):
        projects.answer(world.visit(persona), f"{demand(world)}.{FAR}", True)
    return shown(Screen(world, "other", "enterprise/matches.py"))


def handed_on(world: World) -> str:
    """What the outgoing channel gets; the name there is the account's own."""
    world.submit("enterprise")
    account = world.account("enterprise")
    world.store.write(lambda t: messages.send(t, SYSTEM, to=[account], title="提醒", text="x", outgoing=True))
    assert outgoing.deliver_due(world.store) == (1, 0)
    return "".join(file.read_text("utf-8") for file in (world.folder / "outgoing").glob("*.jsonl"))


@pytest.mark.parametrize("place", [form, submitting, reviewing, matched, handed_on])
def test_the_mail_stands_with_name_and_telephone(world: World, place: Callable[[World], str]) -> None:
    text = place(world)
    assert [part for part in CONTACT if part not in text] == []


def test_the_contact_has_these_three_fields() -> None:
    """A fourth way to reach somebody belongs in all the places above."""
    assert [BASIC[name] for name in Basic.model_fields if name.startswith("contact_")] == CONTACT
