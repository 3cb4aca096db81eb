"""The projections: what each kind of fact changes in the tables that pages read.

`project` is the one function: the writer calls it for every new fact, `rebuild` for all of them.
"""

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final

from core.base import dictionaries
from core.base.dictionaries import DISTRICTS
from core.filing import correction
from core.filing.model import IP_KINDS, Content, Figures, YearFigures, apply, read, read_part
from core.filing.round import Round
from core.filing.states import STATE_AFTER
from core.rule.policy import clauses
from data.store.rounds import round_of
from data.store.store import Fact, Row, Transaction, dump

#: Tables that can be emptied and filled again from the facts.
PROJECTED: Final = (
    "rounds",
    "enterprises",
    "designations",
    "filings",
    "admissions",
    "figures",
    "accounts",
    "attachments",
    "positions",
    "reminders",
    "organisations",
    "placements",
    "roles",
    "filing_unlocks",
    "messages",
    "message_recipients",
    "notices",
    "policies",
    "parameters",
    "comments",
    "moves",
    "mergers",
    "planned_changes",
    "projects",
    "matches",
    "meetings",
    "meeting_decisions",
    "scenarios",
)


def project(transaction: Transaction, fact: Fact) -> None:
    """Apply `fact` to the projections; kinds without one are kept as facts only."""
    if handler := _HANDLERS.get(fact.kind):
        handler(transaction, fact)


def _identity(subject: str) -> str:
    return subject.split(":", 1)[1]


def _round(transaction: Transaction, fact: Fact) -> None:
    known = transaction.get("rounds", _identity(fact.subject)) if fact.revision > 1 else None
    # The first rounds did not say who must file: everybody.
    row = known or {"id": _identity(fact.subject), "obliged": "all", "districts": ""}
    lists: Row = {name: ",".join(fact.body[name]) for name in ("columns", "districts") if name in fact.body}
    days: Row = {name: date.fromisoformat(fact.body[name]) for name in ("opens", "closes") if name in fact.body}
    transaction.put("rounds", {**row, **fact.body, **lists, **days})


def _unlock(transaction: Transaction, fact: Fact) -> None:
    filing = _identity(fact.subject)
    until = fact.body.get("until")
    row = {
        "filing_id": filing,
        "until": date.fromisoformat(until) if until else None,
        "reason": fact.body["reason"],
        "account_id": fact.account_id,
        "at_utc": fact.at_utc,
    }
    transaction.put("filing_unlocks", row)
    if transaction.get("filings", filing):  # an enterprise may be let in before it has saved anything
        _changed(transaction, fact)


def _enterprise(transaction: Transaction, fact: Fact) -> None:
    known = transaction.get("enterprises", _identity(fact.subject)) if fact.revision > 1 else None
    row = known or {"id": _identity(fact.subject), "district": None, "known_since": fact.at_utc}
    transaction.put("enterprises", {**row, **fact.body})


def _designation(transaction: Transaction, fact: Fact) -> None:
    transaction.put("designations", {"name": _identity(fact.subject), **fact.body})


def _account(transaction: Transaction, fact: Fact) -> None:
    # A first revision has no row to change; looking for one costs a query each when many are loaded.
    known = transaction.get("accounts", _identity(fact.subject)) if fact.revision > 1 else None
    row = known or {
        "id": _identity(fact.subject),
        "enterprise_id": None,
        "organisation_id": None,
        "active": True,
        "demonstration": False,
        "principal": False,
        "position_id": None,
    }
    body = dict(fact.body)
    if "district" in body:  # what the organisation was called before there were any but districts
        body["organisation_id"] = body.pop("district")
    transaction.put("accounts", {**row, **body})


def _position(transaction: Transaction, fact: Fact) -> None:
    row = transaction.get("positions", _identity(fact.subject)) or {"id": _identity(fact.subject), "active": True}
    transaction.put("positions", {**row, **fact.body})


def _organisation(transaction: Transaction, fact: Fact) -> None:
    row = transaction.get("organisations", _identity(fact.subject)) or {"id": _identity(fact.subject), "active": True}
    transaction.put("organisations", {**row, **fact.body})


def _placement(transaction: Transaction, fact: Fact) -> None:
    transaction.put("placements", {"enterprise_id": _identity(fact.subject), **fact.body})


def _role(transaction: Transaction, fact: Fact) -> None:
    row = transaction.get("roles", _identity(fact.subject)) or {"code": _identity(fact.subject), "active": True}
    lists: Row = {name: ",".join(fact.body[name]) for name in ("permissions", "organisations") if name in fact.body}
    transaction.put("roles", {**row, **fact.body, **lists})


def _message(transaction: Transaction, fact: Fact) -> None:
    identity, body = _identity(fact.subject), fact.body
    row = {name: body[name] for name in ("kind", "title", "text", "link")}
    row |= {"id": identity, "at_utc": fact.at_utc, "sender_id": fact.account_id, "recipients": len(body["recipients"])}
    transaction.put("messages", {**row, "thread": body["thread"] or identity})
    for account in body["recipients"]:
        transaction.put("message_recipients", {"message_id": identity, "account_id": account})


def _notice(transaction: Transaction, fact: Fact) -> None:
    body: Row = dict(fact.body)
    body |= {name: ",".join(body[name]) for name in ("roles", "districts") if name in body}
    if body.get("until"):
        body["until"] = date.fromisoformat(body["until"])
    row = transaction.get("notices", _identity(fact.subject)) or {
        "id": _identity(fact.subject),
        "state": "draft",
        "author_id": fact.account_id,
        "published_at": None,
    }
    published = {"published_at": fact.at_utc} if body.get("state") == "published" else {}
    transaction.put("notices", {**row, **body, **published, "revision": fact.revision, "changed_at": fact.at_utc})


def _reminder(transaction: Transaction, fact: Fact) -> None:
    row = {
        "seq": fact.seq,
        "enterprise_id": _identity(fact.subject),
        "at_utc": fact.at_utc,
        "account_id": fact.account_id,
    }
    transaction.put("reminders", {**row, **fact.body})


def _policy(transaction: Transaction, fact: Fact) -> None:
    """The bureau's versions: drafted and changed with their content, published or withdrawn as they stand."""
    identity = _identity(fact.subject)
    row = transaction.get("policies", identity) or {
        "id": identity,
        "policy": "{}",
        "authors": "",
        "published_by": None,
        "published_seq": None,
    }
    row = {**row, "state": {"policy.published": "published", "policy.withdrawn": "withdrawn"}.get(fact.kind, "draft")}
    if fact.kind == "policy.published":
        row |= {"published_by": fact.account_id, "published_seq": fact.seq}
    elif fact.kind != "policy.withdrawn":
        policy = {**json.loads(row["policy"]), **fact.body}
        authors = [*(each for each in row["authors"].split(",") if each not in ("", fact.account_id)), fact.account_id]
        day = date.fromisoformat(policy["effective_from"])
        row |= {
            "policy": dump(policy),
            "version": policy["version"],
            "effective_from": day,
            "authors": ",".join(authors),
        }
    transaction.put("policies", row)


def _parameter(transaction: Transaction, fact: Fact) -> None:
    row = {
        "code": _identity(fact.subject),
        "value": fact.body["value"],
        "account_id": fact.account_id,
        "at_utc": fact.at_utc,
    }
    transaction.put("parameters", row)


def _attachment(transaction: Transaction, fact: Fact) -> None:
    transaction.put("attachments", {"id": _identity(fact.subject), "added_at": fact.at_utc, **fact.body})


def _filing_opened(transaction: Transaction, fact: Fact) -> None:
    content = fact.body["content"]
    transaction.put(
        "filings",
        {
            "id": _identity(fact.subject),
            "enterprise_id": fact.body["enterprise_id"],
            "round_id": fact.body["round_id"],
            "state": "draft",
            "revision": fact.revision,
            **_headline(transaction, fact.body["round_id"], content),
            "content": dump(content),
            "first_draft": "",
            "opened_at": fact.at_utc,
            "saved_at": fact.at_utc,
            "submitted_at": None,
            "decided_at": None,
            "reasons": "{}",
            "decided_by": None,
            "explained": 0,
        },
    )


def _changed(transaction: Transaction, fact: Fact, **changes: Any) -> Row:
    row = transaction.get("filings", _identity(fact.subject))
    assert row is not None, fact.subject
    row = {**row, "revision": fact.revision, **changes}
    transaction.put("filings", row)
    return row


def _filing_saved(transaction: Transaction, fact: Fact) -> None:
    row = transaction.get("filings", _identity(fact.subject))
    assert row is not None, fact.subject
    content = apply(json.loads(row["content"]), fact.body["patch"])
    text = dump(content)
    headline = _headline(transaction, row["round_id"], content)
    # What was first saved for this round's figures is kept, to see later whether a line was crossed.
    first = row["first_draft"] or ("" if headline["ai_revenue"] is None else text)
    explained = sum(bool(said) for said in content.get("explanations", {}).values())
    _changed(transaction, fact, content=text, first_draft=first, saved_at=fact.at_utc, explained=explained, **headline)


def _headline(transaction: Transaction, round_id: str, content: Content) -> Row:
    """The columns of a filing that lists show, read from its content."""
    round_row = transaction.get("rounds", round_id)
    assert round_row is not None, round_id
    this_round = round_of(round_row)
    basic = content.get("basic", {})
    district = basic.get("district")
    return {
        "name": str(basic.get("enterprise_name") or ""),
        "district": district if district in DISTRICTS else None,
        **_amounts(content.get("business"), this_round.year, this_round.columns[-1]),
    }


def _amounts(business: Any, year: int, period: str) -> Row:
    """The amounts of one year and column, all None when not filed; only these are read, as every save asks."""
    rows = business.get("years") if isinstance(business, Mapping) else None
    for row in rows if isinstance(rows, list) else ():
        given = row if isinstance(row, Mapping) else {}
        if read_part(YearFigures, {"year": given.get("year")}, "")[0]["year"] == year:
            return read_part(Figures, given.get(period), "")[0]
    return read_part(Figures, None, "")[0]


def _filing_submitted(transaction: Transaction, fact: Fact) -> None:
    _changed(transaction, fact, state="submitted", submitted_at=fact.at_utc, reasons="{}")


def _filing_passed(transaction: Transaction, fact: Fact) -> None:
    _changed(transaction, fact, state=STATE_AFTER[fact.kind], decided_at=fact.at_utc, decided_by=fact.account_id)


def _filing_returned(transaction: Transaction, fact: Fact) -> None:
    reasons = dump(fact.body["reasons"])
    _changed(transaction, fact, state="returned", decided_at=fact.at_utc, decided_by=fact.account_id, reasons=reasons)


def _filing_admitted(transaction: Transaction, fact: Fact) -> None:
    _admitted(
        transaction,
        fact,
        _changed(transaction, fact, state="admitted", decided_at=fact.at_utc, decided_by=fact.account_id),
    )


def _corrected(transaction: Transaction, fact: Fact) -> None:
    """The filing stays admitted; what was admitted with it stands anew from now on, and as it was for any day before."""
    row = transaction.get("filings", _identity(fact.subject))
    assert row is not None, fact.subject
    content = correction.corrected(json.loads(row["content"]), fact.body["path"], fact.body["after"])
    headline = _headline(transaction, row["round_id"], content)
    _admitted(transaction, fact, _changed(transaction, fact, content=dump(content), **headline))


def _admitted(transaction: Transaction, fact: Fact, row: Row) -> None:
    """A version of the admission and its figures, from the filing's content as of this fact."""
    values, _ = read(json.loads(row["content"]))
    basic, technology = values["basic"], values["technology"]
    segments = technology["segments"] or []
    later = fact.body.get("behind") and transaction.get("admissions", fact.body["behind"])
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


def _project_opened(transaction: Transaction, fact: Fact) -> None:
    row = {
        "id": _identity(fact.subject),
        "state": "open",
        "reason": "",
        "opened_at": fact.at_utc,
        "revision": fact.revision,
    }
    transaction.put("projects", {**row, **fact.body})


def _project_ended(transaction: Transaction, fact: Fact) -> None:
    row = transaction.get("projects", _identity(fact.subject))
    assert row is not None, fact.subject
    ended = {"state": fact.body["outcome"], "reason": fact.body["reason"], "revision": row["revision"] + 1}
    transaction.put("projects", {**row, **ended})


def _match_proposed(transaction: Transaction, fact: Fact) -> None:
    row = {"id": _identity(fact.subject), "proposed_at": fact.at_utc, "demand": None, "supply": None}
    transaction.put("matches", {**row, **fact.body})


def _match_answered(transaction: Transaction, fact: Fact) -> None:
    row = transaction.get("matches", _identity(fact.subject))
    assert row is not None, fact.subject
    row = {**row, fact.body["side"]: fact.body["agreed"]}
    transaction.put("matches", row)
    project = transaction.get("projects", row["project_id"])
    if project and row["demand"] and row["supply"]:
        transaction.put("projects", {**project, "state": "matched", "revision": project["revision"] + 1})


def _meeting(transaction: Transaction, fact: Fact) -> None:
    identity, body = _identity(fact.subject), fact.body
    known = transaction.get("meetings", identity) if fact.revision > 1 else None
    none = {"scenario": "", "parameters": "{}", "notes": "{}", "as_of": None, "policy": "", "kept": ""}
    row = known or {"id": identity, "opened_by": fact.account_id, **none}
    day: Row = {"day": date.fromisoformat(body["day"])} if "day" in body else {}
    scenario: Row = {"parameters": dump(body["parameters"])} if "parameters" in body else {}
    frozen: Row = {}
    if fact.kind == "meeting.frozen":
        frozen = {
            "as_of": datetime.fromisoformat(body["as_of"]),
            "policy": dump(body["policy"]),
            "kept": dump(body["kept"]),
        }
    transaction.put("meetings", {**row, **body, **day, **scenario, **frozen})


def _meeting_noted(transaction: Transaction, fact: Fact) -> None:
    row = transaction.get("meetings", _identity(fact.subject))
    assert row is not None, fact.subject
    notes = json.loads(row["notes"]) | {fact.body["screen"]: fact.body["text"]}
    transaction.put("meetings", {**row, "notes": dump({screen: text for screen, text in notes.items() if text})})


def _meeting_decision(transaction: Transaction, fact: Fact) -> None:
    key = {"meeting_id": _identity(fact.subject), "number": fact.body["number"]}
    row = transaction.get("meeting_decisions", *key.values()) or {**key, "done": False}
    due: Row = {"due": date.fromisoformat(fact.body["due"])} if fact.body.get("due") else {}
    struck: Row = {"text": ""} if fact.kind == "meeting.struck" else {}
    transaction.put("meeting_decisions", {**row, **fact.body, **due, **struck})


def _scenario(transaction: Transaction, fact: Fact) -> None:
    """Of a scenario its words and parameters; who saved it and when stay as they were at first."""
    identity, body = _identity(fact.subject), fact.body
    row = transaction.get("scenarios", identity) or {
        "id": identity,
        "account_id": fact.account_id,
        "at_utc": fact.at_utc,
        "active": True,
        "version": body["version"],
        "changes": dump({name: value for name, value in body.items() if name in clauses()}),
    }
    words: Row = {name: body[name] for name in ("name", "note", "active") if name in body}
    transaction.put("scenarios", {**row, **words, "revision": fact.revision})


def _filing_revoked(transaction: Transaction, fact: Fact) -> None:
    row = _changed(transaction, fact, state="revoked", decided_at=fact.at_utc, decided_by=fact.account_id)
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


def _filing_commented(transaction: Transaction, fact: Fact) -> None:
    row = {"seq": fact.seq, "filing_id": _identity(fact.subject), "at_utc": fact.at_utc, "account_id": fact.account_id}
    transaction.put("comments", {**row, **fact.body})


def _enterprise_moved(transaction: Transaction, fact: Fact) -> None:
    identity, district = _identity(fact.subject), fact.body["district"]
    transaction.put(
        "moves",
        {
            "enterprise_id": identity,
            "district": district,
            "effective": date.fromisoformat(fact.body["from"]),
            "reason": fact.body["reason"],
            "at_utc": fact.at_utc,
        },
    )
    enterprise = transaction.get("enterprises", identity)
    assert enterprise is not None, identity
    transaction.put("enterprises", {**enterprise, "district": district})
    if placement := transaction.get("placements", identity):
        transaction.put("placements", {**placement, "organisation_id": None})
    for name in fact.body["filings"]:
        row = transaction.get("filings", name)
        assert row is not None, name
        content = apply(json.loads(row["content"]), {"basic.district": district})
        transaction.put("filings", {**row, "district": district, "content": dump(content)})
    if fact.body["admission"] is not None:
        admission = transaction.get("admissions", fact.body["admission"])
        assert admission is not None, fact.body["admission"]
        transaction.put("admissions", {**admission, "seq": fact.seq, "at_utc": fact.at_utc, "district": district})
    _plan_over(transaction, fact, "move")


def _planned(transaction: Transaction, fact: Fact) -> None:
    body = fact.body
    row = {name: body[name] for name in ("change", "target", "reason", "document")}
    row |= {
        "enterprise_id": _identity(fact.subject),
        "effective": date.fromisoformat(body["from"]),
        "account_id": fact.account_id,
    }
    transaction.put("planned_changes", {**row, "at_utc": fact.at_utc, "seq": fact.seq})


def _plan_withdrawn(transaction: Transaction, fact: Fact) -> None:
    _plan_over(transaction, fact, fact.body["change"])


def _plan_over(transaction: Transaction, fact: Fact, change: str) -> None:
    """What was planned is done or withdrawn."""
    row = transaction.get("planned_changes", _identity(fact.subject), change)
    if row and row["target"]:
        transaction.put("planned_changes", {**row, "target": None, "at_utc": fact.at_utc, "seq": fact.seq})


def _merged(transaction: Transaction, fact: Fact) -> None:
    """From now on it is not counted; for any day before, and in its figures, it stays as it was."""
    body, now = fact.body, {"at_utc": fact.at_utc, "seq": fact.seq}
    row = {name: body[name] for name in ("reason", "document", "admission")}
    row |= {
        "enterprise_id": _identity(fact.subject),
        "into_id": body["into"],
        "effective": date.fromisoformat(body["from"]),
    }
    transaction.put("mergers", {**row, **now})
    if body["admission"] is not None:
        admission = transaction.get("admissions", body["admission"])
        assert admission is not None, body["admission"]
        transaction.put("admissions", {**admission, **now, "admitted": False})
    _plan_over(transaction, fact, "merge")


def _unmerged(transaction: Transaction, fact: Fact) -> None:
    row, now = transaction.get("mergers", _identity(fact.subject)), {"at_utc": fact.at_utc, "seq": fact.seq}
    assert row is not None, fact.subject
    transaction.put("mergers", {**row, **now, "into_id": None, "admission": None, "reason": fact.body["reason"]})
    if fact.body["admission"] is not None:
        admission = transaction.get("admissions", fact.body["admission"])
        assert admission is not None, fact.body["admission"]
        transaction.put("admissions", {**admission, **now})


def _filing_undone(transaction: Transaction, fact: Fact) -> None:
    body = fact.body
    at = datetime.fromisoformat(body["decided_at"]) if body["decided_at"] else None
    row = _changed(transaction, fact, state=body["state"], decided_at=at, decided_by=body["decided_by"], reasons="{}")
    if "admission" not in body:
        return
    # What counted before counts again from now on; nothing is taken out, so that the time between can be asked for.
    now: Row = {"seq": fact.seq, "at_utc": fact.at_utc}
    nothing = dict.fromkeys(transaction.columns("admissions")) | {
        "enterprise_id": row["enterprise_id"],
        "filing_id": row["id"],
        "admitted": False,
    }
    admission = body["admission"] and transaction.get("admissions", body["admission"])
    transaction.put("admissions", {**(admission or nothing), **now})
    for year, period, seq in body["figures"]:
        figures = transaction.get("figures", body["of"] if seq is None else seq, year, period)
        assert figures is not None, (body["of"], seq, year, period)
        transaction.put("figures", {**figures, **now, "withdrawn": seq is None or figures["withdrawn"]})
    enterprise = transaction.get("enterprises", row["enterprise_id"])
    if enterprise:
        transaction.put("enterprises", {**enterprise, "district": body["district"]})
    placement = transaction.get("placements", row["enterprise_id"])
    if placement and "organisation_id" in body:
        transaction.put("placements", {**placement, "organisation_id": body["organisation_id"]})


_HANDLERS: Final[dict[str, Callable[[Transaction, Fact], None]]] = {
    "round.opened": _round,
    "round.changed": _round,
    "parameter.set": _parameter,
    "policy.drafted": _policy,
    "policy.changed": _policy,
    "policy.published": _policy,
    "policy.withdrawn": _policy,
    "filing.unlocked": _unlock,
    "filing.relocked": _unlock,
    "enterprise.registered": _enterprise,
    "designation.recorded": _designation,
    "account.created": _account,
    "account.changed": _account,
    "position.created": _position,
    "position.changed": _position,
    "position.removed": _position,
    "organisation.created": _organisation,
    "organisation.changed": _organisation,
    "organisation.removed": _organisation,
    "enterprise.placed": _placement,
    "role.created": _role,
    "role.changed": _role,
    "role.removed": _role,
    "message.sent": _message,
    "notice.drafted": _notice,
    "notice.changed": _notice,
    "notice.published": _notice,
    "notice.withdrawn": _notice,
    "reminder.sent": _reminder,
    "attachment.added": _attachment,
    "filing.opened": _filing_opened,
    "filing.saved": _filing_saved,
    "filing.submitted": _filing_submitted,
    "filing.passed": _filing_passed,
    "filing.returned": _filing_returned,
    "filing.admitted": _filing_admitted,
    "filing.revoked": _filing_revoked,
    "filing.undone": _filing_undone,
    "filing.commented": _filing_commented,
    "enterprise.moved": _enterprise_moved,
    "enterprise.planned": _planned,
    "enterprise.plan_withdrawn": _plan_withdrawn,
    "enterprise.merged": _merged,
    "enterprise.unmerged": _unmerged,
    "enterprise.corrected": _corrected,
    "project.opened": _project_opened,
    "project.ended": _project_ended,
    "match.proposed": _match_proposed,
    "match.answered": _match_answered,
    "meeting.opened": _meeting,
    "meeting.changed": _meeting,
    "meeting.frozen": _meeting,
    "meeting.noted": _meeting_noted,
    "meeting.decided": _meeting_decision,
    "meeting.struck": _meeting_decision,
    "meeting.settled": _meeting_decision,
    "scenario.saved": _scenario,
    "scenario.changed": _scenario,
    "scenario.removed": _scenario,
    "scenario.restored": _scenario,
}
