"""Names of methods, of degrees of freedom and of families, and what they mean in words."""

from __future__ import annotations

from typing import Literal

Method = Literal["reml", "integrated", "ml", "ols", "newey_west", "prais_winsten", "arima"]
DegreesOfFreedom = Literal["satterthwaite", "kenward_roger", "residual", "normal"]
Primary = Literal["average_effect", "level_change"]
Family = Literal["auto", "gaussian", "events", "poisson", "quasipoisson", "negative_binomial"]

METHOD_WORDS: dict[str, str] = {
    "reml": "REML",
    "integrated": "REML, autocorrelation integrated out",
    "ml": "Maximum likelihood",
    "ols": "Ordinary least squares",
    "newey_west": "Newey-West",
    "prais_winsten": "Prais-Winsten",
    "arima": "ARIMA with regressors",
    "events": "Counts of events with autocorrelation",
    "poisson": "Poisson",
    "quasipoisson": "Quasi-Poisson",
    "negative_binomial": "Negative binomial",
}

EDGE = 0.9
"""An autocorrelation estimated above this cannot be told from a wandering level (docs/methods)."""
