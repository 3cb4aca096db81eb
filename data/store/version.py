"""The version of the product: what pyproject.toml says, and nowhere else; and when this process began."""

import time
import tomllib
from pathlib import Path
from typing import Final

VERSION: Final[str] = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))["project"][
    "version"
]
#: By the monotonic clock.
STARTED: Final = time.monotonic()
