"""What functions can be told by name, from their signatures: type, default, help, and checks.

A parameter file gives a function its keyword arguments. Their annotations check what a person
wrote, their docstrings say what each is; there is no second list to keep in step.
"""

from __future__ import annotations

import functools
import inspect
import json
import operator
import re
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from qieval.core import columns
from qieval.core.errors import DataError, ParameterError, QievalError, listed, nearest
from qieval.core.recorded import plain

HANDED_ON = (pd.DataFrame,)
"""Arguments of these types are handed from step to step; no file gives them."""


Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class Parameter:
    """One parameter: its name, type, default and one line of help."""

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


def from_outside(argument: inspect.Parameter) -> bool:
    """Whether a parameter file gives this argument of a step."""
    by_name = argument.kind is inspect.Parameter.KEYWORD_ONLY
    return by_name or argument.name in ("source", "kind")


@functools.lru_cache
def parameters_in(function: Callable[..., Any]) -> Mapping[str, Parameter]:
    """What a file can tell a function (or a dataclass), by name, in the order of its signature."""
    given = [one for one in inspect.signature(function).parameters.values() if from_outside(one)]
    hints = _hints(function, [argument.name for argument in given])
    help_of = _help_lines(function)
    taken: dict[str, Parameter] = {}
    for argument in given:
        annotation = _plain(hints.get(argument.name))
        if annotation is type(None):
            continue  # a table, handed on
        help_line = help_of.get(argument.name, "")
        taken[argument.name] = Parameter(argument.name, annotation, argument.default, help_line)
    return taken


def _hints(function: Callable[..., Any], names: Sequence[str]) -> dict[str, Any]:
    """The types of these arguments; those of tables that are handed on may be of ibis, unloaded."""
    if isinstance(function, type):
        return typing.get_type_hints(function)
    own = inspect.unwrap(function)
    wanted = {name: own.__annotations__[name] for name in names if name in own.__annotations__}
    return typing.get_type_hints(types.SimpleNamespace(__annotations__=wanted), own.__globals__)


def _plain(annotation: Any) -> Any:
    """The annotation as a parameter file can give it: no tables; a date is a date, not any text."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        options = [
            _plain(option)
            for option in typing.get_args(annotation)
            if not (isinstance(option, type) and issubclass(option, HANDED_ON))
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


# ---- checking ----------------------------------------------------------------------------------


def model_of(name: str, parameters: Mapping[str, Parameter]) -> type[BaseModel]:
    """A pydantic model that checks values for these parameters; unknown names are refused.

    Keep it: making one takes longer than using it on a thousand files.
    """
    definitions: dict[str, Any] = {
        p.name: (p.annotation, ... if p.required else p.plain_default) for p in parameters.values()
    }
    return create_model(name, __config__=ConfigDict(extra="forbid"), **definitions)


def checked(
    model: type[BaseModel],
    parameters: Mapping[str, Parameter],
    given: Mapping[str, Any],
    *,
    of: str,
    place: Callable[[str], str],
    missing: Callable[[str], str] = lambda name: f"Add a line `{name}: …`",
) -> dict[str, Any]:
    """Every parameter: those given, checked, and the others' defaults, as plain JSON values.

    Parameters
    ----------
    model : type
        The model of these parameters.
    parameters : mapping
        Parameters by name.
    given : mapping
        What somebody gave.
    of : str
        Whose parameters they are, for messages: "`run_chart`".
    place : callable
        Name → file and line where it was given; "" if that is not known.
    missing : callable
        What to do about a missing one, up to the colon before its meaning.

    Raises
    ------
    ParameterError
        With every problem found: file, line, parameter, what was found, what to do.
    """
    try:
        return model.model_validate(dict(given)).model_dump(mode="json")
    except ValidationError as error:
        seen: dict[str, str] = {}
        for problem in error.errors():
            name = str(problem["loc"][0])
            told = _explain(name, parameters, problem, of, place(name), missing)
            seen.setdefault(name, str(told))
        raise ParameterError("\n".join(seen.values())) from error


def public(function: Function) -> Function:
    """A public function: what its signature does not allow is refused in words.

    Its own refusals know more and come first. Where one of them is missing and something breaks,
    the arguments are held against the signature; if they agree with it, the fault is ours and keeps
    its traceback. Text is looked at before: wrong in a headline, it would break only when read.
    """

    @functools.wraps(function)
    def called(*args: Any, **named: Any) -> Any:
        _refuse_other_names(function, args, named)
        for name in _texts_of(function) & named.keys():
            if not isinstance(named[name], str | None):
                raise _wrong(function, name, named[name])
        try:
            return function(*args, **named)
        except QievalError:
            raise
        except Exception as error:
            given = inspect.signature(function).bind(*args, **named).arguments
            _refuse_other_kinds(function, given, error)
            raise

    return called  # type: ignore[return-value]


def _refuse_other_names(
    function: Callable[..., Any], args: Sequence[Any], named: Mapping[str, Any]
) -> None:
    """Refuse a name that the signature does not have, and say which it lacks."""
    taken, of = _arguments(function), f"`{function.__name__}`"
    for name in named:
        if name not in taken:
            raise unknown(name, taken, of, "")
    by_place = [name for name, one in taken.items() if one.kind is not one.KEYWORD_ONLY]
    if len(args) > len(by_place):
        raise ParameterError(
            f"{of} takes {listed(by_place)} by its place, and all else by name.",
            found=f"{len(args)} values without a name",
            remedy=f"Write the name before the value: `{list(taken)[len(by_place)]}=…`."
            if len(taken) > len(by_place)
            else None,
        )
    for name, one in list(taken.items())[len(args) :]:
        if one.default is one.empty and name not in named:
            known = parameters_in(function).get(name)
            remedy = f"Add `{name}=…`" + (f": {known.help}." if known and known.help else ".")
            raise ParameterError(f"`{name}` is missing in the call of {of}.", remedy=remedy)


@functools.lru_cache
def _arguments(function: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
    """The arguments of a function by name; none of them is variadic."""
    return inspect.signature(function).parameters


@functools.lru_cache
def _texts_of(function: Callable[..., Any]) -> frozenset[str]:
    """Keyword arguments that are text or nothing."""
    text = ((str,), (str, type(None)))
    return frozenset(name for name, options in _named(function).items() if options in text)


def _refuse_other_kinds(
    function: Callable[..., Any], given: Mapping[str, Any], error: Exception
) -> None:
    """Refuse the first argument that the signature does not allow, if there is one."""
    for name, options in _handed_in(function).items():
        if not any(_is_one(given[name], option) for option in options):
            raise DataError(
                f"`{function.__name__}` works on {_in_words(options)}, and got something else.",
                found=f"a {type(given[name]).__name__} in `{name}`",
                remedy="Give it a table as `qi.read` makes them: a pandas DataFrame."
                if pd.DataFrame in options
                else None,
            ) from error
    for name in _named(function).keys() & given.keys():
        value = given[name]
        if not isinstance(value, HANDED_ON) and not _allowed(function, name, value):
            raise _wrong(function, name, value) from error


def _allowed(function: Callable[..., Any], name: str, value: Any) -> bool:
    """Whether a keyword argument may have this value."""
    options = _named(function)[name]
    if name not in parameters_in(function):  # a table or nothing, which no file gives
        return value is None
    empty = isinstance(value, str) and not value and parameters_in(function)[name].default != ""
    # Dates and nan have plain forms that other kinds have as well: text, and nothing.
    odd = isinstance(value, date | float) and not any(_is_one(value, one) for one in options)
    extreme = columns.is_number(value) and columns.extreme(np.asarray(value, dtype=float))
    if empty or odd or extreme:
        return False
    try:
        # As JSON, where a list may stand for a tuple and text for a date, but "3" for no number.
        text = json.dumps({name: plain(value, name)}, ensure_ascii=False)
        _keywords_of(function).model_validate_json(text.encode(errors="replace"), strict=True)
    except (TypeError, ValueError):  # no plain form; a validation error is a ValueError
        return False
    return True


def _wrong(function: Callable[..., Any], name: str, value: Any) -> ParameterError:
    problem = {"loc": (name,), "type": "kind", "input": value}
    if name not in parameters_in(function):
        found = f"a {type(value).__name__}"
        return ParameterError(f"`{name}` must be a table, or be left out.", found=found)
    return _explain(name, parameters_in(function), problem, "", "", str)


_KINDS = {
    "DataFrame": "a table",
    "Table": "a table of a database",
    "Path": "a path",
    "Loaded": "what `qi.read` gives",
    "Sequence": "a list of results",
    "tuple": "two figures",
    "Theory": "what `qi.read_theory` gives",
    "Mapping": "a mapping",
}
"""What functions work on, in words, by the name of its class."""


@functools.lru_cache
def _handed_in(function: Callable[..., Any]) -> Mapping[str, tuple[Any, ...]]:
    """What each argument may be that is not given by name."""
    hints = typing.get_type_hints(function)
    return {
        argument.name: _options(hints[argument.name])
        for argument in inspect.signature(function).parameters.values()
        if not from_outside(argument)
    }


@functools.lru_cache
def _named(function: Callable[..., Any]) -> Mapping[str, tuple[Any, ...]]:
    """What each argument may be that is given by name; a date may also be text, read later."""
    by_name = inspect.Parameter.KEYWORD_ONLY
    arguments = inspect.signature(function).parameters.values()
    hints = _hints(function, [one.name for one in arguments if one.kind is by_name])
    return {name: _options(hint) for name, hint in hints.items()}


@functools.lru_cache
def _keywords_of(function: Callable[..., Any]) -> type[BaseModel]:
    """A model of the keyword arguments, tables aside."""
    plain = {
        name: functools.reduce(operator.or_, [one for one in options if one not in HANDED_ON])
        for name, options in _named(function).items()
    }
    definitions: dict[str, Any] = {name: (annotation, None) for name, annotation in plain.items()}
    return create_model(f"{function.__name__}_keywords", **definitions)


def _options(annotation: Any) -> tuple[Any, ...]:
    several = typing.get_origin(annotation) in (typing.Union, types.UnionType)
    return typing.get_args(annotation) if several else (annotation,)


def _is_one(value: Any, option: Any) -> bool:
    """Whether a value is what an annotation says; of a sequence, each of its items."""
    kind, items = typing.get_origin(option) or option, typing.get_args(option)
    if kind is typing.Literal:
        return value in items
    kind = dict if dict in getattr(kind, "__mro__", ()) else list | tuple if kind is tuple else kind
    if kind is Any:
        return True
    if not isinstance(value, kind) or (isinstance(value, str) and kind is not str):
        return False
    sequence = items and isinstance(value, Sequence) and isinstance(kind, type)
    return not sequence or all(_is_one(item, items[0]) for item in value)


def _in_words(options: Sequence[Any]) -> str:
    names = [(typing.get_origin(option) or option).__name__ for option in options]
    return " or ".join(_KINDS[name] for name in names if name in _KINDS)


def unknown(name: str, known: Mapping[str, Any], of: str, place: str) -> ParameterError:
    """The error for a name that is no parameter, with the nearest that is one."""
    guess = nearest(name, known)
    return ParameterError(
        f"`{name}` is not a parameter of {of}.",
        remedy=f"Did you mean `{guess}`?" if guess else f"Known parameters: {listed(known, 60)}.",
        where=place or None,
    )


def _explain(
    name: str,
    known: Mapping[str, Parameter],
    problem: Any,
    of: str,
    place: str,
    missing: Callable[[str], str],
) -> ParameterError:
    given = problem["input"]
    found: str | None = "nothing: the line is empty" if given is None else repr(given)
    text = f"`{name}` cannot have this value."
    if len(problem["loc"]) > 1 and name in known:
        text = f"`{name}` cannot have this value{_within(problem['loc'][1:])}."
        remedy = _wanted(known[name], problem)
    elif problem["type"] == "extra_forbidden":
        error = unknown(name, known, of, place)
        return ParameterError(error.problem, found=found, remedy=error.remedy, where=error.where)
    elif problem["type"] == "missing":
        text, found = f"`{name}` is missing.", None
        remedy = f"{missing(name)}: {known[name].help}."
    else:
        remedy = _wanted(known[name], problem)
    return ParameterError(text, found=found, remedy=remedy, where=place or None)


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
    one_of = typing.get_origin(parameter.annotation) is typing.Literal
    if problem["type"] == "literal_error" and (one_of or len(problem["loc"]) > 2):
        return f"Use one of {problem['ctx']['expected']}.".replace("'", "`")
    options = typing.get_args(parameter.annotation)
    if date in options or parameter.annotation is date:
        return "Write a date as year-month-day: 2020-03-01."
    if one_of:
        return f"Use one of {listed(options)}."
    if problem["type"] == "string_type" and isinstance(problem["input"], dict):
        return 'Put text that holds ": " in quotes.'
    if problem["input"] is None:
        leave_out = "" if parameter.required else ", or take the line out"
        return (
            f"Write {value_in_words(parameter.annotation)} behind it{leave_out}: {parameter.help}."
        )
    return f"Give {value_in_words(parameter.annotation)}: {parameter.help}."


_VALUES = {
    str: "text",
    Path: "text",
    int: "a whole number",
    float: "a number",
    bool: "`true` or `false`",
    date: "a date (2020-03-01)",
}
"""Single values of parameters, in words."""


def value_in_words(annotation: Any) -> str:
    """What may be written for a parameter: "a number, or a list (each: a number)"."""
    options = [option for option in _options(annotation) if option is not type(None)]
    return ", or ".join(dict.fromkeys(map(_option_in_words, options)))


def _option_in_words(option: Any) -> str:
    kind, items = typing.get_origin(option) or option, typing.get_args(option)
    if kind is typing.Literal:
        return f"one of {listed(items)}"
    each = f" (each: {_VALUES[items[-1]]})" if items and items[-1] in _VALUES else ""
    if kind in (dict, Mapping):
        return f"lines `name: value`{each}"
    if kind in (list, tuple, Sequence):
        return f"a list{each}"
    return _VALUES.get(kind, "another value")
