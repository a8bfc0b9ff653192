"""The signatures of all evaluations, written down: a file is checked without loading an analysis.

Loading every analysis with its statistics and charts takes seconds; reading what they can be told
takes milliseconds. ``make notebooks`` writes the file, and the contract test says when that is due.
An evaluation that is not in it yet is known by its signatures.
"""

from __future__ import annotations

import functools
import inspect
import json
import operator
import types
import typing
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Literal

from qieval.catalogue import load
from qieval.core.signatures import Parameter

FILE = Path(__file__).with_name("signatures.json")

_SIMPLE: dict[str, Any] = {
    **{kind.__name__: kind for kind in (str, int, float, bool, date, Path, dict, list, tuple)},
    "None": type(None),
    "Any": Any,
    "Mapping": Mapping,
    "Sequence": Sequence,
}
_NAMES = {kind: name for name, kind in _SIMPLE.items()}


def parameters_written(name: str) -> dict[str, Parameter] | None:
    """The parameters of an evaluation by name, in order; None if it is not written down."""
    written = _all().get(name)
    return written and {one["name"]: _read(one) for one in written["parameters"]}


def steps_written(name: str) -> dict[str, list[str]] | None:
    """What each step of an evaluation takes by name; None if it is not written down."""
    written = _all().get(name)
    return written and dict(written["steps"])


def as_text(known: Mapping[str, tuple[Mapping[str, Parameter], Mapping[str, list[str]]]]) -> str:
    """The file, a line a parameter: of every evaluation these, and what each of its steps takes."""
    parts = [
        f'{json.dumps(name)}: {{"parameters": [\n'
        + ",\n".join(json.dumps(_plain(one), ensure_ascii=False) for one in parameters.values())
        + f'\n], "steps": {json.dumps(dict(steps))}}}'
        for name, (parameters, steps) in known.items()
    ]
    return "{" + ",\n".join(parts) + "}\n"


@functools.lru_cache(maxsize=1)
def _all() -> dict[str, Any]:
    written: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8")) if FILE.is_file() else {}
    return written


def _plain(parameter: Parameter) -> dict[str, Any]:
    written = {"name": parameter.name, "type": _type(parameter.annotation)}
    if not parameter.required:
        written["default"] = parameter.plain_default
        if isinstance(parameter.default, tuple):
            written["tuple"] = True
    return {**written, "help": parameter.help}


def _read(written: Mapping[str, Any]) -> Parameter:
    default = written.get("default", inspect.Parameter.empty)
    default = tuple(default) if "tuple" in written else default
    return Parameter(written["name"], _annotation(written["type"]), default, written["help"])


def _type(annotation: Any) -> Any:
    """A type as plain values: a name, or a list of its kind and its parts."""
    if annotation in _NAMES:
        return _NAMES[annotation]
    kind, parts = typing.get_origin(annotation), typing.get_args(annotation)
    if kind is Literal:
        return ["Literal", *parts]
    if kind in (typing.Union, types.UnionType):
        return ["Union", *map(_type, parts)]
    if kind in _NAMES:
        return [_NAMES[kind], *map(_type, parts)]
    return f"{annotation.__module__}:{annotation.__qualname__}"


def _annotation(written: Any) -> Any:
    """The type that plain values describe; one of ours is loaded from its module."""
    if isinstance(written, str):
        return load(written) if ":" in written else _SIMPLE[written]
    kind, *parts = written
    if kind == "Literal":
        return Literal[tuple(parts)]
    described = [_annotation(part) for part in parts]
    if kind == "Union":
        return functools.reduce(operator.or_, described)
    return _SIMPLE[kind][tuple(described) if len(described) > 1 else described[0]]
