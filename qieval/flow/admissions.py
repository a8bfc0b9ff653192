"""Admissions and discharges by period and group, counted in the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pandas as pd

from qieval.core.late import BaseBackend, ir
from qieval.core.periods import Frequency, start_of
from qieval.core.signatures import public
from qieval.flow.bed_days import check_names
from qieval.flow.days import as_day
from qieval.flow.groups import groups_of, unit_start
from qieval.flow.lengths import joined_words
from qieval.flow.nights import unit_of
from qieval.flow.sources import opened
from qieval.flow.stays import check_gap, spells_of, ward_stays


@public
def admissions(
    spells: pd.DataFrame | ir.Table | str | Path,
    *,
    by: str | Sequence[str] = (),
    period: Frequency = "month",
    extract_date: date | str | None = None,
    join_gap: int = 0,
    backend: str | BaseBackend | None = None,
) -> pd.DataFrame:
    """Admissions and discharges in every period that has some.

    Parameters
    ----------
    spells : DataFrame, ibis table or path of a Parquet file
        One row a stay: ``person, start, end`` (blank: still in) and the columns of `by`.
    by : str or sequence of str, optional
        Columns that name the groups. A transfer into a group counts as an admission to it.
    period : str, optional
        Kind of period.
    extract_date : date, optional
        The date up to which the data reach. Needed when a stay is open.
    join_gap : int, optional
        Most days between two stays of one person (and group) that are one.
    backend : str or ibis backend, optional
        Address of a database. Default: DuckDB inside this process.

    Returns
    -------
    DataFrame
        ``*by, period, admissions, discharges`` (deaths are discharges). What was decided stands in
        ``attrs["notes"]``.

    Raises
    ------
    DataError
        If a stay cannot be; with row numbers.
    ParameterError
        If `extract_date` is needed, or a parameter is unknown.
    """
    check_gap(join_gap)
    asked, extract = groups_of(by, None), as_day(extract_date, "extract_date")
    names, groups, unit = list(asked.by), asked.columns, unit_of(period)
    check_names(names, ("period", "admissions", "discharges"))
    with opened(spells, backend) as database:
        stays = ward_stays(spells, database, names, extract)
        joined_spells = spells_of(
            stays, groups, extract_date=extract, join_gap=join_gap, within=True
        )
        counted = database.to_pandas(_by_unit(joined_spells, unit, groups))
    came = counted.rename(columns={"came": "period", "spells": "admissions"})
    went = counted.dropna(subset="went").rename(columns={"went": "period", "spells": "discharges"})
    both = pd.concat([came, went])
    joined = stays.count - int(both["admissions"].sum())
    both["period"] = start_of(both["period"], period)
    keys = [*groups, "period"]
    out = both.groupby(keys, as_index=False, sort=True)[["admissions", "discharges"]].sum()
    out = out.rename(columns=dict(zip(groups, names, strict=True)))
    out[["admissions", "discharges"]] = out[["admissions", "discharges"]].astype("int64")
    out.attrs["notes"] = [joined_words(joined, join_gap, names)] if joined else []
    return out


def _by_unit(spells: ir.Table, unit: str, groups: list[str]) -> ir.Table:
    """Spells by when they began and ended: few rows, from which both counts follow."""
    days = {"came": spells["start"], "went": spells["end"]}
    keyed = spells.mutate(**{name: unit_start(day, unit) for name, day in days.items()})
    return keyed.group_by(*groups, "came", "went").aggregate(spells=keyed.count())
