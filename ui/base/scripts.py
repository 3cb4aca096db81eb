"""What the product adds to the browser side of Streamlit: the scripts in js/, put into its index page by ui.base.locale.

typing.js sends what is typed, saving.js keeps it until it is stored. session.js leaves for the login page as soon as the session is over, and says so two
minutes before it ends for want of use. tables.js lets the keyboard scroll a wide table. All run before Streamlit's own
program, in this order.
"""

from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parent / "js"
SCRIPTS: Final = "".join(
    (_FOLDER / f"{name}.js").read_text("utf-8") for name in ("typing", "saving", "session", "tables")
)
