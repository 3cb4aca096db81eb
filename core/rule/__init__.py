"""The statistics rule: the dated policy and the exact classification by it."""
