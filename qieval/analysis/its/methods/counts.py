"""Count models with a log link and the denominator as offset.

Effects are on the scale of the data; level and slope changes are logarithms of rate ratios.
"""

from __future__ import annotations

import warnings

import numpy as np

from qieval.analysis.its.methods.fit import Fit, Model, Settings, constant_df, t_inference
from qieval.core.errors import CannotEvaluate, DataError


def fit_counts(model: Model, settings: Settings, family: str) -> Fit:
    """Poisson, quasi-Poisson (Pearson scale, t) or negative binomial (NB2) regression.

    Raises
    ------
    DataError
        If a value is below zero.
    CannotEvaluate
        If the likelihood could not be maximised.
    """
    # Here, not at the top: this import costs a second that only count models should pay.
    import statsmodels.api as sm

    n, p = model.x.shape
    counts = model.y * model.denominator
    if (counts < 0).any():
        raise DataError(
            "A count model needs values of zero or more.",
            found=f"{counts.min():g}",
            remedy="Use `family: gaussian`, or check the column.",
        )
    offset = np.log(model.denominator)
    poisson = sm.GLM(counts, model.x, family=sm.families.Poisson(), offset=offset)
    start = poisson.fit()
    if family == "poisson":
        vcov = np.asarray(start.cov_params())
        infer = t_inference(vcov, constant_df(np.inf))
        return Fit("Poisson regression", start.params, vcov, None, 1.0, infer, log_link=True)
    if family == "quasipoisson":
        dispersion = float(start.pearson_chi2) / (n - p)
        vcov = np.asarray(start.cov_params()) * dispersion
        infer = t_inference(vcov, constant_df(n - p))
        words = "quasi-Poisson regression (Pearson scale, t)"
        return Fit(words, start.params, vcov, None, dispersion, infer, log_link=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # told below, as a refusal, if it matters
        found = sm.NegativeBinomial(counts, model.x, loglike_method="nb2", offset=offset).fit(
            start_params=np.append(start.params, 0.1), disp=0, maxiter=500, method="bfgs"
        )
    known = found.normalized_cov_params is not None  # there is none where the Hessian is singular
    vcov = np.asarray(found.cov_params())[:p, :p] if known else np.full((p, p), np.nan)
    if not (np.isfinite(vcov).all() and (np.diag(vcov) > 0).all()):
        raise CannotEvaluate(
            "The negative binomial model could not be fitted to these data.",
            found="counts that vary no more than chance, for which it has no place"
            if float(start.pearson_chi2) <= n - p
            else "no maximum of the likelihood",
            remedy="Use `family: quasipoisson`.",
        )
    return Fit(
        f"negative binomial regression (NB2, alpha {float(found.params[p]):.3g})",
        np.asarray(found.params)[:p],
        vcov,
        None,
        float(found.params[p]),
        t_inference(vcov, constant_df(n - p)),
        log_link=True,
    )
