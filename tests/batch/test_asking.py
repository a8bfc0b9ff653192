"""Questions at the terminal: asked with a proposal, written down, and never where nobody sits."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from time import monotonic

import pytest
import yaml

from qieval.batch.asking import LEAVE_OPEN, Terminal, somebody, write_answers
from qieval.batch.check import check_asking
from qieval.batch.new import new_project
from qieval.batch.plan import plan
from qieval.core.errors import ParameterError
from qieval.intake.reading.questions import OpenQuestions

DOTS = "Month;Unplanned;Beds\n01/02/2024;4;1.000\n02/03/2024;5;1.100\n03/04/2024;3;1.200\n"
PROJECT = "params/my-programme/doubt/project.yml"


class Scripted(Terminal):
    """Somebody who gives these answers, and then wants no more questions."""

    def __init__(self, *answers: str) -> None:
        super().__init__()
        self.answers, self.said, self.asked = list(answers), "", 0

    def say(self, words: str) -> None:
        self.said += f"{words}\n"

    def ask(self, words: str, proposal: str = "") -> str | None:
        self.say(words)
        self.asked += 1
        answer = self.answers.pop(0) if self.answers else LEAVE_OPEN
        return None if answer == LEAVE_OPEN else answer or proposal or None


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with a file about which something is open."""
    for name in ("params", "data"):
        (tmp_path / name).mkdir()
    (tmp_path / "data" / "doubt.csv").write_text(DOTS, encoding="utf-8")
    monkeypatch.setenv("QIEVAL_WORKSPACE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def project(root: Path) -> dict:
    return yaml.safe_load((root / PROJECT).read_text(encoding="utf-8"))


def about(root: Path, *answers: str) -> Scripted:
    """Make the project in a conversation."""
    terminal = Scripted(*answers)
    new_project("doubt", root, source="data/doubt.csv", terminal=terminal)
    return terminal


def checked(root: Path, terminal: Terminal | None) -> list:
    return list(check_asking(plan([root / "params"], root), terminal))


def test_what_is_answered_is_written_and_what_is_not_stays_open(root: Path) -> None:
    words = [
        "Wards with doubts",
        "Elm ward",
        "",
        "the huddle",
        "1 May",
        "2024-03-01",
        "Bed",
        "Beds",
    ]
    terminal = about(root, *words, "beds", "down", "lower")
    made = project(root)
    assert made["name"] == "Wards with doubts"
    assert made["team"] == "Elm ward"
    assert str(made["change"]["date"]) == "2024-03-01"
    assert made["measures"]["beds"]["direction"] == "lower"
    assert made["measures"]["beds"]["value"] == "Beds"
    assert "aim" not in made
    for refused in ("This is not a day.", "Did you mean `Beds`?", "Use one of `lower`"):
        assert refused in terminal.said


def test_enter_takes_what_is_proposed(root: Path) -> None:
    about(root, "", "", "", "", "Beds")
    assert project(root)["name"] == "Doubt"
    terminal = Scripted("")
    (found,) = checked(root, terminal)
    assert found.error is None
    assert "dots with three digits behind" in terminal.said
    assert project(root)["data"]["figures"]["decimal_comma"] is True
    assert f"written to {PROJECT}: `decimal_comma: true`" in terminal.said


@pytest.mark.parametrize("answer", ["false", "decimal_comma: false", "`decimal_comma: false`"])
def test_another_answer_may_be_a_value_or_a_line(root: Path, answer: str) -> None:
    about(root, "", "", "", "", "Beds")
    before = (root / PROJECT).read_text(encoding="utf-8")
    (found,) = checked(root, Scripted(answer))
    assert found.error is None
    after = (root / PROJECT).read_text(encoding="utf-8")
    assert [line for line in after.splitlines() if line not in before.splitlines()] == [
        "    decimal_comma: false"
    ]


def test_what_answers_nothing_is_asked_again(root: Path) -> None:
    about(root, "", "", "", "", "Beds")
    terminal = Scripted("decimal_coma: true", "perhaps", "a: [", "true")
    (found,) = checked(root, terminal)
    assert found.error is None
    assert "Did you mean `decimal_comma`?" in terminal.said
    assert "cannot be read as a value" in terminal.said
    assert terminal.asked == 4


def test_what_is_left_open_is_reported_and_nothing_is_written(root: Path) -> None:
    about(root, "", "", "", "", "Beds")
    before = (root / PROJECT).read_text(encoding="utf-8")
    for terminal in (Scripted(LEAVE_OPEN), None):
        (found,) = checked(root, terminal)
        assert isinstance(found.error, OpenQuestions)
    assert (root / PROJECT).read_text(encoding="utf-8") == before


def test_evaluations_of_the_same_data_are_asked_about_once(root: Path) -> None:
    about(root, "", "", "", "", "Beds")
    folder = (root / PROJECT).parent
    first = (folder / "run_chart.yml").read_text(encoding="utf-8")
    (folder / "run_chart.again.yml").write_text(first, encoding="utf-8")
    terminal = Scripted("true")
    assert [found.error for found in checked(root, terminal)] == [None, None]
    assert terminal.asked == 1


def test_answers_find_their_place_in_a_file_that_says_everything_itself(root: Path) -> None:
    folder = root / "params" / "my-programme" / "flat"
    folder.mkdir(parents=True)
    text = "# Said here.\nsource: data/doubt.csv\nkind: series\ncolumns: {period: Month}\n"
    file = folder / "run_chart.yml"
    file.write_text(f"{text}value: Beds\n", encoding="utf-8")
    (found,) = checked(root, Scripted("false"))
    assert found.error is None
    written = file.read_text(encoding="utf-8")
    assert written == f"{text}value: Beds\ndecimal_comma: false\n"
    for place in ("params/my-programme/flat/run_chart.yml, line 9", ""):
        with pytest.raises(ParameterError, match=r"by hand: `totals: drop`"):
            write_answers(place, {"totals": "drop"}, root)


def test_nobody_is_asked_through_a_pipe(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert somebody() is None
    command = [sys.executable, "-m", "qieval", "new", "doubt", "--from", "data/doubt.csv"]
    ended = subprocess.run(command, cwd=root, input="Beds\n" * 9, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    assert "Enter" not in ended.stdout
    assert "# decimal_comma: true" in (root / PROJECT).read_text(encoding="utf-8")
    ended = subprocess.run(command[:4], cwd=root, input="", capture_output=True, text=True)
    assert ended.returncode == 2
    assert "PROJECT" in ended.stderr


@pytest.mark.skipif(os.name != "posix", reason="NEEDS a pseudo-terminal, which Windows lacks")
def test_a_conversation_at_a_terminal(root: Path) -> None:
    """The whole command: three answers by Enter, one refused, one question about the file."""
    answers = ["doubt", "data/none.csv", "data/doubt.csv", "", "", "", "", "Beds", "", "", "false"]
    code, said = at_a_terminal(["new"], answers, root)
    assert code == 0, said
    assert "There is no such file." in said
    assert "● written to" in said
    assert "● yes" in said
    assert "Next: `qieval run params/my-programme/doubt/run_chart.yml`" in said
    assert project(root)["data"]["figures"]["decimal_comma"] is False
    code, said = at_a_terminal(["new", "other", "--from", "data/doubt.csv", "--no-ask"], [], root)
    assert code == 0, said
    assert "> " not in said


def at_a_terminal(words: list[str], answers: list[str], root: Path) -> tuple[int, str]:
    """Run the command at a pseudo-terminal; each answer is given when something is asked."""
    import pty

    child, terminal = pty.fork()
    if child == 0:
        os.chdir(root)
        os.execv(sys.executable, [sys.executable, "-m", "qieval", *words])
    said, answered, end = b"", 0, monotonic() + 300
    while monotonic() < end:
        try:
            came = os.read(terminal, 1 << 16)
        except OSError:  # Linux's way to say that the other end has gone
            break
        if not came:
            break
        said += came
        if said[answered:].endswith(b"> "):
            os.write(terminal, (answers.pop(0) if answers else LEAVE_OPEN).encode() + b"\n")
            answered = len(said)
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), said.decode().replace("\r\n", "\n")


def test_the_ends_of_lines_stay_as_they_are(root: Path) -> None:
    folder = root / "params" / "my-programme" / "flat"
    folder.mkdir(parents=True)
    text = b"source: data/doubt.csv\r\nkind: series\r\n"
    (folder / "run_chart.yml").write_bytes(text)
    write_answers("params/my-programme/flat/run_chart.yml, line 1", {"totals": "drop"}, root)
    assert (folder / "run_chart.yml").read_bytes() == text + b"totals: drop\r\n"
