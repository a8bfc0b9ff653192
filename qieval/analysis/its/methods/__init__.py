"""Methods by name: each takes a model and returns a fit that can give intervals."""

from __future__ import annotations

from collections.abc import Callable

from qieval.analysis.its.methods.arima import fit_arima
from qieval.analysis.its.methods.counts import fit_counts
from qieval.analysis.its.methods.events import FEWEST_EVENTS, fit_events, fit_few
from qieval.analysis.its.methods.fit import Fit, Inference, Model, Settings
from qieval.analysis.its.methods.integrated import fit_integrated
from qieval.analysis.its.methods.least_squares import fit_newey_west, fit_ols, fit_prais_winsten
from qieval.analysis.its.methods.names import EDGE, METHOD_WORDS, DegreesOfFreedom, Family, Method
from qieval.analysis.its.methods.reml import fit_ml, fit_reml

__all__ = [
    "EDGE",
    "FEWEST_EVENTS",
    "METHODS",
    "METHOD_WORDS",
    "DegreesOfFreedom",
    "Family",
    "Fit",
    "Inference",
    "Method",
    "Model",
    "Settings",
    "fit_counts",
    "fit_events",
    "fit_few",
]

METHODS: dict[str, Callable[[Model, Settings], Fit]] = {
    "reml": fit_reml,
    "integrated": fit_integrated,
    "ml": fit_ml,
    "ols": fit_ols,
    "newey_west": fit_newey_west,
    "prais_winsten": fit_prais_winsten,
    "arima": fit_arima,
}
