"""Where the data lies, from the environment: what the commands of `python -m data` need of the settings."""

from pathlib import Path
from typing import Any

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class DataSettings(BaseSettings):
    """Read from the environment once, when made. A blank value counts as not set; blanks around a value are dropped."""

    model_config = SettingsConfigDict(
        frozen=True, case_sensitive=True, extra="ignore", arbitrary_types_allowed=True, validate_default=False
    )

    data_folder: Path = Field(
        default=Path("data/var"),
        validation_alias="LIBRARY_DATA_DIR",
        description="数据目录，默认 `data/var`，只供一个进程使用",
    )

    @model_validator(mode="before")
    @classmethod
    def _without_blanks(cls, given: dict[str, Any]) -> dict[str, Any]:
        return {name: value.strip() for name, value in given.items() if value.strip()}
