"""`qieval new`: parameter files that explain themselves, proposed from a file; nothing lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

import qieval as qi
from qieval.batch.new import FIRST_LOOK, new_project
from qieval.catalogue import EVALUATIONS
from qieval.cli import Exit
from qieval.core.errors import QievalError
from qieval.intake.tables import KINDS
from tests.intake.reading.first_time import book, stacked
from tests.test_cli import Cli, cli

__all__ = ["cli"]  # the fixture

STAYS = """NHS Number,Surname,Admission Date,Discharge Date,Ward Name
9990000026,Doe,13/03/2024,20/03/2024,Elm
9990000034,Roe,14/03/2024,,Elm
9990000042,Poe,15/03/2024,16/03/2024,Oak
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty workspace with two files of data."""
    (tmp_path / "ws" / "params").mkdir(parents=True)
    (tmp_path / "ws" / "data").mkdir()
    root = tmp_path / "ws"
    (root / "data" / "stays.csv").write_text(STAYS, encoding="utf-8")
    months = [f"2024-{month:02d}-01,{month}" for month in range(1, 13)]
    (root / "data" / "falls.csv").write_text("\n".join(["Month,Falls", *months]) + "\n")
    monkeypatch.chdir(root)
    return root


def parameters(root: Path, path: str) -> dict[str, Any]:
    found = yaml.safe_load((root / "params" / path).read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def test_a_project_from_a_file_of_stays(cli: Cli, root: Path) -> None:
    assert cli("new", "discharge-pathway", "--from", "data/stays.csv") == Exit.FINE
    assert "● made params/my-programme/discharge-pathway/project.yml" in cli.out
    assert "seems to be a table of spells" in cli.out
    assert "`NHS Number` is taken as `person`." in cli.out
    assert "3 of 3" in cli.out
    assert "Left to fill in" in cli.out
    assert "`extract_date`" in cli.out
    assert parameters(root, "my-programme/discharge-pathway/run_chart.yml") == {
        "project": "params/my-programme/discharge-pathway/project.yml",
        "measure": "bed_days",
    }
    assert parameters(root, "my-programme/discharge-pathway/project.yml") == {
        "name": "Discharge pathway",
        "data": {
            "stays": {
                "source": "data/stays.csv",
                "kind": "spells",
                "columns": {
                    "person": "NHS Number",
                    "start": "Admission Date",
                    "end": "Discharge Date",
                    "ward": "Ward Name",
                },
                "extract_date": None,
            }
        },
        "measures": {
            "bed_days": {
                "data": "stays",
                "value": "bed_days",
                "denominator": "days_in_period",
            }
        },
    }


def test_no_value_of_an_identifier_is_written_or_printed(cli: Cli, root: Path) -> None:
    cli("new", "pathway", "--from", "data/stays.csv")
    said = cli.out + cli.err + "".join(file.read_text() for file in root.rglob("*.yml"))
    assert [one for one in ("9990000026", "Doe", "Roe") if one in said] == []


def test_a_series_with_one_figure_can_be_run_as_it_is(cli: Cli, root: Path) -> None:
    assert cli("new", "falls", "--from", "data/falls.csv") == Exit.FINE
    assert "Next: `qieval run params/my-programme/falls/run_chart.yml`" in cli.out
    assert parameters(root, "my-programme/falls/run_chart.yml")["measure"] == "falls"
    made = parameters(root, "my-programme/falls/project.yml")
    assert made["measures"] == {"falls": {"data": "figures", "value": "Falls"}}
    assert cli("check", "params/my-programme/falls") == Exit.FINE


def test_a_template_without_a_file_says_what_is_left(cli: Cli, root: Path) -> None:
    assert cli("new", "Ward 5: Quiet Nights") == Exit.FINE
    assert "Left to fill in" in cli.out
    assert "`source`, `kind`, `value`" in cli.out
    made = parameters(root, "my-programme/ward-5-quiet-nights/project.yml")
    assert made["data"] == {"table": {"source": None, "kind": None}}
    assert "project.yml, line 12: `source` is missing" in cli.err
    assert "Traceback" not in cli.err


def test_every_line_is_explained(root: Path) -> None:
    made = new_project("pathway", root, source="data/stays.csv")
    texts = [file.read_text(encoding="utf-8").splitlines() for file in made.files]
    for lines in texts:
        for before, line in zip(["", *lines], lines, strict=False):
            names_only = line.endswith(":") or line.startswith("name:")
            if line and not line.startswith("#") and not names_only:
                assert "#" in line or before.lstrip().startswith("#"), line


def test_nothing_is_overwritten(cli: Cli, root: Path) -> None:
    assert cli("new", "falls", "--from", "data/falls.csv") == Exit.FINE
    file = root / "params/my-programme/falls/run_chart.yml"
    file.write_text("mine\n")
    assert cli("new", "falls", "--from", "data/falls.csv") == Exit.TO_PUT_RIGHT
    assert "is there already" in cli.err
    assert file.read_text() == "mine\n"
    assert cli("new", "falls", "--from", "data/falls.csv", "--notebook", "control_chart") == 0
    assert "◇ kept params/my-programme/falls/project.yml" in cli.out
    assert parameters(root, "my-programme/falls/control_chart.yml")["measure"] == "falls"


def test_a_project_that_does_not_name_the_file_stays_and_the_evaluation_says_it(
    cli: Cli, root: Path
) -> None:
    cli("new", "falls", "--from", "data/falls.csv")
    before = (root / "params/my-programme/falls/project.yml").read_text()
    cli("new", "falls", "--from", "data/stays.csv", "--notebook", "length_of_stay")
    assert (root / "params/my-programme/falls/project.yml").read_text() == before
    made = parameters(root, "my-programme/falls/length_of_stay.yml")
    assert made["data"]["kind"] == "spells"
    assert made["data"]["columns"]["person"] == "NHS Number"
    assert cli("check", "params/my-programme/falls/length_of_stay.yml") == Exit.FINE


def test_the_programme_is_the_one_named_or_the_only_own_one(cli: Cli, root: Path) -> None:
    assert cli("new", "falls-2026/elm") == Exit.FINE
    assert (root / "params/falls-2026/elm/project.yml").is_file()
    assert cli("new", "oak") == Exit.FINE
    assert (root / "params/falls-2026/oak/project.yml").is_file()
    (root / "params/other").mkdir()
    assert cli("new", "ash") == Exit.FINE
    assert (root / "params/my-programme/ash/project.yml").is_file()


def test_it_works_in_an_empty_folder_after_init_and_from_another_folder(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    assert cli("init") == Exit.FINE
    deeper = tmp_path / "empty" / "data" / "mine"
    deeper.mkdir()
    (deeper / "stays.csv").write_text(STAYS, encoding="utf-8")
    monkeypatch.chdir(deeper)
    monkeypatch.setenv("QIEVAL_WORKSPACE", "")
    assert cli("new", "pathway", "--from", "stays.csv") == Exit.FINE
    made = parameters(tmp_path / "empty", "my-programme/pathway/project.yml")
    assert made["data"]["stays"]["source"] == "data/mine/stays.csv"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["falls", "--from", "data/fals.csv"], "Did you mean `falls.csv`?"),
        (["a/b/c"], "A project is named"),
        (["..."], "A project is named"),
        (["falls", "--from", "data/falls.csv", "--kind", "serie"], "Did you mean `series`?"),
        (["falls", "--notebook", "run-chart"], "Did you mean `run_chart`?"),
        (["falls", "--from", "data/falls.csv", "--sheet", "One"], "Only a workbook has sheets"),
        (["falls", "--from", "../outside.csv"], "lies outside the workspace"),
    ],
)
def test_mistakes_are_said_plainly_and_write_nothing(
    arguments: list[str], says: str, cli: Cli, root: Path
) -> None:
    (root.parent / "outside.csv").write_text("a\n1\n")
    assert cli("new", *arguments) == Exit.TO_PUT_RIGHT
    assert says in cli.err
    assert "Traceback" not in cli.err
    assert str(root) not in cli.err
    assert list(root.rglob("*.yml")) == []


def test_a_file_of_no_known_kind_still_gives_files_to_go_on_with(cli: Cli, root: Path) -> None:
    (root / "data" / "odd.csv").write_text("colour,weight\nred,1\n")
    assert cli("new", "odd", "--from", "data/odd.csv") == Exit.FINE
    assert "cannot be told from its headings" in cli.out
    text = (root / "params/my-programme/odd/project.yml").read_text()
    assert "Headings in the file: colour, weight" in text


def test_rows_that_must_be_chosen_are_offered(root: Path) -> None:
    rows = [f"2024-{m:02d},{age},{sex},{m}" for m in (1, 2) for age in "ab" for sex in "fm"]
    (root / "data" / "long.csv").write_text("\n".join(["Month,Age,Sex,n", *rows]))
    made = new_project("long", root, source="data/long.csv")
    assert "# where: {Age: a}   or b" in made.files[0].read_text()


def test_a_folder_that_cannot_be_written_is_said(root: Path) -> None:
    (root / "params" / "my-programme").write_text("a file, not a folder")
    with pytest.raises(QievalError, match="cannot be written"):
        new_project("falls", root)


def test_every_kind_has_an_evaluation_or_its_passport() -> None:
    proposed = [kind for row in EVALUATIONS.values() for kind in row.proposed_for]
    assert sorted(proposed) == sorted(set(KINDS) - {"leave", "beds"})
    assert FIRST_LOOK in EVALUATIONS


def test_check_says_in_short_what_was_decided_by_proposal(cli: Cli, root: Path) -> None:
    rows = [f"2024-{month:02d}-01,SW1A {month}AA,{month}" for month in range(1, 10)]
    (root / "data" / "places.csv").write_text("\n".join(["period,place,n", *rows]) + "\n")
    folder = root / "params" / "p" / "one"
    folder.mkdir(parents=True)
    (folder / "run_chart.yml").write_text(
        "source: data/places.csv\nkind: series\nvalue: n\ncolumns: {unit: place}\nstrict: false\n"
    )
    assert cli("check", "params/p") == Exit.FINE
    assert "● yes, with doubts" in cli.out
    assert (
        "! p/one/run_chart: Ambiguous, so the proposal was taken: each of the postcodes" in cli.out
    )


def test_a_wide_audit_can_be_run_as_it_is_proposed(cli: Cli, root: Path) -> None:
    rows = ["Team,Audit date,Patient ref,BMI,BP", "Ash,01/01/2023,P1,Y,N", "Ash,01/02/2023,P2,Y,"]
    (root / "data" / "checks.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    assert cli("new", "checks", "--from", "data/checks.csv") == Exit.FINE
    made = parameters(root, "my-programme/checks/audit.yml")
    data = parameters(root, "my-programme/checks/project.yml")["data"]["audit"]
    assert data["standards_in"] == ["BMI", "BP"]
    assert data["columns"] == {"wave": "Audit date", "record": "Patient ref", "team": "Team"}
    assert (made["answer"], made["unit"], made["team"]) == ("result", "record", "team")
    assert made["waves"] == ["01/01/2023", "01/02/2023"]
    assert "2 of 2" in cli.out


def test_services_side_by_side_ask_for_their_round(cli: Cli, root: Path) -> None:
    rows = ["Service,1.1 Open,1.2 Plan", "Ash,Yes,No", "Oak,No,Partly"]
    (root / "data" / "services.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    cli("new", "services", "--from", "data/services.csv")
    made = parameters(root, "my-programme/services/audit.yml")
    data = parameters(root, "my-programme/services/project.yml")["data"]["audit"]
    assert data["standards_in"] == ["1.1 Open", "1.2 Plan"]
    assert (made["unit"], data["columns"]) == ("team", {"team": "Service"})
    assert "`period_of_file`" in cli.out


def test_open_questions_are_written_as_lines_to_confirm(root: Path) -> None:
    book(root / "data" / "two.xlsx", stacked(0))
    made = new_project("two", root, source="data/two.xlsx")
    file = root / "params/my-programme/two/project.yml"
    lines = file.read_text(encoding="utf-8").splitlines()
    assert any("take the # before a line away to confirm" in line for line in lines)
    switched_off = [line.strip() for line in lines if line.strip().startswith("# table: 1")]
    assert switched_off
    assert any(line.strip().startswith("# rows_are: measures") for line in lines)
    confirmed = [
        line.replace("# table", "table").replace("# rows_are", "rows_are")
        if ("# table: " in line or "# rows_are: " in line)
        else line
        for line in lines
    ]
    file.write_text("\n".join(confirmed), encoding="utf-8")
    said = parameters(root, "my-programme/two/project.yml")["data"]["figures"]
    assert (said["table"], said["rows_are"]) == (1, "measures")
    assert len(qi.read(**said).table) == 6
    assert made.evaluation.exists()


def test_each_table_of_a_file_has_an_entry(root: Path) -> None:
    book(root / "data" / "two.xlsx", stacked(0))
    made = new_project("two", root, source="data/two.xlsx")
    data = parameters(root, "my-programme/two/project.yml")["data"]
    assert list(data) == ["figures", "figures_2"]
    assert ("table" in data["figures"], data["figures_2"]["table"]) == (False, 2)
    assert any("holds 2 tables that can be used" in told for told in made.told)
    assert len(qi.read(**data["figures_2"], rows_are="units").table) == 24


def test_a_year_that_stands_nowhere_is_left_to_fill_in(root: Path) -> None:
    (root / "data" / "months.csv").write_text("Month,n\nApril,1\nMay,2\nJune,3\n", encoding="utf-8")
    made = new_project("months", root, source="data/months.csv")
    project = root / "params/my-programme/months/project.yml"
    assert made.to_fill_in == {project: ("period_of_file",)}
    said = project.read_text(encoding="utf-8").replace(
        "period_of_file:  ", "period_of_file: 2019  "
    )
    project.write_text(said, encoding="utf-8")
    given = parameters(root, "my-programme/months/project.yml")["data"]["figures"]
    assert given["period_of_file"] == 2019
    assert len(qi.read(**given).table) == 3


def test_a_year_beside_its_quarters_is_no_unit(root: Path) -> None:
    rows = [
        [year, f"Q{n}", 200 + n, 180 + n] for year in ("2015/16", "2016/17") for n in range(1, 5)
    ]
    headings = ["Year", "Period", "Available beds", "Occupied beds"]
    book(root / "data" / "beds.xlsx", [["Quarterly data"], headings, *rows])
    new_project("beds", root, source="data/beds.xlsx")
    said = parameters(root, "my-programme/beds/project.yml")["data"]["figures"]
    assert said["columns"] == {"period": "Period"}
