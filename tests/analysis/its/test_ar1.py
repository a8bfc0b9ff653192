"""The AR(1) engine against the textbook formulas with n × n matrices, and against statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import minimize_scalar
from statsmodels.tsa.arima.model import ARIMA

from qieval.analysis.its.methods.ar1 import RHO_HIGH, RHO_LOW, fit_ar1
from tests.analysis.its.simulated import ar1_errors

pytestmark = pytest.mark.numeric


def design(times: np.ndarray, at: float) -> np.ndarray:
    post = (times >= at) * 1.0
    return np.column_stack([np.ones_like(times), times, post, post * (times - at)])


WITH_GAPS = np.array([0, 1, 2, 3, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22.0])


def dense(times, x, y, rho, reml=True):
    """Textbook GLS at a given rho, with the whole correlation matrix."""
    n, p = x.shape
    r = rho ** np.abs(times[:, None] - times[None, :])
    k = np.linalg.inv(r)
    a = x.T @ k @ x
    beta = np.linalg.solve(a, x.T @ k @ y)
    rss = (y - x @ beta) @ k @ (y - x @ beta)
    m = n - p if reml else n
    value = m * np.log(rss) + np.linalg.slogdet(r)[1]
    if reml:
        value += np.linalg.slogdet(a)[1]
    return -0.5 * value, beta, rss / m, np.linalg.inv(a), r


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("times", [np.arange(20.0), WITH_GAPS], ids=["no gaps", "gaps"])
def test_fit_is_the_maximum_of_the_textbook_likelihood(times, reml):
    rng = np.random.default_rng(3)
    x = design(times, 11)
    y = rng.normal(size=(20, 5)).cumsum(0) * 0.5 + rng.normal(size=(20, 5))
    fit = fit_ar1(times, x, y, reml=reml)
    for j in range(5):
        grid = np.linspace(RHO_LOW, RHO_HIGH, 1500)
        best = grid[np.argmax([dense(times, x, y[:, j], r, reml)[0] for r in grid])]
        found = minimize_scalar(
            lambda r, j=j: -dense(times, x, y[:, j], r, reml)[0],
            bounds=(max(best - 0.01, RHO_LOW), min(best + 0.01, RHO_HIGH)),
            method="bounded",
            options={"xatol": 1e-10},
        ).x
        assert fit.rho[j] == pytest.approx(found, abs=1e-5)
        _, beta, sigma2, inverse, _ = dense(times, x, y[:, j], fit.rho[j], reml)
        assert fit.beta[j] == pytest.approx(beta, rel=1e-9)
        assert fit.sigma2[j] == pytest.approx(sigma2, rel=1e-9)
        assert fit.vcov[j] == pytest.approx(sigma2 * inverse, rel=1e-8)


@pytest.mark.parametrize("times", [np.arange(20.0), WITH_GAPS], ids=["no gaps", "gaps"])
def test_satterthwaite_uses_the_reml_information(times):
    """Against tr(PR'PR') with n × n matrices and a numerical derivative of the variance."""
    rng = np.random.default_rng(5)
    x = design(times, 11)
    n, p = x.shape
    y = ar1_errors(20, 0.4, rng, 4)
    fit = fit_ar1(times, x, y)
    lag = np.abs(times[:, None] - times[None, :])
    for j in range(4):
        rho, sigma2 = fit.rho[j], fit.sigma2[j]
        *_, inverse, r = dense(times, x, y[:, j], rho)
        k = np.linalg.inv(r)
        projection = k - k @ x @ inverse @ x.T @ k
        slope = np.where(lag > 0, lag * rho ** (lag - 1.0), 0)
        cross = np.trace(projection @ slope) / (2 * sigma2)
        expected = np.array(
            [
                [(n - p) / (2 * sigma2**2), cross],
                [cross, 0.5 * np.trace(projection @ slope @ projection @ slope)],
            ]
        )
        assert fit.information[j] == pytest.approx(expected, rel=1e-8)
        step = 1e-5
        up, down = (sigma2 * dense(times, x, y[:, j], rho + s)[3] for s in (step, -step))
        variance = np.diag(sigma2 * inverse)
        gradient = np.stack([variance / sigma2, np.diag(up - down) / (2 * step)])
        spread = np.einsum("ap,ab,bp->p", gradient, np.linalg.inv(expected), gradient)
        df = np.clip(2 * variance**2 / spread, 2, n - p)
        assert fit.satterthwaite(np.eye(p))[j] == pytest.approx(df, rel=1e-4)


def test_maximum_likelihood_agrees_with_statsmodels_exact_arima():
    """statsmodels' ARIMA(1,0,0) with regressors is the same model by a state-space likelihood."""
    times = np.arange(48.0)
    x = design(times, 24)
    y = (x @ [50, 0.1, -5, -0.2])[:, None] + ar1_errors(48, 0.5, np.random.default_rng(9), 3)
    fit = fit_ar1(times, x, y, reml=False)
    for j in range(3):
        other = ARIMA(y[:, j], exog=x, order=(1, 0, 0), trend="n").fit(
            method="statespace", method_kwargs={"maxiter": 500, "pgtol": 1e-12, "factr": 10}
        )
        assert fit.beta[j] == pytest.approx(other.params[:4], abs=2e-3)
        assert fit.rho[j] == pytest.approx(other.params[4], abs=2e-3)


def test_series_fitted_together_equal_series_fitted_alone():
    times = WITH_GAPS
    x = design(times, 11)
    y = np.random.default_rng(2).normal(size=(20, 50))
    together = fit_ar1(times, x, y)
    alone = [fit_ar1(times, x, y[:, [j]]) for j in range(50)]
    for name in ("rho", "sigma2", "beta", "vcov", "information"):
        one_by_one = np.concatenate([getattr(fit, name) for fit in alone])
        np.testing.assert_allclose(getattr(together, name), one_by_one, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize(
    ("n", "reml_percent", "satterthwaite_percent"),
    [(12, (10, 12, 12, 13, 14), (6, 7, 7, 8, 8)), (24, (8, 9, 10, 10, 10), (5, 6, 7, 8, 8))],
)
def test_false_alarms_are_those_of_the_published_method(n, reml_percent, satterthwaite_percent):
    """Type I error of a nominal 5 % test of the level change; docs/methods has all."""
    times = np.arange(float(n))
    x = design(times, n // 2)
    for rho, plain, satterthwaite in zip(
        (0, 0.2, 0.4, 0.6, 0.8), reml_percent, satterthwaite_percent, strict=True
    ):
        fit = fit_ar1(times, x, ar1_errors(n, rho, np.random.default_rng(11), 4000))
        t = np.abs(fit.beta[:, 2]) / np.sqrt(fit.vcov[:, 2, 2])
        df = fit.satterthwaite(np.eye(4))[:, 2]
        assert 100 * np.mean(t > stats.t.ppf(0.975, n - 4)) == pytest.approx(plain, abs=2)
        assert 100 * np.mean(t > stats.t.ppf(0.975, df)) == pytest.approx(satterthwaite, abs=2)
