"""The truth behind the example, a project at a time: ``TRUTH.yml``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import yaml

from qieval.core.config import SEED
from simulation import (
    audit,
    cases,
    doses,
    follow_up,
    involvement,
    measures,
    pdsa,
    provision,
    quotes,
    returns_log,
    roll_out,
    staffing,
    survey,
    waits,
)
from simulation.programme import (
    CHALLENGES,
    EXTRACT_DATE,
    FIRST_MONTH,
    NAME,
    NETWORKS,
    PROJECTS,
)
from simulation.simulate import effect, months_of, other_effect
from simulation.units import FAR_OFF, SPREAD, UNITS, YEARS
from simulation.wards import WARDS, Ward

HEAD = """\
# SIMULATED. Not patients. What is built into the files of this folder.
# projects, those about bed days (spells.csv and returns.csv), in occupied beds:
#   level_change: at once, in first_period. slope_change: more for each month after it.
#   average_effect: mean over the months from first_period to the end.
#   first_effect: mean over the first six of these months; later_effect: over those from the
#   thirteenth on. They differ where a change fades or grows.
#   seen_average_change: the average with the other change added, which is all that the series
#   can show. Random monthly noise is on top.
# expect: what an honest evaluation does. recover: its interval holds the truth. warn: it says that
#   its figure is not the project's. describe: it draws and does not test. refuse: it says why not.
# checks: the true shares of patients with all six checks behind checks.csv.
"""

HALF_A_YEAR, YEAR = 6, 12

PARTS = {
    "audit": audit,
    "provision": provision,
    "survey": survey,
    "waits": waits,
    "measures": measures,
    "pdsa": pdsa,
    "returns": returns_log,
    "involvement": involvement,
    "staffing": staffing,
    "cases": cases,
    "roll_out": roll_out,
    "follow_up": follow_up,
    "doses": doses,
    "quotes": quotes,
}
"""What a project's entry holds beside its bed days, and the module that knows it."""


def truth_text() -> str:
    """``TRUTH.yml``."""
    return HEAD + yaml.dump(truth(), Dumper=_Plain, sort_keys=False, allow_unicode=True, width=96)


def truth() -> dict[str, Any]:
    """What is built in."""
    parts = {name: module.truth() for name, module in PARTS.items()}
    projects = {ward.project: _of_ward(ward) for ward in WARDS}
    for project in PROJECTS:
        projects[project.folder] = {
            "network": project.network,
            "team": project.team,
            "topic": project.topic,
            "expect": project.expect,
            "built_in": project.built_in,
        }
    for folder, entry in projects.items():
        entry.update({name: part[folder] for name, part in parts.items() if folder in part})
    return {
        "programme": NAME,
        "simulated": True,
        "seed": SEED,
        "unit": "occupied beds, which is bed days per day",
        "first_month": FIRST_MONTH,
        "extract_date": EXTRACT_DATE,
        "networks": list(NETWORKS),
        "challenges": {challenge: list(folders) for challenge, folders in CHALLENGES.items()},
        "projects": projects,
        "checks": {
            "wards": len(UNITS),
            "share_on_an_ordinary_ward": dict(YEARS),
            "spread_between_ordinary_wards": SPREAD,
            "far_off": dict(FAR_OFF),
            "built_in": "True shares of ordinary wards scatter with this standard deviation on the "
            "arcsine scale. The two wards that are far off have the share given, in both years.",
        },
    }


def _of_ward(ward: Ward) -> dict[str, Any]:
    months = months_of(ward)
    begin = months.index(ward.intervention)
    after = months[begin + ward.transition :]
    entry: dict[str, Any] = {
        "network": ward.network,
        "team": ward.ward,
        "topic": "bed days",
        "expect": ward.expect,
        "built_in": ward.built_in,
        "ward": ward.ward,
        "intervention": ward.intervention,
        "transition": ward.transition,
        "first_period": after[0],
        "months_before": begin,
        "months_after": len(after),
        "level_change": ward.level_change,
        "slope_change": ward.slope_change,
        "average_effect": _mean(effect(ward, month) for month in after),
        "first_effect": _mean(effect(ward, month) for month in after[:HALF_A_YEAR]),
    }
    if a_year_on := after[YEAR:]:
        entry["later_effect"] = _mean(effect(ward, month) for month in a_year_on)
    if ward.missing:
        entry["missing_months"] = list(ward.missing)
    if ward.leave:
        entry["leave_at_a_weekend"] = {"before": ward.leave[0], "after": ward.leave[1]}
    if ward.other:
        entry["other_change"] = {
            "month": ward.other.month,
            "occupied_beds": ward.other.occupied,
            "staffed_beds": ward.other.beds,
            "what": ward.other.what,
        }
        entry["seen_average_change"] = _mean(
            effect(ward, month) + other_effect(ward, month) for month in after
        )
    return entry


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return round(sum(listed) / len(listed), 4)


class _Plain(yaml.SafeDumper):
    """YAML that writes everything out: a list that comes twice is no reference to the first."""

    def ignore_aliases(self, data: Any) -> bool:
        return True
