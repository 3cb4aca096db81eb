"""The record of an enterprise as it is drawn: profile, moves, mergers."""
