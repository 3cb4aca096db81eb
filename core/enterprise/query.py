"""企业信息 in words: the columns of the register, what can be looked for, and its rows as people read them."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from core.base import beijing, dictionaries, terms
from core.base.dictionaries import DISTRICTS, SEGMENTS
from core.filing import states
from core.statistics.metrics import METRICS

#: column -> heading, in the order of the page.
COLUMNS: Final = {
    "name": "企业名称",
    "uscc": "统一社会信用代码",
    "district": "区属",
    "park": "园区",
    "size": "企业规模",
    "layer": "产业链层",
    "segments": "产业链环节",
    "admitted": "入库",
    "directory_tier": "名录身份",
    "total_revenue": METRICS["total_revenue"].heading_of_one,
    "ai_revenue": METRICS["ai_revenue"].heading_of_one,
    "share": METRICS["share"].label,
    "state": "本期状态",
    "changed_at": "最近变动",
}
#: What is shown where nothing else was chosen.
USUAL: Final = (
    "name",
    "district",
    "size",
    "admitted",
    "directory_tier",
    "total_revenue",
    "ai_revenue",
    "share",
    "state",
    "changed_at",
)
#: What the register can be sorted by; amounts and moments begin with the largest.
SORTS: Final = {
    "name": "企业名称",
    "total_revenue": f"{METRICS['total_revenue'].label}从高到低",
    "ai_revenue": f"{METRICS['ai_revenue'].label}从高到低",
    "share": f"{METRICS['share'].label}从高到低",
    "changed_at": "最近变动在前",
    "district": "区属",
    "directory_tier": "名录身份",
}
DESCENDING: Final = frozenset({"total_revenue", "ai_revenue", "share", "changed_at"})
#: The state of an enterprise in a round: that of its filing, or that there is none.
STATES: Final = {"none": "未开始", **states.STATES}
#: A whole layer or one segment of it.
CHAIN: Final = terms.LAYERS | {
    row["segment"]: f"{row['layer_name']} · {row['segment_name']}" for row in dictionaries.segments()
}
ADMITTED: Final = {"yes": "已入库", "no": "未入库"}


@dataclass(frozen=True)
class Query:
    """What is looked for: words (all of them, in name or credit code) and codes; None or "" leaves a filter out.

    `chain`: a layer or a segment. `admitted`: yes or no. Unknown codes find nothing; an unknown `sort` is by name.
    """

    text: str = ""
    district: str | None = None
    tier: str | None = None
    size: str | None = None
    chain: str | None = None
    state: str | None = None
    admitted: str | None = None
    sort: str | None = None


#: filter -> its name in an address.
ADDRESS: Final = {
    "text": "q",
    "district": "district",
    "tier": "tier",
    "size": "size",
    "chain": "chain",
    "state": "state",
    "admitted": "admitted",
    "sort": "sort",
}


def from_address(address: Mapping[str, str]) -> Query:
    """What an address asks for."""
    return Query(**{name: given for name, key in ADDRESS.items() if (given := address.get(key))})


def searchable(text: str) -> str:
    """Text as it is compared: full-width as half-width, upper case as lower."""
    return unicodedata.normalize("NFKC", text).lower()


def matching(query: Query) -> pl.Expr:
    """The rows of a register that are looked for; `searchable` name and code stand in its column `found_by`."""
    conditions = [pl.col("found_by").str.contains(word, literal=True) for word in searchable(query.text).split()]
    for column, code in (
        ("district", query.district), ("directory_tier", query.tier), ("size", query.size), ("state", query.state),
    ):  # fmt: skip
        if code:
            conditions.append(pl.col(column) == code)
    if query.chain in terms.LAYERS:
        conditions.append(pl.col("layer") == query.chain)
    elif query.chain:
        conditions.append(
            pl.concat_str(pl.lit(","), "segments", pl.lit(",")).str.contains(f",{query.chain},", literal=True)
        )
    if query.admitted:
        conditions.append(pl.col("admitted") == (query.admitted == "yes"))
    return pl.all_horizontal(conditions) if conditions else pl.lit(True)


def select(register: pl.DataFrame, query: Query) -> pl.DataFrame:
    """The rows looked for, in the order asked for; `register` is in the order of names."""
    found = register.filter(matching(query))
    if query.sort in SORTS and query.sort != "name":
        return found.sort(query.sort, descending=query.sort in DESCENDING, nulls_last=True, maintain_order=True)
    return found


def _segments(codes: str) -> str:
    return "、".join(SEGMENTS.get(code, code) for code in codes.split(",")) if codes else ""


def table(rows: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Rows of a register in words, under the headings of `columns`; "—" where nothing stands."""

    def named(column: str, names: dict[str, str]) -> pl.Expr:
        return pl.col(column).replace_strict(names, default=pl.col(column), return_dtype=pl.String)

    def wan(column: str) -> pl.Expr:
        return pl.col(column).map_elements(terms.wan, return_dtype=pl.String)

    share = pl.struct("ai_revenue", "total_revenue").map_elements(_share, return_dtype=pl.String)
    words: dict[str, pl.Expr] = {
        "district": named("district", DISTRICTS),
        "size": named("size", terms.SIZES),
        "layer": named("layer", terms.LAYERS),
        "segments": pl.col("segments").map_elements(_segments, return_dtype=pl.String),
        "admitted": pl.when(pl.col("merged_into").is_not_null())
        .then(pl.concat_str(pl.lit("已并入"), "merged_into"))
        .when("admitted")
        .then(pl.lit(ADMITTED["yes"]))
        .otherwise(pl.lit(ADMITTED["no"])),
        "directory_tier": named("directory_tier", terms.TIERS),
        "total_revenue": wan("total_revenue"),
        "ai_revenue": wan("ai_revenue"),
        "share": share,
        "state": named("state", STATES),
        "changed_at": beijing.minutes(pl.col("changed_at")),
    }
    return rows.select(
        words.get(column, pl.col(column)).cast(pl.String).replace("", None).fill_null("—").alias(COLUMNS[column])
        for column in columns
    )


def _share(pair: dict[str, Any]) -> str:
    return terms.share(pair["ai_revenue"], pair["total_revenue"])
