"""What services offer to people with a borderline personality disorder: ``provision.csv``.

Standards, services and localities are invented.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from qieval.core.config import SEED
from simulation.drawing import generator, one_of

HEAD = ("project", "wave", "team", "locality", "type", "standard", "result")
PROJECT = "borderline-service-standards"
WAVES = ("2017", "2019")

LOCALITIES = {
    "Hill": ("Ferry service", "Gate service", "Lodge service", "Tower service"),
    "River": ("Bridge service", "Lock service", "Weir service", "Wharf service"),
    "Vale": ("Abbey service", "Orchid service", "Spring service"),
    "Coast": ("Beacon service", "Harbour service", "Pier service"),
}
ONLY_FIRST = ("Tower service", "Pier service")
ONLY_LAST = ("Spring service", "Wharf service")
ACCREDITED = ("Bridge service", "Gate service", "Lock service")
"""Services that reach 100, 80 and 60% of the standards of type 1, 2 and 3 in the last wave."""

STANDARDS: dict[str, tuple[str, ...]] = {
    "1": (
        "1.1 Nobody is turned away because of the diagnosis",
        "1.2 Everyone has a written crisis plan",
        "1.3 Somebody can be reached in a crisis at any hour",
        "1.4 A first appointment within four weeks",
        "1.5 One named worker for each person",
        "1.6 Risk is assessed together with the person",
        "1.7 Staff are supervised every month",
        "1.8 Medicines are reviewed twice a year",
        "1.9 Children at home are asked about",
        "1.10 Endings are planned from the start",
    ),
    "2": (
        "2.1 Two kinds of psychological therapy are offered",
        "2.2 Therapy starts within 18 weeks",
        "2.3 People can refer themselves",
        "2.4 Families and carers are offered support",
        "2.5 Evening appointments are offered",
        "2.6 All staff are trained in working with people with the diagnosis",
        "2.7 Physical health is looked after",
        "2.8 Outcomes are measured with each person",
        "2.9 People who use the service help to train staff",
        "2.10 Transitions from youth services are agreed",
    ),
    "3": (
        "3.1 Peer workers are employed",
        "3.2 Help with work and housing",
        "3.3 A group for those who wait",
        "3.4 The service takes part in research",
        "3.5 Travel costs are paid",
    ),
}
ACCESS = ("1.1", "1.3", "1.4", "2.2", "2.3", "2.5", "3.5")
"""Numbers of the standards that are about getting in."""

MET = {"2017": {"1": 0.62, "2": 0.48, "3": 0.30}, "2019": {"1": 0.76, "2": 0.60, "3": 0.36}}
COAST_ACCESS = 0.35  # standards of access on the coast, in both waves
PARTLY = 0.5  # share partly met among those not met
NOT_APPLICABLE, BLANK = 0.01, 0.02


def takes_part(service: str, wave: str) -> bool:
    """Whether a service sent its answers in a wave."""
    return service not in (ONLY_LAST if wave == WAVES[0] else ONLY_FIRST)


def chance(locality: str, wave: str, kind: str, standard: str) -> float:
    """The chance that a standard is met."""
    if locality == "Coast" and standard.split()[0] in ACCESS:
        return COAST_ACCESS
    return MET[wave][kind]


def rows(seed: int = SEED) -> Iterator[tuple[object, ...]]:
    """Rows of ``provision.csv``, or what another seed would have drawn."""
    for wave in WAVES:
        for locality, services in LOCALITIES.items():
            for service in services:
                if takes_part(service, wave):
                    for kind, standard, result in answers(service, locality, wave, seed):
                        yield PROJECT, wave, service, locality, kind, standard, result


def answers(
    service: str, locality: str, wave: str, seed: int = SEED
) -> Iterator[tuple[str, str, str]]:
    """Type, standard and answer of one service in one wave."""
    rng = generator("provision", PROJECT, wave, service, seed=seed)
    for kind, standards in STANDARDS.items():
        for place, standard in enumerate(standards):
            met = chance(locality, wave, kind, standard)
            partly = (1 - met) * PARTLY
            answer = one_of(
                rng,
                {
                    "not applicable": NOT_APPLICABLE if kind != "1" else 0.0,
                    "": BLANK,
                    "met": met * (1 - BLANK),
                    "partly met": partly * (1 - BLANK),
                    "not met": 0.0,
                },
            )
            if wave == WAVES[1] and service in ACCREDITED:
                enough = {"1": 10, "2": 8, "3": 3}[kind]
                answer = "met" if place < enough else "partly met"
            elif place == 1 and kind == "1":
                answer = "partly met"  # the crisis plan: nobody else has it for everyone
            yield kind, standard, answer


def truth() -> dict[str, dict[str, Any]]:
    """What is built into the answers."""
    return {
        PROJECT: {
            "share_met": MET,
            "share_met_of_access_on_the_coast": COAST_ACCESS,
            "standards_of_access": list(ACCESS),
            "crisis_plan": "1.2 is partly met by every service that is not accredited.",
            "accredited": {WAVES[0]: [], WAVES[1]: list(ACCREDITED)},
            "accredited_answer": "These meet 10 of 10, 8 of 10 and 3 of 5, in 2019.",
            "only_in_first_wave": list(ONLY_FIRST),
            "only_in_last_wave": list(ONLY_LAST),
        }
    }
