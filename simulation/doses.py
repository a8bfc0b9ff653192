"""How much of a change each team had: ``doses.csv``, with two projects' tables.

Of the prescribing observatory: 24 clinics beside its wards, each with the sessions of feedback that
it held, the change in people on a high dose that its own figures showed, and the standard error of
that. The true change falls with each session, and clinics scatter around that line. Of the whole
programme: the review meetings that the wards held; they have nothing to do with what became of bed
days.
"""

from __future__ import annotations

from typing import Any

from qieval.core.config import SEED
from simulation.drawing import generator, normal

HEAD = ("project", "unit", "sessions", "estimate", "se", "source")
OBSERVATORY, WHOLE = "observatory-high-dose", "whole-programme"

CLINICS = 24
WITHOUT, SLOPE, SCATTER = -1.0, -0.45, 1.2
"""Percentage points: the change without a session, for each one, the scatter of clinics (sd)."""

_MEETINGS = {
    "rowan-discharge-pathway": 14,
    "alder-weekly-review": 22,
    "hazel-community-support": 9,
    "juniper-crisis-house": 6,
    "linden-housing-panel": 17,
    "willow-step-down-flat": 8,
    "maple-home-treatment": 19,
    "aspen-discharge-coordinator": 11,
    "plane-home-leave": 12,
    "hornbeam-home-first": 16,
    "bracken-move-on": 13,
}
"""Review meetings held in the first year, written by hand."""


def rows(seed: int = SEED) -> list[tuple[object, ...]]:
    """Rows of ``doses.csv``: a team."""
    rng = generator("doses", OBSERVATORY, seed=seed)
    found: list[tuple[object, ...]] = []
    for number in range(1, CLINICS + 1):
        sessions = int(13 * rng.random())
        true = WITHOUT + SLOPE * sessions + SCATTER * normal(rng)
        se = 0.8 + 1.4 * rng.random()
        estimate = true + se * normal(rng)
        name = f"Clinic {number:02d}"
        cells = (sessions, round(estimate, 2), round(se, 2), "feedback diary")
        found.append((OBSERVATORY, name, *cells))
    found += [
        (WHOLE, project, meetings, "", "", "minutes of the meetings")
        for project, meetings in _MEETINGS.items()
    ]
    return found


def truth() -> dict[str, dict[str, Any]]:
    """What is built in."""
    return {
        OBSERVATORY: {
            "change_without_a_session": WITHOUT,
            "more_for_each_session": SLOPE,
            "scatter_of_clinics": SCATTER,
            "unit": "percentage points of people on a high dose",
        }
    }
