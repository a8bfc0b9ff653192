"""Results as JSON: built again by the types of their fields; damaged files are refused by name."""

from __future__ import annotations

import copy
import dataclasses
import json
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest

from qieval.core.checks import Check, checks_table
from qieval.core.errors import DataError
from qieval.core.estimates import estimate_row, estimates_table
from qieval.core.result import FORMAT_VERSION, Result, to_json
from qieval.core.tables import Column, Table
from qieval.core.verdict import AimVerdict
from qieval.core.withheld import worded


@dataclass(frozen=True)
class _Wave:
    name: str
    day: date
    share: float


@dataclass(frozen=True, eq=False, repr=False)
class _Example(Result):
    first: _Wave
    waves: tuple[_Wave, ...]
    pair: tuple[str, float]
    by_name: dict[str, _Wave]
    names: tuple[str, ...]
    changed: pd.Timestamp
    seen: date | None
    limit: float
    aim: AimVerdict

    kind: ClassVar[str] = "example_of_the_tests"

    def headline(self) -> str:
        return "A finding."

    def tables(self) -> tuple[Table, ...]:
        columns = (Column("n", "Number", "count"),)
        return (Table("points", "Points", columns, self.points),)


def example(**more: Any) -> _Example:
    wave = _Wave("2019", date(2019, 3, 31), 0.25)
    points = pd.DataFrame(
        {
            "period": pd.to_datetime(["2018-01-01", None]),
            "n": [1, 2],
            "value": [0.5, np.nan],
            "high": [np.inf, -np.inf],
            "name": ["a", None],
            "signal": [True, False],
            "nothing": [np.nan, np.nan],
        }
    )
    given: dict[str, Any] = {
        "params": {"by": ["ward"], "target": None, "codes": {"x": "met"}, "share": 0.1},
        "points": points,
        "estimates": estimates_table([estimate_row("a", 1.5, 1, 2, unit="beds", n=3, method="t")]),
        "checks": checks_table([Check("enough", "Enough", "pass", "Yes.")]),
        "first": wave,
        "waves": (wave, _Wave("2020", date(2020, 3, 31), np.nan)),
        "pair": ("2019", 0.5),
        "by_name": {"2019": wave},
        "names": ("a", "b"),
        "changed": pd.Timestamp("2019-04-01"),
        "seen": None,
        "limit": np.inf,
        "aim": AimVerdict("reached", wanted=5.0, on=date(2020, 1, 1)),
    }
    return _Example(**(given | more))


def through_a_file(result: Result) -> Any:
    return Result.from_dict(json.loads(to_json(result)))


def test_a_result_is_built_again_by_the_types_of_its_fields():
    result = example()
    again = through_a_file(result)
    assert type(again) is _Example
    for field in fields(_Example):
        one, other = getattr(result, field.name), getattr(again, field.name)
        if isinstance(one, pd.DataFrame):
            pd.testing.assert_frame_equal(one, other, check_dtype=False)
            assert one.index.name == other.index.name
        elif field.name == "waves":
            assert [wave.day for wave in other] == [wave.day for wave in one]
            assert np.isnan(other[1].share)
        elif field.name == "aim":
            assert (other.status, other.wanted, other.on) == (one.status, one.wanted, one.on)
            assert np.isnan(other.seen)
        else:
            assert other == one
            assert type(other) is type(one)


def test_columns_keep_what_they_hold():
    points = through_a_file(example()).points
    assert pd.api.types.is_datetime64_any_dtype(points["period"])
    assert points["n"].dtype == np.int64
    assert points["high"].tolist() == [np.inf, -np.inf]
    assert points["signal"].tolist() == [True, False]
    assert points["nothing"].dtype == np.float64
    assert points["name"].isna().tolist() == [False, True]


def test_a_date_that_may_be_missing_comes_back_as_one():
    assert through_a_file(example(seen=date(2020, 2, 29))).seen == date(2020, 2, 29)


def test_a_file_says_its_version_and_kind():
    plain = example().to_dict()
    assert (plain["qieval_result"], plain["kind"]) == (FORMAT_VERSION, "example_of_the_tests")
    assert to_json(plain) == to_json(example())


def test_a_value_without_a_plain_form_is_refused():
    with pytest.raises(DataError, match="cannot hold a value of type `complex`"):
        example(params={"value": 1j}).to_dict()


@pytest.mark.parametrize("name", [field.name for field in fields(_Example)])
def test_a_missing_field_is_named(name):
    damaged = example().to_dict()
    del damaged[name]
    with pytest.raises(DataError, match="a field is missing") as caught:
        Result.from_dict(damaged)
    assert f"no `{name}`" in str(caught.value)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("limit", "much"),
        ("seen", "soon"),
        ("changed", "soon"),
        ("waves", 3),
        ("first", "2019"),
        ("pair", ["2019"]),
        ("points", {"n": [1]}),
        ("points", None),
        ("by_name", {"2019": 1}),
    ],
)
def test_a_field_of_the_wrong_type_is_named(field, value):
    damaged = example().to_dict() | {field: value}
    with pytest.raises(DataError, match="cannot be read") as caught:
        Result.from_dict(damaged)
    assert f"`{field}`" in str(caught.value)


def test_a_field_missing_inside_a_field_is_named():
    damaged = copy.deepcopy(example().to_dict())
    del damaged["first"]["day"]
    with pytest.raises(DataError, match="no `day`"):
        Result.from_dict(damaged)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"qieval_result": 1}, "another version"),
        ({"qieval_result": "2"}, "another version"),
        ({"kind": "no such kind"}, "another kind"),
        ({"kind": None}, "another kind"),
    ],
)
def test_another_version_or_kind_is_refused(change, says):
    with pytest.raises(DataError, match=says):
        Result.from_dict(example().to_dict() | change)


@pytest.mark.parametrize("given", [{}, [], None, "text", {"kind": "audit"}])
def test_what_is_no_result_is_refused(given):
    with pytest.raises(DataError, match="not a qieval result"):
        Result.from_dict(given)


def test_a_reader_of_one_kind_takes_no_other():
    @dataclass(frozen=True, eq=False, repr=False)
    class _Other(Result):
        kind: ClassVar[str] = "other_of_the_tests"

    with pytest.raises(DataError, match="another kind"):
        _Other.from_dict(example().to_dict())
    del Result._kinds["other_of_the_tests"]


def test_a_table_is_asked_for_by_name():
    result = example()
    assert result.table("points").shown[0].cells == ("1", "2")
    with pytest.raises(DataError, match="no table `point`") as caught:
        result.table("point")
    assert "`points`" in str(caught.value)


def test_a_term_is_an_estimate():
    estimate = example().term("a")
    assert (estimate.value, estimate.low, estimate.high, estimate.side) == (1.5, 1, 2, 1)
    assert (estimate.unit, estimate.n) == ("beds", 3)


def test_a_result_that_says_nothing_says_so():
    assert example().summary is not None
    for words in (example().details, example().alt_text):
        with pytest.raises(TypeError, match="_Example does not say"):
            words()


def test_what_a_result_says_is_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Page, parts and shapes of a figure ask for the same words again and again."""
    made = []
    monkeypatch.setattr(_Example, "details", worded(lambda self: made.append(self) or "Sure."))
    one, other = example(), example()
    assert [one.details(), one.summary(), other.details()] == ["Sure.", "A finding. Sure.", "Sure."]
    assert made == [one, other]
    assert dataclasses.replace(one).details() == "Sure."
    assert len(made) == 3  # what is made of it speaks for itself
    assert to_json(one) == to_json(example())
