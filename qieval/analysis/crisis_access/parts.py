"""The tables of access in a crisis under plain heads, part by part."""

from __future__ import annotations

import numpy as np
import pandas as pd

from qieval.analysis.crisis_access import words
from qieval.analysis.crisis_access.demand import WEEKDAYS
from qieval.analysis.crisis_access.fates import FATES
from qieval.analysis.crisis_access.found import Found
from qieval.core.parts import Part
from qieval.core.result import rows_of
from qieval.core.words import number

PART_NAMES = ("waits", "distance", "demand")


def has(result: Found, name: str) -> bool:
    """Whether there is anything to say."""
    return {"waits": True, "distance": not result.distances.empty, "demand": True}[name]


def part(result: Found, name: str) -> Part:
    """The part of that name."""
    return {"waits": _waits, "distance": _distance, "demand": _demand}[name](result)


def estimates_in_words(result: Found) -> tuple[pd.DataFrame, str]:
    """What became of requests, times of those who got a bed, and requests a day."""
    rows = []
    for fate in FATES:
        rows.append((words.fate_in_words(result, fate), *_cells(result, fate, 0, "%")))
    clock, care = result.access.clock, result.params["care"]
    names = {
        "time_here": f"Half of those who got {care} here had it within ({clock})",
        "time_elsewhere": f"Half of those sent elsewhere had it within ({clock})",
        "requests_a_day": "Requests a day",
    }
    for term, name in names.items():
        places = 2 if term == "requests_a_day" else 1
        cells = _cells(result, term, places, "")
        if any(cells):
            rows.append((name, *(cell or "–" for cell in cells)))
    heads = ["What", *result.groups]
    if result.access.before_and_since:
        heads.append("Change (percentage points, or times)")
    caption = (
        "What became of requests that came to an end, how soon, and how many came; in brackets "
        "the 95% interval."
    )
    return pd.DataFrame(rows, columns=heads), caption


def _cells(result: Found, term: str, places: int, mark: str) -> list[str]:
    cells = [
        _cell(result, result.access.term_of(term, group), places, mark) for group in result.groups
    ]
    if result.access.before_and_since:
        if term == "requests_a_day":
            cells.append(_cell(result, "requests_ratio", 2, " times"))
        else:
            cells.append(_cell(result, f"change: {term}", 0, "", plus=True))
    return cells


def _cell(result: Found, term: str, places: int, mark: str, *, plus: bool = False) -> str:
    if term not in result.estimates.index:
        return ""
    found = result.term(term)
    if not np.isfinite(found.value):
        return "not known"
    value, low, high = (_plus(end, places, plus) for end in (found.value, found.low, found.high))
    if not np.isfinite(found.high):
        high = "not known"
    return f"{value}{mark} ({low} to {high})"


def _plus(value: float, places: int, plus: bool) -> str:
    text = number(value, places)
    return f"+{text}" if plus and value > 0 and text.strip("0.") else text


def points_in_words(result: Found) -> pd.DataFrame:
    """A row a dot: what became of how many requests."""
    rows = []
    for point in rows_of(result.points):
        rows.append(
            {
                "What became of requests": words.fate_in_words(result, point.fate),
                "Who": point.group,
                "Requests": f"{point.requests:,}",
                "Of": f"{point.of:,}",
                "Share": words.percent(point.percent),
                "95% interval": f"{number(point.low, 0)} to {number(point.high, 0)}%",
            }
        )
    return pd.DataFrame(rows)


# ---- the parts ---------------------------------------------------------------------------------


def _waits(result: Found) -> Part:
    table, caption = result.access.estimates_in_words()
    text = result.access.details()
    return Part(
        f"How long people wait for {result.params['care']}", text, table, caption, view="waits"
    )


def _distance(result: Found) -> Part:
    rows = [
        {
            "Who": row.group,
            "Sent elsewhere": f"{row.elsewhere:,}",
            "Distance known": f"{row.known:,}",
            "Half went at least (km)": number(row.median_km, 0),
            "All together (km)": number(row.total_km, 0),
        }
        for row in rows_of(result.distances)
    ]
    table = pd.DataFrame(rows)
    return Part(
        "How far away",
        "Kilometres from home, one way, of people sent elsewhere. Visits of family and staff come "
        "on top of it.",
        table,
        "Distance of people sent elsewhere",
        tuple(table.columns[1:]),
    )


def _demand(result: Found) -> Part:
    title, text = words.of_view(result, "demand")
    whole_days = bool((result.demand["to_hour"] - result.demand["from_hour"] == 24).all())
    head = "A day" if whole_days else "In 100 hours"
    rows = [
        {
            "Weekday": WEEKDAYS[int(row.weekday)],
            "From": f"{int(row.from_hour)}:00",
            "To": f"{int(row.to_hour)}:00",
            "Requests": number(row.requests, 0) if np.isfinite(row.requests) else "not shown",
            head: f"{number(row.rate, 1)} ({number(row.low, 1)} to {number(row.high, 1)})"
            if np.isfinite(row.rate)
            else "not shown",
        }
        for row in rows_of(result.demand)
    ]
    return Part(
        "When requests come",
        f"{title}. {text}",
        pd.DataFrame(rows),
        "Requests by weekday and time of day, with 95% intervals",
        ("Requests",),
        view="demand",
    )
