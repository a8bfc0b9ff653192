"""Bed days: METHODS §5's table, sums, leave, overlaps, refusals, and a night-by-night reference."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import ibis
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qieval as qi
from qieval.core.errors import DataError, ParameterError, QievalError
from qieval.core.periods import start_of
from tests.flow.reference import night_by_night

RULES = ("mhsds", "phs")


def stays(*rows: tuple[str, str, str | None, str], dates: str = "datetime64[us]") -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["person", "start", "end", "ward"])
    return table.assign(
        start=pd.to_datetime(table["start"]).astype(dates),
        end=pd.to_datetime(table["end"]).astype(dates),
    )


def one(start: str, end: str | None) -> pd.DataFrame:
    return stays(("a", start, end, "X"))


# --- the rules -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "extract", "mhsds", "phs"),
    [
        ("2024-01-30", "2024-02-02", None, {"Jan": 2, "Feb": 1}, {"Jan": 1, "Feb": 2}),
        ("2024-01-31", "2024-02-01", None, {"Jan": 1, "Feb": 0}, {"Jan": 0, "Feb": 1}),
        ("2024-02-10", "2024-02-10", None, {"Feb": 0}, {"Feb": 0}),
        (
            "2024-01-05",
            "2024-03-05",
            None,
            {"Jan": 27, "Feb": 29, "Mar": 4},
            {"Jan": 26, "Feb": 29, "Mar": 5},
        ),
        ("2024-02-29", None, "2024-03-31", {"Feb": 1, "Mar": 31}, {"Feb": 0, "Mar": 31}),
    ],
)
def test_the_table_of_the_methods(
    start: str, end: str | None, extract: str | None, mhsds: dict, phs: dict
) -> None:
    for rule, expected in (("mhsds", mhsds), ("phs", phs)):
        out = qi.bed_days(one(start, end), rule=rule, extract_date=extract)
        months = out["period"].dt.strftime("%b")
        assert dict(zip(months, out["bed_days"], strict=True)) == expected
        assert list(out) == [
            "period",
            "bed_days",
            "leave_days",
            "bed_days_net",
            "days_in_period",
        ]
        assert out.dtypes.astype(str).tolist() == ["datetime64[us]", *["int64"] * 4]


def test_times_of_day_are_cut_off_and_midnight_belongs_to_the_new_date() -> None:
    table = one("2024-01-30 23:59", "2024-02-02 00:00")
    assert qi.bed_days(table)["bed_days"].tolist() == [2, 1]


@pytest.mark.parametrize(
    ("period", "first", "days", "in_period"),
    [
        ("week", "2024-01-29", [5, 0], [7, 7]),
        ("month", "2024-01-01", [1, 4], [31, 29]),
        ("quarter", "2024-01-01", [5], [91]),
        ("year", "2024-01-01", [5], [366]),
        ("financial_year", "2023-04-01", [5], [366]),
        ("day", "2024-01-31", [1, 1, 1, 1, 1, 0], [1] * 6),
    ],
)
def test_every_kind_of_period(period: str, first: str, days: list, in_period: list) -> None:
    out = qi.bed_days(one("2024-01-31", "2024-02-05"), period=period)
    assert out["period"].iloc[0] == pd.Timestamp(first)
    assert out["bed_days"].tolist() == days
    assert out["days_in_period"].tolist() == in_period


def test_every_group_gets_every_period_and_zeros_are_real() -> None:
    table = stays(("a", "2024-01-05", "2024-01-07", "X"), ("b", "2024-03-05", "2024-03-06", "Y"))
    out = qi.bed_days(table, by="ward")
    assert list(out)[:2] == ["ward", "period"]
    assert out["ward"].tolist() == ["X"] * 3 + ["Y"] * 3
    assert out["bed_days"].tolist() == [2, 0, 0, 0, 0, 1]
    assert out["days_in_period"].tolist() == [31, 29, 31] * 2


def test_several_groups() -> None:
    table = stays(("a", "2024-01-05", "2024-01-07", "X"), ("b", "2024-01-05", "2024-01-06", "Y"))
    out = qi.bed_days(table.assign(sex=["f", "m"], code=[1, 2]), by=["ward", "sex", "code"])
    assert out[["ward", "sex", "code", "bed_days"]].to_numpy().tolist() == [
        ["X", "f", 1, 2],
        ["Y", "m", 2, 1],
    ]


def test_a_blank_ward_is_a_group_of_its_own() -> None:
    table = stays(("a", "2024-01-05", "2024-01-07", "X"))
    table = pd.concat([table, table.assign(person="b", ward=None)], ignore_index=True)
    out = qi.bed_days(table, by="ward")
    assert out["ward"].tolist() == ["X", "not recorded"]
    assert "1 stay with a blank in `ward`: shown as `not recorded`." in out.attrs["notes"]


# --- overlaps and leave --------------------------------------------------------------------------


def test_overlapping_and_nested_stays_count_a_night_once_for_the_one_that_started_first() -> None:
    table = stays(
        ("a", "2024-02-05", "2024-02-20", "Y"),
        ("a", "2024-01-30", "2024-02-10", "X"),
        ("a", "2024-02-06", "2024-02-08", "Z"),
        ("b", "2024-02-05", "2024-02-08", "Z"),
    )
    out = qi.bed_days(table, by="ward", period="quarter")
    assert dict(zip(out["ward"], out["bed_days"], strict=True)) == {"X": 11, "Y": 10, "Z": 3}
    assert (
        "2 stays overlap an earlier stay of the same person: 7 bed days counted once, for the stay "
        "that started first." in out.attrs["notes"]
    )


def test_of_stays_that_start_together_the_longest_comes_first() -> None:
    table = stays(("a", "2024-02-05", "2024-02-08", "X"), ("a", "2024-02-05", "2024-02-20", "Y"))
    out = qi.bed_days(table, by="ward")
    assert out["bed_days"].tolist() == [0, 15]


def test_stays_that_abut_do_not_overlap() -> None:
    table = stays(("a", "2024-02-05", "2024-02-08", "X"), ("a", "2024-02-08", "2024-02-20", "Y"))
    for rule in RULES:
        out = qi.bed_days(table, by="ward", rule=rule)
        assert out["bed_days"].tolist() == [3, 12]
        assert not any("overlap" in note for note in out.attrs["notes"])


def test_leave_is_taken_off_once_and_only_within_the_stay() -> None:
    leave = stays(
        ("a", "2024-02-01", "2024-02-07", ""),
        ("a", "2024-02-03", "2024-02-05", ""),
        ("a", "2024-02-06", "2024-02-25", ""),
        ("b", "2024-02-06", "2024-02-25", ""),
    )
    out = qi.bed_days(one("2024-01-30", "2024-02-20"), leave=leave)
    assert out["bed_days"].tolist() == [2, 19]
    assert out["leave_days"].tolist() == [0, 19]
    assert out["bed_days_net"].tolist() == [2, 0]
    assert out.attrs["notes"][-1] == (
        "Leave: 19 days taken off, overlapping leave once. 24 days of leave lie outside any stay "
        "and were not taken off."
    )


def test_leave_without_an_end_lasts_to_the_extract_date() -> None:
    leave = one("2024-03-30", None)
    out = qi.bed_days(one("2024-03-25", None), leave=leave, extract_date="2024-03-31")
    assert out[["bed_days", "leave_days", "bed_days_net"]].to_numpy().tolist() == [[7, 2, 5]]


# --- properties ----------------------------------------------------------------------------------

DAYS = st.dates(dt.date(2023, 12, 20), dt.date(2024, 3, 15))
EXTRACT = pd.Timestamp("2024-03-31")


@st.composite
def tables(draw: st.DrawFn, most: int = 8, one_stay_each: bool = False) -> pd.DataFrame:
    rows = []
    for number in range(draw(st.integers(1, most))):
        start = draw(DAYS)
        end = draw(st.none() | st.dates(start, dt.date(2024, 3, 31)))
        person = str(number) if one_stay_each else draw(st.sampled_from("abc"))
        # One ward for all that start together with the same end: which comes first is no matter.
        rows.append((person, start, end, f"{start.day % 3}{end.day % 2 if end else ''}"))
    table = pd.DataFrame(rows, columns=["person", "start", "end", "ward"])
    return table.assign(start=pd.to_datetime(table["start"]), end=pd.to_datetime(table["end"]))


@settings(max_examples=25)
@given(spells=tables(one_stay_each=True), rule=st.sampled_from(RULES))
def test_the_sum_over_months_is_discharge_less_admission(spells: pd.DataFrame, rule: str) -> None:
    closed = spells.assign(end=spells["end"].fillna(EXTRACT))
    out = qi.bed_days(closed, by="ward", rule=rule)
    assert out["bed_days"].sum() == (closed["end"] - closed["start"]).dt.days.sum()


@given(
    spells=tables(),
    leave=tables(),
    rule=st.sampled_from(RULES),
    period=st.sampled_from([("month", "M"), ("week", "W-SUN"), ("day", "D"), ("year", "Y-MAR")]),
)
def test_night_by_night(
    spells: pd.DataFrame, leave: pd.DataFrame, rule: str, period: tuple[str, str]
) -> None:
    every, frequency = period
    every = "financial_year" if frequency == "Y-MAR" else every
    before = spells.copy(deep=True)
    out = qi.bed_days(spells, by="ward", period=every, rule=rule, extract_date=EXTRACT, leave=leave)
    bed_days, leave_days = night_by_night(spells, leave, rule, EXTRACT, frequency)
    found = out.set_index(["ward", "period"])
    assert {cell: days for cell, days in found["bed_days"].items() if days} == dict(bed_days)
    assert {c: days for c, days in found["leave_days"].items() if days} == {
        c: days for c, days in leave_days.items() if days
    }
    assert (found["bed_days_net"] == found["bed_days"] - found["leave_days"]).all()
    touched = pd.concat([spells["start"], spells["end"].fillna(EXTRACT)])
    assert found.index.get_level_values("period").min() == start_of(touched, every).min()
    assert found.index.get_level_values("period").max() == start_of(touched, every).max()
    pd.testing.assert_frame_equal(spells, before)


@settings(max_examples=20)
@given(leave=tables(), rule=st.sampled_from(RULES))
def test_leave_twice_is_leave_once(leave: pd.DataFrame, rule: str) -> None:
    spells = stays(("a", "2023-12-25", "2024-02-20", "X"), ("b", "2024-01-25", None, "Y"))
    once = qi.bed_days(spells, rule=rule, leave=leave, extract_date=EXTRACT)
    twice = qi.bed_days(
        spells, rule=rule, leave=pd.concat([leave, leave, leave.head(1)]), extract_date=EXTRACT
    )
    pd.testing.assert_frame_equal(once, twice)
    assert (once["leave_days"] <= once["bed_days"]).all()


@settings(max_examples=12)
@given(spells=tables())
def test_the_order_of_rows_does_not_matter(spells: pd.DataFrame) -> None:
    one_way = qi.bed_days(spells, by="ward", extract_date=EXTRACT)
    other = qi.bed_days(spells.iloc[::-1], by="ward", extract_date=EXTRACT)
    pd.testing.assert_frame_equal(one_way, other)


# --- what it takes -------------------------------------------------------------------------------


def test_any_form_of_table_gives_the_same(tmp_path: Path) -> None:
    table = stays(("a", "2024-01-30", "2024-02-02", "X"), ("b", "2024-02-01", None, "Y"))
    expected = qi.bed_days(table, by="ward", extract_date="2024-02-29")
    file = tmp_path / "stays.parquet"
    table.to_parquet(file)
    connection = ibis.duckdb.connect()
    forms = {
        "path": str(file),
        "expression": connection.read_parquet(file),
        "dates as objects": table.assign(start=table["start"].dt.date),
        "other resolution": table.astype({"start": "datetime64[ns]", "end": "datetime64[s]"}),
        "time zone": table.assign(start=table["start"].dt.tz_localize("Europe/London")),
        "numbers as persons": table.assign(person=[1, 2]),
    }
    for form, given_table in forms.items():
        out = qi.bed_days(given_table, by="ward", extract_date=dt.date(2024, 2, 29))
        pd.testing.assert_frame_equal(out, expected, obj=form)
    assert connection.list_tables() is not None  # a connection of the caller's stays open
    out = qi.bed_days(table, by="ward", extract_date=EXTRACT, backend=connection)
    assert out["bed_days"].sum() == 3 + 60


def test_the_callers_table_is_not_changed() -> None:
    table = stays(("a", "2024-01-30 10:00", "2024-02-02", "X")).set_axis([17])
    before = table.copy(deep=True)
    qi.bed_days(table, by="ward", leave=table)
    pd.testing.assert_frame_equal(table, before)


# --- what it refuses -----------------------------------------------------------------------------


def refused(error: type[QievalError], *args: object, **parameters: object) -> str:
    with pytest.raises(error) as caught:
        qi.bed_days(*args, **parameters)  # type: ignore[arg-type]
    return str(caught.value)


def test_an_open_stay_needs_the_extract_date() -> None:
    table = stays(("943 476 5919", "2024-01-30", None, "X"), ("b", "2024-01-30", "2024-02-01", "X"))
    text = refused(ParameterError, table)
    assert "`extract_date` is needed: 1 row of stays without an end." in text
    assert "Found: row 1" in text
    assert "never taken to be today" in text
    assert "943" not in text


def test_impossible_stays_are_named_by_row_never_by_person() -> None:
    table = stays(
        ("NHS1", "2024-01-30", "2024-02-02", "X"),
        ("NHS2", "2024-02-02", "2024-01-30", "X"),
        ("NHS3", "2024-02-02", "2024-04-30", "X"),
        ("NHS4", "2024-04-02", None, "X"),
    )
    text = refused(DataError, table, extract_date="2024-03-31")
    assert "stays: 3 rows cannot be used." in text
    assert "row 2, column `end`: the end is before the start" in text
    assert "row 3, column `end`: the end is after the extract date" in text
    assert "row 4, column `start`: the start is after the extract date" in text
    assert "NHS" not in text
    of_a_file = table.set_axis(pd.Index([2, 5, 6, 7], name="row"))
    assert "row 5, column `end`" in refused(DataError, of_a_file, extract_date="2024-03-31")


def test_blank_persons_and_starts() -> None:
    table = stays(("a", "2024-01-30", "2024-02-02", "X"), ("b", "2024-01-30", "2024-02-02", "X"))
    table.loc[0, "person"] = None
    table.loc[1, "start"] = pd.NaT
    text = refused(DataError, table)
    assert "row 1, column `person`: is blank" in text
    assert "row 2, column `start`: is blank" in text


def test_leave_is_checked_as_stays_are() -> None:
    table = one("2024-01-30", "2024-02-02")
    assert "leave: 1 row cannot be used." in refused(
        DataError, table, leave=one("2024-02-02", "2024-01-30")
    )
    assert "1 row of leave without an end" in refused(
        ParameterError, table, leave=one("2024-01-30", None)
    )


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"rule": "mhsd"}, "Did you mean `mhsds`?"),
        ({"period": "fortnight"}, "Unknown kind of period."),
        ({"by": "period"}, "Leave out or rename `period`."),
        ({"by": ["ward", "ward"]}, "each once"),
        ({"extract_date": "31/03/2024"}, "Write it as `2024-03-31`."),
        ({"backend": "somewhere"}, "This is no address of a database."),
    ],
)
def test_parameters_that_cannot_be(parameters: dict, says: str) -> None:
    assert says in refused(ParameterError, one("2024-01-30", "2024-02-02"), **parameters)


def test_tables_that_cannot_be(tmp_path: Path) -> None:
    table = one("2024-01-30", "2024-02-02")
    text = refused(DataError, table.rename(columns={"ward": "Ward"}), by="ward")
    assert "Did you mean `Ward`?" in text
    assert "`start` does not hold dates." in refused(DataError, table.assign(start="30/01/2024"))
    assert "There are no rows of stays." in refused(DataError, table.head(0))
    assert "must be a Parquet file" in refused(DataError, str(tmp_path / "no.parquet"))


# --- published data ------------------------------------------------------------------------------


@pytest.mark.mirror
def test_the_mimic_demo_has_1193_nights_by_both_rules(mirror: Path) -> None:
    spells = qi.read(
        mirror / "mimic3-demo-spells" / "mimic3_demo_spells.csv",
        "spells",
        columns={"person": "subject_id", "start": "admittime", "end": "dischtime"},
    ).table
    nights, days = (qi.bed_days(spells, rule=rule)["bed_days"] for rule in RULES)
    assert nights.sum() == days.sum() == 1_193
    assert (nights != days).any()
    assert not any("overlap" in note for note in qi.bed_days(spells).attrs["notes"])
    assert "3 stays began and ended on one day: 0 bed days." in qi.bed_days(spells).attrs["notes"]
