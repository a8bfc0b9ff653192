"""Posts empty, shifts by agency staff and staff who left: ``staffing.csv``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from simulation.drawing import generator, months, normal
from simulation.programme import LAST_MONTH

HEAD = ("period", "project", "team", "vacancy", "agency", "turnover")
FIRST = date(2017, 1, 1)


@dataclass(frozen=True)
class Team:
    """A team's staffing in percent, and a spell in which it was worse."""

    project: str
    team: str
    vacancy: float
    agency: float
    turnover: float
    worse: tuple[date, date] | None = None
    by: float = 0.0


TEAMS: tuple[Team, ...] = (
    Team("rowan-discharge-pathway", "Rowan ward", 8, 6, 14),
    Team(
        "willow-step-down-flat",
        "Willow ward",
        14,
        15,
        20,
        (date(2017, 10, 1), date(2018, 1, 1)),
        12,
    ),
    Team(
        "sycamore-first-appointment",
        "Sycamore team",
        10,
        3,
        16,
        (date(2019, 2, 1), date(2019, 6, 1)),
        9,
    ),
    Team("crisis-bed-hub", "Joint hub", 12, 10, 18, (date(2019, 4, 1), date(2019, 8, 1)), 8),
    Team(
        "hornbeam-home-first",
        "Hornbeam ward",
        11,
        9,
        15,
        (date(2018, 5, 1), date(2018, 10, 1)),
        6,
    ),
    Team("laurel-falls-huddle", "Laurel ward", 15, 18, 22),
    Team(
        "bracken-move-on",
        "Bracken ward",
        9,
        7,
        12,
        (date(2018, 3, 1), date(2018, 9, 1)),
        21,
    ),
)


def rows() -> list[tuple[object, ...]]:
    """Rows of ``staffing.csv``: percent of posts, of shifts, and of staff in the last 12 months."""
    found: list[tuple[object, ...]] = []
    for team in TEAMS:
        rng = generator("staffing", team.team)
        for month in months(FIRST, LAST_MONTH):
            worse = team.by if team.worse and team.worse[0] <= month < team.worse[1] else 0.0
            usual = (team.vacancy + worse, team.agency + 1.2 * worse, team.turnover + worse / 3)
            drawn = (round(max(0.0, mean + normal(rng)), 1) for mean in usual)
            found.append((month, team.project, team.team, *drawn))
    return found


def truth() -> dict[str, dict[str, Any]]:
    """By project: the usual percentages and when they were worse."""
    return {
        team.project: {
            "team": team.team,
            "vacancy": team.vacancy,
            "agency": team.agency,
            "turnover": team.turnover,
            **(
                {"worse_in": list(team.worse), "vacancy_then": team.vacancy + team.by}
                if team.worse
                else {}
            ),
        }
        for team in TEAMS
    }
