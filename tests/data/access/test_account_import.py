"""Accounts from an Excel table: every line is looked at, and all are created or none."""

from typing import Any

import pytest

from core.base.errors import Forbidden, Refused
from data.access import account_admin
from exports import workbook
from tests.world import PASSWORD_HASH, World

HEADINGS = list(account_admin.COLUMNS)
GOOD = [
    ["Zhang.San", "张三", "区级审核员", "洪山区"],
    ["lisi", "李四", "市级管理员", ""],
    ["", "", "", ""],
    ["wangwu", "王五", "系统管理员", ""],
]


def lines(rows: list[list[str]]) -> list[tuple[int, dict[str, str]]]:
    return workbook.read(workbook.write("账号", HEADINGS, rows, ["说明"]), HEADINGS, most=account_admin.MOST).lines


def ready(rows: list[Any]) -> list[Any]:
    return [{**row, "password_hash": PASSWORD_HASH} for row in rows]


def test_a_good_table_becomes_accounts_that_must_change_their_password(world: World) -> None:
    visit = world.visit("administrator")
    rows, wrong = account_admin.imported(visit, lines(GOOD))
    assert wrong == []
    assert account_admin.create_many(visit, ready(rows)) == 3
    one = account_admin.one(visit, "local-zhang.san")
    assert (one["name"], one["role"], one["organisation_id"], one["must_change"]) == (
        "张三",
        "district_reviewer",
        "HS",
        True,
    )
    assert account_admin.one(visit, "local-lisi")["organisation_id"] is None


def test_each_line_that_does_not_fit_is_named_by_its_line_in_the_sheet(world: World) -> None:
    table = [
        *GOOD, ["officer", "甲", "市级管理员", ""], ["LISI", "乙", "市级管理员", ""], ["x y", "丙", "市级管理员", ""],
        ["ding", "丁", "国王", ""], ["wu", "戊", "区级审核员", ""], ["ji", "己", "区级审核员", "没有区"], ["geng", "", "市级管理员", ""],
    ]  # fmt: skip
    rows, wrong = account_admin.imported(world.visit("administrator"), lines(table))
    assert len(rows) == 3
    assert [sentence.split("：")[0] for sentence in wrong] == [f"第 {line} 行" for line in range(6, 13)]
    for sentence, word in zip(wrong, ["officer", "lisi", "x y", "国王", "机构", "没有区", "姓名"], strict=True):
        assert word in sentence


def test_one_name_taken_meanwhile_leaves_nothing_behind(world: World) -> None:
    visit = world.visit("administrator")
    rows, _ = account_admin.imported(visit, lines(GOOD))
    account_admin.create(
        visit, username="wangwu", name="先到", role="city_officer", organisation_id=None, password_hash=PASSWORD_HASH
    )
    before = world.store.data_version
    with pytest.raises(Refused, match="wangwu"):
        account_admin.create_many(visit, ready(rows))
    assert world.store.data_version == before
    assert account_admin.count(visit, text="zhang.san") == 0


@pytest.mark.parametrize("persona", ["enterprise", "district", "city"])
def test_only_an_administrator_imports(world: World, persona: str) -> None:
    visit = world.visit(persona)
    with pytest.raises(Forbidden):
        account_admin.imported(visit, lines(GOOD))
    with pytest.raises(Forbidden):
        account_admin.create_many(visit, [])


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"not a workbook", "Excel"), (b"", "Excel"), (workbook.write("账号", ["用户名", "姓名"], [["a", "b"]]), "角色、机构"),
        (workbook.write("账号", HEADINGS, []), "数据行"),
        (workbook.write("账号", HEADINGS, [[f"u{number}", "名", "", ""] for number in range(201)]), "200"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_such_table_is_said_so(content: bytes, word: str) -> None:
    with pytest.raises(Refused, match=word):
        workbook.read(content, HEADINGS, most=200)


def test_a_cell_that_looks_like_a_formula_stays_text() -> None:
    cells = ["=1+1", "0012", "https://x.test", "2026-01-01"]
    [(line, read)] = workbook.read(workbook.write("表", HEADINGS, [cells]), HEADINGS, most=9).lines
    assert (line, list(read.values())) == (2, cells)
