"""The review queue, decisions, comments, corrections and the desk of the staff."""
