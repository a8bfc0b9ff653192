"""Where a page comes from: parameters, data, versions, date. It also hands the result on."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from html import escape
from importlib import metadata
from typing import Any

import pandas as pd

from qieval import __version__
from qieval.core.result import Result, to_json
from qieval.core.words import sentence
from qieval.report.shown import Shown, folded, section, table

RESULT_MIME = "application/vnd.qieval.result+json"
PAGE_MIME = "application/vnd.qieval.page+json"

PACKAGES = ("pandas", "numpy", "scipy", "ibis-framework", "duckdb", "matplotlib")


def versions() -> dict[str, str]:
    """Versions of Python, of qieval and of the packages that figures depend on."""
    ours = {"python": platform.python_version(), "qieval": __version__}
    return ours | {name: metadata.version(name) for name in PACKAGES}


def provenance(result: Result, passport: Any, asked: Any) -> Shown:
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
    frame = pd.DataFrame([row for row in facts if row[1]], columns=["What", "Value"])
    parameters = pd.DataFrame(
        [(name, str(value)) for name, value in given], columns=["Parameter", "Value"]
    )
    notes = "".join(f"<li>{escape(sentence(note))}</li>" for note in origin.notes)
    simulated = (
        "<p><strong>The data are simulated. No real patient or ward is described.</strong></p>"
    )
    credit = f"<p>{escape(sentence(origin.attribution or origin.title))}</p>"
    html = section(
        "Where this comes from",
        (simulated if origin.simulated else "")
        + credit
        + (folded("Notes on the data", f"<ul>{notes}</ul>") if notes else "")
        + folded("Data, versions and date", table(frame, "Data, versions and date"))
        + folded("Parameters", table(parameters, "Parameters of this notebook")),
        "qi-provenance",
    )
    page = {
        "title": asked.values.get("title") or "",
        "headline": result.headline(),
        "setting": result.params.get("setting", ""),
        "attribution": origin.attribution or origin.title,
        "simulated": bool(origin.simulated),
    }
    # As text: a notebook that is saved sorts the names of mappings, and their order can matter.
    data = {RESULT_MIME: to_json(result), PAGE_MIME: page}
    lines = [f"{name}: {value}" for name, value in (*frame.to_numpy(), *parameters.to_numpy())]
    return Shown(html, "\n".join(lines), data)
