"""Readmissions: how many of those discharged are back in hospital soon?

Reads from top to bottom: the counts come from :mod:`qieval.flow.readmissions`; :mod:`.tables`,
:mod:`.words` (the result) and :mod:`.checks` are here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from qieval.analysis.readmissions.checks import checks_of
from qieval.analysis.readmissions.tables import points_table, readmission_estimates
from qieval.analysis.readmissions.words import Counted, ReadmissionsResult
from qieval.core.aim import read_aim
from qieval.core.errors import CannotEvaluate
from qieval.core.periods import Frequency
from qieval.core.recorded import recorded
from qieval.core.signatures import public
from qieval.flow.groups import together
from qieval.flow.readmissions import USUAL, Discharges, discharges_followed, readmitted


@public
def readmissions(
    spells: pd.DataFrame,
    *,
    extract_date: date | str,
    window: int = 30,
    by: str | Sequence[str] = (),
    every: Frequency = "month",
    count_from: date | str | None = None,
    intervention: date | str | None = None,
    join_gap: int = 0,
    died: Sequence[str] = ("died",),
    aim: Mapping[str, Any] | str | None = None,
    setting: str = "",
) -> ReadmissionsResult:
    """How many of those discharged alive are readmitted within a window of days.

    Parameters
    ----------
    spells : DataFrame
        One row a stay: ``person, start, end`` (blank: still in), the columns of `by`, and
        ``discharged_to`` if there is one; or an ibis table, or the path of a Parquet file. It is
        not changed.
    extract_date : date
        The date up to which the data reach
    window : int
        Days in which a readmission counts; the day of discharge is day 0, so 30 means days 0 to 29
        (England's 30 days), 28 days 0 to 27
    by : str or list of str
        Columns that name the groups, such as ward; a discharge belongs to the group of the stay
        that ended last
    every : str
        Kind of period by which discharges are shown
    count_from : date, optional
        Only discharges on or after this day
    intervention : date, optional
        Day of a change: discharges before it and since are shown apart
    join_gap : int
        Most days between two stays of a person that are one stay (a transfer); 0 joins stays of
        which the next began on the day the last one ended, -1 only those that overlap
    died : list of str
        Words in discharged_to that mean death
    aim : mapping or str, optional
        What is to be reached, by how much and by when
    setting : str
        For whom or where, in plain words

    Returns
    -------
    ReadmissionsResult
        In ``points`` discharges and readmissions by group and period (for a p or p' chart);
        estimates ``readmitted``, for groups ``readmitted: <group>``, ``difference`` before and
        since a change, and the number by other usual rules.

    Raises
    ------
    CannotEvaluate
        If nobody was discharged alive with a whole window before the extract.
    DataError
        If a stay cannot be; with row numbers.
    ParameterError
        If a parameter has no meaning.

    Notes
    -----
    Index: a live discharge whose whole window lies before the extract. Transfers are joined first,
    then the next admission of the person is the readmission, if it lies in the window: one for
    each discharge. Intervals: Wilson; of the difference: Newcombe.

    References
    ----------
    NHS Digital, Emergency readmissions within 30 days of discharge, specification I02040 (days 0
    to 29). Wilson 1927, J Am Stat Assoc 22:209. Newcombe 1998, Stat Med 17:873.
    """
    given = recorded(readmissions, locals())
    read_aim(aim)  # refused here if it is damaged, not on the page

    def counted_with(gap: int) -> Discharges:
        return discharges_followed(
            spells,
            window=window,
            extract_date=extract_date,
            by=by,
            every=every,
            count_from=count_from,
            intervention=intervention,
            join_gap=gap,
            died=died,
        )

    counted = counted_with(join_gap)
    groups = counted.groups
    rows = together(readmitted(counted, window), groups, ["period"])
    rows["whole"] = rows["whole"].astype(int)
    if not rows["discharges"].sum():
        raise CannotEvaluate(
            "Nobody was discharged long enough before the extract to be followed.",
            found=f"no discharge at least {window - 1} days before {str(extract_date)[:10]}",
            remedy="Ask again with a later extract, or with a shorter `window`.",
        )
    others = {f"within_{days}_days": readmitted(counted, days) for days in USUAL if days != window}
    if counted.joined and join_gap >= 0:
        others["transfers_not_joined"] = readmitted(counted_with(-1), window)
    order = groups.order(rows)
    followed = readmitted(counted, window)["discharges"].sum()
    result = ReadmissionsResult(
        params={
            **given,
            "by": list(groups.by),
            "outcome": f"Readmission within {window} days of discharge",
        },
        points=points_table(rows, order),
        estimates=readmission_estimates(rows, order, others),
        groups=tuple(order),
        counted=Counted(
            deaths=counted.deaths,
            joined=counted.joined,
            not_followed=int(counted.counts["discharges"].sum() - followed),
            endings_told=counted.endings_told,
            notes=counted.notes,
        ),
    )
    return result.with_checks(checks_of(result))
