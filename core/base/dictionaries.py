"""What ships with the product as YAML beside this file: 区属, AI产业链环节, 所属行业, and the manual's words for each page."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml


@cache
def _read(name: str) -> tuple[dict[str, Any], ...]:
    text = (Path(__file__).parent / "tables" / f"{name}.yaml").read_text("utf-8")
    return tuple(yaml.safe_load(text))


def districts() -> tuple[dict[str, Any], ...]:
    """The sixteen 区属: code, name, kind, polygon_adcode (or None), label_lon, label_lat."""
    return _read("districts")


def segments() -> tuple[dict[str, Any], ...]:
    """The twelve AI产业链环节: layer, layer_name, segment, segment_name, leans."""
    return _read("chain_segments")


def industries() -> tuple[dict[str, Any], ...]:
    """The sixteen industries of 工信部联企业〔2011〕300号: code, name, indicators with minima."""
    return _read("enterprise_sizes")


def help_texts() -> tuple[dict[str, Any], ...]:
    """The manual's words for the pages of a filer: page, text, source (absent for what the product adds)."""
    return _read("help")


@cache
def district_names() -> dict[str, str]:
    return {row["code"]: row["name"] for row in districts()}


@cache
def segment_names() -> dict[str, str]:
    return {row["segment"]: row["segment_name"] for row in segments()}


@cache
def industry_names() -> dict[str, str]:
    return {row["code"]: row["name"] for row in industries()}


@cache
def _layer_of() -> dict[str, str]:
    return {row["segment"]: row["layer"] for row in segments()}


def main_layer(chosen: list[str]) -> str | None:
    """The one layer an enterprise is counted in: that of most of its segments; ties go to the later layer.

    An enterprise may work in several layers; counted in one, layers sum to the whole.
    """
    layers = [_layer_of()[segment] for segment in chosen if segment in _layer_of()]
    order = ("foundation", "technology", "application")
    return max(layers, key=lambda layer: (layers.count(layer), order.index(layer)), default=None)


DISTRICTS: Final = district_names()
INDUSTRIES: Final = industry_names()
SEGMENTS: Final = segment_names()


#: kind of demand -> the segments whose enterprises answer such demands.
ANSWERS: Final[Mapping[str, tuple[str, ...]]] = {
    "scene": ("application_software", "application_hardware", "industry_models", "task_models"),
    "compute": ("compute", "chips"),
    "data": ("data_services", "sensors"),
}
