"""Checks: found by an id that does not change; their gravest status; what they make uncertain."""

from __future__ import annotations

import pytest

from qieval.core.checks import (
    CHECK_COLUMNS,
    GRAVEST_FIRST,
    Check,
    certainty_of,
    check_of,
    checks_table,
    status_of,
)
from qieval.core.errors import DataError

CHECKS = checks_table(
    [
        Check("missing_periods", "Missing months", "pass", "None."),
        Check("other_events", "Other events", "info", "One."),
        Check("groups", "Ward A", "info", "Few."),
        Check("groups", "Ward B", "warn", "Very few."),
        Check("groups", "Ward C", "pass", "Enough."),
    ]
)


def test_a_table_has_a_row_a_check_in_their_order():
    assert list(CHECKS.columns) == CHECK_COLUMNS
    assert CHECKS["id"].tolist()[:2] == ["missing_periods", "other_events"]
    assert checks_table([]).columns.tolist() == CHECK_COLUMNS


def test_a_check_is_found_by_its_id():
    check = check_of(CHECKS, "other_events")
    assert check == Check("other_events", "Other events", "info", "One.")
    assert check_of(CHECKS, "groups").check == "Ward A"  # the first of several


def test_a_check_that_was_not_made_is_an_error_that_names_those_that_were():
    with pytest.raises(DataError, match="missing_periods") as caught:
        check_of(CHECKS, "other_event")
    assert "`other_event`" in str(caught.value)


def test_of_several_checks_the_gravest_status_counts():
    assert status_of(CHECKS, "groups") == "warn"
    assert status_of(CHECKS, "missing_periods") == "pass"
    assert status_of(CHECKS, "not_made") is None
    for at, status in enumerate(GRAVEST_FIRST):
        rows = [Check("x", "X", one, "") for one in reversed(GRAVEST_FIRST[at:])]
        assert status_of(checks_table(rows), "x") == status


@pytest.mark.parametrize(
    ("bearing", "certainty"),
    [
        (("missing_periods", "other_events"), "clear"),
        (("groups",), "with reservations"),
        (("other_events", "groups", "not_made"), "with reservations"),
        ((), "clear"),
    ],
)
def test_a_check_that_bears_on_the_answer_and_warns_makes_it_uncertain(bearing, certainty):
    assert certainty_of(CHECKS, bearing) == certainty
