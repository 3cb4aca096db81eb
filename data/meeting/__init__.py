"""Meetings: opened, frozen, with their figures, scenario and decisions."""
