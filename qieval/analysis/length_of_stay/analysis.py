"""Length of stay: how long do people stay, with those who are still in counted as far as seen?

Reads from top to bottom: the counts come from :mod:`qieval.flow.lengths`, the curves from
:mod:`qieval.flow.kaplan_meier`; :mod:`.tables`, :mod:`.words` (the result) and :mod:`.checks` are
here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from qieval.analysis.length_of_stay.checks import checks_of
from qieval.analysis.length_of_stay.tables import (
    POINTS,
    curves_of_stays,
    length_estimates,
    stays_table,
)
from qieval.analysis.length_of_stay.words import LengthOfStayResult
from qieval.core.aim import read_aim
from qieval.core.errors import ParameterError
from qieval.core.recorded import recorded
from qieval.core.signatures import public
from qieval.core.tables import names_of
from qieval.flow.groups import together
from qieval.flow.kaplan_meier import steps_of
from qieval.flow.lengths import lengths_of_stay


@public
def length_of_stay(
    spells: pd.DataFrame,
    *,
    by: str | Sequence[str] = (),
    extract_date: date | str | None = None,
    count_from: date | str | None = None,
    observed_from: date | str | None = None,
    intervention: date | str | None = None,
    long_stay: int = 60,
    join_gap: int = 0,
    died: Sequence[str] = ("died",),
    aim: Mapping[str, Any] | str | None = None,
    setting: str = "",
) -> LengthOfStayResult:
    """How long people stay, by Kaplan-Meier: those still in count for as long as they were seen.

    Parameters
    ----------
    spells : DataFrame
        One row a stay: ``person, start, end`` (blank: still in), the columns of `by`, and
        ``discharged_to`` if there is one; or an ibis table, or the path of a Parquet file. It is
        not changed.
    by : str or list of str
        Columns that name the groups, such as ward
    extract_date : date, optional
        The date up to which the data reach; needed when somebody is still in
    count_from : date, optional
        Only stays that began on or after this day: the first day of data collection, because stays
        under way then are in the table only if they were long
    observed_from : date, optional
        The first day of data collection, where stays under way then are not left out but count from
        that day on (delayed entry)
    intervention : date, optional
        Day of a change: stays that began before it and since are shown apart
    long_stay : int
        Nights beyond which a stay is called long
    join_gap : int
        Most days between two stays of a person that are one stay (a transfer); 0 joins stays of
        which the next began on the day the last one ended
    died : list of str
        Words in discharged_to that mean death
    aim : mapping or str, optional
        What is to be reached, by how much and by when
    setting : str
        For whom or where, in plain words

    Returns
    -------
    LengthOfStayResult
        In ``points`` the curve of each group; estimates ``median, p90, longer_than_<long_stay>``,
        and ``mean`` if nobody is still in; for groups ``median: <group>`` and so on.

    Raises
    ------
    CannotEvaluate
        If there is no spell to count, or none that ended.
    DataError
        If a stay cannot be; with row numbers.
    ParameterError
        If `extract_date` is needed, or a parameter has no meaning.

    Notes
    -----
    Stays of one person that abut or overlap are one stay (with groups: within a group, so that a
    transfer ends the stay on a ward). Every end counts as an end: discharge, transfer out, death.

    References
    ----------
    Kaplan and Meier 1958, J Am Stat Assoc 53:457. Brookmeyer and Crowley 1982, Biometrics 38:29
    (intervals of the median and the 90th centile).
    """
    given = recorded(length_of_stay, locals())
    read_aim(aim)  # refused here if it is damaged, not on the page
    if isinstance(long_stay, bool) or not isinstance(long_stay, int) or long_stay < 1:
        raise ParameterError(
            "`long_stay` is a whole number of nights, at least 1.",
            found=repr(long_stay),
            where="long_stay",
        )
    counted = lengths_of_stay(
        spells,
        by=by,
        extract_date=extract_date,
        count_from=count_from,
        observed_from=observed_from,
        intervention=intervention,
        join_gap=join_gap,
        died=died,
    )
    counts = together(counted.counts, counted.groups, ["nights", "ending", "entered"])
    curves = curves_of_stays(counts, counted.groups)
    without = set(counted.counts["group"]) - set(curves) if counted.groups.by else set()
    result = LengthOfStayResult(
        params={**given, "by": list(counted.groups.by), "outcome": "Length of stay"},
        points=steps_of(curves, names_of(POINTS)),
        estimates=length_estimates(curves, counts, long_stay),
        groups=tuple(curves),
        last={name: curve.last for name, curve in curves.items()},
        without_curve=tuple(sorted(without)),
        notes=counted.notes,
        stays=stays_table(curves, counts, long_stay),
        left_out=counted.left_out,
        endings_told=counted.endings_told,
    )
    return result.with_checks(checks_of(result))
