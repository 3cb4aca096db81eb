"""A filing: its fields, rounds, states, checks, the size rule and reminders."""
