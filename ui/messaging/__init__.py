"""Messages as they are listed and read."""
