"""The registry of kinds, and what each must say for the reader to use it."""

from __future__ import annotations

import ibis
import pandas as pd
import pandera.pandas as pa
import pytest

from qieval.core.errors import ParameterError
from qieval.intake.backends import FILE_ROW, connect
from qieval.intake.tables import KINDS, kind_named
from qieval.intake.tables.faults import Fault, error_from, faults_of, row_numbers
from qieval.intake.tables.in_database import broken_rules, faults_in, without


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_is_complete(name: str) -> None:
    kind = KINDS[name]
    assert kind.name == name
    assert kind.row
    assert kind.required or name == "responses"  # its items are the questionnaire's own
    assert isinstance(kind.schema(), pa.DataFrameSchema)
    for column, described in kind.columns.items():
        assert described.description, column
        assert kind.holds(column) in ("text", "date", "moment", "period", "number")
    for rule in kind.rules:
        assert rule.column in kind.columns


def test_an_unknown_kind_names_the_nearest() -> None:
    with pytest.raises(ParameterError, match="Did you mean `series`"):
        kind_named("serie")


def test_who_must_not_be_shown() -> None:
    spells, series = KINDS["spells"], KINDS["series"]
    assert spells.about_people
    assert not series.about_people
    assert spells.identifies("person", "key")
    for heading in ("NHS number", "NHS No", "patient_id", "Postcode", "DOB", "e-mail", "Surname"):
        assert series.identifies(heading), heading
    for heading in ("ward", "NHS Board", "period", "HBT", "AgeGroup", "NHS Trust"):
        assert not series.identifies(heading), heading


def test_what_a_column_of_a_series_holds() -> None:
    series = KINDS["series"]
    assert series.holds("period") == "period"
    assert series.holds("unit", mapped=True) == "text"
    assert series.holds("bed_days", mapped=True) == "number"
    assert series.holds("HBT") == "undecided"


def test_every_row_that_breaks_a_rule_is_found_once_and_none_other() -> None:
    days = pd.to_datetime(["2024-01-05", "2024-01-05", None, "2024-01-09", "2024-01-05"])
    ends = pd.to_datetime(["2024-01-06", "2024-01-06", "2024-01-06", "2024-01-01", None])
    table = pd.DataFrame(
        {
            "person": pd.array(["a", "a", "b", None, "a"], dtype="str"),
            "start": days.as_unit("us"),
            "end": ends.as_unit("us"),
            "ward": pd.array([None, None, None, "X", None], dtype="str"),
        },
        index=pd.Index([2, 3, 4, 7, 8], name="row"),
    )
    found = {
        (row, fault.column, fault.says)
        for fault in faults_of(table, KINDS["spells"])
        for row in fault.rows
    }
    assert found == {
        (3, "person", "repeats row 2 (same person, start, end and ward)"),
        (4, "start", "is blank, and must not be"),
        (7, "person", "is blank, and must not be"),
        (7, "end", "the end is before the start"),
    }


WRONG_STAYS = pd.DataFrame(
    {
        "person": pd.array(["a", None, "c", "d"], dtype="str"),
        "start": pd.to_datetime(["2024-01-05", "2024-01-05", "1899-01-05", None]).as_unit("us"),
        "end": pd.to_datetime(["2024-01-04", "2024-01-06", None, "2024-01-06"]).as_unit("us"),
    },
    index=pd.Index([2, 3, 5, 8], name="row"),
)


def test_memory_a_database_and_pandera_find_the_same_rows() -> None:
    kind = KINDS["spells"]
    in_memory = {(fault.column, fault.says, fault.rows) for fault in faults_of(WRONG_STAYS, kind)}
    assert in_memory == {
        ("person", "is blank, and must not be", (3,)),
        ("start", "is blank, and must not be", (8,)),
        ("start", "the year of the start is outside 1900 to 2299", (5,)),
        ("end", "the end is before the start", (2,)),
    }
    table = ibis.memtable(WRONG_STAYS.reset_index(names=FILE_ROW))
    database = connect()
    broken, totals = broken_rules(database, table, kind.every_rule)
    found = faults_in(database, table, broken)
    assert {(fault.column, fault.says, fault.rows) for fault in found} == in_memory
    assert totals["rows"] == 4
    kept, dropped = without(database, table, broken, {"end": "Discharged"})
    assert database.to_pandas(kept.count()) == 0
    assert ("`Discharged`: the end is before the start", 1, "row 2") in dropped
    with pytest.raises(pa.errors.SchemaErrors) as caught:
        kind.schema().validate(WRONG_STAYS, lazy=True)
    cases = caught.value.failure_cases
    assert {int(row) for row in cases["index"]} == {2, 3, 5, 8}


def test_the_error_is_in_the_order_of_the_file_under_its_own_headings() -> None:
    faults = [Fault((9, 3), "end", "is bad"), Fault((5,), "start", "is bad", "missing")]
    text = str(error_from(faults, headings={"end": "Discharged"}, where="a.csv", strict=True))
    assert text.splitlines() == [
        "a.csv: 3 rows cannot be used.",
        "Found: ",
        "  row 3, column `Discharged`: is bad",
        "  row 5, column `start`: is bad",
        "  row 9, column `Discharged`: is bad",
        "What to do: Correct the file. Or set `strict: false`, which leaves out these 2 rows and "
        "takes the cell as missing and counts it in the passport.",
    ]


def test_row_numbers_in_words() -> None:
    assert row_numbers([7]) == "row 7"
    assert row_numbers([9, 3, 3]) == "rows 3, 9"
    assert row_numbers(range(2, 30), most=3) == "rows 2, 3, 4 and 25 more"
