"""供需对接: who is listed for a demand, why, and in which order."""

import polars as pl
import pytest

from core.enterprise.matching import Wanted, contact, ranked

CANDIDATES = pl.DataFrame(
    [
        ("compute", "算力公司", "HS", "compute,platforms", "云上算力池"),
        ("near", "同区芯片公司", "GX", "chips", None),
        ("words", "训练公司", "HS", "frameworks", "大模型训练框架"),
        ("nothing", "无关公司", "GX", "sensors", "激光雷达"),
        ("asker", "需求公司", "GX", "compute", "训练算力"),
        ("empty", "未填公司", None, None, None),
    ],
    schema=["enterprise_id", "name", "district", "segments", "products"], orient="row",
)  # fmt: skip


def found(kind: str, text: str, **more: object) -> dict[str, tuple[int, str]]:
    frame = ranked(CANDIDATES, Wanted(kind, text, "asker", "GX", **more))  # type: ignore[arg-type]
    return {row["enterprise_id"]: (row["score"], row["reasons"]) for row in frame.to_dicts()}


def test_segments_words_and_district_are_reasons_and_rank() -> None:
    listed = found("compute", "训练算力\n微调所用")
    assert list(listed) == ["compute", "near", "words"]
    assert listed["compute"] == (40, "产业链环节对口：算力设施；产品与需求用词相近：算力")
    assert listed["near"] == (35, "产业链环节对口：智能芯片及IP；同在东湖高新区")
    assert listed["words"] == (10, "产品与需求用词相近：训练")


def test_nobody_is_listed_for_his_district_alone_nor_the_asker() -> None:
    assert found("talent", "招聘算法工程师") == {}
    assert "asker" not in found("compute", "训练算力")


def test_a_segment_named_in_the_text_and_words_that_say_nothing() -> None:
    assert found("finance", "为开发框架项目融资")["words"] == (
        30,
        "需求提到其产业链环节：开发框架；产品与需求用词相近：框架",
    )
    assert found("finance", "人工智能平台服务需求") == {}


def test_cooperation_looks_for_the_same_segment() -> None:
    listed = found("policy", "共建", segments=("sensors",))
    assert listed == {"nothing": (15, "同一产业链环节：智能传感器；同在东湖高新区")}


@pytest.mark.parametrize("text", ["", "a", "。", "\n"])
def test_a_demand_without_words_is_no_error(text: str) -> None:
    assert list(found("compute", text)) == ["near", "compute"]


def test_the_list_ends_at_most() -> None:
    assert ranked(CANDIDATES, Wanted("compute", "", "asker", None), most=1).height == 1


def test_the_contact_is_what_was_filed() -> None:
    assert contact({"basic": {"contact_name": "张三", "contact_phone": "13800138000"}}) == "张三，13800138000"
    assert contact({}) == "未填联系人"
