"""What a kind of fact is: its word in the log and the typed body that its facts carry."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict


class Body(BaseModel):
    """What a fact says. Of a change only the fields that changed are given; the others are at their defaults.

    Facts are kept for ever as they were written: `upgraded` reads what older versions wrote. A field that is no more is
    ignored when a fact is read; that no new fact carries one is held by the tests (tests/world.py).
    """

    model_config = ConfigDict(frozen=True, extra="ignore", validate_by_name=False)

    @classmethod
    def upgraded(cls, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """The body as it is written today, made from one of any age."""
        return body

    @property
    def given(self) -> dict[str, Any]:
        """The fields that the fact gives, by their names in the code."""
        return {name: getattr(self, name) for name in type(self).model_fields if name in self.model_fields_set}

    def joined(self, *names: str) -> dict[str, Any]:
        """Of the fields that the fact gives those lists, as the tables keep them: "a,b"."""
        return {name: ",".join(getattr(self, name)) for name in names if name in self.model_fields_set}


class Nothing(Body):
    """Kind and subject say it all."""


@dataclass(frozen=True, slots=True)
class FactKind:
    """`word`: what happened, as the log says it."""

    word: str
    body: type[Body]

    def read(self, body: Mapping[str, Any]) -> Body:
        """The typed body. Raises ValueError where a field is missing or of another type."""
        return self.body.model_validate(self.body.upgraded(body))
