"""What a released result shows of its counts, as tables for the auditor.

All counts of people of a released result are here: those of tables, which may add up, and those of
series and lists, which do not. What is withheld is marked; nothing exact is left in them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from qieval.core.result import Result
from qieval.core.tables import MARK, Declaration, Sum
from qieval.share.auditor import PublishedTable
from qieval.share.profiles import profile_named
from qieval.share.withholding import COUNTED, counts_of


def per_of(result: Result, frame: pd.DataFrame) -> float | pd.Series:
    """By how much the denominators of a series are divided; by measure where there are several."""
    measures = result.params.get("measures")
    if isinstance(measures, list) and "measure" in frame:
        own = {one["name"]: one.get("per", 1) for one in measures}
        return frame["measure"].map(own).fillna(1).astype(float)
    per = result.params.get("per")
    return float(per) if isinstance(per, int | float) and per else 1.0


def published_tables(result: Result, data: str) -> list[PublishedTable]:
    """The tables of a released result as the auditor takes them: what readers see of its counts.

    Parameters
    ----------
    result : Result
        Released.
    data : str
        Which data it was made from; the same label of the same data is the same people.
    """
    assert result.release is not None
    if not result.counts_people:
        return []
    heads = _heads(result)
    tables = [
        _table(result, declared, data, heads)
        for declared in result.declarations()
        if not declared.steps
    ]
    return [table for table in tables if table is not None]


def _table(
    result: Result, declared: Declaration, data: str, heads: dict[str, dict[str, set[str]]]
) -> PublishedTable | None:
    assert result.release is not None
    rule = profile_named(result.release.profile)
    frame = getattr(result, declared.frame)
    frame = frame.reset_index(drop=not frame.index.name)
    counts = counts_of(declared, frame, per_of(result, frame))
    gone = result.release.withheld.get(declared.frame, {})
    for one in declared.columns:  # of these nothing is left
        if one.role in COUNTED and one.name in gone and frame[one.name].isna().all():
            counts[one.name] = np.nan
    labels = _labels(declared, frame)
    if not len(counts.columns) or not len(frame) or not labels:
        return None
    adds_up = bool(declared.by) and not declared.model and tuple(labels) == declared.by
    called = {str(name): _called(declared.frame, str(name)) for name in counts}
    rows = frame[labels].astype(str)
    for name, column in called.items():
        cells = counts[name].astype(object).where(counts[name].notna(), None)
        cells[[cells.index[row] for row in gone.get(name, ())]] = MARK
        rows[column] = cells
    rates, per = {}, {}
    for rate, (above, below) in _rates(declared, counts).items():
        shown = pd.to_numeric(frame[rate], errors="coerce")
        by = frame[declared.by[0]] if declared.model and declared.by else pd.Series("", frame.index)
        scales = {
            own: _scale(*(one[by == own] for one in (shown, counts[above], counts[below])))
            for own in by.unique()
        }
        for scale in dict.fromkeys(scales.values()):
            name = f"{declared.frame}: rate {rate}"
            name += f" per {scale:g}" if len({*scales.values()}) > 1 else ""
            rows[name] = shown.where(by.map(scales) == scale)
            rates[name], per[name] = f"{called[above]}/{called[below]}", scale
            called[f"rate {rate} per {scale:g}"] = name
    others = [c.name for c in declared.columns if c.role == "number" and c.name in frame]
    numbers = tuple(f"{declared.frame}: number {name}" for name in others)
    for name, column in zip(others, numbers, strict=True):
        rows[column] = pd.to_numeric(frame[name], errors="coerce")
    told = heads.get(declared.frame, {})
    return PublishedTable(
        f"{data}: {declared.frame}",
        rows,
        tuple(called[str(name)] for name in counts),
        rates=rates,
        per=per,
        round_to=rule.round_to,
        # A nought may be withheld for another's sake, also under a rule that shows noughts.
        withheld=(0, None),
        data=data,
        heads={
            column: tuple(sorted(told.get(name.removeprefix("rate ").partition(" per ")[0], ())))
            for name, column in called.items()
        },
        adds_up=adds_up,
        numbers=numbers,
        sums=tuple(_sums(declared, called)),
    )


def _called(frame: str, name: str) -> str:
    """A column of counts among those of all data frames of a result."""
    return f"{frame}: {name}"


def _sums(declared: Declaration, called: Mapping[str, str]) -> Iterator[Sum]:
    """The sums that are declared, of columns as the auditor calls them."""
    for one in declared.sums:
        if {one.total, *one.less} <= called.keys():
            yield replace(
                one,
                total=called[one.total],
                parts=tuple(_called(one.frame or declared.frame, part) for part in one.parts),
                less=tuple(called[name] for name in one.less),
                frame="",
            )


def _labels(declared: Declaration, frame: pd.DataFrame) -> list[str]:
    """Columns that say whom a row counts: those declared, and more until no two are alike."""
    plain = [
        column.name
        for column in declared.columns
        if column.role in ("label", "period") and not column.of and column.name in frame
    ]
    labels = [name for name in declared.by if name in frame]
    for name in plain:
        if labels and not frame.duplicated(labels).any():
            break
        labels += [name] if name not in labels else []
    return labels


def _rates(declared: Declaration, counts: pd.DataFrame) -> dict[str, tuple[str, str]]:
    """Rates by the columns of their numerators and denominators."""
    rates = {}
    for column in declared.columns:
        above, slash, below = column.of.partition("/")
        if column.role == "share" and slash:
            rates[column.name] = (above, below)
        elif declared.model and column.role == "count":
            rates[column.name] = (column.name, column.of)
    return {name: parts for name, parts in rates.items() if {*parts} <= {*counts.columns}}


def _scale(rate: pd.Series, above: pd.Series, below: pd.Series) -> float:
    """By how much a rate multiplies its share."""
    numerators, denominators = (one.to_numpy(dtype=float) for one in (above, below))
    with np.errstate(divide="ignore", invalid="ignore"):
        times = rate.to_numpy(dtype=float) * denominators / numerators
    known = times[np.isfinite(times) & (times > 0)]
    return float(np.round(np.median(known), 6)) if len(known) else 1.0


def _heads(result: Result) -> dict[str, dict[str, set[str]]]:
    """Data frame → column → the heads under which pages and files show it."""
    heads: dict[str, dict[str, set[str]]] = {}
    tables = [*result.tables(), *(s.table for s in result.sections() if s.table is not None)]
    for frame, columns in [
        *((one.frame, one.columns) for one in result.declarations()),
        *((table.name, table.columns) for table in tables),
    ]:
        for column in columns:
            if column.head:
                heads.setdefault(frame, {}).setdefault(column.name, set()).add(column.head)
    return heads
