"""Waits: how long from referral to care, with those still waiting counted as far as seen?

Reads from top to bottom: the counts come from :mod:`qieval.flow.waits`, the curve from
:mod:`qieval.flow.kaplan_meier`; :mod:`.tables`, :mod:`.checks`, :mod:`.result` (words) are here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import pandas as pd

from qieval.analysis.waits.checks import checks_of
from qieval.analysis.waits.result import WaitsResult
from qieval.analysis.waits.tables import (
    curves_of,
    estimates_table,
    fates_table,
    periods_table,
    points_table,
)
from qieval.core.checks import checks_table
from qieval.core.periods import Frequency
from qieval.flow.groups import together
from qieval.flow.waits import Clock, waits_counted

__all__ = ["WaitsResult", "waits"]


def waits(
    referrals: pd.DataFrame,
    *,
    target_days: float,
    by: str | Sequence[str] = (),
    extract_date: date | str | None = None,
    every: Frequency = "month",
    count_from: date | str | None = None,
    intervention: date | str | None = None,
    clock: Clock = "days",
    outcomes: Mapping[str, str] | None = None,
    elsewhere_ends: bool = True,
    complete: bool = False,
    care: str = "care",
    setting: str = "",
) -> WaitsResult:
    """How long people wait, by Kaplan-Meier: those still waiting count for as long as seen.

    Parameters
    ----------
    referrals : DataFrame
        One row a referral: ``referred, started`` (blank: not), and if there are such columns
        ``outcome, closed`` and those of `by`; or an ibis table, or the path of a Parquet file. It
        is not changed.
    target_days : float
        Days within which care should start; 0.1667 is four hours
    by : str or list of str
        Columns that name the groups, such as team
    extract_date : date, optional
        The date up to which the data reach; needed when somebody still waits
    every : str
        Kind of period of referral by which the target is shown
    count_from : date, optional
        Only referrals on or after this day
    intervention : date, optional
        Day of a change: referrals before it and since are shown apart
    clock : str
        Calendar days from date to date (days), or hours by the clock (hours)
    outcomes : mapping, optional
        What the words of the file mean: its word and here, elsewhere, refused or withdrawn
    elsewhere_ends : bool
        Whether care that started elsewhere ends the wait as care here does
    complete : bool
        Whether it is declared that nobody waits, was refused or withdrew, although the table shows
        none of them
    care : str
        What people wait for, in plain words, such as a bed or an assessment
    setting : str
        For whom or where, in plain words

    Returns
    -------
    WaitsResult
        In ``points`` the curve of each group, in ``periods`` the numbers by period of referral (for
        a p or p' chart); estimates ``median, p90, within_target, within_target_of_all``, for
        groups ``median: <group>`` and so on, ``difference`` before and since a change.

    Raises
    ------
    CannotEvaluate
        If only people who were seen are in the table and nobody declared that these are all, or
        if nobody was seen.
    DataError
        If a wait is negative, dates and outcome contradict one another, or an outcome is unknown;
        with row numbers.
    ParameterError
        If `extract_date` is needed, or a parameter has no meaning.

    Notes
    -----
    On the curve, referrals refused or withdrawn count until they were closed, and those still
    waiting until the extract. Within target: of referrals old enough for the target to have passed,
    those that started within it over those that did or waited longer. Referrals closed before the
    target passed are not in it; ``within_target_of_all`` counts them as not within. Intervals:
    log-log, Brookmeyer and Crowley, Wilson, Newcombe.

    References
    ----------
    Kaplan and Meier 1958, J Am Stat Assoc 53:457. Brookmeyer and Crowley 1982, Biometrics 38:29.
    Wilson 1927, J Am Stat Assoc 22:209. Newcombe 1998, Stat Med 17:873.
    """
    counted = waits_counted(
        referrals,
        target_days=target_days,
        by=by,
        extract_date=extract_date,
        every=every,
        count_from=count_from,
        intervention=intervention,
        clock=clock,
        outcomes=outcomes,
        complete=complete,
    )
    target = target_days * (24 if clock == "hours" else 1)
    counts = together(counted.counts, counted.groups, ["period", "fate", "old", "wait"])
    curves = curves_of(counts, counted.groups, elsewhere_ends)
    periods = periods_table(counts, list(curves), target, elsewhere_ends)
    fates = fates_table(periods)
    asked = {
        "target_days": target_days,
        "by": list(counted.groups.by),
        "extract_date": extract_date and str(extract_date)[:10],
        "every": every,
        "count_from": count_from and str(count_from)[:10],
        "intervention": intervention and str(intervention)[:10],
        "clock": clock,
        "outcomes": dict(outcomes or {}),
        "elsewhere_ends": elsewhere_ends,
        "complete": complete,
        "care": care,
        "setting": setting,
        "outcome": f"Wait for {care}",
    }
    result = WaitsResult(
        params=asked,
        points=points_table(curves),
        estimates=estimates_table(curves, fates, clock),
        checks=checks_table([]),
        periods=periods,
        fates=fates,
        facts={
            "called": "referral",
            "groups": list(curves),
            "last": {name: curve.last for name, curve in curves.items()},
            "target": target,
            "undated": counted.undated,
            "notes": list(counted.notes),
            "without_curve": sorted(set(counted.counts["group"]) - set(curves)),
        },
    )
    return replace(result, checks=checks_table(checks_of(result)))


def called(result: WaitsResult, name: str) -> WaitsResult:
    """The same result, with another word for a referral in everything it says."""
    renamed = replace(result, facts={**result.facts, "called": name})
    return replace(renamed, checks=checks_table(checks_of(renamed)))
