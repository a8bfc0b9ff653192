"""One signature drives everything: what is missing of an analysis is named here."""

from __future__ import annotations

import inspect
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from papermill import inspect_notebook

import qieval as qi
from qieval import params
from qieval.catalogue import EVALUATIONS, load
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


def sources(notebook: Path) -> list[str]:
    return [cell.source for cell in nbformat.read(notebook, as_version=4).cells]


@pytest.mark.parametrize("name", NAMES)
def test_the_pieces_of_an_evaluation_are_all_there(name):
    row = EVALUATIONS[name]
    assert (ROOT / "notebooks" / row.notebook).is_file(), f"missing: notebooks/{row.notebook}"
    assert (ROOT / "params" / row.example).is_file(), f"missing: params/{row.example}"
    golden = ROOT / "tests" / "golden" / row.notebook
    assert golden.is_file(), f"missing: tests/golden/{row.notebook} (make golden)"
    ours, kept = (
        nbformat.read(at, as_version=4) for at in (ROOT / "notebooks" / row.notebook, golden)
    )
    assert [cell.source for cell in kept.cells] == [cell.source for cell in ours.cells], (
        f"tests/golden/{row.notebook} is of an earlier notebook (make golden)"
    )
    result = row.result_class
    assert issubclass(result, Result)
    assert chart.dispatch(result) is not chart.dispatch(Result), f"no chart for {result.__name__}"
    function = row.analysis.partition(":")[2]
    for public in (function, row.result):
        assert public in qi.__all__, f"missing: {public} in qieval/__init__.py"


@pytest.mark.parametrize("name", NAMES)
def test_the_parameters_cell_is_the_one_that_the_signatures_give(name):
    notebook = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
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
    seen = inspect_notebook(str(ROOT / "notebooks" / f"{name}.ipynb"))
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
