"""Families of measures, monthly: outcome, process and balancing; ``measures.csv``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from simulation.drawing import (
    days_in,
    events,
    generator,
    log_odds,
    logistic,
    many,
    months,
    normal,
)
from simulation.programme import LAST_MONTH
from simulation.returns_log import not_sent

HEAD = ("period", "project", "team", "measure", "type", "numerator", "denominator")


@dataclass(frozen=True)
class Measure:
    """One measure of a project's family and its truth.

    Attributes
    ----------
    project, team, name : str
        Whose it is, and what it is called.
    type : "outcome", "process" or "balancing"
        What it is for.
    size : int
        Denominator on average: people, prescriptions, bed days.
    before, after : float
        True share (or events for each unit of the denominator) before the change and since.
    change : date
        Month in which the project began.
    first, last : date
        Months with figures; a return that was never sent has none.
    counts : bool
        Whether events are counted, which may come more than once to one person.
    spread : float
        Standard deviation of the log odds (or log rate) between months, beside chance.
    """

    project: str
    team: str
    name: str
    type: Literal["outcome", "process", "balancing"]
    size: int
    before: float
    after: float
    change: date
    first: date = date(2017, 1, 1)
    last: date = LAST_MONTH
    counts: bool = False
    spread: float = 0.0


_DOSE = ("observatory-high-dose", "Observatory wards")
_SAFFRON = ("saffron-crisis-plans", "Saffron service")
_LAUREL = ("laurel-falls-huddle", "Laurel ward")
_DOSE_BEGAN, _HALF_WAY = date(2018, 4, 1), date(2018, 7, 1)
_SINCE = date(2017, 7, 1)

MEASURES: tuple[Measure, ...] = (
    Measure(
        *(*_DOSE, "People on a high dose", "outcome", 1400, 0.31, 0.24, _DOSE_BEGAN), spread=0.07
    ),
    Measure(
        *(*_DOSE, "Prescriptions reviewed", "process", 420, 0.35, 0.80, _DOSE_BEGAN), spread=0.1
    ),
    Measure(
        *(*_DOSE, "Rapid tranquillisation", "balancing", 7000, 0.0045, 0.0045, _DOSE_BEGAN),
        counts=True,
    ),
    Measure(
        "observatory-lithium-checks",
        "Lithium clinic",
        "Lithium level checked on time",
        "process",
        60,
        0.62,
        0.80,
        date(2018, 10, 1),
        first=date(2018, 1, 1),
    ),
    Measure(
        "lavender-peer-mentors",
        "Lavender community",
        "Members with a mentor",
        "outcome",
        22,
        0.2,
        0.2,
        date(2018, 10, 1),
        first=date(2018, 9, 1),
    ),
    Measure(
        "myrtle-night-line",
        "Myrtle team",
        "Calls settled by telephone",
        "outcome",
        70,
        0.55,
        0.55,
        date(2018, 12, 1),
        first=date(2018, 11, 1),
        last=date(2019, 3, 1),
    ),
    Measure(*(*_SAFFRON, "Crisis plan agreed", "process", 45, 0.20, 0.75, _HALF_WAY, _SINCE)),
    Measure(
        *(*_SAFFRON, "Attendances in a crisis", "outcome", 90, 0.32, 0.22, _HALF_WAY, _SINCE),
        counts=True,
    ),
    Measure(
        *(*_SAFFRON, "Unplanned contacts", "balancing", 90, 0.50, 0.50, _HALF_WAY, _SINCE),
        counts=True,
    ),
    Measure(*(*_LAUREL, "Falls", "outcome", 620, 0.0065, 0.0065, _HALF_WAY), counts=True),
    Measure(*(*_LAUREL, "Huddle held", "process", 0, 0.30, 0.85, _HALF_WAY)),
    Measure(*(*_LAUREL, "Falls with harm", "balancing", 620, 0.001, 0.001, _HALF_WAY), counts=True),
    Measure(
        "heron-employment",
        "Heron team",
        "In work or training",
        "outcome",
        55,
        0.18,
        0.26,
        date(2018, 11, 1),
        first=date(2018, 1, 1),
    ),
)


def figures(measure: Measure) -> list[tuple[date, int, int]]:
    """Month, numerator and denominator, for the months whose return came."""
    rng = generator("measures", measure.team, measure.name)
    lost = not_sent(measure.team, measure.name)
    found = []
    for month in months(measure.first, measure.last):
        truth = measure.after if month >= measure.change else measure.before
        # A measure without a size is about days: was it done today?
        size = round(measure.size * (0.94 + 0.12 * rng.random())) or days_in(month)
        off = measure.spread * normal(rng)
        if measure.counts:
            number = events(rng, truth * size)
        else:
            number = many(rng, size, logistic(log_odds(truth) + off))
        if month not in lost:
            found.append((month, number, size))
    return found


def rows() -> list[tuple[object, ...]]:
    """Rows of ``measures.csv``."""
    return [
        (month, one.project, one.team, one.name, one.type, number, size)
        for one in MEASURES
        for month, number, size in figures(one)
    ]


def truth() -> dict[str, list[dict[str, Any]]]:
    """By project: the true figures of each measure."""
    found: dict[str, list[dict[str, Any]]] = {}
    for one in MEASURES:
        found.setdefault(one.project, []).append(
            {
                "measure": one.name,
                "type": one.type,
                "kind": "events for each unit of the denominator" if one.counts else "share",
                "began": one.change,
                "before": one.before,
                "after": one.after,
                "spread_between_months": one.spread,
                "months": len(figures(one)),
            }
        )
    return found
