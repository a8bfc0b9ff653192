"""Do the figures of one page come out of the data: computed anew, released anew, and compared.

Whoever holds the data and the parameters can hold a page against them, be it the internal page in
``outputs/`` or that of a shared site: then the result is released under the rule of the site again.
"""

from __future__ import annotations

import json
import math
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from bs4 import BeautifulSoup, Tag

from qieval.batch.manifest import MANIFEST, read_manifest
from qieval.batch.plan import Plan, plan
from qieval.batch.run import run
from qieval.core.config import SETTINGS_FILE, Settings, load_settings
from qieval.core.errors import ParameterError
from qieval.intake.programmes import read_programme
from qieval.share.audience import checked_audience
from qieval.share.gate import released_of
from qieval.share.ledger import RECORD, record_of
from qieval.share.pages import page as page_of
from qieval.share.published import published_of
from qieval.share.site import write_site

A_PIXEL = 0.5
"""How far a mark of a figure may move and still be the same: processors differ in the last bits."""

_MOST_NAMED = 5
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
_DRAWN = (
    "d",
    "points",
    "transform",
    "x",
    "y",
    "cx",
    "cy",
    "x1",
    "x2",
    "y1",
    "y2",
    "width",
    "height",
)
"""Attributes of a mark that say where it is."""


@dataclass(frozen=True)
class Part:
    """One part of a page, held against what was computed anew.

    Attributes
    ----------
    name : str
        The finding, a table by its caption, a section by its heading, a figure by its number.
    figures : int
        How many cells, lines or marks of it were compared.
    differ : tuple of str
        Where it differs; nothing of what stands there is repeated.
    """

    name: str
    figures: int
    differ: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The outcome in a few words."""
        agree = self.figures - len(self.differ)
        if not self.differ:
            return f"{self.name}: agrees ({self.figures} compared)"
        more = len(self.differ) - _MOST_NAMED
        where = "; ".join(self.differ[:_MOST_NAMED])
        return (
            f"{self.name}: {agree} of {self.figures} agree; what differs is {where}"
            f"{f' and {more} more' if more > 0 else ''}"
        )


def recompute(page: Path, data: Path, root: Path) -> list[Part]:
    """Compute one evaluation again and hold its page against what comes out.

    Parameters
    ----------
    page : Path
        The page of an evaluation, in ``outputs/`` or in a shared site.
    data : Path
        A folder that takes the place of the workspace's ``data/``.
    root : Path
        The workspace that holds the parameters.

    Returns
    -------
    list of Part
        Finding, figures, tables and sections in the order of the page.

    Raises
    ------
    ParameterError
        If the page is none of an evaluation, or `data` is no folder.
    """
    if not data.is_dir():
        raise ParameterError("The data are no folder.", found=f"`{data.name}`", where="--data")
    home, site = _home_of(page)
    start = home if site else home.parent  # a programme's outputs lie in a folder of its name
    programme, _, evaluation = (
        page.resolve().relative_to(start).with_suffix("").as_posix().partition("/")
    )
    if not (root / "params" / programme / f"{evaluation}.yml").is_file():
        raise ParameterError(
            "The workspace has no parameters for this page.",
            found=f"`{page.name}`",
            remedy="Give the page of an evaluation, and run the command in its workspace.",
        )
    with tempfile.TemporaryDirectory() as folder:
        elsewhere = Path(folder)
        settings = _workspace(elsewhere, programme, data, root)
        planned = _planned(elsewhere, f"{programme}/{evaluation}")
        run(planned, page_of, settings)
        again = settings.outputs / programme / f"{evaluation}.html"
        if site:
            again = (
                _shared_again(elsewhere, settings, programme, home)
                / f"{programme}/{evaluation}.html"
            )
        if not again.is_file():
            raise ParameterError("This evaluation was not published.", where=page.name)
        return _compared(page.read_text(encoding="utf-8"), again.read_text(encoding="utf-8"))


# ---- computing anew ----------------------------------------------------------------------------


def _home_of(page: Path) -> tuple[Path, bool]:
    """The folder that the page's address starts from, and whether it is that of a site."""
    for folder in page.resolve().parents:
        if (folder / RECORD).is_file():
            return folder, True
        if (folder / MANIFEST).is_file():
            return folder, False
    raise ParameterError(
        "This page belongs to no run and to no shared site.",
        found=f"`{page.name}`, and neither {MANIFEST} nor {RECORD} above it",
        remedy="Give the page where `qieval run` or `qieval share` wrote it.",
    )


def _workspace(elsewhere: Path, programme: str, data: Path, root: Path) -> Settings:
    """A workspace apart, with the parameters of one and the data of another folder."""
    shutil.copytree(root / "params" / programme, elsewhere / "params" / programme)
    if (root / "notebooks").is_dir():
        shutil.copytree(root / "notebooks", elsewhere / "notebooks")
    shutil.copytree(data, elsewhere / "data")
    settings = load_settings(root)
    allowed = json.dumps([folder.as_posix() for folder in settings.data_folders])
    (elsewhere / SETTINGS_FILE).write_text(f"data_folders = {allowed}\n", encoding="utf-8")
    return replace(settings, outputs=elsewhere / "outputs")


def _planned(elsewhere: Path, name: str) -> Plan:
    """The evaluation; with all that it reads, where it sums up others."""
    own = plan([elsewhere / "params" / f"{name}.yml"], elsewhere)
    for problem in own.problems:
        raise problem.error
    return plan([elsewhere / "params"], elsewhere) if own.items[0].reads_results else own


def _shared_again(elsewhere: Path, settings: Settings, programme: str, site: Path) -> Path:
    """The site of what was computed anew, under the rule and for the audience of the other."""
    record = record_of(site)
    outputs = settings.outputs / programme
    manifest = read_manifest(outputs)
    if manifest is None:
        raise ParameterError("Nothing could be computed anew.", where=site.name)
    published = released_of(
        published_of(outputs, manifest),
        outputs,
        elsewhere,
        record["rule"]["name"],
        own=bool(record["own_outputs_seen_by"]),
    )
    to = elsewhere / "site"
    about = read_programme(elsewhere / "params" / programme, elsewhere)
    write_site(to, about, published, audience=checked_audience(record["audience"]))
    return to


# ---- comparing ---------------------------------------------------------------------------------


def _compared(page: str, again: str) -> list[Part]:
    ours, theirs = _parts(again), _parts(page)
    parts = []
    for name in dict.fromkeys([*theirs, *ours]):
        one, other = theirs.get(name, {}), ours.get(name, {})
        places = dict.fromkeys([*one, *other])
        differ = [at for at in places if not _same(one.get(at), other.get(at))]
        parts.append(Part(name, len(places), tuple(differ)))
    return parts


def _parts(html: str) -> dict[str, dict[str, str]]:
    """Parts of a page by name, and what stands in each of their places."""
    main = BeautifulSoup(html, "html.parser").find("main")
    if not isinstance(main, Tag):
        return {}
    # Versions and dates of a run are its own, as are links to what stands beside the page.
    for tag in main.select(".qi-provenance, nav, script, style"):
        tag.decompose()
    parts: dict[str, dict[str, str]] = {}
    heading = main.find("h1")
    if heading:
        parts["Finding"] = {"its sentence": _words(heading)}
    for number, figure in enumerate(main.select("figure"), start=1):
        parts[f"Figure {number}"] = dict(_marks(figure))
    for table in main.select("table"):
        caption = table.find("caption")
        name = f"Table “{_words(caption)}”" if caption else "Table"
        parts[_unused(name, parts)] = dict(_cells(table))
    for tag in main.select("figure svg, table"):
        tag.decompose()
    for section in main.select(".qi-output"):
        lead = section.find("h2")
        lines = [_words(line) for line in section.select("p, li") if _words(line)]
        if lines:
            name = f"Words below “{_words(lead)}”" if lead else "Words"
            parts[_unused(name, parts)] = {f"line {at}": w for at, w in enumerate(lines, start=1)}
    return parts


def _unused(name: str, parts: dict[str, dict[str, str]]) -> str:
    number = 1 + sum(known == name or known.startswith(f"{name} (") for known in parts)
    return f"{name} ({number})" if number > 1 else name


def _words(tag: Tag) -> str:
    return " ".join(tag.get_text(" ").split())


def _cells(table: Tag) -> Iterator[tuple[str, str]]:
    """Each cell below the head, by row and heading."""
    rows = table.select("tr")
    heads = [_words(cell) for cell in rows[0].find_all(["th", "td"])] if rows else []
    for number, row in enumerate(rows[1:], start=1):
        for at, cell in enumerate(row.find_all(["th", "td"])):
            head = heads[at] if at < len(heads) else str(at + 1)
            yield f"row {number}, “{head}”", _words(cell)


def _marks(figure: Tag) -> Iterator[tuple[str, str]]:
    """Each mark of a figure: its words, and where it is drawn."""
    for number, mark in enumerate(figure.select("svg *"), start=1):
        drawn = " ".join(f"{name}={mark[name]}" for name in _DRAWN if mark.has_attr(name))
        if drawn or mark.string:
            yield f"mark {number}", f"{drawn} {mark.string or ''}"


def _same(one: str | None, other: str | None) -> bool:
    """Whether two places hold the same; a mark may move by less than can be seen."""
    if one is None or other is None or one == other:
        return one == other
    if "=" not in one or _NUMBER.sub("", one) != _NUMBER.sub("", other):
        return False
    pairs = zip(_NUMBER.findall(one), _NUMBER.findall(other), strict=True)
    return all(math.isclose(float(a), float(b), abs_tol=A_PIXEL) for a, b in pairs)
