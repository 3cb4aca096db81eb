"""What the facts of this domain change in the tables that pages read: decisions, comments, corrections, and what is admitted."""

import json
from collections.abc import Mapping
from typing import Any, Final

from core.base import dictionaries
from core.filing import cells
from core.filing.model import IP_KINDS, read
from core.filing.round import Round
from core.filing.states import STATE_AFTER
from core.review import facts
from data.filing.projection import changed, headline
from data.store.rounds import round_of
from data.store.store import Fact, Handler, Row, Transaction, dump

#: Tables that are filled from the facts alone.
TABLES: Final = ("admissions", "figures", "comments")


def _filing_passed(transaction: Transaction, fact: Fact, body: facts.Decided) -> None:
    changed(transaction, fact, state=STATE_AFTER[fact.kind], decided_at=fact.at_utc, decided_by=fact.account_id)


def _filing_returned(transaction: Transaction, fact: Fact, body: facts.Decided) -> None:
    reasons = dump(body.reasons)
    changed(transaction, fact, state="returned", decided_at=fact.at_utc, decided_by=fact.account_id, reasons=reasons)


def _filing_admitted(transaction: Transaction, fact: Fact, body: facts.Decided) -> None:
    row = changed(transaction, fact, state="admitted", decided_at=fact.at_utc, decided_by=fact.account_id)
    _admitted(transaction, fact, row, body.behind)


def _corrected(transaction: Transaction, fact: Fact, body: facts.Corrected) -> None:
    """The filing stays admitted; what was admitted with it stands anew from now on, and as it was for any day before."""
    row = transaction.get("filings", fact.identity)
    assert row is not None, fact.subject
    content = cells.put(json.loads(row["content"]), body.path, body.after)
    columns = headline(transaction, row["round_id"], content)
    _admitted(transaction, fact, changed(transaction, fact, content=dump(content), **columns))


def _admitted(transaction: Transaction, fact: Fact, row: Row, behind: int | None = None) -> None:
    """A version of the admission and its figures, from the filing's content as of this fact; `behind` a later admission."""
    values, _ = read(json.loads(row["content"]))
    basic, technology = values["basic"], values["technology"]
    segments = technology["segments"] or []
    later = behind and transaction.get("admissions", behind)
    if later:
        # A later round has been admitted already: what it says of the enterprise stands.
        transaction.put("admissions", {**later, "seq": fact.seq, "at_utc": fact.at_utc})
        after = transaction.get("filings", later["filing_id"])
        assert after is not None, later["filing_id"]
        _admitted_figures(transaction, fact, row, values, behind=_round_of(transaction, after))
        return
    transaction.put(
        "admissions",
        {
            "seq": fact.seq,
            "at_utc": fact.at_utc,
            "enterprise_id": row["enterprise_id"],
            "filing_id": row["id"],
            "admitted": True,
            "name": basic["enterprise_name"],
            "uscc": basic["uscc"],
            "district": basic["district"],
            "size": basic["size"],
            "layer": dictionaries.main_layer(segments),
            "segments": ",".join(segments),
            "ip_count": technology["ip_count"],
            "developers": technology["algorithm_staff"],
            "insured_staff": technology["insured_staff"],
            "effective": None,
            **_people_and_rights(basic, technology),
        },
    )
    enterprise = transaction.get("enterprises", row["enterprise_id"])
    if enterprise:
        # Not the name: the sign-in says it, and may have said another since this was filed.
        transaction.put("enterprises", {**enterprise, "district": basic["district"]})
        placement = transaction.get("placements", row["enterprise_id"])
        if placement and placement["organisation_id"] and enterprise["district"] != basic["district"]:
            # A park of another district is not its park any more.
            transaction.put("placements", {**placement, "organisation_id": None})
    _admitted_figures(transaction, fact, row, values)


def _round_of(transaction: Transaction, filing: Row) -> Round:
    row = transaction.get("rounds", filing["round_id"])
    assert row is not None, filing["round_id"]
    return round_of(row)


def _admitted_figures(
    transaction: Transaction, fact: Fact, row: Row, values: Row, *, behind: Round | None = None
) -> None:
    """The figures of an admission; `behind` a later round that stands, not those it asked for, nor forecasts."""
    this_round = _round_of(transaction, row)
    for year in values["business"]["years"] or ():
        for period in ("q1", "q2", "q3", "full_year"):
            figures = year[period]
            if figures["total_revenue"] is None and figures["ai_revenue"] is None:
                continue
            forecast = period == "full_year" and year["year"] == this_round.year and this_round.forecast
            if behind and (forecast or (year["year"] == behind.year and period in behind.columns)):
                continue
            transaction.put(
                "figures",
                {
                    "seq": fact.seq,
                    "year": year["year"],
                    "period": period,
                    "enterprise_id": row["enterprise_id"],
                    "at_utc": fact.at_utc,
                    "forecast": forecast,
                    "withdrawn": False,
                    **figures,
                },
            )


def _people_and_rights(basic: Mapping[str, Any], technology: Mapping[str, Any]) -> Row:
    """The columns of 0017: heads by degree, listed rights by kind, honours and standards (0 where “否”), for the size rule."""
    kinds = [right["kind"] for right in technology["ip_rights"] or ()]
    claimed = {
        rows: technology[flag] and len(technology[rows] or ())
        for flag, rows in (("has_honours", "honours"), ("has_standards", "standards"))
    }
    return {
        **{
            name: technology[name]
            for name in ("software_staff", "insured_doctors", "insured_masters", "insured_bachelors")
        },
        **{f"ip_{kind}": kinds.count(kind) for kind in IP_KINDS},
        **{rows: None if count is None else int(count) for rows, count in claimed.items()},
        "industry": basic["industry"],
        "total_assets": basic["total_assets"],
    }


def _filing_revoked(transaction: Transaction, fact: Fact, body: facts.Decided) -> None:
    row = changed(transaction, fact, state="revoked", decided_at=fact.at_utc, decided_by=fact.account_id)
    columns = transaction.columns("admissions")
    transaction.put(
        "admissions",
        dict.fromkeys(columns)
        | {
            "seq": fact.seq,
            "at_utc": fact.at_utc,
            "enterprise_id": row["enterprise_id"],
            "filing_id": row["id"],
            "admitted": False,
        },
    )


def _filing_commented(transaction: Transaction, fact: Fact, body: facts.Commented) -> None:
    row = {"seq": fact.seq, "filing_id": fact.identity, "at_utc": fact.at_utc, "account_id": fact.account_id}
    transaction.put("comments", {**row, **body.given})


def _filing_undone(transaction: Transaction, fact: Fact, body: facts.Undone) -> None:
    row = changed(
        transaction, fact, state=body.state, decided_at=body.decided_at, decided_by=body.decided_by, reasons="{}"
    )
    if "admission" not in body.given:
        return
    # What counted before counts again from now on; nothing is taken out, so that the time between can be asked for.
    now: Row = {"seq": fact.seq, "at_utc": fact.at_utc}
    nothing = dict.fromkeys(transaction.columns("admissions")) | {
        "enterprise_id": row["enterprise_id"],
        "filing_id": row["id"],
        "admitted": False,
    }
    admission = body.admission and transaction.get("admissions", body.admission)
    transaction.put("admissions", {**(admission or nothing), **now})
    for year, period, seq in body.figures:
        figures = transaction.get("figures", body.of if seq is None else seq, year, period)
        assert figures is not None, (body.of, seq, year, period)
        transaction.put("figures", {**figures, **now, "withdrawn": seq is None or figures["withdrawn"]})
    enterprise = transaction.get("enterprises", row["enterprise_id"])
    if enterprise:
        transaction.put("enterprises", {**enterprise, "district": body.district})
    placement = transaction.get("placements", row["enterprise_id"])
    if placement and "organisation_id" in body.given:
        transaction.put("placements", {**placement, "organisation_id": body.organisation_id})


HANDLERS: Final[Mapping[str, Handler]] = {
    "filing.passed": _filing_passed,
    "filing.returned": _filing_returned,
    "filing.admitted": _filing_admitted,
    "filing.revoked": _filing_revoked,
    "filing.undone": _filing_undone,
    "filing.commented": _filing_commented,
    "enterprise.corrected": _corrected,
}
