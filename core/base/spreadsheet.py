"""Text for spreadsheets."""

from typing import Final

#: A spreadsheet would take a cell that starts so for a formula and run it.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def cell(text: str) -> str:
    """Text as a cell that no spreadsheet runs."""
    return f"'{text}" if text.startswith(_FORMULA) else text
