"""Readmissions: published intervals, words, checks and refusals."""

from __future__ import annotations

import pandas as pd
import pytest

import qieval as qi
from qieval.analysis.readmissions import ReadmissionsResult
from qieval.core.checks import check_of, status_of
from qieval.core.errors import CannotEvaluate, ParameterError
from tests.analysis import house_rules
from tests.flow.made import stays

EXTRACT = "2024-12-31"
WITHIN = "By another rule: within 28 days"


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
    table = found.table("estimates")
    assert table.rows["what"].tolist() == ["Readmitted", "Readmitted", "Since less before", WITHIN]
    assert table.shown[1].cells[:3] == ("60.0", "80.0", "20.0")
    assert table.shown[2].cells[:3] == ("49.0 to 70.0", "69.2 to 87.7", "5.2 to 33.4")
    for part in ("60.0% (95% interval 49.0 to 70.0%)", "80.0% (95% interval 69.2 to 87.7%)"):
        assert part in found.headline()
    assert "20.0 percentage points higher (5.2 to 33.4 higher)" in found.details()
    assert (found.verdict.kind, found.verdict.term) == ("changed", "difference")
    assert found.verdict.size == difference
    house_rules.check(found, "1 March 2024")


def two_sides(before: int, since: int, **more) -> ReadmissionsResult:
    """Two times 100 discharges, and so many readmissions before and since 1 March 2024."""
    table = [discharges(100, before, "2024-01-10"), discharges(100, since, "2024-06-10")]
    return asked(pd.concat(table), intervention="2024-03-01", **more)


def test_the_verdict_is_that_of_the_difference():
    assert two_sides(20, 22).verdict.kind == "no clear change"
    assert two_sides(20, 60).verdict.certainty == "clear"
    untold = pd.concat([discharges(80, 48, "2024-01-10"), discharges(70, 56, "2024-06-10")])
    doubtful = asked(untold.drop(columns="discharged_to"), intervention="2024-03-01")
    assert doubtful.verdict.certainty == "with reservations"
    alone = asked(discharges(100, 10)).verdict
    assert (alone.kind, alone.certainty) == ("described", "not tested")


@pytest.mark.parametrize(
    ("aim", "status", "wanted"),
    [
        ("A third fewer readmissions by June 2024", "reached", 0.2),
        ("Halve readmissions by June 2024", "not reached", 0.15),
        ({"measure": "readmissions", "target": "at most 20%"}, "reached", 0.2),
        ("A third fewer readmissions by June 2030", "cannot tell", 0.2),
        ("Fewer readmissions", "cannot tell", None),
        (None, "none", None),
    ],
)
def test_the_aim_compares_before_with_since(aim, status, wanted):
    found = two_sides(30, 18, aim=aim)
    verdict = found.verdict.aim
    assert verdict.status == status
    if wanted is not None:
        assert (verdict.wanted, verdict.seen) == pytest.approx((wanted, 0.18))
    assert verdict.words in found.details()
    assert found.params["aim"] == aim


def test_an_aim_with_an_unknown_part_is_refused():
    with pytest.raises(ParameterError, match="not a part of an aim"):
        two_sides(30, 18, aim={"targett": 3})


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
    assert "within 28 days it is 0.0%" in found.details()
    assert "it is 66.7%" in found.details()
    assert found.table("estimates").shown[1].cells == ("50.0", "0.0", "66.7")
    house_rules.check(found)
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
    assert found.counted.not_followed == 52
    assert "52 discharges" in check_of(found.checks, "followed").detail


def test_groups_keep_the_alphabet_and_add_up():
    table = pd.concat([discharges(40, 4, ward="Oak"), discharges(30, 6, ward="Elm")])
    found = asked(table, by="ward")
    assert found.groups == ("All together", "Elm", "Oak")
    house_rules.check(found)
    assert found.term("readmitted").n == 70
    assert found.term("readmitted: Elm").value == pytest.approx(0.2)
    mixed = asked(table.sample(frac=1, random_state=1), by="ward")
    pd.testing.assert_frame_equal(mixed.estimates, found.estimates)


def test_checks_say_what_to_mind():
    few = asked(discharges(5, 1))
    assert status_of(few.checks, "enough") == "warn"
    assert few.counted.deaths == 1
    assert status_of(few.checks, "deaths") == "pass"
    untold = asked(discharges(40, 0).drop(columns="discharged_to"))
    assert status_of(untold.checks, "deaths") == "warn"
    other = asked(discharges(40, 1), died=["deceased"])
    assert status_of(other.checks, "deaths") == "info"
    assert "`died`" in check_of(other.checks, "deaths").detail


def test_the_result_travels_and_tells_no_person():
    found = asked(discharges(40, 4))
    house_rules.check(found)
    assert "Elm-2024" not in str(found.to_dict())
    (row,) = zip(*(column.cells for column in found.table("points").shown), strict=True)
    assert row[:5] == ("January 2024", "All together", "4", "40", "10.0%")


def test_nobody_followed_long_enough_is_refused():
    with pytest.raises(CannotEvaluate, match="long enough before the extract"):
        asked(discharges(5, 0), extract_date="2024-01-20")
