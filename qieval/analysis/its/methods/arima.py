"""Regression with ARIMA errors, by statsmodels' state-space likelihood; a sensitivity row."""

from __future__ import annotations

import warnings

import numpy as np

from qieval.analysis.its.methods.fit import Fit, Model, Settings, constant_df, t_inference
from qieval.core.errors import CannotEvaluate


def fit_arima(model: Model, settings: Settings) -> Fit:
    """Regression with ARIMA errors, normal intervals, covariance from the observed information.

    statsmodels' own default, the outer product of gradients, is up to ten times too large where a
    series is differenced. As R's ``arima`` and Stata's ``vce(oim)``: the inverse Hessian.

    Raises
    ------
    CannotEvaluate
        If the likelihood could not be maximised, or gives no covariance.
    """
    # Here, not at the top: this import costs a second that only this method should pay.
    from statsmodels.tsa.arima.model import ARIMA

    place = (model.times - model.times[0]).astype(int)
    differenced = settings.order[1] + settings.seasonal_order[1] > 0
    # Differences lose the intercept; it is then where the lines meet the first point.
    kept = ~np.isclose(np.ptp(model.x, axis=0), 0) | (not differenced)
    y = np.full(place[-1] + 1, np.nan)
    x = np.zeros((place[-1] + 1, int(kept.sum())))
    y[place], x[place] = model.y, model.x[:, kept]
    p = x.shape[1]
    scale, origin = float(np.std(model.y)), float(np.mean(model.y)) if differenced else 0.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # told below, as a refusal, if it matters
        found = ARIMA(
            (y - origin) / scale,
            exog=x,
            order=settings.order,
            seasonal_order=settings.seasonal_order,
            trend="n",
        ).fit(cov_type="approx", cov_kwds={"approx_complex_step": True, "approx_centered": True})
    known = np.asarray(found.cov_params())[:p, :p] * scale**2
    if not (np.isfinite(known).all() and (np.diag(known) > 0).all()):
        raise CannotEvaluate(
            "The ARIMA model could not be fitted to these data.",
            found=f"order {settings.order}",
            remedy="Take a simpler order, or the default method.",
        )
    beta, vcov = np.zeros(len(kept)), np.zeros((len(kept), len(kept)))
    beta[kept], vcov[np.ix_(kept, kept)] = np.asarray(found.params)[:p] * scale, known
    beta[~kept] = model.y[0] - model.x[0] @ beta
    one_ar = settings.order[:1] == (1,) and settings.order[1] == 0
    season = f", seasonal {settings.seasonal_order}" if any(settings.seasonal_order) else ""
    return Fit(
        f"ARIMA{settings.order} errors with regressors{season}, normal intervals",
        beta,
        vcov,
        float(found.arparams[0]) if one_ar else None,
        float(found.params[-1]) * scale**2,
        t_inference(vcov, constant_df(np.inf)),
    )
