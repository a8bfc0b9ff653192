"""One table in many layouts: whatever is put around it, each of its figures arrives once."""

from __future__ import annotations

import csv
import datetime as dt
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import qieval as qi
from tests.intake.reading.workbooks import ods, workbook

MONTHS = [dt.datetime(2022 + month // 12, month % 12 + 1, 1) for month in range(24)]
SPELT = ["%b-%y", "%B %Y", "%Y-%m", "%Y%m", "%d/%m/%Y"]


@dataclass(frozen=True)
class Layout:
    """A table as a team may send it."""

    rows: list[list[Any]]
    merged: list[str]
    figures: dict[str, dict[str, int]]  # month → name → figure


@st.composite
def layouts(draw: st.DrawFn) -> Layout:
    months = MONTHS[: draw(st.integers(4, 14))]
    names = draw(st.sampled_from([["Stays"], ["Stays", "Discharges"], ["A in", "B in", "C in"]]))
    drawn = draw(
        st.lists(
            st.integers(100, 99_999),
            min_size=len(months) * len(names),
            max_size=len(months) * len(names),
            unique=True,
        )
    )
    figures = {
        f"{month:%Y-%m}": dict(zip(names, drawn[place :: len(months)], strict=True))
        for place, month in enumerate(months)
    }
    spelling = draw(st.sampled_from([None, *SPELT]))
    labels = [month.strftime(spelling) if spelling else month for month in months]
    wide = draw(st.booleans())
    table = _wide(draw, labels, names, figures) if wide else _long(draw, labels, names, figures)
    above = draw(
        st.sampled_from(
            [[], [["Ward report"]], [["Ward report"], []], [["Ward:", "Rowan"], ["Ward team"], []]]
        )
    )
    below = draw(
        st.sampled_from([[], [[], ["Source: the ward's own book"]], [["* small numbers withheld"]]])
    )
    left = [None] * draw(st.integers(0, 2))
    rows = [[*left, *row] if row else [] for row in [*above, *table, *below]]
    title = f"{'ABC'[len(left)]}1:{'ABCDEF'[len(left) + 2]}1"
    return Layout(rows, [title] if above and len(above[0]) == 1 else [], figures)


def _long(
    draw: st.DrawFn, labels: list[Any], names: list[str], figures: dict[str, dict[str, int]]
) -> list[list[Any]]:
    head = ["period", *names]
    body = [
        [label, *values.values()] for label, values in zip(labels, figures.values(), strict=True)
    ]
    total = ["Total", *(sum(values[name] for values in figures.values()) for name in names)]
    if draw(st.booleans()):
        middle = len(body) // 2
        body[middle:middle] = draw(st.sampled_from([[[]], [head], [[], head]]))
    if draw(st.booleans()):
        body.append(total)
    return [head, *body]


def _wide(
    draw: st.DrawFn, labels: list[Any], names: list[str], figures: dict[str, dict[str, int]]
) -> list[list[Any]]:
    rows = [["Measure", *labels]]
    rows += [[name, *(values[name] for values in figures.values())] for name in names]
    if draw(st.booleans()):
        rows[0].append("Total")
        for row in rows[1:]:
            row.append(sum(row[1:]))
    return rows


def arrived(file: Path, layout: Layout) -> None:
    loaded = qi.read(file, "series")
    table = loaded.table
    got = {
        f"{row['period']:%Y-%m}": {name: row[name] for name in table if name != "period"}
        for _, row in table.iterrows()
    }
    assert got == layout.figures
    passport = loaded.passport
    assert passport.rows_read == passport.rows_kept + passport.dropped["rows"].sum()


@given(layout=layouts())
def test_in_a_workbook(layout: Layout) -> None:
    with tempfile.TemporaryDirectory() as folder:
        arrived(workbook(Path(folder), layout.rows, merged=layout.merged), layout)


def _written(cell: Any) -> Any:
    return f"{cell:%Y-%m-%d}" if isinstance(cell, dt.datetime) else cell


@given(
    layout=layouts(), mark=st.sampled_from(",;\t"), encoding=st.sampled_from(["utf-8", "utf-16"])
)
def test_in_a_text_file(layout: Layout, mark: str, encoding: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "table.csv"
        with file.open("w", encoding=encoding, newline="") as stream:
            rows = [[_written(cell) for cell in row] for row in layout.rows]
            csv.writer(stream, delimiter=mark).writerows(rows)
        arrived(file, layout)


@given(layout=layouts())
def test_in_an_opendocument_sheet(layout: Layout) -> None:
    with tempfile.TemporaryDirectory() as folder:
        rows = [[_written(cell) for cell in row] for row in layout.rows]
        arrived(ods(Path(folder), rows), layout)
