"""Wards of the example whose projects are about bed days, with their true effects. All invented.

The years end before 2020, so that no pandemic has to be simulated.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from simulation.programme import FIRST_MONTH


@dataclass(frozen=True)
class OtherChange:
    """Something else that changed the number of occupied beds, from one month on for good."""

    month: date
    occupied: float
    beds: int
    what: str


@dataclass(frozen=True)
class Ward:
    """A ward, its project and the truth about both; occupied beds are means over a month.

    Attributes
    ----------
    project, ward, network, change : str
        Folder name of the project, ward, network, and the project's change in words.
    intervention : date
        Month in which the project began.
    level, trend : float
        Occupied beds at the start, and their change per month without the project.
    season : float
        Half the distance from the January high to the July low, in beds.
    rho, sd : float
        Correlation of neighbouring months' noise, and the noise's standard deviation in beds.
    beds : int
        Staffed beds at the start.
    level_change, slope_change : float
        True effect of the project: beds at once, and beds more for every month after that.
    transition : int
        Months over which the level change comes in, in equal steps.
    other : OtherChange or None
        What else happened.
    first_month : date
        Where the ward's records begin.
    form : "spells" or "returns"
        Whether the ward's stays are in ``spells.csv`` or its monthly sums in ``returns.csv``.
    missing : tuple of date
        Months for which no return was sent.
    stay : float
        Planned mean length of stay of the longer-staying people, in nights.
    leave : tuple of float, or None
        Chance that somebody goes on leave at a weekend, before the project and since.
    expect : str
        What an honest evaluation must do: recover, warn, refuse or (too short to test) describe.
    built_in : str
        The truth in plain words.
    """

    project: str
    ward: str
    network: str
    change: str
    intervention: date
    level: float
    beds: int
    built_in: str
    trend: float = 0.0
    season: float = 0.4
    rho: float = 0.3
    sd: float = 0.7
    level_change: float = 0.0
    slope_change: float = 0.0
    transition: int = 0
    other: OtherChange | None = None
    first_month: date = FIRST_MONTH
    form: Literal["spells", "returns"] = "spells"
    missing: tuple[date, ...] = field(default=())
    stay: float = 55.0
    leave: tuple[float, float] | None = None
    expect: Literal["recover", "warn", "refuse", "describe"] = "recover"


FIRST: tuple[Ward, ...] = (
    Ward(
        project="rowan-discharge-pathway",
        ward="Rowan ward",
        network="Hill network",
        change="the discharge pathway",
        intervention=date(2017, 7, 1),
        level=19.5,
        beds=24,
        rho=0.35,
        level_change=-3.0,
        slope_change=-0.06,
        built_in=(
            "A real effect: 3 occupied beds fewer at once, and 0.06 beds fewer with every month "
            "after that."
        ),
    ),
    Ward(
        project="alder-weekly-review",
        ward="Alder ward",
        network="Hill network",
        change="the weekly review of long stays",
        intervention=date(2017, 4, 1),
        level=17.0,
        beds=21,
        rho=0.4,
        sd=0.8,
        built_in="No effect. What moves is season and chance.",
    ),
    Ward(
        project="hazel-community-support",
        ward="Hazel ward",
        network="River network",
        change="the community support team",
        intervention=date(2017, 10, 1),
        level=15.0,
        beds=19,
        level_change=-1.5,
        other=OtherChange(
            date(2017, 10, 1), 5.0, 6, "A ward that closed elsewhere moved here, with its people."
        ),
        expect="warn",
        built_in=(
            "The project frees 1.5 occupied beds, but in the same month another ward moves in and "
            "brings 5. The series shows a rise of 3.5 and cannot tell the two apart."
        ),
    ),
    Ward(
        project="juniper-crisis-house",
        ward="Juniper ward",
        network="River network",
        change="the crisis house",
        intervention=date(2019, 11, 1),
        level=16.0,
        beds=20,
        level_change=-2.0,
        expect="refuse",
        built_in=(
            "A real effect of 2 occupied beds, but only two months have passed: too few to be "
            "evaluated."
        ),
    ),
    Ward(
        project="linden-housing-panel",
        ward="Linden ward",
        network="River network",
        change="the supported housing panel",
        intervention=date(2017, 5, 1),
        level=18.0,
        beds=22,
        rho=0.25,
        level_change=-2.5,
        transition=3,
        built_in=(
            "A real effect of 2.5 occupied beds that comes in over three months, in equal steps, "
            "and is complete from August 2017."
        ),
    ),
    Ward(
        project="willow-step-down-flat",
        ward="Willow ward",
        network="Coast network",
        change="the step-down flat",
        intervention=date(2017, 10, 1),
        level=20.0,
        beds=24,
        other=OtherChange(date(2018, 1, 1), -5.0, -6, "Six beds were closed."),
        expect="warn",
        built_in=(
            "No effect of the project. Three months after it began the ward closed 6 beds, which "
            "took away 5 occupied ones: a change in size, not an improvement."
        ),
    ),
    Ward(
        project="maple-home-treatment",
        ward="Maple ward",
        network="Coast network",
        change="the home treatment link nurse",
        intervention=date(2017, 9, 1),
        level=14.0,
        beds=17,
        level_change=-2.0,
        form="returns",
        missing=(
            date(2015, 8, 1),
            date(2016, 2, 1),
            date(2016, 3, 1),
            date(2018, 6, 1),
            date(2019, 1, 1),
        ),
        built_in=(
            "A real effect of 2 occupied beds, in monthly returns of which five were never sent."
        ),
    ),
    Ward(
        project="aspen-discharge-coordinator",
        ward="Aspen ward",
        network="Coast network",
        change="the discharge coordinator",
        intervention=date(2019, 5, 1),
        first_month=date(2018, 9, 1),
        level=16.0,
        beds=20,
        season=0.3,
        rho=0.2,
        sd=0.6,
        level_change=-2.0,
        built_in=(
            "A real effect of 2 occupied beds in a short series: 8 months before it, 8 after."
        ),
    ),
)
"""The wards of the first three networks. Their rows stay as they are when wards are added."""

ADDED: tuple[Ward, ...] = (
    Ward(
        project="plane-home-leave",
        ward="Plane unit",
        network="In-patient child and adolescent network",
        change="planned home leave",
        intervention=date(2017, 9, 1),
        level=12.5,
        beds=16,
        sd=0.6,
        level_change=-1.6,
        leave=(0.2, 0.45),
        built_in=(
            "A real effect: 1.6 occupied beds fewer, leave counted as occupied. Twice as many "
            "young people are at home at weekends as before, so that bed days without leave fall "
            "further."
        ),
    ),
    Ward(
        project="hornbeam-home-first",
        ward="Hornbeam ward",
        network="Older people's wards network",
        change="the home first team",
        intervention=date(2018, 2, 1),
        level=18.0,
        beds=24,
        sd=0.6,
        stay=45.0,
        level_change=-2.2,
        other=OtherChange(
            date(2018, 5, 1),
            2.2,
            0,
            "Two community teams were merged, and people waited longer to be taken on.",
        ),
        expect="warn",
        built_in=(
            "The project frees 2.2 occupied beds. Three months later two community teams are "
            "merged, which fills as many again: the series shows next to nothing."
        ),
    ),
    Ward(
        project="cowslip-reablement",
        ward="Cowslip ward",
        network="Older people's wards network",
        change="the reablement team",
        intervention=date(2019, 9, 1),
        first_month=date(2019, 3, 1),
        level=15.0,
        beds=19,
        season=0.2,
        rho=0.2,
        sd=0.6,
        stay=40.0,
        level_change=-1.5,
        expect="describe",
        built_in=(
            "A real effect of 1.5 occupied beds, with 6 months before it and 4 after: enough for "
            "a run chart, too few to say how large it is."
        ),
    ),
    Ward(
        project="bracken-move-on",
        ward="Bracken ward",
        network="Rehabilitation and recovery network",
        change="the move-on meeting",
        intervention=date(2018, 1, 1),
        level=14.0,
        beds=17,
        season=0.1,
        rho=0.45,
        sd=0.5,
        stay=190.0,
        leave=(0.3, 0.3),
        built_in=(
            "No effect. Two months after it began three posts in ten stood empty for half a year; "
            "that changes nothing here either."
        ),
    ),
)

WARDS = FIRST + ADDED
