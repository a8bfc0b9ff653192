"""Draw awkward sheets, and write what reading asks of them into docs/data_formats.md.

The sheets are the small inputs of tests/intake/reading/first_time.py; the questions are what
`qieval.read` says of them today. Drawn too: the workbook of the tutorial.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
import tempfile
import textwrap
from collections.abc import Sequence
from html import escape
from pathlib import Path
from string import ascii_uppercase

import openpyxl

import qieval as qi
from tests.intake.reading.first_time import CASES

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "data_formats.md"
PICTURES = ROOT / "docs" / "images" / "sheets"
BEGIN, END = "<!-- written by scripts/sheets.py -->", "<!-- end of what scripts/sheets.py wrote -->"

SHOWN: dict[str, tuple[str, str]] = {
    "two tables of one shape": (
        "Two tables below one another",
        "If both were added up, people on CPA would count twice.",
    ),
    "M1 with a plain year": (
        "Months by number",
        "M1 is April in NHS returns and January elsewhere: three months apart.",
    ),
    "levels": (
        "England, regions and trusts in one column",
        "The regions, and England, are the same people again: a sum would count everybody three "
        "times.",
    ),
    "spans of months": (
        "Three months as one period",
        "May to July is no quarter of a year, and a chart needs one place for it.",
    ),
    "a far period": (
        "A year that may be a slip",
        "As it stands the series would have more than 300 missing months.",
    ),
    "percent among fractions": (
        "Percent among fractions",
        "One figure a hundred times too large would be a signal on any chart.",
    ),
    "dots for thousands": (
        "Dots that may part thousands",
        "Twelve hundred, or one and a fifth: both are written 1.200.",
    ),
    "durations": (
        "Hours and minutes, or minutes and seconds",
        "Only the owner of the file knows what 3:30 is.",
    ),
    "numbered weeks": (
        "Weeks by number",
        "Some count weeks from 1 January, others from the first Monday; ISO weeks are proposed.",
    ),
    "a blank behind a sheet's name": (
        "Two sheets of one shape",
        "Both have the columns asked for; the second may be an older copy.",
    ),
}
"""Case → its title, and why it is asked."""


def cells_of(file: Path) -> list[list[str]]:
    """The cells of a file (of the first sheet of a workbook) as they are seen."""
    if file.suffix == ".csv":
        text = file.read_text(encoding="utf-8")
        parted = ";" if ";" in text.partition("\n")[0] else ","
        return list(csv.reader(text.splitlines(), delimiter=parted))
    rows = openpyxl.load_workbook(file).worksheets[0].iter_rows(values_only=True)
    return [[_seen(cell) for cell in row] for row in rows]


def _seen(cell: object) -> str:
    if isinstance(cell, dt.datetime):
        return cell.strftime("%b %Y")
    return "" if cell is None else str(cell)


WIDTH, HIGH, LETTER, EDGE = 26, 22, 7, 30
"""Of a row's number, of a row, of a letter; the least width of a column (pixels)."""


def drawn(rows: Sequence[Sequence[str]], most: tuple[int, int] = (17, 8)) -> str:
    """A sheet as SVG: letters above, numbers at the left; the rest is cut off with an ellipsis."""
    down, across = most
    cut = [list(row[:across]) + (["…"] if len(row) > across else []) for row in rows[:down]]
    if len(rows) > down:
        cut.append(["…"])
    count = max(map(len, cut))
    # A title may lie over the empty cells beside it, as in a spreadsheet.
    table = [row for row in cut if sum(map(bool, row)) > 1]
    widths = [
        max([EDGE, *(LETTER * len(row[at]) + 12 for row in table if at < len(row))])
        for at in range(count)
    ]
    lefts = [WIDTH + sum(widths[:at]) for at in range(count + 1)]
    titles = [WIDTH + LETTER * len(row[0]) + 12 for row in cut if row]
    whole, high = max([lefts[-1], *titles]), HIGH * (len(cut) + 1)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole} {high}" width="{whole}" '
        f'height="{high}" font-family="Arial, Helvetica, sans-serif" font-size="12">',
        f'<path d="M0 0H{whole}V{high}H0z" fill="#fff"/>',
        f'<path d="M0 0H{whole}V{HIGH}H0zM0 0H{WIDTH}V{high}H0z" fill="#e8edee"/>',
    ]
    lines = [f"M0 {HIGH * row}H{whole}" for row in range(len(cut) + 2)]
    lines += [f"M{left} 0V{high}" for left in lefts]
    parts.append(f'<path d="{"".join(lines)}" stroke="#d8dde0"/>')
    parts += [
        f'<text x="{left + wide / 2:g}" y="15" text-anchor="middle">{letter}</text>'
        for left, wide, letter in zip(lefts, widths, ascii_uppercase, strict=False)
    ]
    for number, row in enumerate(cut, start=1):
        y = HIGH * number + 15
        if number <= down:
            parts.append(f'<text x="{WIDTH / 2:g}" y="{y}" text-anchor="middle">{number}</text>')
        parts += [
            f'<text x="{lefts[at] + 6}" y="{y}">{escape(text)}</text>'
            for at, text in enumerate(row)
            if text
        ]
    return "\n".join([*parts, "</svg>"]) + "\n"


def wrapped(text: str) -> str:
    """A message in lines of at most 90 letters; what is continued is further in."""
    lines = (
        textwrap.wrap(line, 90, subsequent_indent=" " * (len(line) - len(line.lstrip()) + 2))
        for line in text.splitlines()
    )
    return "\n".join(line for paragraph in lines for line in paragraph)


def section() -> tuple[str, dict[str, str]]:
    """The section of docs/data_formats.md, and its pictures by file name."""
    written, pictures = [BEGIN], {}
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, (title, why)) in enumerate(SHOWN.items(), start=1):
            kind, make, settings = CASES[name]
            file = make(Path(folder))
            rows = cells_of(file)
            try:
                qi.read(file, kind, **settings)
            except qi.QievalError as error:
                asked = str(error).replace(f"{folder}/", "")
            else:
                raise SystemExit(f"Nothing is asked of “{name}” any more: choose another sheet.")
            picture = f"{number:02d}.svg"
            pictures[picture] = drawn(rows)
            alt = f"A sheet of {len(rows)} rows: {title.lower()}"
            written += [
                f"### {title}",
                f"![{alt}](images/sheets/{picture})",
                f"Asked (read as `{kind}`):",
                f"```text\n{wrapped(asked)}\n```",
                f"Why: {why}",
            ]
    return "\n\n".join([*written, END]), pictures


def main() -> None:
    """Write pictures and section."""
    text, pictures = section()
    PICTURES.mkdir(parents=True, exist_ok=True)
    for name, picture in pictures.items():
        (PICTURES / name).write_text(picture, encoding="utf-8")
    page = PAGE.read_text(encoding="utf-8")
    between = re.compile(f"{re.escape(BEGIN)}.*{re.escape(END)}", re.DOTALL)
    PAGE.write_text(between.sub(lambda _: text, page), encoding="utf-8")
    ward = cells_of(ROOT / "docs" / "files" / "rowan-ward.xlsx")
    (PICTURES.parent / "tutorial_workbook.svg").write_text(drawn(ward), encoding="utf-8")


if __name__ == "__main__":
    main()
