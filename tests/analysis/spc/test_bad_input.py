"""Bad input: each with a clear message that names the rows or periods; nothing quietly dropped."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from qieval.analysis.spc import control_chart, run_chart
from qieval.core.errors import CannotEvaluate, DataError, ParameterError
from tests.analysis.spc.published import monthly

GOOD = monthly([3.0, 5, 4, 6, 2, 5], n=[10, 12, 11, 10, 9, 12])


def change(column, row, value):
    table = GOOD.astype({column: object})
    table.loc[row, column] = value
    return table if isinstance(value, str) else table.astype({column: float})


def p_chart(table, **more):
    return control_chart(table, kind="p", numerator="x", denominator="n", **more)


CASES = {
    "numerator above denominator": (
        lambda: p_chart(change("x", 2, 12)),
        DataError,
        r"`x` is larger than `n`.*\n.*row 3 \(1 March 2018\)",
    ),
    "zero denominator with a count": (
        lambda: p_chart(change("n", 1, 0)),
        DataError,
        r"`n` is zero where `x` is not.*\n.*row 2 \(1 February 2018\)",
    ),
    "missing denominator": (
        lambda: p_chart(change("n", 4, np.nan)),
        DataError,
        r"`n` is missing where there is a `x`.*\n.*row 5 \(1 May 2018\)",
    ),
    "negative denominator": (
        lambda: p_chart(change("n", 4, -1)),
        DataError,
        r"`n` cannot be negative.*\n.*row 5",
    ),
    "negative count": (
        lambda: control_chart(change("x", 0, -1), kind="c", value="x"),
        DataError,
        r"a count cannot be negative.*\n.*row 1 \(1 January 2018\)",
    ),
    "no denominator": (
        lambda: control_chart(GOOD, kind="p", numerator="x"),
        ParameterError,
        r"no `denominator` was given.*\n.*Name the column",
    ),
    "denominator on a c chart": (
        lambda: control_chart(GOOD, kind="c", value="x", denominator="n"),
        ParameterError,
        r"no denominator.*\n.*\n.*Use `kind: u`",
    ),
    "value and numerator": (
        lambda: control_chart(GOOD, kind="u", value="x", numerator="x", denominator="n"),
        ParameterError,
        "`value` or `numerator`, not both",
    ),
    "nothing to plot": (
        lambda: control_chart(GOOD, kind="i"),
        ParameterError,
        r"needs a column to plot.*\n.*Give `value`",
    ),
    "one point": (lambda: run_chart(GOOD.head(1), value="x"), CannotEvaluate, "One point is not"),
    "one value": (
        lambda: run_chart(GOOD.assign(x=[np.nan] * 5 + [1.0]), value="x"),
        CannotEvaluate,
        "One point is not a chart",
    ),
    "no value at all": (
        lambda: run_chart(GOOD.assign(x=np.nan), value="x"),
        CannotEvaluate,
        "There is nothing to plot",
    ),
    "denominators of zero only": (
        lambda: p_chart(GOOD.assign(x=0.0, n=0.0)),
        CannotEvaluate,
        r"nothing to plot.*\n.*no denominator above zero",
    ),
    "one event": (
        lambda: control_chart(GOOD.head(1), kind="g"),
        CannotEvaluate,
        "There is nothing to plot",
    ),
    "two events, one time between": (
        lambda: control_chart(GOOD.head(2), kind="t"),
        CannotEvaluate,
        "One point is not a chart",
    ),
    "an empty table": (lambda: run_chart(GOOD.head(0), value="x"), DataError, "has no rows"),
    "a row without a date": (
        lambda: run_chart(GOOD.assign(period=[*GOOD["period"][:5], None]), value="x"),
        DataError,
        r"rows without a date.*\n.*rows 6",
    ),
    "one value a period on an x-bar chart": (
        lambda: control_chart(GOOD, kind="xbar", value="x"),
        DataError,
        r"one value a month, and an xbar chart is of several.*\n.*`kind: i`",
    ),
    "one value a period on an s chart": (
        lambda: control_chart(GOOD, kind="s", value="x"),
        DataError,
        "one value a month, and an s chart is of several",
    ),
    "negative number of cases between events": (
        lambda: control_chart(change("x", 1, -2), kind="g", value="x"),
        DataError,
        r"cannot be negative.*\n.*row 2 \(1 February 2018\)",
    ),
    "text in denominators": (
        lambda: p_chart(change("n", 1, "twelve")),
        DataError,
        r"`n` does not hold numbers.*\n.*one text in rows 2",
    ),
    "text in numbers": (
        lambda: control_chart(change("x", 3, "12 approx"), kind="i", value="x"),
        DataError,
        r"does not hold numbers.*\n.*one text in rows 4",
    ),
    "infinite": (
        lambda: run_chart(change("x", 3, np.inf), value="x"),
        DataError,
        r"infinite values.*\n.*rows 4",
    ),
    "twice the same period": (
        lambda: run_chart(pd.concat([GOOD, GOOD.iloc[[2]]]), value="x"),
        DataError,
        r"more than one row for the same month.*\n.*row 3 \(1 March 2018\), row 7 \(1 March 2018\)",
    ),
    "no such column": (
        lambda: run_chart(GOOD.rename(columns={"x": "falls"}), value="fall"),
        DataError,
        r"no column `fall`.*\n.*\n.*Did you mean `falls`\?",
    ),
    "no dates": (
        lambda: run_chart(GOOD.assign(period=range(6)), value="x"),
        DataError,
        "`period` does not hold dates",
    ),
    "rephase outside the data": (
        lambda: run_chart(GOOD, value="x", rephase=["2019-03-01"]),
        ParameterError,
        r"rephase lies outside the data.*\n.*March 2019; data from January 2018 to June 2018",
    ),
    "rephase at the first point": (
        lambda: run_chart(GOOD, value="x", rephase=["2018-01-01"]),
        ParameterError,
        "rephase lies outside",
    ),
    "rephase that is no date": (
        lambda: run_chart(GOOD, value="x", rephase=["spring"]),
        ParameterError,
        r"`rephase` holds something that is not a date.*\n.*'spring'",
    ),
    "nothing there to exclude": (
        lambda: run_chart(GOOD, value="x", exclude={"2020-01-01": "snow"}),
        ParameterError,
        r"no point to exclude.*\n.*January 2020",
    ),
    "a baseline longer than its phase": (
        lambda: run_chart(GOOD, value="x", baseline=4, rephase=["2018-03-01"]),
        ParameterError,
        r"`baseline` must be.*\n.*4; the first phase has 2 points",
    ),
    "a baseline after the data": (
        lambda: run_chart(GOOD, value="x", baseline="2020-01-01"),
        ParameterError,
        "`baseline` must end inside the data",
    ),
    "zeros on a t chart": (
        lambda: control_chart(change("x", 1, 0), kind="t", value="x"),
        DataError,
        r"above zero on a t chart.*\n.*row 2 \(1 February 2018\)\n.*Use `kind: g`",
    ),
    "three groups": (
        lambda: run_chart(GOOD, value="x", by=["x", "n", "period"]),
        ParameterError,
        "`by` takes one or two columns",
    ),
    "a group without a name": (
        lambda: run_chart(GOOD.assign(ward=["A", None, "A", "A", "A", "A"]), value="x", by="ward"),
        DataError,
        r"rows without a group.*\n.*rows 2",
    ),
    "declared to overlap": (
        lambda: control_chart(GOOD, kind="i", value="x", overlapping=True),
        CannotEvaluate,
        "not separate evidence",
    ),
    "direction": (
        lambda: run_chart(GOOD, value="x", direction="down"),
        ParameterError,
        "`direction` must be one of `lower`, `higher`, `neutral`",
    ),
    "scales": (
        lambda: run_chart(GOOD, value="x", scales="own"),
        ParameterError,
        "`scales` must be one of `auto`, `shared`, `free`",
    ),
    "a target in words": (
        lambda: run_chart(GOOD, value="x", target="five"),
        ParameterError,
        r"`target` must be a number.*\n.*'five'",
    ),
    "units of nothing": (lambda: p_chart(GOOD, per=0), ParameterError, "`per` must be above zero"),
    "every point excluded": (
        lambda: run_chart(GOOD, value="x", exclude=list(GOOD["period"])),
        ParameterError,
        r"A phase has no points.*\n.*\n.*an exclusion",
    ),
    "a phase without points": (
        lambda: run_chart(GOOD, value="x", rephase=["2018-03-01", "2018-03-15"]),
        ParameterError,
        r"A phase has no points.*\n.*phase 2 of 3",
    ),
    "an event without a date": (
        lambda: run_chart(GOOD, value="x", events=[{"event": "move"}]),
        ParameterError,
        "Event number 1 needs a `date`",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_clear_message(case):
    ask, error, words = CASES[case]
    with pytest.raises(error, match=words) as caught:
        ask()
    assert "/" not in str(caught.value).replace("2018/19", "")


def test_events_on_one_day_are_no_t_chart_but_a_g_chart():
    dates = pd.to_datetime(["2020-01-01", "2020-01-09", "2020-01-09", "2020-02-01", "2020-02-15"])
    table = pd.DataFrame({"period": dates})
    with pytest.raises(DataError, match=r"fall on one day.*\n.*row 3 .*\n.*Use `kind: g`"):
        control_chart(table, kind="t")
    result = control_chart(table, kind="g")
    assert list(result.points["value"]) == [8, 0, 23, 14]
    detail = result.checks.set_index("id").loc["events_on_one_day", "detail"]
    assert detail == "1 event falls on the day of the one before; each is counted."


def test_all_equal_values_are_said_to_have_no_limits_worth_having():
    result = control_chart(monthly([7.0] * 20), kind="i", value="x")
    row = result.checks.set_index("id").loc["variation"]
    assert row["status"] == "fail"
    assert "the limits collapse onto the centre line" in row["detail"]
    assert not result.points["special_cause"].any()
    assert result.headline() == (
        "X: cannot be judged, since the points do not vary, so limits say nothing."
    )


@pytest.mark.parametrize(
    ("kind", "values", "words"),
    [
        ("c", 0.0, "the limits collapse onto the centre line"),
        ("c", 7.0, "chance alone would make them vary"),
        ("p", 7.0, "chance alone would make them vary"),
        ("pp", 7.0, "the limits collapse onto the centre line"),
    ],
)
def test_all_equal_counts_are_said_not_to_vary(kind, values, words):
    table = monthly([values] * 20, n=20)
    columns = {"value": "x"} if kind == "c" else {"numerator": "x", "denominator": "n"}
    result = control_chart(table, kind=kind, **columns)
    row = result.checks.set_index("id").loc["variation"]
    assert row["status"] == "fail"
    assert words in row["detail"]
    assert "cannot be judged" in result.headline()


def test_a_run_chart_of_equal_values_is_not_judged():
    result = run_chart(monthly([7.0] * 20), value="x")
    row = result.checks.set_index("id").loc["variation"]
    assert row["status"] == "fail"
    assert "there are no runs to count" in row["detail"]
    assert result.headline() == "X: cannot be judged, since every point lies on the middle line."


def test_a_unit_with_too_few_points_is_not_judged_and_not_dropped():
    rng = np.random.default_rng(3)
    long = monthly(list(rng.normal(50, 3, 24)), ward="long")
    short = monthly([50.0], ward="short")
    table = pd.concat([long, short])
    result = control_chart(table, kind="i", value="x", by="ward", outcome="Waits")
    assert result.estimates.set_index("ward")["variation"].to_dict() == {
        "long": "common_cause",
        "short": "",
    }
    assert "1 cannot be judged" in result.headline()
    row = result.checks.set_index("id").loc["limits"]
    assert row[["status", "detail"]].tolist() == [
        "fail",
        "There are too few points for limits of short.",
    ]
    assert (result.points["ward"] == "short").sum() == 1


def test_an_empty_month_with_no_cases_is_a_gap_and_is_named():
    table = GOOD.copy()
    table.loc[2, ["x", "n"]] = [0, 0]
    result = p_chart(table)
    row = result.checks.set_index("id").loc["missing_periods"]
    assert row["status"] == "warn"
    assert "In March 2018 the denominator is zero" in row["detail"]
    assert np.isnan(result.points.loc[2, "value"])


def test_rolling_totals_get_no_limits_and_a_failed_check_on_a_run_chart():
    rng = np.random.default_rng(1)
    rolling = np.convolve(rng.poisson(40, 71), np.ones(12), "valid")
    table = monthly(list(rolling))
    with pytest.raises(CannotEvaluate, match="look like rolling totals of 12 months"):
        control_chart(table, kind="i", value="x")
    run = run_chart(table, value="x").checks.set_index("id")
    assert run.loc["overlapping_values", "status"] == "fail"


def test_a_running_total_is_seen():
    rng = np.random.default_rng(1)
    with pytest.raises(CannotEvaluate, match="look like a running total"):
        control_chart(monthly(list(np.cumsum(rng.poisson(40, 24)))), kind="i", value="x")


def test_independent_values_are_seldom_taken_for_rolling_totals():
    rng = np.random.default_rng(2)
    for _ in range(100):
        control_chart(monthly(list(rng.normal(50, 5, 48))), kind="i", value="x")


def test_a_yearly_pattern_is_not_taken_for_rolling_totals():
    """Half-yearly ups and downs are opposed at a distance of three months, without any overlap."""
    rng = np.random.default_rng(2)
    t = np.arange(60)
    season = 8 * np.cos(2 * np.pi * t / 6) + 5 * np.sin(2 * np.pi * t / 12)
    control_chart(monthly(list(50 + season + rng.normal(0, 1, 60))), kind="i", value="x")
