"""Several teams, one answer: the average change, and how far teams differ."""

from __future__ import annotations

from functools import partial
from typing import Literal

import pandas as pd

from qieval.analysis.synthesis import checks, tables
from qieval.analysis.synthesis.methods.random_effects import (
    INTERVAL_WORDS,
    Interval,
    TauMethod,
    average,
    common_effect,
    heterogeneity,
    refuse_confidence,
)
from qieval.analysis.synthesis.methods.teams import make_teams
from qieval.analysis.synthesis.methods.together import shared_correlation
from qieval.analysis.synthesis.words import PooledResult, method_words, plural
from qieval.core.checks import checks_table
from qieval.core.columns import all_there, numbers
from qieval.core.config import CONFIDENCE
from qieval.core.errors import require_one_of
from qieval.core.recorded import recorded
from qieval.core.signatures import public

Direction = Literal["lower", "higher", "neutral"]


@public
def pool(
    estimates: pd.DataFrame,
    *,
    method: TauMethod = "reml",
    interval: Interval = "hartung_knapp",
    estimate: str = "estimate",
    se: str = "se",
    study: str | None = None,
    unit: str | None = None,
    residuals: pd.DataFrame | None = None,
    confidence: float = CONFIDENCE,
    outcome: str = "The measure",
    setting: str = "",
    change: str = "the intervention",
    team: str = "team",
    direction: Direction = "neutral",
) -> PooledResult:
    """Average the same estimate over several teams, and say how far they differ.

    Parameters
    ----------
    estimates : DataFrame
        One row a team, such as one term of each team's own result. Teams that could not be
        evaluated stand in it with a blank estimate and, in a column ``reason``, why. A column
        ``df`` (degrees of freedom of the standard error), ``unit`` or ``term`` is used where there
        is one. The table is not changed.
    method : str
        How the variance of the true changes between teams is estimated
    interval : str
        How the interval of the average is made
    estimate : str
        Column with the estimates
    se : str
        Column with their standard errors
    study : str, optional
        Column that names the team; nothing means the table's index
    unit : str, optional
        Unit of the estimates in plain words; nothing means that of the table's column unit
    residuals : DataFrame, optional
        Residuals of each team's own model, periods down and teams across: how alike teams that
        changed together are. Nothing means that this is not known, or that they share no periods
    confidence : float
        Confidence level of the intervals
    outcome : str
        What is measured, in plain words
    setting : str
        For whom or where, in plain words
    change : str
        The intervention in plain words, as in a sentence
    team : str
        What one row is called, such as ward or team
    direction : str
        Which way is better

    Returns
    -------
    PooledResult
        Estimates by term: ``pooled, prediction, tau, tau2, i2, common_effect``; in ``points`` a row
        a team.

    Raises
    ------
    DataError
        If the table cannot be used: columns, a team twice, standard errors that are not above zero,
        different units.
    ParameterError
        If a parameter has no meaning.
    CannotEvaluate
        If fewer than two teams have an estimate.

    Notes
    -----
    Random effects: each team has its own true change, these scatter around their average with
    variance tau², and standard errors are taken as known. tau² by REML (default), DerSimonian and
    Laird (``dl``) or Paule and Mandel (``pm``), never below zero; its interval is the Q-profile
    one; I² = tau² / (tau² + typical variance within a team), as in metafor. The interval of the
    average is Hartung and Knapp's with k - 1 degrees of freedom and the floor of Knapp and Hartung
    (never a smaller standard error than Wald's). The prediction interval is average ± t(k - 2)
    sqrt(tau² + se²), the convention of Higgins, Thompson and Spiegelhalter with the standard error
    of the interval chosen (Partlett and Riley); some programs take k - 1. A team's own change is
    called clear only after Benjamini and Hochberg's allowance for the number of teams.

    In simulations with 3 to 20 teams the Hartung-Knapp interval holds the true average 93 to 100 %
    of the time, also where standard errors come from series with 8 degrees of freedom (Wald 83 to
    98 %); the prediction interval holds a new team's true change 84 to 100 %, least often where
    true differences are smaller than the standard errors.

    References
    ----------
    Viechtbauer 2005, J Educ Behav Stat 30:261; 2007, Stat Med 26:37. Knapp and Hartung 2003, Stat
    Med 22:2693. Röver, Knapp and Friede 2015, BMC Med Res Methodol 15:99. Higgins, Thompson and
    Spiegelhalter 2009, J R Stat Soc A 172:137. Partlett and Riley 2017, Stat Med 36:301. Benjamini
    and Hochberg 1995, J R Stat Soc B 57:289.
    """
    asked = recorded(pool, locals())
    _check_options(method, interval, direction, confidence)
    teams = make_teams(estimates, estimate=estimate, se=se, study=study, unit=unit)
    y, v = teams.y, teams.v
    found = average(y, v, method, interval, confidence)
    common = common_effect(y, v, confidence)
    differ = heterogeneity(y, v, confidence)
    again = partial(average, method=method, interval=interval, confidence=confidence)
    many = plural(team)
    shared = None
    if residuals is not None:
        all_there(teams.used_names, residuals.columns, where="residuals")
        own = {name: numbers(residuals[name], name) for name in teams.used_names}
        shared = shared_correlation(pd.DataFrame(own))
    rows = [
        checks.enough_teams(len(y), many),
        checks.not_evaluated(teams, many),
        checks.differences(differ, found.tau2, len(y), many),
        *checks.one_decides(teams, checks.sign_of(found), again, team),
        *checks.floor(found),
        *checks.own_standard_errors(teams, many),
        checks.counted_once(teams),
        *checks.shared_shocks(shared, len(y), many),
    ]
    named = method_words(method, interval)
    return PooledResult(
        params=asked,
        points=tables.points(teams, found, confidence),
        estimates=tables.estimates(teams, found, common, differ, named),
        checks=checks_table(rows),
        tau2=found.tau2,
        i2=differ.i2(found.tau2),
        q=differ.q,
        spread=tables.spread(y, v, method, interval, confidence),
        measured_in=teams.unit,
        residual_correlation=shared,
    )


def _check_options(method: str, interval: str, direction: str, confidence: float) -> None:
    for name, given, known in [
        ("method", method, ("reml", "dl", "pm")),
        ("interval", interval, tuple(INTERVAL_WORDS)),
        ("direction", direction, ("lower", "higher", "neutral")),
    ]:
        require_one_of(name, given, known)
    refuse_confidence(confidence)
