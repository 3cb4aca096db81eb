"""One rule for what hangs on an enterprise: its district of today opens it, the one before no longer does."""

import time
from collections.abc import Callable
from datetime import date

import pytest

from core.base.errors import Forbidden, UserError
from core.filing.filing import Filing
from data.access.visit import Visit
from data.enterprise import derivations, moves, profile, projects
from data.filing import attachments, filings
from data.report import reports
from data.report.reports import Order
from data.review import comments, corrections
from data.review import queue as review_queue
from tests.core import samples
from tests.world import World

PDF = b"%PDF-1.7\nevidence"
TODAY = date(2026, 1, 10)


def evidence(world: World) -> str:
    return attachments.add(world.visit("enterprise"), "测评报告.pdf", PDF).partition("/")[0]


def admitted(world: World) -> tuple[Filing, str]:
    digest = evidence(world)
    content = samples.put(samples.clean(), {"market.demands": [
        {"kind": "compute", "title": "算力", "description": "推理算力", "scale": "10 P", "needed_by": "2026-06-30"}
    ]})  # fmt: skip
    return world.admit("enterprise", content), digest


def move(world: World, filing: Filing) -> None:
    moves.move(world.visit("city"), filing.enterprise_id, "GX", district="HS", since=TODAY, reason="武经信〔2026〕1号")


def opened(visit: Visit, filing: Filing, digest: str) -> dict[str, bool]:
    """What hangs on the enterprise -> whether it opens."""
    identity = filing.enterprise_id
    ways: dict[str, Callable[[], object]] = {
        "filing": lambda: filings.one(visit, filing.id),
        "comments": lambda: comments.listing(visit, filing.id),
        "a comment": lambda: comments.add(visit, filing.id, "", f"请核对 {time.time_ns()}"),
        "evidence": lambda: attachments.open_for(visit, digest),
        "letters": lambda: profile.letters(visit, identity),
        "files": lambda: profile.files(visit, identity),
        "print": lambda: derivations.card(visit, identity, 2025, visit.store.today),
        "project": lambda: projects.demands(visit)["enterprise_id"].to_list().index(identity),
        "correction": lambda: corrections.standing(visit, identity),
        "queue": lambda: review_queue.filings(visit, "2025")["enterprise_id"].to_list().index(identity),
    }
    found = {}
    for name, way in ways.items():
        try:
            way()
            found[name] = True
        except (UserError, ValueError):
            found[name] = False
    return found


def test_after_a_move_everything_opens_to_the_new_district_and_nothing_to_the_old(world: World) -> None:
    filing, digest = admitted(world)
    before = opened(world.visit("district"), filing, digest), opened(world.visit("other_district"), filing, digest)
    assert set(before[0].values()) == {True}, before[0]
    assert set(before[1].values()) == {False}, before[1]
    move(world, filing)
    after = opened(world.visit("district"), filing, digest), opened(world.visit("other_district"), filing, digest)
    assert set(after[0].values()) == {False}, after[0]
    assert set(after[1].values()) == {True}, after[1]
    assert all(opened(world.visit("city"), filing, digest).values())


def test_a_file_of_an_export_does_not_open_once_an_enterprise_in_it_was_moved_away(world: World) -> None:
    filing, _ = admitted(world)
    visit = world.visit("district")
    identity = reports.start(visit, Order("overview", 2025, False, "inside", "xlsx"))
    until = time.monotonic() + 60
    while reports.mine(visit)[0].going and time.monotonic() < until:
        time.sleep(0.05)
    assert reports.open_for(visit, identity)[0].exists()
    move(world, filing)
    with pytest.raises(Forbidden):
        reports.open_for(world.visit("district"), identity)


def test_the_evidence_of_a_draft_opens_for_the_filer_alone(world: World) -> None:
    digest = evidence(world)
    product = samples.clean()["technology"]["products"][0] | {"attachments": [f"{digest}/测评报告.pdf"]}
    draft = world.save("enterprise", samples.put(samples.clean(), {"technology.products.0": product}))
    assert attachments.open_for(world.visit("enterprise"), digest)
    for persona in ("district", "city", "other", "administrator"):
        with pytest.raises(Forbidden):
            attachments.open_for(world.visit(persona), digest)
    assert profile.files(world.visit("city"), draft.enterprise_id) == []
    filings.submit(world.visit("enterprise"), draft.id, draft.revision)
    for persona in ("district", "city"):
        attachments.open_for(world.visit(persona), digest)


def test_what_is_added_to_the_next_draft_waits_for_its_submission(world: World) -> None:
    filing, shown = admitted(world)
    later = attachments.add(world.visit("enterprise"), "新.pdf", PDF + b"2").partition("/")[0]
    for persona in ("district", "city"):
        attachments.open_for(world.visit(persona), shown)
        with pytest.raises(Forbidden):
            attachments.open_for(world.visit(persona), later)
    assert len(profile.files(world.visit("city"), filing.enterprise_id)) == 1


def test_the_same_bytes_of_two_enterprises_open_only_where_they_were_shown(world: World) -> None:
    world.submit("other", samples.put(samples.clean(), {"basic.district": "HS"}))
    digest = evidence(world)
    attachments.add(world.visit("other"), "同一份.pdf", PDF)
    world.submit("enterprise")
    assert attachments.open_for(world.visit("district"), digest)[1].name == "测评报告.pdf"
    with pytest.raises(Forbidden):
        attachments.open_for(world.visit("other_district"), digest)
