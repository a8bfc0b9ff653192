"""Published figures: Proposition 99, the Sicilian smoking ban, and R's nlme::gls."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import qieval as qi
from qieval.analysis.its.methods import METHODS, Model, Settings, model
from qieval.analysis.its.methods.ar1 import fit_ar1
from qieval.analysis.its.methods.model import Specification
from qieval.analysis.its.methods.series import make_phases, make_series
from tests.analysis.its.published import (
    LONGLEY,
    LONGLEY_PHI,
    OVARY_ERRORS,
    OVARY_ESTIMATES,
    OVARY_PHI,
    OVARY_SIGMA,
    PROPOSITION_99,
    SMOKING_BAN_SEASON,
    ovary,
    proposition_99,
    smoking_ban,
)

pytestmark = pytest.mark.numeric

# ---- Proposition 99 ----------------------------------------------------------------------------


def prop99(**more):
    return qi.interrupted_time_series(
        proposition_99(), value="packs", intervention="1989-01-01", **more
    )


def test_least_squares_gives_the_published_proposition_99():
    found = prop99(method="ols").estimates
    for term, (estimate, se) in PROPOSITION_99.items():
        assert found.loc[term, "estimate"] == pytest.approx(estimate, abs=5e-5)
        assert found.loc[term, "se"] == pytest.approx(se, abs=5e-5)


def test_newey_west_keeps_the_coefficients_and_widens_or_narrows_the_errors():
    """The published coefficients; standard errors from statsmodels with Stata's n/(n - k)."""
    found = prop99(method="newey_west", lags=1).estimates
    t = np.arange(31.0)
    x = np.column_stack([np.ones(31), t, t >= 19, np.maximum(t - 19, 0)])
    other = sm.OLS(proposition_99()["packs"], x).fit(
        cov_type="HAC", cov_kwds={"maxlags": 1, "use_correction": True}, use_t=True
    )
    terms = list(PROPOSITION_99)
    assert found.loc[terms, "estimate"].to_numpy() == pytest.approx(
        [value for value, _ in PROPOSITION_99.values()], abs=5e-5
    )
    assert found.loc[terms, "se"].to_numpy() == pytest.approx(other.bse.to_numpy(), rel=1e-10)


def test_reml_tells_another_story_and_the_spread_shows_both():
    """From 20 packs by least squares to about 6 by REML: an autocorrelation at its edge."""
    result = prop99()
    assert result.rho > 0.9
    level = result.spread[
        (result.spread["term"] == "level_change")
        & (result.spread["model"] == result.spread["model"].iloc[0])
    ].set_index("method")["estimate"]
    assert level["Ordinary least squares"] == pytest.approx(-20.06, abs=0.01)
    assert level["REML"] == pytest.approx(-6, abs=0.5)
    assert "integrated" in result.estimates["method"].iloc[0]
    low, high = result.estimates.loc["level_change", ["ci_low", "ci_high"]]
    assert low < -6 < high


# ---- the Sicilian smoking ban ------------------------------------------------------------------


def ban(**more):
    settings = {"family": "poisson", "season": None, "slope": False} | more
    return qi.interrupted_time_series(
        smoking_ban(),
        value="episodes",
        denominator="population",
        intervention="2005-01-01",
        **settings,
    )


def test_the_smoking_ban_lowered_episodes_by_eleven_percent():
    """The tutorial's first model: Poisson, a step, the population as offset; RR 0.89."""
    level = ban().estimates.loc["level_change"]
    assert np.exp(level["estimate"]) == pytest.approx(0.89, abs=0.005)
    assert np.exp(level["ci_high"]) < 1
    assert level["unit"] == "logarithm of a rate ratio"


def test_the_smoking_ban_varies_more_than_poisson_and_says_so():
    """The tutorial goes on to quasi-Poisson for this reason."""
    checks = ban().checks.set_index("id")
    assert checks.loc["dispersion", "status"] == "fail"
    quasi = ban(family="quasipoisson")
    assert quasi.checks.set_index("id").loc["dispersion", "status"] == "pass"
    poisson = ban().estimates.loc["level_change"]
    found = quasi.estimates.loc["level_change"]
    assert found["estimate"] == pytest.approx(poisson["estimate"], rel=1e-9)
    assert found["se"] > 1.8 * poisson["se"]


def test_the_seasonal_model_of_the_smoking_ban_is_that_of_r():
    """Its harmonic terms, estimate and standard error, to R's last printed figure."""
    data = smoking_ban()
    series = make_series(
        data, value="episodes", time="period", denominator="population", covariates=[]
    )
    phases, _ = make_phases(series, [pd.Timestamp("2005-01-01")], 0, 0)
    fitted = model.fit(series, phases, Specification("reml", Settings(), False, 2, "quasipoisson"))
    names, beta, vcov = fitted.design.names, fitted.fit.beta, fitted.fit.vcov
    for k in (1, 2):  # our January is at 0, the tutorial's at 1
        turn = 2 * np.pi * k / 12
        at = [names.index(f"season_sin_{k}"), names.index(f"season_cos_{k}")]
        for name, weights in [
            (f"sin_{k}", [np.cos(turn), np.sin(turn)]),
            (f"cos_{k}", [-np.sin(turn), np.cos(turn)]),
        ]:
            contrast = np.zeros(len(beta))
            contrast[at] = weights
            estimate, se = SMOKING_BAN_SEASON[name]
            assert contrast @ beta == pytest.approx(estimate, abs=5e-7)
            assert np.sqrt(contrast @ vcov @ contrast) == pytest.approx(se, abs=5e-7)


def test_episodes_averted_agree_on_every_scale():
    """Cumulative = average × population; relative = cumulative over what was expected."""
    result = ban(family="quasipoisson", season=2)
    e = result.estimates
    after = result.points[result.points["period_after"] > 0]
    people = after["denominator"].sum()
    assert e.loc["cumulative_effect", "estimate"] == pytest.approx(
        e.loc["average_effect", "estimate"] * people
    )
    expected = (after["counterfactual"] * after["denominator"]).sum()
    assert e.loc["relative_effect", "estimate"] == pytest.approx(
        e.loc["cumulative_effect", "estimate"] / expected
    )
    # a step alone on the log scale: the same share in every month
    assert e.loc["relative_effect", "estimate"] == pytest.approx(
        np.expm1(e.loc["level_change", "estimate"])
    )


# ---- R's nlme::gls -----------------------------------------------------------------------------


def test_reml_of_the_ovary_series_is_that_of_nlme():
    """Eleven groups, one autocorrelation: nlme stops at about six figures."""
    times, x, y = ovary()
    fit = fit_ar1(times, x, y[:, None])
    assert fit.rho[0] == pytest.approx(OVARY_PHI, abs=1e-6)
    assert np.sqrt(fit.sigma2[0]) == pytest.approx(OVARY_SIGMA, abs=2e-6)
    assert fit.beta[0] == pytest.approx(OVARY_ESTIMATES, abs=1e-5)
    assert np.sqrt(np.diag(fit.vcov[0])) == pytest.approx(OVARY_ERRORS, abs=1e-6)


def test_reml_with_residual_degrees_of_freedom_prints_what_nlme_prints():
    """p value 2.28628382225752e-05 of the sine term, t with 305 degrees of freedom."""
    times, x, y = ovary()
    fit = METHODS["reml"](Model(times, x, y, np.ones_like(y)), Settings(df="residual"))
    found = fit.infer(fit.beta, np.eye(3), 0.95)
    assert found.df == pytest.approx([305, 305, 305])
    assert found.p_value[1] == pytest.approx(2.28628382225752e-05, rel=1e-4)
    assert found.p_value[2] == pytest.approx(0.198137111907874, rel=1e-4)


def test_reml_of_the_longley_series_is_that_of_nlme():
    """Sixteen years: the autocorrelation to the last of the seven figures that R prints."""
    employed, product, population = np.array(LONGLEY).T
    x = np.column_stack([np.ones(16), product, population])
    fit = fit_ar1(np.arange(1947.0, 1963.0), x, employed[:, None])
    assert fit.rho[0] == pytest.approx(LONGLEY_PHI, abs=1e-7)
