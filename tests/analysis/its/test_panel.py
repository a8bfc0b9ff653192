"""Many units at once: the numbers of the single fit, unit by unit, or a reason."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qieval as qi
from qieval.analysis.its.methods import panel
from qieval.analysis.its.methods.panel import COLUMNS
from qieval.core.errors import CannotEvaluate, DataError, ParameterError
from tests.analysis.its.simulated import ar1_errors, monthly, start

NUMBERS = ["estimate", "se", "ci_low", "ci_high", "p_value", "df", "n"]


def many(units: int = 5, n: int = 48, at: int = 24, seed: int = 1, walk: int = 0) -> pd.DataFrame:
    """A table of wards with steps and slopes of their own; the last `walk` of them wander."""
    rng = np.random.default_rng(seed)
    parts = []
    for number in range(units):
        level, slope = rng.normal(-4, 2), rng.normal(0, 0.2)
        data = monthly(n=n, at=at, level=level, slope=slope, rho=rng.uniform(0, 0.5), seed=number)
        if number >= units - walk:
            data["bed_days"] = 50 + rng.normal(size=n).cumsum()
        season = np.sin(2 * np.pi * data["period"].dt.month / 12)
        data["bed_days"] += rng.uniform(0, 2) * season
        data["days_in_period"] = data["period"].dt.days_in_month
        parts.append(data.assign(ward=f"Ward {number}"))
    return pd.concat(parts, ignore_index=True)


def fitted(data, at=24, **more):
    given = {"unit": "ward", "value": "bed_days", "intervention": start(at), **more}
    return qi.interrupted_time_series_panel(data, **given)


def alone(data, at=24, **more):
    """One unit by the single function, in the panel's form."""
    given = {"value": "bed_days", "intervention": start(at), "overlapping": False, **more}
    result = qi.interrupted_time_series(data, family="gaussian", **given)
    estimates = result.estimates.drop(index="level_change_99")
    names = {term: term for term in estimates.index}
    for term in names:
        if term.startswith("effect_at_"):
            tail = term.removeprefix("effect_at_").partition("_")[2]
            names[term] = "effect_at_horizon" + (f"_{tail}" if tail else "")
    return result, estimates.rename(index=names)


def assert_same(data, rtol=1e-8, **more) -> pd.DataFrame:
    """Every number of every term of every unit is that of the single fit."""
    together = fitted(data, overlapping=False, **more)
    for ward, rows in data.groupby("ward", sort=False):
        result, expected = alone(rows, **more)
        found = together.loc[ward]
        assert list(found.index) == list(expected.index)
        for column in NUMBERS:
            np.testing.assert_allclose(
                found[column].astype(float),
                expected[column].astype(float),
                rtol=rtol,
                atol=1e-10,
                err_msg=f"{ward}, {column}",
            )
        assert set(found["method"]) == {more.get("method", "integrated")}
        np.testing.assert_allclose(found["rho"], result.rho, rtol=rtol, atol=1e-10)
        assert (found["reason"] == "").all()
    return together


# ---- the numbers of the single fit -------------------------------------------------------------


@pytest.mark.parametrize(
    ("shape", "more"),
    [
        ({}, {}),
        ({}, {"denominator": "days_in_period"}),
        ({}, {"method": "reml"}),
        ({}, {"method": "reml", "denominator": "days_in_period"}),
        ({"n": 72, "at": 36}, {"at": 36, "season": "auto"}),
        ({}, {"season": 3}),
        ({}, {"season": None, "slope": False, "confidence": 0.8}),
        ({}, {"transition": 3, "lag": 2, "denominator": "days_in_period"}),
        ({"n": 60}, {"intervention": [start(24), start(42)]}),
        ({"n": 60}, {"intervention": [start(20), start(40)], "transition": 2, "season": None}),
        ({}, {"horizon": 6, "denominator": "days_in_period"}),
        ({}, {"horizon": 1}),
        ({"n": 20, "at": 10}, {"at": 10}),
        ({"n": 12, "at": 6}, {"at": 6}),
        ({"walk": 2}, {}),
    ],
    ids=lambda given: ", ".join(f"{k} {v}" for k, v in given.items()) or "default",
)
def test_the_numbers_are_those_of_the_single_fit(shape, more):
    data = many(units=4, **shape)
    data["bed_days"] *= data["days_in_period"] if "denominator" in more else 1
    at = more.pop("at", 24)
    assert_same(data, at=at, **more)


def test_bed_days_in_small_numbers_are_amounts_too():
    data = many(units=3)
    data["bed_days"] = np.random.default_rng(5).poisson(4, len(data))
    assert_same(data)


@pytest.mark.parametrize("freq", ["W-MON", "QS", "YS", "D"])
def test_other_kinds_of_period(freq):
    data = many(units=2, n=30, at=15)
    dates = pd.date_range("2001-01-01", periods=30, freq=freq)
    data["period"] = np.tile(dates.to_numpy(), 2)
    assert_same(data, intervention=f"{dates[15]:%Y-%m-%d}")


def test_under_eight_a_side_there_is_no_p_value():
    found = fitted(many(units=2, n=30, at=23), at=23)
    assert found["p_value"].isna().all()
    assert found["ci_low"].notna().all()


def test_more_units_than_are_fitted_at_a_time(monkeypatch):
    data = many(units=5)
    whole = fitted(data)
    monkeypatch.setattr(panel, "_CHUNK", 2)
    pd.testing.assert_frame_equal(fitted(data), whole, rtol=1e-10)


# ---- unbalanced panels -------------------------------------------------------------------------


def unbalanced(seed: int = 3) -> pd.DataFrame:
    """Wards that start late, stop early, miss months at random; one pair misses the same."""
    rng = np.random.default_rng(seed)
    data = many(units=7)
    month = data.groupby("ward").cumcount()
    ward = data["ward"].str.removeprefix("Ward ").astype(int)
    keep = pd.Series(True, index=data.index)
    keep &= ~((ward == 1) & (month < 6))
    keep &= ~((ward == 2) & (month > 40))
    keep &= ~((ward == 3) & rng.uniform(size=len(data)).__lt__(0.2) & month.between(1, 46))
    keep &= ~(ward.isin([4, 5]) & month.isin([10, 11, 30]))
    keep &= ~((ward == 6) & ((month < 3) | (month > 44) | (month == 20)))
    return data[keep]


@pytest.mark.parametrize(
    "more", [{}, {"season": None, "transition": 2}, {"denominator": "days_in_period"}]
)
def test_missing_months_late_starts_and_early_ends(more):
    data = unbalanced()
    found = assert_same(data, **more)
    counts = found.xs("trend", level="term")["n"]
    assert counts["Ward 4"] == counts["Ward 5"] == 45 - more.get("transition", 0)


def test_a_blank_value_inside_is_a_missing_month():
    data = many(units=3)
    without = data.drop(index=[5, 60, 61])
    blank = data.copy()
    blank.loc[[5, 60, 61], "bed_days"] = np.nan
    pd.testing.assert_frame_equal(fitted(blank), fitted(without), rtol=1e-12)
    assert_same(blank)


@pytest.mark.parametrize("rows", [[0], [46, 47], [0, 1, 47]])
def test_blank_values_at_an_end_are_as_if_there_were_no_rows(rows):
    blank = many(units=2)
    blank.loc[rows, "bed_days"] = np.nan
    without = many(units=2).drop(index=rows)
    pd.testing.assert_frame_equal(fitted(blank), fitted(without), rtol=1e-12)


@settings(max_examples=10)
@given(st.integers(0, 10_000))
def test_any_pattern_of_missing_months(seed):
    rng = np.random.default_rng(seed)
    data = many(units=3, n=40, at=20, seed=seed)
    keep = rng.uniform(size=len(data)) < 0.8
    assert_same(data[keep], at=20, season=None, rtol=1e-7)


# ---- units that cannot be evaluated ------------------------------------------------------------


def reason(found: pd.DataFrame, ward: str) -> str:
    rows = found.loc[ward]
    assert list(rows.index) == ["not_evaluated"]
    row = rows.iloc[0]
    assert row[NUMBERS[:-1]].isna().all()
    assert row["n"] == 0
    assert row["method"] == ""
    return str(row["reason"])


def replaced(data: pd.DataFrame, ward: str, values: np.ndarray | float) -> pd.DataFrame:
    data = data.copy()
    data.loc[data["ward"] == ward, "bed_days"] = values
    return data


def only(data: pd.DataFrame, ward: str, months: list[int]) -> pd.DataFrame:
    month = data.groupby("ward").cumcount()
    return data[(data["ward"] != ward) | month.isin(months)]


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda data: replaced(data, "Ward 1", 7.0), "Every value is the same"),
        (lambda data: replaced(data, "Ward 1", 0.0), "Every value is the same"),
        (lambda data: replaced(data, "Ward 1", 3 + 0.5 * np.arange(48)), "on straight lines"),
        (lambda data: replaced(data, "Ward 1", np.nan), "fewer than two periods"),
        (lambda data: only(data, "Ward 1", [30]), "fewer than two periods"),
        (lambda data: only(data, "Ward 1", [*range(22, 48)]), "too few months before"),
        (lambda data: only(data, "Ward 1", [*range(26)]), "too few months after"),
        (lambda data: only(data, "Ward 1", [*range(20)]), "lies outside the data"),
        (lambda data: only(data, "Ward 1", [*range(30, 48)]), "lies outside the data"),
        (lambda data: only(data, "Ward 1", [20, 21, 22, 25, 26]), "too few"),
    ],
)
def test_a_unit_that_cannot_be_evaluated_says_why_and_spoils_no_other(make, says):
    data = many(units=3)
    found = fitted(make(data), season=None)
    assert says in reason(found, "Ward 1")
    whole = fitted(data, season=None)
    for ward in ("Ward 0", "Ward 2"):
        pd.testing.assert_frame_equal(found.loc[ward], whole.loc[ward], rtol=1e-12)


def test_the_reasons_are_those_of_the_single_fit():
    data = replaced(only(many(units=3), "Ward 2", [*range(22, 48)]), "Ward 1", 7.0)
    found = fitted(data, season=None)
    for ward in ("Ward 1", "Ward 2"):
        with pytest.raises(CannotEvaluate) as caught:
            alone(data[data["ward"] == ward], season=None)
        assert caught.value.problem.startswith(reason(found, ward).rstrip("."))


def rolling(seed: int, n: int = 84) -> np.ndarray:
    """Totals of the year up to each month: rolling totals beyond doubt in most seeds."""
    year = np.random.default_rng(seed).normal(100, 10, n + 11)
    return np.convolve(year, np.ones(12), mode="valid")


def test_rolling_totals_are_refused_as_by_the_single_fit_unit_by_unit():
    months = pd.date_range(start(0), periods=84, freq="MS")
    noise = np.random.default_rng(3).normal(0, 30, (8, 84))
    data = pd.concat(
        pd.DataFrame({"ward": f"Ward {seed}", "period": months, "y": values})
        for seed in range(8)
        for values in [rolling(seed) if seed % 2 else 1200 + noise[seed]]
    )
    found = qi.interrupted_time_series_panel(
        data, unit="ward", value="y", intervention=start(42), season=None
    )
    refused = set(found.index[found["reason"] != ""].get_level_values("unit"))
    assert "Ward 1" in refused
    for ward, rows in data.groupby("ward"):
        given = {"value": "y", "intervention": start(42), "season": None}
        if ward not in refused:
            qi.interrupted_time_series(rows, **given)
            continue
        with pytest.raises(CannotEvaluate) as caught:
            qi.interrupted_time_series(rows, **given)
        assert caught.value.problem.startswith(reason(found, ward).rstrip("."))


def test_values_declared_to_overlap_are_no_unit_that_can_be_evaluated():
    assert "overlap" in reason(fitted(many(units=1), overlapping=True), "Ward 0")


def test_a_season_that_a_short_unit_cannot_carry_is_its_own_trouble():
    data = only(many(units=2), "Ward 1", [*range(20, 28)])
    found = fitted(data, season=2, method="reml")
    assert "too few points for this model" in reason(found, "Ward 1")
    assert (found.loc["Ward 0"]["reason"] == "").all()


def test_a_horizon_beyond_one_units_data():
    data = only(many(units=2), "Ward 1", [*range(34)])
    found = fitted(data, horizon=12)
    assert "`horizon` lies beyond the data: 10 periods" in reason(found, "Ward 1")
    assert found.loc["Ward 0"].loc["cumulative_effect", "n"] == 12


def test_no_unit_can_be_evaluated():
    found = fitted(many(units=2).assign(bed_days=1.0))
    assert found.index.get_level_values("term").tolist() == ["not_evaluated"] * 2


# ---- form --------------------------------------------------------------------------------------


def test_the_table_is_one_row_a_unit_and_term():
    found = fitted(many(units=2))
    assert found.index.names == ["unit", "term"]
    assert list(found.columns) == COLUMNS
    assert found.index.is_unique
    assert (found["ci_low"] <= found["estimate"]).all()
    assert (found["estimate"] <= found["ci_high"]).all()


def test_units_keep_the_order_of_their_first_rows():
    data = many(units=4)
    order = ["Ward 2", "Ward 0", "Ward 3", "Ward 1"]
    parts = [data[data["ward"] == ward] for ward in order]
    parts[1] = parts[1].assign(bed_days=1.0)  # not evaluated
    parts[2] = parts[2].iloc[5:]  # another design
    found = fitted(pd.concat(parts))
    assert found.index.get_level_values("unit").unique().tolist() == order


def test_the_order_of_rows_does_not_matter():
    data = unbalanced()
    shuffled = data.sample(frac=1, random_state=2)
    pd.testing.assert_frame_equal(
        fitted(shuffled).sort_index(), fitted(data).sort_index(), rtol=1e-10
    )


def test_units_may_be_numbers():
    data = many(units=2).assign(ward=lambda d: d["ward"].str.removeprefix("Ward ").astype(int) + 7)
    assert fitted(data).index.get_level_values("unit").unique().tolist() == [7, 8]


def test_the_callers_table_is_not_changed():
    data = unbalanced()
    copy = data.copy(deep=True)
    fitted(data)
    pd.testing.assert_frame_equal(data, copy)


# ---- bad input ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "more", "error", "says"),
    [
        (lambda d: d.rename(columns={"ward": "team"}), {}, DataError, "no column `ward`"),
        (lambda d: d.rename(columns={"bed_days": "beds"}), {}, DataError, "no column `bed_days`"),
        (lambda d: d.iloc[:0], {}, DataError, "no rows"),
        (lambda d: d.assign(ward=d["ward"].where(d.index > 3)), {}, DataError, "blank cells"),
        (lambda d: d.assign(bed_days="7"), {}, DataError, "does not hold numbers"),
        (lambda d: d.assign(period=d["period"].where(d.index > 3)), {}, DataError, "without a"),
        (lambda d: d, {"denominator": "days"}, DataError, "no column `days`"),
        (lambda d: d, {"method": "ols"}, ParameterError, "`reml` or `integrated`"),
        (lambda d: d, {"intervention": "soon"}, ParameterError, "2020-03-01"),
        (lambda d: d, {"season": "summer"}, ParameterError, "`season`"),
        (lambda d: d, {"transition": -1}, ParameterError, "`transition`"),
        (lambda d: d, {"lag": 1.5}, ParameterError, "`lag`"),
        (lambda d: d, {"confidence": 95}, ParameterError, "`confidence`"),
        (lambda d: d, {"horizon": "6"}, ParameterError, "`horizon`"),
        (lambda d: d, {"horizon": [3, 6]}, ParameterError, "one number"),
        (lambda d: d, {"counts": "event"}, ParameterError, "Did you mean `events`?"),
    ],
)
def test_bad_input_is_refused_with_a_reason(make, more, error, says):
    with pytest.raises(error) as caught:
        fitted(make(many(units=2)), **more)
    assert says in str(caught.value)


def test_a_denominator_of_zero_without_a_value_is_a_missing_month():
    data = many(units=2)
    data.loc[3, ["bed_days", "days_in_period"]] = [np.nan, 0]
    found = fitted(data, denominator="days_in_period")
    assert found.xs("trend", level="term")["n"].tolist() == [47, 48]


def test_a_blank_denominator_is_a_missing_month():
    data = many(units=2)
    data["days_in_period"] = data["days_in_period"].astype(float)
    data.loc[30, "days_in_period"] = np.nan
    data["bed_days"] *= data["days_in_period"].fillna(30)
    assert_same(data, denominator="days_in_period")


# ---- truth -------------------------------------------------------------------------------------


def test_the_intervals_of_400_units_hold_the_truth_about_as_often_as_they_say():
    rng = np.random.default_rng(8)
    t = np.arange(36)
    errors = ar1_errors(36, 0.3, rng, 400)
    y = 50 - 3.0 * (t >= 18)[:, None] + errors
    wards = np.repeat([f"Ward {k}" for k in range(400)], 36)
    dates = np.tile(monthly(n=36)["period"].to_numpy(), 400)
    data = pd.DataFrame({"ward": wards, "period": dates, "bed_days": y.T.ravel()})
    found = fitted(data, at=18).xs("level_change", level="term")
    inside = ((found["ci_low"] <= -3) & (found["ci_high"] >= -3)).mean()
    assert 0.91 <= inside <= 0.98
    assert found["estimate"].mean() == pytest.approx(-3, abs=0.15)
