"""What is raised when the product does not do what was asked; every text is for the person asking."""

import secrets
from typing import Any


class UserError(Exception):
    """`str(error)` is a Chinese sentence: what happened, what was kept, what to do. `reference` is to be quoted."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.reference = secrets.token_hex(4).upper()


class Refused(UserError):
    """The request is not valid as it stands; nothing was changed."""


class Forbidden(UserError):
    """The visit may not do this."""


class Conflict(UserError):
    """Someone saved since the revision this was made from. `current` is what stands now, `mine` what was not saved."""

    def __init__(self, sentence: str, *, current: Any = None, mine: Any = None) -> None:
        super().__init__(sentence)
        self.current, self.mine = current, mine


class Unavailable(UserError):
    """The store cannot take writes now (disk full, stopping); what is on the page is still there."""
