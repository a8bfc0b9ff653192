"""Run charts and control charts, one or a grid of them, and what their captions say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from qieval.analysis.spc import ControlChartResult, RunChartResult
from qieval.charts.small_multiples import MOST, draw_grid
from qieval.charts.spc_marks import SCALE_CUT, draw_picture
from qieval.charts.spc_picture import Picture, pictures_of
from qieval.charts.style import Canvas, cut_scale
from qieval.core import periods
from qieval.core.words import in_a_row

Chart = RunChartResult | ControlChartResult
WIDEST = 3
"""Panels side by side at most."""
_MOST_LISTED = 6
_SQUEEZED = 0.1
"""Share of a common scale under which a unit's own values are no longer readable."""


def draw_result(result: Chart, ax: Axes, canvas: Canvas, centre: str) -> None:
    """The chart; with groups, a small one for each."""
    pictures = pictures_of(result, centre)
    if result.by:
        asked = result.params["scales"]
        fits = one_scale([picture for _, picture in pictures]) if asked == "auto" else False
        columns, places = _places(result)
        shared = fits or asked == "shared"
        draw_grid(pictures, ax, canvas, shared=shared, columns=columns, places=places)
    else:
        draw_picture(pictures[0][1], ax, canvas)


def _places(result: Chart) -> tuple[int, list[int] | None]:
    """Columns and places of the panels: with two group columns, a row a group of one of them."""
    if len(result.by) == 2:
        keys = result.points[result.by].drop_duplicates().head(MOST)
        codes = [pd.factorize(keys[name], sort=True) for name in result.by]
        for (down, _), (across, names) in (codes, codes[::-1]):
            if 2 <= len(names) <= WIDEST:
                return len(names), [int(place) for place in down * len(names) + across]
    return WIDEST, None


def one_scale(pictures: Sequence[Picture]) -> bool:
    """Whether one scale suits all: on it no unit's values are squeezed to a flat line."""
    scales = [picture.scale_values for picture in pictures[:MOST]]
    spans = [float(np.nanmax(values) - np.nanmin(values)) for values in scales]
    low, high = min(map(np.nanmin, scales)), max(map(np.nanmax, scales))
    return min(spans) > _SQUEEZED * float(high - low)


def notes_of(result: Chart, lines: str) -> list[str]:
    """Sentences for the caption, after what the lines are."""
    pictures = pictures_of(result, "")
    every, points = result.setup.every, result.points
    point = "one event" if every == "event" else f"one {periods.noun(every)}"
    sentences = [f"Each point is {point}.", lines]
    if result.setup.frozen:
        sentences.append(f"{result.setup.frozen} After these points the middle line is broken.")
    if points["target"].notna().any():
        sentences.append("Dashes and dots: the target.")
    if (result.marks["kind"] == "rephase").any():
        sentences.append("Upright line: the lines start anew.")
    happened = dict.fromkeys(
        f"{mark['event']} ({picture.label(mark['date'])})"
        for _, picture in pictures
        for mark in picture.events
    )
    if result.by and happened:
        sentences.append(f"Dotted upright lines: {_some(list(happened))}.")
    missing = points.loc[points["value"].isna(), "time"].drop_duplicates()
    if len(missing) and every != "event":
        sentences.append(f"Gaps: no value for {_some([periods.label(t, every) for t in missing])}.")
    caution = result.setup.caution or result.false_alarm_words()
    sentences.append(f"Rules: {result.setup.rules_title}. {caution}")
    if result.by and len(pictures) > MOST:
        sentences.append(f"The first {MOST} of {len(pictures)} charts are drawn.")
    if any(cut_scale(picture.scale_values, SCALE_CUT) for _, picture in pictures[:MOST]):
        sentences.append("The vertical scale does not start at zero.")
    return sentences


def _some(names: list[Any]) -> str:
    more = len(names) - _MOST_LISTED
    if more > 0:
        return f"{', '.join(names[:_MOST_LISTED])} and {more} more"
    return in_a_row(names)
