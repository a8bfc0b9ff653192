"""Which returns were expected, which came, which came late."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import qieval as qi
from qieval.core.checks import check_of, status_of
from tests.analysis import house_rules

# Six months, three teams: A sends all (one late), B stops after two, C never sends.
EXPECTED = {"teams": ["A", "B", "C"], "from": "2020-01-01", "to": "2020-06-01", "every": "month"}
DATED = {"due": "due", "received": "received"}


def log():
    months = pd.date_range("2020-01-01", periods=6, freq="MS")
    due = months + pd.DateOffset(months=1, days=9)
    a = pd.DataFrame({"team": "A", "period": months, "due": due, "received": due})
    a.loc[3, "received"] += pd.Timedelta(days=20)
    b = pd.DataFrame({"team": "B", "period": months, "due": due, "received": due})
    b.loc[2:, "received"] = pd.NaT
    return pd.concat([a, b], ignore_index=True)


def result(**changes):
    return qi.completeness(log(), expected=EXPECTED, **{**DATED, **changes})


def test_the_grid_counts_what_was_expected_and_what_came():
    found = result()
    assert found.estimates.loc["all returns", "estimate"] == pytest.approx(100 * 8 / 18)
    assert found.estimates.loc["A", "estimate"] == 100
    assert found.estimates.loc["C", "estimate"] == 0
    teams = found.teams.set_index("team")
    assert teams["late"].tolist() == [1, 0, 0]
    assert teams["longest_gap"].tolist() == [0, 4, 6]
    assert teams["stopped"].tolist() == [False, True, False]
    assert found.verdict.words == "44% came"
    table = found.table("estimates")
    assert [column.cells[0] for column in table.shown] == [
        "All returns",
        "18",
        "8",
        "44%",
        "1",
        "6",
    ]
    assert "C" in check_of(found.checks, "without_returns").detail


@pytest.mark.parametrize(
    ("aim", "status"),
    [
        ("At least 40% of returns", "reached"),
        ("At least 90% of returns by June 2020", "not reached"),
        ("At least 90% of returns by July 2020", "cannot tell"),
        ("See how the programme went", "none"),
        (None, "none"),
    ],
)
def test_the_aim_is_judged_by_the_share_that_came(aim, status):
    found = result(aim=aim)
    assert found.verdict.aim.status == status
    assert found.verdict.aim.words in found.details()


def test_the_words_ask_and_do_not_judge():
    found = result(gives_back="Their own chart.")
    assert "ask what would make it easier" in found.details()
    assert "Their own chart." in found.details()
    words = f"{found.summary()} {found.alt_text()}".lower()
    for word in ("worst", "best", "fail", "poor", "rank", "bottom"):
        assert word not in words


def test_a_missing_row_and_a_blank_date_both_mean_not_received():
    without = log().dropna(subset="received")
    found = qi.completeness(without, expected=EXPECTED, **DATED)
    assert found.points["status"].tolist() == result().points["status"].tolist()


def test_without_due_dates_none_is_called_late():
    found = result(due=None)
    assert set(found.points["status"]) == {"received", "missing"}
    assert status_of(found.checks, "due_dates") == "info"


def test_each_measure_of_a_team_is_a_return_of_its_own():
    both = pd.concat([log().assign(measure="falls"), log().assign(measure="beds").iloc[:6]])
    found = qi.completeness(both, expected=EXPECTED, measure="measure", **DATED)
    assert found.teams["team"].tolist() == ["A: falls", "A: beds", "B", "C"]
    assert "from 3 teams" in found.headline()


def test_teams_that_took_part_for_a_time_are_expected_for_that_time():
    teams = {"A": {}, "B": {"to": "2020-02-01"}}
    found = qi.completeness(log(), expected={**EXPECTED, "teams": teams}, **DATED)
    assert found.teams["expected"].tolist() == [6, 2]
    assert check_of(found.checks, "outside").detail.startswith("4 returns")


@given(st.permutations(range(12)))
def test_the_order_of_rows_changes_nothing(order):
    found = qi.completeness(log().iloc[list(order)], expected=EXPECTED, **DATED)
    pd.testing.assert_frame_equal(found.teams, result().teams)


@given(st.sets(st.integers(0, 11)))
def test_taking_returns_away_never_makes_it_more_complete(gone):
    fewer = log().drop(index=sorted(gone))
    if fewer.empty:
        return
    found = qi.completeness(fewer, expected=EXPECTED, **DATED)
    assert (found.teams["came"] <= result().teams["came"]).all()
    assert found.expected == 18


def test_a_result_file_holds_it_all():
    house_rules.check(result(), "from 3 teams")
    house_rules.check(result(due=None), "from 3 teams")


@pytest.mark.parametrize(
    ("table", "expected", "error", "says"),
    [
        (pd.concat([log(), log().head(1)]), EXPECTED, qi.DataError, "two returns for one month"),
        (
            log(),
            {**EXPECTED, "teams": ["A"]},
            qi.DataError,
            "one text in rows 7",
        ),
        (log(), {**EXPECTED, "to": "2019-01-01"}, qi.ParameterError, "lies before the first"),
        (log(), {**EXPECTED, "from": "soon"}, qi.ParameterError, "not a date"),
        (log().drop(columns="team"), EXPECTED, qi.DataError, "no column `team`"),
        (log().assign(team=[None, *["A"] * 5, *["B"] * 6]), EXPECTED, qi.DataError, "no `team`"),
    ],
)
def test_what_cannot_be_counted_is_refused(table, expected, error, says):
    with pytest.raises(error, match=says):
        qi.completeness(table, expected=expected, **DATED)
