"""The log as it is read."""
