"""What is read from the words of an aim, and whether an aim was reached."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from qieval.core.aim import Aim, in_words, judge_aim, read_aim
from qieval.core.amounts import amount_in, any_date_in, date_in
from qieval.core.errors import ParameterError

# ---- what is read ------------------------------------------------------------------------------

READ = [
    # relative to before
    ("15% fewer", "share_of_before", 0.85, -1),
    ("15 % fewer bed days by July 2018", "share_of_before", 0.85, -1),
    ("20 per cent fewer", "share_of_before", 0.8, -1),
    ("at least 15% fewer falls", "share_of_before", 0.85, -1),
    ("15% fewer falls in people over 65", "share_of_before", 0.85, -1),
    ("reduce by 15%", "share_of_before", 0.85, -1),
    ("reduce falls by at least 15%", "share_of_before", 0.85, -1),
    ("reduce falls in all wards by 15%", "share_of_before", 0.85, -1),
    ("15% fewer in the third quarter of 2019", "share_of_before", 0.85, -1),
    ("a reduction of 20%", "share_of_before", 0.8, -1),
    ("increase by 10%", "share_of_before", 1.1, 1),
    ("half of before", "share_of_before", 0.5, -1),
    ("half of", "portion", 0.5, 0),  # of before for a count, of all for a share
    ("half of the people seen", "portion", 0.5, 0),
    ("halve", "share_of_before", 0.5, -1),
    ("Half as many", "share_of_before", 0.5, -1),
    ("reduce falls by half", "share_of_before", 0.5, -1),
    ("a third fewer", "share_of_before", 2 / 3, -1),
    ("two thirds fewer", "share_of_before", 1 / 3, -1),
    ("reduce the time to admission by a third", "share_of_before", 2 / 3, -1),
    ("reduce falls to a third", "share_of_before", 1 / 3, -1),
    ("one in four fewer", "share_of_before", 0.75, -1),
    ("double the number seen", "share_of_before", 2.0, 1),
    ("twice as many", "share_of_before", 2.0, 1),
    ("no increase in falls", "share_of_before", 1.0, -1),
    ("two fewer falls", "difference", -2.0, -1),
    ("2 beds fewer", "difference", -2.0, -1),
    ("by 10 fewer", "difference", -10.0, -1),
    ("at least 10 more visits", "difference", 10.0, 1),
    ("10 percentage points more", "points", 0.1, 1),
    ("10 points fewer", "points", -0.1, -1),
    ("20 per cent more contacts", "share_of_before", 1.2, 1),
    ("1.5 occupied beds fewer", "difference", -1.5, -1),
    ("Fewer occupied bed days, by 2 beds", "difference", -2.0, -1),
    ("10 more people", "difference", 10.0, 1),
    ("reduce by 10 percentage points", "points", -0.1, -1),
    # shares
    ("Three in four", "share", 0.75, 1),
    ("From one in three young people satisfied to one in two", "share", 0.5, 1),
    ("at least 75% within two weeks", "share", 0.75, 1),
    ("At most 60% stay longer than 60 nights", "share", 0.6, -1),
    ("fewer than 20 falls", "target", 20, -1),
    ("more than 90%", "share", 0.9, 1),
    ("90%", "share", 0.9, 0),
    ("From 4% to 50%", "share", 0.5, 1),
    ("From 31% to 25% of those prescribed any", "share", 0.25, -1),
    ("five of six checks", "share", 5 / 6, 1),
    ("at least 4 out of 5", "share", 0.8, 1),
    ("at most one in ten", "share", 0.1, -1),
    ("at least 90%", "share", 0.9, 1),
    ("90% or more", "share", 0.9, 1),
    ("5% or less", "share", 0.05, -1),
    ("at least half of patients", "share", 0.5, 1),
    ("90% seen within 14 days", "share", 0.9, 0),
    ("reduce to 15%", "share", 0.15, -1),
    ("increase the share to at least 80%", "share", 0.8, 1),
    ("from 60% to 80%", "share", 0.8, 1),
    ("everyone seen within 14 days", "share", 1.0, 1),
    ("all patients seen", "share", 1.0, 1),
    ("by March 2020 at least 90%", "share", 0.9, 1),
    # figures to be reached
    ("From 6.5 to 5 for every 1,000 occupied bed days", "target", 5.0, -1),
    ("From 70 to 40 for half of those referred", "target", 40.0, -1),
    ("at least 1,200 a year", "target", 1200.0, 1),
    ("below 20", "target", 20.0, -1),
    ("within 14 days", "target", 14.0, -1),
    ("no more than 5 falls", "target", 5.0, -1),
    ("no fewer than three", "target", 3.0, 1),
    ("From 32 to 24", "target", 24.0, -1),
    ("reduce from 20 to 15 by March 2020", "target", 15.0, -1),
    ("raise from 1,200 to 1,500", "target", 1500.0, 1),
    ("1,5 days", "target", 1.5, 0),
    ("1,200 bed days", "target", 1200.0, 0),
    ("no falls", "target", 0.0, -1),
    ("zero suicides", "target", 0.0, -1),
]


@pytest.mark.parametrize(("text", "amount", "value", "side"), READ)
def test_the_number_that_words_give(text, amount, value, side):
    read = amount_in(text)
    assert (read.how, read.side) == (amount, side)
    assert read.value == pytest.approx(value)


@pytest.mark.parametrize(
    "text",
    [
        "as few as possible",
        "better care",
        "fewer falls",
        "Fewer occupied bed days from July 2017",
        "improve by 10%",
        "no change in readmissions",
        "quicker discharge from a ten-bed ward",
        "review the plan every quarter",
        "by July 2018",
        "",
    ],
)
def test_words_without_a_number_are_kept_as_text(text):
    assert amount_in(text).how is None
    aim = read_aim({"measure": "falls", "how_much": text})
    assert aim.amount.how is None
    assert text.lower() in aim.text.lower()
    judged = judge_aim(aim, before=10, seen=5, on=None, direction="lower")
    assert judged.status == "cannot tell"
    assert "no number" in judged.because


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("15% fewer by July 2018", date(2018, 7, 31)),
        ("by the end of 2018", date(2018, 12, 31)),
        ("before 2019-06-30", date(2019, 6, 30)),
        ("by 3/6/19", date(2019, 6, 3)),
        ("by 3 June 2019", date(2019, 6, 3)),
        ("by 2019-06", date(2019, 6, 30)),
        ("in Feb 2020", date(2020, 2, 29)),
        ("15% fewer", None),
        ("soon", None),
    ],
)
def test_the_day_by_which_it_is_to_be_reached(text, day):
    assert date_in(text) == day
    assert read_aim(text).last_day == day


def test_a_date_may_stand_anywhere():
    assert any_date_in("end of June 2019, or later") == date(2019, 6, 30)
    assert any_date_in("within 6 months") is None


@pytest.mark.parametrize(
    ("target", "amount", "value"),
    [(14, "target", 14.0), (0.5, "target", 0.5), ("90%", "share", 0.9), ("14 days", "target", 14)],
)
def test_a_target_is_a_figure_to_be_reached(target, amount, value):
    aim = read_aim({"measure": "wait", "target": target, "by": "2020-03", "for_whom": "adults"})
    assert aim.amount[:2] == (amount, value)
    assert (aim.last_day, aim.for_whom) == (date(2020, 3, 31), "adults")
    assert all(word in aim.text for word in ("wait", str(target), "adults", "2020-03"))


def test_nothing_is_no_aim_and_an_aim_stays_one():
    assert not read_aim(None)
    assert not read_aim({})
    aim = read_aim("15% fewer")
    assert read_aim(aim) is aim


def test_a_target_wins_over_words():
    assert Aim("x", target=24, how_much="2 fewer").amount.wanted(10) == 24


def test_an_aim_as_a_phrase():
    day = date(2018, 8, 31)
    phrase = in_words("Occupied bed days", None, "2 beds fewer", day, "Adults on Maple ward")
    assert phrase == "Occupied bed days: 2 beds fewer by 31 August 2018, for adults on Maple ward"
    assert in_words("Falls", 5.0, "", "June", "") == "Falls: 5 by June"
    assert in_words("Falls", None, "", "", "") == "Falls"


def test_an_unknown_part_is_named_with_the_nearest():
    with pytest.raises(ParameterError, match="Did you mean `how_much`"):
        read_aim({"how_mcuh": "15% fewer"})


def test_a_day_that_is_none_is_refused():
    with pytest.raises(ParameterError, match="`by` of the aim is not a date"):
        _ = read_aim({"how_much": "15% fewer", "by": "soon"}).last_day


# ---- whether it was reached --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "before", "seen", "wanted", "status"),
    [
        ("15% fewer", 100, 85, 85, "reached"),
        ("15% fewer", 100, 85.1, 85, "not reached"),
        ("halve", 30, 14, 15, "reached"),
        ("two fewer", 10, 9, 8, "not reached"),
        ("at least 30", 10, 31, 30, "reached"),
        ("at least 90%", 80, 92, 90, "reached"),
        ("10 percentage points more", 60, 69, 70, "not reached"),
        ("no falls", 4, 0, 0, "reached"),
    ],
)
def test_reached_or_not(text, before, seen, wanted, status):
    judged = judge_aim(read_aim(text), before=before, seen=seen, on=None)
    assert judged.status == status
    assert judged.wanted == pytest.approx(wanted)
    assert judged.words.startswith("Aim reached" if status == "reached" else "Aim not reached")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("at least 90%", 0.9), ("five of six checks", 5 / 6), ("10 percentage points more", 0.7)],
)
def test_shares_are_compared_as_shares(text, wanted):
    judged = judge_aim(read_aim(text), before=0.6, seen=wanted, on=None, share=True)
    assert judged.status == "reached"
    assert judged.wanted == pytest.approx(wanted)
    assert f"{round(100 * wanted)}%" in judged.because


def test_half_of_is_of_before_for_a_count_and_of_all_for_a_share():
    aim = read_aim("half of those admitted")
    count = judge_aim(aim, before=8, seen=4, on=None, direction="lower")
    share = judge_aim(aim, before=0.2, seen=0.5, on=None, direction="higher", share=True)
    assert (count.wanted, count.status) == (4, "reached")
    assert (share.wanted, share.status) == (0.5, "reached")
    assert judge_aim(aim, before=8, seen=4, on=None).status == "cannot tell"


@pytest.mark.parametrize("text", ["everyone seen within 14 days", "10 percentage points more"])
def test_an_aim_for_a_share_does_not_judge_days(text):
    judged = judge_aim(read_aim(text), before=20, seen=13, on=None, unit="days")
    assert judged.status == "cannot tell"
    assert judge_aim(read_aim(text), before=0.5, seen=1.0, on=None, share=True).status == "reached"


def test_a_day_that_has_not_come_cannot_be_judged():
    aim = read_aim("15% fewer by July 2018")
    early, late = (
        judge_aim(aim, before=100, seen=80, on=pd.Timestamp(day))
        for day in ("2018-06-30", "2018-07-31")
    )
    assert (early.status, late.status) == ("cannot tell", "reached")
    assert "31 July 2018" in early.because


def test_the_measure_says_which_way_is_better_where_the_aim_does_not():
    aim = read_aim({"measure": "wait", "target": 14})
    statuses = {
        way: judge_aim(aim, before=20, seen=13, on=None, direction=way).status
        for way in ("lower", "higher", "neutral")
    }
    assert statuses == {"lower": "reached", "higher": "not reached", "neutral": "cannot tell"}


@pytest.mark.parametrize(("before", "seen"), [(np.nan, 5), (10, np.nan)])
def test_what_is_not_known_cannot_be_judged(before, seen):
    judged = judge_aim(read_aim("15% fewer"), before=before, seen=seen, on=None)
    assert judged.status == "cannot tell"
    assert "not known" in judged.because


def test_without_an_aim_nothing_is_judged():
    judged = judge_aim(Aim(), before=1, seen=2, on=None)
    assert (judged.status, judged.words) == ("none", "")


# ---- properties --------------------------------------------------------------------------------

FIGURES = st.floats(0.01, 1e6, allow_nan=False)
PERCENTS = st.integers(1, 99)


@given(FIGURES, FIGURES, PERCENTS)
def test_fewer_is_reached_exactly_from_the_wanted_figure_down(before, seen, percent):
    judged = judge_aim(read_aim(f"{percent}% fewer"), before=before, seen=seen, on=None)
    wanted = before * (1 - percent / 100)
    assert judged.wanted == pytest.approx(wanted)
    assume(abs(seen - wanted) > 1e-6 * wanted)
    assert (judged.status == "reached") == (seen < wanted)


@given(FIGURES, PERCENTS, st.integers(1, 1000))
def test_the_unit_does_not_matter_to_what_is_relative(before, percent, factor):
    aim = read_aim(f"{percent}% fewer")
    seen = before * 0.7
    assume(abs(percent - 30) > 0)
    one = judge_aim(aim, before=before, seen=seen, on=None)
    other = judge_aim(aim, before=factor * before, seen=factor * seen, on=None)
    assert one.status == other.status


@given(PERCENTS, st.floats(0, 1, allow_nan=False))
def test_shares_and_percentages_are_judged_alike(percent, share):
    aim = read_aim(f"at least {percent}%")
    assume(abs(share - percent / 100) > 1e-6)
    as_share = judge_aim(aim, before=np.nan, seen=share, on=None, share=True)
    as_percent = judge_aim(aim, before=np.nan, seen=100 * share, on=None, unit="%")
    assert as_share.status == as_percent.status
    assert (as_share.status == "reached") == (share > percent / 100)


@given(FIGURES, PERCENTS)
def test_the_figure_itself_counts_as_reached_whatever_the_last_bit(before, percent):
    aim = read_aim(f"{percent}% fewer")
    for seen in (before * (1 - percent / 100), before - before * percent / 100):
        assert judge_aim(aim, before=before, seen=seen, on=None).status == "reached"


@given(st.text(max_size=60))
def test_any_words_are_read_without_an_error(text):
    amount = amount_in(text)
    assert amount.side in (-1, 0, 1)
    assert np.isfinite(amount.value) == (amount.how is not None)
