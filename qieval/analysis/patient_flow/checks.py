"""What a reader must know before reading the flow of a ward: one row a check."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from qieval.analysis.patient_flow.words import PatientFlowResult
from qieval.core import periods
from qieval.core.checks import Check
from qieval.core.words import in_a_row, some_of


def checks_of(result: PatientFlowResult) -> list[Check]:
    """All checks of patient flow."""
    return [_gaps(result), _beds(result), _size(result), *_over(result)]


def _labels(result: PatientFlowResult, when: Iterable[pd.Timestamp]) -> str:
    return some_of([periods.label(period, result.every) for period in when])


def _gaps(result: PatientFlowResult) -> Check:
    every, points = result.every, result.points
    wanted = periods.span(points["period"].min(), points["period"].max(), every)
    known = points.loc[points["bed_days"].notna(), "period"]
    lacking = wanted[~wanted.isin(known)]
    identity = "missing_periods", f"Every {periods.noun(every)} there"
    if not len(lacking):
        text = f"{len(wanted):,} {periods.noun(every, len(wanted))} without a gap."
        return Check(*identity, "pass", text)
    text = f"No bed days for {_labels(result, lacking)}: shown as a gap, never as 0."
    return Check(*identity, "warn", text)


def _beds(result: PatientFlowResult) -> Check:
    identity = "beds", "Beds known"
    if not result.has("beds"):
        text = "No number of beds was given, so occupancy is not known."
        return Check(*identity, "warn", text)
    lacking = result.points.loc[result.points["beds"].isna(), "period"]
    if len(lacking):
        text = f"No beds for {_labels(result, lacking)}: no occupancy there."
        return Check(*identity, "warn", text)
    return Check(*identity, "pass", "For the whole time.")


def _size(result: PatientFlowResult) -> Check:
    identity, changes = ("size", "Size of the ward"), result.size_words()
    if not result.has("beds"):
        text = "Not known. A change in size would look like an improvement."
        return Check(*identity, "info", text)
    if not changes:
        return Check(*identity, "pass", "The number of beds stayed the same, or nearly so.")
    return Check(
        *identity,
        "warn",
        f"The number of beds changed {in_a_row(changes[:4])}. Mark it as an event on every chart "
        "of this ward; it is no improvement and no worsening of care.",
    )


def _over(result: PatientFlowResult) -> list[Check]:
    over = result.points.loc[result.points["occupancy"] > 100, "period"]
    if not len(over):
        return []
    text = (
        f"In {_labels(result, over)}. People on leave, whose beds were used by others, or beds "
        "beyond those staffed, can bring that about; take leave off to see."
    )
    return [Check("over_occupied", "Occupancy above 100%", "info", text)]
