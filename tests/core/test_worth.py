"""What bed days are worth: only from a sourced range, both ranges together, never as cash."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qieval.core.errors import ParameterError
from qieval.core.estimates import Estimate
from qieval.core.worth import (
    UnitCost,
    is_of_bed_days,
    read_unit_cost,
    refuse_other_units,
    worth_rows,
    worth_section,
)

GOOD = {"low": 300, "high": 500, "source": "An invented range", "price_year": "2018/19"}
COST = UnitCost(300, 500, "An invented range", "2018/19")


def test_a_range_with_its_source_is_read() -> None:
    assert read_unit_cost(GOOD) == COST
    assert read_unit_cost(GOOD | {"price_year": 2019, "high": 300}) == UnitCost(
        300, 300, "An invented range", "2019"
    )
    assert read_unit_cost(None) is None


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"source": None}, "needs its source"),
        ({"source": "  "}, "needs its source"),
        ({"low": -300}, "above zero"),
        ({"low": 0}, "above zero"),
        ({"low": "£300"}, "number of pounds"),
        ({"high": True}, "number of pounds"),
        ({"high": float("inf")}, "number of pounds"),
        ({"high": None}, "number of pounds"),
        ({"low": 600}, "wrong way round"),
        ({"price_year": None}, "year of its prices"),
        ({"price_year": "last year"}, "year of its prices"),
        ({"price_year": 2099}, "year of its prices"),
        ({"price_year": "2018/99"}, "year of its prices"),
        ({"curency": "GBP"}, "not a part of a unit cost"),
    ],
)
def test_anything_else_is_refused_plainly(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        read_unit_cost(GOOD | wrong)


def test_text_is_no_range() -> None:
    with pytest.raises(ParameterError, match="range with its source"):
        read_unit_cost("£400")  # type: ignore[arg-type]


def test_only_bed_days_have_one() -> None:
    assert is_of_bed_days("bed_days", "days_in_period", 1)
    assert is_of_bed_days("bed_days", None, 1)
    assert not is_of_bed_days("bed_days", "beds", 1)
    assert not is_of_bed_days("falls", None, 1)
    refuse_other_units(None, False, "falls")
    with pytest.raises(ParameterError, match="not of bed days"):
        refuse_other_units(COST, False, "falls")


def test_both_ranges_together_by_hand() -> None:
    """100 bed days fewer (50 to 160), £300 to £500: £15,000 to £80,000."""
    rows = worth_rows(Estimate(-100, -160, -50, "bed days", 12), COST).set_index("term")
    assert rows.loc["freed", ["estimate", "ci_low", "ci_high"]].tolist() == [100, 50, 160]
    assert rows.loc["both", ["estimate", "ci_low", "ci_high"]].tolist() == [40_000, 15_000, 80_000]
    (section,) = worth_section(Estimate(-100, -160, -50, "bed days", 12), COST)
    assert "£15,000 to £80,000" in section.words
    assert "not cash" in section.words
    assert section.table is not None
    assert "An invented range" in section.table.caption


def test_what_is_not_clear_is_not_worth_anything_yet() -> None:
    (section,) = worth_section(Estimate(-100, -300, 100, "bed days", 12), COST)
    assert section.words.startswith("Whether bed days were freed cannot be told")
    assert "£50,000 of bed days more to £150,000 fewer" in section.words
    (more,) = worth_section(Estimate(100, 50, 160, "bed days", 12), COST)
    assert "The bed days added are worth £15,000 to £80,000" in more.words


def test_nothing_without_a_source() -> None:
    assert worth_section(Estimate(-100, -160, -50, "bed days", 12), None) == ()


@given(
    st.floats(-1e5, 1e5),
    st.floats(0, 1e5),
    st.floats(0, 1e5),
    st.floats(1, 1e4),
    st.floats(0, 1e4),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_every_pair_inside_both_ranges_is_covered(
    value: float, below: float, above: float, low: float, more: float, at: float, price: float
) -> None:
    change = Estimate(value, value - below, value + above, "bed days", 12)
    cost = UnitCost(low, low + more, "s", "2019")
    both = worth_rows(change, cost).set_index("term").loc["both"]
    inside = -(change.low + at * (change.high - change.low)) * (cost.low + price * more)
    slack = 1e-6 * (1 + abs(inside))
    assert both["ci_low"] - slack <= inside <= both["ci_high"] + slack
