"""One person's screen in tests: the entry script run by AppTest with that person's session."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from data.access import sessions
from tests.world import STAFF, World

ROUTER = str(Path(__file__).parent.parent.parent / "pages" / "router.py")
#: Elements whose text a person reads.
TEXTS = (
    "title",
    "header",
    "subheader",
    "markdown",
    "caption",
    "error",
    "warning",
    "info",
    "success",
    "text",
    "html",
    "toast",
    "page_link",
    "button",
    "exception",
)
WIDGETS = (
    "text_input",
    "text_area",
    "radio",
    "selectbox",
    "multiselect",
    "checkbox",
    "button",
    "pills",
    "segmented_control",
    "toggle",
)


def written(world: World) -> int:
    """How many facts there are, that pages were looked at aside; asked behind all that is still on its way."""
    world.store.write(lambda _: None)
    return int(world.store.rows("SELECT count(*) AS facts FROM facts WHERE kind <> 'page.opened'")[0]["facts"])


def role(persona: str) -> str:
    return STAFF[persona][1] if persona in STAFF else "enterprise"


class Screen:
    """A tab. `session` None: nobody is signed in; "" asks with a session that does not exist."""

    def __init__(
        self, world: World, persona: str | None, page: str | None = None, *, session: str | None = None
    ) -> None:
        self.world = world
        self.at = AppTest.from_file(ROUTER, default_timeout=30)
        if persona is not None:
            session = sessions.token_id(world.token(persona))
        self.at.user = {} if session is None else {"session": session}
        self.at.run()
        if page is not None and persona is not None:
            self.open(page)

    def open(self, page: str) -> "Screen":
        self.at.switch_page(page).run()
        return self

    def run(self) -> "Screen":
        self.at.run()
        return self

    @property
    def titles(self) -> list[str]:
        return [title.value for title in self.at.title]

    def said(self, *kinds: str) -> str:
        """What stands on the page in words, of these kinds of elements or all."""
        return "\n".join(
            str(getattr(element, "label", None) or element.value)
            for kind in kinds or TEXTS
            for element in self.at.get(kind)
        )

    def widgets(self) -> Iterator[Any]:
        for kind in WIDGETS:
            yield from self.at.get(kind)

    def keys(self, ending: str = "") -> list[str]:
        return [widget.key for widget in self.widgets() if widget.key and widget.key.endswith(ending)]

    def widget(self, ending: str) -> Any:
        """The one widget whose key ends like this."""
        found = [widget for widget in self.widgets() if widget.key and widget.key.endswith(ending)]
        assert len(found) == 1, (ending, [widget.key for widget in found], self.keys())
        return found[0]

    def set(self, ending: str, value: Any) -> "Screen":
        self.widget(ending).set_value(value)
        return self.run()

    def click(self, ending: str) -> "Screen":
        self.widget(ending).click()
        return self.run()

    def press(self, label: str) -> "Screen":
        """Click the one button with this label."""
        found = [button for button in self.at.button if button.label == label]
        assert len(found) == 1, (label, [button.label for button in self.at.button])
        found[0].click()
        return self.run()

    def button(self, label: str) -> Any:
        return next(button for button in self.at.button if button.label == label)

    @property
    def tables(self) -> list[Any]:
        return [element.value for kind in ("dataframe", "table") for element in self.at.get(kind)]
