"""Lists in pages."""


def pages(total: int, size: int) -> int:
    """How many pages `total` entries fill, at least one."""
    return max(1, -(-total // size))
