"""The example programme: twelve networks and their projects. All of it is invented.

Projects about bed days are described with their wards (:mod:`simulation.wards`), the others
here. The years end before 2020, so that no pandemic has to be simulated.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

NAME = "Closing the gap (simulated)"
FIRST_MONTH = date(2015, 1, 1)
LAST_MONTH = date(2019, 12, 1)
EXTRACT_DATE = date(2019, 12, 31)

NETWORKS = {
    "Hill network": "Acute wards for adults in the hill towns",
    "River network": "Acute wards for adults along the river",
    "Coast network": "Acute wards for adults on the coast",
    "Prescribing observatory": "Audit and feedback on medicines for mental illness",
    "In-patient child and adolescent network": "Units where young people stay overnight",
    "Community child and adolescent network": "Community teams for children and young people",
    "Therapeutic communities network": "Communities that members run together with staff",
    "Physical health network": "Physical health checks for people with severe mental illness",
    "Crisis and home treatment network": "Crisis teams, bed management and help lines",
    "Personality disorder services network": "Services for people with a borderline diagnosis",
    "Older people's wards network": "Wards for people over 65, and the way home from them",
    "Rehabilitation and recovery network": "Long stays, housing and work",
}
"""Name of each network, and whom it brings together."""


@dataclass(frozen=True)
class Project:
    """A project whose data are not stays on a ward.

    Attributes
    ----------
    folder, network, team : str
        Folder name of the project, network, and who runs it.
    topic : str
        What its data are: the file that holds them.
    expect : str
        What an honest evaluation must do: recover the truth, warn, refuse, or only describe.
    built_in : str
        The truth in plain words.
    """

    folder: str
    network: str
    team: str
    topic: str
    expect: Literal["recover", "warn", "refuse", "describe"]
    built_in: str


PROJECTS: tuple[Project, ...] = (
    Project(
        "observatory-high-dose",
        "Prescribing observatory",
        "Observatory wards",
        "measures",
        "recover",
        "Real: the share of people on a high dose falls from 31% to 24%. Reviews rise, and rapid "
        "tranquillisation, the balancing measure, stays as it was.",
    ),
    Project(
        "observatory-lithium-checks",
        "Prescribing observatory",
        "Lithium clinic",
        "measures",
        "warn",
        "Checks on time rise from 62% to 80%. Nine of 24 monthly returns never came and most of "
        "the others came late; no outcome is measured.",
    ),
    Project(
        "chestnut-activities",
        "In-patient child and adolescent network",
        "Chestnut unit and three others",
        "survey",
        "recover",
        "Young people are more satisfied with activities on weekdays and in the evening, and with "
        "the choice; at weekends nothing changed. One unit has fewer than ten answers.",
    ),
    Project(
        "sycamore-first-appointment",
        "Community child and adolescent network",
        "Sycamore team",
        "waits",
        "recover",
        "Half of the children are seen within 38 days instead of 70. Some still wait at the end.",
    ),
    Project(
        "poplar-transition-passport",
        "Community child and adolescent network",
        "Poplar team",
        "none",
        "refuse",
        "The aim is vague and nothing is measured, so nothing can be evaluated.",
    ),
    Project(
        "orchard-open-evenings",
        "Therapeutic communities network",
        "Orchard community",
        "survey",
        "describe",
        "Members are more satisfied with the evenings. One small community, which led the work.",
    ),
    Project(
        "lavender-peer-mentors",
        "Therapeutic communities network",
        "Lavender community",
        "measures",
        "refuse",
        "Dropped out after four monthly returns. Whether it helped cannot be known.",
    ),
    Project(
        "physical-health-checks",
        "Physical health network",
        "Ten community teams",
        "audit",
        "recover",
        "Every single check becomes more common; people with all six stay few. Three teams drop "
        "out, and they had done less before: without matching teams it looks better than it is.",
    ),
    Project(
        "mallow-health-clinic",
        "Physical health network",
        "Mallow team",
        "audit",
        "recover",
        "The same 40 people before and after: single checks rise, all six remain rare.",
    ),
    Project(
        "crisis-bed-hub",
        "Crisis and home treatment network",
        "North hub and South hub",
        "waits",
        "recover",
        "Half of those admitted here get a bed within 5 hours instead of 9, and fewer go far "
        "away. When the two hubs are merged, waits are longer again for two months.",
    ),
    Project(
        "myrtle-night-line",
        "Crisis and home treatment network",
        "Myrtle team",
        "measures",
        "refuse",
        "The team stopped collecting its measure after five months: it saw no use in it.",
    ),
    Project(
        "borderline-service-standards",
        "Personality disorder services network",
        "Fourteen services",
        "provision",
        "recover",
        "More standards are met in 2019 by the services that took part twice; on the coast "
        "standards of access lag behind. Three services could be accredited, none before.",
    ),
    Project(
        "saffron-crisis-plans",
        "Personality disorder services network",
        "Saffron service",
        "measures",
        "recover",
        "Real: people with a crisis plan rise from 20% to 75%, attendances in a crisis fall from "
        "32 to 22 for every 100 people a month; unplanned contacts stay as they were.",
    ),
    Project(
        "acute-wards-talk-first",
        "River network",
        "Twelve acute wards",
        "roll_out",
        "recover",
        "Real: restraints fall by 30% within three months of each ward's own start, and stay "
        "there. One ward has not started.",
    ),
    Project(
        "laurel-falls-huddle",
        "Older people's wards network",
        "Laurel ward",
        "measures",
        "recover",
        "The huddle is held more often, and falls stay as they were: a process that improved "
        "without its outcome.",
    ),
    Project(
        "heron-employment",
        "Rehabilitation and recovery network",
        "Heron team",
        "measures",
        "describe",
        "The share in work or training rises from 18% to 26%, in a small team whose returns all "
        "came late.",
    ),
)

CHALLENGES: dict[str, tuple[str, ...]] = {
    "re-organisation": ("hazel-community-support", "willow-step-down-flat"),
    "two teams merged": ("hornbeam-home-first", "crisis-bed-hub"),
    "staff changes": ("sycamore-first-appointment", "bracken-move-on", "laurel-falls-huddle"),
    "dropped out": ("lavender-peer-mentors", "physical-health-checks"),
    "missing returns": ("maple-home-treatment", "observatory-lithium-checks"),
    "late returns": ("heron-employment", "observatory-lithium-checks"),
    "reluctance to collect measures": ("myrtle-night-line",),
    "no measure": ("poplar-transition-passport",),
    "vague aim": (
        "alder-weekly-review",
        "hazel-community-support",
        "poplar-transition-passport",
        "lavender-peer-mentors",
    ),
    "thin PDSA log": (
        "alder-weekly-review",
        "hazel-community-support",
        "poplar-transition-passport",
        "lavender-peer-mentors",
    ),
    "little service-user involvement": ("alder-weekly-review", "bracken-move-on"),
    "too few months": ("juniper-crisis-house", "cowslip-reablement"),
}
"""What made the work hard, and in which projects it is built in."""
