"""The statistics rule written for one library at a time, as somebody would who needs no other: what `classify` is timed against.

Thresholds and weights of the policy that ships; the same six columns of the same types as `classify` gives.
"""

import importlib.util
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
import polars as pl

from core.base.values import YUAN_LIMIT

Arrays = Mapping[str, np.ndarray]


def polars_rule(frame: pl.DataFrame) -> pl.DataFrame:
    total, ai = pl.col("total_revenue"), pl.col("ai_revenue")
    software, hardware = pl.col("software_revenue").fill_null(0), pl.col("hardware_revenue").fill_null(0)
    sound = ((total > 0) & (ai >= 0) & (ai <= total) & (total <= YUAN_LIMIT)).fill_null(False)
    share, core, related = pl.col("_share"), pl.col("_core"), pl.col("_related")
    uses = ~share & (core | related)
    is_software, is_hardware = uses & (pl.col("_kind") > 0), uses & (pl.col("_kind") <= 0)
    return (
        frame.lazy()
        .with_columns(
            _sound=sound,
            _share=sound & (ai * 10_000 > total * 5_000),
            _core=sound & (ai > 20_000_000),
            _related=sound & (ai * 10_000 > total * 2_000),
            _kind=(software - hardware),
        )
        .with_columns(
            directory_tier=pl.when(share | core)
            .then(pl.lit("core"))
            .when(is_software)
            .then(pl.lit("related_software"))
            .when(is_hardware)
            .then(pl.lit("related_hardware"))
            .when("_sound")
            .then(pl.lit("outside"))
            .otherwise(pl.lit("undetermined")),
            counting_basis=pl.when(share)
            .then(pl.lit("core"))
            .when(is_software)
            .then(pl.lit("related_software"))
            .when(is_hardware)
            .then(pl.lit("related_hardware"))
            .otherwise(pl.lit("none")),
            weight_bp=pl.when(share)
            .then(10_000)
            .when(is_software)
            .then(5_000)
            .when(is_hardware)
            .then(2_000)
            .otherwise(0)
            .cast(pl.Int64),
            kind_assumed=uses & (pl.col("_kind") == 0),
            rule_branch=pl.when(share)
            .then(pl.lit("core_by_share"))
            .when(core & related)
            .then(pl.lit("core_by_revenue"))
            .when(core)
            .then(pl.lit("core_by_revenue_low_share"))
            .when(related)
            .then(pl.lit("related"))
            .when("_sound")
            .then(pl.lit("outside"))
            .when(total.is_null() | ai.is_null())
            .then(pl.lit("missing"))
            .otherwise(pl.lit("invalid")),
        )
        .with_columns(
            counted_output=(pl.when("_sound").then(total).otherwise(0) * pl.col("weight_bp") + 5_000) // 10_000
        )
        .drop("_sound", "_share", "_core", "_related", "_kind")
        .collect()
    )


def pandas_rule(known: Arrays) -> pd.DataFrame:
    frame = pd.DataFrame(known)
    total, ai = frame["total_revenue"], frame["ai_revenue"]
    sound = (total > 0) & (ai >= 0) & (ai <= total) & (total <= YUAN_LIMIT)
    share, core = sound & (ai * 10_000 > total * 5_000), sound & (ai > 20_000_000)
    related = sound & (ai * 10_000 > total * 2_000)
    uses, software = ~share & (core | related), frame["software_revenue"] > frame["hardware_revenue"]
    kinds = [uses & software, uses & ~software]
    frame["directory_tier"] = np.select(
        [share | core, *kinds, sound], ["core", "related_software", "related_hardware", "outside"], "undetermined"
    )
    frame["counting_basis"] = np.select([share, *kinds], ["core", "related_software", "related_hardware"], "none")
    frame["weight_bp"] = np.select([share, *kinds], [10_000, 5_000, 2_000], 0)
    frame["kind_assumed"] = uses & (frame["software_revenue"] == frame["hardware_revenue"])
    frame["rule_branch"] = np.select(
        [share, core & related, core, related, sound],
        ["core_by_share", "core_by_revenue", "core_by_revenue_low_share", "related", "outside"],
        "invalid",
    )
    frame["counted_output"] = (total.where(sound, 0) * frame["weight_bp"] + 5_000) // 10_000
    return frame


def openfisca_rule() -> Callable[[Arrays], np.ndarray]:
    """The same tests and weights as variables of an OpenFisca tax-benefit system; its answer is counted_output."""
    from openfisca_core.entities import build_entity
    from openfisca_core.periods import DateUnit
    from openfisca_core.simulations import SimulationBuilder
    from openfisca_core.taxbenefitsystems import TaxBenefitSystem
    from openfisca_core.variables import Variable

    enterprise = build_entity(key="enterprise", plural="enterprises", label="enterprise", is_person=True)
    always = {"value_type": float, "entity": enterprise, "definition_period": DateUnit.YEAR}
    system = TaxBenefitSystem([enterprise])
    inputs = ("total_revenue", "ai_revenue", "software_revenue", "hardware_revenue")
    for name in inputs:
        system.add_variable(type(name, (Variable,), dict(always)))

    def formula(enterprise, period):  # type: ignore[no-untyped-def]
        total, ai, software, hardware = (enterprise(name, period) for name in inputs)
        share, uses = ai > total * 0.5, (ai > 20_000_000) | (ai > total * 0.2)
        return total * np.select([share, uses & (software > hardware), uses], [1, 0.5, 0.2], 0)

    system.add_variable(type("counted_output", (Variable,), {**always, "formula": formula}))

    def run(known: Arrays) -> np.ndarray:
        simulation = SimulationBuilder().build_default_simulation(system, len(known["total_revenue"]))
        for name in inputs:
            simulation.set_input(name, "2025", known[name].astype(np.float32))
        return simulation.calculate("counted_output", "2025")

    return run


def others(expected: pl.DataFrame) -> dict[str, Callable[[Arrays], object]]:
    """pandas with the same six columns; OpenFisca, where it is installed, with counted output in its 32-bit floats."""
    known = {
        name: expected[name].to_numpy()
        for name in ("total_revenue", "ai_revenue", "software_revenue", "hardware_revenue")
    }
    assert pl.from_pandas(pandas_rule(known)).select(expected.columns).equals(expected)
    ways: dict[str, Callable[[Arrays], object]] = {"手写 pandas": pandas_rule}
    if importlib.util.find_spec("openfisca_core"):
        openfisca = openfisca_rule()
        assert np.isclose(openfisca(known).sum(dtype=np.float64), expected["counted_output"].sum(), rtol=1e-3)
        ways["OpenFisca（只算纳入统计）"] = openfisca
    else:
        print("（没有安装 OpenFisca，未比较）")
    return ways
