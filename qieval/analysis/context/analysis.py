"""Context: what else happened, beside every result. An event near a change is a warning, no cause.

Reads from top to bottom: :mod:`.methods.windows` (when each result was measured and when its change
came), :mod:`.methods.staffing`, :mod:`.tables` (which events lie in which window, with and without
them), :mod:`.words` (the result) and :mod:`.checks`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from qieval.analysis.context.checks import checks_of
from qieval.analysis.context.methods.staffing import before_and_since, tidy_staffing
from qieval.analysis.context.methods.windows import windows_of
from qieval.analysis.context.tables import counts_of, events_table, in_windows, with_and_without
from qieval.analysis.context.words import ContextResult
from qieval.core.errors import ParameterError
from qieval.core.evaluated import Evaluated
from qieval.core.recorded import recorded
from qieval.core.signatures import public
from qieval.intake.reading import read

OWN_KINDS = ("project", "pdsa", "cycle", "pdsa_cycle")
"""Kinds of events that are the project itself."""


@public
def context(
    events: pd.DataFrame,
    results: Sequence[Evaluated],
    *,
    window: int = 3,
    staffing: pd.DataFrame | str | None = None,
    staffing_words: Mapping[str, str] | None = None,
    own_kinds: Sequence[str] = OWN_KINDS,
    setting: str = "",
) -> ContextResult:
    """What else happened, set beside the results of one project or several.

    Parameters
    ----------
    events : DataFrame
        One row an event: date, event and, as far as known, kind, planned, level, source, note,
        project (blank: it concerned all), team.
    results : list of Evaluated
        What was evaluated, as `qi.read_results` gives it.
    window : int
        Months before a change, and after its transition, in which another event is a warning
    staffing : DataFrame or path, optional
        Staffing by period: period, team and any figures, such as vacancy, turnover and agency
    staffing_words : mapping, optional
        Figure of the staffing table → what it is called, with its unit; nothing means all of them
    own_kinds : list of str
        Kinds of events that are the project itself and no other change
    setting : str
        For whom or where, in plain words

    Returns
    -------
    ContextResult
        One point an event; which results have one in their window; the results with and without.

    Raises
    ------
    CannotEvaluate
        If no event is recorded for these projects.
    DataError
        If the events or the staffing cannot be read.
    ParameterError
        If a parameter has no meaning.

    References
    ----------
    Lopez Bernal, Cummins and Gasparrini 2017, Int J Epidemiol 46:348 (history as the chief threat
    to an interrupted time series). EPOC 2017, risk of bias: independent of other changes. Ogrinc et
    al 2016, BMJ Qual Saf 25:986 (SQUIRE 2.0, context).
    """
    given = recorded(context, locals())
    if isinstance(window, bool) or window < 0:
        raise ParameterError(
            "`window` must be a whole number of months, 0 or more.", found=repr(window)
        )
    points = events_table(events, results, own_kinds)
    others = points[~points["own"]]
    began = points.loc[points["own"] & (points["project"] != ""), ["project", "date"]]
    windows, undated = windows_of(results, began, window)
    near = in_windows(others, windows)
    table = read(staffing, "series").table if isinstance(staffing, str) else staffing
    staff = tidy_staffing(table, staffing_words, results)
    result = ContextResult(
        params={
            **given,
            "staffing": staffing if isinstance(staffing, str) else None,
            "staffing_words": dict(staffing_words or {}),
            "outcome": "What else happened",
        },
        points=points,
        estimates=counts_of(others, windows, near),
        windows=windows,
        near=near,
        with_without=with_and_without(near, results),
        staffing=staff,
        staffing_change=before_and_since(staff, windows),
    )
    titles = [item.title for item in undated]
    return result.with_checks(checks_of(result, results, titles))
