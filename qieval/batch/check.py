"""Look at what a plan would read and measure, and at files that say everything themselves."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import yaml
from pandas.api.types import is_numeric_dtype

from qieval.batch.asking import Terminal, settle_open
from qieval.batch.new_texts import MEASURED_BY, USUAL_NAMES
from qieval.batch.plan import Item, Plan
from qieval.batch.plan import plan as plan_of
from qieval.catalogue import READ, READ_THEORY, Evaluation, evaluation, load
from qieval.core.columns import require
from qieval.core.errors import DataError, QievalError, listed
from qieval.core.words import many
from qieval.core.workspace import relative
from qieval.flow.recipes import Meaning, known_in_measures
from qieval.intake.reading import read
from qieval.intake.reading.questions import OpenQuestions, parameter_line
from qieval.intake.recipes import known_in_data
from qieval.intake.theories import read_theory
from qieval.params import EvaluationFile, Parameters
from qieval.params.known import CALLED_HERE, taken_by_steps

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
    described: str = ""  # file and line that name the data, where what to do is written
    doubtful: tuple[str, ...] = ()  # what reading proposed and nobody has confirmed
    notice: str = ""  # for a file that says itself what is read: the lines that would replace it


def check_asking(plan: Plan, terminal: Terminal | None) -> Iterator[Checked]:
    """Look at the data of each evaluation of a plan; somebody at a terminal is asked what is open.

    The answers are written, and the data looked at again, until nothing is open or they leave it
    open. Evaluations of the same data are asked about once.
    """
    answered = False
    for planned in plan.items:
        item = _again(planned, plan) if answered else planned
        checked = check(item)
        while (
            terminal is not None
            and isinstance(checked.error, OpenQuestions)
            and settle_open(item.file, checked.error, terminal, plan.root)
        ):
            answered, item = True, _again(item, plan)
            checked = check(item)
        yield checked


def _again(item: Item, plan: Plan) -> Item:
    """An evaluation as its files say now."""
    again = plan_of([item.file.path], plan.root)
    for problem in again.problems:
        raise problem.error
    return again.items[0]


def check(item: Item) -> Checked:
    """Read and measure the data of one evaluation as its notebook would."""
    row = evaluation(item.file.notebook)
    asked = Parameters(row.name, item.file.parameters)
    checked = Checked(item.name, notice=lines_instead(item.file))
    source = str(asked.values.get("source") or asked.values.get("project"))
    try:
        if READ_THEORY in row.steps:
            told = read_theory(**asked.of(read_theory))
            rows = "none" if told.cycles is None else f"{len(told.cycles):,} of its cycles"
            return replace(checked, data=told.passport.source, rows=rows)
        if READ not in row.steps:
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
        described = item.file.places.get("source", "")
        return replace(checked, data=checked.data or source, error=error, described=described)
    return checked


def _measured(row: Evaluation, asked: Parameters, file: EvaluationFile, table: Any) -> None:
    """Take the table through the steps before the analysis; refuse a column that is not there.

    A table that stays in a database is left there: measuring it is a run.
    """
    for step in row.before:
        if step.startswith(FLOW) and isinstance(table, pd.DataFrame):
            function = load(step)
            table = function(table, **asked.of(function)).table
    taken = taken_by_steps(row.name)[row.analysis]
    takes = {name: asked.values[name] for name in taken if name in asked.values}
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
            raise error.at(file.places.get(name, "")) from error
    if not takes.get("by"):
        _refuse_rows_twice(row, takes, asked.values.get("where") or {}, table)


def _refuse_rows_twice(
    row: Evaluation, takes: Mapping[str, Any], where: Mapping[str, Any], table: pd.DataFrame
) -> None:
    """Refuse a table with several rows where the analysis takes one; name what tells them apart."""
    key = takes.get(row.one_row_a)
    if not isinstance(key, str) or key not in table:
        return
    twice = table[key].duplicated(keep=False)
    if not twice.any():
        return
    groups = table[twice].groupby(key, sort=False)
    others = [str(name) for name in table if name != key and not is_numeric_dtype(table[name])]
    tell = [name for name in others if groups[name].nunique().max() > 1]
    left, conditions = table[twice], dict(where)
    for name in tell:
        conditions[name] = str(left[name].iloc[0])
        left = left[left[name].astype(str) == conditions[name]]
        if not left[key].duplicated().any():
            break
    raise DataError(
        f"There is more than one row for the same `{key}`: {row.title.partition(':')[0].lower()} "
        "takes one.",
        found=f"{many(int(twice.sum()), 'row')}"
        + (f", told apart by {listed(tell)}" if tell else ""),
        remedy=f"Keep the rows that are meant: {parameter_line('where', conditions)}."
        if tell
        else "Add them up in the file, or leave out those that are not meant.",
    )


def lines_instead(file: EvaluationFile) -> str:
    """What would replace the lines of a file that says itself what is read; "" if there are none.

    Such a file is read as it always was. Said once in ``project.yml``, its data and its measure
    serve every evaluation of the project.
    """
    if not file.is_flat:
        return ""
    row = evaluation(file.notebook)
    given = {name: value for name, value in file.given.items() if name not in row.own}
    data = {name: given[name] for name in given if name in known_in_data()}
    kind = str(data.get("kind", "table"))
    data_name = USUAL_NAMES.get(kind, kind)
    moved = list(data)
    project: dict[str, Any] = {"data": {data_name: data}}
    named = f"data: {data_name}"
    if any(name in given for name in MEASURED_BY):
        said = _measure(given, set(data))
        measure_name = str(given.get("value") or given.get("numerator"))
        project["measures"] = {measure_name: {"data": data_name, **said}}
        named = f"measure: {measure_name}"
        moved += [CALLED_HERE.get(name, name) for name in said]
    home = relative(file.path.parent / "project.yml")
    lines = yaml.safe_dump(project, sort_keys=False, allow_unicode=True, width=90).rstrip()
    here = relative(file.path)
    names = ", ".join(f"`{name}`" for name in moved)
    return (
        f"{here} says itself what is read. That works as before. Said once for all evaluations of "
        f"the project, it would stand in {home}:\n{textwrap.indent(lines, '  ')}\n"
        f"and here, instead of {names}:\n  {named}"
    )


def _measure(given: Mapping[str, Any], of_data: set[str]) -> dict[str, Any]:
    here = {name: CALLED_HERE.get(name, name) for name in known_in_measures()}
    meant = [*Meaning.__dataclass_fields__]
    order = sorted(here, key=lambda name: meant.index(name) if name in meant else -1)
    return {
        name: given[here[name]]
        for name in order
        if here[name] in given and here[name] not in of_data and name != "where"
    }
