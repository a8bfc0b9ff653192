"""Patient flow: beds occupied and available, admissions and discharges of a ward over time.

Descriptive: it shows what happened, side by side. Whether something changed is for a run chart, and
whether a project changed it for an interrupted time series.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from qieval.analysis.patient_flow.checks import checks_of
from qieval.analysis.patient_flow.tables import flow_estimates, points_table
from qieval.analysis.patient_flow.words import PatientFlowResult
from qieval.core.aim import read_aim
from qieval.core.errors import ParameterError
from qieval.core.recorded import recorded
from qieval.core.signatures import public


@public
def patient_flow(
    data: pd.DataFrame,
    *,
    time: str = "period",
    population: float | None = None,
    target_occupancy: float | None = None,
    aim: Mapping[str, Any] | str | None = None,
    setting: str = "",
) -> PatientFlowResult:
    """Occupied and available beds, occupancy, admissions and discharges of one ward over time.

    Parameters
    ----------
    data : DataFrame
        One row a period, as `qi.measure` makes it of spells (``figures: occupancy`` or
        ``admissions``), or a series: ``bed_days`` and, if known, ``beds``, ``admissions``,
        ``discharges``. It is not changed.
    time : str
        Column with the dates of the periods
    population : float, optional
        People in the area served: bed days are then also given for each 100,000 of them a year
    target_occupancy : float, optional
        Occupancy in percent to be drawn, such as 85
    aim : mapping or str, optional
        What is to be reached, by how much and by when
    setting : str
        For whom or where, in plain words

    Returns
    -------
    PatientFlowResult
        In ``points`` the figures of each period; estimates over the whole time: ``occupied_beds,
        occupancy, admissions, discharges, bed_days_per_1000_admissions, admissions_per_bed,
        bed_days_per_100000``, as far as known.

    Raises
    ------
    CannotEvaluate
        If there is no period with bed days.
    DataError
        If a column is missing or holds no numbers, or a period comes twice (several wards).
    ParameterError
        If a parameter has no meaning.

    Notes
    -----
    Occupied beds are bed days per day; occupancy is the sum of bed days over the sum of available
    bed days (beds times days). No intervals are given: these are counts of everybody, not a sample.
    """
    given = recorded(patient_flow, locals())
    read_aim(aim)  # refused here if it is damaged, not on the page
    if population is not None and not population > 0:
        raise ParameterError("`population` must be above 0.", found=repr(population))
    if target_occupancy is not None and not 0 < target_occupancy <= 200:
        raise ParameterError(
            "`target_occupancy` is in percent: above 0, such as 85.", found=repr(target_occupancy)
        )
    points, every = points_table(data, time)
    result = PatientFlowResult(
        params={**given, "outcome": "Beds, admissions and discharges"},
        points=points,
        estimates=flow_estimates(points, every, population),
        every=every,
    )
    return result.with_checks(checks_of(result))
