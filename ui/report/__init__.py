"""The choice of a report and what was made."""
