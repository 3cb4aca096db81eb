"""Text from people is text, whatever stands in it."""

import pytest

from ui.base.text import plain


@pytest.mark.parametrize("line", ["\n", "\r", "\r\n", "\v", "\f", "\x1c", "\x85", "\u2028", "\u2029"])
def test_no_end_of_a_line_is_left_under_which_a_row_of_signs_would_make_a_heading(line: str) -> None:
    assert len(plain(f"审核结论：同意{line}==={line}").splitlines()) == 1
    assert plain(f"甲{line}乙") == "甲 乙"
