"""The weekly meeting: its screens and what changed since the last one."""
