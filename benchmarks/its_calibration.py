"""How often each method is wrong when nothing changed: `python benchmarks/its_calibration.py`.

Simulated series, no effect present, intervention in the middle. Counted is how often a nominal 95 %
interval leaves out the truth (the false alarms; coverage is 100 less that), for the level change,
the slope change, the effect at the last period and the cumulative effect; then the power to see a
level change of 2.5 standard deviations and the width of the interval, against an oracle that knows
the autocorrelation. Writes docs/methods/its_calibration.md. Options: ``--series 4000 --quick``.

Every method here is linear in the data, so an effect added to a series moves its interval by that
much and nothing else: one set of simulated series gives false alarms, power and width.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import scipy
from scipy import special

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import qieval
from qieval.analysis.its.methods import EDGE, METHODS, Model, Settings
from qieval.analysis.its.methods.ar1 import (
    RHO_HIGH,
    RHO_LOW,
    AR1Fit,
    Array,
    Quadratics,
    fit_ar1,
    profile,
    quadratics,
)
from qieval.analysis.its.methods.integrated import integrate
from qieval.analysis.its.methods.model import INTEGRATED_UNDER
from qieval.analysis.its.methods.reml import kenward_roger
from qieval.core.config import SEED

OUT = Path(__file__).resolve().parents[1] / "docs" / "methods" / "its_calibration.md"
LENGTHS, RHOS = (12, 18, 24, 36, 48, 60), (0.0, 0.2, 0.4, 0.6, 0.8)
EFFECTS = {
    "level_change": "level change",
    "slope_change": "slope change",
    "last": "effect at the last period",
    "cumulative": "cumulative effect",
}
LEVEL = 0.95
SHIFT = 2.5  # the level change, in standard deviations of the errors, whose power is counted
NAMES = {
    "default": "**the default** (REML + Satterthwaite; integrated under 24 points or rho > 0.9)",
    "satterthwaite": "reml, df satterthwaite",
    "kenward_roger": "reml, df kenward_roger",
    "residual": "reml, df residual (as R's nlme::gls prints)",
    "integrated": "integrated",
    "ml": "ml",
    "ols": "ols",
    "newey_west": "newey_west, 1 lag",
    "hac_as_it_comes": "statsmodels' HAC as it comes (1 lag, normal, no correction)",
    "prais_winsten": "prais_winsten",
    "arima": "arima (1, 0, 0)",
    "oracle": "oracle (autocorrelation known)",
}
Intervals = tuple[Array, Array]  # low and high, (N, 4) each


@dataclass(frozen=True)
class Layout:
    """One length of series: its calendar, design and contrasts of the four effects."""

    times: Array
    x: Array
    contrasts: Array

    @property
    def df(self) -> int:
        """Residual degrees of freedom."""
        return self.x.shape[0] - self.x.shape[1]


def layout(n: int, pairs: int = 0) -> Layout:
    times, start = np.arange(float(n)), n // 2
    post = (times >= start) * 1.0
    x = [np.ones(n), times, post, post * (times - start)]
    for k in range(1, pairs + 1):
        x += [np.sin(2 * np.pi * k * times / 12), np.cos(2 * np.pi * k * times / 12)]
    after = n - start
    rest = [0.0] * (2 * pairs)
    contrasts = [[0, 0, 1, 0], [0, 0, 0, 1], [0, 0, 1, after - 1]]
    contrasts.append([0, 0, after, after * (after - 1) / 2])
    return Layout(times, np.column_stack(x), np.array([[*c, *rest] for c in contrasts], float))


# ---- methods, for many series at once ----------------------------------------------------------


def t_interval(estimate: Array, se: Array, df: Array | float) -> Intervals:
    reach = se * (
        special.ndtri(0.5 + LEVEL / 2)
        if np.isinf(df).all()
        else special.stdtrit(df, 0.5 + LEVEL / 2)
    )
    return estimate - reach, estimate + reach


def of_covariance(at: Layout, beta: Array, vcov: Array, df: Array | float) -> Intervals:
    variance = np.einsum("mi,nij,mj->nm", at.contrasts, vcov, at.contrasts)
    return t_interval(beta @ at.contrasts.T, np.sqrt(variance), df)


def least_squares(at: Layout, y: Array) -> dict[str, Intervals]:
    """OLS, and Newey and West's covariance with one lag, with and without its corrections."""
    n, p = at.x.shape
    bread = np.linalg.inv(at.x.T @ at.x)
    beta = (bread @ at.x.T @ y).T
    e = y - at.x @ beta.T
    plain = ((e**2).sum(0) / (n - p))[:, None, None] * bread
    scores = at.x[:, None, :] * e[:, :, None]  # (n, N, p)
    cross = np.einsum("tni,tnj->nij", scores[1:], scores[:-1], optimize=True)
    meat = np.einsum("tni,tnj->nij", scores, scores, optimize=True)
    meat += 0.5 * (cross + cross.transpose(0, 2, 1))
    robust = bread @ meat @ bread
    return {
        "ols": of_covariance(at, beta, plain, n - p),
        "newey_west": of_covariance(at, beta, n / (n - p) * robust, n - p),
        "hac_as_it_comes": of_covariance(at, beta, robust, np.inf),
    }


def given_rho(
    at: Layout, y: Array, rho_of: Callable[[Quadratics, Array, Array], Array]
) -> Intervals:
    """Generalised least squares at an autocorrelation that `rho_of` gives, t(n - p)."""
    basis, triangle = np.linalg.qr(at.x)
    ordinary = basis.T @ y
    e = y - basis @ ordinary
    q = quadratics(at.times, basis, e)
    parts = profile(q, rho_of(q, basis, e))
    back = np.linalg.inv(triangle)
    beta = (ordinary.T + parts.coefficients) @ back.T
    vcov = (parts.rss / at.df)[:, None, None] * (back @ parts.inverse @ back.T)
    return of_covariance(at, beta, vcov, at.df)


def settled_rho(q: Quadratics, basis: Array, e: Array) -> Array:
    """Prais and Winsten's autocorrelation, iterated until it settles."""
    rho, residual = np.zeros(e.shape[1]), e
    for _ in range(200):
        new = (residual[1:] * residual[:-1]).sum(0) / (residual[:-1] ** 2).sum(0)
        new = np.clip(new, RHO_LOW, RHO_HIGH)
        moved, rho = np.abs(new - rho).max(), new
        if moved < 1e-9:
            break
        residual = e - basis @ profile(q, rho).coefficients.T
    return rho


def reml(at: Layout, y: Array) -> tuple[dict[str, Intervals], AR1Fit]:
    fit, flat = fit_ar1(at.times, at.x, y), fit_ar1(at.times, at.x, y, reml=False)
    df = fit.satterthwaite(at.contrasts)
    return {
        "satterthwaite": of_covariance(at, fit.beta, fit.vcov, df),
        "residual": of_covariance(at, fit.beta, fit.vcov, at.df),
        "ml": of_covariance(at, flat.beta, flat.vcov, at.df),
    }, fit


def integrated(at: Layout, y: Array) -> Intervals:
    found = integrate(at.times, at.x, y)
    gradients = np.broadcast_to(at.contrasts, (y.shape[1], *at.contrasts.shape))
    inference = found.infer(found.beta @ at.contrasts.T, gradients, LEVEL)
    return inference.ci_low, inference.ci_high


def default_of(found: dict[str, Intervals], rho: Array, n: int) -> Intervals:
    """The headline's own switch, as in qieval.analysis.its.methods.model.fit_headline."""
    switch = ((rho > EDGE) | (n < INTEGRATED_UNDER))[:, None]
    pairs = zip(found["integrated"], found["satterthwaite"], strict=True)
    low, high = (np.where(switch, one, other) for one, other in pairs)
    return low, high


def one_by_one(at: Layout, y: Array, method: str, settings: Settings) -> Intervals:
    """A method of the package that takes one series at a time."""
    ones, rows = np.ones(len(y)), []
    for j in range(y.shape[1]):
        model = Model(at.times, at.x, y[:, j], ones)
        if method == "kenward_roger":
            fit = fit_ar1(at.times, at.x, y[:, [j]])
            vcov, df = kenward_roger(model, fit), fit.satterthwaite(at.contrasts)[0]
            low, high = of_covariance(at, fit.beta, vcov[None], df)
            rows.append((low[0], high[0]))
            continue
        one = METHODS[method](model, settings)
        found = one.infer(at.contrasts @ one.beta, at.contrasts, LEVEL)
        rows.append((found.ci_low, found.ci_high))
    lows, highs = zip(*rows, strict=True)
    return np.array(lows), np.array(highs)


def every_method(
    at: Layout, y: Array, rho: float | None, few: dict[str, int]
) -> dict[str, Intervals]:
    found, fit = reml(at, y)
    found["integrated"] = integrated(at, y)
    found["default"] = default_of(found, fit.rho, len(y))
    found |= least_squares(at, y)
    found["prais_winsten"] = given_rho(at, y, settled_rho)
    if rho is not None:
        found["oracle"] = given_rho(at, y, lambda q, basis, e: np.full(e.shape[1], rho))
    for method, count in few.items():
        if count:
            found[method] = one_by_one(at, y[:, :count], method, Settings())
    return found


# ---- series ------------------------------------------------------------------------------------


def ar1(n: int, rho: float, rng: np.random.Generator, series: int, heavy: bool = False) -> Array:
    """AR(1) errors of variance 1 (n × series); `heavy` draws the shocks from t with 3 df."""
    burn = 200 if heavy else 0
    shocks = (
        rng.standard_t(3, (n + burn, series)) / np.sqrt(3)
        if heavy
        else rng.normal(size=(n, series))
    )
    e = shocks.copy()
    for t in range(1, n + burn):
        e[t] = rho * e[t - 1] + np.sqrt(1 - rho**2) * shocks[t]
    return e[burn:]


def other_errors(kind: str, n: int, rng: np.random.Generator, series: int) -> Array:
    """Series that break the model's assumptions; no effect present."""
    if kind == "MA(1), theta 0.5":
        u = rng.normal(size=(n + 1, series))
        return (u[1:] + 0.5 * u[:-1]) / np.sqrt(1.25)
    if kind == "AR(2), 0.4 and 0.3":
        e = rng.normal(size=(n + 200, series))
        for t in range(2, n + 200):
            e[t] += 0.4 * e[t - 1] + 0.3 * e[t - 2]
        return e[200:]
    if kind.startswith("counts"):
        mean = float(kind.split()[2])
        return rng.poisson(mean * np.exp(0.2 * ar1(n, 0.4, rng, series))).astype(float)
    if kind == "heavy tails: t(3), AR(1) 0.4":
        return ar1(n, 0.4, rng, series, heavy=True)
    if kind.startswith("a yearly wave"):
        phase = rng.uniform(0, 2 * np.pi, series)
        wave = np.sin(2 * np.pi * np.arange(n)[:, None] / 12 + phase)
        return wave + ar1(n, 0.2, rng, series)
    return rng.normal(size=(n, series)).cumsum(0)  # a random walk


OTHERS = (
    "MA(1), theta 0.5",
    "AR(2), 0.4 and 0.3",
    "counts, mean 20 (Poisson, log rate AR(1) 0.4, sd 0.2)",
    "counts, mean 4 (Poisson, log rate AR(1) 0.4, sd 0.2)",
    "heavy tails: t(3), AR(1) 0.4",
    "a yearly wave of 1 SD, not modelled, AR(1) 0.2",
    "a yearly wave of 1 SD, one harmonic pair, AR(1) 0.2",
    "a random walk (no level to return to)",
)


def poisson_levels(at: Layout, y: Array) -> dict[str, Intervals]:
    """Level change of log-linear models, as Poisson (normal) and quasi-Poisson (Pearson, t)."""
    beta = np.zeros((y.shape[1], at.x.shape[1]))
    beta[:, 0] = np.log(y.mean(0))
    for _ in range(30):
        mean = np.exp(at.x @ beta.T)
        information = np.einsum("ti,tn,tj->nij", at.x, mean, at.x, optimize=True)
        step = np.linalg.solve(information, (at.x.T @ (y - mean)).T[:, :, None])[:, :, 0]
        beta += np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-9:
            break
    mean = np.exp(at.x @ beta.T)
    scale = ((y - mean) ** 2 / mean).sum(0) / at.df
    se = np.sqrt(np.linalg.inv(information)[:, 2, 2])
    return {
        "poisson": t_interval(beta[:, 2], se, np.inf),
        "quasipoisson": t_interval(beta[:, 2], se * np.sqrt(scale), at.df),
    }


# ---- counting ----------------------------------------------------------------------------------


def misses(interval: Intervals, truth: float = 0.0) -> Array:
    """Percentage of intervals that leave `truth` out, one number an effect."""
    low, high = interval
    return 100 * ((low > truth) | (high < truth)).mean(0)


def main_cells(series: int, few: dict[str, int], lengths: tuple[int, ...]) -> pd.DataFrame:
    rows = []
    for n in lengths:
        at = layout(n)
        for rho in RHOS:
            begin = time.perf_counter()
            y = ar1(n, rho, np.random.default_rng([SEED, n, int(10 * rho)]), series)
            arima = few["arima"] if n in (24, 48) and rho in (0.0, 0.4, 0.8) else 0
            found = every_method(at, y, rho, few | {"arima": arima})
            widths = found["oracle"][1] - found["oracle"][0]
            for method, interval in found.items():
                count = len(interval[0])
                wide = np.median((interval[1] - interval[0]) / widths[:count], axis=0)
                power = misses(interval, -SHIFT)[0]
                for k, effect in enumerate(EFFECTS):
                    alarm = misses(interval)[k]
                    rows.append((method, n, rho, effect, alarm, wide[k], power, count))
            seconds = time.perf_counter() - begin
            print(f"n {n}, rho {rho}: {seconds:.1f} s", file=sys.stderr, flush=True)
    columns = ["method", "n", "rho", "effect", "alarms", "width", "power", "series"]
    return pd.DataFrame(rows, columns=columns)


def other_cells(series: int, lengths: tuple[int, ...]) -> pd.DataFrame:
    rows = []
    for number, kind in enumerate(OTHERS):
        for n in lengths:
            pairs = int("one harmonic" in kind)
            if pairs and n < 48:
                continue  # the default takes no season under 24 points before the intervention
            at = layout(n, pairs)
            y = other_errors(kind, n, np.random.default_rng([SEED, n, 100 + number]), series)
            y = y[:, np.ptp(y, axis=0) > 0]
            found = every_method(at, y, None, {})
            alarms = {name: misses(one) for name, one in found.items()}
            if kind.startswith("counts"):
                alarms |= {k: [misses(v), np.nan] for k, v in poisson_levels(at, y).items()}
            rows += [(kind, n, name, values[0], values[-1]) for name, values in alarms.items()]
        print(kind, file=sys.stderr, flush=True)
    return pd.DataFrame(rows, columns=["kind", "n", "method", "level", "cumulative"])


# ---- the page ----------------------------------------------------------------------------------


def grid(table: pd.DataFrame, what: str, places: int) -> list[str]:
    """One row a method and length, one column a rho."""
    lines = ["| method | n | " + " | ".join(f"rho {r:g}" for r in RHOS) + " |"]
    lines.append("|---|---|" + "---|" * len(RHOS))
    for method, words in NAMES.items():
        part = table[table["method"] == method]
        for n, cells in part.groupby("n"):
            values = cells.set_index("rho")[what].reindex(RHOS)
            shown = ["–" if np.isnan(v) else f"{v:.{places}f}" for v in values]
            lines.append(f"| {words} | {n} | " + " | ".join(shown) + " |")
            words = ""
    return lines


def verdict(cells: pd.DataFrame) -> list[str]:
    """What was aimed for, and what was found; computed, so that it cannot flatter."""
    level = cells[(cells["method"] == "default") & (cells["effect"] == "level_change")]
    worst = level.loc[level["alarms"].idxmax()]
    mean = level.loc[level["n"] >= 24, "alarms"].mean()
    oracle = cells[(cells["method"] == "oracle") & (cells["effect"] == "level_change")]
    both = level.merge(oracle, on=["n", "rho"], suffixes=("", "_oracle"))
    share = both["power"] / both["power_oracle"]
    low = both.loc[share.idxmin()]
    under = [f"n {r.n}, rho {r.rho:g}" for r in both[share < 0.8].itertuples()]

    def said(good: bool) -> str:
        return "met" if good else "**not met**"

    return [
        "| aim for the default, level change | found | |",
        "|---|---|---|",
        f"| false alarms at most 9 % in every cell | highest {worst['alarms']:.1f} % "
        f"(n {worst['n']}, rho {worst['rho']:g}) | {said(worst['alarms'] <= 9)} |",
        f"| 4 to 7 % on average from n = 24 | {mean:.1f} % | {said(4 <= mean <= 7)} |",
        f"| at least 80 % of the oracle's power in every cell | lowest {100 * share.min():.0f} % "
        f"(n {low['n']}, rho {low['rho']:g}: {low['power']:.0f} against "
        f"{low['power_oracle']:.0f} in 100); under 80 % in {len(under)} of {len(share)} cells"
        + (f": {'; '.join(under)}" if under else "")
        + f" | {said(not under)} |",
    ]


def beyond(cells: pd.DataFrame, others: pd.DataFrame) -> list[str]:
    """What the aims leave out: other effects, and models that are wrong."""
    lines = ["Beyond the aims, the default's highest false alarms:", ""]
    for effect, words in list(EFFECTS.items())[1:]:
        part = cells[cells["effect"] == effect]
        found = part[part["method"] == "default"].set_index(["n", "rho"])["alarms"]
        plain = part[part["method"] == "satterthwaite"].set_index(["n", "rho"])["alarms"]
        n, rho = found.idxmax()
        late = found[found.index.get_level_values("n") >= INTEGRATED_UNDER]
        lines.append(
            f"- {words}: {found.max():.1f} % (n {n}, rho {rho:g}; REML + Satterthwaite there "
            f"{plain[n, rho]:.1f} %); from n = 24 at most {late.max():.1f} %, on average "
            f"{late.mean():.1f} %"
        )
    for kind, part in others[others["method"] == "default"].groupby("kind", sort=False):
        worst = part.loc[part["level"].idxmax()]
        total = part.loc[part["cumulative"].idxmax()]
        lines.append(
            f"- {kind}: level change {worst['level']:.1f} % (n {worst['n']}), cumulative effect "
            f"{total['cumulative']:.1f} % (n {total['n']})"
        )
    return lines


def page(cells: pd.DataFrame, others: pd.DataFrame, series: int, few: dict[str, int]) -> str:
    level = cells[cells["effect"] == "level_change"]
    lines = [
        "# Calibration of the interrupted time series methods",
        "",
        "Written by `python benchmarks/its_calibration.py`; do not edit by hand.",
        "",
        f"{series:,} simulated series a cell (kenward_roger {few['kenward_roger']:,}; arima "
        f"{few['arima']:,}, in six cells only), seed {SEED}, {date.today():%d %B %Y}; qieval "
        f"{qieval.__version__}, numpy {np.__version__}, scipy {scipy.__version__}. AR(1) errors, "
        "intervention in the middle, level and slope change fitted, no season, no effect present. "
        f"A share of 5 % found in {series:,} series has a standard error of "
        f"{100 * np.sqrt(0.05 * 0.95 / series):.1f}. Coverage is 100 less the false alarms: the "
        "methods are linear, so an effect moves the interval and changes nothing else. With 12 "
        "points there are 6 a side, where the analysis itself makes no test (under 8).",
        "",
        *verdict(cells),
        "",
        *beyond(cells, others),
        "",
    ]
    for effect, words in EFFECTS.items():
        lines += [f"## False alarms of a nominal 5 % test, in 100: {words}", ""]
        lines += [*grid(cells[cells["effect"] == effect], "alarms", 1), ""]
    lines += [
        f"## Power: a level change of {SHIFT} standard deviations is seen, in 100",
        "",
        "Methods that raise many false alarms also raise true ones; read it with the table above.",
        "",
        *grid(level, "power", 0),
        "",
        "## Width of the interval of the level change, the oracle's being 1 (median)",
        "",
        *grid(level[level["method"] != "oracle"], "width", 2),
        "",
        "## When the model is wrong",
        "",
        "False alarms in 100: level change / cumulative effect. Counts: a Poisson and a "
        "quasi-Poisson model for the level change beside the others; the default takes "
        "quasi-Poisson by itself when counts are under 10 a period.",
        "",
    ]
    shown = ["default", "satterthwaite", "integrated", "ols", "newey_west", "prais_winsten"]
    lines.append("| errors | n | " + " | ".join([*shown, "poisson", "quasipoisson"]) + " |")
    lines.append("|---|---|" + "---|" * 8)
    for (kind, n), part in others.groupby(["kind", "n"], sort=False):
        found = part.set_index("method")
        cell = [f"{r['level']:.0f} / {r['cumulative']:.0f}" for _, r in found.loc[shown].iterrows()]
        for name in ("poisson", "quasipoisson"):
            cell.append(f"{found.loc[name, 'level']:.0f}" if name in found.index else "–")
        lines.append(f"| {kind} | {n} | " + " | ".join(cell) + " |")
    return "\n".join([*lines, ""])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--series", type=int, default=4000)
    options.add_argument("--quick", action="store_true", help="400 series, three lengths, no page")
    chosen = options.parse_args()
    series = 400 if chosen.quick else chosen.series
    few = {"kenward_roger": min(1000, series), "arima": 20 if chosen.quick else 150}
    lengths = (12, 24, 48) if chosen.quick else LENGTHS
    begin = time.perf_counter()
    cells = main_cells(series, few, lengths)
    others = other_cells(series, (12, 24, 48) if chosen.quick else (12, 24, 36, 48, 60))
    text = page(cells, others, series, few)
    if not chosen.quick:
        OUT.write_text(text, encoding="utf-8")
    print(text)
    print(f"{time.perf_counter() - begin:.0f} seconds", file=sys.stderr)


if __name__ == "__main__":
    main()
