"""The auditor beside published tables whose bounds are known, and beside bounds found by hand.

tau-argus and its Python interface are not to be had here, so it is compared with what is printed.
"""

from __future__ import annotations

import pandas as pd
import pytest

import qieval as qi
from qieval.share.auditor import PublishedTable, audit_release

INVESTMENT = {
    "I": {"A": 20, "B": 50, "C": 10, "Total": 80},
    "II": {"A": 8, "B": 19, "C": 22, "Total": 49},
    "III": {"A": 17, "B": 32, "C": 12, "Total": 61},
    "Total": {"A": 45, "B": 101, "C": 44, "Total": 190},
}
"""Activities by regions: Fischetti and Salazar-González 2000, J Am Stat Assoc 95:916, figure 1."""


def table_of(withheld: set[tuple[str, str]]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "activity": activity,
                "region": region,
                "n": "*" if (activity, region) in withheld else n,
            }
            for activity, regions in INVESTMENT.items()
            for region, n in regions.items()
        ]
    )


def bounds(table: pd.DataFrame) -> dict[tuple[str, str], tuple[int, int]]:
    """Least and most of every withheld number."""
    found = audit_release(
        [PublishedTable("investment", table, ("n",))], fewest=10**6, small=(0, 10**6)
    )
    rows = table.to_dict("records")
    places = [(rows[one.row - 1]["activity"], rows[one.row - 1]["region"]) for one in found]
    ends = [(one.least, one.most) for one in found]
    return dict(zip(places, ends, strict=True))


def test_the_bounds_of_the_investment_table_are_those_that_are_printed():
    """The paper: with these four withheld, II in region C can be anything from 5 to 30.

    The others follow by hand: with a for II in A, the three are 30 - a, 25 - a and 4 + a, and a is
    from 0 to 25.
    """
    withheld = {("II", "A"), ("II", "C"), ("III", "A"), ("III", "C")}
    assert bounds(table_of(withheld)) == {
        ("II", "A"): (0, 25),
        ("II", "C"): (5, 30),
        ("III", "A"): (0, 25),
        ("III", "C"): (4, 29),
    }


def test_one_withheld_number_is_given_away_by_its_total():
    assert bounds(table_of({("II", "C")})) == {("II", "C"): (22, 22)}


def test_more_withheld_numbers_are_bounded_by_their_sums_alone():
    """By hand: all of A and C withheld, so each is at most the smaller of its two sums left."""
    withheld = {(a, r) for a in ("I", "II", "III") for r in ("A", "C")}
    found = bounds(table_of(withheld))
    assert found["I", "A"] == (0, 30)
    assert found["I", "C"] == (0, 30)
    assert found["II", "A"] == (0, 30)
    assert found["III", "C"] == (0, 29)


@pytest.mark.parametrize("profile", ["ons10", "mhsds", "hes"])
def test_the_investment_table_is_made_safe(profile):
    """8 is small under two of the rules: what is withheld with it leaves values enough."""
    exact = table_of(set()).astype({"n": int})
    released = qi.suppress(exact, counts="n", profile=profile)
    rule = {"ons10": (5, (0, 9), 1), "mhsds": (3, (0, 4), 5), "hes": (4, (1, 7), 5)}[profile]
    fewest, small, round_to = rule
    published = PublishedTable("investment", released, ("n",), round_to=round_to)
    assert audit_release([published], fewest=fewest, small=small) == []
    assert (released["n"] == "*").any() == (profile == "ons10")
