"""Weakened releases: each gives a withheld count away in one place, and the auditor names it.

The site is written as ever; then one place of it says what it must not.
"""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from docx import Document

import qieval as qi
from qieval.core.blocks import Figure
from qieval.core.errors import ReleaseError
from qieval.core.result import Result
from qieval.report import show
from qieval.share import gate, withholding
from qieval.share.gate import Override, share
from tests.share.test_gate import outputs_with, workspace  # noqa: F401
from tests.share.test_linked_tables import by_teams

PAGE = "closing-the-gap/brook/audit.html"
Weaken = Callable[[str], str]


@cache
def audited() -> Result:
    """Four standards in one wave; 1 of 61 met the first."""
    met = {"Weight": 1, "Pulse": 30, "Smoking": 41, "Alcohol": 22}
    rows = [{"wave": "2024", "standard": s, "met": n, "applicable": 61} for s, n in met.items()]
    return qi.audit(pd.DataFrame(rows), met="met", applicable="applicable")


@cache
def charted(per: str = "") -> Result:
    """Falls a month; 2 of them in one month."""
    falls = np.random.default_rng(3).integers(9, 30, 24)
    falls[13] = 2
    table = pd.DataFrame({"period": pd.date_range("2018-01-01", periods=24, freq="MS")})
    table["falls"], table["stays"] = falls, 80
    more = {"denominator": "stays"} if per else {}
    return qi.run_chart(table, value="falls", **more)


@cache
def all_small() -> Result:
    falls = [0, 2, 3, 2, 1, 2, 4, 2, 0, 2, 3, 1] * 2
    table = pd.DataFrame({"period": pd.date_range("2018-01-01", periods=24, freq="MS")})
    return qi.run_chart(table.assign(falls=falls), value="falls")


def in_main(words: str) -> Weaken:
    return lambda text: text.replace("</main>", f"{words}</main>", 1)


def in_figure(mark: str) -> Weaken:
    return lambda text: re.sub(r"(<figure.*?)</svg>", rf"\1{mark}</svg>", text, count=1, flags=re.S)


def exact_figure(result: Result) -> Weaken:
    """The figure of the exact result in the place of the released one."""
    figure = show(Figure(), result, None).html
    figure = re.sub(r'aria-label="[^"]*"', 'aria-label="A chart."', figure)
    figure = re.sub(r"<text[^>]*>[^<]*[A-Za-z][^<]*</text>", "", figure)  # marks alone
    return lambda text: re.sub(r"<figure.*?</figure>", lambda _: figure, text, count=1, flags=re.S)


def in_cell(text: str) -> str:
    """The share of those who met the first standard in the table of the page."""
    row = re.search(r"<tr>(?:(?!</tr>).)*Weight(?:(?!</tr>).)*</tr>", text, re.S)
    assert row
    assert ">*<" in row[0]
    return text.replace(row[0], row[0].replace(">*<", ">2%<", 1), 1)


def in_file(text: str) -> str:
    """The number of those who met the first standard in the file of the table."""
    rows = list(csv.reader(io.StringIO(text)))
    row = next(row for row in rows if row[0] == "Weight")
    at = rows[0].index("Met")
    assert row[at] == "*"
    row[at] = "1"
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()


def shared(root: Path, monkeypatch, result: Result, address: str, weaken: Weaken, **how) -> None:
    """Share a result whose site says too much in one file."""
    written = gate.write_site

    def weakened(to: Path, *arguments, **options):
        files = written(to, *arguments, **options)
        file = to / address
        before = file.read_text(encoding="utf-8")
        after = weaken(before)
        assert after != before
        file.write_text(after, encoding="utf-8")
        return files

    folder = outputs_with(root, {"brook/audit": result})
    with monkeypatch.context() as patch:
        patch.setattr(gate, "write_site", weakened)
        share(folder, root / "site", root, **how)


@pytest.mark.parametrize(
    ("weaken", "place"),
    [
        (in_main("<p>Weight was recorded for 1 of 61.</p>"), "a sentence"),
        (in_main("<p>That is 1 of 61.</p>"), "a sentence"),
        (in_main("<p>That is one of 61 people.</p>"), "a sentence"),
        (in_main("<p>Weight: 1.6% met it.</p>"), "a sentence"),
        (in_main("<p>Pulse was met by 30 and Weight by 1 (met).</p>"), "a sentence"),
        (in_main('<img alt="Dots: Weight 1.6%, then more.">'), "an alt text"),
        (in_main('<p data-note="Weight: 1 of 61">Note</p>'), "an attribute"),
        (in_figure('<text x="9" y="9">Weight 1.6%</text>'), "a label of a figure"),
        (in_cell, "a row of a table"),
    ],
)
def test_a_page_that_says_what_is_withheld(workspace, monkeypatch, weaken, place):  # noqa: F811
    with pytest.raises(ReleaseError, match=re.escape(f"{PAGE}, {place}")) as stopped:
        shared(workspace, monkeypatch, audited(), PAGE, weaken)
    assert "1 of 61" not in str(stopped.value)
    assert not (workspace / "site").exists()


@pytest.mark.parametrize("address", ["index.html", "evaluations.html"])
def test_a_page_of_several_evaluations(workspace, monkeypatch, address):  # noqa: F811
    weaken = in_main(f'<p><a href="{PAGE}">Weight: 1 of 61</a></p>')
    with pytest.raises(ReleaseError, match=f"{address}, a sentence"):
        shared(workspace, monkeypatch, audited(), address, weaken)


def test_a_file(workspace, monkeypatch):  # noqa: F811
    address = "closing-the-gap/brook/audit.points.csv"
    with pytest.raises(ReleaseError, match=re.escape("points.csv, a row of a table")):
        shared(workspace, monkeypatch, audited(), address, in_file)


def in_a_sheet(file: Path) -> None:
    """The number of those who met the first standard in the workbook."""
    book = openpyxl.load_workbook(file)
    sheet = book[next(name for name in book.sheetnames if name.endswith("points"))]
    heads = [cell.value for cell in sheet[2]]
    row = next(row for row in sheet.iter_rows(min_row=3) if row[0].value == "Weight")
    assert row[heads.index("Met")].value == "*"
    row[heads.index("Met")].value = 1
    book.save(file)


def in_a_document(file: Path) -> None:
    """A sentence at the end of the Word document, under the heading of the evaluation."""
    document = Document(str(file))
    document.add_paragraph("Weight: 1 of 61 met it.")
    document.save(str(file))


def in_a_described_picture(file: Path) -> None:
    document = Document(str(file))
    for place in document.element.body.iter():
        if place.tag.endswith("}docPr"):
            place.set("descr", "Dots: Weight 1.6%, then more.")
    document.save(str(file))


@pytest.mark.parametrize(
    ("name", "weaken", "place"),
    [
        ("tables.xlsx", in_a_sheet, "a row of a table"),
        ("programme.docx", in_a_document, "a sentence"),
        ("programme.docx", in_a_described_picture, "an alt text"),
    ],
)
def test_a_document(workspace, monkeypatch, name, weaken, place):  # noqa: F811
    written = gate._write_documents

    def weakened(site: Path, *arguments) -> None:
        written(site, *arguments)
        weaken(site / name)

    folder = outputs_with(workspace, {"brook/audit": audited()})
    formats = [name.partition(".")[2]]
    assert share(folder, workspace / "site", workspace, formats=formats).site.is_dir()
    shutil.rmtree(workspace / "releases")
    monkeypatch.setattr(gate, "_write_documents", weakened)
    with pytest.raises(ReleaseError, match=re.escape(f"{name}, {place}")):
        share(folder, workspace / "site", workspace, formats=formats)


@pytest.mark.parametrize("result", [audited, charted, lambda: charted("stays"), all_small])
def test_marks_of_a_figure(workspace, monkeypatch, result):  # noqa: F811
    with pytest.raises(ReleaseError, match="a mark of figure"):
        shared(workspace, monkeypatch, result(), PAGE, exact_figure(result()))


def test_no_secondary_suppression(workspace, monkeypatch):  # noqa: F811
    """Small counts alone are withheld: the teams' sum gives one away."""
    folder = outputs_with(workspace, {"brook/audit": by_teams()})

    def small_alone(tables, ties, rule):
        small = {name: one.counts for name, one in tables.items()}
        return {name: n.ge(rule.least) & n.le(rule.most) for name, n in small.items()}

    monkeypatch.setattr(withholding, "withheld_counts", small_alone)
    with pytest.raises(ReleaseError, match="could be computed"):
        share(folder, workspace / "site", workspace, profile="ons10")


def test_what_an_earlier_site_said_is_kept(workspace, monkeypatch):  # noqa: F811
    """Somebody let a sentence pass; the next release of the same data is stopped for it."""
    passed = Override("A Caldicott Guardian", "They know.")
    weaken = in_main("<p>Weight: 1 of 61</p>")
    shared(workspace, monkeypatch, audited(), PAGE, weaken, override=passed)
    folder = outputs_with(workspace, {"brook/audit": audited()})
    with pytest.raises(ReleaseError, match="release of"):
        share(folder, workspace / "again", workspace)


@cache
def waited() -> Result:
    """Months of two groups: noughts and small numbers before, larger ones since."""
    within = [4, 1, 2, 1, 0, 0, 3, 2, 6, 12, 10, 7, 3, 9]
    months = pd.date_range("2018-01-01", periods=len(within), freq="MS")
    rows = [
        {"referred": month, "started": month + pd.Timedelta(days=9 if place < n else 90)}
        for month, n in zip(months, within, strict=True)
        for place in range(25 + n)
    ]
    table = pd.DataFrame(rows)
    return qi.waits(
        table, target_days=28, intervention="2018-09-01", extract_date="2020-01-01", complete=True
    )


@cache
def surveyed() -> Result:
    """Two groups and two items; as many answers under each as answered at all."""
    levels = ["poor", "fair", "good"]
    rows = [
        {"person": f"{ward} {n}", "ward": ward, "Food": levels[n % 3], "Rooms": levels[n % 2]}
        for ward, size in (("Ash", 40), ("Elm", 31))
        for n in range(size)
    ]
    return qi.survey(
        pd.DataFrame(rows),
        items=["Food", "Rooms"],
        order=levels,
        positive=["good"],
        by="ward",
        respondent="person",
    )


@pytest.mark.parametrize("profile", ["mhsds", "hes", "ons10"])
@pytest.mark.parametrize(
    "result", [audited, charted, lambda: charted("stays"), all_small, by_teams, waited, surveyed]
)
def test_no_false_stop(workspace, result, profile):  # noqa: F811
    folder = outputs_with(workspace, {"brook/audit": result()})
    assert share(folder, workspace / "site", workspace, profile=profile).site.is_dir()


@pytest.mark.parametrize(
    "words",
    [
        "<p>Weight: 1 of 61 months.</p>",
        "<p>Weight: 3 teams sent theirs.</p>",
        "<p>Pulse was met by 30 of 60.</p>",
        "<p>Weight: 95% intervals.</p>",
    ],
)
def test_numbers_that_are_no_withheld_count(workspace, monkeypatch, words):  # noqa: F811
    shared(workspace, monkeypatch, audited(), PAGE, in_main(words))
