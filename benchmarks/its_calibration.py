"""How often each method is wrong when nothing changed: `python benchmarks/its_calibration.py`.

Simulated series, no effect present, intervention in the middle. Counted is how often a nominal 95 %
interval leaves out the truth (the false alarms; coverage is 100 less that), for the level change,
the slope change, the average effect and the effect at the last period; how often the headline would
claim a change; then the power to see a lasting step and the width of the interval, against an
oracle that knows the autocorrelation. Writes docs/methods/its_calibration.md; then, by
its_headline.py, docs/methods/its_headline.md: seasons, counts, missing months, late changes and
series that break the model. Options: ``--series 1000 --own 5000 --counts 200 --only headline
--quick``; the default and the oracle have ``--own`` series a cell, since aims are judged by them.

An effect added to a series moves the interval of every method here by that much and changes nothing
else: one set of simulated series gives false alarms, power and width.
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
sys.path.insert(0, str(Path(__file__).resolve().parent))

import its_headline

import qieval
from qieval.analysis.its.methods import METHODS, Model, Settings
from qieval.analysis.its.methods.ar1 import (
    RHO_HIGH,
    RHO_LOW,
    Array,
    Quadratics,
    fit_ar1,
    profile,
    quadratics,
)
from qieval.analysis.its.methods.decision import AT_ONCE_CONFIDENCE
from qieval.analysis.its.methods.reml import kenward_roger
from qieval.core.config import SEED

OUT = Path(__file__).resolve().parents[1] / "docs" / "methods" / "its_calibration.md"
LENGTHS, RHOS = (12, 18, 24, 36, 48, 60), (0.0, 0.2, 0.4, 0.6, 0.8, 0.9)
EFFECTS = {
    "level_change": "level change",
    "slope_change": "slope change",
    "average_effect": "average effect",
    "last": "effect at the last period",
    "claim": "the headline's claim",
}
LEVEL = 0.95
STEPS = {12: 3.0, 18: 3.0, 24: 3.0, 36: 2.5, 48: 2.0, 60: 2.0}
"""The lasting step, in standard deviations of the errors, whose power is counted, by length."""
NAMES = {
    "default": "**the default** (autocorrelation integrated out)",
    "satterthwaite": "reml, df satterthwaite",
    "kenward_roger": "reml, df kenward_roger",
    "residual": "reml, df residual (as R's nlme::gls prints)",
    "ml": "ml",
    "ols": "ols",
    "newey_west": "newey_west, 1 lag",
    "hac_as_it_comes": "statsmodels' HAC as it comes (1 lag, normal, no correction)",
    "prais_winsten": "prais_winsten",
    "arima": "arima (1, 0, 0)",
    "oracle": "oracle (autocorrelation known)",
}
Intervals = tuple[Array, Array]  # low and high, (N, 5) each; the last is the level's at 99 %


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
    contrasts = [[0, 0, 1, 0], [0, 0, 0, 1], [0, 0, 1, (after - 1) / 2], [0, 0, 1, after - 1]]
    return Layout(times, np.column_stack(x), np.array([[*c, *rest] for c in contrasts], float))


# ---- methods, for many series at once ----------------------------------------------------------


def t_interval(estimate: Array, se: Array, df: Array | float) -> Intervals:
    def reach(confidence: float) -> Array:
        probability = 0.5 + confidence / 2
        if np.isinf(df).all():
            return se * special.ndtri(probability)
        return se * special.stdtrit(df, probability)

    wide, strict = reach(LEVEL), reach(AT_ONCE_CONFIDENCE)[:, :1]
    return (
        np.column_stack([estimate - wide, estimate[:, :1] - strict]),
        np.column_stack([estimate + wide, estimate[:, :1] + strict]),
    )


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


def reml(at: Layout, y: Array) -> dict[str, Intervals]:
    fit, flat = fit_ar1(at.times, at.x, y), fit_ar1(at.times, at.x, y, reml=False)
    df = fit.satterthwaite(at.contrasts)
    return {
        "satterthwaite": of_covariance(at, fit.beta, fit.vcov, df),
        "residual": of_covariance(at, fit.beta, fit.vcov, at.df),
        "ml": of_covariance(at, flat.beta, flat.vcov, at.df),
    }


def default(at: Layout, y: Array) -> Intervals:
    """By the public panel: what an analyst gets."""
    return its_headline.by_the_panel(y, len(at.times) // 2, season=None)


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
        values = at.contrasts @ one.beta
        found = one.infer(values, at.contrasts, LEVEL)
        strict = one.infer(values[:1], at.contrasts[:1], AT_ONCE_CONFIDENCE)
        rows.append(
            (np.append(found.ci_low, strict.ci_low), np.append(found.ci_high, strict.ci_high))
        )
    lows, highs = zip(*rows, strict=True)
    return np.array(lows), np.array(highs)


def every_method(
    at: Layout, every: Array, rho: float, series: int, few: dict[str, int]
) -> dict[str, Intervals]:
    """Intervals of each method: the default and the oracle of every series, others of the first."""
    y = every[:, :series]
    found = reml(at, y)
    found["default"] = default(at, every)
    found |= least_squares(at, y)
    found["prais_winsten"] = given_rho(at, y, settled_rho)
    found["oracle"] = given_rho(at, every, lambda q, basis, e: np.full(e.shape[1], rho))
    for method, count in few.items():
        if count:
            found[method] = one_by_one(at, y[:, :count], method, Settings())
    return found


# ---- series ------------------------------------------------------------------------------------


def ar1(n: int, rho: float, rng: np.random.Generator, series: int) -> Array:
    """AR(1) errors of variance 1 (n × series)."""
    shocks = rng.normal(size=(n, series))
    e = shocks.copy()
    for t in range(1, n):
        e[t] = rho * e[t - 1] + np.sqrt(1 - rho**2) * shocks[t]
    return e


# ---- counting ----------------------------------------------------------------------------------


def misses(interval: Intervals, truth: Array | float = 0.0) -> Array:
    """Percentage of intervals that leave the truth out, one number an effect; then claims.

    A claim is one of the average at 95 % or, where that is unclear, of the level at 99 %.
    """
    low, high = interval
    out = (low > truth) | (high < truth)
    claimed = out[:, [2]] | out[:, [4]]
    return 100 * np.concatenate([out[:, :4], claimed], axis=1).mean(0)


def main_cells(
    series: int, own: int, few: dict[str, int], lengths: tuple[int, ...]
) -> pd.DataFrame:
    rows = []
    for n in lengths:
        at = layout(n)
        for rho in RHOS:
            begin = time.perf_counter()
            y = ar1(n, rho, np.random.default_rng([SEED, n, int(10 * rho)]), own)
            arima = few["arima"] if n in (24, 48) and rho in (0.0, 0.4, 0.8) else 0
            found = every_method(at, y, rho, series, few | {"arima": arima})
            widths = (found["oracle"][1] - found["oracle"][0])[:, [0, 1, 2, 3, 2]]
            step = -STEPS[n] * np.array([1.0, 0, 1, 1, 1])
            for method, interval in found.items():
                count = len(interval[0])
                reach = (interval[1] - interval[0])[:, [0, 1, 2, 3, 2]]
                wide = np.median(reach / widths[:count], axis=0)
                alarms, power = misses(interval), misses(interval, step)
                for k, effect in enumerate(EFFECTS):
                    rows.append((method, n, rho, effect, alarms[k], wide[k], power[k], count))
            seconds = time.perf_counter() - begin
            print(f"n {n}, rho {rho}: {seconds:.1f} s", file=sys.stderr, flush=True)
    columns = ["method", "n", "rho", "effect", "alarms", "width", "power", "series"]
    return pd.DataFrame(rows, columns=columns)


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
    own = cells[(cells["method"] == "default") & (cells["n"] >= 18) & (cells["rho"] <= 0.8)]
    claims, rest = own[own["effect"] == "claim"], own[own["effect"] != "claim"]
    calm = claims[claims["rho"] <= 0.6]

    def highest(part: pd.DataFrame, most: float) -> str:
        worst = part.loc[part["alarms"].idxmax()]
        error = 100 * np.sqrt(most / 100 * (1 - most / 100) / worst["series"])
        verdict = "met" if worst["alarms"] <= most else "**not met**"
        if most < worst["alarms"] <= most + 2 * error:
            verdict = f"above it by less than two standard errors of the simulation ({error:.1f})"
        where = f"n {worst['n']}, rho {worst['rho']:g}, {EFFECTS[worst['effect']]}"
        return f"highest {worst['alarms']:.1f} % ({where}) | {verdict} |"

    return [
        "| aim for the default, from 18 points | found | |",
        "|---|---|---|",
        f"| the headline claims a change at most 6 % of times, rho up to .6 | {highest(calm, 6)}",
        f"| and at most 9 % in every cell, rho up to .8 | {highest(claims, 9)}",
        "| level, slope, average, end: at most 9 % in every cell, rho up to .8 | "
        f"{highest(rest, 9)}",
    ]


def page(cells: pd.DataFrame, series: int, own: int, few: dict[str, int]) -> str:
    def error(count: int) -> str:
        return f"{100 * np.sqrt(0.05 * 0.95 / count):.1f}"

    steps = ", ".join(f"{size:g} at n {n}" for n, size in STEPS.items())
    lines = [
        "# Calibration of the interrupted time series methods",
        "",
        "Written by `python benchmarks/its_calibration.py`; do not edit by hand.",
        "",
        f"{series:,} simulated series a cell (the default and the oracle {own:,}; kenward_roger "
        f"{few['kenward_roger']:,}; arima {few['arima']:,}, in six cells only), seed {SEED}, "
        f"{date.today():%d %B %Y}; qieval {qieval.__version__}, numpy {np.__version__}, scipy "
        f"{scipy.__version__}. AR(1) errors, "
        "intervention in the middle, level and slope change fitted, no season, no effect present. "
        f"A share of 5 % has a standard error of {error(own)} for the default, of {error(series)} "
        "for other methods. Coverage is 100 less the false alarms: the "
        "methods are linear, or move with the data in the same way, so an effect moves the "
        "interval and changes nothing else. With 12 points there are 6 a side, where the analysis "
        "itself makes no test (under 8). Counts, seasons and series that break the model: "
        "[the headline under other series](its_headline.md).",
        "",
        *verdict(cells),
        "",
    ]
    for effect, words in EFFECTS.items():
        lines += [f"## False alarms of a nominal 5 % test, in 100: {words}", ""]
        lines += [*grid(cells[cells["effect"] == effect], "alarms", 1), ""]
    for effect in ("level_change", "average_effect", "claim"):
        part = cells[cells["effect"] == effect]
        lines += [
            f"## Power: a lasting step is seen, in 100: {EFFECTS[effect]}",
            "",
            f"Steps in standard deviations: {steps}. Methods that raise many false alarms also "
            "raise true ones; read it with the tables above.",
            "",
            *grid(part, "power", 0),
            "",
        ]
    for effect in ("level_change", "average_effect"):
        part = cells[(cells["effect"] == effect) & (cells["method"] != "oracle")]
        lines += [
            f"## Width of the interval, the oracle's being 1 (median): {EFFECTS[effect]}",
            "",
            *grid(part, "width", 2),
            "",
        ]
    return "\n".join(lines)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--series", type=int, default=1000)
    options.add_argument("--own", type=int, default=5000, help="series a cell of the default")
    options.add_argument("--counts", type=int, default=200, help="series of counts a cell")
    options.add_argument("--only", choices=["methods", "headline"], help="one of the two pages")
    options.add_argument("--quick", action="store_true", help="100 series, few lengths, no page")
    chosen = options.parse_args()
    series = 100 if chosen.quick else chosen.series
    own = series if chosen.quick else max(series, chosen.own)
    counts = 20 if chosen.quick else chosen.counts
    few = {"kenward_roger": min(200, series), "arima": 20 if chosen.quick else 50}
    lengths = (12, 24, 48) if chosen.quick else LENGTHS
    begin, save = time.perf_counter(), not chosen.quick
    if chosen.only != "headline":
        text = page(main_cells(series, own, few, lengths), series, own, few)
        if save:
            OUT.write_text(text, encoding="utf-8")
        print(text)
    if chosen.only != "methods":
        longer = (18, 36) if chosen.quick else its_headline.LENGTHS
        print(its_headline.write(series, counts, longer, save))
    print(f"{time.perf_counter() - begin:.0f} seconds", file=sys.stderr)


if __name__ == "__main__":
    main()
