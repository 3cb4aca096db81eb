"""A meeting as it is listed and shown."""
