"""证明材料: what is known of a file that a filer has attached."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Attachment:
    """`kind`: its media type by its first bytes, such as application/pdf. `name`: as it is to be called when saved."""

    id: str
    enterprise_id: str
    name: str
    kind: str
    bytes: int
