"""名单认定: the bureau's named enterprises beside the class computed from data, never overwriting it."""

import polars as pl
import streamlit as st

import gate
from core.access.permissions import Permission
from core.base import terms
from core.statistics.metrics import METRICS
from data.directory import classified
from data.enterprise import designations
from data.rule import policies
from ui.base.text import moment

visit = gate.require(Permission.DESIGNATION_READ)
st.title("名单认定", anchor=False)
actual = [year for year, forecast in classified.years(visit) if not forecast]
year = actual[0] if actual else visit.store.today.year - 1
policy = policies.for_year(visit, year)
table = designations.beside_computed(visit, year, policy)
matched = table["enterprise_id"].count()
st.caption(
    f"来源：{designations.SOURCE} · 计算年度 {year} · 数据截至 {moment(classified.data_as_of(visit))} · 政策版本 {policy.version}"
)
listed = table["designated"].n_unique()
st.markdown(
    (
        f"名单共 {listed} 家，库中按名称匹配到 {matched} 家。"
        if matched
        else f"名单共 {listed} 家，库中没有名称相符的入库企业，下表只列名单认定。"
    )
    + "名单认定是主管部门的指定，计算身份按统计规则由填报数据得出，两者并列，互不覆盖。"
)
counted = METRICS["counted_output"]
words = pl.col("directory_tier").replace_strict(terms.TIERS, default=None)
st.dataframe(
    table.select(
        pl.col("designated").alias("名单企业"),
        pl.col("designation").replace_strict(terms.TIERS).alias("名单认定"),
        pl.col("name").fill_null("库中无同名企业").alias("库中企业"),
        words.fill_null("—").alias("计算身份"),
        pl.when(pl.col("directory_tier").is_null())
        .then(pl.lit("—"))
        .when(pl.col("directory_tier") == pl.col("designation"))
        .then(pl.lit("一致"))
        .otherwise(pl.lit("不一致"))
        .alias("比较"),
        pl.col("counted_output")
        .map_elements(counted.text, return_dtype=pl.String)
        .fill_null("—")
        .alias(counted.heading),
    ),
    hide_index=True,
    height=760,
    alt="名单认定与计算身份对照",
)
