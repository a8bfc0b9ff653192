"""Any grid of cells in any layout, and damaged files: a table, or one of our errors.

Never another exception; rows kept and left out are the rows read; and each number of the table is
a number of the file.
"""

from __future__ import annotations

import datetime as dt
import re
import tempfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import qieval as qi
from qieval.core.errors import QievalError
from tests.intake.reading.workbooks import ods, put, workbook

WORDS = [
    *(
        "period",
        "value",
        "ward",
        "Ward",
        "Year",
        "Month",
        "Measure",
        "Elm",
        "Row Labels",
        "(blank)",
    ),
    *("Total", "Rowan Total", "Grand Total", "Source: NHS", "Note", "Report for March 2024"),
    *("Jan", "Feb", "Mar", "2024-01", "2024-02", "Jan-24", "Q1 2019/20", "2019/20", "13/01/2024"),
    *("<5", "*", "1,234", "12%", "\u00a0", "#DIV/0!", "n", "%", ":", "x", "=SUM(A1:A3)"),
]
NUMBERS = st.one_of(
    st.sampled_from([0, 1, 2, 3, 10, 2022, 2023, 2024, 202401, 45321, 1e300, 0.1, -7.25]),
    st.integers(-9999, 9999),
)
DATES = st.dates(dt.date(2023, 1, 1), dt.date(2025, 1, 1)).map(
    lambda day: dt.datetime(day.year, day.month, day.day)
)
CELLS = st.one_of(st.none(), st.sampled_from(WORDS), NUMBERS, DATES, st.text(max_size=5))
GRIDS = st.lists(st.lists(CELLS, max_size=6), max_size=10)
AREAS = st.lists(st.tuples(*[st.integers(1, 6)] * 2, *[st.integers(1, 3)] * 2), max_size=3)
KINDS = st.sampled_from(["series", "units", "spells", "responses"])


@st.composite
def tables(draw: st.DrawFn) -> list[list[Any]]:
    """A table with headings, with something above, below and beside it."""
    width = draw(st.integers(2, 5))
    first = draw(st.sampled_from(["period", "Month", "ward", "Year", None]))
    rest = st.lists(
        st.one_of(st.sampled_from(WORDS), DATES, st.integers(2019, 2024), st.integers(1, 12)),
        min_size=width - 1,
        max_size=width - 1,
    )
    body = [
        [draw(st.one_of(st.sampled_from(["2024-01", "2024-02", "Elm", "Jan"]), CELLS))]
        + [draw(st.one_of(NUMBERS, NUMBERS, CELLS)) for _ in range(width - 1)]
        for _ in range(draw(st.integers(1, 6)))
    ]
    above, below = draw(GRIDS), draw(GRIDS)
    gap: list[list[Any]] = [[]] * draw(st.integers(0, 1))
    left = [None] * draw(st.integers(0, 2))
    return [*above, *gap, *[[*left, *row] for row in [[first, *draw(rest)], *body]], *gap, *below]


def numbers_of(rows: list[list[Any]]) -> set[float]:
    """Every number that a grid shows, as it stands, per cent of it, and bounds of small numbers."""
    found: set[float] = set()
    for cell in (cell for row in rows for cell in row):
        if isinstance(cell, bool) or cell is None or isinstance(cell, dt.date):
            continue
        texts = re.findall(r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?", str(cell).replace(",", ""))
        values = [float(cell)] if not isinstance(cell, str) else [float(text) for text in texts]
        for value in values:
            found |= {value, -value, value / 100, value - 1, value + 1}
    return found | {0.0, 1.0}


def attempt(file: Path, kind: str, rows: list[list[Any]] | None = None, **parameters: Any) -> None:
    refusal, loaded = "", None
    try:
        loaded = qi.read(file, kind, **parameters)
    except QievalError as error:
        refusal = str(error)
    if loaded is None:
        assert refusal
        assert str(file.parent) not in refusal
        return
    passport = loaded.passport
    assert passport.rows_kept == len(loaded.table)
    assert passport.rows_read == passport.rows_kept + passport.dropped["rows"].sum()
    assert str(passport)
    assert passport._repr_mimebundle_()["text/html"]
    if rows is not None:
        known = numbers_of(rows)
        for name in loaded.table.select_dtypes("number"):
            values = set(loaded.table[name].dropna().astype(float))
            assert values <= known, (name, values - known)


def written(folder: str, rows: list[list[Any]], areas: list[tuple[int, int, int, int]]) -> Path:
    book = openpyxl.Workbook()
    rows = [[_writable(cell) for cell in row] for row in rows]
    put(book.active, rows)
    for top, left, down, across in areas:
        book.active.merge_cells(
            start_row=top, start_column=left, end_row=top + down - 1, end_column=left + across - 1
        )
    book.save(Path(folder) / "book.xlsx")
    return Path(folder) / "book.xlsx"


def _writable(cell: Any) -> Any:
    """Text without the control characters that no workbook can hold."""
    return (
        re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "", cell)
        if isinstance(cell, str)
        else cell
    )


@given(rows=st.one_of(GRIDS, tables()), areas=AREAS, kind=KINDS, strict=st.booleans())
def test_any_grid_in_a_workbook(
    rows: list[list[Any]], areas: list[tuple[int, int, int, int]], kind: str, strict: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        attempt(written(folder, rows, areas), kind, rows, strict=strict)


@given(
    rows=st.one_of(GRIDS, tables()), kind=KINDS, strict=st.booleans(), mark=st.sampled_from(",;\t")
)
def test_any_grid_in_a_text_file(rows: list[list[Any]], kind: str, strict: bool, mark: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "a.csv"
        lines = [mark.join(_quoted(cell) for cell in row) for row in rows]
        file.write_bytes("\n".join(lines).encode("utf-8", "surrogatepass"))
        attempt(file, kind, rows, strict=strict)


def _quoted(cell: Any) -> str:
    text = "" if cell is None else str(cell)
    return '"' + text.replace('"', '""') + '"'


@given(
    rows=tables(),
    header=st.one_of(st.none(), st.integers(1, 12)),
    table=st.one_of(st.none(), st.integers(1, 3), st.just("value")),
    totals=st.sampled_from(["check", "leave_out", "keep"]),
    rows_are=st.sampled_from([None, "measures", "units"]),
    merged=st.sampled_from([None, "fill", "first"]),
    years=st.sampled_from([None, "calendar", "financial"]),
    period_of_file=st.sampled_from([None, "2024-03"]),
    areas=AREAS,
)
def test_any_parameters_of_layout(
    rows: list[list[Any]], areas: list[tuple[int, int, int, int]], **parameters: Any
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        attempt(written(folder, rows, areas), "series", rows, strict=False, **parameters)


def _damaged(content: bytes, places: list[tuple[float, int]]) -> bytes:
    damaged = bytearray(content)
    for where, byte in places:
        damaged[int(where * (len(damaged) - 1))] = byte
    return bytes(damaged)


PLACES = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=6)


@given(places=PLACES)
@pytest.mark.parametrize("ending", ["xlsx", "ods"])
def test_damaged_workbooks(ending: str, places: list[tuple[float, int]]) -> None:
    rows = [["Report"], ["period", "value"], ["2024-01", 1], ["2024-02", 2], ["Total", 3]]
    with tempfile.TemporaryDirectory() as folder:
        make = workbook if ending == "xlsx" else ods
        file = make(Path(folder), rows)
        file.write_bytes(_damaged(file.read_bytes(), places))
        attempt(file, "series", strict=False)


@pytest.mark.mirror
@given(places=PLACES)
def test_damaged_old_workbooks(mirror: Path, places: list[tuple[float, int]]) -> None:
    content = (mirror / "england-smi-physical-health" / "Sub-ICBs Location.xls").read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "old.xls"
        # Most of a workbook is its cells: damage its first sectors as well.
        early = [(where / 50, byte) for where, byte in places]
        file.write_bytes(_damaged(content, [*places, *early[:1]]))
        attempt(file, "units", columns={"unit": "Organization Code"}, strict=False)
