"""Known answers: formulas worked by hand, exact limits by their definition, published totals.

FunnelPlotR's own tests hold no figures, only shapes of its output. Its input (six groups, from
tests/testthat/test-funnel_plot.R) is used here with the published formulas written out one unit at
a time, apart from the code under test.
"""

from __future__ import annotations

import math
import statistics

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import qieval as qi
from qieval.analysis.funnel.methods.scales import exact_limits, seen_after_trimming, trimmed

OBSERVED = [100, 150, 180, 80, 120, 225]
EXPECTED = [108, 112, 165, 95, 100, 220]
Z95, Z998 = 1.959964, 3.090232


def table(numerator: list[int], denominator: list[float]) -> pd.DataFrame:
    names = [f"Unit {number}" for number in range(1, len(numerator) + 1)]
    return pd.DataFrame({"unit": names, "o": numerator, "n": denominator})


def quantile7(values: list[float], p: float) -> float:
    """R's type 7: linear between the order statistics around 1 + (n - 1) p."""
    ordered = sorted(values)
    at = (len(ordered) - 1) * p
    low = math.floor(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (at - low) * (ordered[high] - ordered[low])


def tau2_of(z: list[float], s: list[float]) -> tuple[float, float]:
    k = len(z)
    phi = sum(value**2 for value in z) / k
    w = [1 / one**2 for one in s]
    return phi, max(0.0, (k * phi - (k - 1)) / (sum(w) - sum(x**2 for x in w) / sum(w)))


def funnel(data: pd.DataFrame, kind: str, **more):
    return qi.funnel(data, unit="unit", numerator="o", denominator="n", kind=kind, **more)


def test_ratio_on_the_log_scale_truncated():
    z = [math.sqrt(e) * math.log(o / e) for o, e in zip(OBSERVED, EXPECTED, strict=True)]
    s = [1 / math.sqrt(e) for e in EXPECTED]
    phi, tau2 = tau2_of(z, s)  # of six units no rank is in the first or last of ten groups
    found = funnel(table(OBSERVED, EXPECTED), "ratio")
    assert found.estimates["estimate"].tolist() == pytest.approx([1.0, phi, tau2])
    assert found.points["z"].tolist() == pytest.approx(z)


def test_ratio_on_the_square_root_scale_winsorised():
    s = [1 / (2 * math.sqrt(e)) for e in EXPECTED]
    z = [(math.sqrt(o / e) - 1) / one for o, e, one in zip(OBSERVED, EXPECTED, s, strict=True)]
    low, high = quantile7(z, 0.1), quantile7(z, 0.9)
    phi, tau2 = tau2_of([min(max(value, low), high) for value in z], s)
    found = funnel(table(OBSERVED, EXPECTED), "ratio", transformation="sqrt")
    assert found.estimates["estimate"].tolist() == pytest.approx([1.0, phi, tau2])
    assert tau2 > 0
    reach = Z998 * math.sqrt(1 / (4 * EXPECTED[0]) + tau2)
    first = found.points.iloc[0]
    assert [first["lower_998"], first["upper_998"]] == pytest.approx(
        [(1 - reach) ** 2, (1 + reach) ** 2], rel=1e-6
    )


def test_log_ratio_limits():
    observed = [60, 150, 240, 50, 160, 180, 90, 300]
    expected = [100, 110, 160, 90, 100, 220, 95, 200]
    found = funnel(table(observed, expected), "ratio", trimming="winsorise")
    tau2 = found.term("tau2").value
    assert tau2 > 0
    for row, e in zip(found.points.to_dict("records"), expected, strict=True):
        for name, z in (("95", Z95), ("998", Z998)):
            reach = z * math.sqrt(1 / e + tau2)
            assert row[f"lower_{name}"] == pytest.approx(math.exp(-reach), rel=1e-6)
            assert row[f"upper_{name}"] == pytest.approx(math.exp(reach), rel=1e-6)


def test_proportions_on_the_arcsine_scale():
    o, n = [20, 45, 80, 10, 66, 150, 90], [50, 60, 120, 40, 70, 300, 200]
    p0 = sum(o) / sum(n)
    s = [1 / (2 * math.sqrt(size)) for size in n]
    z = [
        (math.asin(math.sqrt(a / b)) - math.asin(math.sqrt(p0))) / one
        for a, b, one in zip(o, n, s, strict=True)
    ]
    low, high = quantile7(z, 0.1), quantile7(z, 0.9)
    phi, tau2 = tau2_of([min(max(value, low), high) for value in z], s)
    found = funnel(table(o, n), "proportion")
    assert found.estimates["estimate"].tolist() == pytest.approx([p0, phi, tau2])
    assert tau2 > 0
    reach = Z95 * math.sqrt(1 / (4 * 50) + tau2)
    middle = math.asin(math.sqrt(p0))
    assert found.points.loc[0, "lower_95"] == pytest.approx(math.sin(middle - reach) ** 2, rel=1e-6)
    assert found.points.loc[0, "upper_95"] == pytest.approx(math.sin(middle + reach) ** 2, rel=1e-6)
    wider = funnel(table(o, n), "proportion", overdispersion="multiplicative")
    reach = Z95 * math.sqrt(phi / (4 * 50))
    assert wider.points.loc[0, "upper_95"] == pytest.approx(math.sin(middle + reach) ** 2, rel=1e-6)


def test_rates_on_the_log_scale():
    o, n = [20, 45, 80, 10, 66, 150, 90], [500, 600, 1200, 400, 700, 3000, 2000]
    r0 = sum(o) / sum(n)
    s = [math.sqrt(a / (a + 0.5) ** 2 + b / (b + 0.5) ** 2) for a, b in zip(o, n, strict=True)]
    z = [
        (math.log((a + 0.5) / (b + 0.5)) - math.log(r0)) / one
        for a, b, one in zip(o, n, s, strict=True)
    ]
    low, high = quantile7(z, 0.1), quantile7(z, 0.9)
    phi, tau2 = tau2_of([min(max(value, low), high) for value in z], s)
    found = funnel(table(o, n), "rate", per=1000)
    assert found.points["z"].tolist() == pytest.approx(z)
    assert found.estimates["estimate"].tolist() == pytest.approx([r0, phi, tau2])
    # Within-unit variance at the target: s with O = n r0.
    a = 500 * r0
    reach = Z95 * math.sqrt(a / (a + 0.5) ** 2 + 500 / 500.5**2 + tau2)
    assert found.points.loc[0, "upper_95"] == pytest.approx(r0 * math.exp(reach), rel=1e-6)


def interpolated(cdf, at: float) -> float:
    """The distribution function joined by straight lines between whole numbers."""
    low = math.floor(at)
    return cdf(low) + (at - low) * (cdf(low + 1) - cdf(low))


@pytest.mark.parametrize("level", [0.95, 0.998])
@pytest.mark.parametrize(("size", "target"), [(40, 0.3), (150, 0.62), (1000, 0.05)])
def test_exact_binomial_limits_by_their_definition(size, target, level):
    lower, upper = exact_limits(np.array([float(size)]), target, level, "proportion")
    cdf = stats.binom(size, target).cdf
    assert interpolated(cdf, float(lower[0]) * size) == pytest.approx((1 - level) / 2)
    assert interpolated(cdf, float(upper[0]) * size) == pytest.approx((1 + level) / 2)


@pytest.mark.parametrize("expected", [12.0, 55.5, 400.0])
def test_exact_poisson_limits_by_their_definition(expected):
    lower, upper = exact_limits(np.array([expected]), 1.0, 0.95, "ratio")
    cdf = stats.poisson(expected).cdf
    assert interpolated(cdf, float(lower[0]) * expected) == pytest.approx(0.025)
    assert interpolated(cdf, float(upper[0]) * expected) == pytest.approx(0.975)


def test_power_is_the_chance_of_a_count_outside_the_limits():
    found = funnel(table([30, 60, 90], [60, 120, 180]), "proportion", difference=0.2)
    row = found.points.iloc[1]
    counts = np.arange(121)
    outside = (counts / 120 < row["lower_998"]) | (counts / 120 > row["upper_998"])
    chances = [stats.binom(120, p).pmf(counts[outside]).sum() for p in (0.3, 0.7)]
    assert row["power"] == pytest.approx(min(chances))


@pytest.mark.parametrize("trimming", ["winsorise", "truncate"])
def test_what_trimming_leaves_of_the_spread(trimming):
    """Against a million normal draws."""
    z = np.random.default_rng(1).normal(size=1_000_000)
    kept, used = trimmed(z, 0.1, trimming)
    assert seen_after_trimming(0.1, trimming) == pytest.approx((kept[used] ** 2).mean(), abs=0.006)
    assert seen_after_trimming(0, trimming) == 1


SETS = {
    "proportion": ("arcsine", 0.3, 200),
    "rate": ("log", 0.02, 4000),
    "ratio": ("log", 1.0, 80),
    "ratio, square root": ("sqrt", 1.0, 80),
}


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("spread", [0.0, 0.06])
def test_limits_hold_their_level(name, spread):
    """By chance alone 5% are outside the 95% limits; widened ones leave out what is stated."""
    transformation, target, middle = SETS[name]
    kind = name.partition(",")[0]
    rng = np.random.default_rng(20240229)
    shares, stated = [], []
    for _ in range(40):
        size = np.round(middle * rng.uniform(0.4, 3, 80))
        off = spread * (2 if transformation == "log" else 1) * rng.normal(size=80)
        if transformation == "arcsine":
            events = rng.binomial(size.astype(int), np.sin(np.arcsin(np.sqrt(target)) + off) ** 2)
        elif transformation == "log":
            events = rng.poisson(size * target * np.exp(off))
        else:
            events = rng.poisson(size * (1 + off) ** 2)
        found = funnel(
            table(events.tolist(), size.tolist()),
            kind,
            transformation=transformation,
            trimming="winsorise",
        )
        shares.append(float((found.points["flag"] != "inside").mean()))
        stated.append(found.by_chance(0.95) / 80)
    assert statistics.mean(shares) == pytest.approx(statistics.mean(stated), abs=0.02)


def test_units_left_out_are_those_of_the_published_method():
    """SHMI (NHS Digital): PROC RANK with ten groups leaves out floor(10·rank/(K+1)) = 0 and 9.

    Counted by hand for K = 54: ranks 1 to 5, and 50 to 54; phi and tau² of the 44 others.
    """
    rng, k = np.random.default_rng(1), 54
    expected = np.exp(rng.uniform(2, 6, k))
    observed = rng.poisson(expected * np.exp(rng.normal(0, 0.2, k))) + 1
    units = pd.DataFrame({"u": [f"U{i}" for i in range(k)], "o": observed, "e": expected})
    found = qi.funnel(units, unit="u", numerator="o", denominator="e", kind="ratio").estimates
    assert found.loc["phi", "n"] == 44
    assert found.loc["phi", "estimate"] == pytest.approx(1.5461, abs=5e-5)
    assert found.loc["tau2", "estimate"] == pytest.approx(0.00738, abs=5e-6)


@pytest.mark.parametrize("k", range(10, 61))
def test_units_left_out_for_every_number_of_units(k):
    z = np.random.default_rng(k).normal(size=k)
    _, used = trimmed(z, 0.1, "truncate")
    rank = z.argsort().argsort() + 1
    group = 10 * rank // (k + 1)
    assert list(used) == list((group != 0) & (group != 9))


def test_every_unit_lies_on_the_side_of_the_drawn_line_on_which_it_is_judged():
    rng = np.random.default_rng(3)
    size = np.exp(rng.uniform(4, 6, 30)).round()
    events = rng.poisson(size * 0.03 * np.exp(rng.normal(0, 0.7, 30)))
    events[0], size[0] = 0, 90
    units = pd.DataFrame({"u": [f"U{i:02d}" for i in range(30)], "o": events, "n": size})
    found = qi.funnel(units, unit="u", numerator="o", denominator="n", kind="rate")
    assert found.widened
    assert found.points["flag"].iloc[0] == "inside"
    line = np.interp(
        found.points["denominator"], found.curve["denominator"], found.curve["lower_998"]
    )
    below = found.points["value"] < line - 1e-9
    assert list(below) == list(found.points["flag"].str.startswith("below 99.8"))
