"""The record of an enterprise: search, matching of demands, the derivation of its class."""
