"""Tables that stay in a database: big Parquet files, and tables by the address of a database.

``data/spells/*.parquet``, or ``postgres://analyst@server/hospital#care.spells``: what stands behind
the ``#`` names the table. Spells, leave and waits are checked and counted where they are; the codes
of people never reach Python. Kinds without people are fetched, and read as a file would be.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from qieval.core.errors import DataError, listed
from qieval.core.late import BaseBackend, ibis, ir
from qieval.core.words import many
from qieval.intake.backends import FILE_ROW, key_of, spill_folder
from qieval.intake.identifiers import named
from qieval.intake.origin import Origin
from qieval.intake.reading.columns import chosen_columns, no_such_column, no_such_value, plain_value
from qieval.intake.reading.database.places import RemoteTable, is_elsewhere, place_of
from qieval.intake.reading.passport import (
    DROPPED_COLUMNS,
    IDENTIFIER_COLUMNS,
    Loaded,
    Passport,
    day_in_words,
)
from qieval.intake.reading.raw import RawTable
from qieval.intake.reading.request import Request, as_list
from qieval.intake.tables import Kind, RowRule, kind_named
from qieval.intake.tables.faults import error_from
from qieval.intake.tables.in_database import broken_rules, faults_in, without

PERSON = "person"

_MOST_FETCHED = 1_000_000
_LEFT_THERE = "left in the database"
_NOTE = (
    "The table stays in its database: it is checked and counted there, and codes of people do not "
    "leave it."
)


def stays_there(source: str | Path, kind: str) -> bool:
    """Whether a table is left in a database rather than read into memory."""
    return bool(kind_named(kind).at_a_glance) and is_elsewhere(source)


def read_there(source: str | Path, request: Request) -> Loaded:
    """A table that stays in a database, checked there, with a passport made of totals.

    `source`: A Parquet file, a folder or pattern of Parquet files, or ``<address>#<table>``.
    `request`: spells, leave or waits; its conditions are asked of the database.

    Raises DataError if a column is missing or of another type, or rows cannot be: with row numbers
    (one file) or how many they are; never with a value. Raises ParameterError if the database
    cannot be opened.

    Returns
    -------
    Loaded
        ``table`` is an ibis table under our names; nothing of it is in memory.
    """
    what, remote = request.kind, place_of(source)
    request = request.at(remote.shown)
    headings = [name for name in remote.table.columns if name != FILE_ROW]
    known = chosen_columns(RawTable(pd.DataFrame(columns=headings), header=0), request)
    names = known.names
    what.refuse_without(names, remote.shown)
    identifiers = {heading: holds for heading in names.values() if (holds := named(heading))}
    kept = {
        name: heading
        for name, heading in names.items()
        if heading not in identifiers or name in what.columns or name in known.mapped
    }
    meant, left_out = filtered(remote.table, request, names, remote.database)
    chosen = {name: meant[heading] for name, heading in kept.items()}
    if FILE_ROW in meant.columns:
        chosen[FILE_ROW] = meant[FILE_ROW]
    table = typed(meant.select(**chosen), what, kept, remote.shown)
    table, totals, dropped = _checked(table, remote, kept, request)
    rows = int(totals["rows"])
    # Without a file its totals stand for the table, and change with it.
    lines = "\n".join(f"{name} {totals[name]}" for name in sorted(totals.index))
    by_where = [(reason, count, "") for reason, count in left_out]
    gone = pd.DataFrame([*by_where, *dropped], columns=DROPPED_COLUMNS)
    passport = Passport(
        source=remote.shown,
        kind=what.name,
        row=what.row,
        digest=remote.digest or hashlib.sha256(lines.encode()).hexdigest(),
        digest_of=remote.digest_of,
        rows_read=rows + int(gone["rows"].sum()),
        rows_kept=rows,
        dropped=gone,
        decisions=(_NOTE, *known.notes),
        identifiers=_identifier_table(identifiers, kept, rows),
        origin=remote.origin,
        facts=_facts(totals, what),
    )
    return Loaded(table, passport)


def fetched(source: str) -> tuple[Path, str, Origin]:
    """A table of a database as a file, which goes with this process; its name, where it is from.

    Raises DataError if it has too many rows to be read into memory.
    """
    remote = place_of(source)
    rows = int(remote.database.to_pandas(remote.table.count()))
    if rows > _MOST_FETCHED:
        raise DataError(
            "The table is too big to be read into memory.",
            found=f"{rows:,} rows; the most is {_MOST_FETCHED:,}",
            remedy="Name a view that adds it up, such as one row a month and ward.",
            where=remote.shown,
        )
    in_order = remote.table.order_by(list(remote.table.columns))  # a table has no order of its own
    file = Path(spill_folder()) / f"{hashlib.sha256(source.encode()).hexdigest()[:16]}.parquet"
    pq.write_table(remote.database.to_pyarrow(in_order), file)
    return file, remote.shown, remote.origin


def outline(table: ir.Table, dates: Sequence[str], groups: Sequence[str]) -> pd.DataFrame:
    """Each month and group that a table in a database has, once.

    `table`: a table of `read_there`. `dates` and `groups`: the first of these columns that the
    table has is the one that is used.
    """
    date = next(name for name in dates if name in table.columns)
    here = [name for name in groups if name in table.columns][:1]
    keys = {date: table[date].truncate("M").cast("timestamp")} | {
        name: table[name] for name in here
    }
    months_and_groups: pd.DataFrame = table.get_backend().to_pandas(table.select(**keys).distinct())
    return months_and_groups.sort_values(list(keys), ignore_index=True)


def _identifier_table(identifiers: dict[str, str], kept: dict[str, str], rows: int) -> pd.DataFrame:
    """For the passport: columns that identify people, by their names alone."""
    held = dict(identifiers)
    if PERSON in kept:
        held = {kept[PERSON]: "codes of people", **held}
    lines = [(heading, holds, rows, _LEFT_THERE) for heading, holds in held.items()]
    return pd.DataFrame(lines, columns=IDENTIFIER_COLUMNS)


def _checked(
    table: ir.Table, remote: RemoteTable, headings: Mapping[str, str], request: Request
) -> tuple[ir.Table, pd.Series, list[tuple[str, int, str]]]:
    """The table that keeps every rule, its totals, and what was left out."""
    kind, strict = request.kind, request.strict
    database = remote.database
    broken, totals = broken_rules(database, table, kind.every_rule, _totals(table, kind, remote))
    if not totals["rows"]:
        raise DataError("There are no rows in it.", where=remote.shown)
    if broken and (strict or not all(one.rule.droppable for one in broken)):
        faults = faults_in(database, table, broken)
        raise error_from(
            faults,
            headings=headings,
            where=remote.shown,
            strict=strict,
            remedy="Correct the table.",
        )
    dropped: list[tuple[str, int, str]] = []
    if broken:
        table, dropped = without(database, table, broken, headings)
    rule, names = repeats_of(kind, table)
    if names and (count := count_repeats(database, table, names)):
        says = rule.says.format(other="an earlier row")
        if strict:
            raise DataError(
                f"{many(count, 'row')} cannot be used: each {says}.",
                remedy="Correct the table. Or set `strict: false`, which keeps the first of them "
                "and counts the others.",
                where=remote.shown,
            )
        table = without_repeats(table, names)
        dropped.append((f"`{headings.get(rule.column, rule.column)}`: {says}", count, ""))
    if dropped:
        _, totals = broken_rules(database, table, (), _totals(table, kind, remote))
    if not totals["rows"]:
        raise DataError("No row can be used.", where=remote.shown)
    return table, totals, dropped


def _totals(table: ir.Table, kind: Kind, remote: RemoteTable) -> dict[str, ir.Value]:
    """What the passport tells of dates and people; the sums of dates change with any date."""
    totals: dict[str, ir.Value] = {}
    for name in kind.columns:
        if name in table.columns and kind.holds(name) in ("date", "moment"):
            day = table[name].cast("date")
            totals[f"first_{name}"], totals[f"last_{name}"] = table[name].min(), table[name].max()
            totals[f"blank_{name}"] = table[name].isnull().sum()  # noqa: PD003 (ibis)
            totals[f"days_{name}"] = day.delta(ibis.date("1970-01-01"), unit="day").sum()
    if PERSON in table.columns:
        totals["people"] = key_of(table[PERSON], remote.database).nunique()
    return totals


def _facts(totals: pd.Series, kind: Kind) -> dict[str, str]:
    (first, begin), (last, end), (blank, missing) = kind.at_a_glance
    facts = {"People": f"{int(totals['people']):,}"} if "people" in totals else {}
    return {
        **facts,
        first: day_in_words(totals[f"first_{begin}"]),
        last: day_in_words(totals[f"last_{end}"]),
        blank: f"{int(totals[f'blank_{missing}']):,}",
    }


def typed(table: ir.Table, kind: Kind, headings: Mapping[str, str], where: str) -> ir.Table:
    """The columns of the kind as what they should hold.

    Dates lose their time of day, texts the blanks at their ends; an empty text is a blank.

    Raises DataError if the database holds a column as something else: text is never read as dates
    here.
    """
    fitting: dict[str, Callable[[ir.Column], ir.Column]] = {}
    for name in [name for name in kind.columns if name in table.columns]:
        holds, dtype = kind.holds(name), table[name].type()
        dated = dtype.is_date() or dtype.is_timestamp()
        if holds in ("date", "moment") and not dated:
            raise _other_type(headings[name], "dates", dtype, where)
        if holds == "number" and not dtype.is_numeric():
            raise _other_type(headings[name], "numbers", dtype, where)
        if holds == "date" and not dtype.is_date():
            fitting[name] = lambda column: column.cast("date")
        elif holds == "moment" and not dtype.is_timestamp():
            fitting[name] = lambda column: column.cast("timestamp")
        elif holds == "text" and name != PERSON:
            fitting[name] = lambda column: column.cast("string").strip().nullif("")
    return table.mutate(**{name: fit(table[name]) for name, fit in fitting.items()})


def _other_type(heading: str, wanted: str, dtype: object, where: str) -> DataError:
    return DataError(
        f"`{heading}` does not hold {wanted}.",
        found=f"the database holds it as {dtype}",
        remedy=f"Make a view in which it holds {wanted}, and name that view as the table.",
        where=where,
    )


def repeats_of(kind: Kind, table: ir.Table) -> tuple[RowRule, list[str]]:
    """The rule against repeated rows, and the columns in which they are compared: none, no rule."""
    [rule] = [rule for rule in kind.rules if rule.key is not None]
    return rule, rule.compared(table) if rule.column in table.columns else []


def count_repeats(database: BaseBackend, table: ir.Table, names: list[str]) -> int:
    """How many rows repeat an earlier one in these columns (rows without a person left aside)."""
    known = table.filter(table[PERSON].notnull())  # noqa: PD004 (a column of ibis)
    alike = known.select(
        **{name: key_of(known[name], database) if name == PERSON else known[name] for name in names}
    )
    counts = database.to_pandas(
        known.aggregate(rows=known.count()).cross_join(
            alike.distinct().aggregate(different=lambda rows: rows.count())
        )
    ).iloc[0]
    return int(counts["rows"]) - int(counts["different"])


def without_repeats(table: ir.Table, names: list[str]) -> ir.Table:
    """The first of the rows that are alike, the others left out; without a person all stay."""
    others = [name for name in table.columns if name not in names]
    in_order = [FILE_ROW] if FILE_ROW in others else others or names
    window = ibis.window(
        group_by=[table[name] for name in names],
        order_by=[table[name] for name in in_order],
    )
    placed = table.mutate(place=ibis.row_number().over(window))
    first = (placed["place"] == 0) | placed[PERSON].isnull()  # noqa: PD003 (ibis)
    return placed.filter(first).drop("place")


_MOST_VALUES = 20


def filtered(
    table: ir.Table, request: Request, names: Mapping[str, str], database: BaseBackend
) -> tuple[ir.Table, list[tuple[str, int]]]:
    """The rows that are meant, and for each condition how many rows it left out.

    `request`: its conditions: heading, or our name for it → the value, or a list of the values,
    that a row must have. `names`: our name → heading.
    """
    if not request.conditions:
        return table, []
    ours = {heading: name for name, heading in names.items()}
    fits: dict[str, ir.Value] = {}
    for said, given in request.conditions.items():
        heading = said if said in table.columns else names.get(said, said)
        if heading not in table.columns or heading == FILE_ROW:
            headings = [name for name in table.columns if name != FILE_ROW]
            raise no_such_column(str(heading), headings, request.where)
        hidden = request.kind.identifies(ours.get(heading, heading), heading)
        fits[heading] = _fit(table, heading, given, database, hidden=hidden, where=request.where)
    so_far: ir.Value = ibis.literal(True)
    counts = {}
    for number, fit in enumerate(fits.values()):
        counts[f"out{number}"] = (so_far & ~fit).sum()
        so_far = so_far & fit
    counts_of_rows = database.to_pandas(table.aggregate(left=so_far.sum(), **counts)).iloc[0]
    if not counts_of_rows["left"] > 0:
        raise DataError(
            "No row meets all conditions of `where` together.",
            found=f"each is met by some row, but {listed(fits)} never at once",
            where=request.where,
        )
    reasons = [
        (f"`{heading}` is not a value given (`where`)", int(counts_of_rows[f"out{number}"]))
        for number, heading in enumerate(fits)
    ]
    return table.filter(so_far), reasons


def _fit(
    table: ir.Table,
    heading: str,
    given: Any,
    database: BaseBackend,
    *,
    hidden: bool,
    where: str,
) -> ir.Value:
    """Where a column has one of the values. Each of them must occur."""
    wanted = [str(plain_value(value)).strip() for value in as_list(given)]
    texts = table[heading].cast("string").strip()
    if table[heading].type().is_boolean():
        texts = table[heading].ifelse("TRUE", "FALSE")
    present = database.to_pandas(
        table.filter(texts.isin(wanted)).select(value=texts).distinct().limit(len(wanted))
    )
    lacking = [value for value in wanted if value not in set(present["value"])]
    if lacking:
        different = table.select(value=texts).distinct().order_by("value").limit(_MOST_VALUES + 1)
        values = [str(value) for value in database.to_pandas(different)["value"].dropna()]
        shown = values if len(values) <= _MOST_VALUES else []
        count = f"more than {_MOST_VALUES} other values"
        if hidden:
            raise no_such_value(heading, lacking[0], None, "other values", where)
        raise no_such_value(heading, lacking[0], shown, count, where)
    return texts.isin(wanted).fill_null(False)
