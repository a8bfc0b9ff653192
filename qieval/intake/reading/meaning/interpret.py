"""What the figures of a table mean: zeros, totals among their parts, organisations over time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from qieval.core.errors import ParameterError
from qieval.intake.reading.meaning.aggregates import (
    Dropped,
    figure_columns,
    settle_aggregates,
    text_columns,
)
from qieval.intake.reading.meaning.not_returned import settle_zeros
from qieval.intake.reading.meaning.organisations import (
    changed_names,
    comings_and_goings,
    merge,
    successors_of,
)
from qieval.intake.reading.request import Request
from qieval.intake.reading.values.convert import Conversion
from qieval.intake.tables.series import unit_columns


def interpreted(
    conversion: Conversion, cells: pd.DataFrame, names: Mapping[str, str], request: Request
) -> tuple[Conversion, list[Dropped]]:
    """The conversion with zeros, totals and mergers settled, and the rows that went with them.

    `cells`: raw cells of all rows, also of those that `where` left out. `request`: tables whose
    rows are never added up pass as they are.
    """
    table = conversion.table
    figures = figure_columns(table, names)
    if not request.kind.adds_up or not figures:
        for name in ("zeros", "successors"):
            if getattr(request, name) is not None:
                raise ParameterError(
                    f"A table of {request.kind.name} has no figures that `{name}` could be about.",
                    remedy=f"Leave out `{name}`.",
                    where=name,
                )
        return conversion, []
    if request.strict and conversion.faults:
        return conversion, []  # cells that cannot be used come first
    periods = [names["period"]] if "period" in names else []
    periods = periods or [str(name) for name in cells if str(name).casefold() == "period"]
    units = [names[unit] for unit in unit_columns(table)]
    table, notes = settle_zeros(
        table,
        cells,
        request,
        keys=[*units, periods[0]] if periods else [],  # not where no column says when
        figures={name: names[name] for name in figures},
    )
    table, dropped, more = settle_aggregates(table, names, request)
    notes += more
    notes += changed_names(table, names, request, unit_columns(table), text_columns(table, names))
    if request.successors is not None:
        successors = successors_of(request.successors)
        units = unit_columns(table)
        table, merged, more = merge(table, names, successors, units=units, figures=figures)
        dropped += merged
        notes += more
    kept = set(table.index)
    faults = [
        replace(fault, rows=rows)
        for fault in conversion.faults
        if (rows := tuple(row for row in fault.rows if row in kept))
    ]
    done = replace(conversion, table=table, faults=faults, notes=[*conversion.notes, *notes])
    return done, dropped


def notes_over_time(table: pd.DataFrame, names: Mapping[str, str], every: str | None) -> list[str]:
    """Notes on units that come and go between the periods of a table."""
    if every is None or table.empty:
        return []
    return [
        note
        for unit in unit_columns(table)
        for note in comings_and_goings(table, unit, names[unit], every)
    ]
