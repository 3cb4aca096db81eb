"""The manual's words for each page of a filer."""

from dataclasses import dataclass
from functools import cache

from core.base.dictionaries import help_texts


@dataclass(frozen=True)
class Help:
    """`text`: Markdown. `source`: the chapter of the operating manual it is taken from, "" for what the product adds."""

    text: str
    source: str


@cache
def pages() -> dict[str, Help]:
    """The last part of a page's address -> what helps there."""
    return {row["page"]: Help(row["text"].strip(), row.get("source", "")) for row in help_texts()}
