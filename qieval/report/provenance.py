"""Where a page comes from: parameters, data, versions, date. It also hands the result on."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import metadata
from typing import Any

import pandas as pd

from qieval import __version__
from qieval.core.blocks import PAGE_MIME, RESULT_MIME, Provenance
from qieval.core.result import Result, to_json, to_plain
from qieval.core.tables import Column, Table
from qieval.core.words import sentence
from qieval.intake.origin import Origin
from qieval.report.elements import Element, Folded, Headed, Tabled, Words, lines_listed
from qieval.report.views import View, content_of

SIMULATED = "The data are simulated. No real patient or ward is described."

PACKAGES = ("pandas", "numpy", "scipy", "ibis-framework", "duckdb", "matplotlib")


def versions() -> dict[str, str]:
    """Versions of Python, of qieval and of the packages that figures depend on."""
    ours = {"python": platform.python_version(), "qieval": __version__}
    return ours | {name: metadata.version(name) for name in PACKAGES}


def provenance(result: Result, passport: Any, asked: Any) -> View:
    """How to get this page again; and, for programs, the result itself.

    The executed notebook carries the result (its JSON form) and the page's own facts in this
    output, from where ``qieval run`` takes them: no path needs to be told to a notebook.

    Parameters
    ----------
    result : Result
        What the analysis returned.
    passport : Passport
        What was read.
    asked : Parameters
        The parameters of the notebook.
    """
    origin = passport.origin
    facts = [
        ("Data", origin.title),
        ("File", passport.source),
        ("Digest of the file (sha256)", passport.digest),
        ("Publisher", origin.publisher),
        ("Licence", origin.licence),
        ("Attribution", origin.attribution),
        ("Made on", f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"),
        *[(f"Version of {name}", version) for name, version in versions().items()],
    ]
    given = [(name, value) for name, value in asked.values.items() if value not in (None, [], "")]
    block = Provenance(
        credit=sentence(origin.attribution or origin.title),
        simulated=bool(origin.simulated),
        notes=tuple(sentence(note) for note in origin.notes),
        facts=tuple((name, str(value)) for name, value in facts if value),
        parameters=tuple((name, str(value), asked.origins.get(name, "")) for name, value in given),
    )
    page = {
        "title": asked.values.get("title") or "",
        "headline": result.headline(),
        "verdict": to_plain(result.verdict),
        "setting": result.params.get("setting", ""),
        "attribution": origin.attribution or origin.title,
        "simulated": bool(origin.simulated),
    }
    # As text: a notebook that is saved sorts the names of mappings, and their order can matter.
    return View(block, result, origin, {RESULT_MIME: to_json(result), PAGE_MIME: page})


@content_of.register
def _provenance(block: Provenance, result: Any, origin: Origin | None) -> tuple[Element, ...]:
    return (Headed("Where this comes from", tuple(_elements(block)), "qi-provenance"),)


def _elements(block: Provenance) -> Iterator[Element]:
    if block.simulated:
        yield Words(SIMULATED, "qi-simulated")
    yield Words(block.credit)
    if block.notes:
        yield Folded("Notes on the data", (lines_listed(block.notes),))
    yield _facts("Data, versions and date", ("What", "Value"), block.facts)
    yield _facts("Parameters of this notebook", ("Parameter", "Value", "From"), block.parameters)


def _facts(caption: str, heads: tuple[str, ...], facts: tuple[tuple[str, ...], ...]) -> Folded:
    columns = tuple(Column(head, head, "text" if at else "label") for at, head in enumerate(heads))
    rows = pd.DataFrame(facts, columns=list(heads))
    return Folded(caption, (Tabled(Table("facts", caption, columns, rows)),))
