"""名单认定: the enterprises the bureau names in its document, shown beside the computed class, never over it."""

import csv
from pathlib import Path

import polars as pl

from core.access.permissions import Permission
from core.rule.policy import Policy
from data.access.visit import Visit
from data.directory import classified
from data.store.store import SYSTEM, Store, Transaction

SOURCE = "《武汉市人工智能企业培育库系统操作手册》统计原则（2025.12.30）名单"


def record_shipped(store: Store) -> None:
    """Record the manual's 33 named enterprises once; names only, no figures of real firms exist here."""
    with (Path(__file__).parent / "designated_enterprises.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))

    def job(transaction: Transaction) -> None:
        for row in rows:
            if transaction.revision(f"designation:{row['name']}") == 0:
                body = {"designation": row["designation"], "source": SOURCE}
                transaction.append(SYSTEM, "designation.recorded", f"designation:{row['name']}", body)

    store.write(job)


def beside_computed(visit: Visit, year: int, policy: Policy) -> pl.DataFrame:
    """Every designation with the admitted enterprise whose name contains it, if any, and its computed class."""
    visit.check(Permission.DESIGNATION_READ)
    designated = visit.store.frame(
        "SELECT name AS designated, designation, source FROM designations ORDER BY designation, name"
    )
    computed = classified.classified(visit, year, policy)
    matched = designated.join_where(computed, pl.col("name").str.contains(pl.col("designated"), literal=True)).select(
        "designated",
        "enterprise_id",
        "name",
        "directory_tier",
        "counting_basis",
        "total_revenue",
        "ai_revenue",
        "counted_output",
    )
    return designated.join(matched, on="designated", how="left").sort("designation", "designated")
