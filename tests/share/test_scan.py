"""What must not be published is found wherever it hides, and is never repeated. All is invented."""

from __future__ import annotations

import base64
import html
import io
import json
import zipfile
from collections.abc import Callable

import openpyxl
import pytest
from PIL import Image, PngImagePlugin

from qieval.core.errors import DataError
from qieval.share.scan import scan

NHS = "943 476 5919"  # the example number of the NHS Data Dictionary
PLANTED = {
    "NHS numbers": NHS,
    "postcodes": "ZE1 4QX",
    "dates of birth": "born 03/05/1961",
    "e-mail addresses": "ann.elk@ward.example",
    "phone numbers": "01632 960 123",
    "names with a title": "Mrs Featherby",
    "names in the list": "Zoë Featherby-Strange",
    "local paths": r"C:\Users\zoe\ward.xlsx",
    "tracebacks": "Traceback (most recent call last)",
    "control characters": "a \u202e b",
}
NAMES = ["Zoe Featherby-Strange", "  "]

PAGE = "<!doctype html><html><head><title>{title}</title></head><body>{body}</body></html>"


def page(body: str, title: str = "Falls") -> bytes:
    return PAGE.format(title=title, body=body).encode()


def workbook(value: str, sheet: str = "Falls") -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active.title = sheet
    book.active.append(["Ward", value])
    book.save(out)
    return out.getvalue()


def image(note: str) -> bytes:
    notes, out = PngImagePlugin.PngInfo(), io.BytesIO()
    notes.add_itxt("Comment", note)
    Image.new("L", (2, 2)).save(out, "png", pnginfo=notes)
    return out.getvalue()


def data_address(content: bytes, mime: str) -> str:
    return f"data:{mime};base64,{base64.b64encode(content).decode()}"


def archive(content: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("inner/notes.txt", content)
    return out.getvalue()


PLACES: dict[str, tuple[str, Callable[[str], bytes]]] = {
    "a paragraph": ("a.html", lambda text: page(f"<p>{html.escape(text)}</p>")),
    "entities": ("a.html", lambda text: page("".join(f"&#{ord(letter)};" for letter in text))),
    "broken by a tag": ("a.html", lambda text: page(f"<p>{text[:4]}<b>{text[4:]}</b></p>")),
    "the title": ("a.html", lambda text: page("", html.escape(text))),
    "a heading": ("a.html", lambda text: page(f"<h2>{html.escape(text)}</h2>")),
    "a cell": ("a.html", lambda text: page(f"<table><tr><td>{html.escape(text)}</td></table>")),
    "an alternative text": ("a.html", lambda text: page(f'<img alt="{html.escape(text)}">')),
    "a label": ("a.html", lambda text: page(f'<a aria-label="{html.escape(text)}">x</a>')),
    "text of a figure": (
        "a.svg",
        lambda text: f"<svg><text>{html.escape(text)}</text></svg>".encode(),
    ),
    "a description": (
        "a.svg",
        lambda text: f"<svg><desc>{html.escape(text)}</desc></svg>".encode(),
    ),
    "a comment": ("a.html", lambda text: page(f"<!-- {text} -->")),
    "a script": ("a.html", lambda text: page(f"<script>var a = '{text}'</script>")),
    "a style sheet": ("a.css", lambda text: f"/* {text} */".encode()),
    "a value": ("a.json", lambda text: json.dumps({"points": [{"ward": text}]}).encode()),
    "a key": ("a.json", lambda text: json.dumps({text: 1}).encode()),
    "a CSV cell": ("a.csv", lambda text: f"ward,falls\n{text},3\n".encode()),
    "text": ("a.txt", lambda text: f"\ufeff{text}".encode()),
    "text of Windows": ("a.txt", lambda text: text.encode("utf-16")),
    "a cell of a workbook": ("a.xlsx", workbook),
    "an archive": ("a.zip", archive),
    "the notes of an image": ("a.png", image),
    "an image in a page": (
        "a.html",
        lambda text: page(f'<img src="{data_address(image(text), "image/png")}">'),
    ),
    "a page in a page": (
        "a.html",
        lambda text: page(f'<a href="{data_address(page(text), "text/html")}">x</a>'),
    ),
}


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        (place, kind)
        for place in PLACES
        for kind in PLANTED
        # Excel writes such a character as an escape of its own.
        if (place, kind) != ("a cell of a workbook", "control characters")
    ],
)
def test_each_kind_is_found_in_each_place(tmp_path, kind, place):
    name, made = PLACES[place]
    (tmp_path / "wards").mkdir()
    (tmp_path / "wards" / name).write_bytes(made(PLANTED[kind]))
    found = scan(tmp_path, names=NAMES)
    assert kind in {leak.kind for leak in found}, found
    assert all(leak.file == f"wards/{name}" and leak.count >= 1 for leak in found)
    assert PLANTED[kind] not in "\n".join(map(str, found))


@pytest.mark.parametrize("kind", ["names in the list", "postcodes", "e-mail addresses"])
def test_a_file_name_is_looked_at_and_not_repeated(tmp_path, kind):
    (tmp_path / f"falls {PLANTED[kind]}.txt").write_text("nothing", encoding="utf-8")
    (leak,) = [leak for leak in scan(tmp_path, names=NAMES) if leak.kind == kind]
    assert leak.place == "file name"
    assert PLANTED[kind] not in leak.file


def test_the_name_of_a_sheet(tmp_path):
    (tmp_path / "a.xlsx").write_bytes(workbook("3", sheet="Zoe Featherby-Strange"))
    kinds = {leak.kind for leak in scan(tmp_path, names=NAMES)}
    assert kinds == {"names in the list"}


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.csv", b"Date of birth,NHS number,falls\nx,y,1\n", "headings of identifiers"),
        ("a.html", page("<table><tr><th>Surname<th>Falls</table>"), "headings of identifiers"),
        ("a.html", page("<!-- made by hand -->"), "comments"),
        ("a.ipynb", b"{}", "notebooks"),
        ("a.pdf", b"%PDF-1.7 \xe2\xe3\xcf\xd3", "files that cannot be read"),
        ("a.zip", b"PK not at all", "files that cannot be read"),
        ("a.png", b"not at all", "files that cannot be read"),
        ("a.json", b"{", "files that cannot be read"),
    ],
)
def test_what_else_stops_a_release(tmp_path, name, content, kind):
    (tmp_path / name).write_bytes(content)
    assert kind in {leak.kind for leak in scan(tmp_path)}


def test_who_made_it_and_where(tmp_path, monkeypatch):
    monkeypatch.setattr("getpass.getuser", lambda: "zfeatherby")
    monkeypatch.setattr("socket.gethostname", lambda: "trust-laptop-7.example.net")
    from qieval.share.scan import _machine

    _machine.cache_clear()
    (tmp_path / "a.txt").write_text("by zfeatherby on trust-laptop-7", encoding="utf-8")
    (leak,) = scan(tmp_path)
    _machine.cache_clear()
    assert (leak.kind, leak.count) == ("names of a user or a computer", 2)


@pytest.mark.parametrize(
    "text",
    [
        "1234567890 bed days",  # ten digits without a valid check digit
        "Falls fell from 12 to 3 by 31/03/2020, 14:30 at https://example.org/a/b",
        "Mr and Mrs are titles; 0.0123456789; 2019/20; E06000001; RXA; ICD-10 F20.0",
        "the MR scan, MRS and MISS; a1 2ab, e12 and h1 2rem; https://example.org:80/@home",
        "rows/columns and/or C: a drive; the root of the problem; Zoe alone; Strange",
    ],
)
def test_no_false_stop(tmp_path, text):
    (tmp_path / "a.html").write_bytes(page(f"<p>{text}</p><svg><path d='M1234567890 1'/></svg>"))
    (tmp_path / "a.csv").write_text(f"ward,note\nAsh,{text}\n", encoding="utf-8")
    assert scan(tmp_path, names=NAMES) == []


def test_no_folder(tmp_path):
    with pytest.raises(DataError, match="no such folder"):
        scan(tmp_path / "site")


@pytest.mark.parametrize(
    "written",
    [
        *(NHS.replace(" ", between) for between in ".-/_–‑"),
        "DOB 12 March 1984",
        "Born on 3rd April 1984",
        "Dr A. Featherby",
        "Mrs J.K. Featherby",
        "MRS FEATHERBY",
        "sw1a 1aa",
        "Sw1A 1aA",
        "QQ 12 34 56 C".replace("QQ", "AB"),
        "AB123456C",
        "postgresql://reader:Featherby@host/db",
        NHS.replace(" ", "\u00ad"),
        f"{NHS[:5]}\u200b{NHS[5:]}",
    ],
)
def test_other_ways_to_write_the_same_are_found(tmp_path, written):
    (tmp_path / "a.html").write_text(f"<p>{written} fell</p>", encoding="utf-8")
    assert scan(tmp_path)


def test_numbers_in_groups_that_are_no_nhs_numbers_stop_nothing(tmp_path):
    (tmp_path / "a.html").write_text("<p>943/476/5918, version 1.2.2024</p>", encoding="utf-8")
    assert scan(tmp_path) == []
