"""Which return came, and when: ``returns_log.csv``. Reluctance, drop-out and lateness are in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from simulation.drawing import DAY, days_in, generator, months
from simulation.programme import EXTRACT_DATE, LAST_MONTH
from simulation.wards import WARDS

HEAD = ("team", "period", "due", "received", "measure", "project")
DUE_AFTER = 10 * DAY  # a return is due ten days after its month


@dataclass(frozen=True)
class Sender:
    """A team that is to send a figure every month, and how it does.

    Attributes
    ----------
    project, team, measure : str
        Whose figure it is.
    first, last : date
        Months from which and up to which it is expected.
    missing : tuple of date
        Months for which nothing came.
    late : float
        Share of returns that came late.
    stopped : date or None
        First month from which nothing came any more.
    logged : bool
        Whether months after that are in the log at all: some logs just end.
    """

    project: str
    team: str
    measure: str
    first: date
    last: date = LAST_MONTH
    missing: tuple[date, ...] = ()
    late: float = 0.1
    stopped: date | None = None
    logged: bool = True


def _of(year: int, *numbers: int) -> tuple[date, ...]:
    return tuple(date(year, number, 1) for number in numbers)


_BED_DAYS = "Occupied bed days"
_MAPLE = next(ward for ward in WARDS if ward.form == "returns")

SENDERS: tuple[Sender, ...] = (
    Sender("rowan-discharge-pathway", "Rowan ward", _BED_DAYS, date(2017, 1, 1)),
    Sender(
        "alder-weekly-review",
        "Alder ward",
        _BED_DAYS,
        date(2017, 1, 1),
        missing=_of(2018, 7, 8),
        late=0.2,
    ),
    Sender(
        "linden-housing-panel", "Linden ward", _BED_DAYS, date(2017, 1, 1), missing=_of(2017, 12)
    ),
    Sender(_MAPLE.project, _MAPLE.ward, _BED_DAYS, _MAPLE.first_month, missing=_MAPLE.missing),
    Sender(
        "observatory-lithium-checks",
        "Lithium clinic",
        "Lithium level checked on time",
        date(2018, 1, 1),
        missing=_of(2018, 3, 7, 8) + _of(2019, 1, 2, 3, 4, 8, 12),
        late=0.7,
    ),
    Sender("plane-home-leave", "Plane unit", _BED_DAYS, date(2017, 1, 1), late=0.05),
    Sender(
        "lavender-peer-mentors",
        "Lavender community",
        "Members with a mentor",
        date(2018, 9, 1),
        late=0.5,
        stopped=date(2019, 1, 1),
    ),
    Sender(
        "physical-health-checks",
        "Marsh team",
        "All six checks",
        date(2018, 1, 1),
        stopped=date(2018, 6, 1),
        logged=False,
    ),
    Sender(
        "physical-health-checks",
        "Brook team",
        "All six checks",
        date(2018, 1, 1),
        missing=_of(2019, 5),
    ),
    Sender(
        "crisis-bed-hub",
        "North hub",
        "Requests for a bed",
        date(2017, 10, 1),
        last=date(2019, 3, 1),
    ),
    Sender(
        "crisis-bed-hub",
        "South hub",
        "Requests for a bed",
        date(2017, 10, 1),
        last=date(2019, 3, 1),
        missing=_of(2018, 1, 12),
        late=0.3,
    ),
    Sender(
        "crisis-bed-hub",
        "Joint hub",
        "Requests for a bed",
        date(2019, 4, 1),
        missing=_of(2019, 4, 5),
    ),
    Sender(
        "myrtle-night-line",
        "Myrtle team",
        "Calls settled by telephone",
        date(2018, 11, 1),
        late=0.4,
        stopped=date(2019, 4, 1),
        logged=False,
    ),
    Sender(
        "saffron-crisis-plans", "Saffron service", "Crisis plan agreed", date(2017, 7, 1), late=0.03
    ),
    Sender(
        "saffron-crisis-plans",
        "Saffron service",
        "Attendances in a crisis",
        date(2017, 7, 1),
        missing=_of(2018, 8),
    ),
    Sender(
        "laurel-falls-huddle", "Laurel ward", "Falls", date(2017, 1, 1), missing=_of(2019, 7, 8)
    ),
    Sender("heron-employment", "Heron team", "In work or training", date(2018, 1, 1), late=1.0),
)


def received(sender: Sender) -> dict[date, date | None]:
    """Months in the log, each with the day on which its return came; None: it did not."""
    rng = generator("returns", sender.team, sender.measure)
    found: dict[date, date | None] = {}
    for month in months(sender.first, sender.last):
        late, days = rng.random() < sender.late, rng.random()
        stopped = sender.stopped is not None and month >= sender.stopped
        if stopped and not sender.logged:
            continue
        due = due_of(month)
        came = due + (1 + int(40 * days)) * DAY if late else due - int(8 * days) * DAY
        on_its_way = came > EXTRACT_DATE + 31 * DAY  # the log was closed a month after the extract
        lost = month in sender.missing or stopped or on_its_way
        found[month] = None if lost else came
    return found


def due_of(month: date) -> date:
    """The day on which the return of a month is due."""
    return month + days_in(month) * DAY + DUE_AFTER - DAY


def not_sent(team: str, measure: str) -> set[date]:
    """Months for which a team's figure is in the log as never received."""
    return {
        month
        for sender in SENDERS
        if (sender.team, sender.measure) == (team, measure)
        for month, day in received(sender).items()
        if day is None
    }


def rows() -> list[tuple[object, ...]]:
    """Rows of ``returns_log.csv``."""
    return [
        (sender.team, month, due_of(month), day or "", sender.measure, sender.project)
        for sender in SENDERS
        for month, day in received(sender).items()
    ]


def truth() -> dict[str, list[dict[str, Any]]]:
    """By project: what each team owed and sent."""
    found: dict[str, list[dict[str, Any]]] = {}
    for sender in SENDERS:
        log = received(sender)
        came = {month: day for month, day in log.items() if day}
        found.setdefault(sender.project, []).append(
            {
                "team": sender.team,
                "measure": sender.measure,
                "expected": len(months(sender.first, sender.last)),
                "in_the_log": len(log),
                "received": len(came),
                "late": sum(day > due_of(month) for month, day in came.items()),
                "longest_gap": _longest_gap(months(sender.first, sender.last), set(came)),
            }
        )
    return found


def _longest_gap(expected: list[date], came: set[date]) -> int:
    longest = run = 0
    for month in expected:
        run = 0 if month in came else run + 1
        longest = max(longest, run)
    return longest
