"""From the caller's table to one estimate a team, or a refusal that says why not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from numbers import Real

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qieval.analysis.synthesis.methods.random_effects import Array
from qieval.core import columns
from qieval.core.errors import CannotEvaluate, DataError, ParameterError, listed


@dataclass(frozen=True)
class Teams:
    """One row a team, in the order of the table.

    Attributes
    ----------
    names : (n,) list of str
        The teams.
    estimate, se : (n,)
        Estimate and standard error; NaN where a team has none.
    df : (n,)
        Degrees of freedom of the standard error; infinite where none are given (normal).
    used : (n,) bool
        Which teams have both an estimate and a standard error.
    reason : (n,) list of str
        Why a team is not used; "" for those that are.
    unit : str
        Unit of the estimates, in words.
    """

    names: list[str]
    estimate: Array
    se: Array
    df: Array
    used: NDArray[np.bool_]
    reason: list[str]
    unit: str

    @property
    def y(self) -> Array:
        """Estimates of the teams that are used."""
        return self.estimate[self.used]

    @property
    def v(self) -> Array:
        """Their variances."""
        return self.se[self.used] ** 2

    @property
    def used_names(self) -> list[str]:
        """Their names."""
        return [name for name, used in zip(self.names, self.used, strict=True) if used]


def make_teams(
    table: pd.DataFrame, *, estimate: str, se: str, study: str | None, unit: str | None
) -> Teams:
    """The teams in `table`, checked.

    Raises
    ------
    DataError
        Columns that are not there or hold no numbers; teams without a name or given twice;
        infinite estimates; standard errors that are zero, negative or infinite; estimates of
        different things or in different units.
    ParameterError
        If the index has several levels and no column is named.
    CannotEvaluate
        If fewer than two teams have an estimate.
    """
    for name in [estimate, se, *([study] if study else [])]:
        columns.require(table, [name])
    if table.empty:
        raise DataError("The table has no rows.")
    names = _names(table, study)
    values, errors = _numbers(table[estimate], estimate), _numbers(table[se], se)
    _refuse(np.isinf(values), names, f"Column `{estimate}` holds infinite values.")
    _refuse(
        (errors <= 0) | np.isinf(errors),
        names,
        f"Every standard error in `{se}` must be above zero and finite.",
        "A standard error of zero would claim to know a team's change exactly. Leave the row "
        "blank, with a `reason`, if the team could not be evaluated.",
    )
    used = np.isfinite(values) & np.isfinite(errors)
    reason = _reasons(table, values, used)
    _refuse_too_few(names, used, reason)
    return Teams(names, values, errors, _df(table, names), used, reason, _unit(table[used], unit))


def _names(table: pd.DataFrame, study: str | None) -> list[str]:
    if study is None and table.index.nlevels > 1:
        raise ParameterError(
            "The table's index has several levels, so it does not name one team a row.",
            found=f"levels {listed(table.index.names)}",
            remedy='Choose one estimate a team first: `table.xs("level_change", level="term")`.',
        )
    column = table[study] if study else table.index.to_series()
    if column.isna().any() or (column.astype(str).str.strip() == "").any():
        blank = column.isna() | (column.astype(str).str.strip() == "")
        rows = ", ".join(str(row) for row in np.flatnonzero(blank)[:6] + 1)
        raise DataError("Some rows do not name their team.", found=f"rows {rows}")
    if study is None and isinstance(table.index, pd.RangeIndex):
        column = column.map(lambda row: f"Row {row + 1}")
    names = [str(name).strip() for name in column]
    _refuse(
        pd.Series(names).duplicated(keep=False).to_numpy(),
        names,
        "Each team may stand in the table once only.",
        "Keep one estimate a team. If these are different estimates of one team (terms, methods), "
        "choose one; a team counted twice would be believed twice.",
    )
    return names


def _numbers(column: pd.Series, name: str) -> Array:
    # A row taken from a result's estimates holds words as well: its numbers come as objects.
    given = [value for value in column if not pd.isna(value)]
    strange = [value for value in given if isinstance(value, bool) or not isinstance(value, Real)]
    if strange:
        raise DataError(
            f"Column `{name}` does not hold numbers.",
            found=f"for example {strange[0]!r}",
            remedy="Leave cells blank where a team has no estimate.",
        )
    return column.to_numpy(dtype=float, na_value=np.nan)


def _refuse(
    faulty: NDArray[np.bool_], names: Iterable[str], problem: str, remedy: str | None = None
) -> None:
    if faulty.any():
        at = [name for name, wrong in zip(names, faulty, strict=True) if wrong]
        raise DataError(problem, found=f"teams {listed(dict.fromkeys(at))}", remedy=remedy)


def _df(table: pd.DataFrame, names: list[str]) -> Array:
    """Degrees of freedom from a column `df`, where there is one; blank means normal."""
    if "df" not in table.columns:
        return np.full(len(table), np.inf)
    df = _numbers(table["df"], "df")
    _refuse(df <= 0, names, "Degrees of freedom in `df` must be above zero.")
    return np.where(np.isnan(df), np.inf, df)


def _reasons(table: pd.DataFrame, values: Array, used: NDArray[np.bool_]) -> list[str]:
    given = table["reason"] if "reason" in table.columns else pd.Series([None] * len(table))
    reasons = []
    for text, value, is_used in zip(given, values, used, strict=True):
        default = "no estimate" if np.isnan(value) else "no standard error"
        said = "" if pd.isna(text) else str(text).strip().rstrip(".")
        reasons.append("" if is_used else said or default)
    return reasons


def _refuse_too_few(names: list[str], used: NDArray[np.bool_], reason: list[str]) -> None:
    count = int(used.sum())
    if count > 1:
        return
    missing = [f"{n} ({r})" for n, r, u in zip(names, reason, used, strict=True) if not u]
    found = f"{count} with an estimate"
    if missing:
        found += f"; without: {', '.join(missing[:6])}"
        found += f" and {len(missing) - 6} more" if len(missing) > 6 else ""
    raise CannotEvaluate(
        "An average over teams needs at least two teams with an estimate.",
        found=found,
        remedy="Read the one team's own result, or wait until more teams can be evaluated. With 5 "
        "or more teams it can be said how far they differ.",
    )


def _unit(table: pd.DataFrame, unit: str | None) -> str:
    """The unit, from the parameter or the table; estimates of different things are refused."""
    for column, what in [("term", "different things"), ("unit", "different units")]:
        if column in table.columns:
            found = table[column].dropna().unique()
            if len(found) > 1:
                raise DataError(
                    f"The estimates are of {what} and have no common average.",
                    found=f"`{column}`: {listed(found, 6)}",
                    remedy="Keep the rows of one kind; for wards of different size take rates, or "
                    "each ward's relative effect.",
                )
    if unit is None and "unit" in table.columns and table["unit"].notna().any():
        return str(table["unit"].dropna().iloc[0])
    return unit or ""
