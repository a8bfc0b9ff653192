"""The gate: what is shared, what stops it, and what is recorded. All names are invented."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest

import qieval as qi
from qieval.batch.manifest import Manifest, read_manifest, write_manifest
from qieval.batch.records import Reason, Record
from qieval.cli import main
from qieval.core.blocks import BLOCK_MIME, Figure, Finding, Opening, Prose, TableView
from qieval.core.errors import ParameterError, ReleaseError
from qieval.core.result import Result, to_json
from qieval.share.gate import Override, share
from qieval.share.ledger import RECORD, verify_site
from tests.example_results import PROGRAMME, ROOT

NHS = "943 476 5919"  # the example number of the NHS Data Dictionary
NAME = "Zoë Featherby-Strange"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "params" / PROGRAMME, tmp_path / "params" / PROGRAMME)
    return tmp_path


def notebook_of(title: str) -> nbformat.NotebookNode:
    """An executed notebook that shows the usual blocks."""
    blocks = [Opening(title, "Did it work?"), Finding(), Figure(), Prose(), TableView("estimates")]
    outputs = [
        nbformat.v4.new_output(
            "display_data", {BLOCK_MIME: block.to_dict(), "text/html": "<p>x</p>"}
        )
        for block in blocks
    ]
    cells = [
        nbformat.v4.new_code_cell("show()", outputs=[one], execution_count=1) for one in outputs
    ]
    return nbformat.v4.new_notebook(cells=cells)


def outputs_with(
    workspace: Path, results: Mapping[str, Result | dict[str, Any]], **about: Any
) -> Path:
    """The output folder of a programme with these results and nothing else."""
    folder = workspace / "outputs" / PROGRAMME
    shutil.rmtree(folder, ignore_errors=True)
    records = {}
    for name, result in results.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        text = to_json(result)
        (folder / f"{name}.result.json").write_text(text, encoding="utf-8")
        nbformat.write(notebook_of(str(about.get("title", "An audit"))), folder / f"{name}.ipynb")
        own = {
            "title": "An audit",
            "project": "Brook",
            "status": "done",
            "finished": "2026-11-29T10:00:00+00:00",
            "seconds": 1.0,
            "files": {"result": f"{name}.result.json", "notebook": f"{name}.ipynb"},
            "headline": "The exact headline.",
        }
        records[name] = Record(PROGRAMME, name, **{**own, **about})
    write_manifest(folder, Manifest(PROGRAMME, "Closing the gap", records=records, run={}))
    return folder


def audited(met: int = 1, called: str = "records", standard: str = "Weight") -> Result:
    rows = pd.DataFrame(
        {"wave": "2024", "standard": [standard, "Pulse"], "met": [met, 30], "applicable": [61, 61]}
    )
    return qi.audit(rows, met="met", applicable="applicable", called=called)


def everything(site: Path) -> str:
    return "\n".join(
        file.read_text(encoding="utf-8") for file in sorted(site.rglob("*")) if file.is_file()
    )


# ---- what is shared ------------------------------------------------------------------------------


def test_the_site_holds_released_figures_and_its_record(workspace):
    folder = outputs_with(workspace, {"brook/audit": audited()})
    shared = share(folder, workspace / "site", workspace, signed_by="A Head of Information")
    words = everything(shared.site)
    assert "1 of 61" not in words
    assert "exact headline" not in words
    record = json.loads((shared.site / RECORD).read_text(encoding="utf-8"))
    assert record["rule"]["name"] == "mhsds"
    assert record["rule"]["source"].startswith("NHS England")
    assert record["signed_by"] == "A Head of Information"
    assert record["withheld"] > 0
    assert set(record["files"]) == {
        file.relative_to(shared.site).as_posix()
        for file in shared.site.rglob("*")
        if file.is_file() and file.name != RECORD
    }
    assert json.loads(shared.ledger.read_text(encoding="utf-8"))["tables"]


def test_a_rule_is_not_internal_unless_it_is_asked_for(workspace):
    folder = outputs_with(workspace, {"brook/audit": audited()})
    shared = share(folder, workspace / "site", workspace, profile="internal")
    pages = list(shared.site.rglob("*.html"))
    assert all("Not to be passed on" in page.read_text(encoding="utf-8") for page in pages)


def test_a_site_replaces_an_earlier_one_and_nothing_else(workspace):
    folder = outputs_with(workspace, {"brook/audit": audited()})
    share(folder, workspace / "site", workspace)
    share(folder, workspace / "site", workspace)
    others = workspace / "others"
    others.mkdir()
    (others / "letter.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ParameterError, match="holds files that no release wrote"):
        share(folder, others, workspace)
    assert (others / "letter.txt").read_text(encoding="utf-8") == "mine"


def test_what_a_refusal_says_of_the_data_is_not_passed_on(workspace):
    folder = outputs_with(workspace, {"brook/audit": audited()})
    manifest = read_manifest(folder)
    refused = replace(
        manifest.records["brook/audit"],
        status="not evaluated",
        files={},
        reason=Reason("CannotEvaluate", "Too few.\nFound: 3 of 7 patients\nWhat to do: Wait."),
    )
    write_manifest(folder, replace(manifest, records={"brook/audit": refused}))
    words = everything(share(folder, workspace / "site", workspace).site)
    assert "Too few." in words
    assert "3 of 7" not in words


def test_there_has_to_be_something_to_share(workspace):
    with pytest.raises(ParameterError, match="nothing to share"):
        share(workspace / "outputs" / PROGRAMME, workspace / "site", workspace)


# ---- what stops it -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "about",
    [
        {"project": NAME},
        {"network": NAME},
        {"team": f"Team of {NHS}"},
        {"title": f"Audit of {NAME}"},
        {"attribution": NHS},
        {"programme_name": NAME},
    ],
    ids=lambda about: next(iter(about)),
)
def test_words_of_a_project_that_tell_who_somebody_is(workspace, about):
    folder = outputs_with(workspace, {"brook/audit": audited()}, **about)
    _stopped_or_absent(folder, workspace)


def _stopped_or_absent(folder: Path, workspace: Path) -> None:
    site = workspace / "site"
    try:
        share(folder, site, workspace, names=[NAME])
    except ReleaseError as error:
        said = str(error)
    else:
        said = everything(site)
    assert NHS not in said
    assert NAME not in said


def test_a_release_that_says_with_an_earlier_one_what_neither_says_alone(workspace):
    """Two releases that differ by a few people: who joined is a small group."""
    folder = outputs_with(workspace, {"brook/audit": audited(met=20)})
    share(folder, workspace / "one", workspace, profile="ons10")
    folder = outputs_with(workspace, {"brook/audit": audited(met=22)}, depends_on={"x": "1"})
    with pytest.raises(ReleaseError, match="could be computed"):
        share(folder, workspace / "two", workspace, profile="ons10")
    assert not (workspace / "two").exists()


def test_somebody_who_answers_for_it_may_let_it_pass(workspace):
    folder = outputs_with(workspace, {"brook/audit": audited()}, title=f"Audit of {NAME}")
    with pytest.raises(ReleaseError, match="--override"):
        share(folder, workspace / "site", workspace, names=[NAME])
    passed = Override("A Caldicott Guardian", "The name is that of the ward.")
    shared = share(folder, workspace / "site", workspace, names=[NAME], override=passed)
    written = shared.record["override"]
    assert (written["by"], written["reason"]) == (passed.by, passed.reason)
    assert written["found"]
    assert NAME not in json.dumps(written["found"], ensure_ascii=False)


def test_a_damaged_ledger_stops_a_release(workspace):
    folder = outputs_with(workspace, {"brook/audit": audited()})
    shared = share(folder, workspace / "site", workspace)
    shared.ledger.write_text("{", encoding="utf-8")
    with pytest.raises(ReleaseError, match="earlier release cannot be read"):
        share(folder, workspace / "site", workspace)


# ---- proof ---------------------------------------------------------------------------------------


def test_a_changed_site_is_told(workspace):
    folder = outputs_with(workspace, {"brook/audit": audited()})
    site = share(folder, workspace / "site", workspace).site
    assert verify_site(site) == []
    (site / "index.html").write_text("changed", encoding="utf-8")
    (site / "evaluations.html").unlink()
    (site / "new.txt").write_text("new", encoding="utf-8")
    changes = ["changed: index.html", "missing: evaluations.html", "added: new.txt"]
    assert verify_site(site) == changes
    (site / RECORD).write_text("[]", encoding="utf-8")
    with pytest.raises(ParameterError, match="cannot be read"):
        verify_site(site)


def test_the_commands(workspace, monkeypatch, capsys):
    folder = outputs_with(workspace, {"brook/audit": audited()})
    monkeypatch.chdir(workspace)
    monkeypatch.setenv("QIEVAL_WORKSPACE", str(workspace))

    def call(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["qieval", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out = capsys.readouterr()
        return int(ended.value.code or 0), out.out + out.err

    code, said = call("share", "--to", "site", "--by", "A Tester")
    assert code == 0
    assert "rule mhsds" in said
    code, said = call("verify", "site")
    assert code == 0
    assert "Nothing was changed" in said
    code, said = call("share", str(folder), "--override", "because")
    assert code == 1
    assert "Traceback" not in said
    code, said = call("share", str(folder), "--profile", "none")
    assert code == 1
