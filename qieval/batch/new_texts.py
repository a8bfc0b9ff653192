"""The texts of new parameter files: every line with what it means, from the signatures."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import Any

import pandas as pd
import yaml

from qieval.catalogue import Evaluation
from qieval.core.errors import ParameterError
from qieval.core.signatures import Parameter
from qieval.core.waves import waves_in_order
from qieval.intake.proposals import Proposal
from qieval.intake.tables import Kind
from qieval.params import parameters_of

FILL_IN = "FILL IN"


def project_text(title: str) -> str:
    """The text of a new ``project.yml``."""
    return f"""\
# What the project is. Pages show it above every evaluation.
name: {_plain(title)}
# team: Elm ward                    # who did it
# network: Hill network             # where it belongs, if the programme has networks
# aim: Half as many falls by June   # what was to be reached, how much, by when
# background: >-
#   What was done, and from when on, in two or three sentences.
"""


def parameters_text(
    row: Evaluation, proposal: Proposal | None, *, project: str
) -> tuple[str, list[str]]:
    """The text of a parameter file, and the names left to fill in."""
    known = {parameter.name: parameter for parameter in parameters_of(row.name)}
    lines = _Lines(known)
    lines.say(
        f"{row.title.partition(':')[0]}: change any line; `qieval check` says whether it fits. "
        f"What can be set: docs/parameters.md, {row.name}.",
        "A line that begins with # is not used: take the # away to use it.",
    )
    lines.heading("The data")
    _data_lines(lines, proposal)
    lines.heading("The question")
    _audit_lines(lines, proposal)
    for parameter in known.values():
        if parameter.required and parameter.name not in lines.written:
            _question_line(lines, parameter, proposal)
    if "extract_date" in known and (last := _last_day_if_open(proposal)):
        lines.fill_in("extract_date", f"day on which the file was made; its last date is {last}")
    lines.heading("The words on the page")
    lines.set("project", project, "what the pages say of it")
    for name, example in _WORDS.items():
        if name in known:
            lines.maybe(name, example)
    return lines.text(), lines.to_fill_in


_WORDS = {
    "title": "Falls on Elm ward",
    "question": "Are there fewer falls since the new rounds began?",
    "outcome": "Falls",
    "setting": "Elm ward",
    "direction": "lower",
    "limits": ["The ward had a new manager in May."],
}


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
    for name, value in proposal.given.items():
        lines.set(name, value)
    if proposal.choices:
        lines.say("Several rows are of one period (and unit). Say which are meant, for instance:")
        for heading, values in list(proposal.choices.items())[:6]:
            shown = [textwrap.shorten(value, 40, placeholder=" …") for value in values]
            lines.say(
                f"where: {{{_plain(heading)}: {_plain(shown[0])}}}   or {', '.join(shown[1:])}"
            )


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
    """The rounds in their order, where their names leave it open."""
    try:
        waves_in_order(waves, None)
    except ParameterError:
        names = pd.Series(waves.unique(), dtype="str")
        days = pd.to_datetime(names, dayfirst=True, format="mixed", errors="coerce")
        if days.notna().all():
            lines.set("waves", names[days.argsort()].to_list(), "the rounds, earliest first")
        else:
            lines.fill_in("waves", f"the rounds, earliest first: {', '.join(names)}")


def _question_line(lines: _Lines, parameter: Parameter, proposal: Proposal | None) -> None:
    numbers = proposal.numbers() if proposal else []
    if parameter.name == "value" and proposal and proposal.kind and proposal.kind.name == "spells":
        lines.set("value", "bed_days", "counted from the stays")
        if "denominator" in lines.known:
            lines.set("denominator", "days_in_period", "so that long months are no peaks")
    elif parameter.name in ("value", "numerator", "denominator") and numbers:
        if len(numbers) == 1 and parameter.name == "value":
            lines.set("value", numbers[0])
        else:
            lines.fill_in(parameter.name, f"{parameter.help}; one of {', '.join(numbers)}")
    else:
        lines.fill_in(parameter.name, parameter.help)


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

    def __init__(self, known: dict[str, Parameter]) -> None:
        self.known = known
        self.written: set[str] = set()
        self.to_fill_in: list[str] = []
        self._lines: list[str] = []

    def say(self, *sentences: str) -> None:
        """A comment."""
        for sentence in sentences:
            self._lines += textwrap.wrap(
                sentence,
                96,
                initial_indent="# ",
                subsequent_indent="# ",
                break_long_words=False,
                break_on_hyphens=False,
            )

    def heading(self, words: str) -> None:
        """A blank line and a title."""
        self._lines += ["", f"# ---- {words} ".ljust(72, "-")]

    def set(self, name: str, value: Any, why: str = "") -> None:
        """A parameter with its value."""
        self.written.add(name)
        self._put(f"{name}: {_plain(value)}", why or self._help(name))

    def fill_in(self, name: str, what: str) -> None:
        """A parameter that somebody must fill in."""
        self.written.add(name)
        self.to_fill_in.append(name)
        self._put(f"{name}:", f"{FILL_IN}: {what}")

    def maybe(self, name: str, example: Any) -> None:
        """A parameter that somebody may want, switched off."""
        self._put(f"# {name}: {_plain(example)}", self._help(name))

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
        if why and len(line) + len(why) > 92:
            indent = " " * (len(line) - len(line.lstrip()))
            self._lines += textwrap.wrap(
                why,
                96,
                initial_indent=f"{indent}# ",
                subsequent_indent=f"{indent}# ",
                break_on_hyphens=False,
            )
            self._lines.append(line)
        else:
            self._lines.append(f"{line}   # {why}" if why else line)

    def text(self) -> str:
        """The whole file."""
        return "\n".join(self._lines) + "\n"


def _plain(value: Any) -> str:
    """A value as YAML has it on one line; text that would be taken for something else in quotes."""
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10_000)
    return text.removesuffix("\n").removesuffix("\n...").strip()
