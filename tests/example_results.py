"""Results of the example programme without its notebooks: what roll-ups are tested on.

`qieval run` executes a notebook an evaluation, which takes minutes; here each analysis is called in
this process, as its notebook would call it, and the files are those that a run would leave::

    python -m tests.example_results outputs

tests/golden/findings.json keeps what every evaluation of the programme finds (`make golden`).
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import sys
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, get_type_hints

import qieval as qi
from qieval.batch.manifest import Manifest, write_manifest
from qieval.batch.plan import Item, plan
from qieval.batch.records import Reason, Record
from qieval.catalogue import EVALUATIONS, Evaluation, load
from qieval.core.result import Result, to_json
from qieval.params import Parameters, read_evaluation

ROOT = Path(__file__).resolve().parents[1]
PROGRAMME = "closing-the-gap"
FINDINGS = ROOT / "tests" / "golden" / "findings.json"


@cache
def result_of(file: Path) -> Result:
    """What the notebook of a parameter file would find."""
    evaluation = read_evaluation(file, ROOT)
    row = EVALUATIONS[evaluation.notebook]
    asked = Parameters(row.name, evaluation.parameters)
    analysis = load(row.analysis)
    found = analysis(*handed_on(row, asked), **asked.of(analysis))
    assert isinstance(found, row.result_class)
    return found


def handed_on(row: Evaluation, asked: Parameters) -> list[Any]:
    """What a notebook hands to its analysis: tables, results of others, a theory and its log."""
    whole = qi.Loaded in get_type_hints(load(row.analysis)).values()
    given: list[Any] = []
    for step in row.steps[: row.steps.index(row.analysis)]:
        function = load(step)
        if step.startswith("qieval.report."):
            continue
        if function is qi.read:
            loaded = qi.read(**asked.of(qi.read))
            given.append(loaded if whole else loaded.table)
        elif function is qi.read_theory:
            told = qi.read_theory(**asked.of(qi.read_theory))
            given += [told.theory, told.cycles]
        elif step.startswith("qieval.flow."):
            given[0] = function(given[0], **asked.of(function)).table
        else:
            given.append(function(**asked.of(function)))
    return given


def write(outputs: Path, *projects: str) -> None:
    """The results of the example programme, or some of its projects, that read no others."""
    programme = ROOT / "params" / PROGRAMME
    planned = plan([programme / each for each in projects] or [programme], ROOT)
    assert not planned.problems, planned.problems
    records = [
        _record(item, outputs / PROGRAMME) for item in planned.items if not item.reads_results
    ]
    about = planned.items[0].programme
    manifest = Manifest(
        PROGRAMME,
        about.name,
        about.aim,
        about.simulated,
        records={record.evaluation: record for record in records},
    )
    write_manifest(outputs / PROGRAMME, manifest)


@cache
def written() -> Path:
    """A folder with every result of the example programme; computed once a process."""
    outputs = Path(tempfile.mkdtemp(prefix="qieval-examples-"))
    atexit.register(shutil.rmtree, outputs, ignore_errors=True)
    write(outputs)
    return outputs


def findings(outputs: Path) -> dict[str, Any]:
    """Evaluation → its headline, verdict and aim, or why there is none; roll-ups included.

    `outputs` holds the results that roll-ups read, as :func:`write` leaves them.
    """
    os.environ["QIEVAL_OUTPUTS"] = str(outputs)
    items = plan([ROOT / "params" / PROGRAMME], ROOT).items
    return {item.file.name: _finding(item, outputs / PROGRAMME) for item in items}


def _finding(item: Item, folder: Path) -> dict[str, Any]:
    file = folder / f"{item.file.name}.result.json"
    try:
        result = qi.read_result(file) if file.is_file() else result_of(item.file.path)
    except qi.CannotEvaluate as error:
        return {"not evaluated": error.problem}
    verdict = result.verdict
    return {
        "headline": result.headline(),
        "verdict": verdict.kind,
        "certainty": verdict.certainty,
        "alone": verdict.alone,
        "rests on": verdict.term,
        "aim": verdict.aim.words,
    }


def write_findings(outputs: Path) -> None:
    """Keep the findings in tests/golden/."""
    text = json.dumps(findings(outputs), indent=1, ensure_ascii=False)
    FINDINGS.write_text(text + "\n", encoding="utf-8")


def _record(item: Item, folder: Path) -> Record:
    (folder / item.file.project).mkdir(parents=True, exist_ok=True)
    record = Record(
        programme=PROGRAMME,
        evaluation=item.file.name,
        title=item.title,
        project=item.project.name,
        network=item.project.network,
        team=item.project.team,
        aim=str(item.project.aim),
        simulated=item.simulated,
        status="done",
        finished="2020-01-31T09:00:00+00:00",
        seconds=0,
        files={"page": f"{item.file.name}.html"},
    )
    try:
        result = result_of(item.file.path)
    except qi.QievalError as error:
        refused = isinstance(error, qi.CannotEvaluate)
        reason = Reason(type(error).__name__, str(error))
        return replace(record, status="not evaluated" if refused else "failed", reason=reason)
    name = f"{item.file.name}.result.json"
    (folder / name).write_text(to_json(result), encoding="utf-8")
    return replace(record, headline=result.headline(), files={**record.files, "result": name})


if __name__ == "__main__":
    write(Path(sys.argv[1]))
