"""The texts of a new project's files: every line with what it means, from the signatures."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any, get_args

import pandas as pd
import yaml

from qieval.batch.asking import Terminal, as_value
from qieval.catalogue import Evaluation
from qieval.core.errors import ParameterError, did_you_mean, listed
from qieval.core.signatures import Parameter, checked, model_of
from qieval.core.waves import waves_in_order
from qieval.flow.recipes import known_in_measures
from qieval.intake.proposals import Proposal
from qieval.intake.recipes import known_in_data
from qieval.intake.tables import Kind
from qieval.params.known import known_to, said_by_projects
from qieval.params.written import of_analysis

FILL_IN = "FILL IN"

USUAL_NAMES = {"spells": "stays", "series": "figures", "responses": "answers", "pdsa": "cycles"}
"""Kind of table → what a project would call its data; for others the kind itself."""

_MOST_TABLES = 24
"""At most so many other tables of a file have an entry of their own."""

MEASURED_BY = ("value", "numerator")
"""What tells that an evaluation is of one measure, where it must be given."""


def data_name(proposal: Proposal | None) -> str:
    """What the data of a new project are called."""
    if proposal is None or proposal.kind is None:
        return "table"
    return USUAL_NAMES.get(proposal.kind.name, proposal.kind.name)


def is_of_measure(row: Evaluation) -> bool:
    """Whether an evaluation is of one measure."""
    return any(name in known_to(row.name) and name not in row.own for name in MEASURED_BY)


def project_text(
    title: str, row: Evaluation, proposal: Proposal | None, terminal: Terminal | None = None
) -> tuple[str, str, list[str]]:
    """The text of a new ``project.yml``, what its evaluation names, and what is left to fill in.

    Somebody at a terminal is asked what only they can say. What is open about the file is left to
    the check that follows: it asks that itself.

    Returns
    -------
    text : str
        The file.
    named : str
        The line of the evaluation that names what it is about: "measure: bed_days".
    to_fill_in : list of str
        Names in it that only somebody who knows the project can fill in.
    """
    lines = _Lines(known_in_data(), terminal)
    lines.say("What the project is, and what its evaluations share.")
    _about_lines(lines, title)
    name = data_name(proposal)
    lines.heading("The data")
    lines.add("data:")
    with lines.below(f"  {name}:"):
        _data_lines(lines, proposal)
        _extract_line(lines, row, proposal)
    for called, other in _other_tables(proposal, name):
        with lines.below(f"  {called}:"):
            _data_lines(lines, other)
    if not is_of_measure(row):
        return lines.text(), f"data: {name}", lines.to_fill_in
    lines.known = known_in_measures()
    lines.heading("The measures")
    lines.add("measures:")
    given = _figures(row, proposal, terminal)
    column = str(given.get("value") or given.get("numerator") or "")
    called = re.sub(r"[^a-z0-9]+", "_", column.lower()).strip("_") or "outcome"
    with lines.below(f"  {called}:"):
        lines.set("data", name, "a name above")
        _figure_lines(lines, given, proposal)
        for key, value in _MEANING.items():
            lines.maybe(key, value, ask=key in _ASKED)
    return lines.text(), f"measure: {called}", lines.to_fill_in


def _other_tables(proposal: Proposal | None, name: str) -> Iterator[tuple[str, Proposal]]:
    """The other tables of the file that can be used, each with what it is called."""
    if proposal is None:
        return
    for number, other in enumerate(proposal.others[:_MOST_TABLES], start=2):
        yield f"{name if other.kind is proposal.kind else data_name(other)}_{number}", other


_PROJECT = {
    "team": "Elm ward                    # who did it; pages show it as the setting",
    "network": "Hill network             # where it belongs, if the programme has networks",
    "change": "{what: the daily huddle, date: 2024-03-01}",
    "aim": "Half as many falls by June   # or: {measure: …, how_much: …, by: 2024-06-30}",
    "events": "[{date: 2024-05-01, event: Six beds closed}]",
    "background": "What was done, and from when on, in two or three sentences.",
}
"""What a project may say of itself, with an example."""

_QUESTIONS = {
    "team": "Who did it? The ward or team. Enter: left open.",
    "aim": "What was to be reached, in a sentence? Enter: left open.",
}

_ASKED = ("unit", "direction")
"""What is asked of a measure."""


def _about_lines(lines: _Lines, title: str) -> None:
    """What the project is: asked where somebody can be, else as examples, switched off."""
    said: dict[str, Any] = {"name": title}
    if terminal := lines.terminal:
        said["name"] = terminal.ask("What is its name on pages?", title) or title
        said |= {name: terminal.ask(words) for name, words in _QUESTIONS.items()}
        what = terminal.ask("What was changed, in a few words? Enter: left open.")
        began = what and terminal.ask_until("On which day did that begin? (2024-03-01)", _day)
        said["change"] = {"what": what, "date": began} if began else None
    lines.add(f"name: {_plain(said['name'])}")
    for name, example in _PROJECT.items():
        lines.add(f"{name}: {_plain(said[name])}" if said.get(name) else f"# {name}: {example}")


def _day(answer: str) -> date:
    try:
        return date.fromisoformat(answer)
    except ValueError:
        raise ParameterError(
            "This is not a day.", found=f"`{answer}`", remedy="Write year, month, day: 2024-03-01."
        ) from None


_MEANING = {
    "title": "Falls",
    "unit": "falls a month",
    "direction": "lower",
    "type": "outcome",
    "target": 4,
}

_WORDS = {
    "title": "Falls on Elm ward",
    "question": "Are there fewer falls since the new rounds began?",
    "limits": ["The ward had a new manager in May."],
}


def evaluation_text(
    row: Evaluation,
    proposal: Proposal | None,
    *,
    project: str,
    named: str | None,
    terminal: Terminal | None = None,
) -> tuple[str, list[str]]:
    """The text of an evaluation's file, and the names left to fill in.

    `named`: what it is about, by a name of the project ("measure: bed_days"); None: the project's
    file was there already and names no such data, so they are described here, for once.
    """
    known = dict(known_to(row.name))
    lines = _Lines(known, terminal)
    lines.say(
        f"{row.title.partition(':')[0]}: change any line; `qieval check` says whether it fits. "
        f"What can be set: docs/parameters.md, {row.name}.",
        "A line that begins with # is not used: take the # away to use it.",
    )
    lines.heading("What it is about")
    lines.set("project", project, "what its evaluations share; any line here wins over it")
    if named:
        key, _, name = named.partition(": ")
        lines.set(key, name, f"a name below `{'measures' if key == 'measure' else 'data'}` there")
        lines.written |= {"source", "kind"}
    else:
        _described_here(lines, row, proposal)
    lines.heading("Its own choices")
    _audit_lines(lines, proposal)
    shared = said_by_projects(row.name) if named else frozenset()
    for parameter in known.values():
        if parameter.required and parameter.name not in {*lines.written, *shared}:
            lines.fill_in(parameter.name, parameter.help)
    for name in [name for name in of_analysis(row) if name in _open(row, lines.written)][:3]:
        lines.maybe(name, known[name].plain_default)
    lines.heading("The words on the page")
    for name, example in _WORDS.items():
        lines.maybe(name, example)
    return lines.text(), lines.to_fill_in


def _open(row: Evaluation, written: set[str]) -> set[str]:
    """Choices with a default that no project says: a new file shows some, switched off."""
    return {
        name
        for name, parameter in known_to(row.name).items()
        if parameter.plain_default not in (None, [], "", "period")
        and name not in {*written, *said_by_projects(row.name)}
    }


def _described_here(lines: _Lines, row: Evaluation, proposal: Proposal | None) -> None:
    """The data and figures of an evaluation whose project does not name them."""
    known, lines.known = lines.known, known_in_data()
    with lines.below("data:"):
        _data_lines(lines, proposal)
        _extract_line(lines, row, proposal)
    lines.known = known
    if is_of_measure(row):
        _figure_lines(lines, _figures(row, proposal), proposal)


def _data_lines(lines: _Lines, proposal: Proposal | None) -> None:
    if proposal is None:
        lines.fill_in("source", "file, from the workspace's folder: data/my-file.xlsx")
        lines.fill_in("kind", "what the table is, such as spells or series: docs/data_formats.md")
        lines.maybe("columns", {"period": "Month", "unit": "Ward"})
        return
    lines.set("source", proposal.source, "path from the workspace's folder")
    if proposal.sheet is not None:
        lines.set("sheet", proposal.sheet)
    if proposal.kind is None:
        lines.fill_in("kind", "what the table is: docs/data_formats.md lists the kinds")
        lines.say(f"Headings in the file: {', '.join(proposal.headings)}")
        lines.maybe("columns", {"period": "Month", "unit": "Ward"})
        return
    lines.set("kind", proposal.kind.name, f"one row is {proposal.kind.row}")
    missing = [name for name in proposal.missing if name != "wave"]
    if proposal.renamed or missing:
        lines.columns(proposal.renamed, proposal.kind, missing)
    if "wave" in proposal.missing:
        lines.fill_in("period_of_file", "the round of all rows, such as 2024")
    if proposal.lacks_year:
        lines.fill_in("period_of_file", "the year of the months: 2023, or 2023/24 from April on")
    for name, value in proposal.given.items():
        lines.set(name, value)
    _question_lines(lines, proposal)
    if proposal.choices:
        lines.say("Several rows are of one period (and unit). Say which are meant, for instance:")
        for heading, values in list(proposal.choices.items())[:6]:
            shown = [textwrap.shorten(value, 40, placeholder=" …") for value in values]
            lines.say(
                f"where: {{{_plain(heading)}: {_plain(shown[0])}}}   or {', '.join(shown[1:])}"
            )


def _question_lines(lines: _Lines, proposal: Proposal) -> None:
    """What is open about the file, with the line that takes each proposal, switched off."""
    if not proposal.questions or lines.terminal:
        return
    settled = {*proposal.given, *(["columns"] if proposal.renamed else [])}
    settled |= {"sheet"} if proposal.sheet is not None else set()
    lines.say("Open questions about the file: take the # before a line away to confirm it.")
    for number, question in enumerate(sorted(proposal.questions, key=lambda q: q.weight), start=1):
        found = " ".join(question.found.split())
        lines.say(f"{number}. {question.problem} Found: {textwrap.shorten(found, 200)}")
        if not question.settles:
            lines.say(f"   {question.remedy}")
        for name, value in question.settles.items():
            if name not in settled:
                lines.maybe(name, value)


def _extract_line(lines: _Lines, row: Evaluation, proposal: Proposal | None) -> None:
    """The date up to which the data reach, where something has no end yet."""
    if "extract_date" in known_to(row.name) and (last := _last_day_if_open(proposal)):
        lines.fill_in("extract_date", f"day on which the file was made; its last date is {last}")


def _audit_lines(lines: _Lines, proposal: Proposal | None) -> None:
    """What an audit needs to know of its table: the answers, whose they are, the rounds."""
    if "answer" not in lines.known or proposal is None or proposal.kind is None:
        return
    named = {*proposal.columns, *({"result"} if proposal.side_by_side else set())}
    if "teams_in" in proposal.given:
        named.add("team")
    if "result" in named:
        lines.set("answer", "result")
        unit = next((name for name in ("record", "team") if name in named), None)
        lines.set("unit", unit) if unit else lines.maybe("unit", "record")
    elif {"met", "applicable"} <= named:
        lines.set("met", "met")
        lines.set("applicable", "applicable")
    if "team" in named and "team" in lines.known:
        lines.set("team", "team")
    if proposal.loaded is not None and isinstance(proposal.loaded.table, pd.DataFrame):
        _waves_line(lines, proposal.loaded.table["wave"])


def _waves_line(lines: _Lines, waves: pd.Series) -> None:
    try:
        waves_in_order(waves, None)
    except ParameterError:
        names = pd.Series(waves.unique(), dtype="str")
        days = pd.to_datetime(names, dayfirst=True, format="mixed", errors="coerce")
        if days.notna().all():
            lines.set("waves", names[days.argsort()].to_list(), "the rounds, earliest first")
        else:
            lines.fill_in("waves", f"the rounds, earliest first: {', '.join(names)}")


def _figures(
    row: Evaluation, proposal: Proposal | None, terminal: Terminal | None = None
) -> dict[str, str | None]:
    """The columns that a measure is made of: name → column; None where nobody said it."""
    known = known_to(row.name)
    if proposal and proposal.kind and proposal.kind.name == "spells":
        return {"value": "bed_days", "denominator": "days_in_period"}
    numbers = proposal.numbers() if proposal else []
    wanted = [name for name in ("value", "numerator", "denominator") if name in known]
    wanted = [name for name in wanted if known[name].required] or ["value"]
    if wanted == ["value"] and len(numbers) == 1:
        return {"value": numbers[0]}
    if terminal is None or proposal is None:
        return dict.fromkeys(wanted)

    def accept(answer: str) -> str:
        if numbers and answer not in numbers:
            remedy = did_you_mean(answer, numbers, f"Name one of {listed(numbers)}.")
            raise ParameterError("There is no such column of figures.", remedy=remedy)
        return answer

    one_of = f" One of {listed(numbers)}." if numbers else ""
    return {
        name: terminal.ask_until(
            f"{known[name].help} (`{name}`).{one_of} Enter: left open.", accept
        )
        for name in wanted
    }


_WHY = {"bed_days": "counted from the stays", "days_in_period": "so that long months are no peaks"}


def _figure_lines(
    lines: _Lines, given: Mapping[str, str | None], proposal: Proposal | None
) -> None:
    numbers = proposal.numbers() if proposal else []
    for name, column in given.items():
        if column is not None:
            lines.set(name, column, _WHY.get(column, ""))
        else:
            one_of = f"; one of {', '.join(numbers)}" if numbers else ""
            lines.fill_in(name, f"{lines.known[name].help}{one_of}", ask=proposal is None)


def _last_day_if_open(proposal: Proposal | None) -> str | None:
    """The last date of a table in which something has no end yet; None: all have one."""
    if proposal is None or proposal.loaded is None or proposal.kind is None:
        return None
    table = proposal.loaded.table
    if not isinstance(table, pd.DataFrame):
        return None
    ends = [name for name in ("end", "started") if name in table and table[name].isna().any()]
    days = [table[name].max() for name in table.select_dtypes("datetime")]
    last = max((day for day in days if pd.notna(day)), default=None)
    return f"{last:%Y-%m-%d}" if ends and last is not None else None


class _Lines:
    """The lines of a parameter file as they come."""

    def __init__(self, known: Mapping[str, Parameter], terminal: Terminal | None) -> None:
        self.known = known
        self.terminal = terminal
        self.written: set[str] = set()
        self.to_fill_in: list[str] = []
        self._lines: list[str] = []
        self._indent = ""

    def add(self, line: str) -> None:
        """A line as it is."""
        self._lines.append(line)

    @contextmanager
    def below(self, line: str) -> Iterator[None]:
        """A line that holds those that follow."""
        self._lines.append(line)
        before, self._indent = self._indent, " " * (len(line) - len(line.lstrip()) + 2)
        yield
        self._indent = before

    def say(self, *sentences: str) -> None:
        """A comment."""
        for sentence in sentences:
            self._lines += _comment(sentence, self._indent)

    def heading(self, words: str) -> None:
        """A blank line and a title."""
        self._lines += ["", f"# ---- {words} ".ljust(72, "-")]

    def set(self, name: str, value: Any, why: str = "") -> None:
        """A parameter with its value."""
        self.written.add(name)
        self._put(f"{name}: {_plain(value)}", why or self._help(name))

    def fill_in(self, name: str, what: str, *, ask: bool = True) -> None:
        """A parameter that somebody must fill in: they are asked for it, if they can be."""
        if ask and self._asked(name, f"{what[:1].upper()}{what[1:]} (`{name}`)."):
            return
        self.written.add(name)
        self.to_fill_in.append(name)
        self._put(f"{name}:", f"{FILL_IN}: {what}")

    def maybe(self, name: str, example: Any, *, ask: bool = False) -> None:
        """A parameter that somebody may want, switched off; or asked for, if they can be."""
        if ask and self._asked(name, f"{self._help(name)} (`{name}`), such as {_plain(example)}."):
            return
        self._put(f"# {name}: {_plain(example)}", self._help(name))

    def _asked(self, name: str, words: str) -> bool:
        """Ask for a parameter; whether there was an answer, which is written then."""
        if self.terminal is None:
            return False
        parameter = self.known.get(name)
        options = get_args(parameter.annotation) if parameter else ()
        if options and all(isinstance(option, str) for option in options):
            words = f"{self._help(name)}: {listed(options)} (`{name}`)."

        def accept(answer: str) -> Any:
            value = as_value(answer)
            if parameter is not None:
                one = {name: parameter}
                checked(model_of(name, one), one, {name: value}, of="it", place=lambda _: "")
            return value

        value = self.terminal.ask_until(f"{words} Enter: left open.", accept)
        if value is None:
            return False
        self.set(name, value)
        return True

    def columns(self, renamed: dict[str, str], kind: Kind, missing: Iterable[str]) -> None:
        """The columns of the file under our names."""
        self.written.add("columns")
        self._put("columns:", "our name: heading in the file")
        for name, heading in renamed.items():
            described = kind.columns[name].description if name in kind.columns else ""
            self._put(f"  {name}: {_plain(heading)}", described)
        for name in missing:
            self.to_fill_in.append(f"columns: {name}")
            self._put(f"  {name}:", f"{FILL_IN}: heading of the {kind.columns[name].description}")

    def _help(self, name: str) -> str:
        parameter = self.known.get(name)
        return parameter.help if parameter else ""

    def _put(self, line: str, why: str) -> None:
        line = f"{self._indent}{line}"
        if why and len(line) + len(why) > 92:
            self._lines += [*_comment(why, " " * (len(line) - len(line.lstrip()))), line]
        else:
            self._lines.append(f"{line}   # {why}" if why else line)

    def text(self) -> str:
        """The whole file."""
        return "\n".join(self._lines) + "\n"


def _comment(text: str, indent: str) -> list[str]:
    mark = f"{indent}# "
    return textwrap.wrap(
        text,
        96,
        initial_indent=mark,
        subsequent_indent=mark,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _plain(value: Any) -> str:
    """A value as YAML has it on one line; text that would be taken for something else in quotes."""
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10_000)
    return text.removesuffix("\n").removesuffix("\n...").strip()
