"""Rows of one period (and unit): which column tells them apart, as a question with its answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from qieval.core.errors import listed
from qieval.core.words import many
from qieval.intake.reading.layout.cell_types import is_period
from qieval.intake.reading.layout.grid import mostly
from qieval.intake.reading.meaning.aggregates import text_columns
from qieval.intake.reading.meaning.level_sums import CALLED_TOTAL
from qieval.intake.reading.questions import Question, parameter_line
from qieval.intake.reading.request import Request
from qieval.intake.tables.faults import row_numbers
from qieval.intake.tables.series import UNIT_NAMES, unit_columns

_MOST_CHOICES = 50


def question_about_repeats(
    table: pd.DataFrame, names: Mapping[str, str], request: Request
) -> Question | None:
    """What would tell apart the rows that stand for one period (and unit).

    None if every period (and unit) has one row, or no column tells its rows apart.
    """
    key = ["period", *unit_columns(table)]
    if "period" not in table or not {*UNIT_NAMES} & request.kind.text_names:
        return None
    twice = table.duplicated(key, keep=False)
    texts = [name for name in text_columns(table, names) if name not in key]
    texts = [
        name
        for name in texts
        if len(table.loc[twice, name].dropna().unique()) > 1
        and not mostly(table[name].dropna().tolist(), is_period)
    ]
    if not twice.any() or not texts:
        return None
    unit, chosen = _what_tells_apart(table, key, texts)
    settles: dict[str, Any] = {}
    if unit is not None:
        ours = next(name for name in ("unit", "group", "team", "ward") if name not in table)
        settles["columns"] = {**request.columns, ours: names[unit]}
    if chosen:
        conditions = {names[name]: value for name, value in chosen.items()}
        settles["where"] = {**request.conditions, **conditions}
    if not settles:
        return None
    lines = " and ".join(parameter_line(name, value) for name, value in settles.items())
    return Question(
        "Several rows are of the same period (and unit), with other figures.",
        f"{many(int(twice.sum()), 'row')} ({row_numbers(table.index[twice], most=5)}), told apart "
        f"by {listed(names[name] for name in texts)}",
        f"Say whose figures they are, or which rows are meant: {lines}.",
        "",
        settles,
    )


def _what_tells_apart(
    table: pd.DataFrame, key: list[str], texts: list[str]
) -> tuple[str | None, dict[str, str]]:
    """The column of units, and for others the value that is meant, so that no row comes twice."""
    alone = [name for name in texts if not table.duplicated([*key, name]).any()]
    whose = {*key} - {"period", "measure"}
    with_total = alone and table[alone[0]].astype(str).str.contains(CALLED_TOTAL).any()
    if alone and (not whose or not with_total or table[alone[0]].nunique() > _MOST_CHOICES):
        return alone[0], {}
    unit = None
    if len(key) == 1:
        unit = max(texts, key=lambda name: table[name].nunique())
    chosen: dict[str, str] = {}
    left, apart = table, [*key, *([unit] if unit else [])]
    for name in sorted(texts, key=lambda name: left[name].nunique()):
        if not left.duplicated(apart).any():
            break
        levels = left[name].dropna().astype(str).value_counts()
        if name == unit or len(levels) < 2 or len(levels) > _MOST_CHOICES:
            continue
        likely = levels[levels.index.str.contains(CALLED_TOTAL)]
        chosen[name] = str((likely if len(likely) else levels).index[0])
        left = left[left[name].astype(str) == chosen[name]]
    return unit, chosen
