"""Workbook, Word documents and PDFs of what is released."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from ctypes.util import find_library
from pathlib import Path

import openpyxl
import pytest
from docx import Document
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, NullObject, PdfObject

from qieval.core.errors import ParameterError
from qieval.share import documents
from qieval.share.gate import share
from tests.share.test_gate import audited, outputs_with, workspace

__all__ = ["workspace"]


@pytest.fixture
def folder(workspace: Path) -> Path:
    return outputs_with(workspace, {"brook/audit": audited()})


def test_the_workbook_lists_its_tables_and_holds_released_figures(workspace, folder):
    site = share(folder, workspace / "site", workspace, formats=["xlsx"]).site
    book = openpyxl.load_workbook(site / "tables.xlsx")
    contents = [[cell.value for cell in row] for row in book["Contents"].iter_rows(min_row=2)]
    assert [row[0] for row in contents] == book.sheetnames[1:]
    sheet = book[next(name for name in book.sheetnames if name.endswith("points"))]
    rows = {row[0].value: [cell.value for cell in row] for row in sheet.iter_rows(min_row=3)}
    heads = [cell.value for cell in sheet[2]]
    assert rows["Weight"][heads.index("Met")] == "*"
    assert rows["Pulse"][heads.index("Met")] == 30
    assert rows["Pulse"][heads.index("Of")] == 60


def test_a_word_document_has_headings_described_figures_and_tables_with_heads(workspace, folder):
    site = share(folder, workspace / "site", workspace, formats=["docx"]).site
    for file in (site / "programme.docx", site / "closing-the-gap" / "brook" / "project.docx"):
        document = Document(str(file))
        levels = [p.style.name for p in document.paragraphs if p.style.name.startswith("Head")]
        assert levels[:2] == ["Heading 1", "Heading 2"]
        described = re.findall(r'<pic:cNvPr|descr="([^"]+)"', document.element.xml)
        assert any(len(words) > 40 for words in described)
        assert "w:tblHeader" in document.element.xml
        assert document.core_properties.title
        words = "\n".join(p.text for p in document.paragraphs)
        assert "1 of 61" not in words
        assert "withheld" in words


@pytest.mark.parametrize("printer", ["browser", "WeasyPrint"])
def test_a_pdf_is_tagged_and_has_language_title_and_described_figures(
    workspace, folder, monkeypatch, printer
):
    if printer == "WeasyPrint":
        monkeypatch.setattr(documents, "browser_here", lambda: None)
        if not any(map(find_library, ("pango-1.0-0", "pango-1.0", "libpango-1.0-0"))):
            pytest.skip("NEEDS Pango: WeasyPrint cannot be used without it")
    elif documents.browser_here() is None:
        pytest.skip("NEEDS a browser: no Chromium, Chrome or Edge was found")

    async def from_a_notebook() -> Path:
        return share(folder, workspace / "site", workspace, formats=["pdf"]).site

    # A thread of its own: a browser that other tests hold open has a loop in this one.
    with ThreadPoolExecutor(1) as pool:
        site = pool.submit(lambda: asyncio.run(from_a_notebook())).result()
    pdf = PdfReader(site / "closing-the-gap" / "brook" / "audit.pdf")
    catalogue = pdf.trailer["/Root"]
    assert catalogue["/MarkInfo"]["/Marked"]
    assert catalogue["/Lang"].startswith("en")
    assert pdf.metadata.title
    tags = list(_tags(catalogue["/StructTreeRoot"]))
    described = [str(tag["/Alt"]) for tag in tags if "/Alt" in tag]
    assert any("Dots with intervals" in words for words in described)
    assert {"/H1", "/P", "/Table"} <= {tag.get("/S") for tag in tags}
    words = "".join(page.extract_text() for page in pdf.pages)
    assert "withheld" in words
    assert "1 of 61" not in words


def _tags(above: PdfObject) -> Iterator[DictionaryObject]:
    """Every element of a PDF's tree of tags."""
    below = above.get_object()
    if isinstance(below, DictionaryObject):
        yield below
        below = below.get("/K", NullObject()).get_object()
        below = below if isinstance(below, ArrayObject) else [below]
    for one in below if isinstance(below, list) else ():
        yield from _tags(one)


def test_without_browser_and_weasyprint_it_is_said_what_to_install(workspace, folder, monkeypatch):
    monkeypatch.setattr(documents, "browser_here", lambda: None)
    monkeypatch.setattr(documents, "find_spec", lambda name: None)
    with pytest.raises(ParameterError, match="neither can be used here"):
        share(folder, workspace / "site", workspace, formats=["pdf"])


def test_an_unknown_format_is_refused_before_anything_is_done(workspace, folder):
    with pytest.raises(ParameterError, match="Not every format is known"):
        share(folder, workspace / "site", workspace, formats=["odt"])
    assert not (workspace / "site").exists()
