"""The states of a filing and what moves it between them (DOMAIN, States)."""

from typing import Final

#: Kind of fact -> the state a filing stands in after it.
STATE_AFTER: Final = {
    "filing.submitted": "submitted", "filing.passed": "city_review", "filing.returned": "returned",
    "filing.admitted": "admitted", "filing.revoked": "revoked",
}  # fmt: skip
