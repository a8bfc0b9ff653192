"""Parameter files: whatever is wrong is named with file, line, found and what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import qieval as qi
from qieval import params
from qieval.core.errors import ParameterError
from qieval.intake.programmes import read_project

GOOD = """\
source: data/x.csv
kind: series
value: bed_days
intervention: 2020-03-01
"""


@pytest.fixture
def write(tmp_path):
    def write(text: str, name: str = "interrupted_time_series.yml"):
        file = tmp_path / "params" / "programme" / "project" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return params.read_evaluation(file, tmp_path)

    return write


def test_a_good_file_gives_every_parameter_as_plain_values(write):
    found = write(GOOD, "interrupted_time_series.monthly.yml")
    assert (found.programme, found.project) == ("programme", "project")
    assert (found.notebook, found.label) == ("interrupted_time_series", "monthly")
    assert found.parameters["intervention"] == "2020-03-01"
    assert found.parameters["confidence"] == 0.95
    assert set(found.parameters) == {
        p.name for p in params.parameters_of("interrupted_time_series")
    }


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            GOOD + "interventon: 2020-04-01\n",
            ["line 5", "`interventon` is not a parameter", "Did you mean `intervention`?"],
        ),
        (GOOD.replace("value: bed_days\n", ""), ["`value` is missing", "Add a line `value: …`"]),
        (
            GOOD.replace("2020-03-01", "01/03/2020"),
            ["line 4", "`intervention`", "'01/03/2020'", "year-month-day"],
        ),
        (GOOD + "transition: two\n", ["line 5", "`transition`", "'two'"]),
        (GOOD + "method: remle\n", ["`method`", "`reml`", "'remle'"]),
        (GOOD + "direction: down\n", ["`direction`", "`lower`"]),
        (GOOD + "value: other\n", ["`value` is given twice", "lines 3 and 5"]),
        (
            GOOD.replace("bed_days", ""),
            ["line 3", "nothing: the line is empty", "Write text behind it: Column"],
        ),
        (GOOD + "confidence: high\n", ["line 5", "'high'", "Give a number:"]),
        (GOOD + "where: [ward]\n", ["line 5", "Give lines `name: value`: Heading"]),
        ("- a\n- b\n", ["not a list of `name: value` lines"]),
        ("", ["not a list of `name: value` lines", "nothing"]),
        ("source: [\n", ["not valid YAML", "line 2"]),
    ],
)
def test_a_wrong_file_is_refused(write, text, says):
    with pytest.raises(ParameterError) as caught:
        write(text)
    message = str(caught.value)
    assert "params/programme/project/interrupted_time_series.yml" in message
    for part in says:
        assert part in message


FAMILY = """source: data/x.csv
kind: series
measures:
  - {name: Falls, role: outcome, direction: lower, value: falls}
  - {name: Huddles, role: process, direction: higher, value: huddles}
"""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (FAMILY.replace("process", "proces"), ["number 2, `role`", "'proces'", "`process`"]),
        (FAMILY.replace("huddles}", "huddles, targt: 3}"), ["number 2, `targt`", "not known here"]),
        (FAMILY.replace("name: Falls, ", ""), ["number 1, `name`", "Add `name: …`"]),
    ],
)
def test_a_fault_within_a_list_says_where_in_it(write, text, says):
    with pytest.raises(ParameterError) as caught:
        write(text, "measures.yml")
    for part in ["line 3", "`measures`", *says]:
        assert part in str(caught.value)


def test_every_problem_is_named_at_once(write):
    with pytest.raises(ParameterError) as caught:
        write(GOOD + "transition: two\nlagg: 1\n")
    assert "`transition`" in str(caught.value)
    assert "`lagg`" in str(caught.value)


def test_a_file_that_is_no_evaluation_names_the_nearest(write):
    with pytest.raises(ParameterError, match="Did you mean `interrupted_time_series`"):
        write(GOOD, "interupted_time_series.yml")


def defaults() -> dict[str, object]:
    return {p.name: p.plain_default for p in params.parameters_of("interrupted_time_series")}


def test_an_untouched_notebook_shows_its_example():
    found = qi.parameters("interrupted_time_series", defaults())
    assert found.example
    assert "example" in repr(found)
    assert found.values["source"]


def test_a_touched_notebook_must_be_whole():
    with pytest.raises(ParameterError, match="`source` is missing"):
        qi.parameters("interrupted_time_series", defaults() | {"value": "bed_days"})


EXAMPLE = params.cell("run_chart")
INJECTED = """# Parameters
project = "params/closing-the-gap/cowslip-reablement/project.yml"
measure = "bed_days"
question = "What do the first months look like?"
"""


def run(*cells: str) -> dict[str, Any]:
    """A namespace of IPython's, after these cells."""
    namespace: dict[str, Any] = {"In": ["", *cells], "Out": {}}
    for cell in cells:
        exec(cell, namespace)
    return namespace


@pytest.fixture
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).resolve().parents[1])


@pytest.mark.usefixtures("_here")
def test_nothing_of_the_example_is_left_when_other_parameters_are_injected() -> None:
    assert "baseline = '2017-06-01'" in EXAMPLE
    own = "print('mine')\nnote = 1"
    for cells in ([EXAMPLE, INJECTED], [own, EXAMPLE, INJECTED, own], [EXAMPLE, INJECTED, own]):
        found = qi.parameters("run_chart", run(*cells))
        assert found.values["baseline"] is None
        assert (found.values["title"], found.values["limits"]) == (None, [])
        assert found.values["where"] == {"ward": "Cowslip ward"}
        assert found.values["question"] == "What do the first months look like?"
        assert found.example is None
        assert found.origins["measure"] == "evaluation file"
        assert found.origins["count_from"] == "project.yml, data: stays"


@pytest.mark.usefixtures("_here")
def test_a_variable_set_by_hand_after_the_injected_cell_counts() -> None:
    found = qi.parameters("run_chart", run(EXAMPLE, INJECTED, "baseline = 3"))
    assert found.values["baseline"] == 3


@pytest.mark.usefixtures("_here")
def test_what_is_injected_as_nothing_is_not_as_the_project_says() -> None:
    found = qi.parameters("run_chart", run(EXAMPLE, INJECTED + "events = None\n"))
    assert found.values["events"] is None
    assert qi.parameters("run_chart", run(EXAMPLE, INJECTED)).values["events"]


@pytest.mark.usefixtures("_here")
def test_a_cell_of_ones_own_with_that_heading_is_not_taken_for_papermills() -> None:
    mine = "# Parameters\nprint('of my own')"
    found = qi.parameters("run_chart", run(EXAMPLE, mine))
    assert found.values["baseline"] == "2017-06-01"


@pytest.mark.usefixtures("_here")
def test_an_edited_cell_counts_as_it_stands() -> None:
    cell = EXAMPLE.replace("baseline = '2017-06-01'", "baseline = 12")
    found = qi.parameters("run_chart", run("print('before')", cell, "x = 1"))
    assert (found.values["baseline"], found.example) == (12, None)
    assert found.values["title"] == "Rowan ward: occupied bed days, month by month"
    assert found.origins["baseline"] == "this notebook"
    assert found.origins["time"] == "default"


@pytest.mark.usefixtures("_here")
def test_in_a_cell_none_leaves_it_to_the_project_and_the_word_does_not() -> None:
    assert qi.parameters("run_chart", run(EXAMPLE, "direction = None")).values["direction"] == (
        "lower"
    )
    found = qi.parameters("run_chart", run(EXAMPLE, "events = 'none'\ndirection = 'neutral'"))
    assert (found.values["events"], found.values["direction"]) == (None, "neutral")


@pytest.mark.usefixtures("_here")
def test_outside_ipython_whatever_is_given_counts() -> None:
    given = {"project": "params/closing-the-gap/rowan-discharge-pathway/project.yml"}
    found = qi.parameters("run_chart", {**given, "measure": "bed_days", "per": 1, "unit": "beds"})
    assert (found.values["unit"], found.origins["per"]) == ("beds", "this notebook")
    assert found.values["setting"] == "Rowan ward"


def test_a_variable_without_plain_form_is_an_error_that_names_it() -> None:
    with pytest.raises(ParameterError, match="`order` cannot have this value"):
        qi.parameters("survey", {"source": "x.csv", "kind": "responses", "order": object()})


def test_a_misspelt_variable_is_refused_in_the_notebook():
    namespace = defaults() | {"_private": 1, "In": [], "Out": {}, "denominater": "beds"}
    with pytest.raises(ParameterError, match="Did you mean `denominator`"):
        qi.parameters("interrupted_time_series", namespace)


def test_of_gives_each_step_its_own():
    found = qi.parameters("interrupted_time_series", defaults())
    assert {"source", "kind", "columns"} <= set(found.of(qi.read))
    assert "value" not in found.of(qi.read)
    assert "source" not in found.of(qi.interrupted_time_series)


def test_all_our_parameter_files_are_good():
    root = Path(__file__).resolve().parents[1]
    files = [
        file
        for file in (root / "params").glob("*/*/*.yml")
        if file.name not in ("project.yml", "programme.yml", "plan.lock.yml")
    ]
    assert len(files) >= 8
    for file in files:
        params.read_evaluation(file, root)


@pytest.mark.parametrize(
    "way",
    [
        "source: ../elsewhere/ward.csv",
        "source: {outside}/ward.csv",
        "source: ~/ward.csv",
        "source: /dev/stdin",
        "source: data/link.csv",
        "source: data/*/../../../elsewhere/*.parquet",
        "source: sqlite:///../elsewhere/ward.db#stays",
        "source: duckdb://{outside}/ward.duckdb#stays",
        "source: data/ward.csv\nsuccessors: ../elsewhere/ward.csv",
        "project: ../elsewhere/project.yml",
        "project: {outside}/project.yml",
        "data: {{source: ../elsewhere/ward.csv, kind: series}}",
    ],
)
def test_no_parameter_leads_out_of_the_workspace(tmp_path: Path, way: str) -> None:
    outside, root = tmp_path / "elsewhere", tmp_path / "here"
    folder = root / "params" / "prog" / "one"
    for made in (outside, folder, root / "data"):
        made.mkdir(parents=True)
    (outside / "ward.csv").write_text("Featherby,Zoë\n1,2\n", encoding="utf-8")
    (outside / "project.yml").write_text("name: Featherby\n", encoding="utf-8")
    (root / "data" / "link.csv").symlink_to(outside / "ward.csv")
    file = folder / "run_chart.yml"
    file.write_text(f"kind: series\n{way.format(outside=outside)}\n", encoding="utf-8")
    with pytest.raises(ParameterError, match="leads out of the workspace") as refused:
        params.read_evaluation(file, root)
    assert "Featherby" not in str(refused.value)
    assert "params/prog/one/run_chart.yml, line" in str(refused.value)


@pytest.mark.parametrize(
    "said",
    [
        "data: {ward: {source: ../elsewhere/ward.csv, kind: series}}",
        "theory: {drivers: [], pdsa: ../elsewhere/pdsa.csv}",
    ],
)
def test_no_project_leads_out_of_the_workspace(tmp_path: Path, said: str) -> None:
    folder = tmp_path / "params" / "prog" / "one"
    folder.mkdir(parents=True)
    (folder / "project.yml").write_text(f"name: One\n{said}\n", encoding="utf-8")
    with pytest.raises(ParameterError, match=r"project\.yml, line 2: .* leads out"):
        read_project(folder, tmp_path)
    words = "events:\n- {date: 2020-01-01, event: Moved, source: /the estates office}"
    (folder / "project.yml").write_text(f"name: One\n{words}\n", encoding="utf-8")
    assert read_project(folder, tmp_path).events


def test_a_declared_folder_may_be_read(tmp_path: Path) -> None:
    outside, root = tmp_path / "elsewhere", tmp_path / "here"
    (root / "params" / "prog" / "one").mkdir(parents=True)
    file = root / "params" / "prog" / "one" / "run_chart.yml"
    text = "source: ../elsewhere/ward.csv\nkind: series\nvalue: fridges\n"
    file.write_text(text, encoding="utf-8")
    (root / "qieval.toml").write_text('data_folders = ["../elsewhere"]\n', encoding="utf-8")
    outside.mkdir()
    assert params.read_evaluation(file, root).parameters["source"] == "../elsewhere/ward.csv"
