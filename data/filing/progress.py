"""填报进度: who must file in a round, how far each is, and what the city's total still hangs on. Once per version."""

from typing import Final

import polars as pl

from core.access.permissions import Permission
from core.base import dictionaries
from core.base.errors import Refused
from core.base.terms import SIZES
from core.filing.reminders import COUNTED, FILED, ORDERS, UNFINISHED, VIEWS, RoundProgress, table
from core.filing.round import Round
from core.filing.states import CITY_REVIEW, STATE_AFTER
from data.access.visit import Visit
from data.audit.log import downloaded
from data.directory.classified import newest_figures
from data.filing import rounds
from data.filing.periods import rounds as all_rounds
from data.store import beijing_sql
from data.store.store import Store, per_version

_CODES: Final[dict[str, tuple[str, ...]]] = {
    "district": tuple(dictionaries.district_names()),
    "segment": tuple(dictionaries.segment_names()),
    "size": tuple(SIZES),
}
GROUPS: Final = {"district": "区属", "segment": "产业链环节", "size": "企业规模"}


def round_of(visit: Visit, identity: str) -> Round:
    """A round by its id. Raises Refused."""
    visit.check(Permission.PROGRESS_READ)
    found = [each for each in all_rounds(visit.store) if each.id == identity]
    if not found:
        raise Refused("没有这个填报期，可能地址有误。请重新选择。")
    return found[0]


def rounds_begun(visit: Visit) -> list[Round]:
    """The rounds that have begun, newest first."""
    visit.check(Permission.PROGRESS_READ)
    return [each for each in all_rounds(visit.store) if each.opens <= visit.store.today]


@per_version
def of_round(store: Store, round_id: str) -> pl.DataFrame:
    """A row for every enterprise that must file: enterprise_id, name, district, size, segments (comma-separated), progress
    (a key of core.filing.reminders.PROGRESS), saved_at, submitted_at, unreported_revenue (yuan: its newest 总收入 of a full year, null when
    none is known), reminders (how many), reminded_at.

    As long as an enterprise has not filed, what it adds to the city's counted output may be anything from nothing to
    its 总收入: so much the total is narrowed when it files.
    """
    filed = store.frame(
        "SELECT f.enterprise_id, f.district AS filed_district, f.state, f.revision, f.saved_at, f.submitted_at, "
        "f.content->>'$.basic.size' AS filed_size, "
        "array_to_string(CAST(f.content->'$.technology.segments' AS VARCHAR[]), ',') AS filed_segments "
        "FROM filings f WHERE f.round_id = $1",
        [round_id],
    )
    known = store.frame(
        "SELECT enterprise_id, arg_max(size, seq) AS known_size, arg_max(segments, seq) AS known_segments "
        "FROM admissions WHERE admitted GROUP BY enterprise_id"
    )
    reminded = store.frame(
        "SELECT enterprise_id, count(*)::BIGINT AS reminders, max(at_utc) AS reminded_at FROM reminders "
        "WHERE round_id = $1 AND level = 'enterprise' GROUP BY enterprise_id",
        [round_id],
    )
    figures = newest_figures(store).filter((pl.col("period") == "full_year") & pl.col("total_revenue").is_not_null())
    stake = (
        figures.sort("year").group_by("enterprise_id").agg(pl.col("total_revenue").last().alias("unreported_revenue"))
    )
    frame = rounds.must_file(store, round_id)
    for other in (filed, known, reminded, stake):
        frame = frame.join(other, on="enterprise_id", how="left", maintain_order="left")
    return frame.select(
        "enterprise_id",
        "name",
        pl.coalesce("filed_district", "district").alias("district"),
        pl.coalesce("filed_size", "known_size").alias("size"),
        pl.coalesce(pl.col("filed_segments").replace("", None), "known_segments").alias("segments"),
        pl.col("state").fill_null("missing").alias("progress"),
        "saved_at",
        "submitted_at",
        "unreported_revenue",
        pl.col("reminders").fill_null(0),
        "reminded_at",
    )


def listing(visit: Visit, this_round: Round) -> pl.DataFrame:
    """The rows of `of_round` within the scope."""
    visit.check(Permission.PROGRESS_READ)
    return visit.scope.within(of_round(visit.store, this_round.id))


def grouped(frame: pl.DataFrame, by: str | None = None) -> pl.DataFrame:
    """`listing` counted: due, filed and each of core.filing.reminders.COUNTED; by a key of `GROUPS` or in all.

    An enterprise of several segments counts in each of them.
    """
    counts = [
        pl.len().cast(pl.Int64).alias("due"),
        pl.col("progress").is_in(FILED).sum().cast(pl.Int64).alias("filed"),
        *((pl.col("progress") == state).sum().cast(pl.Int64).alias(state) for state in COUNTED),
    ]
    if by is None:
        return frame.select(counts)
    if by == "segment":
        frame = frame.with_columns(pl.col("segments").fill_null("").str.split(",").alias("segment")).explode("segment")
    places = {code: place for place, code in enumerate(_CODES[by])}
    table = frame.group_by(pl.col(by).fill_null("")).agg(counts)
    return table.sort(pl.col(by).replace_strict(places, default=len(places), return_dtype=pl.Int64))


def whole(frame: pl.DataFrame) -> RoundProgress:
    """The counts of all rows of `listing`."""
    row = grouped(frame).row(0, named=True)
    return RoundProgress(passed=row.pop(CITY_REVIEW), **row)


def unfinished(frame: pl.DataFrame, order: str = "stake") -> pl.DataFrame:
    """Who still has something to do, ordered by what the total hangs on ("stake"), "name" or "reminded" (longest ago first)."""
    frame = frame.filter(pl.col("progress").is_in(UNFINISHED))
    if order == "name":
        return frame.sort("name", "enterprise_id")
    if order == "reminded":
        return frame.sort("reminded_at", "name", "enterprise_id", nulls_last=False)
    return frame.sort("unreported_revenue", "name", "enterprise_id", descending=[True, False, False], nulls_last=True)


def listed(visit: Visit, this_round: Round, view: str, order: str) -> pl.DataFrame:
    """Those of `listing` on the list `view` (a key of core.filing.reminders.VIEWS), in the order of `unfinished`."""
    frame = unfinished(listing(visit, this_round), order)
    return frame if view == "unfinished" else frame.filter(pl.col("progress") == view)


def export(visit: Visit, round_id: str, view: str, order: str, name: str) -> pl.DataFrame:
    """`listed` in words, noted in the log as handed out under this file name. Raises Refused for no such list."""
    this_round = round_of(visit, round_id)
    if view not in VIEWS or order not in ORDERS:
        raise Refused("没有这种名单，没有导出。请从“填报进度”页导出。")
    rows = table(listed(visit, this_round, view, order))
    downloaded(visit, "export:progress", name, filters=f"{this_round.id}，{VIEWS[view]}")
    return rows


@per_version
def _turns(store: Store, round_id: str) -> pl.DataFrame:
    """A row whenever a filing of a round came to be 已报 (turn 1) or ceased to be (-1): enterprise_id, day (in Beijing), turn."""
    happened = store.frame(
        "SELECT seq, split_part(split_part(subject, ':', 2), '.', 1) AS enterprise_id, "  # noqa: S608
        f"{beijing_sql.day('at_utc')} AS day, "
        "CASE WHEN kind = 'filing.undone' THEN json_extract_string(body, '$.state') ELSE kind END AS after FROM facts "
        "WHERE (list_contains($2::VARCHAR[], kind) OR kind = 'filing.undone') AND split_part(subject, '.', 2) = $1 "
        "AND starts_with(subject, 'filing:') ORDER BY seq",
        [round_id, list(STATE_AFTER)],
    )
    filed = pl.col("after").replace(STATE_AFTER).is_in(FILED).cast(pl.Int64)
    before = filed.shift(1, fill_value=0).over("enterprise_id", order_by="seq")
    return happened.select("enterprise_id", "day", (filed - before).alias("turn")).filter(pl.col("turn") != 0)


def rate(visit: Visit, this_round: Round) -> pl.DataFrame:
    """For each day from the round's first to its last, or today: day, filed (how many stood as 已报 at its end).

    What was returned, taken back or revoked is 已报 no longer, so that the last day says what the tiles say.
    """
    due = listing(visit, this_round).select("enterprise_id")
    days = _turns(visit.store, this_round.id).join(due, on="enterprise_id", how="semi")
    until = max(this_round.opens, min(this_round.closes, visit.store.today))
    calendar = pl.DataFrame({"day": pl.date_range(this_round.opens, until, eager=True)})
    # What happens after the last day stands on it: late filings count in the tiles, too.
    turned = days.with_columns(pl.col("day").clip(this_round.opens, until)).group_by("day").agg(pl.col("turn").sum())
    filed = pl.col("turn").fill_null(0).cum_sum().alias("filed")
    return calendar.join(turned, on="day", how="left", maintain_order="left").select("day", filed)
