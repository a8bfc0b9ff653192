"""Parameters, all of them from signatures.

The functions that a notebook calls say what it can be told: from their signatures come the checks
of YAML files and of the notebook's own parameters cell, that cell itself, and the parameter tables
of the documentation. There is no second list to keep in step.
"""

from __future__ import annotations

import functools
import inspect
import operator
import os
import re
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from qieval.catalogue import EVALUATIONS, Evaluation
from qieval.core.errors import ParameterError, WorkspaceError, listed, nearest
from qieval.core.workspace import ROOT_VARIABLE, find_root, relative, shipped
from qieval.core.yaml_files import read_yaml

GIVEN_BY_NOTEBOOK = (pd.DataFrame,)
"""Arguments of these types are handed from step to step; they are no parameters."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of a notebook: its name, type, default and one line of help."""

    name: str
    annotation: Any
    default: Any
    help: str

    @property
    def required(self) -> bool:
        """Whether it must be given."""
        return self.default is inspect.Parameter.empty

    @property
    def plain_default(self) -> Any:
        """The default as YAML has it: a list where Python has a tuple, nothing where required."""
        if self.required:
            return None
        return list(self.default) if isinstance(self.default, tuple) else self.default

    @property
    def type_text(self) -> str:
        """The type without spaces, as papermill's comment form wants it."""
        return _type_text(self.annotation)


def _plain(annotation: Any) -> Any:
    """The annotation as a parameter file can give it: no tables; a date is a date, not any text."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        options = [
            _plain(option)
            for option in typing.get_args(annotation)
            if not (isinstance(option, type) and issubclass(option, GIVEN_BY_NOTEBOOK))
        ]
        if date in options and str in options:
            options.remove(str)
        return functools.reduce(operator.or_, options)
    if typing.get_origin(annotation) in (list, Sequence, typing.Sequence):
        return list[_plain(typing.get_args(annotation)[0])]  # type: ignore[misc]
    return annotation


def _type_text(annotation: Any) -> str:
    if annotation is type(None):
        return "None"
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Literal:
        return "|".join(str(arg) for arg in args)
    if origin in (typing.Union, types.UnionType):
        return "|".join(_type_text(arg) for arg in args)
    if origin is None:
        return getattr(annotation, "__name__", str(annotation))
    name = "dict" if origin in (Mapping, dict) else getattr(origin, "__name__", str(origin))
    return f"{name}[{','.join(_type_text(arg) for arg in args)}]"


def _help_lines(function: Callable[..., Any]) -> dict[str, str]:
    """First sentence of each parameter in a numpydoc docstring."""
    doc = inspect.getdoc(function) or ""
    section = re.search(r"Parameters\n-+\n(.*?)(?:\n\n[A-Z]\w+\n-+\n|\Z)", doc, re.S)
    help_of: dict[str, str] = {}
    for block in re.split(r"\n(?=\S)", section.group(1) if section else ""):
        head, _, body = block.partition("\n")
        text = " ".join(body.split())
        sentence = re.split(r"(?<=[a-z\)\]])\. ", text, maxsplit=1)[0].rstrip(".")
        for name in head.partition(" : ")[0].split(","):
            help_of[name.strip()] = sentence
    return help_of


def from_outside(argument: inspect.Parameter) -> bool:
    """Whether a parameter file gives this argument of a step."""
    by_name = argument.kind is inspect.Parameter.KEYWORD_ONLY
    return by_name or argument.name in ("source", "kind")


@functools.lru_cache
def parameters_of(name: str) -> tuple[Parameter, ...]:
    """The parameters of the notebook `name`, in the order of its steps.

    A name that several steps share is one parameter; required if one of them requires it.
    """
    found: dict[str, Parameter] = {}
    row = evaluation(name)
    for function in row.functions():
        hints = typing.get_type_hints(function)
        help_of = _help_lines(function)
        for argument in inspect.signature(function).parameters.values():
            annotation = _plain(hints.get(argument.name))
            if annotation is type(None):
                continue  # takes a table only
            if not from_outside(argument):
                continue  # a table or result, handed on by the notebook
            called = row.name_of(function, argument.name)
            if called not in found or argument.default is inspect.Parameter.empty:
                help_line = help_of.get(argument.name, "")
                found[called] = Parameter(called, annotation, argument.default, help_line)
    return tuple(found.values())


def evaluation(name: str) -> Evaluation:
    """The catalogue's row, or a clear error with the nearest name."""
    if name in EVALUATIONS:
        return EVALUATIONS[name]
    guess = nearest(name, EVALUATIONS)
    raise ParameterError(
        f"There is no evaluation called `{name}`.",
        found=f"known evaluations: {listed(EVALUATIONS)}",
        remedy=f"Did you mean `{guess}`?" if guess else "Name the file `<evaluation>.yml`.",
    )


@functools.lru_cache
def model_of(name: str) -> type[BaseModel]:
    """The pydantic model that checks the parameters of the notebook `name`."""
    definitions: dict[str, Any] = {
        p.name: (p.annotation, ... if p.required else p.plain_default) for p in parameters_of(name)
    }
    return create_model(f"{name}_parameters", __config__=ConfigDict(extra="forbid"), **definitions)


def cell(name: str) -> str:
    """The parameters cell of the notebook `name`, as its signatures give it.

    The form is the one that papermill's reader understands: one line a parameter, no second equals
    sign. A parameter that must be given stands as None.
    """
    lines = []
    for p in parameters_of(name):
        text = p.help.replace("=", "is").replace("#", "number ")
        lines.append(f"{p.name} = {p.plain_default!r}  # type: {p.type_text} {text}")
    return "\n".join(lines)


def document() -> str:
    """The page of the documentation that lists every notebook's parameters."""
    lines = ["# Parameters", "", "Written from the signatures by `make notebooks`.", ""]
    for row in EVALUATIONS.values():
        lines += [f"## {row.name}", "", f"{row.title}. Example: `params/{row.example}`.", ""]
        lines += ["| parameter | type | default | meaning |", "|---|---|---|---|"]
        for p in parameters_of(row.name):
            default = "must be given" if p.required else f"`{p.plain_default!r}`"
            kind = p.type_text.replace("|", " or ")
            lines.append(f"| `{p.name}` | {kind} | {default} | {p.help} |")
        lines.append("")
    return "\n".join(lines)


# ---- checking ----------------------------------------------------------------------------------


def validate(
    name: str, given: Mapping[str, Any], *, where: str = "", lines: Mapping[str, int] | None = None
) -> dict[str, Any]:
    """All parameters of the notebook `name`: those given, checked, and the others' defaults.

    Parameters
    ----------
    name : str
        Name of the evaluation.
    given : mapping
        Parameters as a file or a notebook gave them.
    where : str
        The file, for messages.
    lines : mapping, optional
        Line of each parameter in that file.

    Returns
    -------
    dict
        Values of plain JSON kinds; dates as text ``2020-03-01``.

    Raises
    ------
    ParameterError
        With every problem found: file, line, parameter, what was found, what to do.
    """
    model = model_of(name)
    try:
        return model.model_validate(dict(given)).model_dump(mode="json")
    except ValidationError as error:
        seen: dict[str, str] = {}
        for problem in error.errors():
            parameter = str(problem["loc"][0])
            line = (lines or {}).get(parameter)
            place = f"{where}, line {line}" if where and line else where
            seen.setdefault(parameter, _explain(name, parameter, problem, place))
        raise ParameterError("\n".join(seen.values())) from error


def _explain(name: str, parameter: str, problem: Any, place: str) -> str:
    known = {p.name: p for p in parameters_of(name)}
    found: str | None = repr(problem["input"])
    if len(problem["loc"]) > 1 and parameter in known:
        text = f"`{parameter}` cannot have this value{_within(problem['loc'][1:])}."
        remedy = _wanted(known[parameter], problem)
    elif problem["type"] == "extra_forbidden":
        guess = nearest(parameter, known)
        text = f"`{parameter}` is not a parameter of `{name}`."
        remedy = f"Did you mean `{guess}`?" if guess else f"Known parameters: {listed(known, 60)}."
    elif problem["type"] == "missing":
        text, found = f"`{parameter}` is missing.", None
        remedy = f"Add a line `{parameter}: …`: {known[parameter].help}."
    else:
        text = f"`{parameter}` cannot have this value."
        remedy = f"{_wanted(known[parameter], problem)}"
    return str(ParameterError(text, found=found, remedy=remedy, where=place or None))


def _within(steps: Sequence[Any]) -> str:
    """Where in a list or mapping a problem lies: " (number 2, `role`)"; nothing if it is not one.

    Pydantic names the tried types of a union there too; only places in what was written are told.
    """
    places = [f"number {step + 1}" for step in steps if isinstance(step, int)]
    names = [f"`{step}`" for step in steps if isinstance(step, str) and step.isidentifier()]
    said = [*places, *(names[-1:] if places else [])]
    return f" ({', '.join(said)})" if said else ""


def _wanted(parameter: Parameter, problem: Any) -> str:
    if problem["type"] == "extra_forbidden":
        return f"`{problem['loc'][-1]}` is not known here: check its spelling, or leave it out."
    if problem["type"] == "missing":
        return f"Add `{problem['loc'][-1]}: …`."
    if problem["type"] == "literal_error":
        return f"Use one of {problem['ctx']['expected']}.".replace("'", "`")
    options = typing.get_args(parameter.annotation)
    if date in options or parameter.annotation is date:
        return "Write a date as year-month-day: 2020-03-01."
    if typing.get_origin(parameter.annotation) is typing.Literal:
        return f"Use one of {listed(options)}."
    if problem["type"] == "string_type" and isinstance(problem["input"], dict):
        return 'Put text that holds ": " in quotes.'
    return f"Give {parameter.type_text.replace('|', ' or ')}: {parameter.help}."


# ---- files -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class EvaluationFile:
    """A checked parameter file ``params/<programme>/<project>/<notebook>[.<label>].yml``."""

    path: Path
    programme: str
    project: str
    notebook: str
    label: str | None
    parameters: dict[str, Any]

    @property
    def name(self) -> str:
        """``project/notebook[.label]``, unique within the programme."""
        return f"{self.project}/{self.path.stem}"


def read_evaluation(path: Path, root: Path) -> EvaluationFile:
    """A parameter file, checked against the signatures of its evaluation.

    Raises
    ------
    ParameterError
        If the file's name is no evaluation's, or a parameter is unknown, missing or wrong.
    """
    path = path.resolve()
    notebook, _, label = path.stem.partition(".")
    try:
        evaluation(notebook)
    except ParameterError as error:
        raise ParameterError(
            error.problem, found=error.found, remedy=error.remedy, where=relative(path, root)
        ) from error
    values, lines = read_yaml(path, root)
    parameters = validate(notebook, values, where=relative(path, root), lines=lines)
    return EvaluationFile(
        path, path.parent.parent.name, path.parent.name, notebook, label or None, parameters
    )


# ---- in a notebook -----------------------------------------------------------------------------


class Parameters:
    """The checked parameters of a running notebook; ``**p.of(function)`` are those of one step."""

    def __init__(self, name: str, values: dict[str, Any], example: str | None = None) -> None:
        self.name = name
        self.values = values
        self.example = example

    def of(self, function: Callable[..., Any]) -> dict[str, Any]:
        """Those parameters that `function` takes, under the names that it has for them."""
        row = evaluation(self.name)
        called = {
            argument.name: row.name_of(function, argument.name)
            for argument in inspect.signature(function).parameters.values()
            if from_outside(argument)
        }
        return {
            argument: self.values[name] for argument, name in called.items() if name in self.values
        }

    def __repr__(self) -> str:
        if self.example:
            needed = "source" if "source" in self.values else "project"
            return (
                f"No `{needed}` was given: this is the example "
                f"params/{self.example}.\nChange the parameters above to evaluate your own data."
            )
        return f"{len(self.values)} parameters, all known and of the right kind."


def parameters(name: str, namespace: Mapping[str, Any]) -> Parameters:
    """The parameters of a notebook, taken from its variables and checked.

    With every parameter left as it is, those of the evaluation's example are used.

    Parameters
    ----------
    name : str
        Name of the evaluation.
    namespace : mapping
        The notebook's variables: ``globals()``.

    Raises
    ------
    ParameterError
        If a parameter is missing or wrong, or a variable looks like a misspelt parameter.
    """
    known = {p.name: p for p in parameters_of(name)}
    given = {key: namespace[key] for key in known if key in namespace}
    _refuse_misspelt(name, namespace, known)
    untouched = all(value == known[key].plain_default for key, value in given.items())
    if untouched:
        example = evaluation(name).example
        file = _example_file(example)
        return Parameters(name, read_evaluation(file, file.parents[3]).parameters, example)
    for key, parameter in known.items():
        if parameter.required and given.get(key) is None:
            given.pop(key, None)
    return Parameters(name, validate(name, given))


def _example_file(example: str) -> Path:
    """The workspace's own copy of the example; outside any workspace what qieval carries is one."""
    try:
        root = find_root()
    except WorkspaceError:
        root = shipped()
        os.environ[ROOT_VARIABLE] = str(root)
    own = root / "params" / example
    return own if own.is_file() else shipped("params", example)


def _refuse_misspelt(
    name: str, namespace: Mapping[str, Any], known: Mapping[str, Parameter]
) -> None:
    """Plain papermill only warns of an unknown name, and runs: the wrong default would be used."""
    for variable, value in namespace.items():
        plain = isinstance(value, str | int | float | list | dict) or value is None
        if variable.startswith("_") or variable in known or variable in ("In", "Out") or not plain:
            continue
        guess = nearest(variable, known)
        if guess and abs(len(guess) - len(variable)) <= 2:
            raise ParameterError(
                f"`{variable}` is not a parameter of `{name}`.",
                found=f"`{variable}` set in this notebook",
                remedy=f"Did you mean `{guess}`? If not, give the variable another name.",
            )
