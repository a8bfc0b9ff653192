"""Readmissions: published intervals, words, checks and refusals."""

from __future__ import annotations

import pandas as pd
import pytest

import qieval as qi
from qieval.analysis.readmissions import ReadmissionsResult
from qieval.core.errors import CannotEvaluate
from qieval.core.result import Result
from tests.flow.made import stays

EXTRACT = "2024-12-31"


def discharges(number: int, back: int, day: str = "2024-01-10", ward: str = "Elm") -> pd.DataFrame:
    """So many discharges on a day, of which some are followed by a stay that ends in death.

    Those second stays are no discharges of their own.
    """
    out = pd.Timestamp(day)
    rows = []
    for person in range(number):
        name = f"{ward}-{day}-{person}"
        rows.append((name, out - pd.Timedelta(days=5), out, ward, "home"))
        if person < back:
            again = out + pd.Timedelta(days=3)
            rows.append((name, again, again + pd.Timedelta(days=2), ward, "died"))
    return stays(*rows)


def asked(table: pd.DataFrame, **more) -> ReadmissionsResult:
    return qi.readmissions(table, **({"extract_date": EXTRACT} | more))


@pytest.mark.parametrize(
    ("back", "number", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_intervals_as_published(back, number, low, high):
    """Newcombe 1998, Stat Med 17:857, table I, method 3."""
    found = asked(discharges(number, back)).term("readmitted")
    assert found.value == pytest.approx(back / number)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)
    assert found.n == number


def test_the_difference_as_published():
    """Newcombe 1998, Stat Med 17:873, table II, contrast (a): 56/70 less 48/80, method 10."""
    table = pd.concat([discharges(80, 48, "2024-01-10"), discharges(70, 56, "2024-06-10")])
    found = asked(table, intervention="2024-03-01")
    difference = found.term("difference")
    assert difference.value == pytest.approx(0.2)
    assert (difference.low, difference.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert found.headline() == (
        "Readmitted within 30 days: before 1 March 2024 60.0% (95% interval 49.0 to 70.0%), since "
        "then 80.0% (95% interval 69.2 to 87.7%)."
    )
    assert "20 percentage points higher (5 to 33 higher)" in found.details()
    assert "does not say what brought it about" in found.details()


def test_both_numbers_are_shown():
    table = stays(
        ("a", "2024-01-01", "2024-01-10", "Elm", "transfer"),
        ("a", "2024-01-10", "2024-02-01", "Oak", "home"),
        ("a", "2024-03-01", "2024-03-05", "Oak", "home"),
    )
    found = asked(table)
    assert found.term("readmitted").n == 2
    assert found.term("readmitted").value == 0.5  # 29 days after: day 29 counts in England
    assert found.term("within_28_days").value == 0
    assert found.term("transfers_not_joined").value == pytest.approx(2 / 3)
    assert "By other rules: within 28 days it is 0.0%" in found.details()
    assert "which may be transfers, it is 66.7%" in found.details()
    assert "within_30_days" in asked(table, window=28).estimates.index
    assert "transfers_not_joined" not in asked(discharges(5, 1)).estimates.index


def test_points_suit_a_p_chart():
    table = pd.concat([discharges(40 + n, 4, f"2024-{n:02d}-10") for n in range(1, 13)])
    found = asked(table)
    assert found.points["period"].dt.month.tolist() == list(range(1, 12))  # December not followed
    chart = qi.control_chart(
        found.points, kind="pp", numerator="readmitted", denominator="discharges"
    )
    assert len(chart.points) == 11
    checks = found.checks.set_index("check")
    assert "52 discharges left out" in checks.loc["Followed for the whole window", "detail"]


def test_groups_keep_the_alphabet_and_add_up():
    table = pd.concat([discharges(40, 4, ward="Oak"), discharges(30, 6, ward="Elm")])
    found = asked(table, by="ward")
    assert found.groups == ["All together", "Elm", "Oak"]
    assert found.term("readmitted").n == 70
    assert found.term("readmitted: Elm").value == pytest.approx(0.2)
    mixed = asked(table.sample(frac=1, random_state=1), by="ward")
    pd.testing.assert_frame_equal(mixed.estimates, found.estimates)


def test_checks_say_what_to_mind():
    few = asked(discharges(5, 1)).checks.set_index("check")
    assert few.loc["Enough discharges", "status"] == "warn"
    assert few.loc["Deaths in hospital", "detail"].startswith("1 stay that ended in death")
    untold = asked(discharges(40, 0).drop(columns="discharged_to")).checks.set_index("check")
    assert untold.loc["Deaths in hospital", "status"] == "warn"
    assert "the share is too low" in untold.loc["Deaths in hospital", "detail"]
    other = asked(discharges(40, 1), died=["deceased"]).checks.set_index("check")
    assert "set `died`" in other.loc["Deaths in hospital", "detail"]


def test_the_result_travels_and_tells_no_person():
    found = asked(discharges(40, 4))
    again = Result.from_dict(found.to_dict())
    assert again.summary() == found.summary()
    assert "Elm-2024" not in str(found.to_dict())
    assert found.points_in_words().iloc[0].tolist()[:4] == [
        "January 2024",
        "All together",
        "4",
        "40",
    ]


def test_nobody_followed_long_enough_is_refused():
    with pytest.raises(CannotEvaluate, match="long enough before the extract"):
        asked(discharges(5, 0), extract_date="2024-01-20")
