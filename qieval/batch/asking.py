"""Questions asked at the terminal, so that none of them costs a new start of the program.

`qieval new` asks what only somebody who knows the project can say, and `qieval check` what a file
leaves open; Enter takes what is proposed. Where nobody sits at a terminal nothing is asked: the
same questions are then printed, or written down, with the lines that settle them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from qieval.core.errors import ParameterError, QievalError, did_you_mean
from qieval.core.recorded import plain
from qieval.core.workspace import resolve
from qieval.intake.reading.questions import OpenQuestions, Question, joined, parameter_line
from qieval.intake.recipes import Recipe, check_recipe, known_in_data
from qieval.params import EvaluationFile
from qieval.params.saved import lay_into

LEAVE_OPEN = "-"
"""The answer that leaves a question open where Enter would take a proposal."""


class Terminal:
    """Somebody at a terminal, who can be asked.

    Attributes
    ----------
    ended : bool
        Whether they want no more questions (Ctrl-D); what is left stays open then.
    """

    def __init__(self) -> None:
        self.ended = False

    def say(self, words: str) -> None:
        """Print a line."""
        print(words, flush=True)

    def ask(self, words: str, proposal: str = "") -> str | None:
        """The answer; Enter gives the proposal. None: it is left open."""
        if self.ended:
            return None
        self.say(f"\n{words}")
        try:
            answer = input(f"  Enter takes {proposal} > " if proposal else "  > ").strip()
        except EOFError:
            self.ended = True
            self.say("")
            return None
        return None if answer == LEAVE_OPEN else answer or proposal or None

    def ask_until(self, words: str, accept: Callable[[str], Any], proposal: str = "") -> Any | None:
        """The answer as `accept` takes it; asked again for as long as that refuses it."""
        while (answer := self.ask(words, proposal)) is not None:
            try:
                return accept(answer)
            except QievalError as error:
                self.say("\n".join(f"  {line}" for line in str(error).splitlines()))
        return None


def somebody() -> Terminal | None:
    """Whoever sits at the terminal; None where input or output is a file, a pipe or a program."""
    return Terminal() if sys.stdin.isatty() and sys.stdout.isatty() else None


def settle_open(file: EvaluationFile, error: OpenQuestions, terminal: Terminal, root: Path) -> bool:
    """Ask what is open about a file of data, and write the answers where the data are described.

    Returns
    -------
    bool
        Whether anything was answered: then it can be looked at again.
    """
    settled: dict[str, Any] = {}
    for number, question in enumerate(error.questions, start=1):
        answers = _answer(question, f"Question {number} of {len(error.questions)}", terminal)
        for name, value in answers.items():
            settled[name] = joined(settled.get(name), value)
    if settled:
        where = write_answers(file.places.get("source", ""), settled, root)
        lines = ", ".join(parameter_line(name, value) for name, value in settled.items())
        terminal.say(f"\n● written to {where}: {lines}\n")
    return bool(settled)


def _answer(question: Question, heading: str, terminal: Terminal) -> dict[str, Any]:
    """The parameters that settle a question; none if it is left open."""
    found = question.found.replace("\n", "\n  ")
    words = f"{heading}. {question.problem}\n  Found: {found}\n  {question.remedy}"
    if not question.settles:
        terminal.say(f"\n{words}\n  Only a change of the file settles this.")
        return {}
    lines = [parameter_line(name, value).strip("`") for name, value in question.settles.items()]
    proposal = "; ".join(lines)
    words += f"\n  Another answer: a line as above. To leave it open: {LEAVE_OPEN}"

    def accept(answer: str) -> dict[str, Any]:
        return dict(question.settles) if answer == proposal else _as_parameters(answer, question)

    return terminal.ask_until(words, accept, proposal) or {}


def _as_parameters(answer: str, question: Question) -> dict[str, Any]:
    """What somebody typed as parameters of reading: a line, or the value of the only one asked."""
    value = as_value(answer.strip("`"))
    if not isinstance(value, Mapping):
        if len(question.settles) != 1:
            raise ParameterError(
                "It is not clear what this answers.",
                found=f"`{answer}`",
                remedy="Write a line with its name, such as `name: value`.",
            )
        value = {next(iter(question.settles)): value}
    known = known_in_data()
    for name in value:
        if name not in known:
            raise ParameterError(
                f"`{name}` is not a parameter of reading.",
                remedy=did_you_mean(str(name), list(known), "Write a line as above."),
            )
    given = {str(name): plain(inner) for name, inner in value.items()}
    check_recipe(Recipe("", "data", given, "your answer"), known_in_data)
    return given


def as_value(answer: str) -> Any:
    """What somebody typed, as a parameter file would have it."""
    try:
        return plain(yaml.safe_load(answer))
    except yaml.YAMLError as error:
        raise ParameterError(
            "This cannot be read as a value.",
            found=f"`{answer}`",
            remedy="Put text with colons, brackets or quotes in quotes.",
        ) from error


def write_answers(place: str, answers: Mapping[str, Any], root: Path) -> str:
    """Write parameters of reading beside the `source` that stands at a place; gives the file.

    Parameters
    ----------
    place : str
        File and line of the source: "params/falls/project.yml, line 12".
    answers : mapping
        Parameters by name. Lists and mappings are added to what is there.
    root : Path
        The workspace.
    """
    name, _, line = place.rpartition(", line ")
    file = resolve(name, root)
    text = file.read_text(encoding="utf-8-sig") if place else ""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    path = _path_to_source(node, int(line) - 1) if node else None
    if path is None:
        lines = ", ".join(parameter_line(name, value) for name, value in answers.items())
        raise ParameterError(
            "The answers cannot be written: the data are not described in lines of their own.",
            remedy=f"Write them by hand: {lines}.",
            where=place or None,
        )
    inner = values = plain(yaml.safe_load(text))
    for key in path:
        inner = inner[key]
    for key, value in answers.items():
        inner[key] = joined(inner.get(key), value)
    lay_into(file, values, root)
    return name


def _path_to_source(node: yaml.Node, line: int) -> list[str] | None:
    """The names that lead to the mapping with a `source` in that line; None if there is none."""
    if not isinstance(node, yaml.MappingNode):
        return None
    for key, value in node.value:
        if key.value == "source" and key.start_mark.line == line:
            return []
        below = _path_to_source(value, line)
        if below is not None:
            return [key.value, *below]
    return None
