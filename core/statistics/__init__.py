"""Totals, comparisons between years, rankings and data quality over classified enterprises."""
