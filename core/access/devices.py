"""A browser in words, from what it says of itself: enough to tell one's own devices apart, or to know what one lets in."""

from typing import Final

#: What the agent's text contains -> its name; the first that fits counts, since many claim to be others as well.
_BROWSERS: Final = (
    ("MicroMessenger", "微信"), ("Edg", "Edge"), ("QQBrowser", "QQ 浏览器"), ("360SE", "360 浏览器"), ("OPR/", "Opera"),
    ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
_SYSTEMS: Final = (
    ("OpenHarmony", "鸿蒙"), ("HarmonyOS", "鸿蒙"), ("Android", "安卓"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
    ("Mac OS", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


def browser(agent: str | None) -> str:
    """'Chrome（Windows）'; '未知浏览器' for what says nothing known."""
    text = agent or ""
    name = next((word for sign, word in _BROWSERS if sign in text), "未知浏览器")
    system = next((word for sign, word in _SYSTEMS if sign in text), None)
    return f"{name}（{system}）" if system else name
