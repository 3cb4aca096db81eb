"""The record of an enterprise: search, profile, moves, mergers, projects, derivations."""
