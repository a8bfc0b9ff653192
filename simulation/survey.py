"""Satisfaction with activities beside therapy: ``survey.csv``.

Answers follow a proportional-odds model: the odds of a better answer are multiplied by the same
factor at every cut.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from qieval.core.config import SEED
from simulation.drawing import generator, log_odds, logistic

ITEMS = ("weekday", "evening", "weekend", "choice", "outdoors")
HEAD = ("respondent", "project", "wave", "ward", *ITEMS, "comment")
WAVES = ("May 2018", "May 2019")
ORDER = ("very dissatisfied", "dissatisfied", "neither", "satisfied", "very satisfied")

CUTS = {
    "weekday": (0.10, 0.28, 0.48, 0.85),
    "evening": (0.20, 0.45, 0.65, 0.92),
    "weekend": (0.24, 0.52, 0.70, 0.94),
    "choice": (0.12, 0.34, 0.58, 0.90),
    "outdoors": (0.14, 0.32, 0.50, 0.82),
}
"""Share of answers at each answer or below it, before, on an average ward."""

ODDS_RATIO = {
    "chestnut-activities": {
        "weekday": 2.7,
        "evening": 2.2,
        "weekend": 1.0,
        "choice": 1.8,
        "outdoors": 1.2,
    },
    "orchard-open-evenings": {
        "weekday": 1.0,
        "evening": 3.5,
        "weekend": 1.3,
        "choice": 1.3,
        "outdoors": 1.0,
    },
}
"""Odds of a better answer in the second wave over those in the first."""

# project, ward, invited and answered in each wave, and the ward's own log odds
PLACES = (
    ("chestnut-activities", "Chestnut unit", (70, 66), (41, 45), 0.2),
    ("chestnut-activities", "Hawthorn unit", (58, 60), (30, 38), -0.4),
    ("chestnut-activities", "Plane unit", (62, 57), (38, 34), 0.0),
    ("chestnut-activities", "Spindle unit", (14, 13), (7, 6), 0.3),
    ("orchard-open-evenings", "Orchard community", (31, 29), (24, 23), 0.4),
)
DO_NOT_KNOW = {"weekday": 0.03, "evening": 0.06, "weekend": 0.12, "choice": 0.05, "outdoors": 0.04}
BLANK = 0.03
COMMENTED = 0.3
COMMENTS = (
    "more music please",
    "the garden is locked too often",
    "Sundays are long",
    "I liked the cooking group",
    "nobody told me what was on",
    "the gym was closed again",
)


def rows(seed: int = SEED) -> Iterator[tuple[object, ...]]:
    """Rows of ``survey.csv``, one a respondent, or what another seed would have drawn."""
    number = 0
    for place, wave in enumerate(WAVES):
        for project, ward, _, answered, own in PLACES:
            rng = generator("survey", project, wave, ward, seed=seed)
            for _ in range(answered[place]):
                number += 1
                answers = []
                for item in ITEMS:
                    drawn, other = rng.random(), rng.random()
                    better = own + place * math.log(ODDS_RATIO[project][item])
                    answers.append(_answer(item, better, drawn, other))
                comment = rng.random() < COMMENTED, int(rng.random() * len(COMMENTS))
                words = f"Simulated comment {number}: {COMMENTS[comment[1]]}" if comment[0] else ""
                yield f"SIM-R{number:04d}", project, wave, ward, *answers, words


def _answer(item: str, better: float, drawn: float, other: float) -> str:
    if other < BLANK:
        return ""
    if other < BLANK + DO_NOT_KNOW[item]:
        return "don't know"
    below = sum(drawn >= logistic(log_odds(cut) - better) for cut in CUTS[item])
    return ORDER[below]


def truth() -> dict[str, dict[str, Any]]:
    """By project: the odds ratios, who was invited and who answered."""
    return {
        project: {
            "order": list(ORDER),
            "odds_ratio_of_second_wave": dict(ratios),
            "wards": {
                ward: {"invited": list(invited), "answered": list(answered), "log_odds": own}
                for of, ward, invited, answered, own in PLACES
                if of == project
            },
            "dont_know": dict(DO_NOT_KNOW),
            "blank": BLANK,
        }
        for project, ratios in ODDS_RATIO.items()
    }
