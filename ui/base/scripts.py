"""What the product adds to the browser side of Streamlit: the scripts in js/, put into its index page by ui.base.locale.

engines.js gives older browsers what Streamlit's program uses and they lack. typing.js saves what is typed. session.js
leaves for the login page as soon as the session is over, and says so two minutes before it ends for want of use.
tables.js lets the keyboard scroll a wide table. All run before Streamlit's own program, in this order.
"""

from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parent / "js"
_NAMES: Final = ("engines", "typing", "session", "tables")
SCRIPTS: Final = "".join((_FOLDER / f"{name}.js").read_text("utf-8") for name in _NAMES)
