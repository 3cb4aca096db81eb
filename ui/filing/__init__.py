"""The steps of a filing as they are drawn, read-only views, rounds and progress."""
