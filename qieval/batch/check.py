"""Look at what a plan would read and measure, without running anything."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from qieval.batch.flat import lines_instead
from qieval.batch.plan import Item
from qieval.catalogue import Evaluation, evaluation, load
from qieval.core.columns import require
from qieval.core.errors import DataError, QievalError
from qieval.intake.reading import read
from qieval.intake.theories import read_theory
from qieval.params import EvaluationFile, Parameters

FLOW = "qieval.flow."
"""Steps that make of a table what the analysis takes."""

COLUMNS = ("value", "numerator", "denominator")
"""Parameters that name a column of that table."""


@dataclass(frozen=True)
class Checked:
    """One evaluation's data, looked at."""

    name: str  # the evaluation
    data: str = ""  # the source's name, as shown
    rows: str = ""  # how many rows are used: "83 of 96"
    error: QievalError | None = None  # why the data cannot be used
    doubtful: tuple[str, ...] = ()  # what reading proposed and nobody has confirmed
    notice: str = ""  # for a file that says itself what is read: the lines that would replace it


def check(item: Item) -> Checked:
    """Read and measure the data of one evaluation as its notebook would."""
    row = evaluation(item.file.notebook)
    asked = Parameters(row.name, item.file.parameters)
    functions = row.functions()
    checked = Checked(item.name, notice=lines_instead(item.file))
    source = str(asked.values.get("source") or asked.values.get("project"))
    try:
        if read_theory in functions:
            told = read_theory(**asked.of(read_theory))
            rows = "none" if told.cycles is None else f"{len(told.cycles):,} of its cycles"
            return replace(checked, data=told.passport.source, rows=rows)
        if read not in functions:
            return replace(checked, data="none")
        loaded = read(**asked.of(read))
        passport = loaded.passport
        checked = replace(
            checked,
            data=passport.source,
            rows=f"{passport.rows_kept:,} of {passport.rows_read:,}",
            doubtful=tuple(passport.doubtful),
        )
        _measured(row, asked, item.file, loaded.table)
    except QievalError as error:
        return replace(checked, data=checked.data or source, error=error)
    return checked


def _measured(row: Evaluation, asked: Parameters, file: EvaluationFile, table: Any) -> None:
    """Take the table through the steps before the analysis; refuse a column that is not there.

    A table that stays in a database is left there: measuring it is a run.
    """
    for step in row.before:
        if step.startswith(FLOW) and isinstance(table, pd.DataFrame):
            function = load(step)
            table = function(table, **asked.of(function)).table
    takes = asked.of(load(row.analysis))
    if not isinstance(table, pd.DataFrame) or not all(
        step.startswith(FLOW) for step in row.before[1:]
    ):
        return
    for name in COLUMNS:
        column = takes.get(name)
        if name in row.own or not isinstance(column, str):
            continue
        try:
            require(table, [column])
        except DataError as error:
            raise DataError(
                error.problem,
                found=error.found,
                remedy=error.remedy,
                where=file.places.get(name) or None,
            ) from error
