"""Access in a crisis: what becomes of requests for a bed or an assessment, and how soon.

Reads from top to bottom: waits and target come from :mod:`qieval.analysis.waits`; :mod:`.tables`,
:mod:`.methods.demand` (when requests come), :mod:`.words` (the result) and :mod:`.checks` are here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from qieval.analysis.crisis_access.checks import checks_of
from qieval.analysis.crisis_access.methods.demand import demand_of, uneven
from qieval.analysis.crisis_access.tables import (
    access_estimates,
    days_of_groups,
    distances_of,
    points_of,
    tidy,
)
from qieval.analysis.crisis_access.words import CrisisAccessResult
from qieval.analysis.waits import renamed, waits
from qieval.core.aim import read_aim
from qieval.core.config import CONFIDENCE
from qieval.core.errors import ParameterError
from qieval.core.events import tidy_events
from qieval.core.periods import Frequency
from qieval.core.recorded import recorded
from qieval.core.signatures import public
from qieval.flow.days import as_day
from qieval.flow.groups import groups_of
from qieval.flow.waits import Clock


@public
def crisis_access(
    requests: pd.DataFrame,
    *,
    target: float,
    clock: Clock = "hours",
    extract_date: date | str | None = None,
    intervention: date | str | None = None,
    by: str | Sequence[str] = (),
    every: Frequency = "month",
    count_from: date | str | None = None,
    outcomes: Mapping[str, str] | None = None,
    elsewhere_ends: bool = True,
    complete: bool = False,
    few: int = 5,
    events: pd.DataFrame | Sequence[Mapping[str, Any]] | None = None,
    care: str = "a bed",
    aim: Mapping[str, Any] | str | None = None,
    setting: str = "",
) -> CrisisAccessResult:
    """What becomes of requests in a crisis, how long people wait, and when requests come.

    Parameters
    ----------
    requests : DataFrame
        One row a request: ``referred, started`` (blank: not), and if there are such columns
        ``outcome, closed, distance_km`` and those of `by`. It is not changed.
    target : float
        Hours (or days, as the clock says) within which care should start
    clock : str
        Hours by the clock (hours), or calendar days from date to date (days)
    extract_date : date, optional
        The date up to which the data reach; needed when somebody still waits
    intervention : date, optional
        Day of a change: requests before it and since are shown apart
    by : str or list of str
        Columns that name the groups, such as team; not together with a change
    every : str
        Kind of period by which the target is shown
    count_from : date, optional
        Only requests on or after this day
    outcomes : mapping, optional
        What the words of the file mean: its word and here, elsewhere, refused or withdrawn
    elsewhere_ends : bool
        Whether a start elsewhere ends the wait as one here does
    complete : bool
        Whether it is declared that nobody waits, was refused or withdrew, although the table shows
        none of them
    few : int
        Times of the week with fewer requests are not shown
    events : DataFrame or list of mappings, optional
        Things that happened, each with a date and an event in words
    care : str
        What people ask for, in plain words, such as a bed or an assessment
    aim : mapping or str, optional
        What is to be reached, by how much and by when
    setting : str
        For whom or where, in plain words

    Returns
    -------
    CrisisAccessResult
        In ``points`` what became of requests, in ``access`` the waits, in ``by_period`` the share
        within target (for a p or p' chart), in ``demand`` requests by weekday and time of day.

    Raises
    ------
    CannotEvaluate
        If only people who were seen are in the table and nobody declared that these are all.
    DataError
        If a wait or distance is negative, dates and outcome contradict one another, or an outcome
        is unknown; with row numbers.
    ParameterError
        If `extract_date` is needed, or a parameter has no meaning.

    Notes
    -----
    Shares: of requests that came to an end, Wilson; their change: Newcombe. Waits: Kaplan-Meier,
    refused and withdrawn counted until they were closed; beside it the median hours of those who
    did get a bed, here and elsewhere. Requests a day and by time of the week: exact Poisson; their
    ratio: score interval. A comparison of before and since is no interrupted time series: it takes
    no account of trend or season.

    References
    ----------
    Wilson 1927, J Am Stat Assoc 22:209. Newcombe 1998, Stat Med 17:873. Kaplan and Meier 1958, J Am
    Stat Assoc 53:457. Gu and others 2008, Biom J 50:283.
    """
    given = recorded(crisis_access, locals())
    read_aim(aim)  # refused here if it is damaged, not on the page
    if isinstance(few, bool) or few < 2:
        raise ParameterError("`few` must be at least 2.", found=repr(few), where="few")
    referrals = waits(
        requests,
        target_days=target / 24 if clock == "hours" else target,
        by=by,
        extract_date=extract_date,
        every=every,
        count_from=count_from,
        intervention=intervention,
        clock=clock,
        outcomes=outcomes,
        elsewhere_ends=elsewhere_ends,
        complete=complete,
        care=care,
        setting=setting,
    )
    access = renamed(referrals, "request")
    first, last = as_day(count_from, "count_from"), as_day(extract_date, "extract_date")
    rows = tidy(requests, groups_of(by, intervention), outcomes, first, clock)
    first = rows["referred"].min().normalize() if first is None else first
    last = rows["referred"].max().normalize() if last is None else last
    dispersion, chance = uneven(rows["referred"], first, last)
    points = points_of(access.outcomes)
    days = days_of_groups(access, first, last)
    result = CrisisAccessResult(
        params={
            **given,
            "by": access.params["by"],
            "outcomes": dict(outcomes or {}),
            "events": tidy_events(events),
            "outcome": f"Requests for {care}",
        },
        points=points,
        estimates=access_estimates(access, rows, points, days, CONFIDENCE),
        groups=access.groups,
        access=access,
        distances=distances_of(rows, access.groups),
        demand=demand_of(rows["referred"], first, last, few, CONFIDENCE),
        first=first.date(),
        last=last.date(),
        dispersion=dispersion,
        dispersion_p=chance,
    )
    return result.with_checks(checks_of(result))
