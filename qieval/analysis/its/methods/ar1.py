"""Regression with first-order autoregressive errors, fitted by REML or ML.

The correlation of two points is ``rho ** |calendar distance|``. Its inverse is tridiagonal, gaps in
the calendar included, so everything the likelihood needs comes from a few sums over neighbouring
points, taken once: one evaluation at a given rho costs a p × p system whatever the length of the
series. Any number of series that share a design (`N` below) are fitted together.

Sources: Diggle, Heagerty, Liang and Zeger (2002) *Analysis of Longitudinal Data*, ch. 4 (REML);
Satterthwaite (1946), Biometrics Bulletin 2:110, in the form of Fai and Cornelius (1996), J Stat
Comput Simul 54:363 (degrees of freedom from the information of the variance parameters).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

RHO_LOW, RHO_HIGH = -0.98, 0.998
"""Range searched. At its upper end the errors are a random walk in all but name."""

_GRID = np.concatenate([np.linspace(RHO_LOW, 0.9, 48), 1 - np.geomspace(0.09, 1 - RHO_HIGH, 16)])
_STEPS = 60
_TOLERANCE = 1e-13


@dataclass(frozen=True)
class Quadratics:
    """Sums over neighbouring points from which ``X'KX``, ``X'Ke`` and ``e'Ke`` follow for any rho.

    K is the inverse correlation matrix. Index 0, 1, 2: products of this point with itself, of this
    with the one before, of the one before with itself; first axis: the distinct calendar gaps.
    """

    gaps: Array  # (G,)
    counts: Array  # (G,) how many neighbours lie that far apart
    xx: Array  # (3, G, p, p)
    xe: Array  # (3, G, p, N)
    ee: Array  # (3, G, N)
    first_xx: Array  # (p, p)
    first_xe: Array  # (p, N)
    first_ee: Array  # (N,)


def quadratics(times: Array, x: Array, e: Array) -> Quadratics:
    """The sums for a design `x` (n × p) and series `e` (n × N) at calendar `times` (n,)."""
    steps = np.diff(times)
    gaps = np.unique(steps)
    now_x, before_x, now_e, before_e = x[1:], x[:-1], e[1:], e[:-1]
    xx = np.empty((3, len(gaps), x.shape[1], x.shape[1]))
    xe = np.empty((3, len(gaps), x.shape[1], e.shape[1]))
    ee = np.empty((3, len(gaps), e.shape[1]))
    for g, gap in enumerate(gaps):
        rows = steps == gap
        xn, xb, en, eb = now_x[rows], before_x[rows], now_e[rows], before_e[rows]
        xx[0, g], xx[1, g], xx[2, g] = xn.T @ xn, xn.T @ xb + xb.T @ xn, xb.T @ xb
        xe[0, g], xe[1, g], xe[2, g] = xn.T @ en, xn.T @ eb + xb.T @ en, xb.T @ eb
        ee[0, g], ee[1, g], ee[2, g] = (en**2).sum(0), 2 * (en * eb).sum(0), (eb**2).sum(0)
    counts = np.array([(steps == gap).sum() for gap in gaps], dtype=float)
    return Quadratics(
        gaps, counts, xx, xe, ee, np.outer(x[0], x[0]), x[0][:, None] * e[0], e[0] ** 2
    )


def _weights(rho: Array, gaps: Array) -> tuple[Array, Array]:
    """Weights of the sums and their first two derivatives by rho: (3 derivatives, 3, N, G).

    With a = rho^gap the weights are w, -w·a and w·a², where w = 1/(1 - a²). Second value: the log
    determinant of the correlation of one step and its derivatives (3, N, G).
    """
    r, d = rho[:, None], gaps[None, :]
    a = r**d
    a1 = d * r ** (d - 1)
    a2 = np.where(d > 1, d * (d - 1) * r ** np.maximum(d - 2, 0), 0.0)
    u = 1 - a**2
    w = 1 / u
    w_a, w_aa = 2 * a / u**2, (2 + 6 * a**2) / u**3  # by a
    by_a = np.stack([w, w_a, w_aa])
    minus = np.stack([-w * a, -(w_a * a + w), -(w_aa * a + 2 * w_a)])
    square = np.stack([w * a**2, w_a, w_aa])  # w·a² = w - 1
    first = np.stack([by_a[1], minus[1], square[1]])
    second = np.stack([by_a[2], minus[2], square[2]])
    weights = np.stack(
        [
            np.stack([by_a[0], minus[0], square[0]]),
            first * a1,
            second * a1**2 + first * a2,
        ]
    )
    log_first = -2 * a / u
    log_second = -(2 + 2 * a**2) / u**2
    log_det = np.stack([np.log(u), log_first * a1, log_second * a1**2 + log_first * a2])
    return weights, log_det


@dataclass(frozen=True)
class Profile:
    """The likelihood's parts at one rho a series, with first and second derivatives by rho.

    ``information`` is X'KX (N, p, p), ``inverse`` its inverse; ``coefficients`` (N, p) are those of
    the series left over after ordinary least squares; ``rss`` (N,) is their weighted residual sum
    of squares, ``rss1``, ``rss2`` its derivatives.
    """

    rho: Array
    information1: Array
    inverse: Array
    coefficients: Array
    rss: Array
    rss1: Array
    rss2: Array
    log_det_r: Array  # (3, N): log |R| and derivatives
    log_det_x: Array  # (3, N): log |X'KX| and derivatives

    def log_likelihood(self, n: int, p: int, reml: bool) -> tuple[Array, Array, Array]:
        """Profile log likelihood and its two derivatives (constants left out)."""
        m = n - p if reml else n
        value = m * np.log(self.rss) + self.log_det_r[0]
        slope = m * self.rss1 / self.rss + self.log_det_r[1]
        bend = m * (self.rss2 / self.rss - (self.rss1 / self.rss) ** 2) + self.log_det_r[2]
        if reml:
            value = value + self.log_det_x[0]
            slope = slope + self.log_det_x[1]
            bend = bend + self.log_det_x[2]
        return -0.5 * value, -0.5 * slope, -0.5 * bend


def profile(q: Quadratics, rho: Array) -> Profile:
    """The likelihood's parts at `rho` (one value a series, N,)."""
    weights, log_step = _weights(rho, q.gaps)
    p, n = q.first_xe.shape
    flat = weights.transpose(0, 2, 1, 3).reshape(3, n, -1)  # (derivatives, N, sums)
    shared: Array = np.reshape(flat @ q.xx.reshape(-1, p * p), (3, n, p, p))
    shared[0] += q.first_xx
    xe = np.einsum("dns,sin->dni", flat, q.xe.reshape(-1, p, n))
    xe[0] += q.first_xe.T
    ee = np.einsum("dns,sn->dn", flat, q.ee.reshape(-1, n))
    ee[0] += q.first_ee
    a, a1, a2 = shared
    inverse = np.linalg.inv(a)
    b = np.einsum("nij,nj->ni", inverse, xe[0])
    pull = xe[1] - np.einsum("nij,nj->ni", a1, b)
    rss = ee[0] - np.einsum("ni,ni->n", xe[0], b)
    rss1 = ee[1] - 2 * (b * xe[1]).sum(1) + np.einsum("ni,nij,nj->n", b, a1, b)
    rss2 = (
        ee[2]
        - 2 * (b * xe[2]).sum(1)
        + np.einsum("ni,nij,nj->n", b, a2, b)
        - 2 * np.einsum("ni,nij,nj->n", pull, inverse, pull)
    )
    turned = inverse @ a1
    log_det_x = np.stack(
        [
            np.linalg.slogdet(a)[1],
            np.trace(turned, axis1=1, axis2=2),
            np.einsum("nij,nji->n", inverse, a2) - np.einsum("nij,nji->n", turned, turned),
        ]
    )
    log_det_r = np.einsum("dng,g->dn", log_step, q.counts)
    return Profile(rho, a1, inverse, b, rss, rss1, rss2, log_det_r, log_det_x)


def sums_on_grid(q: Quadratics, rho: Array) -> tuple[Array, Array, Array, Array]:
    """X'KX (R, p, p), X'Ke (R, p, N), e'Ke (R, N) and log |R| (R,) at the R values of rho."""
    weights, log_step = _weights(rho, q.gaps)
    p, series = q.first_xe.shape
    flat = weights[0].transpose(1, 0, 2).reshape(len(rho), -1)  # (R, sums)
    a = (flat @ q.xx.reshape(-1, p * p)).reshape(-1, p, p) + q.first_xx
    xe = (flat @ q.xe.reshape(-1, p * series)).reshape(-1, p, series) + q.first_xe
    ee = flat @ q.ee.reshape(-1, series) + q.first_ee
    return a, xe, ee, log_step[0] @ q.counts


def on_grid(q: Quadratics, rho: Array, n: int, p: int, reml: bool) -> Array:
    """The profile log likelihood of every series at each of the R values of `rho` (R, N)."""
    a, xe, ee, log_det = sums_on_grid(q, rho)
    rss = ee - (xe * (np.linalg.inv(a) @ xe)).sum(1)
    if reml:
        log_det = log_det + np.linalg.slogdet(a)[1]
    return -0.5 * ((n - p if reml else n) * np.log(rss) + log_det[:, None])


def best_rho(q: Quadratics, n: int, p: int, reml: bool) -> Array:
    """The rho of the highest likelihood, one a series (N,): a grid, then guarded Newton steps."""
    top = on_grid(q, _GRID, n, p, reml).argmax(0)
    low = _GRID[np.maximum(top - 1, 0)]
    high = _GRID[np.minimum(top + 1, len(_GRID) - 1)]
    rho = _GRID[top].copy()
    open_ = np.arange(len(rho))
    for _ in range(_STEPS):
        part = _of_series(q, open_)
        _, slope, bend = profile(part, rho[open_]).log_likelihood(n, p, reml)
        uphill = slope > 0
        low[open_] = np.where(uphill, rho[open_], low[open_])
        high[open_] = np.where(uphill, high[open_], rho[open_])
        with np.errstate(divide="ignore", invalid="ignore"):
            step = rho[open_] - slope / bend
        inside = (bend < 0) & (step > low[open_]) & (step < high[open_])
        new = np.where(inside, step, 0.5 * (low[open_] + high[open_]))
        moved = np.abs(new - rho[open_])
        rho[open_] = new
        open_ = open_[moved > _TOLERANCE]
        if not len(open_):
            break
    return np.clip(rho, RHO_LOW, RHO_HIGH)


def _of_series(q: Quadratics, rows: NDArray[np.intp]) -> Quadratics:
    if len(rows) == q.ee.shape[-1]:
        return q
    return Quadratics(
        q.gaps,
        q.counts,
        q.xx,
        q.xe[..., rows],
        q.ee[..., rows],
        q.first_xx,
        q.first_xe[..., rows],
        q.first_ee[rows],
    )


@dataclass(frozen=True)
class AR1Fit:
    """Fits of N series that share a design.

    Attributes
    ----------
    rho, sigma2 : (N,)
        Autocorrelation of neighbouring periods; variance of the errors.
    beta : (N, p)
        Coefficients.
    vcov : (N, p, p)
        Their covariance, ``sigma2 * (X'KX)^-1``.
    vcov_by_rho : (N, p, p)
        Derivative of that covariance by rho.
    information : (N, 2, 2)
        REML information of (sigma2, rho).
    log_likelihood : (N,)
        Profile log likelihood, constants left out.
    """

    rho: Array
    sigma2: Array
    beta: Array
    vcov: Array
    vcov_by_rho: Array
    information: Array
    log_likelihood: Array
    residual_df: int

    def of(self, series: NDArray[np.intp]) -> AR1Fit:
        """The fits of some of the series."""
        return AR1Fit(
            self.rho[series],
            self.sigma2[series],
            self.beta[series],
            self.vcov[series],
            self.vcov_by_rho[series],
            self.information[series],
            self.log_likelihood[series],
            self.residual_df,
        )

    def satterthwaite(self, contrasts: Array, floor: float = 2.0) -> Array:
        """Degrees of freedom of each contrast (N, m): ``2 V² / Var(V)``, never under `floor`.

        `contrasts` is (m, p), or (N, m, p) when every series has its own.
        """
        c = np.broadcast_to(contrasts, (len(self.rho), *np.shape(contrasts)[-2:]))
        variance = np.einsum("nmi,nij,nmj->nm", c, self.vcov, c)
        by_sigma2 = variance / self.sigma2[:, None]
        by_rho = np.einsum("nmi,nij,nmj->nm", c, self.vcov_by_rho, c)
        gradient = np.stack([by_sigma2, by_rho], axis=-1)
        own, cross = self.information[:, 0, 0, None], self.information[:, 0, 1, None]
        other = self.information[:, 1, 1, None]
        determinant = own * other - cross**2
        s, r = gradient[..., 0], gradient[..., 1]
        # With next to no points the two cannot be told apart: the information is singular, the
        # variance's own variance without bound, and the degrees of freedom are the floor.
        known = determinant > 1e-12 * own * other
        top = other * s**2 - 2 * cross * s * r + own * r**2
        spread = np.divide(top, determinant, out=np.full_like(top, np.inf), where=known & (top > 0))
        return np.clip(2 * variance**2 / spread, floor, max(floor, self.residual_df))


def fit_ar1(times: Array, x: Array, y: Array, *, reml: bool = True) -> AR1Fit:
    """Fit AR(1)-error regressions to N series that share a design.

    Parameters
    ----------
    times : (n,)
        Calendar numbers of the points, increasing; a gap of two is a missing period.
    x : (n, p)
        Design of full rank.
    y : (n, N)
        Series; none may lie exactly on the design's plane.
    reml : bool
        Restricted maximum likelihood, or plain maximum likelihood (variance over n).
    """
    n, p = x.shape
    basis, triangle = np.linalg.qr(x)
    ordinary = basis.T @ y
    left_over = y - basis @ ordinary
    scale = np.sqrt((left_over**2).mean(0))
    q = quadratics(times, basis, left_over / scale)
    rho = best_rho(q, n, p, reml)
    parts = profile(q, rho)
    sigma2 = parts.rss / (n - p if reml else n)
    back = np.linalg.inv(triangle)
    beta = (ordinary.T + scale[:, None] * parts.coefficients) @ back.T
    inverse_by_rho = -parts.inverse @ parts.information1 @ parts.inverse
    unit = (sigma2 * scale**2)[:, None, None]
    return AR1Fit(
        rho=rho,
        sigma2=sigma2 * scale**2,
        beta=beta,
        vcov=unit * (back @ parts.inverse @ back.T),
        vcov_by_rho=unit * (back @ inverse_by_rho @ back.T),
        information=_information(times, basis, parts, sigma2 * scale**2, q),
        log_likelihood=parts.log_likelihood(n, p, reml)[0],
        residual_df=n - p,
    )


def _information(times: Array, x: Array, parts: Profile, sigma2: Array, q: Quadratics) -> Array:
    """Expected REML information of (sigma2, rho), (N, 2, 2).

    With P the REML projection and R' the derivative of the correlation: tr(PR'PR') is put together
    from traces of p × p matrices, so that no n × n matrix is made.
    """
    n, p = x.shape
    rho, inverse, a1 = parts.rho, parts.inverse, parts.information1
    gaps = q.gaps[None, :]
    a = rho[:, None] ** gaps
    da = gaps * rho[:, None] ** (gaps - 1)
    u = 1 - a**2
    chain = (q.counts * 2 * da**2 * (1 + a**2) / u**2).sum(1)
    turned = inverse @ a1
    trace = (
        chain
        - 2 * np.einsum("nij,nji->n", inverse, _sandwich(times, x, rho))
        + np.einsum("nij,nji->n", turned, turned)
    )
    first = parts.log_det_r[1] + parts.log_det_x[1]
    information = np.empty((len(rho), 2, 2))
    information[:, 0, 0] = (n - p) / (2 * sigma2**2)
    information[:, 0, 1] = information[:, 1, 0] = first / (2 * sigma2)
    information[:, 1, 1] = trace / 2
    return information


def _sandwich(times: Array, x: Array, rho: Array) -> Array:
    """X'K'RK'X (N, p, p), with K' the derivative of the inverse correlation by rho."""
    steps = np.diff(times)[None, :]
    a = rho[:, None] ** steps  # (N, n-1)
    da = steps * rho[:, None] ** (steps - 1)
    u = 1 - a**2
    own, cross = 2 * a * da / u**2, -(1 + a**2) * da / u**2  # derivatives of a²/u and -a/u
    dx = np.zeros((len(rho), *x.shape))
    dx[:, :-1] += own[:, :, None] * x[:-1] + cross[:, :, None] * x[1:]
    dx[:, 1:] += own[:, :, None] * x[1:] + cross[:, :, None] * x[:-1]
    forward, backward = dx.copy(), dx.copy()
    for i in range(1, len(times)):
        forward[:, i] += a[:, i - 1, None] * forward[:, i - 1]
    for i in range(len(times) - 2, -1, -1):
        backward[:, i] += a[:, i, None] * backward[:, i + 1]
    return np.einsum("nti,ntj->nij", dx, forward + backward - dx, optimize=True)
