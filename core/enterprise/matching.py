"""供需对接: which enterprises could answer a demand, ranked, each with its reasons in words. And the states of a project."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from core.base.dictionaries import ANSWERS, DISTRICTS, SEGMENTS

#: The states of a project; "" stands for a demand that is none yet.
PROJECT_STATES: Final = {"": "未立项", "open": "对接中", "matched": "已对接", "done": "已完成", "closed": "已关闭"}
SIDES: Final = {"demand": "需求方", "supply": "供给方"}
#: What a reason weighs. One's own district alone is no reason.
_SEGMENT, _NAMED, _WORDS, _TOGETHER, _NEAR = 30, 20, 10, 10, 5
_MOST_WORDS: Final = 3
#: Pairs of characters that stand in every other text and so say nothing.
_COMMON: Final = frozenset(
    {
        "需求",
        "我司",
        "公司",
        "企业",
        "本司",
        "我们",
        "人工",
        "工智",
        "智能",
        "平台",
        "系统",
        "服务",
        "技术",
        "产品",
        "解决",
        "方案",
        "提供",
        "希望",
        "相关",
        "能力",
        "合作",
        "开发",
        "应用",
        "武汉",
        "以及",
        "进行",
        "支持",
        "软件",
        "硬件",
        "用于",
        "所用",
    }
)


@dataclass(frozen=True)
class Wanted:
    """A demand: its kind, its words (title and description), and who has it."""

    kind: str
    text: str
    enterprise_id: str
    district: str | None
    segments: tuple[str, ...] = ()


def _pairs(text: str) -> list[str]:
    """Every two neighbouring Chinese characters that say something; Latin words whole."""
    characters = [text[at : at + 2] for at in range(len(text) - 1)]
    return sorted({pair for pair in characters if all("\u4e00" <= each <= "\u9fff" for each in pair)} - _COMMON)


def ranked(candidates: pl.DataFrame, wanted: Wanted, *, most: int = 20) -> pl.DataFrame:
    """The enterprises that could answer, best first: `candidates` with score and reasons (one Chinese sentence).

    `candidates`: enterprise_id, name, district (code), segments (comma-separated codes), products (names in one text).
    """
    held = pl.col("segments").fill_null("").str.split(",")

    def words(codes: tuple[str, ...]) -> pl.Expr:
        """The names of those of `codes` that a candidate works in."""
        found = [pl.when(held.list.contains(code)).then(pl.lit(SEGMENTS[code])) for code in codes if code in SEGMENTS]
        return pl.concat_list(found).list.drop_nulls() if found else pl.lit([], dtype=pl.List(pl.String))

    named = tuple(code for code, name in SEGMENTS.items() if name in wanted.text)
    pairs = _pairs(wanted.text)
    same = (
        pl.col("products")
        .fill_null("")
        .str.extract_many(pairs, overlapping=True)
        .list.unique()
        .list.sort()
        .list.head(_MOST_WORDS)
    )
    together = wanted.segments if wanted.kind == "policy" else ()
    frame = candidates.filter(pl.col("enterprise_id") != wanted.enterprise_id).with_columns(
        _answers=words(ANSWERS.get(wanted.kind, ())),
        _named=words(named),
        _together=words(together),
        _same=same if pairs else pl.lit([], dtype=pl.List(pl.String)),
        _near=(pl.col("district") == wanted.district).fill_null(False) if wanted.district else pl.lit(False),
    )
    score = (
        (pl.col("_answers").list.len() > 0) * _SEGMENT
        + (pl.col("_named").list.len() > 0) * _NAMED
        + pl.col("_same").list.len() * _WORDS
        + (pl.col("_together").list.len() > 0) * _TOGETHER
    )

    def reason(column: str, before: str) -> pl.Expr:
        return pl.when(pl.col(column).list.len() > 0).then(pl.lit(before) + pl.col(column).list.join("、"))

    near = f"同在{DISTRICTS.get(wanted.district or '', '一区')}"
    reasons = pl.concat_str(
        reason("_answers", "产业链环节对口："),
        reason("_named", "需求提到其产业链环节："),
        reason("_same", "产品与需求用词相近："),
        reason("_together", "同一产业链环节："),
        pl.when("_near").then(pl.lit(near)),
        separator="；",
        ignore_nulls=True,
    )
    return (
        frame.with_columns(score=score.cast(pl.Int64), reasons=reasons)
        .filter(pl.col("score") > 0)
        .with_columns(score=pl.col("score") + pl.col("_near").cast(pl.Int64) * _NEAR)
        .drop("_answers", "_named", "_together", "_same", "_near")
        .sort("score", "name", "enterprise_id", descending=[True, False, False])
        .head(most)
    )


def contact(content: Mapping[str, Any]) -> str:
    """Whom to speak to, as the filing says."""
    basic = content.get("basic", {})
    return (
        "，".join(str(basic[name]) for name in ("contact_name", "contact_phone", "contact_email") if basic.get(name))
        or "未填联系人"
    )
