"""Regression with ARIMA errors, by statsmodels' state-space likelihood; a sensitivity row."""

from __future__ import annotations

import warnings

import numpy as np

from qieval.analysis.its.methods.fit import Fit, Model, Settings, constant_df, t_inference
from qieval.core.errors import CannotEvaluate


def fit_arima(model: Model, settings: Settings) -> Fit:
    """Regression with ARIMA errors, normal intervals.

    Raises
    ------
    CannotEvaluate
        If the likelihood could not be maximised, or gives no covariance.
    """
    # Here, not at the top: this import costs a second that only this method should pay.
    from statsmodels.tsa.arima.model import ARIMA

    place = (model.times - model.times[0]).astype(int)
    y = np.full(place[-1] + 1, np.nan)
    x = np.zeros((place[-1] + 1, model.x.shape[1]))
    y[place], x[place] = model.y, model.x
    p = model.x.shape[1]
    scale = float(np.std(model.y))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # told below, as a refusal, if it matters
        found = ARIMA(
            y / scale,
            exog=x,
            order=settings.order,
            seasonal_order=settings.seasonal_order,
            trend="n",
        ).fit()
    vcov = np.asarray(found.cov_params())[:p, :p] * scale**2
    if not (np.isfinite(vcov).all() and (np.diag(vcov) > 0).all()):
        raise CannotEvaluate(
            "The ARIMA model could not be fitted to these data.",
            found=f"order {settings.order}",
            remedy="Take a simpler order, or the default method.",
        )
    one_ar = settings.order[:1] == (1,) and settings.order[1] == 0
    season = f", seasonal {settings.seasonal_order}" if any(settings.seasonal_order) else ""
    return Fit(
        f"ARIMA{settings.order} errors with regressors{season}, normal intervals",
        np.asarray(found.params)[:p] * scale,
        vcov,
        float(found.arparams[0]) if one_ar else None,
        float(found.params[-1]) * scale**2,
        t_inference(vcov, constant_df(np.inf)),
    )
