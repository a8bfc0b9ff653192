"""Available bed days and occupancy: occupied over available, as sums over days."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from qieval.core.columns import all_there, different
from qieval.core.errors import DataError, ParameterError
from qieval.core.late import ir
from qieval.core.periods import (
    FREQUENCIES,
    calendar_of,
    days_in,
    infer_frequency,
    label,
    noun,
    span,
    start_of,
)
from qieval.core.words import number, some_of
from qieval.intake.tables.series import unit_columns

_NESTED: dict[str, tuple[str, ...]] = {
    "day": ("day", "week", "month", "quarter", "year", "financial_year"),
    "week": ("week",),
    "month": ("month", "quarter", "year", "financial_year"),
    "quarter": ("quarter", "year", "financial_year"),
    "year": ("year",),
    "financial_year": ("financial_year",),
}
"""Kind of period → kinds that are made up of whole ones of it."""

_MOST_LISTED = 6


def with_beds(
    table: pd.DataFrame,
    beds: pd.DataFrame,
    spells: pd.DataFrame | ir.Table,
    *,
    by: Sequence[str],
    every: str,
) -> tuple[pd.DataFrame, list[str]]:
    """Bed days with ``beds, available_bed_days, occupancy`` beside them.

    Raises DataError if the beds cannot be brought together with the stays.

    Parameters
    ----------
    table : DataFrame
        ``*by, period, bed_days, days_in_period``.
    beds : DataFrame
        ``period, beds`` and, where it has several wards or the like, a column that names them.
    spells : DataFrame
        The stays: without `by`, only beds of wards that occur in them are counted.
    """
    beds, notes = _of_these_wards(beds, spells, by)
    kind = kind_of(beds, every)
    beds = _with_gaps(beds, kind)
    if every in _NESTED.get(kind, (kind,)):
        out = table.merge(_summed(beds, by, kind, every), how="left", on=[*by, "period"])
    elif every in ("day", "month", "quarter") and calendar_of(kind).unit == "M":
        around = start_of(table["period"], kind).to_numpy()
        here = beds.rename(columns={"period": "around"}).groupby([*by, "around"], as_index=False)
        out = table.assign(around=around).merge(
            here["beds"].agg(_all_known), how="left", on=[*by, "around"]
        )
        out["available"] = out["beds"] * out["days_in_period"]
        out = out.drop(columns=["around", "beds"])
        notes.append(f"Beds are given by {noun(kind)}: each {noun(every)} has those of its own.")
    else:
        raise ParameterError(
            f"Beds by {noun(kind)} cannot be brought together with {noun(every, 2)}.",
            remedy="Give beds by month, or set `every`.",
            where="beds",
        )
    out = out.rename(columns={"available": "available_bed_days"})
    out["beds"] = out["available_bed_days"] / out["days_in_period"]
    out["occupancy"] = (
        100 * out["bed_days"] / out["available_bed_days"].where(out["available_bed_days"] > 0)
    )
    return out, [*notes, *_without_beds(out, by, every), *size_changes(out, by, every)]


def _summed(beds: pd.DataFrame, by: Sequence[str], kind: str, every: str) -> pd.DataFrame:
    """Available bed days of each period, of beds given by periods that it is made up of."""
    units = [name for name in unit_columns(beds) if name not in by]
    days = days_in(beds["period"], kind)
    own = beds.assign(
        period=start_of(beds["period"], every).to_numpy(), available=beds["beds"] * days, days=days
    )
    in_unit = own.groupby([*by, "period", *units], as_index=False, dropna=False)
    parts = in_unit.agg(available=("available", _all_known), days=("days", "sum"))
    # A period that beds do not wholly cover has no known number of bed days.
    whole = parts["days"] == days_in(parts["period"], every)
    parts["available"] = parts["available"].where(whole)
    return parts.groupby([*by, "period"])["available"].agg(_all_known).reset_index()


def _all_known(some: pd.Series) -> float:
    """The sum; not known if one of them is not."""
    return float(some.sum(skipna=False))


def _with_gaps(beds: pd.DataFrame, kind: str) -> pd.DataFrame:
    """A blank row for every period that a ward leaves out between its first and last.

    A sum over wards that lacked one of them would show fewer beds than there were.
    """
    units = unit_columns(beds)
    parts = []
    for _, rows in beds.groupby(units, sort=False, dropna=False) if units else [((), beds)]:
        own = rows.assign(period=start_of(rows["period"], kind).to_numpy())
        whole = pd.DataFrame({"period": span(own["period"].min(), own["period"].max(), kind)})
        for unit in units:
            whole[unit] = rows[unit].iloc[0]
        parts.append(whole.merge(own, how="left", on=["period", *units]))
    return pd.concat(parts, ignore_index=True)


def _different(spells: pd.DataFrame | ir.Table, name: str) -> pd.Series:
    """The values of a column that names wards, of a table in memory or in a database."""
    if isinstance(spells, ir.Table):
        values = spells.get_backend().to_pandas(spells.select(name).distinct())[name]
    else:
        values = spells[name]
    return values.dropna().drop_duplicates()


def _of_these_wards(
    beds: pd.DataFrame, spells: pd.DataFrame | ir.Table, by: Sequence[str]
) -> tuple[pd.DataFrame, list[str]]:
    all_there(["period", "beds", *by], beds.columns, where="beds")
    notes: list[str] = []
    for name in unit_columns(beds):
        if name in by:
            continue
        if name not in spells:
            if len(beds[name].unique()) > 1:
                raise DataError(
                    f"The beds are given for several of `{name}`, and the stays do not say theirs.",
                    found=different(beds[name]),
                    remedy=f"Name the column of the stays in `columns: {{{name}: …}}`.",
                    where="beds",
                )
            continue
        here = beds[name].isin(_different(spells, name))
        if not here.any():
            raise DataError(
                f"No `{name}` of the beds occurs in the stays.",
                found=different(beds[name]),
                remedy="Spell it alike in both files.",
                where="beds",
            )
        left_out = beds.loc[~here, name].nunique()
        if left_out:
            notes.append(f"Beds of {left_out:,} others in `{name}` without stays here: left out.")
        beds = beds[here]
    return beds, notes


def kind_of(table: pd.DataFrame, fallback: str) -> str:
    """The kind of period that reading found; else that of the spacing; of one period, another."""
    known = table.attrs.get("period")
    if known in FREQUENCIES:
        return str(known)
    return fallback if table["period"].nunique() < 2 else infer_frequency(table["period"])


def _without_beds(table: pd.DataFrame, by: Sequence[str], every: str) -> list[str]:
    """What to say of periods without beds."""
    known = table["available_bed_days"].notna()
    if not known.any():
        raise DataError(
            "The beds and the stays have no period in common.",
            remedy="Check the dates of both files.",
            where="beds",
        )
    if by:
        count = int((~known).sum())
        return [f"In {count:,} of {len(table):,} rows no beds are given: no occupancy there."] * (
            count > 0
        )
    first = table.loc[known, "period"].min()
    notes = []
    if table["period"].min() < first:
        notes.append(f"No beds are given before {label(first, every)}: no occupancy there.")
    lacking = table.loc[~known & (table["period"] > first), "period"].drop_duplicates()
    if len(lacking):
        shown = some_of([label(start, every) for start in lacking])
        notes.append(f"No beds are given for {shown}: no occupancy there.")
    return notes


def size_changes(table: pd.DataFrame, by: Sequence[str], every: str) -> list[str]:
    """Changes in the number of beds, in words: events, not improvements."""
    said = []
    for name, rows in table.groupby(list(by), sort=True) if by else [((), table)]:
        for period, *ends in bed_changes(rows):
            who = f"{', '.join(str(part) for part in name)}: " if by else ""
            before, after = (number(end, 1).removesuffix(".0") for end in ends)
            said.append(f"{who}{before} to {after} in {label(period, every)}")
    if not said:
        return []
    shown = "; ".join(said[:_MOST_LISTED])
    more = f"; and {len(said) - _MOST_LISTED:,} more" if len(said) > _MOST_LISTED else ""
    return [
        f"The number of beds changed ({shown}{more}): an event to mark, not an improvement of care."
    ]


def bed_changes(table: pd.DataFrame) -> list[tuple[pd.Timestamp, float, float]]:
    """Where the beds of one ward changed by at least one bed and a twentieth: when, from, to."""
    known = table.loc[table["beds"].notna(), ["period", "beds"]].sort_values("period")
    beds = known["beds"].to_numpy(dtype=float)
    step = np.abs(np.diff(beds))
    large = (step >= 1) & (step >= 0.05 * beds[:-1])
    return [
        (known["period"].iloc[at + 1], float(beds[at]), float(beds[at + 1]))
        for at in np.flatnonzero(large)
    ]
