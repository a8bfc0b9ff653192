"""The Kaplan-Meier curve: published worked examples, statsmodels, and what must hold for any."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm
from statsmodels.duration.survfunc import SurvfuncRight

from qieval.flow.kaplan_meier import Curve, kaplan_meier

# Remission of leukaemia, weeks: Freireich and others 1963, Blood 21:699, as worked in Klein and
# Moeschberger, Survival Analysis (2nd edition), example 4.1, and Collett, Modelling Survival Data.
MP6 = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
MP6_RELAPSED = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


def curve(times: list, ended: list | None = None) -> Curve:
    gone = np.ones(len(times)) if ended is None else np.array(ended, dtype=float)
    return kaplan_meier(np.array(times, dtype=float), gone, 1 - gone)


def test_freireich_6_mp():
    found = curve(MP6, MP6_RELAPSED)
    table = found.table
    assert table["time"].tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert table["at_risk"].tolist() == [21, 17, 15, 12, 11, 7, 6]
    assert table["ended"].tolist() == [3, 1, 1, 1, 1, 1, 1]
    published = [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]
    assert table["share"].round(3).tolist() == published
    # Standard errors of the same table, taken back from the log(-log) interval.
    share, low = table["share"].to_numpy(), table["low"].to_numpy()
    spread = np.log(np.log(low) / np.log(share)) / norm.ppf(0.975)
    errors = spread * share * np.abs(np.log(share))
    assert errors.round(4).tolist() == [0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346]
    median, low, high = found.centile(0.5)
    assert (median, low) == (23, 13)
    assert np.isinf(high)


def test_freireich_placebo():
    """Median 8 weeks; 4 to 11 by the log(-log) interval, as SAS gives it."""
    assert curve(PLACEBO).centile(0.5) == (8, 4, 11)


SAMPLES = st.lists(st.tuples(st.integers(0, 30), st.booleans()), min_size=1, max_size=40)


@given(sample=SAMPLES)
def test_as_statsmodels_has_it(sample):
    times, ended = (list(part) for part in zip(*sample, strict=True))
    if not any(ended):
        assert curve(times, ended).table.empty
        return
    found = curve(times, ended).table
    # One row a person: with frequency weights statsmodels uses another standard error.
    other = SurvfuncRight(np.array(times, dtype=float), np.array(ended, dtype=float))
    assert found["time"].tolist() == other.surv_times.tolist()
    assert found["at_risk"].tolist() == other.n_risk.tolist()
    assert found["share"].to_numpy() == pytest.approx(other.surv_prob, abs=1e-9)
    left = other.surv_prob > 1e-9
    share = other.surv_prob[left]
    spread = other.surv_prob_se[left] / (share * np.abs(np.log(share)))
    low = share ** np.exp(norm.ppf(0.975) * spread)
    high = share ** np.exp(-norm.ppf(0.975) * spread)
    assert found["low"].to_numpy()[left] == pytest.approx(low, abs=1e-9)
    assert found["high"].to_numpy()[left] == pytest.approx(high, abs=1e-9)


@pytest.mark.parametrize("share", [0.25, 0.5, 0.75])
@pytest.mark.parametrize("seed", range(6))
def test_intervals_of_centiles_as_statsmodels_has_them(share, seed):
    rng = np.random.default_rng(seed)
    times = np.ceil(rng.exponential(20, 80))
    seen = np.ceil(rng.exponential(60, 80))
    gone = (times <= seen).astype(float)
    own = np.minimum(times, seen)
    other = SurvfuncRight(own, gone)
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = other.quantile_ci(share)
    found = kaplan_meier(own, gone, 1 - gone).centile(share)
    assert found[0] == other.quantile(share)
    assert found[1:] == (low, high)


@given(times=st.lists(st.integers(0, 40), min_size=1, max_size=50))
def test_without_anybody_censored_it_is_the_share_that_is_left(times):
    found = curve(times)
    for row in found.table.itertuples():
        assert row.share == pytest.approx(np.mean(np.array(times) > row.time))
    assert found.centile(0.5)[0] == np.median(times)


@given(sample=SAMPLES)
def test_counts_and_single_rows_in_any_order_give_the_same(sample):
    times, ended = (list(part) for part in zip(*sample, strict=True))
    found, mixed = curve(times, ended), curve(times[::-1], ended[::-1])
    assert found.table.equals(mixed.table)
    table = found.table
    assert (table["share"].diff().dropna() <= 0).all()
    assert table["share"].between(0, 1).all()
    known = table.dropna()
    assert (known["low"] <= known["share"] + 1e-12).all()
    assert (known["share"] <= known["high"] + 1e-12).all()


# Acute myelogenous leukaemia, weeks of remission with and without maintenance (Miller 1981,
# Survival Analysis): `aml` of R's survival, where survfit prints the medians 31 and 23.
AML = [9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161], [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0]
AML_NOT = [5, 5, 8, 8, 12, 16, 23, 27, 30, 33, 43, 45], [1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1]


@pytest.mark.parametrize(("sample", "median"), [(AML, 31), (AML_NOT, 23)])
def test_medians_of_aml_as_survfit_prints_them(sample, median):
    assert curve(*sample).centile(0.5)[0] == median


@pytest.mark.parametrize(
    ("times", "ended", "median"),
    [
        # The rule of R's print.survfit: on a step at exactly one half the middle of the step, and
        # where the curve falls no further the time at which it came there.
        ([1, 2, 3, 4], [1, 1, 1, 1], 2.5),
        ([1, 2, 5, 8], [1, 1, 0, 1], 5.0),
        ([1, 2, 3, 4], [1, 1, 0, 0], 2.0),
        # By hand: 9/10, then of 9 three go, 6/10, then of 6 one: 5/10 from 7 to 11.
        ([2, 5, 5, 5, 7, 11, 11, 13, 20, 20], [1] * 10, 9.0),
        # 1 - 1/3 and half of it are no halves in binary; 2/3 × 3/4 is one half but for rounding.
        ([1, 1, 4, 6, 6, 9], [1, 1, 1, 0, 0, 1], 6.5),
    ],
)
def test_a_median_exactly_on_a_step(times, ended, median):
    assert curve(times, ended).centile(0.5)[0] == median


def test_a_level_that_is_no_half_has_its_step_too():
    assert curve([3, 5, 6, 7, 8, 12, 14, 15, 17, 21]).centile(0.9)[0] == (17 + 21) / 2


# ---- delayed entry -----------------------------------------------------------------------------


def late_curve(times: list, ended: list, entered: list) -> Curve:
    gone = np.array(ended, dtype=float)
    return kaplan_meier(np.array(times, float), gone, 1 - gone, np.array(entered, float))


def test_those_under_way_are_at_risk_from_when_they_were_seen():
    """By hand. Seen from the start: 2, 4, 4+, 10. Under way at 3: ends 5; at 6: ends 8.

    At 2 four are at risk (one ends), at 4 three and the one under way since 3 (one ends, one is
    censored), at 5 that one and the last (one ends), at 8 the last and the one under way since 6.
    """
    found = late_curve([2, 4, 4, 10, 5, 8], [1, 1, 0, 1, 1, 1], [0, 0, 0, 0, 3, 6])
    assert found.table["time"].tolist() == [2, 4, 5, 8, 10]
    assert found.table["at_risk"].tolist() == [4, 4, 2, 2, 1]
    shares = [3 / 4, 3 / 4 * 3 / 4, 9 / 32, 9 / 64, 0]
    assert found.table["share"].tolist() == pytest.approx(shares)
    assert found.number == 6


def test_who_ends_at_the_moment_of_entry_is_at_risk_then():
    found = late_curve([1, 3, 3], [1, 1, 1], [0, 0, 3])
    assert found.table["at_risk"].tolist() == [2, 2]


@given(sample=st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=1, max_size=30))
def test_delayed_entry_as_statsmodels_has_it(sample):
    """Its entry is exclusive, ours the first time at risk: whole numbers differ by a half."""
    entered = [0, *(early for early, _ in sample)]
    times = [60, *(early + more for early, more in sample)]  # one is there throughout
    ended = [0, *(more % 2 for _, more in sample)]
    if not any(ended):
        return
    found = late_curve(times, ended, entered).table
    other = SurvfuncRight(times, ended, entry=np.array(entered) - 0.5)
    assert found["time"].tolist() == other.surv_times.tolist()
    assert found["at_risk"].tolist() == other.n_risk.tolist()
    assert found["share"].to_numpy() == pytest.approx(other.surv_prob, abs=1e-9)


def test_the_share_after_a_time():
    found = curve([2, 4, 4, 9], [1, 1, 0, 0])
    assert found.after(1)[0] == 1
    assert found.after(2)[0] == pytest.approx(0.75)
    assert found.after(9)[0] == pytest.approx(0.5)
    assert np.isnan(found.after(10)[0])  # nobody was seen for that long
    assert found.at_risk(3) == 3
    assert np.isnan(found.centile(0.9)[0])
    assert curve([2, 4]).after(99)[0] == 0


def test_intervals_of_the_median_hold_the_truth_about_as_often_as_they_say():
    held = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        times, seen = rng.exponential(30 / np.log(2), 80), rng.uniform(0, 150, 80)
        gone = (times <= seen).astype(float)
        _, low, high = kaplan_meier(np.minimum(times, seen), gone, 1 - gone).centile(0.5)
        held += low <= 30 <= high
    assert 0.92 <= held / 300 <= 0.98


def test_any_small_sample_is_what_each_person_by_hand_gives():
    """Late entries, ties and gaps: at risk at t are those who entered by then and are still there.

    The median is that of R's print.survfit: the middle of a step at exactly one half.
    """
    rng, compared = np.random.default_rng(0), 0
    for _ in range(400):
        count = int(rng.integers(2, 13))
        time = rng.integers(0, 8, count).astype(float)
        entered = np.minimum(rng.integers(0, 8, count) * (rng.random(count) < 0.5), time)
        ended = rng.random(count) < 0.7
        rows, share = [], 1.0
        for at in np.unique(time[ended]):
            there, gone = ((entered <= at) & (time >= at)).sum(), ((time == at) & ended).sum()
            share *= 1 - gone / there
            rows.append((at, there, gone, share))
        if not rows or min(row[3] for row in rows[:-1] or [(0, 0, 0, 1)]) < 1e-9:
            continue  # nobody was left for a while: cut there, which is tested above
        curve = kaplan_meier(time, ended * 1.0, ~ended * 1.0, entered.astype(float))
        np.testing.assert_allclose(curve.table.iloc[:, :4].to_numpy(dtype=float), rows)
        below = [row for row in rows if row[3] < 0.5 + 1e-8]
        later = [row[0] for row in below if row[3] < 0.5 - 1e-8]
        on_it = below and abs(below[0][3] - 0.5) < 1e-8 and later
        median = (below[0][0] + later[0]) / 2 if on_it else below[0][0] if below else np.nan
        np.testing.assert_equal(curve.centile(0.5)[0], median)
        compared += 1
    assert compared > 250
