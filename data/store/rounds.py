"""A reporting round as its row says it."""

from core.filing.round import Round
from data.store.store import Row


def round_of(row: Row) -> Round:
    districts = tuple(row["districts"].split(",")) if row["districts"] else ()
    return Round(
        row["id"],
        row["year"],
        tuple(row["columns"].split(",")),
        row["opens"],
        row["closes"],
        row["obliged"],
        districts,
        row["form_number"],
        row["authority"],
        row["approval"],
        row["valid_until"],
    )
