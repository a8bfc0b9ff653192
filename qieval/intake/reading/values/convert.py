"""From raw cells to columns of dates, periods, numbers and text."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace

import pandas as pd

from qieval.core.errors import DataError
from qieval.core.words import many
from qieval.intake.reading.layout.cell_types import is_period, plain_number, year_of
from qieval.intake.reading.request import Request
from qieval.intake.reading.values.cells import Column, texts
from qieval.intake.reading.values.dates import dates
from qieval.intake.reading.values.numbers import look_like_numbers, numbers
from qieval.intake.reading.values.period_columns import periods
from qieval.intake.reading.values.suppression import refuse_drags
from qieval.intake.tables.faults import Fault, row_numbers
from qieval.intake.tables.kind import Holds


@dataclass(frozen=True, eq=False)
class Conversion:
    """A converted table and what came up on the way."""

    # Our names; the index holds the row numbers. Cells with a fault are missing.
    table: pd.DataFrame
    faults: list[Fault]  # cells that could not be converted
    notes: list[str]  # what was decided
    spelt: set[str]  # the kinds of period that spellings said
    # Number cells without a number.
    blank: int
    suppressed: int


def convert(
    cells: pd.DataFrame,
    names: dict[str, str],
    request: Request,
    *,
    mapped: set[str],
    secret: Collection[str] = (),
) -> Conversion:
    """Every column of a table as what it holds."""
    kind, marks = request.kind, request.marks
    notes: list[str] = []
    looked_at: dict[str, tuple[Column, Holds]] = {}
    commas: set[str] = set()
    for name, heading in names.items():
        hidden = kind.about_people or kind.identifies(name, heading) or heading in secret
        column = Column.of(cells[heading], name, may_show=not hidden)
        holds = kind.holds(name, mapped=name in mapped)
        if holds == "date" and kind.others == "undecided" and look_like_numbers(column, marks):
            holds = "undecided"  # in such tables other columns are the team's own: "started: 9"
        if holds == "undecided":
            is_number = look_like_numbers(column, marks, decimal_comma=bool(request.decimal_comma))
            holds = "number" if is_number else "text"
            if is_number and (parted := _ask_parted(column, request)):
                notes.append(parted)
                commas |= {name} if "Dots" in parted else set()
            if not is_number and request.decimal_comma is None and _has_commas(column, request):
                notes.append(_ask_commas(column, request))
                holds, commas = "number", commas | {name}
            elif not is_number and not hidden:
                notes += _asked_about_values(column, request)
        looked_at[name] = column, holds
    if kind.adds_up and all(holds != "number" for _, holds in looked_at.values()):
        for column, holds in looked_at.values():
            if holds == "text" and kind.holds(column.name, mapped=column.name in mapped) != "text":
                notes += _asked_about_figures(column, request)
    figures = [names[name] for name, (_, holds) in looked_at.items() if holds == "number"]
    refuse_drags(cells[figures], marks, request.where)

    columns: dict[str, pd.Series] = {}
    faults: list[Fault] = []
    spelt: set[str] = set()
    blank = withheld = 0
    for name, (column, holds) in looked_at.items():
        if holds in ("date", "moment"):
            done = dates(column, request, times=holds == "moment")
        elif holds == "period":
            done, spelt = periods(column, request)
        elif holds == "number":
            by = replace(request, decimal_comma=True) if name in commas else request
            done = numbers(column, by, named=name in mapped)
            blank, withheld = blank + done.blank, withheld + done.suppressed
        else:
            done = texts(column)
        for beside in done.beside:
            _refuse_twice(beside, names, request.where)
        columns |= {name: done.column, **done.beside}
        faults += done.faults
        notes += done.notes
    return Conversion(pd.DataFrame(columns), faults, notes, spelt, blank, withheld)


def _has_commas(column: Column, request: Request) -> bool:
    return look_like_numbers(column, request.marks, decimal_comma=True)


_PARTED = {sign: re.compile(rf"[1-9]\d{{0,2}}({re.escape(sign)}\d{{3}})+") for sign in ".,"}


def _ask_parted(column: Column, request: Request) -> str | None:
    """The question about 1.200 or 1,200 with three digits behind each sign; None if there is none.

    Semicolons between cells say that commas may stand before decimals, and dots between thousands;
    985 beside 1.200 says the latter as well.
    """
    if request.decimal_comma is not None:
        return None
    texts = {code: cell for code, cell in enumerate(column.different) if isinstance(cell, str)}
    whole = any(cell.isdigit() and len(cell) > 1 for cell in texts.values())
    for sign, name in {".": "dot", ",": "comma"}.items():
        signed = {code: cell for code, cell in texts.items() if sign in cell}
        parted = all(_PARTED[sign].fullmatch(cell) for cell in signed.values())
        told = request.semicolons or (sign == "." and whole)
        if len(signed) < 2 or not parted or not told:
            continue
        if sign == "," and (whole or any(cell.count(sign) > 1 for cell in signed.values())):
            continue  # 985 beside 1,200, or 1,200,000: they part thousands
        return request.ask(
            f"`{column.heading}` holds {name}s with three digits behind: they may part thousands.",
            found=f"all {many(column.count([*signed]), 'cell')} with a {name} "
            f"({row_numbers(column.where([*signed]), most=5)})",
            remedy=f"Say which: `decimal_comma: {str(sign == '.').lower()}` (1{sign}200 is twelve "
            f"hundred) or `decimal_comma: {str(sign == ',').lower()}` (it is one and a fifth).",
            proposal=f"{name.capitalize()}s in `{column.heading}` were taken to part thousands.",
            settles={"decimal_comma": sign == "."},
        )
    return None


def _ask_commas(column: Column, request: Request) -> str:
    """The question about a column of figures that have commas before their decimals."""
    return request.ask(
        f"`{column.heading}` seems to hold figures with a comma before their decimals.",
        found="such as 1,5",
        remedy="If that is meant, write `decimal_comma: true`.",
        proposal=f"`{column.heading}` was read with commas before decimals.",
        settles={"decimal_comma": True},
    )


_LENGTH = r"\d[\d.]*\s*(?:years?|months?|weeks?|days?|nights?|hours?|hrs?|minutes?|mins?)"
_VALUES = {
    "durations such as 3:30": re.compile(
        r"(\d+ days?, )?\d{1,4}:\d{2}(:\d{2}(\.\d+)?)?|(\d+ ?h(rs?|ours?)?,? ?)?\d+ ?m(ins?)?"
        r"|\d+ ?h",
        re.IGNORECASE,
    ),
    "ratios such as 1:4": re.compile(r"\d+(\.\d+)?\s*:\s*\d+(\.\d+)?"),
    "shares such as 12 of 30": re.compile(r"\d[\d,]*\s*(/|of|out of)\s*\d[\d,]*", re.IGNORECASE),
    "two figures in one cell": re.compile(r"\d[\d,.]*%?\s*[(\[]\s*\d[\d,.]*%?\s*[)\]]"),
    "lengths of time in words": re.compile(rf"{_LENGTH}(?:(?:,|and|\s)*{_LENGTH})*", re.IGNORECASE),
    "figures with what multiplies them": re.compile(
        r"\d[\d,.]*\s*(?:k|m|mn|bn|thousand|million|billion)", re.IGNORECASE
    ),
}
"""Cells that hold a value, but no plain number."""


def _asked_about_values(column: Column, request: Request) -> list[str]:
    """The question about a column of values that would stay text, and fail as text later."""
    plain = column.which(lambda cell: plain_number(cell) is not None)
    for what, pattern in _VALUES.items():
        codes = [
            code
            for code, cell in enumerate(column.different)
            if pattern.fullmatch(str(cell)) and not (year_of(cell) or is_period(cell))
        ]
        if codes and 2 * column.count([*codes, *plain]) > len(column.rows) - column.blank():
            return [
                request.ask(
                    f"`{column.heading}` holds {what}, which are no plain numbers.",
                    found=f"{many(column.count(codes), 'cell')} "
                    f"({row_numbers(column.where(codes), most=5)})",
                    remedy="Write them in the file as one number a cell, with its unit in the "
                    "heading, and a second figure in a column of its own.",
                    proposal=f"`{column.heading}` was kept as text.",
                )
            ]
    return []


_BEGINS_WITH_DIGIT = re.compile(r"[^A-Za-z]{0,3}\d")


def _asked_about_figures(column: Column, request: Request) -> list[str]:
    """The question about a column of what begins with digits, in a table without any figure."""
    codes = column.which(lambda cell: bool(_BEGINS_WITH_DIGIT.match(str(cell))))
    asked = any(f"`{column.heading}` holds" in question.problem for question in request.questions)
    if not column.may_show or asked or 2 * column.count(codes) <= len(column.rows):
        return []
    return [
        request.ask(
            f"`{column.heading}` holds no plain numbers, and no other column holds figures.",
            found=f"{many(column.count(codes), 'cell')} that begin with digits "
            f"({row_numbers(column.where(codes), most=5)})",
            remedy="Write them in the file as one number a cell.",
            proposal=f"`{column.heading}` was kept as text.",
        )
    ]


def _refuse_twice(beside: str, names: dict[str, str], where: str) -> None:
    if beside in names:
        raise DataError(
            f"The file has a column `{beside}` of its own, where the bounds of suppressed numbers "
            "belong.",
            remedy=f"Give it another name: `columns: {{{beside}_in_file: {names[beside]}}}`.",
            where=where,
        )
