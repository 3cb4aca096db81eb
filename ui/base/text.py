"""Text from people, made safe for places that read Markdown; moments in Beijing time; sentences with a state."""

import re
from datetime import date, datetime
from typing import Literal

import streamlit as st

from core.access.scope import Places
from core.base import beijing
from core.statistics.metrics import Unit

#: Whatever some reader takes for the end of a line, under which a row of = would make a heading of the text above it.
_BREAKS = re.compile(r"[\x00-\x08\n-\r\x1c-\x1f\x85\u2028\u2029]+")
_ICONS = {
    "error": ":material/error:",
    "warning": ":material/warning:",
    "success": ":material/check_circle:",
    "info": ":material/info:",
}


def plain(text: object) -> str:
    """Escape what Markdown or Streamlit's directives would interpret: typed text is never markup, nor a web link."""
    # Bare addresses become links after escapes are read; an invisible joint keeps them text.
    text = re.sub(r"(?i)(http|www)(s?[:.])", "\\1\u2060\\2", str(text))
    text = _BREAKS.sub(" ", text)
    return re.sub(r"([\\`*_{}\[\]()<>#+\-.!|~:$^&])", r"\\\1", str(text))


def unbroken(text: str) -> str:
    """The text on one line, however narrow its place: for the first column of a table of numbers."""
    return "\u2060".join(text)


def say(kind: Literal["error", "warning", "success", "info"], sentence: str) -> None:
    """Show a sentence that may quote what someone typed."""
    getattr(st, kind)(plain(sentence), icon=_ICONS[kind])


def say_outside(district: str | None, places: Places, instead: str) -> bool:
    """Whether nothing of the district that an address asks for can be among `places`; then a sentence says so, and what is shown instead."""
    outside = places.outside(district)
    if outside:
        say("warning", f"{outside}，{instead}。")
    return outside is not None


def moment(at: datetime | None) -> str:
    """A stored moment (naive UTC) as Beijing time, to the minute."""
    return beijing.minute(at) if at else "—"


def clock(at: datetime, today: date) -> str:
    """A stored moment (naive UTC) as Beijing time of day, with the date when it was another day."""
    local = beijing.local(at)
    return f"{local:%H:%M:%S}" if local.date() == today else f"{local:%Y-%m-%d %H:%M:%S}"


def duration(seconds: int) -> str:
    """How long, to the minute: 3 天 4 小时, 5 小时 6 分钟, 7 分钟."""
    minutes = seconds // 60
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return f"{days} 天 {hours} 小时"
    return f"{hours} 小时 {minutes % 60} 分钟" if hours else f"{minutes} 分钟"


def file_name(address: str) -> str:
    """The name in an attachment's address "sha256/name"."""
    return address.partition("/")[2] or "附件"


def tile(unit: Unit, amount: int | None) -> str:
    """The value of a card: the number, and its unit in small letters behind it; a percentage bears its own."""
    return f"{unit.text(amount)} :small[{unit.beside}]" if unit.beside else unit.text(amount)
