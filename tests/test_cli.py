"""The command line: what each command says, and the exit codes it promises."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from pathlib import Path

import pytest

from qieval import __version__
from qieval.batch.manifest import read_manifest
from qieval.cli import Exit, main
from qieval.core.workspace import ROOT_VARIABLE, shipped
from tests.batch.made import NAME, PARAMETERS, evaluation, workspace


class Cli:
    """The command, called in this process; keeps what it said."""

    def __init__(self, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]) -> None:
        self.patch, self.capture = patch, capture
        self.out = self.err = ""

    def __call__(self, *arguments: str) -> int:
        self.patch.setattr(sys, "argv", ["qieval", *arguments])
        with pytest.raises(SystemExit) as done:
            main()
        self.out, self.err = self.capture.readouterr()
        return int(done.value.code or 0)


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    monkeypatch.setenv(ROOT_VARIABLE, "")  # whatever a command sets is taken back
    return Cli(monkeypatch, capsys)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = workspace(tmp_path / "ws", {evaluation(): "well"})
    (made / "data").mkdir()
    rows = [f"2019-{month:02d}-01,{100 + month}" for month in range(1, 13)]
    rows += [f"2020-{month:02d}-01,{90 + month}" for month in range(1, 13)]
    (made / "data/series.csv").write_text("\n".join(["period,bed_days", *rows]) + "\n")
    monkeypatch.chdir(made)
    return made


def test_version(cli: Cli) -> None:
    assert cli("--version") == Exit.FINE
    assert cli.out == f"qieval {__version__}\n"


@pytest.mark.parametrize(
    "command",
    [
        *([], ["init"], ["run"], ["check"], ["lab"], ["plan", "lock"], ["plan", "show"]),
        *(["pack"], ["receive"], ["key", "new"], ["key", "show"]),
    ],
)
def test_help_of_every_command_gives_the_exit_codes(cli: Cli, command: list[str]) -> None:
    assert cli(*command, "--help") == Exit.FINE
    words = " ".join(cli.out.split())
    assert "0 fine" in words
    assert "3 some evaluations failed" in words
    assert "130 stopped with Ctrl-C" in words


@pytest.mark.parametrize("arguments", [["rum"], ["run", "--wrokers", "2"], ["data", "fetch"]])
def test_a_wrong_command_line_is_2(cli: Cli, arguments: list[str]) -> None:
    assert cli(*arguments) == Exit.WRONG_COMMAND


def test_outside_a_workspace_it_says_what_to_do(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli("run") == Exit.TO_PUT_RIGHT
    assert "not a qieval workspace" in cli.err
    assert "`qieval init`" in cli.err
    assert "Traceback" not in cli.err


# ---- run ---------------------------------------------------------------------------------------


def test_json_lines_and_what_moved_and_why(cli: Cli, root: Path) -> None:
    assert cli("run", "--json") == Exit.FINE
    events = [json.loads(line) for line in cli.out.splitlines()]
    assert {event["event"] for event in events} == {"cell", "ends", "run ends"}
    (first,) = [event["record"] for event in events if event["event"] == "ends"]
    assert "moved" not in first
    assert cli("run", "--json") == Exit.FINE
    assert [json.loads(line)["event"] for line in cli.out.splitlines()] == ["unchanged", "run ends"]

    file = next((root / "params").rglob(f"{NAME}.yml"))
    file.write_text(file.read_text().replace("question: well", "question: once more"))
    assert cli("run") == Exit.FINE
    assert cli("status", "--json") == Exit.FINE
    (line,) = cli.out.splitlines()
    moved = json.loads(line)["record"]["moved"]
    assert moved == {"before": first["headline"], "parts": ["parameters"], "known": True}
    assert cli("status") == Exit.FINE
    assert "moved, since the parameters changed; before: well" in cli.out


def test_what_notebooks_leave_is_collected_while_they_run(cli: Cli, root: Path) -> None:
    """Planning alone puts it off: over thousands of notebooks it would fill the memory."""
    assert cli("run", "--explain") == Exit.FINE
    assert gc.get_threshold()[0] > 100_000
    assert cli("run") == Exit.FINE
    assert gc.get_threshold()[0] < 1000


def test_run_evaluates_and_says_where_the_pages_are(cli: Cli, root: Path) -> None:
    assert cli("run", "params/small") == Exit.FINE
    assert f"[1/1] ✓ done  {evaluation()}" in cli.err
    assert "Page in outputs/small/" in cli.out
    assert f"alder/{NAME}.html" in cli.out
    assert "well: ws, True" in cli.out
    assert "All pages of small: outputs/small/index.html" in cli.out
    assert (root / "outputs/small/index.html").is_file()
    assert (root / "outputs/index.html").is_file()


def test_some_failed_is_3_and_a_refusal_is_fine(cli: Cli, root: Path) -> None:
    for label, question in [("a", "raise"), ("b", "refuse")]:
        file = root / f"params/small/alder/{NAME}.{label}.yml"
        file.write_text(PARAMETERS.format(question=question))
    assert cli("run", f"params/small/alder/{NAME}.b.yml") == Exit.FINE
    assert "◆ not evaluated" in cli.out
    assert "too few months" in cli.out
    assert cli("run", f"params/small/alder/{NAME}.a.yml") == Exit.SOME_FAILED
    assert "✗ failed" in cli.out
    assert "ZeroDivisionError: division by zero" in cli.out


def bad(root: Path) -> None:
    file = root / f"params/small/alder/{NAME}.bad.yml"
    file.write_text(PARAMETERS.format(question="well") + "intervantion: 2020-01-01\n")


def test_a_bad_file_stops_the_run_before_it_starts(cli: Cli, root: Path) -> None:
    bad(root)
    assert cli("run") == Exit.TO_PUT_RIGHT
    assert f"params/small/alder/{NAME}.bad.yml, line 6" in cli.err
    assert "Did you mean `intervention`?" in cli.err
    assert "Nothing was run." in cli.err
    assert "--run-good-ones" in cli.err
    assert "Traceback" not in cli.err
    assert not (root / "outputs").exists()


def test_the_good_ones_run_if_asked_and_the_bad_are_named(cli: Cli, root: Path) -> None:
    bad(root)
    assert cli("run", "--run-good-ones") == Exit.TO_PUT_RIGHT
    assert "✓ done" in cli.out
    assert f"alder/{NAME}.bad" in cli.out
    assert "◇ not run" in cli.out
    manifest = read_manifest(root / "outputs/small")
    assert manifest
    assert list(manifest.records) == [f"alder/{NAME}"]
    assert manifest.run["problems"][0]["evaluation"] == f"alder/{NAME}.bad"
    assert "Could not be run" in (root / "outputs/small/index.html").read_text()


def test_without_a_path_the_example_is_run_if_there_is_one(
    cli: Cli, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = root / "params/closing-the-gap/birch"
    folder.mkdir(parents=True)
    (folder / "nonsense.yml").write_text("a: 1\n")
    bad(root)
    assert cli("run") == Exit.TO_PUT_RIGHT
    assert "nonsense" in cli.err
    assert "intervantion" not in cli.err


def test_an_output_folder_in_the_way_is_1(cli: Cli, root: Path) -> None:
    (root / "outputs").write_text("a file")
    assert cli("run") == Exit.TO_PUT_RIGHT
    assert "outputs: The output folder cannot be written." in cli.err


def test_a_missing_path_names_the_nearest(cli: Cli, root: Path) -> None:
    assert cli("run", "params/smal") == Exit.TO_PUT_RIGHT
    assert "Did you mean `params/small`?" in cli.err


# ---- check -------------------------------------------------------------------------------------


def test_check_reads_the_data_and_runs_nothing(cli: Cli, root: Path) -> None:
    assert cli("check") == Exit.FINE
    assert "data/series.csv" in cli.out
    assert "24 of 24" in cli.out
    assert "● yes" in cli.out
    assert not (root / "outputs").exists()


def test_check_finds_bad_files_missing_data_and_missing_columns(cli: Cli, root: Path) -> None:
    bad(root)
    folder = root / "params/small/birch"
    folder.mkdir()
    text = PARAMETERS.format(question="well")
    (folder / f"{NAME}.gone.yml").write_text(text.replace("series.csv", "serie.csv"))
    assert cli("check") == Exit.TO_PUT_RIGHT
    assert cli.out.count("✗ no, see below") == 2
    assert cli.out.count("● yes") == 1
    assert "`intervantion`" in cli.err
    assert "serie.csv" in cli.err
    assert str(root) not in cli.err + cli.out


# ---- plan --------------------------------------------------------------------------------------

ALDER = "params/small/alder"

PLAN = """\
name: Alder
plan:
  date: 2019-01-01
  value: bed_days
  intervention: 2020-03-01
  slope: true
  horizon: [6, 12]
"""


@pytest.fixture
def planned(root: Path) -> Path:
    file = root / ALDER / "project.yml"
    file.write_text(PLAN)
    return file


def test_a_plan_is_locked_once_and_shown(cli: Cli, planned: Path) -> None:
    assert cli("plan", "show", ALDER) == Exit.FINE
    assert "  slope: true\n  horizon: [6, 12]\n  ◇ not locked\n" in cli.out
    assert cli("plan", "lock", ALDER) == Exit.FINE
    assert cli.out.startswith("● locked on 20")
    assert f"UTC: {ALDER}/plan.lock.yml\n  sha256 " in cli.out
    lock = planned.with_name("plan.lock.yml").read_bytes()
    assert cli("plan", "lock", "small/alder", f"{ALDER}/project.yml") == Exit.FINE
    assert cli.out.count("● unchanged, locked on 20") == 1
    assert planned.with_name("plan.lock.yml").read_bytes() == lock
    assert cli("plan", "show", ALDER) == Exit.FINE
    assert "  ● locked on 20" in cli.out
    assert "not locked" not in cli.out


def test_a_changed_plan_needs_a_reason(cli: Cli, planned: Path) -> None:
    assert cli("plan", "lock", ALDER) == Exit.FINE
    planned.write_text(PLAN.replace("slope: true", "slope: false"))
    assert cli("plan", "lock", ALDER) == Exit.TO_PUT_RIGHT
    assert "has been changed since" in cli.err
    assert "--again" in cli.err
    assert "Traceback" not in cli.err
    assert cli("plan", "show", ALDER) == Exit.FINE
    assert "! changed since: slope was true, is false" in cli.out
    assert cli("plan", "lock", ALDER, "--again", "the ward opened late") == Exit.FINE
    assert cli("plan", "show", ALDER) == Exit.FINE
    assert cli.out.count("● locked on 20") == 2
    assert "again: the ward opened late" in cli.out
    assert "changed since" not in cli.out


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("slope", "slop", ["line 6: A plan for `", "has no `slop`", "Did you mean `slope`?"]),
        ("slope: true", "source: a.csv", ["line 6: A plan for `", "has no `source`"]),
        (
            "slope: true",
            "slope: steep",
            ["line 6: `slope` cannot be planned", "'steep'", "`true` or `false`"],
        ),
        ("2020-03-01", "March", ["line 5: `intervention`", "'March'", "a date (2020-03-01)"]),
        ("2019-01-01", "soon", ["line 3: `date` of a plan is the day"]),
        ("  date: 2019-01-01\n", "", ["does not say when it was made"]),
        (
            "slope: true",
            "evaluation: powr",
            ["line 6: There is no evaluation", "Did you mean `its_power`?"],
        ),
    ],
)
def test_a_plan_that_cannot_be_locked_says_why(
    cli: Cli, planned: Path, old: str, new: str, says: list[str]
) -> None:
    planned.write_text(PLAN.replace(old, new))
    assert cli("plan", "lock", ALDER) == Exit.TO_PUT_RIGHT
    for words in [f"{ALDER}/project.yml", *says]:
        assert words in cli.err
    assert not planned.with_name("plan.lock.yml").exists()


def test_nothing_is_locked_if_one_of_the_plans_is_bad(cli: Cli, root: Path, planned: Path) -> None:
    (root / "params/small/birch").mkdir()
    assert cli("plan", "lock", ALDER, "params/small/birch") == Exit.TO_PUT_RIGHT
    assert "params/small/birch: This project has no plan to lock." in cli.err
    assert not planned.with_name("plan.lock.yml").exists()
    assert cli("plan", "show", ALDER, "params/small/birch") == Exit.FINE
    assert "◇ no plan" in cli.out


def test_a_project_that_is_not_there_names_the_nearest(cli: Cli, planned: Path) -> None:
    assert cli("plan", "lock", "params/small/aldr") == Exit.TO_PUT_RIGHT
    assert "Did you mean `params/small/alder`?" in cli.err
    assert cli("plan", "lock") == Exit.WRONG_COMMAND


def test_a_lock_is_no_evaluation(cli: Cli, planned: Path) -> None:
    assert cli("plan", "lock", ALDER) == Exit.FINE
    assert cli("check") == Exit.FINE
    assert "lock" not in cli.out


# ---- init, lab, data ---------------------------------------------------------------------------


def test_init_makes_a_workspace_in_which_everything_can_be_checked(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli("init", "mine") == Exit.FINE
    assert "cd mine; `qieval run`" in cli.out
    made = tmp_path / "mine"
    names = {path.name for path in made.iterdir()}
    assert names == {"params", "data", "qieval.toml", "README.txt"}
    theirs = {
        path.relative_to(shipped()) for path in shipped("data/closing-the-gap").rglob("*.csv")
    }
    assert theirs
    assert all((made / path).is_file() for path in theirs)
    monkeypatch.chdir(made)
    assert cli("check", "params/closing-the-gap") == Exit.FINE


def test_init_works_in_the_current_folder(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli("init") == Exit.FINE
    assert (tmp_path / "params/closing-the-gap").is_dir()


def test_init_touches_nothing_where_a_workspace_is(cli: Cli, root: Path) -> None:
    (root / "README.txt").write_text("mine")
    assert cli("init") == Exit.TO_PUT_RIGHT
    assert "some of it is there already" in cli.err
    assert "`params`, `README.txt`" in cli.err
    assert (root / "README.txt").read_text() == "mine"
    assert not (root / "qieval.toml").exists()


def test_lab_opens_working_copies_and_leaves_the_notebooks_alone(root: Path) -> None:
    before = {path.name: path.read_bytes() for path in (root / "notebooks").iterdir()}
    command = [sys.executable, "-m", "qieval", "lab", "--", "--version"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().splitlines()[-1][0].isdigit()  # JupyterLab's version
    assert {path.name: path.read_bytes() for path in (root / "notebooks").iterdir()} == before
    ours = {path.name for path in shipped("notebooks").glob("*.ipynb")}
    assert {path.name for path in (root / "lab").glob("*.ipynb")} == ours
    assert (root / "lab" / ".gitignore").read_text() == "*\n"


def test_lab_of_a_project_says_what_it_made(cli: Cli, root: Path) -> None:
    assert cli("lab", ALDER, "--version") == Exit.FINE
    assert f"● made: lab/{ALDER.removeprefix('params/')}/{NAME}.ipynb" in cli.out
    assert cli("lab", "params/nowhere/at-all", "--version") == Exit.TO_PUT_RIGHT
    assert "This is not a project's folder." in cli.err


def test_data_list_names_every_set_with_its_licence(cli: Cli, root: Path) -> None:
    assert cli("data", "list") == Exit.FINE
    assert "scot-delayed-discharges" in cli.out
    assert "Open Government Licence" in cli.out


@pytest.mark.mirror
def test_data_fetch_says_whose_data_they_are(
    cli: Cli, root: Path, mirror: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QIEVAL_OPEN_DATA_MIRROR", str(mirror))
    assert cli("data", "fetch", "scot-delayed-discharges") == Exit.FINE
    assert "● scot-delayed-discharges: 1 file in the mirror, checked." in cli.out
    assert "Public Health Scotland" in cli.out


def test_an_unknown_data_set_names_the_nearest(cli: Cli, root: Path) -> None:
    assert cli("data", "fetch", "scot-delayed-discharge") == Exit.TO_PUT_RIGHT
    assert "scot-delayed-discharges" in cli.err
