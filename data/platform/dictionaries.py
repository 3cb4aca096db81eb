"""字典: the codes that ship with the product, and how much each is used now."""

from typing import Final

import polars as pl

from core.access.permissions import Permission
from core.base import dictionaries, terms
from core.filing.model import DEMAND_KINDS
from data.access.visit import Visit
from data.store.store import Store, per_version

#: Kind of dictionary -> word.
KINDS: Final = {"district": "区属", "segment": "AI产业链环节", "industry": "所属行业", "demand": "市场需求类型"}


def entries() -> pl.DataFrame:
    """Every entry of every dictionary, in order: kind, code, name, group (the layer of a segment, else "")."""
    rows = [("district", row["code"], row["name"], "") for row in dictionaries.districts()]
    rows += [
        ("segment", row["segment"], row["segment_name"], terms.LAYERS[row["layer"]]) for row in dictionaries.segments()
    ]
    rows += [("industry", row["code"], row["name"], "") for row in dictionaries.industries()]
    rows += [("demand", code, name, "") for code, name in DEMAND_KINDS.items()]
    return pl.DataFrame(rows, schema=["kind", "code", "name", "group"], orient="row")


@per_version
def _used(store: Store) -> pl.DataFrame:
    """kind, code, filings (of every round and state), admitted (enterprises in the library, by the filing admitted)."""
    return store.frame("""
        WITH admitted AS (
            SELECT arg_max(filing_id, seq) AS filing_id FROM admissions GROUP BY enterprise_id HAVING arg_max(admitted, seq)
        ), given AS (
            SELECT id, id IN (SELECT filing_id FROM admitted) AS admitted,
                [json_extract_string(content, '$.basic.district')] AS district,
                [json_extract_string(content, '$.basic.industry')] AS industry,
                json_extract_string(content, '$.technology.segments[*]') AS segment,
                json_extract_string(content, '$.market.demands[*].kind') AS demand
            FROM filings
        ), used AS (
            SELECT id, admitted, 'district' AS kind, unnest(district) AS code FROM given
            UNION ALL SELECT id, admitted, 'industry', unnest(industry) FROM given
            UNION ALL SELECT id, admitted, 'segment', unnest(segment) FROM given
            UNION ALL SELECT id, admitted, 'demand', unnest(demand) FROM given
        )
        SELECT kind, code, count(DISTINCT id) AS filings, count(DISTINCT id) FILTER (WHERE admitted) AS admitted
        FROM used WHERE code IS NOT NULL GROUP BY kind, code""")


def listing(visit: Visit, kind: str) -> pl.DataFrame:
    """One dictionary: code, name, group, filings, admitted; counts of the whole city, as the dictionaries are the city's."""
    visit.check(Permission.DICTIONARY_READ)
    chosen = entries().filter(pl.col("kind") == kind)
    used = chosen.join(_used(visit.store), on=["kind", "code"], how="left", maintain_order="left")
    return used.with_columns(pl.col("filings", "admitted").fill_null(0)).drop("kind")
