"""One signature drives everything: what is missing of an analysis is named here."""

from __future__ import annotations

import inspect
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from papermill import inspect_notebook

import qieval as qi
from qieval import params
from qieval.catalogue import EVALUATIONS, Evaluation, load
from qieval.charts.drawing import chart
from qieval.core.estimates import ESTIMATE_COLUMNS
from qieval.core.result import Result
from qieval.core.signatures import from_outside, parameters_in
from qieval.params import written, written_down
from qieval.params.known import known_by_signatures, known_to
from qieval.params.notebook import example_values
from tests.example_results import result_of

ROOT = Path(__file__).resolve().parents[1]
NAMES = sorted(EVALUATIONS)


def pieces_missing(row: Evaluation) -> list[str]:
    """What an evaluation lacks, all of it at once, each piece with what to do."""
    module, _, function = row.analysis.partition(":")
    package = ROOT.joinpath(*module.split("."))
    if not package.with_suffix(".py").is_file() and not (package / "__init__.py").is_file():
        return [f"the analysis: write {module.replace('.', '/')}/ with `{function}` in it"]
    missing = [
        f"`{public}` in {module.replace('.', '/')}/__init__.py: import it there"
        for public in (function, row.result)
        if not hasattr(import_module(module), public)
    ]
    missing += [
        f'the public name: "{public}": "{module}" in qieval/__init__.py'
        for public in (function, row.result)
        if public not in qi.__all__
    ]
    if not missing:
        missing += _faults_of_result(row.result_class)
    if not (ROOT / "params" / row.example).is_file():
        missing.append(f"the example: write params/{row.example}")
    ours, golden = (ROOT / at / row.notebook for at in ("notebooks", "tests/golden"))
    if not ours.is_file():
        missing.append(f"notebooks/{row.notebook}: `make generated` begins it")
    if not golden.is_file():
        missing.append(
            f"tests/golden/{row.notebook}: `make generated`, when nothing else is missing"
        )
    elif ours.is_file() and sources(golden) != sources(ours):
        missing.append(f"tests/golden/{row.notebook} is of an earlier notebook: `make generated`")
    return missing


def _faults_of_result(result: type[Result]) -> list[str]:
    """What the class of a result does not say, and whether a chart draws it."""
    name = result.__name__
    if not issubclass(result, Result):
        return [f"`{name}` must be a dataclass on `qieval.core.result.Result`"]
    missing = [
        f"`{name}.{part}` in words.py: {what}"
        for part, what in SAID.items()
        if not said(result, part)
    ]
    if chart.dispatch(result) is chart.dispatch(Result):
        missing.append(
            f"the chart of `{name}`: a file in qieval/charts/ with `@chart.register`, imported in "
            "qieval/charts/__init__.py"
        )
    return missing


SAID = {
    "kind": "a short name, by which its files are read again",
    "declared": "what every column of its data frames is (`Declaration`)",
    "limits": "what no result of this kind can tell",
    "headline": "the finding in one sentence",
    "details": "how sure it is, in a few sentences",
    "alt_text": "what the figure shows",
    "tables": 'what it shows: "estimates", "points" and others',
}
"""What the class of a result says itself, and what each is."""


def said(result: type[Result], part: str) -> bool:
    """Whether a class, or one between it and `Result`, says this part itself."""
    own = result.__mro__[: result.__mro__.index(Result)]
    names = {part, "declarations"} if part == "declared" else {part}
    return any(names & vars(one).keys() for one in own)


def sources(notebook: Path) -> list[str]:
    """The cells of a notebook; one that is missing is named."""
    if not notebook.is_file():
        pytest.fail(f"missing: {notebook.relative_to(ROOT)} (`make generated` begins it)", False)
    return [cell.source for cell in nbformat.read(notebook, as_version=4).cells]


@pytest.mark.parametrize("name", NAMES)
def test_the_pieces_of_an_evaluation_are_all_there(name):
    missing = pieces_missing(EVALUATIONS[name])
    assert not missing, f"{name} lacks:\n- " + "\n- ".join(missing)


NEW = Evaluation(
    name="never_made",
    title="Never made",
    analysis="qieval.analysis.never_made:never_made",
    result="NeverMadeResult",
    example="closing-the-gap/rowan-discharge-pathway/never_made.yml",
)


def test_each_missing_piece_of_a_new_evaluation_is_named():
    """A row alone, then one of an analysis that lacks everything else."""
    assert pieces_missing(NEW) == [
        "the analysis: write qieval/analysis/never_made/ with `never_made` in it"
    ]
    lacking = "\n".join(pieces_missing(replace(NEW, analysis="qieval.analysis.pareto:never_made")))
    for piece in (
        "`never_made` in qieval/analysis/pareto/__init__.py",
        "`NeverMadeResult` in qieval/analysis/pareto/__init__.py",
        '"never_made": "qieval.analysis.pareto" in qieval/__init__.py',
        '"NeverMadeResult": "qieval.analysis.pareto" in qieval/__init__.py',
        "params/closing-the-gap/rowan-discharge-pathway/never_made.yml",
        "notebooks/never_made.ipynb",
        "tests/golden/never_made.ipynb",
    ):
        assert piece in lacking


def test_what_a_result_does_not_say_is_named(monkeypatch):
    monkeypatch.setattr(Result, "_kinds", dict(Result._kinds))  # a class enters itself there
    bare = _faults_of_result(type("Bare", (Result,), {"kind": "bare"}))
    named = [
        *(f"`Bare.{part}` in words.py" for part in SAID if part != "kind"),
        "the chart of `Bare`",
    ]
    assert [words.partition(":")[0] for words in bare] == named


@pytest.mark.parametrize("name", NAMES)
def test_the_parameters_cell_is_the_one_that_the_signatures_give(name):
    path = ROOT / "notebooks" / f"{name}.ipynb"
    sources(path)
    notebook = nbformat.read(path, as_version=4)
    (cell,) = [c for c in notebook.cells if "parameters" in c.metadata.get("tags", [])]
    assert cell.source == params.cell(name), (
        f"The parameters cell of {name}.ipynb is not what signatures give: `make notebooks`."
    )


def test_the_page_of_parameters_is_the_one_that_the_signatures_give():
    written = (ROOT / "docs" / "parameters.md").read_text(encoding="utf-8")
    assert written == params.document(), "docs/parameters.md is behind; run `make notebooks`."


def test_the_signatures_that_are_written_down_are_those_of_the_functions():
    due = "qieval/params/signatures.json is behind; run `make notebooks`."
    assert written_down.FILE.read_text(encoding="utf-8") == written.signatures(), due
    for name in NAMES:
        assert dict(known_to(name)) == known_by_signatures(name), name


@pytest.mark.parametrize("name", NAMES)
def test_papermill_reads_every_parameter_of_the_cell(name):
    path = ROOT / "notebooks" / f"{name}.ipynb"
    sources(path)
    seen = inspect_notebook(str(path))
    known = {p.name: p for p in params.parameters_of(name)}
    assert set(seen) <= set(known)
    assert set(example_values(name)) <= set(seen), "papermill would warn of the example's own file"
    for parameter, facts in seen.items():
        assert facts["inferred_type_name"] == known[parameter].type_text
        assert facts["help"], f"{parameter} has no help: document it in its function's docstring"


@pytest.mark.parametrize("name", NAMES)
def test_the_cell_is_short_and_shows_the_example_as_it_is(name, monkeypatch):
    monkeypatch.chdir(ROOT)
    text = params.cell(name)
    most = {"interrupted_time_series": 30, "run_chart": 20}.get(name, 25)
    assert len(text.splitlines()) <= EVALUATIONS[name].lines == most
    assert not text.startswith("# Parameters"), "it would be taken for papermill's"
    namespace: dict[str, object] = {}
    exec(text, namespace)
    shown = qi.parameters(name, namespace)
    example = params.read_evaluation(ROOT / "params" / EVALUATIONS[name].example, ROOT)
    assert shown.example == EVALUATIONS[name].example
    assert shown.values == example.parameters


def test_every_parameter_is_documented_and_reading_and_measuring_once():
    page = params.document()
    assert len([line for line in page.splitlines() if line.startswith("| `")]) < 350
    for name in NAMES:
        for parameter in params.parameters_of(name):
            assert f"`{parameter.name}`" in page, parameter.name
    for name in [*parameters_in(qi.read), *parameters_in(qi.measure)]:
        of_others = {"kind", "window", "by", "every", "table", "period", "count_from"}
        if name not in of_others:
            assert page.count(f"| `{name}` |") == 1, name


@pytest.mark.parametrize("name", NAMES)
def test_shared_parameters_of_steps_agree(name):
    defaults: dict[str, object] = {}
    for function in EVALUATIONS[name].functions():
        for argument in inspect.signature(function).parameters.values():
            if not from_outside(argument):
                continue  # a table or result that the notebook hands on
            if argument.name in defaults and argument.name in known_names(name):
                assert argument.default == defaults[argument.name], argument.name
            defaults[argument.name] = argument.default


def known_names(name: str) -> set[str]:
    return {p.name for p in params.parameters_of(name)}


@pytest.mark.parametrize("name", NAMES)
def test_an_analysis_has_a_documented_typed_signature(name):
    function = load(EVALUATIONS[name].analysis)
    signature = inspect.signature(function)
    doc = inspect.getdoc(function) or ""
    assert signature.return_annotation is not inspect.Signature.empty
    for argument in signature.parameters.values():
        assert argument.annotation is not inspect.Parameter.empty, argument.name
        assert f"\n{argument.name} : " in doc, f"{argument.name} is not in the docstring"
    for heading in ("Parameters\n---", "Returns\n---", "Raises\n---"):
        assert heading in doc


@pytest.mark.parametrize("name", NAMES)
def test_the_example_gives_a_whole_result(name, request):
    row = EVALUATIONS[name]
    if row.reads_results:
        request.getfixturevalue("example_outputs")
    result = result_of(ROOT / "params" / row.example)
    assert list(result.estimates.columns)[: len(ESTIMATE_COLUMNS)] == ESTIMATE_COLUMNS
    assert result.estimates.index.name == "term"
    assert set(result.checks["status"]) <= {"pass", "warn", "fail", "info"}
    for words in (result.headline(), result.summary(), result.alt_text()):
        assert words.strip()
        assert "nan" not in words.lower().split()
    again = Result.from_dict(result.to_dict())
    pd.testing.assert_frame_equal(again.points, result.points, check_dtype=False)
    assert again.summary() == result.summary()


# Names that other code calls, with the arguments it gives by name (the contract of the design).
PUBLIC = {
    "read": "source kind sheet columns dayfirst header period suppressed strict",
    "bed_days": "spells by period rule extract_date leave backend",
    "measure": "table kind every rule extract_date by leave",
    "length_of_stay": "spells by extract_date",
    "readmissions": "spells window by extract_date",
    "waits": "referrals target_days by extract_date",
    "interrupted_time_series": "data value time intervention transition lag slope denominator "
    "control covariates events season family method df lags order horizon confidence",
    "interrupted_time_series_panel": "unit value",
    "its_power": "intervention",
    "run_chart": "data value time rules baseline rephase exclude target direction by events",
    "control_chart": "data kind value numerator denominator time rules screen_moving_ranges "
    "baseline rephase exclude target direction by events",
    "funnel": "units unit numerator denominator kind overdispersion transformation trim levels",
    "audit": "records unit standard result wave team",
    "survey": "responses items wave by",
    "pdsa_review": "log",
    "completeness": "returns expected",
    "context": "events",
    "involvement": "log",
    "pool": "estimates method interval",
    "draw": "result ax",
    "parameters": "name namespace",
}


@pytest.mark.parametrize("name", PUBLIC)
def test_public_names_are_there_and_take_their_arguments(name):
    assert name in dir(qi)
    assert set(PUBLIC[name].split()) <= set(inspect.signature(getattr(qi, name)).parameters)


def test_an_unknown_public_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'beddays'"):
        qi.beddays  # noqa: B018
