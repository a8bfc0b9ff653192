"""Several teams, one answer: the average change, how far teams differ, what a new one may expect.

Reads from top to bottom: :mod:`.teams` (table → one estimate a team), :mod:`.random_effects`
(methods by name), :mod:`.checks`, :mod:`.result` (words). :mod:`.one_stage` is the check by another
road: one model for all series at once. Formulas and sources: docs/methods.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from qieval.analysis.synthesis import checks
from qieval.analysis.synthesis.one_stage import OneStage, one_stage
from qieval.analysis.synthesis.random_effects import (
    INTERVAL_WORDS,
    METHOD_WORDS,
    Average,
    Heterogeneity,
    Interval,
    TauMethod,
    average,
    common_effect,
    heterogeneity,
    refuse_confidence,
)
from qieval.analysis.synthesis.result import PooledResult
from qieval.analysis.synthesis.teams import Teams, make_teams
from qieval.analysis.synthesis.together import may_claim, mean_correlation
from qieval.core.checks import checks_table
from qieval.core.config import CONFIDENCE
from qieval.core.errors import require_one_of
from qieval.core.estimates import ESTIMATE_COLUMNS

__all__ = ["OneStage", "PooledResult", "one_stage", "pool"]

Direction = Literal["lower", "higher", "neutral"]


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
        What each team's own model leaves over, periods down and teams across: how alike teams that
        changed together are. Nothing means that this is not known
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
    _check_options(method, interval, direction, confidence)
    teams = make_teams(estimates, estimate=estimate, se=se, study=study, unit=unit)
    y, v = teams.y, teams.v
    found = average(y, v, method, interval, confidence)
    common = common_effect(y, v, confidence)
    differ = heterogeneity(y, v, confidence)
    again = partial(average, method=method, interval=interval, confidence=confidence)
    many = plural(team)
    shared = None if residuals is None else mean_correlation(residuals[teams.used_names])
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
    asked = {
        "method": method,
        "interval": interval,
        "estimate": estimate,
        "se": se,
        "study": study,
        "unit": unit,
        "confidence": confidence,
        "outcome": outcome,
        "setting": setting,
        "change": change,
        "team": team,
        "direction": direction,
    }
    named = f"{METHOD_WORDS[method]}, {INTERVAL_WORDS[interval]}"
    return PooledResult(
        params=asked,
        points=_points(teams, found, confidence),
        estimates=_estimates(teams, found, common, differ, named),
        checks=checks_table(rows),
        tau2=found.tau2,
        i2=differ.i2(found.tau2),
        q=differ.q,
        spread=_spread(y, v, method, interval, confidence),
        facts={
            "k": len(y),
            "few": checks.FEW,
            "unit": teams.unit,
            "share": teams.unit.startswith("share of "),
            "teams_word": many,
            "residual_correlation": shared,
            "may_claim": may_claim(shared, len(y)),
            "q_df": len(y) - 1,
            "q_p_value": differ.q_p_value,
            "words": f"Random effects, {named} interval.",
        },
    )


def _check_options(method: str, interval: str, direction: str, confidence: float) -> None:
    for name, given, known in [
        ("method", method, ("reml", "dl", "pm")),
        ("interval", interval, tuple(INTERVAL_WORDS)),
        ("direction", direction, ("lower", "higher", "neutral")),
    ]:
        require_one_of(name, given, known)
    refuse_confidence(confidence)


def plural(noun: str) -> str:
    """The plural of an English noun: wards, facilities, trusts."""
    if noun.endswith("y") and noun[-2:-1] not in tuple("aeiou"):
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(("s", "x", "ch", "sh")) else f"{noun}s"


def _points(teams: Teams, found: Average, confidence: float) -> pd.DataFrame:
    """Rows behind the figure, one a team, in the order of the table."""
    used = teams.used
    reach = stats.t.ppf(0.5 + confidence / 2, teams.df) * teams.se
    p_value = 2 * stats.t.sf(np.abs(teams.estimate / teams.se), teams.df)
    adjusted = np.full(len(used), np.nan)
    adjusted[used] = stats.false_discovery_control(p_value[used])
    weight = np.full(len(used), np.nan)
    weight[used] = found.weights
    table = pd.DataFrame(
        {
            "study": teams.names,
            "estimate": teams.estimate,
            "se": teams.se,
            "ci_low": teams.estimate - reach,
            "ci_high": teams.estimate + reach,
            "weight": weight,
            "p_value": p_value,
            "p_adjusted": adjusted,
            "clear": adjusted < 1 - confidence,
            "reason": teams.reason,
        }
    )
    return table


def _estimates(
    teams: Teams, found: Average, common: Average, differ: Heterogeneity, named: str
) -> pd.DataFrame:
    """The estimates by term."""
    unit, nan = teams.unit, float("nan")
    low, high = differ.tau2_low, differ.tau2_high
    squared = f"{unit}, squared" if unit else "squared"
    rows: list[tuple[Any, ...]] = [_row("pooled", found, unit, named)]
    if found.prediction:
        to = (found.mean, found.prediction_se, *found.prediction, nan, len(teams.y) - 2.0)
        rows.append(("prediction", *to, unit, f"{named}, t(k - 2)"))
    roots = np.sqrt([found.tau2, low, high])
    profile = f"{named.partition(',')[0]}, Q-profile"
    rows += [
        ("tau", roots[0], nan, roots[1], roots[2], nan, nan, unit, profile),
        ("tau2", found.tau2, nan, low, high, nan, nan, squared, profile),
        (
            "i2",
            *(differ.i2(found.tau2), nan, differ.i2(low), differ.i2(high), nan, nan),
            *("share of the differences", profile),
        ),
        _row("common_effect", common, unit, "Common effect, Wald"),
    ]
    columns = ["term", *[name for name in ESTIMATE_COLUMNS if name != "n"]]
    table = pd.DataFrame(rows, columns=columns).assign(n=len(teams.y))
    return table.set_index("term")[ESTIMATE_COLUMNS]


def _row(term: str, found: Average, unit: str, named: str) -> tuple[Any, ...]:
    df = found.df if np.isfinite(found.df) else float("nan")
    return (
        term,
        *(found.mean, found.se, found.ci_low, found.ci_high, found.p_value, df),
        *(unit, named),
    )


def _spread(
    y: np.ndarray, v: np.ndarray, method: str, interval: str, confidence: float
) -> pd.DataFrame:
    """The average by every method and interval, the headline's first, the common effect last."""
    choices: list[tuple[TauMethod, Interval]] = [
        (one, way) for one in ("reml", "dl", "pm") for way in ("hartung_knapp", "wald")
    ]
    choices.sort(key=lambda choice: choice != (method, interval))
    found = [(one, way, average(y, v, one, way, confidence)) for one, way in choices]
    rows = [_spread_row(one, way, by, by.prediction) for one, way, by in found]
    rows.append(_spread_row("common", "wald", common_effect(y, v, confidence), None))
    table = pd.DataFrame(rows)
    return table.assign(headline=[True] + [False] * (len(rows) - 1))


def _spread_row(
    method: str, interval: str, by: Average, prediction: tuple[float, float] | None
) -> dict[str, Any]:
    low, high = prediction or (float("nan"), float("nan"))
    return {
        "method": method,
        "interval": interval,
        "estimate": by.mean,
        "ci_low": by.ci_low,
        "ci_high": by.ci_high,
        "tau2": by.tau2,
        "prediction_low": low,
        "prediction_high": high,
    }
