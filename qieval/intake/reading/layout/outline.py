"""Labels that stand only in the first row of their group, as in pivot tables."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from qieval.intake.reading.layout.body import TOTAL
from qieval.intake.reading.layout.looks import common_look, year_of
from qieval.intake.reading.layout.pivot_words import BLANK, LABELS
from qieval.intake.reading.raw import Cell, as_text, tidy_heading
from qieval.intake.reading.request import Request
from qieval.intake.tables.faults import many
from qieval.intake.tables.series import UNIT_NAMES

_LOOKED_AT = 500


def fill_outline(
    cells: pd.DataFrame, names: Sequence[str], request: Request
) -> tuple[pd.DataFrame, list[str]]:
    """The cells with labels filled down, and what to note.

    A year is filled without asking. Other labels are where the table has other traces of a pivot
    table, or `fill_down` names them; otherwise, if the column matters, that is open.

    Parameters
    ----------
    cells : DataFrame
        Raw cells; the columns are places.
    names : sequence of str
        The heading of each column.
    request : Request
        What the parameters say.

    Raises
    ------
    DataError
        If it is open whether a label stands for the rows below it, and reading is strict.
    """
    notes: list[str] = []
    if request.words_only and not request.fill_down:
        return cells, notes
    named = {tidy_heading(name) for name in request.fill_down}
    pivot = _is_pivot(cells, names)
    filled = cells
    for place in range(cells.shape[1]):
        name = names[place]
        column = cells[place]
        blank = column.isna()
        if not blank.any() or blank.all() or blank.iloc[0]:
            continue
        years = all(year_of(cell) is not None for cell in column[~blank])
        fill = years or name in named
        if not fill and common_look(column) == "number":
            continue
        if not fill and not pivot:
            if 2 * blank.sum() < len(column) or name not in {*request.headings_needed, *UNIT_NAMES}:
                continue
            note = request.ask(
                f"`{name}` is blank in most rows: it may stand for the rows below it as well.",
                found="a label in the first row of each group only, so it seems",
                remedy=f"Say so with `fill_down: [{name}]`, or fill the cells in the file.",
                proposal=f"`{name}` was filled down.",
            )
            notes.append(note)
        down = _filled(filled, place, column)
        count = int((blank & down.notna()).sum())
        if count:
            filled = filled.copy()
            filled[place] = down
            notes.append(
                f"`{name or f'column {place + 1}'}` stands in the first row of each group only: "
                f"{many(count, 'cell')} filled from above."
            )
    return filled, notes


def _is_pivot(cells: pd.DataFrame, names: Sequence[str]) -> bool:
    if any(name.casefold() in LABELS for name in names):
        return True
    labels = {str(cell) for cell in cells[cells.columns[0]].iloc[:_LOOKED_AT] if cell is not None}
    return any(text == BLANK or (TOTAL.search(text) and len(text) < 60) for text in labels)


def _filled(cells: pd.DataFrame, place: int, column: pd.Series) -> pd.Series:
    """Filled from above, but not from a total, and not into a row without any other label."""
    others = [
        other
        for other in cells
        if other != place and common_look(cells[other].iloc[:_LOOKED_AT]) in ("text", "date")
    ]
    has_label = cells[others].notna().any(axis=1).to_numpy() if others else [True] * len(cells)
    down: list[Cell] = []
    last: Cell = None
    for cell, labelled in zip(column, has_label, strict=True):
        if cell is not None:
            last = None if TOTAL.search(as_text(cell) or "") else cell
            down.append(cell)
        else:
            down.append(last if labelled else None)
    return pd.Series(down, index=column.index, dtype=object)
