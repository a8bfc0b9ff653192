"""Six physical health checks, a record and a standard a row: ``audit.csv``.

Whether a check was done depends on the wave, the check, the team and the person: some people are
seen for everything and some for nothing, so that checks go together a little.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

from qieval.core.config import SEED
from simulation.drawing import generator, log_odds, logistic, normal, one_of

HEAD = ("project", "wave", "team", "record", "standard", "result")
WAVES = ("Spring 2017", "Spring 2018", "Spring 2019")
STANDARDS = (
    "Weight or BMI",
    "Blood pressure",
    "Blood lipids",
    "Blood glucose",
    "Alcohol",
    "Smoking",
)

DONE = {
    "Spring 2017": (0.62, 0.66, 0.40, 0.48, 0.55, 0.60),
    "Spring 2018": (0.71, 0.75, 0.44, 0.53, 0.65, 0.70),
    "Spring 2019": (0.79, 0.83, 0.49, 0.59, 0.73, 0.78),
}
"""Share done for an average person of an average team, by wave, in the order of the standards."""

MALLOW_DONE = {
    "Spring 2018": (0.48, 0.52, 0.25, 0.30, 0.42, 0.46),
    "Spring 2019": (0.85, 0.87, 0.42, 0.52, 0.80, 0.84),
}
"""The same for the one team that looks at its own people again."""

NOT_APPLICABLE = (0.00, 0.00, 0.03, 0.03, 0.01, 0.01)
REFUSED = (0.02, 0.01, 0.04, 0.04, 0.02, 0.02)
BLANK = 0.02

TEAM_SPREAD, PERSON_SPREAD = 0.30, 0.45  # standard deviations on the log odds scale
LEAVERS = {"Fell team": 1, "Marsh team": 1, "Quay team": 2}
"""Teams that dropped out, and after how many waves."""

LEAVERS_BELOW = 0.8  # how much lower their log odds were from the start
STAYERS = (
    "Brook team",
    "Dale team",
    "Glen team",
    "Heath team",
    "Mill team",
    "Moor team",
    "Wold team",
)
TEAMS = tuple(sorted((*STAYERS, *LEAVERS)))

MALLOW, MALLOW_PEOPLE = "Mallow team", 40
PROGRAMME_WIDE, ONE_TEAM = "physical-health-checks", "mallow-health-clinic"
_NORMAL = NormalDist()


@dataclass(frozen=True)
class Sample:
    """The records of one team in one wave."""

    project: str
    wave: str
    team: str
    records: int


def samples(seed: int = SEED) -> list[Sample]:
    """Who took part in which wave, and with how many records."""
    found = []
    for place, wave in enumerate(WAVES):
        for team in TEAMS:
            if place < LEAVERS.get(team, len(WAVES)):
                size = 18 + int(
                    generator("audit", PROGRAMME_WIDE, wave, team, "size", seed=seed).random() * 14
                )
                found.append(Sample(PROGRAMME_WIDE, wave, team, size))
    found += [Sample(ONE_TEAM, wave, MALLOW, MALLOW_PEOPLE) for wave in WAVES[1:]]
    return found


def team_effect(team: str, seed: int = SEED) -> float:
    """How far a team's log odds lie from the average team's."""
    if team == MALLOW:
        return 0.0
    below = LEAVERS_BELOW if team in LEAVERS else 0.0
    return (
        TEAM_SPREAD * normal(generator("audit", PROGRAMME_WIDE, team, "effect", seed=seed)) - below
    )


def shares(sample: Sample, person: float, seed: int = SEED) -> list[float]:
    """The chance that each check is done, for a person so far from the average (log odds)."""
    done = MALLOW_DONE if sample.team == MALLOW else DONE
    off = team_effect(sample.team, seed) + person
    return [logistic(log_odds(share) + off) for share in done[sample.wave]]


def rows(seed: int = SEED) -> Iterator[tuple[object, ...]]:
    """Rows of ``audit.csv``, or what another seed would have drawn.

    Each wave has other people, but for the one team that kept its own.
    """
    for sample in samples(seed):
        same, who = sample.project == ONE_TEAM, (sample.project, sample.team)
        for number in range(1, sample.records + 1):
            wave = "" if same else f"{WAVES.index(sample.wave) + 1}"
            record = f"SIM-{sample.team.split()[0]}{wave}-{number:03d}"
            person = PERSON_SPREAD * normal(generator("audit", *who, record, "person", seed=seed))
            rng = generator("audit", sample.project, sample.wave, sample.team, record, seed=seed)
            for place, share in enumerate(shares(sample, person, seed)):
                result = one_of(rng, _results(place, share))
                yield (sample.project, sample.wave, sample.team, record, STANDARDS[place], result)


def _results(place: int, share: float) -> dict[str, float]:
    applicable = 1 - NOT_APPLICABLE[place]
    refused = applicable * REFUSED[place]
    blank = applicable * BLANK
    met = (applicable - refused - blank) * share
    return {
        "not applicable": NOT_APPLICABLE[place],
        "refused": refused,
        "": blank,
        "met": met,
        "not met": 1 - NOT_APPLICABLE[place] - refused - blank - met,
    }


def expected(some: list[Sample], seed: int = SEED) -> dict[str, Any]:
    """True shares over the records of these samples; blank and refused count as not met."""
    people = [PERSON_SPREAD * _NORMAL.inv_cdf((step + 0.5) / 200) for step in range(200)]
    single, composite, total = [0.0] * len(STANDARDS), 0.0, 0
    for sample in some:
        total += sample.records
        for person in people:
            weight = sample.records / len(people)
            every = 1.0
            for place, share in enumerate(shares(sample, person, seed)):
                results = _results(place, share)
                applicable = 1 - results["not applicable"]
                single[place] += weight * results["met"] / applicable
                every *= results["met"] + results["not applicable"]
            composite += weight * every
    return {
        **{name: round(met / total, 4) for name, met in zip(STANDARDS, single, strict=True)},
        "all six": round(composite / total, 4),
    }


def truth(seed: int = SEED) -> dict[str, dict[str, Any]]:
    """By project: the true shares, for all teams and for those that were there in every wave."""
    listed = samples(seed)

    def by_wave(project: str, teams: tuple[str, ...]) -> dict[str, Any]:
        return {
            wave: expected(some, seed)
            for wave in WAVES
            if (
                some := [
                    one
                    for one in listed
                    if (one.project, one.wave) == (project, wave) and one.team in teams
                ]
            )
        }

    return {
        PROGRAMME_WIDE: {
            "rule": "met of applicable; blank and refused count as not met",
            "all_teams": by_wave(PROGRAMME_WIDE, TEAMS),
            "same_teams": by_wave(PROGRAMME_WIDE, STAYERS),
            "dropped_out_after_waves": dict(LEAVERS),
            "shares_of_codes": {"refused": list(REFUSED), "blank": BLANK},
        },
        ONE_TEAM: {
            "rule": "met of applicable; blank and refused count as not met",
            "same_people": MALLOW_PEOPLE,
            "all_teams": by_wave(ONE_TEAM, (MALLOW,)),
        },
    }
