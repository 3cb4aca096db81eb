"""Where the data lies, from the environment: what the commands of `python -m data` need of the settings."""

import hashlib
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

    data_key: str | None = Field(
        default=None,
        repr=False,
        validation_alias="LIBRARY_DATA_KEY",
        description="至少 32 个字符的随机串，签名日志首部、加密动态验证码密钥用，保管在数据目录之外；未设置时用 `LIBRARY_COOKIE_SECRET`，换掉它前须先设本项为旧值",
    )
    anchors: Path | None = Field(
        default=None,
        validation_alias="LIBRARY_ANCHORS",
        description="锚文件：每天追加一行日志首部，应在别的机器或只能追加的介质上；默认为数据目录旁边的 `<目录名>-anchors.jsonl`",
    )
    cookie_secret: str | None = Field(
        default=None,
        repr=False,
        validation_alias="LIBRARY_COOKIE_SECRET",
        description="至少 32 个字符的随机串；生产环境必填，演示环境自动生成",
    )

    @property
    def key(self) -> bytes | None:
        """The key outside the data folder; None where none is set."""
        given = self.data_key or self.cookie_secret
        return hashlib.sha256(b"library data key" + given.encode()).digest() if given else None

    @property
    def anchors_file(self) -> Path:
        folder = self.data_folder.resolve()
        return self.anchors or folder.parent / f"{folder.name}-anchors.jsonl"

    @model_validator(mode="before")
    @classmethod
    def _without_blanks(cls, given: dict[str, Any]) -> dict[str, Any]:
        return {name: value.strip() for name, value in given.items() if value.strip()}
