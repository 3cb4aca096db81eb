"""A table as a CSV file for spreadsheets."""

import polars as pl

from core.base.spreadsheet import cell


def csv(frame: pl.DataFrame) -> bytes:
    """UTF-8 with the mark that spreadsheets look for; text that would be taken for a formula is kept text."""
    safe = frame.with_columns(pl.col(pl.String).map_elements(cell, return_dtype=pl.String))
    return b"\xef\xbb\xbf" + safe.rename({name: cell(name) for name in frame.columns}).write_csv().encode()
