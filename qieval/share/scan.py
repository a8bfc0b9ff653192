"""A scan of every byte that is to be published, for what could tell who somebody is.

Each file is looked at as it stands and as a reader's programs take it: without tags (an identifier
may be broken by one), with entities resolved, inside data addresses, inside the parts of Office
documents and the notes in images. What is found is told by file, kind, number and place; the value
is never repeated, so that the report itself can be passed on.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import csv
import getpass
import html
import io
import json
import re
import socket
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

from bs4 import BeautifulSoup
from PIL import Image, UnidentifiedImageError

from qieval.core.errors import DataError
from qieval.intake import identifiers

PATHS, TRACEBACKS, MACHINE = "local paths", "tracebacks", "names of a user or a computer"
COMMENTS, CONTROLS, LISTED = "comments", "control characters", "names in the list"
PASSWORDS = "addresses with a password"
NOTEBOOKS, HEADINGS, UNREAD = "notebooks", "headings of identifiers", "files that cannot be read"

_PATTERNS = {
    PATHS: re.compile(
        r"file://|(?<![\w/])/(?:home|Users|root|mnt|media|tmp|var|opt|srv)/\w"
        r"|(?<!\w)[A-Za-z]:[\\/](?!/)\w|(?<![\w\\])\\\\[\w.$-]+\\[\w$]"
    ),
    TRACEBACKS: re.compile(
        r"Traceback \(most recent call last\)|^\s*File \"[^\"]+\", line \d+", re.M
    ),
    PASSWORDS: re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s:/@\"'<>]*:[^\s/@\"'<>]+@", re.I),
    CONTROLS: re.compile("[\x00-\x08\x0b\x0e-\x1f\u202a-\u202e\u2066-\u2069]"),
}
_COMMENT = re.compile(r"<!--.*?-->", re.S)
_XML = re.compile(r"^\s*<\?xml[^>]*\?>")
_DATA = re.compile(r"data:([\w/+.-]*)((?:;[\w=.-]+)*),([^\"'\s)>]*)")

_COLOURS = re.compile(
    r"\b(?:\w+:)?(?:color|fill|val|rgb|lastClr|rsid\w*)=\"[0-9A-Fa-f]{6}(?:[0-9A-Fa-f]{2})?\""
)
"""Colours and marks of editing in Office documents, some of which look like postcodes."""

_PAGES = {".html", ".htm", ".svg", ".xml"}
_OFFICE = {".xlsx", ".docx", ".pptx", ".zip"}
_IMAGES = {".png", ".jpg", ".jpeg", ".gif", ".webp"}
_NAMELESS = {"root", "user", "admin", "runner", "jovyan", "localhost", "home", "ubuntu", "debian"}
_SHORTEST_NAME = 3
_MOST_BYTES = 200_000_000
_DEEPEST = 3
_DRAWING = {"d", "points", "style", "viewbox", "transform"}
"""Attributes that hold coordinates and no words."""


@dataclass(frozen=True, order=True)
class Leak:
    """Something that may not be published.

    Attributes
    ----------
    file : str
        Which file, relative to the folder; a name that tells who somebody is stands masked.
    kind : str
        What it is: "NHS numbers", "local paths".
    count : int
        How many there are.
    place : str
        Where the first one is: "line 12", "heading 3", "part xl/workbook.xml", "file name".
    """

    file: str
    kind: str
    count: int
    place: str

    def __str__(self) -> str:
        return f"{self.file}: {self.kind}, {self.count} in all; the first: {self.place}."


def scan(folder: Path, *, names: Iterable[str] = ()) -> list[Leak]:
    """What may not be published in the files of a folder.

    Parameters
    ----------
    folder : Path
        Every file in it is looked at, whatever its kind.
    names : iterable of str
        Names of people that must not occur: of patients, of staff; letters and accents as written
        or plain, in any case.

    Returns
    -------
    list of Leak
        By file and kind; empty if nothing was found.

    Raises
    ------
    DataError
        If there is no such folder.
    """
    if not folder.is_dir():
        raise DataError("There is no such folder to look through.", where=folder.name)
    listed = _listed(names)
    leaks = []
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        address = file.relative_to(folder).as_posix()
        shown = identifiers.mask(address)
        if listed and listed.search(_without_accents(shown)):
            shown = listed.sub("[name]", _without_accents(shown))
        leaks += [
            Leak(shown, kind, count, "file name") for kind, count, _ in _in_text(address, listed)
        ]
        leaks += _of_file(file, shown, listed)
    return leaks


def _of_file(file: Path, shown: str, listed: re.Pattern[str] | None) -> list[Leak]:
    if file.suffix.lower() == ".ipynb":
        return [Leak(shown, NOTEBOOKS, 1, "the whole file: code, parameters and metadata")]
    if file.stat().st_size > _MOST_BYTES:
        return [Leak(shown, UNREAD, 1, f"it has more than {_MOST_BYTES:,} bytes")]
    found: dict[str, tuple[int, str]] = {}
    for place, kind, count in _in_bytes(file.read_bytes(), file.suffix.lower(), listed, 0):
        most, first = found.get(kind, (0, place))
        found[kind] = max(most, count), first
    return [Leak(shown, kind, count, place) for kind, (count, place) in sorted(found.items())]


# ---- the ways to look at a file ----------------------------------------------------------------

Finding = tuple[str, str, int]
"""Where, what, how many."""


def _in_bytes(
    data: bytes, suffix: str, listed: re.Pattern[str] | None, depth: int, within: str = ""
) -> Iterator[Finding]:
    if depth > _DEEPEST:
        yield within, UNREAD, 1
    elif suffix in _OFFICE:
        yield from _in_archive(data, listed, depth)
    elif suffix in _IMAGES:
        yield from _in_image(data, listed, within)
    elif (text := _decoded(data)) is None:
        yield within or "the whole file", UNREAD, 1
    else:
        yield from _in_document(text, suffix, listed, depth, within)


def _decoded(data: bytes) -> str | None:
    marked = data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    try:
        return data.decode("utf-16" if marked else "utf-8-sig")
    except UnicodeDecodeError:
        return None


def _in_document(
    text: str, suffix: str, listed: re.Pattern[str] | None, depth: int, within: str
) -> Iterator[Finding]:
    """A text as it stands, and as programs show it."""
    plain = _DATA.sub("", text)
    for kind, count, at in _in_text(plain, listed):
        yield within or f"line {plain.count(chr(10), 0, at) + 1}", kind, count
    for mime, how, body in _DATA.findall(text):
        yield from _in_data_address(mime, how, html.unescape(body), listed, depth)
    if suffix in _PAGES:
        if comments := _COMMENT.findall(text):
            at = text.index(comments[0])
            yield within or f"line {text.count(chr(10), 0, at) + 1}", COMMENTS, len(comments)
        yield from _in_page(text, listed, within)
    elif suffix == ".json":
        yield from _in_json(text, listed, within)
    elif suffix in (".csv", ".tsv"):
        heads = next(csv.reader(io.StringIO(text), delimiter="\t" if suffix == ".tsv" else ","), [])
        yield from _in_headings(heads, within)


def _in_page(text: str, listed: re.Pattern[str] | None, within: str) -> Iterator[Finding]:
    soup = BeautifulSoup(_XML.sub("", text), "html.parser")
    for together in (" ", ""):
        shown = soup.get_text(together)
        for kind, count, _ in _in_text(" ".join(shown.split()), listed):
            yield within or "text of the page", kind, count
    for tag in soup.find_all(True):
        for name, value in tag.attrs.items():
            words = value if isinstance(value, str) else " ".join(value)
            if words.startswith("data:") or name in _DRAWING:
                continue
            for kind, count, _ in _in_text(words, listed):
                yield within or f"attribute {name} of {tag.name}", kind, count
    yield from _in_headings([head.get_text(" ") for head in soup.find_all("th")], within)


def _in_json(text: str, listed: re.Pattern[str] | None, within: str) -> Iterator[Finding]:
    try:
        values = json.loads(text)
    except ValueError:
        yield within or "the whole file", UNREAD, 1
        return
    for kind, count, _ in _in_text("\n".join(_words(values)), listed):
        yield within or "values of the file", kind, count


def _words(value: Any) -> Iterator[str]:
    """Every key and value of what a JSON file holds, as text."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield str(key)
            yield from _words(item)
    elif isinstance(value, list):
        for item in value:
            yield from _words(item)
    else:
        yield str(value)


def _in_headings(heads: Sequence[str], within: str) -> Iterator[Finding]:
    """A table with one row a person is known by its headings."""
    telling = [at for at, head in enumerate(heads, start=1) if identifiers.named(head)]
    if telling:
        yield within or f"heading {telling[0]}", HEADINGS, len(telling)


def _in_data_address(
    mime: str, how: str, body: str, listed: re.Pattern[str] | None, depth: int
) -> Iterator[Finding]:
    raw = unquote_to_bytes(body)
    if "base64" in how:
        try:
            raw = base64.b64decode(raw + b"=" * (-len(raw) % 4))
        except (ValueError, binascii.Error):
            yield "a data address", UNREAD, 1
            return
    if mime.startswith("font/"):
        return
    suffix = "." + mime.rpartition("/")[2].partition("+")[0]
    yield from _in_bytes(raw, suffix, listed, depth + 1, "inside a data address")


def _in_archive(data: bytes, listed: re.Pattern[str] | None, depth: int) -> Iterator[Finding]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if sum(member.file_size for member in members) > _MOST_BYTES:
                yield "the whole file", UNREAD, 1
                return
            for member in members:
                for kind, count, _ in _in_text(member.filename, listed):
                    yield "name of a part", kind, count
                if not member.is_dir():
                    suffix = Path(member.filename).suffix.lower()
                    suffix = ".xml" if suffix == ".rels" else suffix
                    place = f"part {identifiers.mask(member.filename)}"
                    part = archive.read(member)
                    if suffix == ".xml" and (words := _decoded(part)) is not None:
                        part = _COLOURS.sub("", words).encode()
                    yield from _in_bytes(part, suffix, listed, depth + 1, place)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError):
        yield "the whole file", UNREAD, 1


def _in_image(data: bytes, listed: re.Pattern[str] | None, within: str) -> Iterator[Finding]:
    """Notes that an image carries; what is drawn in it cannot be read here."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            notes = [*image.info.values(), *image.getexif().values()]
    except (UnidentifiedImageError, OSError):
        yield within or "the whole file", UNREAD, 1
        return
    for note in notes:
        of_camera = isinstance(note, bytes)  # numbers, among them any byte there is
        text = note.decode("latin-1") if of_camera else str(note)
        for kind, count, _ in _in_text(text, listed):
            if kind != CONTROLS or not of_camera:
                yield within or "notes of the image", kind, count


# ---- what a text holds -------------------------------------------------------------------------


def _in_text(text: str, listed: re.Pattern[str] | None) -> Iterator[tuple[str, int, int]]:
    """Each kind that a text holds, how often, and where the first begins."""
    text = text.translate(identifiers.INVISIBLE)
    patterns = {**_PATTERNS, MACHINE: _machine()}
    for kind, pattern in patterns.items():
        if pattern and (found := [match.start() for match in pattern.finditer(text)]):
            yield kind, len(found), found[0]
    for kind, spans in identifiers.spans(text).items():
        yield kind, len(spans), spans[0][0]
    if listed and (found := [m.start() for m in listed.finditer(_without_accents(text))]):
        yield LISTED, len(found), found[0]


def _listed(names: Iterable[str]) -> re.Pattern[str] | None:
    wanted = [_without_accents(name).split() for name in names if name.strip()]
    any_of = "|".join(r"[\s,.+_%-]+".join(map(re.escape, name)) for name in wanted)
    return re.compile(rf"(?<![^\W_])(?:{any_of})(?![^\W_])", re.IGNORECASE) if wanted else None


@lru_cache(maxsize=1)
def _machine() -> re.Pattern[str] | None:
    """Names of whoever runs this and of the computer, if they are anybody's."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = ""
    names = {user, socket.gethostname(), socket.gethostname().partition(".")[0]}
    telling = [
        re.escape(name)
        for name in sorted(names)
        if len(name) >= _SHORTEST_NAME and name.lower() not in _NAMELESS
    ]
    return re.compile(rf"\b(?:{'|'.join(telling)})\b", re.IGNORECASE) if telling else None


def _without_accents(text: str) -> str:
    """The same text of the same length, its letters without their accents."""
    return "".join(unicodedata.normalize("NFD", letter)[0] for letter in text)
