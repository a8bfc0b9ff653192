"""Every rule against a plain second writing of it, and its edges one by one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qieval.analysis.spc import control_chart, run_chart
from qieval.core.errors import ParameterError
from tests.analysis.spc import reference
from tests.analysis.spc.published import monthly

# Whole numbers, so that points on the line and equal neighbours come up often.
SERIES = st.lists(st.integers(-4, 4).map(float), min_size=16, max_size=60)


def points(values, rules, **more):
    more.setdefault("overlapping", False)
    return control_chart(monthly(values), kind="i", value="x", rules=rules, **more).points


def sides_and_zones(table):
    y, centre = table["value"].to_numpy(), table["centre"].to_numpy()
    side = np.sign(np.where(np.abs(y - centre) < 1e-9, 0, y - centre))
    zone = np.zeros(len(y), dtype=int)
    for limit in ("1s", "2s", ""):
        tail = f"_{limit}" if limit else ""
        zone += (y > table[f"upper{tail}"] + 1e-9) | (y < table[f"lower{tail}"] - 1e-9)
    return y, side, zone


def both_sides(side, zone, limit, least, among):
    high, low = (
        np.array(reference.some_of((zone >= limit) & (side == s), least, among)) for s in (1, -1)
    )
    return high | low


@given(SERIES)
def test_nelson_against_a_plain_writing(values):
    if np.ptp(values) == 0:
        return
    table = points(values, "nelson")
    y, side, zone = sides_and_zones(table)
    expected = {
        "outside_limits": zone >= 3,
        "shift": reference.shift(side, 9),
        "trend": reference.trend(y, 6),
        "alternating": reference.alternating(y, 14),
        "two_of_three": both_sides(side, zone, 2, 2, 3),
        "four_of_five": both_sides(side, zone, 1, 4, 5),
        "close_to_centre": reference.all_of(zone == 0, 15),
        "away_from_centre": reference.all_of(zone >= 1, 8),
    }
    for name, flags in expected.items():
        assert list(table[name]) == list(flags), name
    assert list(table["special_cause"]) == list(np.any(list(expected.values()), axis=0))


@given(SERIES, st.sampled_from([6, 7, 8]), st.sampled_from([6, 7, 8]))
def test_making_data_count_against_a_plain_writing(values, shift, trend):
    if np.ptp(values) == 0:
        return
    lengths = {"shift_length": shift, "trend_length": trend}
    new = points(values, "making_data_count", **lengths)
    old = points(values, "making_data_count_2021", **lengths)
    y, side, zone = sides_and_zones(new)
    assert list(new["shift"]) == reference.shift(side, shift)
    assert list(new["trend"]) == reference.trend(y, trend)
    for table, near in ((new, zone >= 2), (old, zone == 2)):
        expected = np.zeros(len(y), dtype=bool)
        for first in range(len(y) - 2):
            for s in (1, -1):
                window = slice(first, first + 3)
                here = near[window] & (side[window] == s)
                if here.sum() >= 2 and (side[window] == s).all():
                    expected[window] |= here
        assert list(table["two_of_three"]) == list(expected)


@given(SERIES)
def test_ihi_against_a_plain_writing(values):
    table = run_chart(monthly(values), value="x", rules="ihi", overlapping=False).points
    side = np.sign(table["value"] - table["centre"]).to_numpy()
    useful = side != 0
    expected = np.zeros(len(side), dtype=bool)
    expected[useful] = reference.shift(list(side[useful]), 6)
    assert list(table["shift"]) == list(expected)
    assert list(table["trend"]) == reference.ihi_trend(values)


@pytest.mark.parametrize(
    ("rules", "length"),
    [("making_data_count", 7), ("western_electric", 8), ("nelson", 9)],
)
def test_a_shift_needs_its_whole_length(rules, length):
    quiet = [10.0, 12, 8, 11, 9, 10.5, 9.5, 12, 11, 8]
    for run, found in [(length - 1, False), (length, True)]:
        above = [10.6, 10.9] * 5
        values = [*quiet, *above[:run], *[9.0, 11.2] * 9]
        table = points(values, rules, baseline=10)
        flagged = np.flatnonzero(table["shift"])
        assert (len(flagged) > 0) == found
        if found:
            assert list(flagged) == list(range(10, 10 + run))


def test_a_point_on_the_line_breaks_a_shift_of_making_data_count_but_not_a_run():
    values = [8.0, 12, 8, 12, 8, 12, 8, 12, 8, 12] + [11.0] * 4 + [10.0] + [11.0] * 3 + [9.0] * 2
    control = points(values, "making_data_count", baseline=10)
    assert not control["shift"].any()
    run = run_chart(monthly(values), value="x", rules="ihi", baseline=10)
    assert list(np.flatnonzero(run.points["shift"])) == [9, 10, 11, 12, 13, 15, 16, 17]


def test_rules_start_anew_at_a_rephase():
    values = [10.0, 12, 8, 11, 9, 12, 8, 11, 9, 10] + [12.1, 12.4, 12.3, 12.2] * 3
    start = monthly(values)["period"][14]
    whole = points(values, "western_electric", baseline=10)
    parted = points(values, "western_electric", baseline=10, rephase=[start])
    assert whole["shift"].sum() == 12
    assert not parted["shift"].any()  # 4 before the new phase, and nothing long in it
    assert list(parted["phase"]) == [1] * 14 + [2] * 8


def test_excluded_and_missing_points_are_passed_over():
    values = [10.0, 12, 8, 11, 9, 12, 8, 11, 9, 10, *[10.7, 10.9] * 2, 3.0, *[10.8, 10.6] * 2]
    table = monthly(values)
    out = {table["period"][14]: "boiler failed"}
    seen = control_chart(
        table, kind="i", value="x", baseline=10, exclude=out, rules="western_electric"
    ).points
    assert list(np.flatnonzero(seen["shift"])) == [10, 11, 12, 13, 15, 16, 17, 18]
    assert seen.loc[14, ["excluded", "reason"]].tolist() == [True, "boiler failed"]
    gone = control_chart(
        table.drop(index=14), kind="i", value="x", baseline=10, rules="western_electric"
    ).points
    assert list(gone["shift"]) == list(seen["shift"])
    assert np.isnan(gone.loc[14, "value"])


def test_anhoej_rules_on_a_chart_with_limits_tell_too_few_crossings():
    values = [*[9.0, 9.5] * 3, *[11.0, 10.5] * 3] * 2
    result = control_chart(monthly(values), kind="i", value="x", rules="anhoej", overlapping=False)
    assert "only 3 crossings of the centre line (by chance at least 8)" in result.headline()
    assert not result.points["shift"].any()


@pytest.mark.parametrize(
    ("direction", "expected"), [("lower", "concern"), ("higher", "improvement")]
)
def test_a_rising_trend_points_up_even_below_the_line(direction, expected):
    values = [1.0, 2, 3, 4, 5, 6, 7, *[20.0, 22, 19, 21] * 5]
    table = points(values, "making_data_count", direction=direction)
    first = table.loc[:6]
    assert first["trend"].all()
    alone = first[~first["shift"] & ~first["outside_limits"] & ~first["two_of_three"]]
    assert set(alone["point_type"]) <= {expected}


def test_point_types_follow_the_side_and_the_direction():
    values = [10.0, 11, 9, 10, 11, 9, 10, 11, 9, 10, 11, 9, 30.0]
    for direction, kind in [
        ("higher", "improvement"),
        ("lower", "concern"),
        ("neutral", "neutral"),
    ]:
        table = points(values, "shewhart", direction=direction)
        assert table["point_type"].iloc[-1] == kind
        assert set(table["point_type"].iloc[:-1]) == {"common_cause"}


def test_the_newest_version_is_meant_where_none_is_named():
    result = control_chart(monthly([1.0, 3, 2, 4]), kind="i", value="x")
    assert result.setup.rules == "making_data_count_2024"
    assert result.setup.rules_title == "Making Data Count rules (2024)"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"rules": "nelsons"}, "Did you mean `nelson`?"),
        ({"rules": "ihi"}, "Use `qi.run_chart`"),
        ({"shift_length": 5}, "`shift_length` must be one of `6`, `7`, `8`"),
        ({"rules": "nelson", "shift_length": 8}, "`shift_length` belongs to"),
    ],
)
def test_unknown_rules(more, words):
    with pytest.raises(ParameterError, match=words.replace("?", r"\?")):
        control_chart(monthly([1.0, 3, 2, 4]), kind="i", value="x", **more)


@given(SERIES)
def test_rules_that_need_no_limits_against_a_plain_writing_about_the_median(values):
    for rules, shift, trend, turns in [
        ("making_data_count", 7, 7, None),
        ("western_electric", 8, None, None),
        ("nelson", 9, 6, 14),
    ]:
        table = run_chart(monthly(values), value="x", rules=rules, overlapping=False).points
        side = np.sign(table["value"] - table["centre"]).to_numpy()
        expected = {"shift": reference.shift(side, shift)}
        expected["trend"] = reference.trend(values, trend) if trend else [False] * len(values)
        if turns:
            expected["alternating"] = reference.alternating(np.array(values), turns)
        for name, flags in expected.items():
            assert list(table[name]) == list(flags), (rules, name)
        assert list(table["special_cause"]) == list(np.any(list(expected.values()), axis=0))


RISING = [12.0, 8, 11, 9, 12, 8, 11, 9, 12, 8, 13, 14, 15, 16, 17, 18, 19, 20]


@pytest.mark.parametrize(
    ("rules", "title", "left_out"),
    [
        ("making_data_count", "Making Data Count rules (2024) that need no limits", "2 of 3"),
        ("making_data_count_2021", "Making Data Count rules (2021) that need no limits", "between"),
        ("western_electric", "Western Electric rules 1 to 4 that need no limits", "4 of 5"),
        ("nelson", "Nelson rules 1 to 8 that need no limits", "15 or more in a row within 1 sigma"),
    ],
)
def test_a_run_chart_says_which_rules_of_a_set_do_not_apply(rules, title, left_out):
    result = run_chart(monthly(RISING), value="x", rules=rules, overlapping=False)
    row = result.checks.set_index("id").loc["rules_left_out"]
    assert row["status"] == "info"
    applied, not_applied = row["detail"].split("Not applied, since they need limits: ")
    assert "in a row on one side of the median" in applied
    assert "outside the control limits" in not_applied
    assert left_out in not_applied
    assert result.setup.rules_title == title
    assert title in result.summary()
    assert result.setup.false_alarm > 0
    assert not {"outside_limits", "two_of_three"} & set(result.points)
    assert "of 18 points would show a signal" in result.false_alarm_words()


def test_a_run_chart_by_the_rules_of_making_data_count_says_what_it_saw():
    result = run_chart(
        monthly(RISING), value="x", rules="making_data_count", outcome="Waits", overlapping=False
    )
    assert result.headline() == (
        "Waits: signal of a change, higher since October 2018, 7 or more in a row on one side of "
        "the middle line and 7 or more in a row rising or falling."
    )
    assert result.estimates.loc["centre", "signal"]
    assert list(np.flatnonzero(result.points["special_cause"])) == list(range(9, 18))


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        (
            "shewhart",
            r"cannot be judged by the rules `shewhart`.*\n.*no limits\n.*qi.control_chart",
        ),
        ("nelsons", r"`rules` must be one of .*"),
    ],
)
def test_rules_that_a_run_chart_cannot_have(rules, words):
    with pytest.raises(ParameterError, match=words):
        run_chart(monthly([1.0, 3, 2, 4]), value="x", rules=rules)


def test_groups_are_what_single_charts_are():
    rng = np.random.default_rng(3)
    parts = [
        monthly(list(rng.normal(50, 5, n) + 6 * (np.arange(n) > n / 2))).assign(ward=name)
        for name, n in [("B", 30), ("A", 45), ("C", 24)]
    ]
    together = pd.concat(parts).sample(frac=1, random_state=1)
    for rules in ("making_data_count", "nelson", "anhoej"):
        whole = control_chart(together, kind="i", value="x", by="ward", rules=rules)
        for part in parts:
            name = part["ward"].iloc[0]
            alone = control_chart(part, kind="i", value="x", rules=rules)
            mine = whole.points[whole.points["ward"] == name].drop(columns="ward")
            pd.testing.assert_frame_equal(mine.reset_index(drop=True), alone.points)
            row = whole.estimates[whole.estimates["ward"] == name].drop(columns="ward")
            pd.testing.assert_frame_equal(row, alone.estimates)
