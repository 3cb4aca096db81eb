"""Scenarios and thresholds as they are drawn."""
