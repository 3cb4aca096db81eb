"""Scenarios: a trial policy beside the one in force, its surface and the thresholds."""
