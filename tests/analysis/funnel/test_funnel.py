"""Funnels: properties, words, refusals, and the truth of the example found again."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import qieval as qi
from qieval.analysis.funnel import FunnelResult
from qieval.core.errors import CannotEvaluate, DataError, ParameterError
from qieval.core.result import Result, to_json
from qieval.core.workspace import shipped
from simulation.units import FAR_OFF, SPREAD, YEARS, checked
from tests.shown import shown, undeclared

KINDS = ["proportion", "rate", "ratio"]
WAYS = ["additive", "multiplicative", "none"]


def wards(k: int = 12, seed: int = 3, spread: float = 0.1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    size = rng.integers(25, 400, k)
    share = np.clip(0.6 + spread * rng.normal(size=k), 0.05, 0.95)
    return pd.DataFrame(
        {
            "ward": [f"Ward {number}" for number in range(k)],
            "done": rng.binomial(size, share),
            "patients": size,
        }
    )


def funnel(table: pd.DataFrame, kind: str = "proportion", **more) -> FunnelResult:
    words = {"called": "wards", "of": "patients", "outcome": "All checks"}
    columns = {"unit": "ward", "numerator": "done", "denominator": "patients"}
    return qi.funnel(table, kind=kind, **columns, **(words | more))


# ---- properties --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", WAYS)
def test_the_order_of_units_changes_nothing_and_is_kept(kind, way):
    table = wards()
    mixed = table.sample(frac=1, random_state=1)
    here, there = funnel(table, kind, overdispersion=way), funnel(mixed, kind, overdispersion=way)
    assert there.points["unit"].tolist() == mixed["ward"].tolist()
    pd.testing.assert_frame_equal(here.estimates, there.estimates)
    again = there.points.set_index("unit").loc[table["ward"]].reset_index()
    pd.testing.assert_frame_equal(here.points, again)


@given(factor=st.sampled_from([0.001, 0.5, 7, 1000]))
@settings(max_examples=4)
def test_a_rate_in_another_unit_is_the_same_exact_funnel(factor):
    table = wards()
    other = table.assign(patients=table["patients"] * factor)
    one = funnel(table, "rate", overdispersion="none").points
    two = funnel(other, "rate", overdispersion="none").points
    for name in ("value", "lower_95", "upper_95", "lower_998", "upper_998"):
        assert (two[name] * factor).tolist() == pytest.approx(one[name].tolist())
    assert two["flag"].tolist() == one["flag"].tolist()


@given(seed=st.integers(0, 10_000), kind=st.sampled_from(KINDS), way=st.sampled_from(WAYS))
def test_limits_hold_the_target_and_wider_levels_hold_narrower_ones(seed, kind, way):
    table = wards(seed=seed)
    if kind == "ratio":
        table["patients"] = table["patients"] * 0.6
    found = funnel(table, kind, overdispersion=way, levels=(0.9, 0.95, 0.998))
    points, target = found.points, found.target
    ends = ["lower_998", "lower_95", "lower_90"]
    tops = ["upper_90", "upper_95", "upper_998"]
    limits = points[[*ends, *tops]].to_numpy()
    assert (np.diff(limits, axis=1) >= -1e-12).all()
    assert (limits[:, 2] <= target).all()
    assert (limits[:, 3] >= target).all()
    assert np.isfinite(points[["z", "z_adjusted", "power"]].to_numpy()).all()
    assert points["power"].between(0, 1).all()
    if kind == "proportion":
        assert ((limits >= 0) & (limits <= 1)).all()


def test_more_dispersion_means_wider_limits():
    widths = []
    for spread in (0.05, 0.12, 0.2):
        found = funnel(wards(40, spread=spread))
        widths.append(float((found.points["upper_95"] - found.points["lower_95"]).mean()))
    assert widths == sorted(widths)
    assert widths[2] > 1.3 * widths[0]


@pytest.mark.parametrize("way", ["additive", "multiplicative"])
def test_without_overdispersion_found_limits_are_the_exact_ones(way):
    size = np.arange(40, 400, 20)
    table = pd.DataFrame(
        {"ward": [f"W{n}" for n in size], "done": (size * 0.5).astype(int), "patients": size}
    )
    found, exact = funnel(table, overdispersion=way), funnel(table, overdispersion="none")
    assert found.term("tau2").value == 0
    columns = ["lower_95", "upper_95", "lower_998", "upper_998"]
    pd.testing.assert_frame_equal(found.points[columns], exact.points[columns])
    assert "exact" in found.limits_words
    assert "no more than chance" in found.details()


def test_larger_units_have_tighter_limits_and_more_power():
    points = funnel(wards(30), overdispersion="none").points.sort_values("denominator")
    width = points["upper_998"] - points["lower_998"]
    assert (np.diff(width) <= 1e-9).all()
    assert points["power"].iloc[-1] > points["power"].iloc[0]


def test_the_table_of_the_caller_is_not_changed():
    table = wards()
    before = table.copy()
    funnel(table)
    pd.testing.assert_frame_equal(table, before)


def test_no_event_in_a_small_unit_is_not_outside_on_a_log_scale():
    table = wards(20).assign(patients=lambda t: t["patients"] * 0.6)
    table.loc[0, ["done", "patients"]] = [0, 2.0]
    table.loc[1, ["done", "patients"]] = [0, 60.0]
    found = funnel(table, "ratio")
    assert found.points["flag"].tolist()[:2] == ["inside", "below 99.8%"]
    assert "without_events" in set(found.checks["id"])


def test_truncating_few_units_leaves_all_in():
    assert funnel(wards(4), trimming="truncate").term("phi").n == 4
    assert funnel(wards(12), trimming="truncate").term("phi").n == 10  # ranks 1 and 12 are out


# ---- words and form ----------------------------------------------------------------------------


def test_points_and_estimates_as_agreed():
    found = funnel(wards())
    first = ["unit", "value", "z", "lower_95", "upper_95", "lower_998", "upper_998", "flag"]
    assert list(found.points.columns)[:8] == first
    assert list(found.estimates.index) == ["target", "phi", "tau2"]
    again = Result.from_dict(found.to_dict())
    assert again.summary() == found.summary()
    assert again.alt_text() == found.alt_text()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", WAYS)
def test_words_rank_nobody_and_hold_no_missing_number(kind, way):
    found = funnel(wards(25, spread=0.2), kind, overdispersion=way, direction="higher")
    table, caption = shown(found, "estimates"), found.table("estimates").caption
    points = shown(found, "points")
    assert undeclared(found) == {}
    again = Result.from_dict(json.loads(to_json(found)))
    assert again.verdict == found.verdict
    assert found.verdict.kind == "described"
    assert found.verdict.words == f"{len(found.outside(0.998))} of 25 outside"
    assert [one.to_csv() for one in again.tables()] == [one.to_csv() for one in found.tables()]
    assert points.iloc[:, 0].tolist() == found.points["unit"].tolist()
    words = " ".join([found.summary(), found.alt_text(), caption, table.to_string()])
    words += points.to_string() + found.checks.to_string()
    for not_said in ("nan", "inf ", "best", "worst", "rank 1", "league", "significant"):
        assert not_said not in words.lower().replace("at best", "")


def test_both_sides_are_named_in_the_order_of_the_table():
    table = wards(30).assign(done=lambda t: t["patients"] // 2)
    table.loc[20, "done"] = table.loc[20, "patients"]
    table.loc[[4, 9], ["done", "patients"]] = [[0, 400], [300, 300]]
    words = funnel(table, overdispersion="none").details()
    assert "Above the 99.8% limits lie Ward 9 and Ward 20 and below them lies Ward 4." in words


def test_nothing_outside_is_not_said_to_be_alike():
    found = funnel(wards(12, spread=0), overdispersion="none")
    assert "none of the 12 wards lies outside" in found.headline()
    assert "does not show that all wards are alike" in found.details()


def test_small_units_are_marked_and_said():
    table = wards(12)
    table.loc[3, ["done", "patients"]] = [9, 19]
    table.loc[4, ["done", "patients"]] = [9, 20]
    found = funnel(table)
    assert found.points.loc[found.points["small"], "unit"].tolist() == ["Ward 3"]
    assert "1 of 12 wards has fewer than 20 patients and is shown in grey" in found.details()


def test_very_large_overdispersion_is_a_warning():
    table = wards(30, spread=0.2).assign(
        done=lambda t: 50 * t["done"], patients=lambda t: 50 * t["patients"]
    )
    check = funnel(table).checks.set_index("id").loc["overdispersion"]
    assert check["status"] == "warn"
    assert "a funnel cannot tell which" in check["detail"]
    ignored = funnel(table, overdispersion="none").checks.set_index("id")
    assert ignored.loc["overdispersion", "status"] == "warn"


def test_rates_are_shown_per_so_many():
    found = funnel(wards(), "rate", per=1000, of="bed days")
    assert found.unit == "per 1,000 bed days"
    assert found.shown(0.0123).startswith("12")


# ---- what is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda t: t.head(1), CannotEvaluate, "compares units with one another"),
        (lambda t: t.head(0), CannotEvaluate, "no unit"),
        (lambda t: t.assign(done=0), CannotEvaluate, "without a single event"),
        (lambda t: t.assign(done=t["patients"]), CannotEvaluate, "all are at 100%"),
        (lambda t: t.assign(patients=[0, *t["patients"][1:]]), DataError, "larger than"),
        (
            lambda t: t.assign(patients=[0, *t["patients"][1:]], done=[0, *t["done"][1:]]),
            CannotEvaluate,
            "`patients` is 0.*Found: in `Ward 0`.*leave_out",
        ),
        (lambda t: t.assign(done=[999, *t["done"][1:]]), DataError, "larger than.*`Ward 0`"),
        (lambda t: t.assign(done=[-1, *t["done"][1:]]), DataError, "below 0.*`Ward 0`"),
        (lambda t: t.assign(done=[1.5, *t["done"][1:]]), DataError, "whole number.*`Ward 0`"),
        (lambda t: t.assign(done=[None, *t["done"][1:]]), DataError, "blank.*`Ward 0`.*not 0"),
        (lambda t: t.assign(done=t["done"].astype(str)), DataError, "`done` does not hold numbers"),
        (
            lambda t: t.assign(ward="A"),
            DataError,
            "more than once.*one text in rows 1, ",
        ),
        (lambda t: t.assign(ward=[None, *t["ward"][1:]]), DataError, "`ward` is blank in 1 of"),
        (lambda t: t.rename(columns={"done": "dones"}), DataError, "Nearest: `dones`"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(change, error, message):
    with pytest.raises(error, match=f"(?s){message}"):
        funnel(change(wards()))


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"kind": "proportions"}, "Did you mean `proportion`"),
        ({"overdispersion": "aditive"}, "Did you mean `additive`"),
        ({"transformation": "log"}, "of a proportion must be one of `arcsine`"),
        ({"trim": 0.5}, "below 0.5"),
        ({"trimming": "cut"}, "`winsorise`, `truncate`"),
        ({"levels": ()}, "one to three"),
        ({"levels": (0.95, 95)}, "one to three"),
        ({"levels": (0.95, 0.95)}, "different"),
        ({"difference": 0}, "above 0"),
        ({"difference": 1.2}, "values that can be"),
        ({"per": 1000}, "`per` is for rates"),
        ({"per": 0, "kind": "rate"}, "above 0"),
        ({"direction": "up"}, "`lower`, `higher`, `neutral`"),
    ],
)
def test_parameters_without_meaning(more, message):
    with pytest.raises(ParameterError, match=message):
        funnel(wards(), **({"kind": "proportion"} | more))


# ---- the example -------------------------------------------------------------------------------


def of_year(year, seed=None) -> FunnelResult:
    rows = checked() if seed is None else checked(seed)
    table = pd.DataFrame([vars(row) for row in rows if row.year == year])
    return qi.funnel(
        table, unit="ward", numerator="all_checks", denominator="patients", kind="proportion"
    )


def test_the_wards_that_are_far_off_are_found_and_no_other():
    first, last = YEARS
    assert sorted(of_year(last).outside(0.998)["unit"]) == sorted(FAR_OFF)
    # A year before, the others were nearer to Thistle ward: its chance of being found was smaller.
    assert of_year(first).outside(0.998)["unit"].tolist() == ["Sorrel ward"]


def test_the_share_of_ordinary_wards_and_their_spread_are_recovered():
    found = [of_year(year, seed) for year in YEARS for seed in range(20)]
    targets = [one.target for one in found[20:]]
    assert np.mean(targets) == pytest.approx(0.60, abs=0.03)
    # Four trimmed units of thirty hold the two that are far off; the rest is their own spread.
    spreads = [one.term("tau2").value for one in found]
    assert np.mean(spreads) == pytest.approx(SPREAD**2, abs=0.002)


def test_the_truth_of_the_checks_is_written_down():
    truth = yaml.safe_load(shipped("data/closing-the-gap/TRUTH.yml").read_text(encoding="utf-8"))
    assert truth["checks"]["far_off"] == FAR_OFF
    assert truth["checks"]["share_on_an_ordinary_ward"] == YEARS


# ---- published data ----------------------------------------------------------------------------


@pytest.mark.mirror
def test_physical_health_checks_of_106_areas(mirror):
    """68.5% of 106 areas' registers, as the publisher's totals have it (data's provenance)."""
    loaded = qi.read(
        mirror / "england-smi-physical-health" / "Physical-Health-Checks-SMI Raw Data.xlsx",
        "units",
        header=2,
        columns={"unit": "CCG Code"},
        where={"Period": "SMI-Q4-2023-2024"},
    )
    columns = {"unit": "unit", "numerator": "All6PHC", "denominator": "SMIRegister"}
    made = qi.units(loaded.table, **columns, names_in="Question", figures_in="Answer")
    found = qi.funnel(made.table, **columns, kind="proportion")
    assert len(found.points) == 106
    assert 100 * found.target == pytest.approx(68.5, abs=0.05)
    assert found.term("phi").value > 50
    assert len(found.outside(0.998)) < 10 < found.outside_exact
