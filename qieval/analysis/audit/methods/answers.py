"""From the caller's table to answers (a record a row) or counts (a team, wave and standard a row).

Both give the same tally, ``wave, team, standard, met, applicable``, from which everything that
needs no single record is computed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qieval.analysis.audit.methods.rules import NOT_ASKED, Rules, states_of
from qieval.core import columns as cols
from qieval.core.errors import CannotEvaluate, DataError, ParameterError
from qieval.core.waves import names_of, waves_in_order

COMPOSITE = "all of them"
"""The composite's name among the standards of a tally."""


def main_of(shared: Sequence[str]) -> str:
    """What an audit is judged by: the composite, or the only standard, which is no composite."""
    return shared[0] if len(shared) == 1 else COMPOSITE


NO_NAME = "not named"


def who_took_part(first: Iterable[str], last: Iterable[str]) -> dict[str, list[str]]:
    """Those of both waves, of the first only (``left``), of the last only (``joined``)."""
    before, after = set(first), set(last)
    return {
        "both": sorted(before & after),
        "left": sorted(before - after),
        "joined": sorted(after - before),
    }


@dataclass(frozen=True)
class Columns:
    """Which column holds what; None where the table has no such thing."""

    standard: str
    wave: str
    unit: str | None
    result: str | None
    team: str | None
    met: str | None
    applicable: str | None
    types: str | None
    locality: str | None

    @property
    def counted(self) -> bool:
        """Whether rows are counts; otherwise a row is one answer.

        Raises
        ------
        ParameterError
            If it is neither or both.
        """
        rows = self.unit is not None and self.result is not None
        counts = self.met is not None and self.applicable is not None
        if rows == counts:
            raise ParameterError(
                "An audit has either one row an answer (`unit` and `result`) or counts (`met` and "
                "`applicable`).",
                found="both" if rows else "neither in full",
                remedy="Name the column of the record and that of its answer (in a notebook: "
                "`unit`, `answer`); or the columns of the two counts.",
            )
        return counts

    def wanted(self) -> list[str]:
        """The columns that must be in the table."""
        return [name for name in vars(self).values() if name is not None]


@dataclass(frozen=True)
class Named:
    """Waves and standards in their order, and how each is called on the page."""

    waves: dict[str, str]
    standards: dict[str, str]


def tidy(
    records: pd.DataFrame,
    columns: Columns,
    waves: Mapping[str, str] | Sequence[str] | None,
    standards: Mapping[str, str] | Sequence[str] | None,
    composite: str | None,
) -> tuple[pd.DataFrame, Named]:
    """The rows that are meant, with waves, standards and teams under the names of the page.

    Raises
    ------
    DataError
        If a column is missing, or a row has no wave, standard or record.
    ParameterError
        If a wave or standard that is named is not in the table.
    """
    cols.require(records, columns.wanted())
    for name in (columns.wave, columns.standard, columns.unit):
        if name is not None and records[name].isna().any():
            raise DataError(
                f"`{name}` is blank.",
                found=_rows(records, records[name].isna()),
                remedy="Fill it in, or leave these rows out.",
            )
    in_order = waves_in_order(records[columns.wave], waves)
    here = list(dict.fromkeys(records[columns.standard].astype(str)))
    together = {} if composite is None else names_of(here, {composite: COMPOSITE}, "composite")
    single = [name for name in here if name not in together]
    names = Named(in_order, names_of(single, standards, "standards"))
    table = pd.DataFrame(
        {
            "wave": records[columns.wave].astype(str).map(names.waves),
            "standard": records[columns.standard].astype(str).map(names.standards | together),
            **{
                part: records[column].astype("string").fillna(NO_NAME).astype(str)
                if column is not None
                else ""
                for part, column in (
                    ("team", columns.team),
                    ("type", columns.types),
                    ("locality", columns.locality),
                )
            },
        },
        index=records.index,
    )
    table["type"] = table["type"].str.removesuffix(".0")
    return table[table["wave"].notna() & table["standard"].notna()], names


def _rows(records: pd.DataFrame, which: pd.Series) -> str:
    """Row numbers: those of the file where `qi.read` gave them, else counted from 1."""
    if records.index.name != "row":
        return cols.rows(which.to_numpy())
    at = records.index[which.to_numpy()]
    more = f" and {len(at) - 6} more" if len(at) > 6 else ""
    return f"rows {', '.join(f'{row:,}' for row in at[:6])}{more}"


# ---- one row an answer -------------------------------------------------------------------------


@dataclass(frozen=True)
class Answers:
    """What every record says of every standard.

    Attributes
    ----------
    who : DataFrame
        ``wave, team, unit, locality``, a row a record and wave.
    states : DataFrame
        A column a standard, the same rows: met, not met, not recorded …; "" where the wave did not
        ask for it.
    shared : list of str
        Standards that every wave asked for; the composite is made of these.
    """

    who: pd.DataFrame
    states: pd.DataFrame
    shared: list[str]

    @classmethod
    def of(
        cls,
        records: pd.DataFrame,
        table: pd.DataFrame,
        columns: Columns,
        names: Named,
        codes: Mapping[str, str] | None,
    ) -> Answers:
        """The answers of a tidy table; a record without a row for a standard has not recorded it.

        Raises
        ------
        DataError
            If a record has two answers to one standard in one wave, or an answer is not known.
        """
        assert columns.result is not None
        rows = records.loc[table.index]
        table = table.assign(
            unit=rows[columns.unit].astype(str), state=states_of(rows[columns.result], codes)
        )
        key = ["wave", "team", "unit"]
        twice = table.duplicated([*key, "standard"], keep=False)
        if twice.any():
            raise DataError(
                "A record has more than one answer to a standard in one wave.",
                found=_rows(table, twice),
                remedy="Keep one of them. If record numbers start anew in each team, name the "
                "column of the team with `team`.",
            )
        standards = list(names.standards.values())
        wide = table.pivot(index=key, columns="standard", values="state")
        order = {wave: place for place, wave in enumerate(names.waves.values())}
        wide = wide.reindex(columns=standards).sort_index(
            key=lambda index: index.map(order) if index.name == "wave" else index
        )
        asked = set(zip(table["wave"], table["standard"], strict=True))
        wave_of = wide.index.get_level_values("wave")
        for standard in standards:
            here = np.array([(wave, standard) in asked for wave in wave_of])
            blank = np.where(here, "not recorded", NOT_ASKED)
            wide[standard] = wide[standard].where(wide[standard].notna(), blank)
        shared = [name for name in standards if all((w, name) in asked for w in order)]
        place = table.drop_duplicates(key).set_index(key)["locality"]
        who = wide.index.to_frame(index=False).assign(locality=place.loc[wide.index].to_numpy())
        return cls(who, wide.reset_index(drop=True), shared)

    @property
    def unit(self) -> pd.Series:
        """What tells one record from another: its name within its team."""
        return self.who["team"] + "\0" + self.who["unit"]

    def units_by_wave(self, waves: tuple[str, str]) -> dict[str, list[str]]:
        """Units of both waves, of the first only (``left``), of the last only (``joined``)."""
        return who_took_part(*(self.unit[self.who["wave"] == wave] for wave in waves))

    def keep(self, which: NDArray[np.bool_]) -> Answers:
        """Only these records."""
        return Answers(
            self.who[which].reset_index(drop=True),
            self.states[which].reset_index(drop=True),
            self.shared,
        )

    def values(self, rules: Rules, standards: list[str] | None = None) -> NDArray[np.float64]:
        """Records × standards (all of them): 1 met, 0 not met, NaN out of the denominator."""
        meaning = rules.value_of()
        states = (self.states if standards is None else self.states[standards]).to_numpy()
        counts = pd.Series(states.ravel()).map(meaning).to_numpy(dtype=np.float64)
        return np.asarray(counts, dtype=np.float64).reshape(states.shape)

    def composite(self, rules: Rules) -> NDArray[np.float64]:
        """1 if every standard that applies is met, else 0; NaN if none applies.

        With ``missing="leave_out"`` a record that lacks an answer has no composite: a blank never
        counts as met.
        """
        values = self.values(rules, self.shared)
        every = np.where(np.isnan(values), 1.0, values).min(axis=1, initial=1.0)
        known = ~np.isnan(values).all(axis=1)
        if rules.missing == "leave_out":
            known &= ~(self.states[self.shared] == "not recorded").to_numpy().any(axis=1)
        return np.where(known, every, np.nan)

    def tally(self, rules: Rules) -> pd.DataFrame:
        """How many met each standard, and the composite, of how many: by wave and team."""
        values = pd.DataFrame(self.values(rules), columns=self.states.columns)
        if main_of(self.shared) == COMPOSITE:
            values[COMPOSITE] = self.composite(rules)
        long = (
            pd.concat([self.who[["wave", "team"]], values], axis=1)
            .melt(["wave", "team"], var_name="standard", value_name="value")
            .groupby(["wave", "team", "standard"], sort=False)["value"]
            .agg(met="sum", applicable="count")
            .reset_index()
        )
        return long[long["applicable"] > 0].reset_index(drop=True).astype({"met": float})


# ---- counts ------------------------------------------------------------------------------------


def counts_of(
    records: pd.DataFrame,
    table: pd.DataFrame,
    columns: Columns,
) -> tuple[pd.DataFrame, int]:
    """The tally of a table of counts, and how many rows had nothing to count.

    Raises
    ------
    DataError
        If a count is missing, no whole number, below 0, or more met a standard than it applied to;
        or a team comes twice.
    CannotEvaluate
        If nothing is left.
    """
    assert columns.met is not None
    assert columns.applicable is not None
    rows = records.loc[table.index]
    met = cols.numbers(rows[columns.met], columns.met)
    applicable = cols.numbers(rows[columns.applicable], columns.applicable)
    wrong = {
        "a count is missing": np.isnan(met) | np.isnan(applicable),
        "a count is below 0": (met < 0) | (applicable < 0),
        "a count is no whole number": (met % 1 != 0) | (applicable % 1 != 0),
        f"`{columns.met}` is more than `{columns.applicable}`": met > applicable,
    }
    for problem, which in wrong.items():
        if which.any():
            raise DataError(
                f"These counts cannot be used: {problem}.",
                found=_rows(rows, pd.Series(which, index=rows.index)),
                remedy="Correct the rows; a count that is not known is not 0: leave the team out "
                "of that wave.",
            )
    tally = table[["wave", "team", "standard"]].assign(met=met, applicable=applicable)
    twice = tally.duplicated(["wave", "team", "standard"], keep=False)
    if twice.any():
        raise DataError(
            "A wave has more than one row for a standard (and team).",
            found=_rows(rows, twice),
            remedy="Name the column of the team with `team`, or choose rows with `where`.",
        )
    empty = tally["applicable"] == 0
    if empty.all():
        raise CannotEvaluate(
            "Every count is of nobody: there is nothing to divide by.",
            remedy="Check that the right columns are named.",
        )
    return tally[~empty].sort_values(["team", "standard"]).reset_index(drop=True), int(empty.sum())
