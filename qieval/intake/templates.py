"""A workbook to fill in, for a kind of table: headings, help, lists to choose from, an example.

What a person fills in is read by ``qi.read`` without a further word: its headings are those that
the kind knows, and the sheet with the help is known by its title.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from qieval.core.errors import ParameterError, WorkspaceError
from qieval.intake.reading.formats.workbook import HELP_TITLE
from qieval.intake.tables import Kind, kind_named

DATA, HELP = "Data", "Help"
"""The sheets: the one to fill in comes first."""

_ROWS = 2000
"""Rows below the headings that are checked while somebody types."""

_HEAD = PatternFill("solid", fgColor="003087")
_LONGEST_PROMPT = 250
"""Excel shows no more of a prompt."""

_EXAMPLES: dict[str, dict[str, Any]] = {
    "spells": {
        **{"person": "P001", "start": date(2024, 4, 3), "end": date(2024, 5, 21)},
        **{"ward": "Rowan ward", "discharged_to": "home"},
    },
    "leave": {"person": "P001", "start": date(2024, 4, 12), "end": date(2024, 4, 14)},
    "waits": {
        **{"referred": date(2024, 4, 3), "started": date(2024, 4, 24), "person": "P001"},
        **{"outcome": "here", "team": "North team"},
    },
    "audit": {
        **{"wave": 2024, "standard": "Care plan reviewed", "result": "met", "record": "R001"},
        **{"team": "North team"},
    },
    "pdsa": {
        **{"cycle": "1", "started": date(2024, 4, 3), "ended": date(2024, 4, 17)},
        **{"change": "Review every stay at the morning meeting", "size": 5},
        **{"prediction": "Fewer delays are found late", "measure": "delays found within a week"},
        **{"learning": "The meeting needs the ward clerk", "decision": "adapt"},
    },
    "events": {
        **{"date": date(2024, 4, 3), "event": "New ward manager", "kind": "staffing"},
        **{"planned": "planned", "level": "team"},
    },
    "involvement": {
        **{"stage": "testing", "level": "co-designed", "date": date(2024, 4, 3)},
        **{"who": "service users", "people": 4, "paid": "yes"},
    },
    "quotes": {
        **{"theme": "Time", "quote": "There was no hour for it", "who": "nurse"},
        **{"finding": "discharge-pathway/run_chart", "agreement": "discordant"},
        **{"checked_by": "project lead", "checked_on": date(2024, 5, 8)},
    },
    "returns": {
        **{"team": "North team", "period": "2024-04", "due": date(2024, 5, 10)},
        **{"received": date(2024, 5, 8)},
    },
    "series": {"period": "2024-04", "bed_days": 512},
    "beds": {"period": "2024-04", "beds": 18, "ward": "Rowan ward"},
    "units": {"unit": "Rowan ward", "numerator": 12, "denominator": 480},
    "responses": {"respondent": "A001", "wave": 2024, "ward": "Rowan ward", "satisfied": 4},
    "cases": {"date": date(2024, 4, 3), "event": 0, "risk": 0.04},
    "reasons": {"reason": "no transport", "date": date(2024, 4, 3)},
}
"""A row of each kind; names that the kind does not know are figures or answers of one's own."""

_CHOICES: dict[str, dict[str, Sequence[str]]] = {
    "spells": {"discharged_to": ("home", "transfer", "other care", "died")},
    "waits": {"outcome": ("here", "elsewhere", "refused", "withdrawn")},
    "audit": {"result": ("met", "not met", "not applicable")},
    "pdsa": {"decision": ("adopt", "adapt", "abandon")},
    "events": {
        "kind": ("organisation", "staffing", "policy", "data system", "other change"),
        "planned": ("planned", "not planned"),
        "level": ("team", "organisation", "region", "nation"),
    },
    "involvement": {
        "level": ("none", "informed", "consulted", "co-designed", "led"),
        "paid": ("yes", "no"),
    },
    "quotes": {"agreement": ("concordant", "discordant", "silent")},
}
"""What is offered in a cell. Other words are accepted after a warning: codes are one's own."""


@dataclass(frozen=True)
class Heading:
    """A column of the workbook."""

    name: str
    holds: str
    help: str
    needed: str
    example: Any


def headings_of(kind: Kind) -> list[Heading]:
    """The columns of a kind's workbook, those that must be there first; no scores of reviewers.

    Where a kind takes one of several groups of columns, those of the first are shown.
    """
    example = _EXAMPLES[kind.name]
    others = {name for group in kind.either[1:] for name in group}
    first = set(kind.either[0]) if kind.either else set()
    headings = []
    for name, column in kind.columns.items():
        if name in others or name.startswith("score_"):
            continue
        needed = "yes" if column.required or name in first else "if you have it"
        if column.required and column.nullable:
            needed = "yes; a cell may be blank"
        headings.append(Heading(name, column.holds, column.description, needed, example.get(name)))
    for name, value in example.items():
        if name not in kind.columns:
            what = "text" if isinstance(value, str) else "number"
            own = (
                "a figure or answer of your own: give it the name that you use; add more beside it"
            )
            headings.append(Heading(name, what, own, "at least one", value))
    return sorted(headings, key=lambda heading: heading.needed == "if you have it")


def write_template(kind: str, file: Path) -> Path:
    """Write the workbook of a kind of table.

    Parameters
    ----------
    kind : str
        Name of the kind: spells, series, audit …
    file : Path
        Where to; it must end in .xlsx, and must not be there yet.

    Raises
    ------
    ParameterError
        If there is no such kind, or the file has another ending or is there already.
    WorkspaceError
        If it cannot be written.
    """
    of = kind_named(kind)
    if file.suffix.lower() != ".xlsx":
        raise ParameterError("A template is an Excel workbook (.xlsx).", found=f"`{file.name}`")
    if file.exists():
        raise ParameterError(
            "This file is there already; it stays as it is.",
            found=f"`{file.name}`",
            remedy="Give another name with `--to`.",
        )
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = DATA
    headings = headings_of(of)
    _fill_data(sheet, of, headings)
    _fill_help(book.create_sheet(HELP), of, headings)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        book.save(file)
    except OSError as error:
        raise WorkspaceError(
            "The template cannot be written.",
            found=error.strerror,
            remedy="Use a folder in which you may write.",
            where=file.name,
        ) from error
    return file


def _fill_data(sheet: Worksheet, kind: Kind, headings: Sequence[Heading]) -> None:
    for place, heading in enumerate(headings, 1):
        letter = get_column_letter(place)
        cell = sheet.cell(1, place, heading.name)
        cell.font, cell.fill = Font(bold=True, color="FFFFFF"), _HEAD
        cell.comment = Comment(f"{heading.help}. Needed: {heading.needed}.", "qieval")
        sheet.column_dimensions[letter].width = max(14, len(heading.name) + 4)
        check = _check(heading, _CHOICES.get(kind.name, {}).get(heading.name, ()))
        check.promptTitle, check.prompt = heading.name[:32], heading.help[:_LONGEST_PROMPT]
        check.showInputMessage = True
        check.add(f"{letter}2:{letter}{_ROWS}")
        sheet.add_data_validation(check)
        if heading.holds in ("date", "moment"):
            for row in range(2, _ROWS + 1):
                sheet.cell(row, place).number_format = "yyyy-mm-dd"
    sheet.freeze_panes = "A2"


def _check(heading: Heading, choices: Sequence[str]) -> DataValidation:
    """What Excel checks in the cells of a column while somebody types."""
    if choices:
        listed = '"' + ",".join(choices) + '"'
        check = DataValidation(type="list", formula1=listed, allow_blank=True)
        check.errorStyle = "warning"
        check.error = "This is none of the words offered. If it is a code of your own, keep it."
    elif heading.holds in ("date", "moment"):
        check = DataValidation(type="date", operator="greaterThan", formula1="1", allow_blank=True)
        check.error = "Type a date, such as 2024-04-03."
    elif heading.holds == "number":
        check = DataValidation(
            type="decimal", operator="between", formula1="-1E+12", formula2="1E+12"
        )
        check.allow_blank, check.errorStyle = True, "warning"
        check.error = "Type a number; leave the cell blank where nothing is known, and never 0."
    else:
        return DataValidation(allow_blank=True)
    check.showErrorMessage = True
    return check


def _fill_help(sheet: Worksheet, kind: Kind, headings: Sequence[Heading]) -> None:
    """What to do, and what each column is."""
    lines = [
        HELP_TITLE,
        f"One row is {kind.row}. Put no names, addresses or numbers of patients into any cell.",
        "Leave blank what is not known. Columns that you do not have can be deleted.",
    ]
    for heading in headings:
        example = "" if heading.example is None else f" Example: {heading.example}."
        lines.append(f"{heading.name}: {heading.help}. Needed: {heading.needed}.{example}")
    for row, line in enumerate(lines, 1):
        cell = sheet.cell(row, 1, line)
        cell.font = Font(bold=row == 1)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.column_dimensions["A"].width = 110
