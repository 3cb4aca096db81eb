"""The journal of facts and the read model folded from it: one writer, many readers."""
