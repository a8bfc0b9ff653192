"""Every method by name against an independent computation."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import optimize, stats
from statsmodels.tsa.arima.model import ARIMA

from qieval.analysis.its.methods import METHODS, Model, Settings
from qieval.analysis.its.methods.ar1 import RHO_HIGH, RHO_LOW, fit_ar1
from tests.analysis.its.simulated import ar1_errors

pytestmark = pytest.mark.numeric

STRAIGHT = np.arange(36.0)
WITH_GAPS = np.delete(np.arange(40.0), [5, 6, 22, 33])
CALENDARS = pytest.mark.parametrize("times", [STRAIGHT, WITH_GAPS], ids=["no gaps", "gaps"])
TERMS = np.eye(4)


def made(times: np.ndarray, rho: float = 0.5, seed: int = 4) -> Model:
    """A series with a level and a slope change; errors keep their calendar distance."""
    middle = times[len(times) // 2]
    post = (times >= middle) * 1.0
    x = np.column_stack([np.ones_like(times), times, post, post * (times - middle)])
    errors = ar1_errors(int(times[-1]) + 1, rho, np.random.default_rng(seed))[times.astype(int), 0]
    y = x @ [50, 0.1, -5, -0.2] + errors
    return Model(times, x, y, np.ones_like(y))


def infer(fit, confidence=0.95):
    return fit.infer(fit.beta, TERMS, confidence)


def by_t(beta, se, df, confidence=0.95):
    reach = stats.t.ppf(0.5 + confidence / 2, df) * se
    return beta - reach, beta + reach


# ---- least squares -----------------------------------------------------------------------------


@pytest.mark.parametrize("lags", [0, 1, 3, 6])
def test_newey_west_is_that_of_statsmodels_with_its_correction(lags):
    model = made(STRAIGHT)
    fit = METHODS["newey_west"](model, Settings(lags=lags))
    plain = sm.OLS(model.y, model.x).fit(
        cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": False}, use_t=True
    )
    assert fit.beta == pytest.approx(plain.params)
    assert fit.vcov == pytest.approx(36 / 32 * plain.cov_params(), rel=1e-10)
    corrected = sm.OLS(model.y, model.x).fit(
        cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True}, use_t=True
    )
    found = infer(fit)
    assert found.p_value == pytest.approx(corrected.pvalues, rel=1e-8)
    low, high = corrected.conf_int().T
    assert found.ci_low == pytest.approx(low)
    assert found.ci_high == pytest.approx(high)
    assert f"{lags} lags" in fit.method


def test_newey_west_counts_lags_in_calendar_time():
    """The textbook double sum over pairs of points, a gap of two months being two lags."""
    model = made(WITH_GAPS)
    n, p = model.x.shape
    bread = np.linalg.inv(model.x.T @ model.x)
    e = model.y - model.x @ (bread @ model.x.T @ model.y)
    meat = np.zeros((p, p))
    for i in range(n):
        for j in range(n):
            apart = abs(model.times[i] - model.times[j])
            if apart <= 2:
                meat += (1 - apart / 3) * e[i] * e[j] * np.outer(model.x[i], model.x[j])
    fit = METHODS["newey_west"](model, Settings(lags=2))
    assert fit.vcov == pytest.approx(n / (n - p) * bread @ meat @ bread, rel=1e-10)


@CALENDARS
def test_prais_winsten_is_iterated_generalised_least_squares(times):
    """With the whole correlation matrix and the first row kept, until the estimate settles."""
    model = made(times)
    n, p = model.x.shape
    apart = np.abs(times[:, None] - times[None, :])
    beside = np.diff(times) == 1
    beta = np.linalg.lstsq(model.x, model.y, rcond=None)[0]
    rho = 0.0
    for _ in range(500):
        e = model.y - model.x @ beta
        rho = (e[1:] * e[:-1])[beside].sum() / (e[:-1] ** 2)[beside].sum()
        k = np.linalg.inv(rho**apart)
        bread = np.linalg.inv(model.x.T @ k @ model.x)
        beta = bread @ model.x.T @ k @ model.y
    e = model.y - model.x @ beta
    sigma2 = e @ k @ e / (n - p)
    fit = METHODS["prais_winsten"](model, Settings())
    assert fit.rho == pytest.approx(rho, abs=1e-8)
    assert fit.beta == pytest.approx(beta, rel=1e-7)
    assert fit.vcov == pytest.approx(sigma2 * bread, rel=1e-6)
    low, high = by_t(beta, np.sqrt(np.diag(sigma2 * bread)), n - p)
    assert infer(fit).ci_low == pytest.approx(low, rel=1e-6)
    assert infer(fit).ci_high == pytest.approx(high, rel=1e-6)


def test_prais_winsten_agrees_with_statsmodels_glsar():
    """GLSAR drops the first row and iterates; the coefficients are near, not equal."""
    model = made(STRAIGHT)
    other = sm.GLSAR(model.y, model.x, rho=1).iterative_fit(maxiter=100)
    fit = METHODS["prais_winsten"](model, Settings())
    assert fit.beta == pytest.approx(other.params, abs=0.5)


# ---- REML --------------------------------------------------------------------------------------


def test_reml_with_residual_and_normal_intervals():
    model = made(STRAIGHT)
    alone = fit_ar1(model.times, model.x, model.y[:, None])
    se = np.sqrt(np.diag(alone.vcov[0]))
    for df, value in [("residual", 32), ("normal", np.inf)]:
        fit = METHODS["reml"](model, Settings(df=df))
        found = infer(fit, 0.9)
        low, high = by_t(alone.beta[0], se, value, 0.9)
        assert found.ci_low == pytest.approx(low)
        assert found.ci_high == pytest.approx(high)
        assert found.p_value == pytest.approx(2 * stats.t.sf(np.abs(fit.beta) / se, value))
        assert df in fit.method


def test_satterthwaite_intervals_use_the_degrees_of_freedom_of_each_quantity():
    model = made(STRAIGHT)
    fit = METHODS["reml"](model, Settings())
    found = infer(fit)
    assert found.df == pytest.approx(
        fit_ar1(model.times, model.x, model.y[:, None]).satterthwaite(TERMS)[0]
    )
    assert len(set(found.df.round(6))) > 1
    low, high = by_t(fit.beta, np.sqrt(np.diag(fit.vcov)), found.df)
    assert found.ci_low == pytest.approx(low)
    assert found.ci_high == pytest.approx(high)
    assert "Satterthwaite" in fit.method


def kenward_roger_by_hand(model, rho, sigma2, step=1e-4):
    """Covariance and Kenward and Roger's sum (1997, eq. 5) from numerical derivatives of V."""
    x = model.x
    apart = np.abs(model.times[:, None] - model.times[None, :])

    def v(s, r):
        return s * r**apart

    up, down = sigma2 * (1 + step), sigma2 * (1 - step)
    h = sigma2 * step
    first = [
        (v(up, rho) - v(down, rho)) / (2 * h),
        (v(sigma2, rho + step) - v(sigma2, rho - step)) / (2 * step),
    ]
    mixed = (v(up, rho + step) - v(up, rho - step) - v(down, rho + step) + v(down, rho - step)) / (
        4 * h * step
    )
    twice = (v(sigma2, rho + step) - 2 * v(sigma2, rho) + v(sigma2, rho - step)) / step**2
    second = [[np.zeros_like(apart), mixed], [mixed, twice]]
    k = np.linalg.inv(v(sigma2, rho))
    half = k @ x
    phi = np.linalg.inv(x.T @ half)
    projection = k - half @ phi @ half.T
    information = [[0.5 * np.trace(projection @ a @ projection @ b) for b in first] for a in first]
    weight = np.linalg.inv(np.array(information))
    total = np.zeros_like(phi)
    for i in range(2):
        for j in range(2):
            q = half.T @ first[i] @ k @ first[j] @ half
            p_i, p_j = half.T @ first[i] @ half, half.T @ first[j] @ half
            curve = 0.25 * half.T @ second[i][j] @ half
            total += weight[i, j] * (q - p_i @ phi @ p_j - curve)
    return phi, phi + 2 * phi @ total @ phi


@CALENDARS
@pytest.mark.parametrize("rho", [0.0, 0.4, 0.8])
def test_kenward_roger_is_its_formula_and_never_narrows(times, rho):
    for seed in range(4):
        model = made(times, rho, seed)
        plain = METHODS["reml"](model, Settings())
        fit = METHODS["reml"](model, Settings(df="kenward_roger"))
        phi, by_hand = kenward_roger_by_hand(model, plain.rho, plain.sigma2)
        assert plain.vcov == pytest.approx(phi, rel=1e-6)
        size = np.abs(by_hand).max()
        assert np.linalg.eigvalsh(fit.vcov - phi).min() > -1e-9 * size
        # Only narrowing directions are dropped from the formula: what is left is never less.
        assert np.linalg.eigvalsh(fit.vcov - by_hand).min() > -1e-5 * size
        level = np.sqrt(fit.vcov[2, 2])
        assert level == pytest.approx(max(by_hand[2, 2], phi[2, 2]) ** 0.5, rel=0.02)
        assert infer(fit).df == pytest.approx(infer(plain).df)
        assert "Kenward-Roger" in fit.method


def test_kenward_roger_matters_most_for_short_series_with_memory():
    """By how much it widens the interval of the level change, mean over twenty series."""
    wider = {}
    for n, rho in [(18, 0.6), (60, 0.0)]:
        ratios = []
        for seed in range(20):
            model = made(np.arange(float(n)), rho, seed)
            fits = [METHODS["reml"](model, Settings(df=df)) for df in ("kenward_roger", "residual")]
            ratios.append(np.sqrt(fits[0].vcov[2, 2] / fits[1].vcov[2, 2]))
        wider[n] = np.median(ratios)
    assert 1 <= wider[60] < 1.03 < wider[18]


# ---- the autocorrelation integrated out --------------------------------------------------------


def brute_force_mixture(model, contrast, season=None, points=2000):
    """Weights, centres and scales of the mixture from full matrices on a fine even grid.

    Prior and formulas are written out anew from METHODS-2 (sections A and C); a season is a random
    part of the covariance here, not a penalised column.
    """
    n, p = model.x.shape
    apart = np.abs(model.times[:, None] - model.times[None, :])
    edges = np.linspace(RHO_LOW, RHO_HIGH, points + 1)
    middle = 0.5 * (edges[1:] + edges[:-1])
    density = 15 / 16 * (1 - middle**2) ** 2
    columns = 0 if season is None else season.shape[1]
    walk = min(0.5, (4.5 + columns / 2) / n)
    prior = [*zip(middle, (1 - walk) * density / density.sum(), strict=True), (RHO_HIGH, walk)]
    sizes = [(0.0, 1.0)]
    if season is not None:
        sizes = [(0.0, 0.4), (0.5, 0.15), (1.0, 0.15), (2.0, 0.15), (4.0, 0.15)]
    rows = []
    for size, of_size in sizes:
        for rho, of_rho in prior:
            v = rho**apart
            if size:
                v = v + size**2 * (1 - rho**2) * season @ season.T
            k = np.linalg.inv(v)
            a = model.x.T @ k @ model.x
            inverse = np.linalg.inv(a)
            beta = inverse @ model.x.T @ k @ model.y
            e = model.y - model.x @ beta
            rss = e @ k @ e
            log = -0.5 * ((n - p) * np.log(rss) + np.linalg.slogdet(v)[1] + np.linalg.slogdet(a)[1])
            scale = np.sqrt(rss / (n - p) * contrast @ inverse @ contrast)
            rows.append((rho, log + np.log(of_rho * of_size), contrast @ beta, scale))
    rho, log, centre, scale = np.array(rows).T
    weight = np.exp(log - log.max())
    return weight / weight.sum(), rho, centre, scale, n - p


@pytest.mark.parametrize("seasonal", [False, True])
@pytest.mark.parametrize(
    ("times", "rho", "seed"),
    [(np.arange(14.0), 0.3, 1), (np.arange(14.0), 0.9, 2), (np.arange(30.0), 0.6, 3),
     (WITH_GAPS, 0.8, 4), (np.arange(60.0), 0.0, 5)],
    ids=["14 points", "14 with memory", "30", "gaps", "60 without memory"],
)  # fmt: skip
def test_integrated_quantiles_are_those_of_the_mixture(times, rho, seed, seasonal):
    plain = made(times, rho, seed)
    angle = 2 * np.pi * times / 12
    season = np.column_stack([np.sin(angle), np.cos(angle)]) if seasonal else None
    model, r = plain, 0
    if seasonal:
        r = 2
        x = np.column_stack([plain.x, season])
        model = Model(times, x, plain.y + season[:, 0], plain.denominator, np.arange(6) >= 4)
        plain = Model(times, plain.x, model.y, plain.denominator)
    fit = METHODS["integrated"](model, Settings())
    for contrast in (TERMS[2], TERMS[3], np.array([0, 0, 7.0, 21.0])):
        points = 400 if seasonal else 2000
        weight, grid, centre, scale, df = brute_force_mixture(plain, contrast, season, points)
        gradient = np.append(contrast, np.zeros(r))

        def below(value, weight=weight, centre=centre, scale=scale, df=df):
            return weight @ stats.t.cdf((value - centre) / scale, df)

        for confidence in (0.8, 0.95):
            found = fit.infer(np.array([gradient @ fit.beta]), gradient[None], confidence)
            low, high = (
                optimize.brentq(lambda v, q=q: below(v) - q, -1e4, 1e4, xtol=1e-11)
                for q in ((1 - confidence) / 2, (1 + confidence) / 2)
            )
            # 1e-3 of the width: the even grid itself is good to about that
            assert found.ci_low[0] == pytest.approx(low, abs=1e-3 * (high - low))
            assert found.ci_high[0] == pytest.approx(high, abs=1e-3 * (high - low))
        p = 2 * min(below(0.0), 1 - below(0.0))
        assert found.p_value[0] == pytest.approx(p, abs=1e-3)
        assert gradient @ fit.beta == pytest.approx(weight @ centre, rel=1e-3, abs=1e-3)
        inside = df / (df - 2) * scale**2 + (centre - weight @ centre) ** 2
        assert found.se[0] == pytest.approx(np.sqrt(weight @ inside), rel=3e-3)
        order = np.argsort(grid)
        middle = np.cumsum(weight[order]) - weight[order] / 2
        assert fit.rho == pytest.approx(np.interp(0.5, middle, grid[order]), abs=0.01)
    assert "integrated out" in fit.method


@pytest.mark.parametrize("seasonal", [False, True])
@pytest.mark.parametrize("n", [12, 18, 24, 60])
def test_64_nodes_give_the_width_of_400(n, seasonal, monkeypatch):
    """Within 1e-8 of the width of the interval, memory or none."""
    from qieval.analysis.its.methods import integrated

    times = np.arange(float(n))
    for rho in (0.0, 0.5, 0.9):
        plain = made(times, rho, 8)
        angle = 2 * np.pi * times / 12
        waves = np.column_stack([np.sin(angle), np.cos(angle)]) if seasonal else np.empty((n, 0))
        x = np.column_stack([plain.x, waves])
        shrunk = np.arange(x.shape[1]) >= 4
        gradient = (np.arange(x.shape[1]) == 2)[None, None] * 1.0
        limits = []
        for count in (64, 400):
            monkeypatch.setattr(integrated, "QUADRATURE", count)
            integrated.nodes.cache_clear()
            mixture = integrated.integrate(times, x, plain.y[:, None], shrunk)
            found = mixture.infer(mixture.beta[:, [2]], gradient, 0.95)
            limits.append((found.ci_low[0, 0], found.ci_high[0, 0]))
        integrated.nodes.cache_clear()
        width = limits[1][1] - limits[1][0]
        assert limits[0] == pytest.approx(limits[1], abs=1e-8 * width)


# ---- properties of the default -----------------------------------------------------------------


def limits(model, contrast=TERMS[2], confidence=0.95):
    fit = METHODS["integrated"](model, Settings())
    found = fit.infer(np.array([contrast @ fit.beta]), contrast[None], confidence)
    return np.array([found.ci_low[0], found.ci_high[0]])


@pytest.mark.parametrize("n", [16, 36])
@pytest.mark.parametrize("rho", [0.2, 0.9])
def test_scale_shift_and_sign(n, rho):
    model = made(np.arange(float(n)), rho, 11)
    plain = limits(model)
    width = plain[1] - plain[0]
    for factor, shift in [(1e-6, 0.0), (7.0, -300.0), (1.0, 1e7), (1e9, 5.0)]:
        moved = limits(Model(model.times, model.x, factor * model.y + shift, model.denominator))
        assert moved == pytest.approx(factor * plain, abs=1e-6 * factor * width)
    mirrored = limits(Model(model.times, model.x, -model.y, model.denominator))
    assert mirrored == pytest.approx(-plain[::-1], abs=1e-9 * width)
    tilted = limits(Model(model.times, model.x, model.y + 3 * model.times, model.denominator))
    assert tilted == pytest.approx(plain, abs=1e-7 * width)


@pytest.mark.parametrize("seed", range(6))
def test_a_small_change_of_one_value_changes_no_interval_by_more_than_its_share(seed):
    """A hundredth of a standard deviation moves the limits by a few hundredths of the width."""
    model = made(np.arange(24.0), [0.0, 0.5, 0.95][seed % 3], seed)
    plain = limits(model)
    width = plain[1] - plain[0]
    for at in range(24):
        y = model.y.copy()
        y[at] += 0.01 * model.y.std()
        moved = limits(Model(model.times, model.x, y, model.denominator))
        assert np.abs(moved - plain).max() < 0.05 * width


def test_a_month_without_a_value_is_as_if_it_were_not_there():
    """A gap keeps its place; the years after it do not move."""
    model = made(np.arange(30.0), 0.4, 3)
    kept = np.delete(np.arange(30), [7, 21])
    later = Model(model.times[kept] + 240, model.x[kept], model.y[kept], model.denominator[kept])
    here = Model(model.times[kept], model.x[kept], model.y[kept], model.denominator[kept])
    assert limits(later) == pytest.approx(limits(here), rel=1e-9)


# ---- ARIMA -------------------------------------------------------------------------------------


@CALENDARS
def test_arima_is_that_of_statsmodels(times):
    model = made(times)
    place = times.astype(int)
    y = np.full(place[-1] + 1, np.nan)
    x = np.zeros((place[-1] + 1, 4))
    y[place], x[place] = model.y, model.x
    other = ARIMA(y, exog=x, order=(1, 0, 0), trend="n").fit(
        method_kwargs={"maxiter": 500}, cov_type="oim"
    )
    fit = METHODS["arima"](model, Settings(order=(1, 0, 0)))
    assert fit.beta == pytest.approx(other.params[:4], rel=5e-3)
    assert fit.rho == pytest.approx(other.params[4], abs=2e-3)
    assert np.sqrt(np.diag(fit.vcov)) == pytest.approx(other.bse[:4], rel=0.02)
    found = infer(fit)
    low, high = by_t(fit.beta, np.sqrt(np.diag(fit.vcov)), np.inf)
    assert found.ci_low == pytest.approx(low)
    assert found.ci_high == pytest.approx(high)
    assert "(1, 0, 0)" in fit.method


def test_arima_standard_errors_are_those_of_r():
    """A random walk with a step: R's arima(y, c(0,1,1), xreg =) gives 1.98 for the level."""
    rng = np.random.default_rng(21)
    y = 100 + np.cumsum(rng.normal(0, 2, 60))
    y[24:] -= 12
    times = np.arange(60.0)
    post = (times >= 24) * 1.0
    x = np.column_stack([np.ones(60), times, post, post * (times - 24)])
    fit = METHODS["arima"](Model(times, x, y, np.ones(60)), Settings(order=(0, 1, 1)))
    assert fit.beta[2] == pytest.approx(-12.45, abs=0.01)
    assert np.sqrt(fit.vcov[2, 2]) == pytest.approx(1.98, abs=0.01)
    assert x[0] @ fit.beta == pytest.approx(y[0])  # differences lose the intercept


def test_arima_takes_other_orders_and_names_them():
    model = made(np.arange(60.0))
    fit = METHODS["arima"](model, Settings(order=(0, 0, 1), seasonal_order=(1, 0, 0, 12)))
    assert fit.rho is None
    assert "(0, 0, 1)" in fit.method
    assert "(1, 0, 0, 12)" in fit.method
    other = ARIMA(
        model.y, exog=model.x, order=(0, 0, 1), seasonal_order=(1, 0, 0, 12), trend="n"
    ).fit()
    assert fit.beta == pytest.approx(other.params[:4], rel=0.02)
