"""账号导入 on the screen: a table is looked at first, then all of it is in the store or nothing."""

import pytest

from data.access import account_admin, credentials
from exports import workbook
from gate import passwords
from tests.pages.walk import Screen
from tests.world import World

PAGE = "access/accounts_import.py"


def upload(world: World, rows: list[list[str]]) -> Screen:
    screen = Screen(world, "administrator", PAGE)
    content = workbook.write("账号", list(account_admin.COLUMNS), rows)
    screen.at.get("file_uploader")[0].set_value(("账号.xlsx", content, "application/octet-stream"))
    return screen.run()


def test_a_good_table_is_imported_and_each_password_shown_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_ROUNDS", 4)
    screen = upload(world, [["zhangsan", "张三", "区级审核员", "洪山区"], ["lisi", "李四", "市级管理员", ""]])
    assert account_admin.count(world.visit("administrator"), text="zhangsan") == 0  # looked at, not yet imported
    screen.press("导入 2 个账号")
    [table] = screen.tables
    assert table["用户名"].to_list() == ["zhangsan", "lisi"]
    for username, secret in zip(table["用户名"], table["初始密码"], strict=True):
        known = credentials.local_credentials(world.store, username)
        assert known is not None
        assert passwords.matches(username, secret, known["password_hash"])
    assert screen.run().tables == []


def test_one_bad_line_and_nothing_is_imported(world: World) -> None:
    screen = upload(world, [["zhangsan", "张三", "区级审核员", ""], ["lisi", "李四", "市级管理员", ""]])
    assert "第 2 行" in screen.said("markdown")
    assert "机构" in screen.said("markdown")
    assert not [button for button in screen.at.button if button.label.startswith("导入")]
    assert account_admin.count(world.visit("administrator"), text="lisi") == 0
