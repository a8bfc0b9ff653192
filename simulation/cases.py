"""Admissions with the chance of a fall that was expected, and every fall with its place.

``cases.csv`` belongs to the project about falls. The falls are those of ``measures.csv``, and of
nobody in particular: which admission a fall belongs to is not told.
"""

from __future__ import annotations

from typing import Any

from simulation.drawing import days_in, events, generator, log_odds, logistic, normal, one_of
from simulation.measures import MEASURES, figures

HEAD = ("date", "project", "team", "what", "event", "risk", "reason")
PROJECT = "laurel-falls-huddle"
(FALLS,) = (one for one in MEASURES if one.project == PROJECT and one.name == "Falls")

ADMISSIONS = 16.0  # a month
USUAL_RISK, SPREAD = 0.10, 0.8  # median chance of a fall in two weeks; sd of its log odds
PLACES = {
    "By the bed": 0.36,
    "On the way to the toilet": 0.27,
    "In the bathroom": 0.13,
    "Getting up from a chair": 0.08,
    "In the corridor": 0.05,
    "In the garden": 0.03,
    "Other": 0.08,
}
NOT_RECORDED = 0.06


def rows() -> list[tuple[object, ...]]:
    """Rows of ``cases.csv``: admissions first, then falls, each in order of time."""
    rng, who = generator("cases", PROJECT), (PROJECT, FALLS.team)
    admitted: list[tuple[object, ...]] = []
    fallen: list[tuple[object, ...]] = []
    for month, falls, _ in figures(FALLS):
        for day in sorted(
            1 + int(rng.random() * days_in(month)) for _ in range(events(rng, ADMISSIONS))
        ):
            risk = round(logistic(log_odds(USUAL_RISK) + SPREAD * normal(rng)), 3)
            fell = int(rng.random() < risk)
            admitted.append((month.replace(day=day), *who, "Admission", fell, risk, ""))
        for day in sorted(1 + int(rng.random() * days_in(month)) for _ in range(falls)):
            place = "" if rng.random() < NOT_RECORDED else one_of(rng, PLACES)
            fallen.append((month.replace(day=day), *who, "Fall", "", "", place))
    return admitted + fallen


def truth() -> dict[str, dict[str, Any]]:
    """What is built in: falls as likely as expected throughout, and their places."""
    return {
        PROJECT: {
            "odds_of_a_fall_in_two_weeks": "as expected of each admission, before and after",
            "admissions_a_month": ADMISSIONS,
            "share_of_places": dict(PLACES),
            "place_not_recorded": NOT_RECORDED,
        }
    }
