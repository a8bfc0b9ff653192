"""Requests for a bed in a crisis, and referrals for an assessment: ``waits.csv``."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from simulation.drawing import DAY, events, generator, normal, one_of
from simulation.programme import EXTRACT_DATE

HEAD = (
    *("person", "project", "team", "request", "referred", "started", "outcome", "closed"),
    "distance_km",
)
END = datetime.combine(EXTRACT_DATE + DAY, time())  # what starts later is not in the extract

# ---- a bed in a crisis --------------------------------------------------------------------------

HUB = "crisis-bed-hub"
HUB_FIRST, HUB_BEGAN = date(2017, 10, 1), date(2018, 10, 1)
MERGED, SETTLED = date(2019, 4, 1), date(2019, 6, 1)
A_DAY = {"North hub": 1.1, "South hub": 0.7}
"""Requests a day on an ordinary weekday; both together from the merger on."""

BUSY = {0: 1.25, 4: 1.3, 5: 0.8, 6: 0.75}
"""Mondays and Fridays bring more, weekends fewer (days counted from Monday, 0)."""

HOURS = (2, 2, 1, 1, 1, 1, 1, 2, 3, 5, 6, 6, 6, 6, 7, 8, 9, 10, 10, 10, 9, 8, 6, 4)
"""How busy each hour of the day is, from midnight on: the evening most."""

BECOMES = {
    "before": {"elsewhere": 0.22, "refused": 0.12, "withdrawn": 0.08, "here": 0.58},
    "after": {"elsewhere": 0.09, "refused": 0.12, "withdrawn": 0.08, "here": 0.71},
}
MEDIAN_HOURS = {
    "before": {"here": 9.0, "elsewhere": 15.0},
    "after": {"here": 5.0, "elsewhere": 15.0},
    "merger": {"here": 9.0, "elsewhere": 15.0},
}
HOURS_SPREAD = 0.7  # standard deviation of the log of hours

# ---- a first appointment ------------------------------------------------------------------------

CLINIC = "sycamore-first-appointment"
CLINIC_FIRST, CLINIC_BEGAN = date(2017, 9, 1), date(2018, 9, 1)
REFERRALS_A_DAY = 1.15  # on working days
NOT_ACCEPTED = 0.12
MEDIAN_DAYS = {"before": 70.0, "after": 38.0}
DAYS_SPREAD = 0.6  # standard deviation of the log of days
WITHDRAWN_A_DAY = 0.0015  # chance that somebody who waits gives up on a day


@dataclass(frozen=True)
class Request:
    """One request; `started` None: not (yet)."""

    team: str
    referred: datetime
    started: datetime | None
    outcome: str
    closed: date | None = None
    distance: int | None = None


def rows() -> list[tuple[object, ...]]:
    """Rows of ``waits.csv``: beds with date and time, assessments with dates."""
    found: list[tuple[object, ...]] = []
    for project, what, listed, form in (
        (HUB, "bed", beds(), "%Y-%m-%d %H:%M"),
        (CLINIC, "assessment", assessments(), "%Y-%m-%d"),
    ):
        rng = generator("waits", project, "people")
        people: list[str] = []
        for one in sorted(listed, key=lambda request: request.referred):
            again = what == "bed" and len(people) > 50 and rng.random() < 0.1
            number = len(people) + 1
            person = people[int(rng.random() * len(people))] if again else f"SIM-{what}-{number}"
            people.append(person)
            started = f"{one.started:{form}}" if one.started else ""
            when = (f"{one.referred:{form}}", started, one.outcome, one.closed or "")
            far = "" if one.distance is None else one.distance
            found.append((person, project, one.team, what, *when, far))
    return found


def beds() -> Iterator[Request]:
    """Requests for a bed."""
    for team, usual in A_DAY.items():
        rng = generator("waits", HUB, team)
        day = HUB_FIRST
        while day <= EXTRACT_DATE:
            for _ in range(events(rng, usual * BUSY.get(day.weekday(), 1.0))):
                yield _bed(rng, "Joint hub" if day >= MERGED else team, day)
            day += DAY


def _bed(rng: random.Random, team: str, day: date) -> Request:
    hour = one_of(rng, {str(hour): part / sum(HOURS) for hour, part in enumerate(HOURS)})
    referred = datetime.combine(day, time(int(hour), int(rng.random() * 60)))
    outcome = one_of(rng, BECOMES["before" if day < HUB_BEGAN else "after"])
    if outcome in ("refused", "withdrawn"):
        return _open_or_closed(
            team, referred, referred + timedelta(hours=1 + rng.random()), outcome
        )
    hours = MEDIAN_HOURS[phase(day)][outcome] * math.exp(HOURS_SPREAD * normal(rng))
    started = referred + timedelta(minutes=max(10, round(60 * hours)))
    if started >= END:
        return Request(team, referred, None, "")
    near, far = (2, 26) if outcome == "here" else (55, 240)
    return Request(
        team, referred, started, outcome, distance=int(near + rng.random() * (far - near))
    )


def phase(day: date) -> str:
    """Which truth holds for a bed requested on a day: before, after, or right after the merger."""
    if MERGED <= day < SETTLED:
        return "merger"
    return "before" if day < HUB_BEGAN else "after"


def assessments() -> Iterator[Request]:
    """Referrals for a first appointment: of the ways to end the wait, the one that comes first."""
    rng = generator("waits", CLINIC)
    day = CLINIC_FIRST
    while day <= EXTRACT_DATE:
        for _ in range(events(rng, REFERRALS_A_DAY) if day.weekday() < 5 else 0):
            yield _assessment(rng, datetime.combine(day, time()))
        day += DAY


def _assessment(rng: random.Random, referred: datetime) -> Request:
    team, before = "Sycamore team", referred.date() < CLINIC_BEGAN
    if rng.random() < NOT_ACCEPTED:
        closed = referred + (4 + int(rng.random() * 8)) * DAY
        return _open_or_closed(team, referred, closed, "refused")
    median = MEDIAN_DAYS["before" if before else "after"]
    days = max(1, round(median * math.exp(DAYS_SPREAD * normal(rng))))
    gives_up = 1 + int(-math.log(1 - rng.random()) / WITHDRAWN_A_DAY)
    if gives_up < days:
        return _open_or_closed(team, referred, referred + gives_up * DAY, "withdrawn")
    started = referred + days * DAY
    if started >= END:
        return Request(team, referred, None, "")
    return Request(team, referred, started, "here")


def _open_or_closed(team: str, referred: datetime, closed: datetime, outcome: str) -> Request:
    if closed >= END:
        return Request(team, referred, None, "")
    return Request(team, referred, None, outcome, closed.date())


def truth() -> dict[str, dict[str, Any]]:
    """By project: what is built into the requests."""
    return {
        HUB: {
            "began": HUB_BEGAN,
            "merger": [MERGED, SETTLED],
            "median_hours_to_a_bed": {name: dict(hours) for name, hours in MEDIAN_HOURS.items()},
            "sd_of_log_hours": HOURS_SPREAD,
            "becomes_of_requests": {name: dict(shares) for name, shares in BECOMES.items()},
            "requests_a_weekday": round(sum(A_DAY.values()), 2),
            "busiest_hours": "17 to 19",
            "note": "Hours are those of people who got a bed there. Who is refused or withdraws "
            "does so within two hours, whatever the wait would have been.",
        },
        CLINIC: {
            "began": CLINIC_BEGAN,
            "median_days": dict(MEDIAN_DAYS),
            "sd_of_log_days": DAYS_SPREAD,
            "not_accepted": NOT_ACCEPTED,
            "withdrawn_a_day": WITHDRAWN_A_DAY,
            "note": "Median of all who are accepted, had nobody given up: what Kaplan-Meier "
            "estimates with those who gave up, were refused or still wait censored.",
        },
    }
