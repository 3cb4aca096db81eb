"""Reports that are composed, written in a process of their own, and kept for their owner."""
