"""Trusts and a college made up for tests of packs. All names are invented."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pandas as pd

import qieval as qi
from qieval.batch.manifest import Manifest, write_manifest
from qieval.batch.records import Record
from qieval.core.blocks import BLOCK_MIME, Figure, Finding, Opening, Provenance, TableView
from qieval.core.result import Result, to_json
from qieval.intake.packs import CONTENTS, HEAD, SIGNATURE, zipped
from qieval.intake.signing import load_key, make_key, public_text
from qieval.share.pack import Packed, pack, signed
from tests.analysis.programme.made import series

PROGRAMME = "shared-care"
CHART, MODEL = "run_chart", "interrupted_time_series"


@cache
def chart(before: int = 30, after: int = 20) -> Result:
    """A run chart of 24 months of beds, whose values differ by three at most on either side."""
    months = pd.date_range("2018-01-01", periods=24, freq="MS")
    beds = np.r_[np.arange(12) % 3 + before, np.arange(12) % 3 + after]
    data = pd.DataFrame({"period": months, "beds": beds})
    return qi.run_chart(data, value="beds", direction="lower", outcome="Beds in use")


@cache
def audit(met: int = 1) -> Result:
    """An audit of which one standard was met for so many of 61."""
    standards = ["Weight", "Pulse"]
    rows = pd.DataFrame({"wave": "2024", "standard": standards, "met": [met, 30]})
    return qi.audit(rows.assign(applicable=61), met="met", applicable="applicable")


@cache
def reasons() -> Result:
    """A Pareto chart of two reasons."""
    return qi.pareto(pd.DataFrame({"reason": ["On the stairs"] * 30 + ["In bed"] * 10}))


def model(effect: float, se: float = 0.5) -> Result:
    """An interrupted time series of which the average effect is as given."""
    result = series("any", effect, se).result
    assert result is not None
    return result


def notebook(title: str) -> nbformat.NotebookNode:
    """An executed notebook: the usual blocks, code, a cell of its own, words of the notebook."""
    whence = Provenance(
        "From secret-name.csv, 812 rows", False, (), (("Rows", "812 rows"),), (("value", "x", ""),)
    )
    blocks = [Opening(title, "Did it work?"), Finding(), Figure(), TableView("estimates"), whence]
    cells = [
        nbformat.v4.new_code_cell(
            "secret = 'code'",
            outputs=[nbformat.v4.new_output("display_data", {BLOCK_MIME: block.to_dict()})],
            execution_count=1,
        )
        for block in blocks
    ]
    own = nbformat.v4.new_output("stream", name="stdout", text="an own cell saw 812 rows")
    cells.append(nbformat.v4.new_code_cell("print()", outputs=[own], execution_count=1))
    return nbformat.v4.new_notebook(cells=cells)


@dataclass(frozen=True)
class Trust:
    """A trust: its workspace, and the key with which it signs."""

    slug: str
    root: Path

    @property
    def key(self) -> Path:
        return self.root / "signing.key"

    @property
    def public(self) -> str:
        return public_text(load_key(self.key))

    @property
    def home(self) -> Path:
        return self.root / "params" / PROGRAMME

    def pack(self, to: Path, *projects: str, **more: Any) -> Packed:
        """Pack some of its projects; none named: all of them."""
        names = projects or tuple(file.parent.name for file in self.home.glob("*/project.yml"))
        folders = [self.home / name for name in sorted(names)]
        outputs = self.root / "outputs" / PROGRAMME
        return pack(folders, outputs, to, self.root, self.key, **{"signed_by": "Ann", **more})


def trust(
    folder: Path,
    slug: str,
    results: Mapping[str, Result | None],
    *,
    network: str = "Hill",
    data: str = "0123456789abcdef",
) -> Trust:
    """A trust with these evaluations ("project/notebook"); those without a result were not run."""
    made = Trust(slug, folder / slug)
    outputs = made.root / "outputs" / PROGRAMME
    outputs.mkdir(parents=True, exist_ok=True)
    records = {}
    for name, result in results.items():
        project, _, file = name.partition("/")
        home = made.home / project
        home.mkdir(parents=True, exist_ok=True)
        (home / "project.yml").write_text(f"name: {project.title()}\nnetwork: {network}\n")
        (home / f"{file}.yml").write_text("value: beds\n")
        if result is None:
            continue
        (outputs / project).mkdir(parents=True, exist_ok=True)
        (outputs / f"{name}.result.json").write_text(to_json(result), encoding="utf-8")
        nbformat.write(notebook(f"About {project}"), outputs / f"{name}.ipynb")
        records[name] = Record(
            PROGRAMME,
            name,
            title=file.replace("_", " ").capitalize(),
            project=project.title(),
            network=network,
            status="done",
            finished="2026-01-31T10:00:00+00:00",
            seconds=1.0,
            headline="The exact headline: 812 rows.",
            parameters_file="params/secret.yml",
            depends_on={"data": data},
            files={"result": f"{name}.result.json", "notebook": f"{name}.ipynb"},
        )
    write_manifest(outputs, Manifest(PROGRAMME, "Shared care", records=records))
    if not made.key.exists():
        make_key(made.key)
    return made


def college(folder: Path, *trusts: Trust, **expected: list[str]) -> Path:
    """The workspace of a college that knows the keys of some trusts; the programme's folder."""
    home = folder / "college" / "params" / PROGRAMME
    home.mkdir(parents=True, exist_ok=True)
    (home / "programme.yml").write_text("name: Shared care\n")
    lines = []
    for one in trusts:
        wanted = expected.get(one.slug.replace("-", "_"), [])
        lines += [f"{one.slug}:", f"  name: {one.slug.title()} Trust", f"  keys: ['{one.public}']"]
        lines += [f"  projects: {json.dumps(wanted)}"] if wanted else []
    (home / "senders.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return home


# ---- packs that somebody has tampered with -----------------------------------------------------


def parts_of(file: Path) -> dict[str, str]:
    """The parts of a pack."""
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def signed_again(
    file: Path,
    by: Trust,
    *,
    head: Callable[[dict[str, Any]], Any] = lambda plain: None,
    contents: Callable[[dict[str, Any]], Any] = lambda plain: None,
) -> Path:
    """A pack with other contents or another head that its own trust has signed; beside it."""
    parts = parts_of(file)
    inside, outside = json.loads(parts[CONTENTS]), json.loads(parts[HEAD])
    contents(inside)
    text = to_json(inside)
    outside["files"] = {CONTENTS: sha256(text.encode()).hexdigest()}
    head(outside)
    other = file.with_name(f"again-{len(list(file.parent.iterdir()))}.qipack")
    other.write_bytes(zipped({CONTENTS: text, **signed(to_json(outside), load_key(by.key))}))
    return other


def with_parts(file: Path, **changed: str) -> Path:
    """A pack with some parts exchanged, its signature as it was."""
    names = {"head": HEAD, "contents": CONTENTS, "signature": SIGNATURE}
    parts = parts_of(file) | {names[name]: text for name, text in changed.items()}
    other = file.with_name(f"changed-{len(list(file.parent.iterdir()))}.qipack")
    other.write_bytes(zipped(parts))
    return other
