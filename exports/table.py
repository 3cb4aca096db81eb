"""A table as a CSV file for spreadsheets."""

import polars as pl

from core.base.spreadsheet import cell


def csv(frame: pl.DataFrame, *, made: str = "") -> bytes:
    """UTF-8 with the mark that spreadsheets look for; text that would be taken for a formula is kept text.

    `made`: by whom and when, on every line, so that it stays with what is copied out of the file.
    """
    if made:
        frame = frame.with_columns(pl.lit(made).alias("导出人和时间"))
    safe = frame.with_columns(pl.col(pl.String).map_elements(cell, return_dtype=pl.String))
    return b"\xef\xbb\xbf" + safe.rename({name: cell(name) for name in frame.columns}).write_csv().encode()
