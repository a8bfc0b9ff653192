"""Which units differ from the others by more than their size would bring by chance?

Units keep the order of the table: a funnel is no league table.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from qieval.analysis.funnel import tables
from qieval.analysis.funnel.checks import checks_of
from qieval.analysis.funnel.methods.options import (
    Direction,
    Overdispersion,
    options_of,
    refuse_per,
)
from qieval.analysis.funnel.methods.power import DIFFERENCE
from qieval.analysis.funnel.methods.scales import FunnelKind, Transformation, Trimming
from qieval.analysis.funnel.methods.units import make_units
from qieval.analysis.funnel.tables import Funnel
from qieval.analysis.funnel.words import FunnelResult
from qieval.core.errors import ParameterError, did_you_mean
from qieval.core.recorded import recorded
from qieval.core.signatures import public


@public
def funnel(
    units: pd.DataFrame,
    *,
    unit: str,
    numerator: str,
    denominator: str,
    kind: FunnelKind,
    overdispersion: Overdispersion = "additive",
    transformation: Transformation | None = None,
    trim: float = 0.1,
    trimming: Trimming | None = None,
    levels: Sequence[float] = (0.95, 0.998),
    difference: float | None = None,
    outcome: str = "The measure",
    setting: str = "",
    own: str | None = None,
    called: str = "units",
    of: str = "people",
    per: float = 1,
    direction: Direction = "neutral",
) -> FunnelResult:
    """Compare units of different sizes with all of them together, allowing for chance.

    Parameters
    ----------
    units : DataFrame
        One row a unit. The table is not changed.
    unit : str
        Column that names the unit
    numerator : str
        Column with the number of events
    denominator : str
        Column with what they are divided by; for a ratio the number expected
    kind : str
        What numerator over denominator is: proportion, rate or ratio (observed to expected)
    overdispersion : str
        How limits allow for units that differ by more than chance: additive, multiplicative or none
    transformation : str, optional
        Scale: arcsine (proportion), log (rate, ratio) or sqrt (ratio); nothing means the first
    trim : float
        Share of units at each end that may not decide how far units differ
    trimming : str, optional
        Whether these are pulled in (winsorise) or left out (truncate) of that; nothing means
        truncate for a ratio on the log scale, else winsorise
    levels : list of float
        Levels of the limits, such as 0.95 and 0.998
    difference : float, optional
        True difference that should be found: 0.1 for ten percentage points, or a fifth of a rate or
        ratio as 0.2
    outcome : str
        What is measured, in plain words
    setting : str
        For whom or where, in plain words
    own : str, optional
        The project's own unit, as it is called in the table; marked and named
    called : str
        What the units are called, in the plural, such as wards
    of : str
        What the denominator counts, in plain words, such as patients
    per : float
        Rates are shown per so many of the denominator, such as 1000
    direction : str
        Which way is better

    Returns
    -------
    FunnelResult
        In ``points`` a row a unit, in the order of the table; estimates ``target, phi, tau2``.

    Raises
    ------
    DataError
        If a column is missing or holds text, a unit comes twice, or a number cannot be.
    ParameterError
        If a parameter has no meaning.
    CannotEvaluate
        If there is one unit only, a denominator is 0, or there is no event at all.

    Notes
    -----
    The target is Σ numerator / Σ denominator, for a ratio 1. On the scale of the kind each unit has
    z = (y - target) / s; phi = Σ z² / K after trimming, tau² by DerSimonian and Laird. Additive
    limits add tau² to the variance that chance brings, multiplicative ones multiply it by phi
    (never below 1). Without overdispersion, asked for or found, limits are exact binomial or
    Poisson ones.

    References
    ----------
    Spiegelhalter 2005, Stat Med 24:1185 (funnel plots, exact limits); 2005, Qual Saf Health Care
    14:347 (overdispersion). Spiegelhalter and others 2012, J R Stat Soc A 175:1.
    """
    asked = recorded(funnel, locals())
    options = options_of(kind, overdispersion, transformation, trim, trimming, levels, direction)
    refuse_per(per, kind)
    plot = Funnel.of(make_units(units, unit, numerator, denominator, kind), kind, options)
    if own is not None and own not in plot.units.names:
        raise ParameterError(
            "`own` names a unit that the table does not have.",
            found=repr(own),
            remedy=did_you_mean(own, plot.units.names, "Write it as in the table."),
        )
    looked_for = DIFFERENCE[kind] if difference is None else difference
    result = FunnelResult(
        params={
            **asked,
            "transformation": options.transformation,
            "trimming": options.trimming,
            "levels": list(options.levels),
            "difference": looked_for,
        },
        points=tables.points(plot, looked_for),
        estimates=tables.estimates(plot),
        curve=tables.curve(plot),
        widened=plot.widened,
        share_outside=tables.shares_outside(plot),
        outside_exact=tables.outside_exact(plot),
        scale=options.scale.words,
    )
    return result.with_checks(checks_of(result))
