"""What a workbook or a Word document says, part by part, with the page that each part is about.

They are read as files, apart from what wrote them. Pictures in them are not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile

from openpyxl import load_workbook

from qieval.share.page_words import ALT, ROW, SENTENCE, PageWords, Unit, sentences_of

SUFFIXES = (".xlsx", ".docx")
PAGE = "Page of the site"
"""What stands before the address of a page in a document, and above a column of them."""

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PARTS = ("Title", "Heading1", "Heading2")
"""Headings at which another part begins."""


def words_of_document(file: Path) -> Iterator[tuple[str, PageWords]]:
    """The parts of a document: address of the page that each is about ("": several), and its words.

    Parameters
    ----------
    file : Path
        A workbook (`.xlsx`) or a Word document (`.docx`).
    """
    return _of_workbook(file) if file.suffix == ".xlsx" else _of_word(file)


def _of_workbook(file: Path) -> Iterator[tuple[str, PageWords]]:
    book = load_workbook(file, data_only=True)
    pages: dict[str, str] = {}
    for sheet in book.worksheets:
        rows = [
            ["" if v is None else str(v) for v in row] for row in sheet.iter_rows(values_only=True)
        ]
        words, heads = PageWords(), list[str]()
        for row in rows:
            if len([cell for cell in row if cell]) > 1 and not heads:
                heads = row
            elif heads:
                cells = tuple(zip(heads, row, strict=True))
                words.units.append(Unit(ROW, " ".join(row), cells=cells))
                pages |= {row[0]: dict(cells)[PAGE]} if PAGE in heads else {}
            else:
                words.units += sentences_of(" ".join(row), SENTENCE)
        for cell in (cell for row in sheet.iter_rows() for cell in row if cell.comment):
            words.units += sentences_of(cell.comment.text, SENTENCE)
        yield pages.get(sheet.title, ""), words


def _of_word(file: Path) -> Iterator[tuple[str, PageWords]]:
    with ZipFile(file) as parts:
        body = ElementTree.fromstring(parts.read("word/document.xml")).find(f"{_W}body")
    address, words = "", PageWords()
    for block in body if body is not None else ():
        style = block.find(f"{_W}pPr/{_W}pStyle")
        if style is not None and style.get(f"{_W}val") in _PARTS:
            yield address, words
            address, words = "", PageWords()
        if block.tag == f"{_W}tbl":
            words.units += _rows(block)
            continue
        text = _text(block)
        if text.startswith(f"{PAGE}: "):
            address = text.removeprefix(f"{PAGE}: ")
        else:
            words.units += sentences_of(text, SENTENCE)
        for place in block.iter():
            words.units += sentences_of(place.get("descr", ""), ALT)
    yield address, words


def _rows(table: ElementTree.Element) -> Iterator[Unit]:
    heads: list[str] = []
    for row in table.iter(f"{_W}tr"):
        cells = [_text(cell) for cell in row.iter(f"{_W}tc")]
        if heads:
            yield Unit(ROW, " ".join(cells), cells=tuple(zip(heads, cells, strict=False)))
        heads = heads or cells


def _text(block: ElementTree.Element) -> str:
    return "".join(part.text or "" for part in block.iter(f"{_W}t"))
