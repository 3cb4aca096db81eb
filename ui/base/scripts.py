"""What the product adds to the browser side of Streamlit: scripts and head.html, put into its index page by ui.base.locale.

engines.js gives older browsers what Streamlit's program uses and they lack. typing.js sends what is typed, saving.js keeps
it until it is stored. banner.js lays a strip over the page: session.js says by it five minutes before the end that the
session ends for want of use, and leaves for the login page as soon as it is over; connection.js says that the connection
is lost. drawn.js calls the rest when something was drawn: tables.js lets the keyboard scroll a wide table, phone.js brings
the fitting keyboard and closes the menu, access.js says what a screen reader needs of the forms. All run before
Streamlit's own program, in this order.
"""

from pathlib import Path
from typing import Final

_HERE: Final = Path(__file__).parent
_NAMES: Final = ("engines", "typing", "saving", "banner", "session", "connection", "drawn", "tables", "phone", "access")
SCRIPTS: Final = "".join((_HERE / "js" / f"{name}.js").read_text("utf-8") for name in _NAMES)
HEAD: Final = (_HERE / "head.html").read_text("utf-8")
