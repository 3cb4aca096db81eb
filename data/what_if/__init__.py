"""Scenarios that were saved, the enterprises near a threshold, and heaping beside it."""
