"""One notion of "did it last": stretches, Fieller's interval, what is said, files without it."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qieval.core.estimates import Estimate
from qieval.core.sustained import (
    Sustained,
    fieller,
    judge,
    lasting_frame,
    lasting_section,
    stretches,
    sustained_of,
)

CHANGED = pd.Timestamp("2020-01-01")


def row(term: str, value: float, low: float, high: float, unit: str = "beds") -> dict[str, object]:
    day = pd.Timestamp("2021-01-01")
    figures = {"estimate": value, "ci_low": low, "ci_high": high, "unit": unit, "n": 6}
    return {"term": term, "start": day, "end": pd.Timestamp("2021-06-01"), **figures}


def said(
    later: tuple[float, float, float] | None,
    share: tuple[float, float, float] | None = None,
    last: str = "2021-06-01",
    side: int = -1,
    **how: object,
) -> Sustained:
    rows = [row("later_effect", *later)] if later else []
    rows += [row("share_kept", *share, "share of the first effect")] if share else []
    last_day = pd.Timestamp(last)
    return sustained_of(lasting_frame(rows), side, CHANGED, last_day, "month", **how)  # type: ignore[arg-type]


def test_stretches_of_a_calendar() -> None:
    month, week = stretches("month"), stretches("week")
    assert month is not None
    assert week is not None
    assert tuple(month) == (6, 12, 3)
    assert month.needed == 15
    assert tuple(week) == (26, 52, 13)
    assert stretches("event") is None
    assert [month.later(n) for n in (8, 9, 14, 15, 30)] == [
        None,
        (6, 9),
        (11, 14),
        (12, 15),
        (12, 30),
    ]


def test_fieller_against_a_known_answer() -> None:
    """Two effects of -10 and -5, variances 1 and 4, independent, reach 1.96.

    By hand: (25 - 3.8416 * 4) and so on; roots of a r² - 2 b r + c = 0 with a = 100 - 3.8416,
    b = 50, c = 25 - 15.3664.
    """
    a, b, c = 100 - 1.96**2, 50.0, 25 - 4 * 1.96**2
    low, high = sorted(np.roots([a, -2 * b, c]))
    found = fieller(-10, -5, np.diag([1.0, 4.0]), 1.96)
    assert found == pytest.approx((0.5, low, high))
    assert fieller(-1.9, -5, np.diag([1.0, 4.0]), 1.96) is None  # the first effect is not clear


@given(
    first=st.floats(2.5, 40),
    later=st.floats(-40, 40),
    sign=st.sampled_from([-1, 1]),
    shared=st.floats(0, 0.9),
)
def test_a_share_lies_in_its_interval_and_knows_no_sign(
    first: float, later: float, sign: int, shared: float
) -> None:
    cov = np.array([[1.0, shared], [shared, 1.5]])
    found = fieller(first, later, cov, 1.96)
    assert found is not None
    share, low, high = found
    assert low <= share <= high
    assert fieller(sign * first, sign * later, cov, 1.96) == pytest.approx(found)
    # Each end is a ratio at which the difference is just clear.
    for end in (low, high):
        spread = math.sqrt(max(0, cov[1, 1] - 2 * end * cov[0, 1] + end**2 * cov[0, 0]))
        assert abs(later - end * first) == pytest.approx(1.96 * spread, rel=1e-6, abs=1e-6)


def test_what_is_said() -> None:
    assert said((-4, -6, -2), (0.9, 0.6, 1.3)).status == "lasted"
    in_part = said((-4, -6, -2), (0.7, 0.55, 0.9))
    assert in_part.status == "lasted"
    assert in_part.words.startswith("It lasted in part")
    assert said((-1, -2, -0.1), (0.2, 0.05, 0.4)).status == "faded"  # clear, but little is left
    assert said((-1, -3, 1), (0.2, -0.2, 0.8)).status == "faded"
    assert said((-3, -7, 1), (0.8, -0.2, 1.8)).status == "cannot tell"
    assert said((2, 0.5, 4)).status == "faded"
    assert said(None).status == "cannot tell"
    assert said((-4, -6, -2), side=0) == Sustained()


def test_too_early_by_date_and_what_is_seen_so_far() -> None:
    early = said((-4, -6, -2), last="2021-02-01")
    assert early.status == "too early"
    assert str(early.told_from) == "2021-04-01"  # fifteen months after January 2020 have passed
    assert "1 April 2021" in early.words
    assert "4.0 beds lower" in early.words
    assert said((-4, -6, -2), last="2021-03-01").status == "lasted"


def test_where_something_else_ended_the_time_it_is_never_too_early() -> None:
    stopped = said((-4, -6, -2), last="2020-09-01", stopped="In October 2020 another change began")
    assert stopped.status == "cannot tell"
    assert stopped.told_from is None
    assert "another change began" in stopped.words


def test_a_change_of_which_only_the_beginning_is_clear_never_lasted() -> None:
    found = said((-4, -6, -2), (1, 0.6, 1.4), may_last=False)
    assert found.status == "cannot tell"
    assert "only its beginning is clear" in found.words
    assert said((-1, -3, 1), (0.2, -0.2, 0.8), may_last=False).status == "faded"


@given(st.sampled_from([-1, 1]), st.floats(-9, 9), st.floats(0.1, 5))
def test_a_change_for_the_worse_is_judged_as_one_for_the_better(
    side: int, value: float, half: float
) -> None:
    one = Estimate(value, value - half, value + half, "", 6)
    other = Estimate(-value, -value - half, -value + half, "", 6)
    assert judge(side, one, None) == judge(-side, other, None)


def test_the_section_shows_shares_in_percent() -> None:
    frame = lasting_frame(
        [
            row("later_effect", -4, -6, -2),
            row("share_kept", 0.9, 0.6, 1.3, "share of the first effect"),
        ]
    )
    (section,) = lasting_section(frame, Sustained("lasted"), "month", 0.95)
    assert section.in_brief
    assert section.table is not None
    assert section.table.rows["estimate"].tolist() == pytest.approx([-4, 90])
    assert section.table.rows["unit"].tolist() == ["beds", "%"]
    assert lasting_section(frame, Sustained(), "month", 0.95) == ()
