"""修订表: what a closed year first was, what has changed it since and why, and what it is now."""

from datetime import date, datetime

from core.statistics.selection import Selection
from data.directory import classified
from data.enterprise import mergers, moves, profile
from data.review import corrections, decisions
from data.statistics import dashboards, revisions
from tests.data.directory.test_classified import POLICY, admitted, full
from tests.world import World

CLOSED = Selection(2025)


def on(world: World, day: date) -> None:
    world.clock.now = datetime(day.year, day.month, day.day, 2)
    world.tokens.clear()


def test_each_revision_has_its_day_and_its_reason(world: World) -> None:
    first = admitted(world, "enterprise", full("6000", "4200", "4200", "0"))
    on(world, date(2026, 1, 20))
    admitted(world, "other", full("1000", "900", "900", "0"), district="HS")
    on(world, date(2026, 1, 31))
    told = revisions.table(world.visit("city"), CLOSED)
    assert told.select("state", "day", "counted_output", "reason").rows() == [
        ("首次", "2026-01-31", 70_000_000, "—"),
        ("现行", "2026-01-31", 70_000_000, "没有修订"),
    ]
    on(world, date(2026, 3, 2))
    path = "business.years.0.full_year.total_revenue"
    corrections.correct(world.visit("city"), first.id, first.revision, path, "6500", reason="审计调整，武审〔2026〕1号")
    on(world, date(2026, 5, 6))
    city = world.visit("city")
    other = next(row for row in dashboards.enterprises(city, CLOSED).to_dicts() if row["district"] == "HS")
    filing = f"{other['enterprise_id']}.2025"
    revision = world.store.rows("SELECT max(revision) AS r FROM facts WHERE subject = $1", [f"filing:{filing}"])[0]["r"]
    decisions.decide(city, filing, revision, "revoke", reasons={"": "虚假填报"})
    told = revisions.table(city, CLOSED)
    assert told.select("state", "day", "enterprises", "counted_output", "change").rows() == [
        ("首次", "2026-01-31", 2, 70_000_000, 0),
        ("修订", "2026-03-02", 2, 75_000_000, 5_000_000),
        ("现行", "2026-05-06", 1, 65_000_000, -5_000_000),
    ]
    assert told["reason"].to_list() == ["—", "更正 1 次（审计调整，武审〔2026〕1号）", "撤销入库 1 次（虚假填报）"]
    # Within the scope: the other district sees its own, and no reason of an enterprise of another.
    theirs = revisions.table(world.visit("other_district"), CLOSED)
    assert theirs["counted_output"].to_list() == [10_000_000, 0]
    assert "审计" not in "".join(theirs["reason"])
    assert revisions.table(city, Selection(2026, True)).is_empty()
    on(world, date(2027, 1, 2))
    assert revisions.table(world.visit("city"), CLOSED)["state"].to_list() == ["首次", "修订", "最终"]


def test_a_later_move_or_merger_is_no_revision_of_a_closed_year(world: World) -> None:
    """B goes into A, and A moves: 2025 stays as it was, in its districts; from the day on the year that runs has it otherwise."""
    one = admitted(world, "enterprise", full("6000", "4200", "4200", "0"))
    other = admitted(world, "other", full("1000", "900", "900", "0"), district="HS")
    on(world, date(2026, 3, 2))
    city = world.visit("city")
    before = classified.classified(city, 2025, POLICY)
    table = dashboards.totals(city, CLOSED, "district")
    seen = profile.merger(city, other.enterprise_id).seq
    mergers.merge(city, other.enterprise_id, seen, into=one.enterprise_id, since=date(2026, 3, 2), reason="吸收合并", document="武市监〔2026〕3号")  # fmt: skip
    moves.move(city, one.enterprise_id, "GX", district="HS", since=date(2026, 3, 2), reason="迁址")
    assert classified.classified(city, 2025, POLICY).equals(before)
    assert dashboards.totals(city, CLOSED, "district").equals(table)
    assert revisions.table(city, CLOSED)["reason"].to_list() == ["—", "没有修订"]
    running = classified.classified(city, 2026, POLICY)
    assert running.select("enterprise_id", "district").rows() == [(one.enterprise_id, "HS")]
