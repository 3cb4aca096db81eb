"""填报期: the rounds, who must file in one, and who may still file after its end."""

from dataclasses import asdict, replace
from datetime import date, timedelta
from typing import Final

import polars as pl

from core.access.permissions import Permission
from core.base.dictionaries import DISTRICTS
from core.base.errors import Conflict, Refused
from core.filing.round import LEGAL_HEAD, OBLIGED, Round, RoundCounts, RoundDraft
from core.filing.states import EDITABLE, STATES
from core.filing.unlock import Unlockable, Unlocked
from core.statistics.totals import PERIOD_ORDER
from data.access.visit import Visit
from data.directory import merged
from data.filing.periods import current_round, rounds
from data.messaging import messages
from data.store import beijing_sql
from data.store.rounds import round_of
from data.store.store import Row, Store, Transaction, per_version

#: A round for a year opens within it or within this many years behind it; else the year is a slip of the pen.
_LATEST: Final = 3
_LONGEST: Final = timedelta(days=366)
_HEAD_LONGEST: Final = 100
#: How many enterprises a search shows.
MOST: Final = 20
#: Every round with every enterprise that must file in it. 在库: admitted when the round opened, by Beijing's day.
_OBLIGED: Final = f"""
    SELECT r.id AS round_id, e.id AS enterprise_id, e.name, e.district
    FROM rounds r JOIN enterprises e ON e.known_since < {beijing_sql.start("r.closes + INTERVAL 1 DAY")}
        AND (r.districts = '' OR list_contains(string_split(r.districts, ','), e.district))
    LEFT JOIN (
        SELECT x.id AS round_id, a.enterprise_id, arg_max(a.admitted, a.seq) AS admitted
        FROM rounds x JOIN admissions a ON a.at_utc < {beijing_sql.start("x.opens")}
        WHERE x.obliged = 'admitted' GROUP BY x.id, a.enterprise_id
    ) s ON s.round_id = r.id AND s.enterprise_id = e.id
    LEFT JOIN mergers m ON m.enterprise_id = e.id AND m.into_id IS NOT NULL AND m.effective <= r.closes
    WHERE (r.obliged = 'all' OR s.admitted) AND m.enterprise_id IS NULL"""  # noqa: S608


@per_version
def must_file(store: Store, round_id: str) -> pl.DataFrame:
    """The enterprises that must file in a round, by name: enterprise_id, name, district (null: none filed yet)."""
    return store.frame(
        f"SELECT enterprise_id, name, district FROM ({_OBLIGED} AND r.id = $1) ORDER BY name, enterprise_id",  # noqa: S608
        [round_id],
    )


@per_version
def _obliged_counts(store: Store) -> dict[str, int]:
    rows = store.rows(f"SELECT round_id, count(*) AS enterprises FROM ({_OBLIGED}) GROUP BY round_id")  # noqa: S608
    return {row["round_id"]: row["enterprises"] for row in rows}


def listing(visit: Visit) -> list[tuple[Round, RoundCounts]]:
    """Every round, newest first, with what is counted of it."""
    visit.check(Permission.ROUND_MANAGE)
    counted = visit.store.rows(
        "SELECT r.id, count(f.id) AS saved, count(f.id) FILTER (WHERE NOT list_contains($1::VARCHAR[], f.state)) AS filed, "
        "count(f.id) FILTER (WHERE f.state = 'admitted') AS admitted, "
        "(SELECT max(x.revision) FROM facts x WHERE x.subject = 'round:' || r.id) AS revision "
        "FROM rounds r LEFT JOIN filings f ON f.round_id = r.id GROUP BY r.id",
        [list(EDITABLE)],
    )
    due = _obliged_counts(visit.store)
    counts = {row.pop("id"): row for row in counted}
    return [(each, RoundCounts(due.get(each.id, 0), **counts[each.id])) for each in rounds(visit.store)]


# --- setting rounds ----------------------------------------------------------------------------------


def _checked(transaction: Transaction, this_round: Round) -> None:
    """Raise Refused for a round that makes no sense or overlaps another."""
    year, opens, closes = this_round.year, this_round.opens, this_round.closes
    if not this_round.columns or set(this_round.columns) - set(PERIOD_ORDER):
        raise Refused("“开放的填报列”至少选一列，未保存。")
    if this_round.obliged not in OBLIGED:
        raise Refused(f"“填报对象”没有“{this_round.obliged[:20]}”这一项，未保存。")
    if unknown := set(this_round.districts) - DISTRICTS.keys():
        raise Refused(f"“区属范围”中没有“{min(unknown)[:20]}”这个区，未保存。")
    if this_round.valid_until and this_round.valid_until < closes:
        raise Refused(
            f"“有效期至”{this_round.valid_until} 早于“截止日期”{closes}，未保存。过了有效期的调查表，企业可以拒填。"
        )
    for name in ("form_number", "authority", "approval"):
        if len(getattr(this_round, name)) > _HEAD_LONGEST:
            raise Refused(f"“{LEGAL_HEAD[name]}”超过 {_HEAD_LONGEST} 字，未保存。请写得简短些。")
    if closes < opens:
        raise Refused(f"“截止日期”{closes} 早于“开始日期”{opens}，未保存。")
    if closes < transaction.today:
        raise Refused(f"“截止日期”{closes} 已经过去，未保存。请填今天或以后的日期。")
    if closes - opens > _LONGEST:
        raise Refused(f"从 {opens} 到 {closes} 超过一年，未保存。请核对日期。")
    if not year <= opens.year <= year + _LATEST:
        raise Refused(f"填报年度 {year} 与“开始日期”{opens} 不相称：填报期应在当年或其后 {_LATEST} 年内开始，未保存。")
    laid = {row["id"]: row for row in transaction.pending_rows("rounds")}
    found = transaction.find("SELECT id FROM rounds WHERE opens <= $1 AND closes >= $2", [closes, opens])
    near = [transaction.get("rounds", identity) for (identity,) in found if identity not in laid] + list(laid.values())
    for row in filter(None, near):
        if row["id"] != this_round.id and row["opens"] <= closes and row["closes"] >= opens:
            raise Refused(
                f"{opens} 至 {closes} 与“{round_of(row).name}”（{row['opens']} 至 {row['closes']}）重叠，未保存。"
                "同一天只能有一个填报期开放，企业才知道填的是哪一期；请错开日期，或为个别企业单独解锁。"
            )


def _body(this_round: Round) -> Row:
    return {
        "year": this_round.year,
        "columns": list(this_round.columns),
        "opens": this_round.opens.isoformat(),
        "closes": this_round.closes.isoformat(),
        "obliged": this_round.obliged,
        "districts": list(this_round.districts),
        "form_number": this_round.form_number,
        "authority": this_round.authority,
        "approval": this_round.approval,
        "valid_until": this_round.valid_until.isoformat() if this_round.valid_until else None,
    }


def _ordered(chosen: tuple[str, ...], order: tuple[str, ...]) -> tuple[str, ...]:
    """What was chosen in the order of its dictionary, whatever order it was chosen in."""
    return tuple(sorted(chosen, key=lambda code: order.index(code) if code in order else -1))


def _as_round(identity: str, draft: RoundDraft) -> Round:
    columns, districts = _ordered(draft.columns, PERIOD_ORDER), _ordered(draft.districts, tuple(DISTRICTS))
    return Round(identity, **asdict(replace(draft, columns=columns, districts=districts)))


def add(visit: Visit, draft: RoundDraft) -> str:
    """A new round; its id. Raises Refused for what does not fit."""
    visit.check(Permission.ROUND_MANAGE)
    year = draft.year

    def job(transaction: Transaction) -> str:
        number = 1
        while transaction.revision(f"round:{(identity := str(year) if number == 1 else f'{year}-{number}')}"):
            number += 1
        this_round = _as_round(identity, draft)
        _checked(transaction, this_round)
        transaction.append(visit.actor, "round.opened", f"round:{identity}", _body(this_round))
        return identity

    return visit.write(job)


def change(visit: Visit, identity: str, revision: int, draft: RoundDraft) -> None:
    """Change a round. Raises Refused for what does not fit, Conflict when somebody else was faster.

    Year, columns and the first day stand once anything was filed: the figures already given belong to them.
    """
    visit.check(Permission.ROUND_MANAGE)

    def job(transaction: Transaction) -> None:
        row = transaction.get("rounds", identity)
        if row is None:
            raise Refused("没有这个填报期，操作未执行。请刷新页面。")
        if transaction.revision(f"round:{identity}") != revision:
            raise Conflict("这个填报期刚刚被别人修改过，您的修改没有保存。请刷新页面后再改。")
        before = round_of(row)
        after = _as_round(identity, draft)
        old, new = _body(before), _body(after)
        changed = {name: value for name, value in new.items() if old[name] != value}
        if not changed:
            return
        fixed = [word for name, word in _FIXED.items() if name in changed]
        filed = fixed and transaction.find("SELECT count(*) FROM filings WHERE round_id = $1", [identity])[0][0]
        filed = filed or (fixed and any(each["round_id"] == identity for each in transaction.pending_rows("filings")))
        if filed:
            raise Refused(
                f"已有企业在“{before.name}”中保存过填报，{'、'.join(fixed)}不能再改：已填的数据属于原来的年度和列，改动会使其错位。"
                "截止日期、填报对象可以调整；确需更换的请另设填报期。未保存。"
            )
        _checked(transaction, after)
        transaction.append(visit.actor, "round.changed", f"round:{identity}", changed)

    visit.write(job)


#: What stands once anything was filed.
_FIXED: Final = {"year": "填报年度", "columns": "开放的填报列", "opens": "开始日期"}


# --- one enterprise after the end --------------------------------------------------------------------


def enterprises(visit: Visit, text: str) -> list[Unlockable]:
    """Enterprises whose name or credit code contains `text`, with the state of their filing in the current round, and
    in an earlier one where it was left unfinished. At most `MOST`.
    """
    visit.check(Permission.ROUND_MANAGE)
    this_round, text = current_round(visit), text.strip()
    if this_round is None or not text:
        return []
    condition, parameters = visit.scope_sql(5, enterprise="e.id", district="e.district")
    rows = visit.store.rows(
        "SELECT e.id || '.' || r.id AS filing_id, e.id AS enterprise_id, e.name, e.uscc, e.district, f.state, u.until "  # noqa: S608
        "FROM enterprises e JOIN rounds r ON r.opens <= (SELECT opens FROM rounds WHERE id = $1) "
        "LEFT JOIN filings f ON f.id = e.id || '.' || r.id LEFT JOIN filing_unlocks u ON u.filing_id = e.id || '.' || r.id "
        f"WHERE (contains(e.name, $2) OR contains(e.uscc, upper($2))) AND (r.id = $1 OR list_contains($4::VARCHAR[], f.state)) AND {condition} "
        "ORDER BY e.name, r.opens DESC LIMIT $3",
        [this_round.id, text, MOST, list(EDITABLE), *parameters],
    )
    names = _names(visit)
    return [Unlockable(**row, round=names[row["filing_id"].partition(".")[2]]) for row in rows]


def _names(visit: Visit) -> dict[str, str]:
    return {each.id: f"{each.name}（{each.opens} 至 {each.closes}）" for each in rounds(visit.store)}


def unlocked(visit: Visit) -> list[Unlocked]:
    """The filings that alone may still be filled in."""
    visit.check(Permission.ROUND_MANAGE)
    condition, parameters = visit.scope_sql(2, enterprise="e.id", district="e.district")
    rows = visit.store.rows(
        "SELECT u.filing_id, e.id AS enterprise_id, e.name, u.until, u.reason, "  # noqa: S608
        "coalesce(a.name, '') AS who, f.state FROM filing_unlocks u "
        "JOIN enterprises e ON split_part(u.filing_id, '.', 1) = e.id LEFT JOIN filings f ON f.id = u.filing_id "
        f"LEFT JOIN accounts a ON a.id = u.account_id WHERE u.until >= $1 AND {condition} ORDER BY u.until, e.name",
        [visit.store.today, *parameters],
    )
    names = _names(visit)
    return [Unlocked(**row, round=names[row["filing_id"].partition(".")[2]]) for row in rows]


def _unlockable(transaction: Transaction, visit: Visit, enterprise_id: str, this_round: Round | None) -> str:
    """The id of the enterprise's filing in this round. Raises Refused when it is not there or not to be seen."""
    enterprise = transaction.get("enterprises", enterprise_id)
    if this_round is None or enterprise is None or not visit.sees({**enterprise, "enterprise_id": enterprise_id}):
        raise Refused("没有这家企业，或不在您的管辖范围内，操作未执行。")
    return f"{enterprise_id}.{this_round.id}"


def _chosen(visit: Visit, round_id: str | None) -> Round | None:
    """The round that was chosen among those begun; the current one where none was."""
    if round_id is None:
        return current_round(visit)
    return next((each for each in rounds(visit.store) if each.id == round_id and each.opens <= visit.store.today), None)


def unlock(visit: Visit, enterprise_id: str, until: date, reason: str, *, round_id: str | None = None) -> None:
    """Let one enterprise file in the current or an earlier round until a day after its end. Raises Refused when that is of no use."""
    visit.check(Permission.ROUND_MANAGE)
    this_round, reason = _chosen(visit, round_id), reason.strip()
    if not 4 <= len(reason) <= 200:
        raise Refused("请用 4 至 200 个字写明解锁原因，企业的办理记录中会留下这段文字。未执行。")

    def job(transaction: Transaction) -> None:
        filing_id = _unlockable(transaction, visit, enterprise_id, this_round)
        assert this_round is not None
        merged.refuse(transaction, enterprise_id, "未执行")
        row = transaction.get("rounds", this_round.id)
        closes = row["closes"] if row else this_round.closes
        if until <= closes or until < transaction.today:
            raise Refused(f"“可填至”{until} 须晚于本期截止日 {closes}，且不早于今天。未执行。")
        if until > transaction.today + _LONGEST:
            raise Refused(f"“可填至”{until} 在一年以后，未执行。请核对日期。")
        state = (transaction.get("filings", filing_id) or {"state": "draft"})["state"]
        if state not in EDITABLE:
            raise Refused(f"该企业本期填报的状态是“{STATES[state]}”，解锁后仍不能修改，未执行。请先由审核员退回。")
        body = {"until": until.isoformat(), "reason": reason}
        transaction.append(visit.actor, "filing.unlocked", f"filing:{filing_id}", body)
        messages.send(
            transaction,
            visit.actor,
            to=messages.accounts_of(transaction, enterprise_id),
            title="本期填报已为贵企业重新开放",
            text=f"“{this_round.name}”已为贵企业重新开放，可填至 {until}。原因：{reason}。请在此前核对并提交。",
            link=f"/submit?round={this_round.id}",
        )

    visit.write(job)


def relock(visit: Visit, enterprise_id: str, *, round_id: str | None = None) -> None:
    """Take back an `unlock`; what was saved meanwhile stays."""
    visit.check(Permission.ROUND_MANAGE)
    this_round = _chosen(visit, round_id)

    def job(transaction: Transaction) -> None:
        filing_id = _unlockable(transaction, visit, enterprise_id, this_round)
        known = transaction.get("filing_unlocks", filing_id)
        if known is None or known["until"] is None:
            raise Refused("该企业没有被解锁，或已取消解锁。请刷新页面。")
        transaction.append(visit.actor, "filing.relocked", f"filing:{filing_id}", {"until": None, "reason": ""})

    visit.write(job)
