"""What a reader must know before reading the flow of a ward: one row a check."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qieval.core import periods
from qieval.core.checks import Status
from qieval.core.words import in_a_row

if TYPE_CHECKING:
    from qieval.analysis.patient_flow.result import PatientFlowResult

Row = tuple[str, Status, str]

_MOST_LISTED = 6


def checks_of(result: PatientFlowResult) -> list[Row]:
    """All checks of patient flow."""
    return [_gaps(result), _beds(result), _size(result), *_over(result)]


def _labels(result: PatientFlowResult, when: Any) -> str:
    every: Any = result.facts["every"]
    names = [periods.label(period, every) for period in when]
    more = f" and {len(names) - _MOST_LISTED} more" if len(names) > _MOST_LISTED else ""
    return in_a_row(names[:_MOST_LISTED]) + more


def _gaps(result: PatientFlowResult) -> Row:
    every: Any = result.facts["every"]
    points = result.points
    wanted = periods.span(points["period"].min(), points["period"].max(), every)
    known = points.loc[points["bed_days"].notna(), "period"]
    lacking = wanted[~wanted.isin(known)]
    name = f"Every {periods.noun(every)} there"
    if not len(lacking):
        return name, "pass", f"{len(wanted):,} {periods.noun(every, len(wanted))} without a gap."
    return (
        name,
        "warn",
        f"No bed days for {_labels(result, lacking)}: shown as a gap, never as 0.",
    )


def _beds(result: PatientFlowResult) -> Row:
    name = "Beds known"
    if not result.has("beds"):
        return name, "warn", "No number of beds was given, so occupancy is not known."
    lacking = result.points.loc[result.points["beds"].isna(), "period"]
    if len(lacking):
        return name, "warn", f"No beds for {_labels(result, lacking)}: no occupancy there."
    return name, "pass", "For the whole time."


def _size(result: PatientFlowResult) -> Row:
    name, said = "Size of the ward", result.size_words()
    if not result.has("beds"):
        return name, "info", "Not known. A change in size would look like an improvement."
    if not said:
        return name, "pass", "The number of beds stayed the same, or nearly so."
    return (
        name,
        "warn",
        f"The number of beds changed {in_a_row(said[:4])}. Mark it as an event on every chart of "
        "this ward; it is no improvement and no worsening of care.",
    )


def _over(result: PatientFlowResult) -> list[Row]:
    over = result.points.loc[result.points["occupancy"] > 100, "period"]
    if not len(over):
        return []
    return [
        (
            "Occupancy above 100%",
            "info",
            f"In {_labels(result, over)}. People on leave, whose beds were used by others, or beds "
            "beyond those staffed, can bring that about; take leave off to see.",
        )
    ]
