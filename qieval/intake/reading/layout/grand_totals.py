"""Columns of grand totals, as pivot tables have them: checked against the others and left out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qieval.core.errors import listed
from qieval.intake.reading.layout.blocks import Block
from qieval.intake.reading.layout.cell_types import BLANK, GRAND_TOTAL, LABELS, names_the_figure
from qieval.intake.reading.layout.draft import Draft
from qieval.intake.reading.layout.grid import Grid
from qieval.intake.reading.layout.sums import Figures, tolerance
from qieval.intake.reading.raw import as_text
from qieval.intake.reading.request import Request


def leave_out_grand_totals(draft: Draft, grid: Grid, block: Block, request: Request) -> list[str]:
    """Take columns of grand totals, and empty ones, out of what was a pivot table.

    Returns what each total was checked against.

    Raises DataError if one is not the sum of its parts, and reading is strict.
    """
    above = [
        [grid.at(row, place) for place in grid.filled(row, block.area.left, block.area.right)]
        for row in block.titles
    ]
    figures = [cells[0] for cells in above if names_the_figure(cells)]
    if not figures and draft.names[0].casefold() not in LABELS:
        return []
    draft.notes += [f"A pivot table; above it stands `{as_text(figure)}`." for figure in figures]
    empty = [
        place
        for place, name in enumerate(draft.names)
        if name.endswith(BLANK) and draft.cells[place].isna().all()
    ]
    asked = set(request.columns.values())
    totals = [
        place
        for place, name in enumerate(draft.names)
        if request.totals != "keep" and GRAND_TOTAL.fullmatch(name) and name not in asked
    ]
    table = Figures(draft.cells, draft.names, set())
    checked = []
    for place in totals if request.totals == "check" else []:
        parts = _parts_of(draft, place, [p for p in table.values if p not in {*totals, *empty}])
        if place not in table.values or len(parts) < 2:
            checked.append(f"column `{draft.names[place]}`: could not be checked")
            continue
        checked.append(_checked(draft, table, place, parts, request))
    gone = [draft.names[place] for place in [*empty, *totals]]
    for name in gone:
        draft.drop(name)
    if gone:
        draft.notes.append(f"Columns left out: {listed(gone)}.")
    return checked


def _parts_of(draft: Draft, total: int, figures: Sequence[int]) -> list[int]:
    """The columns that a grand total adds up: those of its figure, where there are several."""
    name = draft.names[total].casefold()
    of = name.removeprefix("total ") if name.startswith("total ") else ""
    if not of:
        return list(figures)
    return [place for place in figures if str(draft.parts[place][-1]).casefold() == of]


def _checked(
    draft: Draft, table: Figures, place: int, parts: Sequence[int], request: Request
) -> str:
    name = draft.names[place]
    figures = np.column_stack([table.values[part] for part in parts])
    for row, said, these in zip(table.rows, table.values[place], figures, strict=True):
        some = these[~np.isnan(these)]
        if np.isnan(said) or not len(some) or abs(some.sum() - said) <= tolerance(some, said):
            continue
        if some.min() - 1e-9 <= said <= some.max() + 1e-9 and len(some) > 1:
            return f"column `{name}`: an average or the like, which is no sum"
        note = request.ask(
            f"`{name}` is called a total, but the columns beside it do not add up to it.",
            found=f"row {int(row):,}: they make {some.sum():,.12g}, it says {said:,.12g}",
            remedy="Correct the file, or say what to do with such columns: `totals: leave_out` or "
            "`totals: keep`.",
            proposal=f"`{name}` was left out.",
        )
        draft.notes.append(note)
        return f"column `{name}`: does not agree with the columns beside it"
    return f"column `{name}`: the sum of {listed([draft.names[part] for part in parts], 3)}"
