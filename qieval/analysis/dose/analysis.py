"""Dose: does the effect of a team go with how much of the change it had? An association.

Reads from top to bottom: each team's dose meets its effect (:mod:`.tables`), a line is drawn
through them, and :mod:`.checks` says what to mind. There are no p values.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from qieval.analysis.dose.checks import checks_of
from qieval.analysis.dose.tables import curve_of, estimates_of, in_turn, met, with_intervals
from qieval.analysis.dose.words import DoseResult
from qieval.analysis.synthesis.methods.regression import regress
from qieval.core.columns import is_number
from qieval.core.errors import CannotEvaluate, ParameterError, require_one_of
from qieval.core.evaluated import Evaluated
from qieval.core.recorded import recorded
from qieval.core.signatures import public

FEWEST_TEAMS = 10
"""Cochrane Handbook, section 10.11.5.1: no meta-regression with fewer than ten studies."""

FEWEST_DOSES = 3

Direction = Literal["lower", "higher", "neutral"]


@public
def dose(
    doses: pd.DataFrame,
    results: Sequence[Evaluated] = (),
    *,
    dose: str,
    unit: str = "unit",
    known_from: str = "source",
    measure: str | None = None,
    evaluation: str = "interrupted_time_series",
    relative: bool = True,
    estimate: str | None = None,
    se: str | None = None,
    step: float = 1,
    dose_in: str | None = None,
    effect_in: str | None = None,
    outcome: str | None = None,
    setting: str = "",
    direction: Direction = "neutral",
) -> DoseResult:
    """How the effects of several teams go with how much of the change each had.

    Parameters
    ----------
    doses : DataFrame
        One row a team, with its dose, and where that is known from. It is not changed.
    results : list of Evaluated
        What was evaluated, as `qi.read_results` gives it; none if the table holds the effects
    dose : str
        Column with the dose: sessions, cycles, share of staff trained, a fidelity score
    unit : str
        Column that names the team: the folder of its project, or the team as project.yml has it
    known_from : str
        Column that says where each dose is known from
    measure : str, optional
        Of several measures, the one whose effects are meant, in the words of its page
    evaluation : str
        Kind of evaluation whose effects are taken
    relative : bool
        Whether relative changes are taken, which teams of different size share
    estimate : str, optional
        Column with each team's effect, where it is not taken from results; blank: it has none
    se : str, optional
        Column with the standard errors of these effects
    step : float
        Step of the dose for which the slope is told, such as 10 sessions
    dose_in : str, optional
        What the dose is counted in, in the plural, such as sessions or cycles
    effect_in : str, optional
        Unit of effects that the table holds
    outcome : str, optional
        What changed, in plain words
    setting : str
        For whom or where, in plain words
    direction : str
        Which way is better

    Returns
    -------
    DoseResult
        In ``points`` a row a team; estimates ``slope`` (for a step of the dose), ``across`` (from
        the lowest dose to the highest), ``at_lowest``, ``at_highest`` and ``tau``.

    Raises
    ------
    CannotEvaluate
        If fewer than ten teams have a dose and an effect, or there are fewer than three doses.
    DataError
        If the table cannot be used, or the effects are of different measures or units.
    ParameterError
        If a parameter has no meaning.

    Notes
    -----
    Random-effects meta-regression: a line through the teams' effects, scatter around it by REML,
    intervals by Knapp and Hartung with k - 2 degrees of freedom and never narrower than Wald's.
    Effects and doses were not handed out by lot: a slope is an association between teams.

    References
    ----------
    Thompson and Higgins 2002, Stat Med 21:1559. Knapp and Hartung 2003, Stat Med 22:2693. Cochrane
    Handbook for Systematic Reviews of Interventions, section 10.11.
    """
    asked = recorded(globals()["dose"], locals())
    require_one_of("direction", direction, ("lower", "higher", "neutral"))
    if not is_number(step) or step <= 0:
        raise ParameterError("`step` must be above zero.", found=repr(step), where="step")
    if (estimate is None) != (se is None):
        raise ParameterError("`estimate` and `se` are given together, or neither.", where="se")
    points, told, effect_unit = met(
        doses,
        results,
        dose=dose,
        unit=unit,
        known_from=known_from,
        measure=measure,
        evaluation=evaluation,
        relative=relative,
        own=(estimate, se) if estimate and se else None,
        effect_in=effect_in,
    )
    used = points[points["reason"] == ""]
    if len(used) < FEWEST_TEAMS:
        raise CannotEvaluate(
            "There are too few teams for a line of effects against doses.",
            found=f"{len(used)} of {len(points)} teams with a dose and an effect",
            remedy=f"At least {FEWEST_TEAMS} are needed; with fewer, describe the doses.",
        )
    if used["dose"].nunique() < FEWEST_DOSES:
        raise CannotEvaluate(
            "The doses do not differ enough for a line.",
            found=f"{used['dose'].nunique()} different doses in {len(used)} teams",
            remedy=f"At least {FEWEST_DOSES} different doses are needed.",
        )
    y, v, x = (used[name].to_numpy(dtype=float) for name in ("estimate", "se", "dose"))
    v = v**2
    fitted = regress(y, v, x)
    lowest, highest = float(x.min()), float(x.max())
    result = DoseResult(
        params={
            **asked,
            "outcome": outcome or told or "The effect",
            "dose_in": dose_in or dose.replace("_", " "),
        },
        points=with_intervals(points),
        estimates=estimates_of(fitted, lowest, highest, float(step), effect_unit, len(used)),
        curve=curve_of(fitted, lowest, highest),
        effect_unit=effect_unit,
        floored=fitted.floored,
        without_one=in_turn(y, v, x, float(step)) if len(np.unique(x)) > FEWEST_DOSES else (),
    )
    return result.with_checks(checks_of(result))
