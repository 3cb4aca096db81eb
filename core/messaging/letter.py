"""A letter within the product: to whom it goes as it is asked for, and how long it may be."""

from dataclasses import dataclass
from typing import Final

#: The most characters of a title and of a text.
TITLE: Final = 100
TEXT: Final = 5_000


@dataclass(frozen=True)
class To:
    """To whom: enterprises by id, or all of a district ("" = all within the scope), or the accounts of a role.

    The first that is given counts.
    """

    enterprises: tuple[str, ...] = ()
    district: str | None = None
    role: str | None = None
