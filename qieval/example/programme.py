"""What is built into the example: wards, projects and their true effects. All of it is invented.

The years end before 2020, so that no pandemic has to be simulated.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

NAME = "Closing the gap (simulated)"
FIRST_MONTH = date(2015, 1, 1)
LAST_MONTH = date(2019, 12, 1)
EXTRACT_DATE = date(2019, 12, 31)


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
    expect : str
        What an honest evaluation must do: recover, warn or refuse.
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
    expect: Literal["recover", "warn", "refuse"] = "recover"


WARDS: tuple[Ward, ...] = (
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
