"""Policies and derivations as they are drawn."""
