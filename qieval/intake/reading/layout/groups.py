"""Rows that stand above the rows they add up, as in a pivot table: `Rowan 3`, `Jan 1`, `Feb 2`."""

from __future__ import annotations

import numpy as np

from qieval.intake.reading.layout.looks import common_look
from qieval.intake.reading.layout.parts import Figures, tolerance
from qieval.intake.reading.layout.pivot_words import LABELS
from qieval.intake.reading.raw import Cell

_FEWEST_GROUPS = 2
_LONGEST_GROUP = 200


def group_rows(table: Figures, totals: np.ndarray) -> dict[int, list[int]]:
    """Place of each row that is the sum of those right below it → their places.

    All rows must fall into such groups, and something else must speak for it: the heading of a
    pivot table, words above dates, or several columns that all agree. Otherwise none is one.

    Parameters
    ----------
    table : Figures
        The table.
    totals : ndarray
        Rows that are known to be totals.
    """
    places = [int(place) for place in np.flatnonzero(~totals)]
    groups: dict[int, list[int]] = {}
    at = 0
    while at < len(places):
        count = _how_many_below(table, places, at)
        if not count:
            return {}
        groups[places[at]] = places[at + 1 : at + 1 + count]
        at += count + 1
    if len(groups) < _FEWEST_GROUPS or all(len(below) == 1 for below in groups.values()):
        return {}
    return groups if _likely(table, groups) else {}


def _how_many_below(table: Figures, places: list[int], at: int) -> int:
    """How many rows below a row add up to it in every column; 0 for none."""
    total = table.figures_of(places[at])
    if not np.nan_to_num(total).any():
        return 0
    rows = []
    for place in places[at + 1 : at + 1 + _LONGEST_GROUP]:
        rows.append(np.nan_to_num(table.figures_of(place)))
        added = np.sum(rows, axis=0)
        close = [
            np.isnan(said) or abs(sum_ - said) <= tolerance(np.array(parts), said)
            for sum_, said, *parts in zip(added, total, *rows, strict=True)
        ]
        if all(close):
            return len(rows)
        if (added > np.nan_to_num(total, nan=np.inf) + 1).any():
            return 0
    return 0


def _likely(table: Figures, groups: dict[int, list[int]]) -> bool:
    if 0 not in table.labels:
        return False
    if table.names[0].casefold() in LABELS:
        return True
    labels = table.labels[0]
    above: list[Cell] = [labels[place] for place in groups]
    below: list[Cell] = [labels[place] for places in groups.values() for place in places]
    if (common_look(above), common_look(below)) == ("text", "date"):
        return True
    several = len(table.figures_of(0)) > 1 and len(groups) > _FEWEST_GROUPS
    return several and len({*map(str, above)}) == len(above)
