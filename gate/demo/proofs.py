"""图形验证码 and 短信验证码: both only played. The picture is ours, the message is shown on the screen."""

import secrets
from dataclasses import dataclass
from html import escape
from typing import Any, Final

from gate.demo.provider import same
from gate.demo.shelf import Shelf

CAPTCHA_SECONDS: Final = 600
MESSAGE_SECONDS: Final = 300
TRIES: Final = 5
#: Nothing that is taken for something else: no 0 O 1 I l 2 Z 5 S 8 B, nor wide ones.
_LETTERS: Final = "34679ACEFHJKLNPRTUVXYacdefhjknprtuvxy"
_INKS: Final = ("#123a7c", "#7a1f2b", "#1d5c3a", "#4b2a7b")


@dataclass
class Message:
    """A 短信验证码 on its way to a telephone."""

    phone: str
    code: str
    tries: int = TRIES


class Proofs:
    """The pictures and messages of one browser; messages are kept apart by the form they are for."""

    def __init__(self, session: dict[str, Any]) -> None:
        self.pictures: Shelf[str] = session.setdefault("pictures", Shelf(CAPTCHA_SECONDS, room=30))
        self.messages: Shelf[Message] = session.setdefault("messages", Shelf(MESSAGE_SECONDS, room=10))

    def picture(self) -> tuple[str, str]:
        """A new captcha: its key and what it shows."""
        text = "".join(secrets.choice(_LETTERS) for _ in range(4))
        return self.pictures.put(text), text

    def seen(self, key: str, typed: str) -> bool:
        """Whether the captcha was read right; either way it is used up."""
        text = self.pictures.pop(key)
        return text is not None and same(typed.strip().lower(), text.lower())

    def send(self, form: str, phone: str) -> Message:
        message = Message(phone, f"{secrets.randbelow(1_000_000):06d}")
        self.messages.put(message, form)
        return message

    def sent(self, form: str, phone: str) -> Message | None:
        """The message that this telephone has for this form, if it still holds."""
        message = self.messages.get(form)
        return message if message and message.phone == phone else None

    def objection(self, form: str, phone: str, typed: str) -> str | None:
        """Why the typed code does not prove the telephone; None if it does. `spend` it when all else is right."""
        message = self.sent(form, phone)
        if message is None:
            return "尚未获取或已超过 5 分钟，请输入图形验证码后点“获取验证码”"
        if not typed.strip():
            return "必填项未填，请填写收到的 6 位数字"
        message.tries -= 1  # before it is compared: a try counts as failed until it has succeeded
        if same(typed.strip(), message.code):
            message.tries += 1
            return None
        if message.tries == 0:
            self.messages.pop(form)
            return f"连续输错 {TRIES} 次，该验证码已作废，请重新获取"
        return f"不正确，请按短信重新输入，还可再试 {message.tries} 次"

    def spend(self, form: str) -> None:
        self.messages.pop(form)


def drawn(text: str) -> str:
    """The captcha as a picture (SVG): letters askew, a few lines behind them."""
    draw = secrets.SystemRandom()
    lines = "".join(
        f'<path d="M{draw.randint(0, 12)} {draw.randint(4, 40)}Q60 {draw.randint(0, 44)} {draw.randint(108, 120)} '
        f'{draw.randint(4, 40)}" fill="none" stroke="#9db4d6" stroke-width="1.4"/>'
        for _ in range(4)
    )
    letters = "".join(
        f'<text transform="translate({14 + place * 25} 31) rotate({draw.randint(-18, 18)})" fill="{draw.choice(_INKS)}">'
        f"{escape(letter)}</text>"
        for place, letter in enumerate(text)
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="120" height="44" viewBox="0 0 120 44">'
        f'<rect width="120" height="44" fill="#eef3fb"/>{lines}'
        f'<g font-family="Georgia, DejaVu Serif, serif" font-size="27" font-weight="700">{letters}</g></svg>'
    )
