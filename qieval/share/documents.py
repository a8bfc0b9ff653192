"""Other formats of what is released, from the same results: a workbook, Word documents, PDFs.

They are made behind the gate and go through the same scan. A PDF is a print of a page of the site
that was scanned before, tagged for screen readers.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, get_args
from xml.etree.ElementTree import Element, SubElement

from openpyxl import Workbook
from openpyxl.styles import Font

from qieval.batch.doctor import browser_here
from qieval.charts import draw
from qieval.charts.drawing import alt_text
from qieval.core.errors import ParameterError, listed
from qieval.core.result import Result, rows_of
from qieval.core.tables import Table
from qieval.report.export import write_sheet
from qieval.report.figure import caption
from qieval.share.document_words import PAGE
from qieval.share.frame import without_controls
from qieval.share.published import Project, Published, Whole, href

Format = Literal["xlsx", "docx", "pdf"]

_LONGEST_TITLE = 31
"""A sheet's name may not be longer."""

_DESCRIBED = """document.querySelectorAll("[role=img] svg")
    .forEach(drawing => drawing.removeAttribute("aria-hidden"))"""
"""Chromium gives a figure's description to the PDF only if the drawing itself is not hidden."""

_SVG = "{http://www.w3.org/2000/svg}"

_DPI = 160
_WIDE = 6.3
"""Width of a figure in a Word document, in inches."""


def checked_formats(formats: Sequence[str]) -> tuple[Format, ...]:
    """The formats, if all are known.

    Raises
    ------
    ParameterError
        If one is not.
    """
    unknown = [name for name in formats if name not in get_args(Format)]
    if unknown:
        raise ParameterError(
            "Not every format is known.", found=listed(unknown), remedy="Known: xlsx, docx, pdf."
        )
    return tuple(dict.fromkeys(formats))  # type: ignore[arg-type]


# ---- a workbook --------------------------------------------------------------------------------


def write_workbook(whole: Whole, file: Path) -> None:
    """Every table of a programme in one workbook: a list of them, then a sheet each."""
    book = Workbook()
    contents = book.worksheets[0]
    contents.title = "Contents"
    contents.append(["Sheet", "Project", "Evaluation", "Table", "Finding", PAGE])
    for cell in contents[1]:
        cell.font = Font(bold=True)
    for number, (project, one, table) in enumerate(_tables(whole), start=1):
        sheet = book.create_sheet(f"{number} {table.name}"[:_LONGEST_TITLE])
        write_sheet(sheet, table)
        row = [sheet.title, project.name, one.record.title, table.caption, one.finding, one.address]
        contents.append([without_controls(cell) for cell in row])
        contents.cell(contents.max_row, 1).hyperlink = f"#'{sheet.title}'!A1"
        contents.cell(contents.max_row, len(row)).hyperlink = href("", one.address)
    for letter, width in zip("ABCDEF", (22, 32, 40, 60, 90, 60), strict=True):
        contents.column_dimensions[letter].width = width
    contents.freeze_panes = "A2"
    book.save(file)


def _tables(whole: Whole) -> Iterator[tuple[Project, Published, Table]]:
    for project in whole.projects:
        for one in project.evaluations:
            for table in one.files.values():
                yield project, one, table


# ---- Word --------------------------------------------------------------------------------------


def write_word(
    title: str, projects: Sequence[Project], file: Path, *, stamp: str, opening: str = ""
) -> None:
    """A document of some projects: real headings, figures with alt text, tables with head rows.

    Parameters
    ----------
    title : str
        Title of the document.
    projects : sequence of Project
        What is in it, in their order.
    file : Path
        Where it is written.
    stamp : str
        One sentence on the release.
    opening : str
        The finding about all of them, if there is one.

    Raises
    ------
    ParameterError
        If python-docx is not installed.
    """
    try:
        from docx import Document
    except ImportError as error:
        raise ParameterError(
            "Word documents need the package python-docx.",
            remedy="Install it: `pip install 'qieval[word]'`.",
        ) from error
    document = Document()
    document.core_properties.title = title
    document.core_properties.author = ""
    document.core_properties.language = "en-GB"
    document.add_heading(without_controls(title), 0)
    document.add_paragraph(stamp)
    if opening:
        document.add_paragraph(without_controls(opening))
    for project in projects:
        document.add_heading(without_controls(project.name), 1)
        for line in filter(None, (project.team, project.aim and f"Aim: {project.aim}")):
            document.add_paragraph(without_controls(line))
        for one in project.evaluations:
            document.add_heading(without_controls(one.record.title), 2)
            document.add_paragraph(without_controls(f"{PAGE}: {one.address}"))
            document.add_paragraph(without_controls(one.finding)).runs[0].bold = True
            if one.result is not None:
                _write_result(document, one, one.result)
    document.save(str(file))


def _write_result(document: Any, one: Published, result: Result) -> None:
    from docx.shared import Inches

    if result.verdict.aim.words:
        document.add_paragraph(without_controls(result.verdict.aim.words))
    if result.verdict.sustained.words:
        document.add_paragraph(without_controls(result.verdict.sustained.words))
    picture = document.add_picture(_picture(result), width=Inches(_WIDE))
    described = without_controls(alt_text(result))
    for place in picture._inline.iter():
        if place.tag.endswith("}docPr"):
            place.set("descr", described)
            place.set("name", "Figure")
    document.add_paragraph(without_controls(caption(result, one.origin)), style="Caption")
    document.add_paragraph(without_controls(result.details()))
    _write_table(document, result.table("estimates"))
    document.add_heading("What was checked", 3)
    for check in rows_of(result.checks):
        text = without_controls(f"{check.check}: {check.detail}")
        document.add_paragraph(text, style="List Bullet")
    document.add_heading("What this cannot tell", 3)
    for limit in result.limits:
        document.add_paragraph(limit, style="List Bullet")


def _picture(result: Result) -> io.BytesIO:
    """The figure as a PNG, without notes of when and with what it was made."""
    figure = draw(result, size="page").get_figure(root=True)
    assert figure is not None
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=_DPI, metadata={"Software": None})
    out.seek(0)
    return out


def _write_table(document: Any, table: Table) -> None:
    from docx.oxml import OxmlElement

    if not len(table):
        return
    document.add_paragraph(without_controls(table.caption), style="Caption")
    columns = table.shown
    grid = document.add_table(rows=1, cols=len(columns))
    grid.style = "Light Grid Accent 1"
    heads = grid.rows[0]
    heads._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # repeated on every page
    for cell, column in zip(heads.cells, columns, strict=True):
        cell.text = without_controls(column.head)
    for row in range(len(table)):
        for cell, column in zip(grid.add_row().cells, columns, strict=True):
            cell.text = without_controls(column.cells[row])


# ---- PDF ---------------------------------------------------------------------------------------


def write_pdfs(pages: Sequence[Path]) -> list[Path]:
    """A PDF beside each page: tagged, with outline, language and title.

    The browser at hand prints them; where there is none, WeasyPrint does, if it is installed.

    Raises
    ------
    ParameterError
        If there is neither a browser, with the package playwright that drives it, nor WeasyPrint.
    """
    if (browser := browser_here()) and find_spec("playwright"):
        # In a thread of its own: playwright refuses one that has an event loop, as a notebook has.
        with ThreadPoolExecutor(1) as apart:
            return apart.submit(_printed_by_browser, pages, browser).result()
    if find_spec("weasyprint"):
        return _printed_by_weasyprint(pages)
    raise ParameterError(
        "PDFs are printed by a browser, or by WeasyPrint, and neither can be used here.",
        found="a browser, without the package playwright" if browser else "no browser",
        remedy="`pip install 'qieval[pdf]'` for the browser (Chromium, Chrome or Edge), "
        "`pip install 'qieval[weasyprint]'` to do without, or share without `--format pdf`.",
    )


def _printed_by_browser(pages: Sequence[Path], browser: str) -> list[Path]:
    from playwright.sync_api import sync_playwright

    written = []
    with sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        shown = running.new_page()
        for page in pages:
            shown.goto(page.absolute().as_uri())
            shown.evaluate(_DESCRIBED)
            file = page.with_suffix(".pdf")
            shown.pdf(path=file, format="A4", tagged=True, outline=True, print_background=True)
            written.append(file)
        running.close()
    return written


def _printed_by_weasyprint(pages: Sequence[Path]) -> list[Path]:
    from weasyprint import HTML

    written = []
    for page in pages:
        html = HTML(page)
        _with_figures_by_themselves(html.etree_element)
        file = page.with_suffix(".pdf")
        html.write_pdf(file, pdf_tags=True)
        written.append(file)
    return written


def _with_figures_by_themselves(tree: Element) -> None:
    """Give each drawing its description and its style: WeasyPrint looks for them in it alone."""
    for chart in tree.iterfind(".//*[@role='img']"):
        style = chart.find("style")
        for drawing in chart.findall(f"{_SVG}svg"):
            drawing.set("class", chart.get("class", ""))
            title = SubElement(drawing, f"{_SVG}title")
            title.text = chart.get("aria-label")
            if style is not None:
                SubElement(drawing, f"{_SVG}style").text = style.text
