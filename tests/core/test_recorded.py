"""Parameters of a result, recorded from the call."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from qieval.core.recorded import plain, recorded


def analysis(
    data: Any,
    *,
    value: str,
    intervention: date | str | None = None,
    by: tuple[str, ...] = (),
    events: Any = None,
    confidence: float = 0.95,
) -> dict[str, Any]:
    asked = recorded(analysis, locals())
    value = "bound anew afterwards"
    return {**asked, "by": [*asked["by"], "settled"]}


def test_keyword_arguments_and_defaults_are_recorded_and_the_table_is_not() -> None:
    asked = analysis(pd.DataFrame({"a": [1]}), value="a", intervention=date(2020, 3, 1))
    assert asked == {
        "value": "a",
        "intervention": "2020-03-01",
        "by": ["settled"],
        "events": None,
        "confidence": 0.95,
    }
    assert list(asked) == ["value", "intervention", "by", "events", "confidence"]


def test_what_is_recorded_is_plain_json() -> None:
    events = pd.DataFrame(
        {"date": [pd.Timestamp("2020-03-01"), pd.NaT], "event": ["A ward closed", "Another"]}
    )
    asked = analysis(None, value="a", by=("team", "site"), events=events)
    assert json.loads(json.dumps(asked)) == asked
    assert asked["events"] == [
        {"date": "2020-03-01", "event": "A ward closed"},
        {"date": None, "event": "Another"},
    ]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float64(1.5), 1.5),
        (np.int64(3), 3),
        (True, True),
        (float("nan"), None),
        (pd.NA, None),
        (datetime(2020, 3, 1, 14, 30), "2020-03-01T14:30:00"),
        (pd.Timestamp("2020-03-01"), "2020-03-01"),
        ({date(2020, 3, 1): "began"}, {"2020-03-01": "began"}),
        (np.array([1, 2]), [1, 2]),
        (Path("data") / "returns.csv", "data/returns.csv"),
        ([{"name": "Falls", "target": None}], [{"name": "Falls", "target": None}]),
    ],
)
def test_plain_form(value: Any, expected: Any) -> None:
    assert plain(value) == expected
    assert type(plain(value)) is type(expected)


def test_a_value_without_a_plain_form_is_named() -> None:
    with pytest.raises(TypeError, match="`events`"):
        analysis(None, value="a", events=object())


def test_a_call_that_holds_too_little_is_a_mistake_of_the_analysis() -> None:
    with pytest.raises(TypeError, match="confidence"):
        recorded(analysis, {"value": "a", "intervention": None, "by": (), "events": None})
