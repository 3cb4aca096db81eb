"""An oracle: the figures of random worlds once more, folded from the facts in plain Python and classified with fractions.

Two closed years with a policy each, filings for both, moves, mergers (chains of them too), revocations and corrections before
and after the end of the year. Nothing of core.rule or core.statistics decides here what is right.
"""

import json
import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import Any

import pytest

from core.rule.policy import shipped
from core.statistics import decomposition
from core.statistics.selection import Selection
from data.statistics import dashboards
from data.store.store import SYSTEM, Transaction
from tests.core import samples
from tests.data.directory.test_classified import firm, full, load
from tests.world import World

DISTRICTS = ("GX", "HS", "JA")
NEW_LINE = date(2026, 7, 1)
NOW = Selection(2026)
Amounts = tuple[int | None, int | None, int, int]


# --- a random world --------------------------------------------------------------------------------------------------


def amount(draw: random.Random) -> list[str]:
    """Total, AI, software and hardware as typed, 万元: on the lines and beside them, falls and growth, missing and wrong ones."""
    total = draw.choice([draw.randint(1, 500), draw.randint(500, 20_000), 100, 1000, 5000])
    share = draw.choice([0, 19, 20, 21, 39, 40, 41, 45, 49, 50, 51, 100, draw.randint(0, 100)])
    ai = total * share / 100
    software = draw.choice([0, ai, ai / 2, ai / 4])
    said = [f"{each:.4f}" for each in (total, ai, software, ai - software)]
    return draw.choice([said] * 12 + [["", "", "", ""], [said[0], "", "", ""], ["0", "0", "0", "0"]])


def build(world: World, draw: random.Random) -> None:
    count = 24
    homes = [draw.choice(DISTRICTS) for _ in range(count)]
    load(world, [firm(n, homes[n], full(*amount(draw)), full(*amount(draw), year="2024")) for n in range(count - 4)])
    policy = shipped()[-1].model_copy(
        update={"core_share_bp": 4000, "version": "2026-四成", "effective_from": NEW_LINE}
    )
    body = {"year": 2026, "columns": ["full_year"], "opens": "2027-01-05", "closes": "2027-02-28"}

    def versions(transaction: Transaction) -> None:
        transaction.append(SYSTEM, "policy.drafted", "policy:new", policy.model_dump(mode="json"))
        said = {"version": policy.version, "effective_from": NEW_LINE.isoformat()}
        transaction.append(SYSTEM, "policy.published", "policy:new", said)
        transaction.append(SYSTEM, "round.opened", "round:2026-4", body)

    world.store.write(versions)
    world.clock.now = datetime(2026, 9, 1)
    events(world, draw, [date(2026, 3, 1), date(2026, 8, 1)], "2025")
    world.clock.now = datetime(2027, 2, 1)
    world.tokens.clear()
    stood = dict(world.store.frame("SELECT name, district FROM enterprises").iter_rows())
    gone = {row["id"] for row in world.store.rows("SELECT enterprise_id AS id FROM mergers WHERE into_id IS NOT NULL")}
    names = {row["name"]: row["id"] for row in world.store.rows("SELECT id, name FROM enterprises")}

    def again(transaction: Transaction) -> None:
        for number in range(count):
            name = f"虚构企业{number}"
            if names.get(name) in gone or draw.random() < 0.2:
                continue
            one = firm(number, stood.get(name) or homes[number], full(*amount(draw), year="2026"))
            file(transaction, one, f"code{number}", "2026-4")

    world.store.write(again)
    events(world, draw, [date(2026, 12, 31), date(2027, 1, 20)], "2026-4")


def file(transaction: Transaction, one: dict[str, Any], code: str, round_id: str) -> None:
    from data.access.accounts import register_enterprise

    identity = register_enterprise(transaction, SYSTEM, code, one["name"])
    subject = f"filing:{identity}.{round_id}"
    changes = {"basic.enterprise_name": one["name"], "basic.district": one["district"], "business.years": one["years"]}
    body = {"enterprise_id": identity, "round_id": round_id, "content": samples.put(samples.clean(), changes)}
    transaction.append(SYSTEM, "filing.opened", subject, body)
    for kind in ("submitted", "passed", "admitted"):
        transaction.append(SYSTEM, f"filing.{kind}", subject, {})


def events(world: World, draw: random.Random, days: list[date], round_id: str) -> None:
    """Moves, mergers, revocations and corrections of who stands, each as its writer would have appended it."""
    for _ in range(8):
        newest = {row["enterprise_id"]: row for row in world.store.rows("SELECT * FROM admissions ORDER BY seq")}
        standing = sorted(each for each, row in newest.items() if row["admitted"])
        one, day = draw.choice(standing), draw.choice(days)
        kind = draw.choice(["move", "move", "merge", "revoke", "correct"])
        row, filing = newest[one], f"{one}.{round_id}"
        filed = {each["id"] for each in world.store.rows("SELECT id FROM filings WHERE state = 'admitted'")}
        body: dict[str, Any]
        if kind == "move":
            body = {"district": draw.choice(DISTRICTS), "from": day.isoformat(), "reason": "迁址", "admission": row["seq"], "filings": []}  # fmt: skip
            fact = ("enterprise.moved", f"enterprise:{one}", body)
        elif kind == "merge":
            into = draw.choice([each for each in standing if each != one])
            body = {"into": into, "from": day.isoformat(), "reason": "合并", "document": "号", "admission": row["seq"]}
            fact = ("enterprise.merged", f"enterprise:{one}", body)
        elif filing not in filed:
            continue
        elif kind == "revoke":
            fact = ("filing.revoked", f"filing:{filing}", {"reasons": {"": "虚假填报"}})
        else:
            body = {"path": "business.years.0.full_year.total_revenue", "label": "总收入", "before": None, "after": str(draw.randint(1, 9000)), "reason": "登记有误", "document": "号"}  # fmt: skip
            fact = ("enterprise.corrected", f"filing:{filing}", body)
        world.store.write(lambda transaction, fact=fact: transaction.append(SYSTEM, *fact))  # type: ignore[misc]


# --- the fold ----------------------------------------------------------------------------------------------------------


@dataclass
class Version:
    """An enterprise as one fact left it. `day`: from which a move or a merger counts, None for what a filing says."""

    filed_for: int
    district: str
    stands: bool
    day: date | None = None


@dataclass
class Folded:
    versions: dict[str, list[Version]] = field(default_factory=lambda: defaultdict(list))
    figures: dict[tuple[str, int], Amounts] = field(default_factory=dict)
    into: dict[str, str] = field(default_factory=dict)


def yuan(typed: Any) -> int | None:
    return None if typed in (None, "") else int(Fraction(str(typed)) * 10_000)


def fold(world: World) -> Folded:
    found, content, rounds = Folded(), dict[str, Any](), dict[str, int]()
    for row in world.store.rows("SELECT kind, subject, body FROM facts ORDER BY seq"):
        body, identity = json.loads(row["body"]), row["subject"].partition(":")[2]
        enterprise, _, round_id = identity.partition(".")
        if row["kind"] == "round.opened":
            rounds[identity] = body["year"]
        elif row["kind"] == "filing.opened":
            content[identity] = body["content"]
        elif row["kind"] in ("filing.admitted", "enterprise.corrected"):
            given = content[identity]
            if row["kind"] == "enterprise.corrected":
                given["business"]["years"][0]["full_year"]["total_revenue"] = body["after"]
            found.versions[enterprise].append(Version(rounds[round_id], given["basic"]["district"], True))
            for each in given["business"]["years"]:
                columns = ("total_revenue", "ai_revenue", "software_revenue", "hardware_revenue")
                total, ai, software, hardware = (yuan(each["full_year"][name]) for name in columns)
                if total is not None or ai is not None:
                    found.figures[enterprise, int(each["year"])] = (total, ai, software or 0, hardware or 0)
        elif row["kind"] == "filing.revoked":
            last = found.versions[enterprise][-1]
            found.versions[enterprise].append(Version(rounds[round_id], last.district, False))
        elif row["kind"] in ("enterprise.moved", "enterprise.merged"):
            last, day = found.versions[identity][-1], date.fromisoformat(body["from"])
            moved = row["kind"] == "enterprise.moved"
            now = Version(last.filed_for, body["district"] if moved else last.district, last.stands and moved, day)
            found.versions[identity].append(now)
            if not moved:
                found.into[identity] = body["into"]
    return found


def register(found: Folded, year: int) -> dict[str, str]:
    """enterprise -> district of who stood for the year."""
    stood = {}
    for enterprise, versions in found.versions.items():
        known = [each for each in versions if each.day is None or each.day <= date(year, 12, 31)]
        of_then = [each for each in known if each.filed_for <= year]
        first = min((each.filed_for for each in known), default=0)
        last = (of_then or [each for each in known if each.filed_for == first])[-1:]
        if last and last[0].stands:
            stood[enterprise] = last[0].district
    return stood


def classify(amounts: Amounts | None, core_line: Fraction) -> tuple[str, int]:
    """名录身份 and 纳入统计 of the rule as the manual tells it."""
    if amounts is None:
        return "missing", 0
    total, ai, software, hardware = amounts
    if total is None or ai is None or total <= 0 or not 0 <= ai <= total:
        return "undetermined", 0
    share, kind = Fraction(ai, total), "related_software" if software > hardware else "related_hardware"
    part = {"related_software": Fraction(1, 2), "related_hardware": Fraction(1, 5)}[kind]
    related = int(total * part + Fraction(1, 2))
    if share > core_line:
        return "core", total
    if ai > 20_000_000:
        return "core", related
    return (kind, related) if share > Fraction(1, 5) else ("outside", 0)


OLD, NEW = Fraction(1, 2), Fraction(2, 5)


@dataclass
class Expected:
    tiers: Counter[str] = field(default_factory=Counter)
    now: int = 0
    before: int = 0
    same: int = 0
    same_now: int = 0
    same_before: int = 0
    parts: Counter[str] = field(default_factory=Counter)


def expected(found: Folded, district: str | None) -> Expected:
    """Of the city or a district: 2026 by the line of 40 %, beside 2025 as published by 50 % and once more by 40 %."""
    now, then, result = register(found, 2026), register(found, 2025), Expected()

    def successor(enterprise: str) -> str:
        seen = set[str]()
        while enterprise in found.into and enterprise not in seen:
            seen.add(enterprise)
            enterprise = found.into[enterprise]
        return enterprise

    gone_into = {each: successor(each) for each in found.into if each not in now}
    for enterprise in sorted({*now, *then}):
        here_now = enterprise in now and district in (None, now[enterprise])
        here_then = enterprise in then and district in (None, then[enterprise])
        last = found.figures.get((enterprise, 2025))
        published = classify(last, OLD)[1]
        ruled, own = classify(last, NEW) if enterprise in then else ("missing", 0)
        if here_then:
            result.before += published
            result.parts["rule"] += own - published
        if here_then and not here_now:
            cause = "moved" if enterprise in now else "merged" if enterprise in gone_into else "revoked"
            result.parts[cause] -= own
        if not here_now:
            continue
        tier, counted = classify(found.figures.get((enterprise, 2026)), NEW)
        result.tiers[tier] += 1
        result.now += counted
        if enterprise in then and not here_then:
            result.parts["moved"] += own
        before_it = [each for each, into in gone_into.items() if into == enterprise and each in then]
        figures = [classify(found.figures.get((each, 2025)), NEW) for each in before_it]
        absorbed = sum(amount for _, amount in figures)
        result.parts["merged"] += absorbed
        left = counted - own - absorbed
        usable = {"core", "related_software", "related_hardware", "outside"}
        if tier == "missing":
            result.parts["missing"] += left
        elif ruled == "missing":
            result.parts["entry"] += left
        elif "undetermined" in (tier, ruled):
            result.parts["unusable"] += left
        else:
            result.parts["growth"] += left
        if tier in usable and (ruled in usable or any(each in usable for each, _ in figures)):
            result.same += 1
            result.same_now += counted
            result.same_before += own + absorbed
    return result


@pytest.mark.parametrize("seed", range(6))
def test_every_figure_is_that_of_the_oracle(world: World, seed: int) -> None:
    draw = random.Random(seed)
    build(world, draw)
    city, found = world.visit("city"), fold(world)
    assert world.store.today == date(2027, 2, 1)
    whole = Counter[str]()
    for district in (None, *DISTRICTS):
        asked, right = Selection(2026, district=district), expected(found, district)
        told = dashboards.totals(city, asked).row(0, named=True)
        assert {tier: told[tier] for tier in right.tiers} == dict(right.tiers)
        assert (told["counted_output"], told["enterprises"]) == (right.now, sum(right.tiers.values()))
        row = dashboards.growth(city, asked).row(0, named=True)
        assert (row["counted_output"], row["counted_output_before"]) == (right.now, right.before)
        assert (row["same"], row["counted_output_same"], row["counted_output_same_before"]) == (
            right.same,
            right.same_now,
            right.same_before,
        )
        parts = dashboards.decomposition(city, asked)
        assert parts == {name: right.parts[name] for name in decomposition.PARTS}
        assert sum(parts.values()) == right.now - right.before
        if district:
            whole.update(parts)
    # Over the districts a move and a merger take nothing and give nothing.
    assert whole["moved"] == whole["merged"] == 0
    assert {name: whole[name] for name in decomposition.PARTS} == dashboards.decomposition(city, NOW)


def test_the_closed_year_of_the_oracle_is_that_of_the_dashboards(world: World) -> None:
    build(world, random.Random(99))
    city, found = world.visit("city"), fold(world)
    counted = Counter[str]()
    for enterprise, district in register(found, 2025).items():
        counted[district] += classify(found.figures.get((enterprise, 2025)), OLD)[1]
    table = dashboards.totals(city, Selection(2025), "district")
    assert dict(table.select("district", "counted_output").iter_rows()) == {
        each: counted[each] for each in table["district"]
    }
