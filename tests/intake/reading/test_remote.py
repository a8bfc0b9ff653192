"""Tables that stay in a database: Parquet files, PostgreSQL, Spark, a file of DuckDB."""

from __future__ import annotations

from pathlib import Path

import duckdb
import ibis.expr.types as ir
import pandas as pd
import pytest
from ibis.backends import BaseBackend

import qieval as qi
from qieval.core.errors import DataError, ParameterError
from qieval.intake.reading.database.places import MOST_IN_MEMORY, is_elsewhere
from tests.flow.test_backends import EXTRACT, LEAVE, SPELLS

CODES = sorted(set(SPELLS["person"]))


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "params").mkdir()
    monkeypatch.setenv("QIEVAL_WORKSPACE", str(tmp_path))
    return tmp_path


@pytest.fixture
def monthly(workspace: Path) -> str:
    """Stays in three Parquet files, named as a pattern."""
    folder = workspace / "spells"
    folder.mkdir()
    for number in range(3):
        SPELLS.iloc[number::3].to_parquet(folder / f"part-{number}.parquet", index=False)
    return "spells/*.parquet"


def one_file(table: pd.DataFrame, workspace: Path, name: str = "big.parquet") -> str:
    """One Parquet file that is treated as one too big for memory: a pattern names it."""
    table.to_parquet(workspace / name, index=False)
    return name.replace(".", "*.")


def nothing_told(*said: object) -> None:
    for text in map(str, said):
        assert not [code for code in CODES if code in text]


# --- what is counted -----------------------------------------------------------------------------


def test_several_parquet_files_are_one_table_and_stay_where_they_are(monthly: str) -> None:
    loaded = qi.read(monthly, "spells")
    assert isinstance(loaded.table, ir.Table)
    here = qi.bed_days(SPELLS, by="ward", extract_date=EXTRACT)
    there = qi.bed_days(loaded.table, by="ward", extract_date=EXTRACT)
    pd.testing.assert_frame_equal(there, here)
    assert there.attrs == here.attrs
    passport = loaded.passport
    assert (passport.rows_read, passport.rows_kept) == (90, 90)
    assert passport.facts["People"] == f"{len(CODES)}"
    assert passport.facts["Still in"] == str(SPELLS["end"].isna().sum())
    assert "Digest of the 3 files" in str(passport)
    assert "spells/*.parquet, 90 rows" in repr(loaded)
    nothing_told(
        passport, passport._repr_mimebundle_()["text/html"], repr(loaded), passport.identifiers
    )


def test_a_folder_is_its_parquet_files(monthly: str) -> None:
    assert qi.read("spells", "spells").passport.digest == qi.read(monthly, "spells").passport.digest


def test_only_a_big_file_stays_where_it_is(workspace: Path) -> None:
    for rows, there in ((MOST_IN_MEMORY, False), (MOST_IN_MEMORY + 1, True)):
        pd.DataFrame({"person": range(rows)}).to_parquet(workspace / "x.parquet")
        assert is_elsewhere("x.parquet") is there
    assert isinstance(qi.read(_small(workspace), "spells").table, pd.DataFrame)


def _small(workspace: Path) -> str:
    SPELLS.to_parquet(workspace / "small.parquet")
    return "small.parquet"


def test_a_measure_with_leave_from_the_same_place(monthly: str, workspace: Path) -> None:
    LEAVE.to_parquet(workspace / "leave.parquet", index=False)
    loaded = qi.read(monthly, "spells")
    asked = {"by": "ward", "extract_date": EXTRACT}
    there = qi.measure(loaded.table, "spells", leave="leave.parquet", **asked)
    here = qi.measure(SPELLS, "spells", leave=LEAVE, **asked)
    pd.testing.assert_frame_equal(there.table, here.table)
    assert there.table["leave_days"].sum() > 0


def test_a_measure_without_an_extract_date_knows_the_last_discharge(monthly: str) -> None:
    ended = SPELLS.dropna(subset="end")
    loaded = qi.read(monthly, "spells")
    closed = loaded.table.filter(loaded.table["end"].notnull())
    assert qi.measure(closed, "spells").notes == qi.measure(ended, "spells").notes


def test_leave_with_pseudonyms_is_not_joined_with_codes(monthly: str, workspace: Path) -> None:
    LEAVE.to_csv(workspace / "leave.csv", index=False)
    away = qi.read("leave.csv", "leave").table
    with pytest.raises(DataError, match="cannot be found among those of the stays"):
        qi.bed_days(qi.read(monthly, "spells").table, extract_date=EXTRACT, leave=away)


# --- columns and rows that are meant -------------------------------------------------------------


def test_other_headings_and_only_some_rows(workspace: Path) -> None:
    theirs = SPELLS.assign(Sex="f", DOB="1950-01-01").rename(
        columns={"person": "PatientRef", "start": "Admitted", "end": "Discharged", "ward": "Ward"}
    )
    source = one_file(theirs, workspace)
    columns = {"person": "PatientRef", "start": "Admitted", "end": "Discharged", "ward": "Ward"}
    loaded = qi.read(
        source, "spells", columns=columns, where={"Ward": ["Ash", "Birch"], "Sex": "f"}
    )
    meant = SPELLS[SPELLS["ward"].isin(["Ash", "Birch"])]
    pd.testing.assert_frame_equal(
        qi.bed_days(loaded.table, by="ward", extract_date=EXTRACT),
        qi.bed_days(meant, by="ward", extract_date=EXTRACT),
    )
    passport = loaded.passport
    assert (passport.rows_read, passport.rows_kept) == (len(SPELLS), len(meant))
    assert passport.dropped["rows"].tolist() == [len(SPELLS) - len(meant), 0]
    assert "DOB" not in loaded.table.columns
    told = passport.identifiers.set_index("column")["holds"].to_dict()
    assert told == {"PatientRef": "hospital numbers", "DOB": "dates of birth"}


@pytest.mark.parametrize(
    ("where", "says"),
    [
        ({"Wart": "Ash"}, r"no column `Wart`.*\n.*\n.*`ward`"),
        (
            {"ward": "Asch"},
            r"`Asch`, which `where` names, does not occur.*\n.*`Ash`(.|\n)*mean `Ash`",
        ),
        ({"person": "Q1"}, "A value that `where` names does not occur in `person`"),
        ({"ward": "Ash", "discharged_to": "nowhere"}, "`nowhere`"),
        ("ward = Ash", "`where` must say for each column"),
    ],
)
def test_where_that_meets_nothing(monthly: str, where: object, says: str) -> None:
    with pytest.raises((DataError, ParameterError), match=says) as caught:
        qi.read(monthly, "spells", where=where)
    nothing_told(caught.value)


def test_conditions_that_no_row_meets_together(workspace: Path) -> None:
    side = SPELLS.assign(side=SPELLS["ward"].map({"Ash": "east"}).fillna("west"))
    with pytest.raises(DataError, match="No row meets all conditions"):
        qi.read(one_file(side, workspace), "spells", where={"ward": "Ash", "side": "west"})


# --- rows that cannot be -------------------------------------------------------------------------


@pytest.fixture
def wrong() -> pd.DataFrame:
    """Rows 5, 9 and 12 cannot be; row 91 repeats row 1."""
    table = pd.concat([SPELLS, SPELLS.iloc[[0]]], ignore_index=True)
    table.loc[4, "end"] = table.loc[4, "start"] - pd.Timedelta(days=2)
    table.loc[8, "person"] = None
    table.loc[11, "start"] = pd.Timestamp("1899-12-30")
    return table


def test_rows_of_one_file_are_told_by_number(wrong: pd.DataFrame, workspace: Path) -> None:
    with pytest.raises(DataError) as caught:
        qi.read(one_file(wrong, workspace), "spells")
    said = str(caught.value)
    for line in (
        "row 5, column `end`: the end is before the start",
        "row 9, column `person`: is blank",
        "row 12, column `start`: the year of the start is outside 1900 to 2299",
    ):
        assert line in said
    assert "3 rows cannot be used" in said
    nothing_told(said)


def test_rows_of_many_files_are_counted(wrong: pd.DataFrame, workspace: Path) -> None:
    (workspace / "spells").mkdir()
    wrong.iloc[:50].to_parquet(workspace / "spells" / "a.parquet")
    wrong.iloc[50:].to_parquet(workspace / "spells" / "b.parquet")
    with pytest.raises(DataError, match=r"column `end`: the end is before the start \(1 row\)"):
        qi.read("spells", "spells")


def test_repeats_are_refused_by_count(workspace: Path) -> None:
    twice = pd.concat([SPELLS, SPELLS.iloc[:2]])
    with pytest.raises(DataError, match="2 rows cannot be used: each repeats an earlier row"):
        qi.read(one_file(twice, workspace), "spells")


def test_lenient_reading_leaves_them_out_and_counts_them(
    wrong: pd.DataFrame, workspace: Path
) -> None:
    loaded = qi.read(one_file(wrong, workspace), "spells", strict=False)
    good = wrong.drop(index=[4, 8, 11, 90])
    pd.testing.assert_frame_equal(
        qi.bed_days(loaded.table, by="ward", extract_date=EXTRACT),
        qi.bed_days(good, by="ward", extract_date=EXTRACT),
    )
    dropped = loaded.passport.dropped
    assert dropped["rows"].tolist() == [1, 1, 1, 1]
    assert dropped["row_numbers"].tolist() == ["row 9", "row 12", "row 5", ""]
    assert (loaded.passport.rows_read, loaded.passport.rows_kept) == (91, 87)
    assert loaded.passport.facts["First admission"] != "30 December 1899"


def test_texts_are_no_dates(workspace: Path) -> None:
    text = SPELLS.assign(start=SPELLS["start"].astype(str))
    with pytest.raises(DataError, match=r"`start` does not hold dates.*\n.*string.*\n.*view"):
        qi.read(one_file(text, workspace), "spells")


def test_blank_texts_and_blanks_around_them(workspace: Path) -> None:
    untidy = SPELLS.assign(ward=SPELLS["ward"].map(lambda ward: f" {ward} ", na_action="ignore"))
    untidy["ward"] = untidy["ward"].fillna("  ")
    there = qi.read(one_file(untidy, workspace), "spells").table
    pd.testing.assert_frame_equal(
        qi.bed_days(there, by="ward", extract_date=EXTRACT),
        qi.bed_days(SPELLS, by="ward", extract_date=EXTRACT),
    )


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("nothing/*.parquet", "There is no such file"),
        ("mixed/*", r"Only Parquet files can be read many at once.*\n.*`b.csv`"),
    ],
)
def test_files_that_are_not_there_or_no_parquet(workspace: Path, source: str, says: str) -> None:
    (workspace / "mixed").mkdir()
    SPELLS.to_parquet(workspace / "mixed" / "a.parquet")
    SPELLS.to_csv(workspace / "mixed" / "b.csv")
    with pytest.raises(DataError, match=says):
        qi.read(source, "spells")


def test_a_database_has_no_sheets(monthly: str) -> None:
    with pytest.raises(ParameterError, match="no sheets"):
        qi.read(monthly, "spells", sheet="Sheet1")


# --- addresses -----------------------------------------------------------------------------------


def put(database: BaseBackend, name: str, table: pd.DataFrame) -> None:
    """A table of the database that lasts as long as the session."""
    if database.name == "pyspark":
        database._session.createDataFrame(table).createOrReplaceTempView(name)
        return
    database.raw_sql(f"drop table if exists {name}").close()
    database.create_table(name, table, temp=True)


@pytest.fixture
def address(request: pytest.FixtureRequest, database: BaseBackend) -> str:
    """The address of a database that holds the example as tables `spells` and `away`."""
    put(database, "spells", SPELLS)
    put(database, "away", LEAVE)
    found: str = request.getfixturevalue(database.name.removeprefix("py"))
    return found


def test_a_table_by_the_address_of_a_database(address: str) -> None:
    loaded = qi.read(f"{address}#spells", "spells")
    asked = {"by": "ward", "extract_date": EXTRACT}
    there = qi.measure(loaded.table, "spells", leave=f"{address}#away", **asked)
    here = qi.measure(SPELLS, "spells", leave=LEAVE, **asked)
    pd.testing.assert_frame_equal(there.table, here.table)
    assert loaded.passport.facts["People"] == f"{len(CODES)}"
    assert "Digest of the table's totals" in str(loaded.passport)
    assert "analyst" not in str(loaded.passport)
    nothing_told(loaded, repr(loaded))
    again = qi.read(f"{address}#spells", "spells", where={"ward": "Ash"})
    assert again.passport.rows_kept == (SPELLS["ward"] == "Ash").sum()
    assert again.passport.digest != loaded.passport.digest


def test_rows_of_a_server_are_counted_not_numbered(database: BaseBackend, address: str) -> None:
    wrong = SPELLS.copy()
    wrong.loc[:2, "end"] = wrong.loc[:2, "start"] - pd.Timedelta(days=1)
    put(database, "spells", wrong)
    with pytest.raises(DataError, match=r"column `end`: the end is before the start \(3 rows\)"):
        qi.read(f"{address}#spells", "spells")
    lenient = qi.read(f"{address}#spells", "spells", strict=False)
    assert lenient.passport.rows_kept == len(SPELLS) - 3
    with pytest.raises(DataError, match=r"before the start \(3 rows\)"):
        qi.bed_days(database.table("spells"), extract_date=EXTRACT)
    with pytest.raises(ParameterError, match="`extract_date` is needed") as caught:
        qi.bed_days(lenient.table)
    assert "row" not in str(caught.value).partition("without")[2].partition("What")[0]


@pytest.fixture
def care(workspace: Path) -> str:
    """A file of DuckDB with a schema."""
    beds = "values ('2024-02', 'Ash', 12), ('2024-01', 'Ash', 11)"
    with duckdb.connect(str(workspace / "care.duckdb")) as made:
        made.sql(
            f"create schema ward; create table ward.beds as from ({beds}) t(period, ward, beds)"
        )
    return "duckdb://care.duckdb"


def test_a_table_without_people_is_read_as_a_file_would_be(care: str) -> None:
    loaded = qi.read(f"{care}#ward.beds", "beds")
    assert loaded.table["beds"].tolist() == [11, 12]
    assert loaded.passport.source == "duckdb://care.duckdb#ward.beds"


def test_a_table_that_is_not_there(care: str) -> None:
    with pytest.raises(DataError, match=r"no such table(.|\n)*tables `beds`"):
        qi.read(f"{care}#ward.bets", "beds")
    with pytest.raises(DataError, match="no such table"):
        qi.read(f"{care}#nowhere.spells", "spells")
    with pytest.raises(ParameterError, match="does not say which table"):
        qi.read(care, "spells")


def test_every_figure_that_stays_are_measured_by(monthly: str) -> None:
    loaded = qi.read(monthly, "spells")
    months = pd.date_range("2023-11-01", "2024-03-01", freq="MS").repeat(3)
    beds = pd.DataFrame({"period": months, "ward": ["Ash", "Birch", "Cedar"] * 5, "beds": 20.0})
    for figures in ("admissions", "occupancy", "length_of_stay", "readmissions"):
        asked = {"by": "ward", "extract_date": EXTRACT, "figures": figures}
        if figures == "occupancy":
            asked["beds"] = beds
        there = qi.measure(loaded.table.filter(loaded.table["ward"].notnull()), "spells", **asked)
        here = qi.measure(SPELLS.dropna(subset="ward"), "spells", **asked)
        pd.testing.assert_frame_equal(there.table, here.table)
        assert there.notes == here.notes


def test_the_passport_can_be_shown_as_a_result(monthly: str, workspace: Path) -> None:
    SPELLS.to_csv(workspace / "spells.csv", index=False)
    there = qi.data_passport(qi.read(monthly, "spells"))
    here = qi.data_passport(qi.read("spells.csv", "spells"))
    in_order = {"by": ["unit", "when"], "ignore_index": True}
    pd.testing.assert_frame_equal(
        there.points.sort_values(**in_order), here.points.sort_values(**in_order)
    )
    assert (
        there.estimates["estimate"]
        .drop("identifiers")
        .equals(here.estimates["estimate"].drop("identifiers"))
    )
    nothing_told(there.summary(), there.to_dict(), there.checks.to_string())
