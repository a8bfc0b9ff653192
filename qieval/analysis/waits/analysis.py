"""Waits: how long from referral to care, with those still waiting counted as far as seen?

Reads from top to bottom: the counts come from :mod:`qieval.flow.waits`, the curves from
:mod:`qieval.flow.kaplan_meier`; :mod:`.tables`, :mod:`.words` (the result) and :mod:`.checks` are
here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd

from qieval.analysis.waits.checks import checks_of
from qieval.analysis.waits.tables import (
    POINTS,
    curves_of_waits,
    outcomes_table,
    periods_table,
    wait_estimates,
)
from qieval.analysis.waits.words import WaitsResult
from qieval.core.aim import read_aim
from qieval.core.periods import Frequency
from qieval.core.recorded import recorded
from qieval.core.signatures import public
from qieval.core.tables import names_of
from qieval.flow.groups import together
from qieval.flow.kaplan_meier import steps_of
from qieval.flow.waits import Clock, waits_counted


@public
def waits(
    referrals: pd.DataFrame,
    *,
    target_days: float,
    by: str | Sequence[str] = (),
    extract_date: date | str | None = None,
    every: Frequency = "month",
    count_from: date | str | None = None,
    observed_from: date | str | None = None,
    intervention: date | str | None = None,
    clock: Clock = "days",
    outcomes: Mapping[str, str] | None = None,
    elsewhere_ends: bool = True,
    complete: bool = False,
    care: str = "care",
    aim: Mapping[str, Any] | str | None = None,
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
    observed_from : date, optional
        The first day of data collection: referrals that waited on that day count on the curve from
        then on (delayed entry)
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
    aim : mapping or str, optional
        What is to be reached, by how much and by when
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
    given = recorded(waits, locals())
    read_aim(aim)  # refused here if it is damaged, not on the page
    counted = waits_counted(
        referrals,
        target_days=target_days,
        by=by,
        extract_date=extract_date,
        every=every,
        count_from=count_from,
        observed_from=observed_from,
        intervention=intervention,
        clock=clock,
        outcomes=outcomes,
        complete=complete,
    )
    target = target_days * (24 if clock == "hours" else 1)
    counts = together(counted.counts, counted.groups, ["period", "fate", "old", "entered", "wait"])
    curves = curves_of_waits(counts, counted.groups, elsewhere_ends)
    periods = periods_table(counts, list(curves), target, elsewhere_ends)
    outcome_counts = outcomes_table(periods)
    result = WaitsResult(
        params={
            **given,
            "by": list(counted.groups.by),
            "outcomes": dict(outcomes or {}),
            "outcome": f"Wait for {care}",
        },
        points=steps_of(curves, names_of(POINTS)),
        estimates=wait_estimates(curves, outcome_counts, clock),
        groups=tuple(curves),
        last={name: curve.last for name, curve in curves.items()},
        without_curve=tuple(sorted(set(counted.counts["group"]) - set(curves))),
        notes=counted.notes,
        periods=periods,
        outcomes=outcome_counts,
        called="referral",
        target_time=target,
        undated=counted.undated,
    )
    return result.with_checks(checks_of(result))


def renamed(result: WaitsResult, called: str) -> WaitsResult:
    """The same result, with another word for a referral in everything it says."""
    again = replace(result, called=called)
    return again.with_checks(checks_of(again))
