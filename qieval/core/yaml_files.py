"""YAML files that hold a mapping, with the line of every name, so that errors can point to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from qieval.core.errors import ParameterError
from qieval.core.workspace import relative

Step = str | int
Steps = tuple[Step, ...]


@dataclass(frozen=True)
class Places:
    """Where the parts of a file stand.

    Attributes
    ----------
    where : str
        The file, as shown.
    lines : mapping
        Line of each part by the names and numbers that lead to it:
        ``("theory", "drivers", 0): 12``.
    """

    where: str
    lines: Mapping[Steps, int] = field(default_factory=dict)

    def of(self, *steps: Step) -> str:
        """File and line of a part, or of the nearest part around it that has a line."""
        for length in range(len(steps), -1, -1):
            if steps[:length] in self.lines:
                return f"{self.where}, line {self.lines[steps[:length]]}"
        return self.where

    def below(self, *steps: Step) -> Places:
        """The places of one part, by what leads on from it."""
        inside = {
            taken[len(steps) :]: line
            for taken, line in self.lines.items()
            if taken[: len(steps)] == steps
        }
        return Places(self.where, inside)


_MOST_VALUES, _DEEPEST = 100_000, 50
"""A file with more is no parameter file: aliases can make billions of values of a few lines."""

NOWHERE = Places("")
"""For values that were written in no file."""


def read_yaml(path: Path, root: Path | None = None) -> tuple[dict[str, Any], dict[str, int]]:
    """A YAML mapping and the line of each of its top-level names.

    Raises
    ------
    ParameterError
        If the file is missing, is not YAML, is not a mapping or gives a name twice.
    """
    values, places = read_yaml_places(path, root)
    return values, {str(steps[0]): line for steps, line in places.lines.items() if len(steps) == 1}


def read_yaml_places(path: Path, root: Path | None = None) -> tuple[dict[str, Any], Places]:
    """A YAML mapping and where each of its parts stands, however deep.

    Raises
    ------
    ParameterError
        If the file is missing, is not YAML, is too large, is not a mapping with names that are
        text, or gives a name twice in one place: YAML would keep the last without a word.
    """
    where = relative(path, root)
    try:
        node, values = _parsed(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise ParameterError("There is no such file.", where=where) from error
    except OSError as error:
        raise ParameterError(
            "This file cannot be read.", found=error.strerror, where=where
        ) from error
    except _TooMuch as error:
        raise ParameterError(
            "This file holds more than a parameter file can.",
            found=str(error),
            remedy="Write values out instead of repeating them with `*`, in few levels.",
            where=where,
        ) from error
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        mark = getattr(error, "problem_mark", None)
        no_value = "a number that is too long, or a date that does not exist"
        if isinstance(error, UnicodeDecodeError):
            no_value = "letters that are not UTF-8"
        problem = f"line {mark.line + 1}: {getattr(error, 'problem', '')}" if mark else no_value
        raise ParameterError(
            "This is not valid YAML.",
            found=problem,
            remedy='Write one `name: value` a line; put text that holds ": " in quotes.',
            where=where,
        ) from error
    if not isinstance(node, yaml.MappingNode):
        found = "nothing" if node is None else f"a {type(values).__name__}"
        raise ParameterError(
            "The file is not a list of `name: value` lines.",
            found=found,
            remedy="Write one `name: value` a line.",
            where=where,
        )
    for key, (at, _) in zip(values, node.value, strict=False):
        if not isinstance(key, str):
            raise ParameterError(
                "A name in this file is no text to YAML.",
                found=f"a {type(key).__name__} as the name in line {at.start_mark.line + 1}",
                remedy="Put the name in quotes; `yes`, `no`, `null` and numbers mean other things.",
                where=where,
            )
    lines: dict[Steps, int] = {}
    _walk(node, (), lines, where)
    return _copied(values), Places(where, lines)


# Written in C where PyYAML was built with it.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _TooMuch(Exception):
    """How a file is too large."""


def _refuse_too_much(text: str) -> None:
    """Refuse what would take all memory or stack, from its events, before anything is built."""
    sizes: dict[str | None, int] = {}
    open_ones: list[tuple[str | None, int]] = []
    size = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            open_ones.append((event.anchor, size))
            if len(open_ones) > _DEEPEST:
                raise _TooMuch(f"more than {_DEEPEST} levels, one inside the other")
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = open_ones.pop()
            if anchor:
                sizes[anchor] = size - before
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor in (anchor for anchor, _ in open_ones):
                raise _TooMuch(f"`*{event.anchor}` inside of what it stands for")
            size += sizes.get(event.anchor, 0)
        size += 1
        if size > _MOST_VALUES:
            raise _TooMuch(f"more than {_MOST_VALUES:,} values")


@lru_cache(maxsize=256)  # every evaluation of a project reads its file, and the programme's
def _parsed(text: str) -> tuple[yaml.Node | None, Any]:
    _refuse_too_much(text)
    loader = _LOADER(text)
    try:
        node = loader.get_single_node()
        return node, None if node is None else loader.construct_document(node)
    finally:
        loader.dispose()


def _copied(value: Any) -> Any:
    """The values of a file for a caller who may change them; what cannot be changed is shared."""
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_copied(item) for item in value]
    return set(value) if isinstance(value, set) else value


_PASSWORD = re.compile(r"(?i)\b(password|pwd|access_token)\s*=|://[^/@\s]*:[^/@\s]*@")
"""In the address of a database. What stands in these files stands on pages and in logs too."""


def _walk(node: yaml.Node, steps: Steps, lines: dict[Steps, int], where: str) -> None:
    """Note the line of everything below a node; refuse a password, without repeating it."""
    if isinstance(node, yaml.ScalarNode) and _PASSWORD.search(node.value):
        raise ParameterError(
            "A password stands in this file.",
            remedy="Take it out (and change it, if the file was shared). Set the environment "
            "variable QIEVAL_DATABASE_PASSWORD instead.",
            where=f"{where}, line {node.start_mark.line + 1}",
        )
    if isinstance(node, yaml.SequenceNode):
        for at, item in enumerate(node.value):
            lines[*steps, at] = item.start_mark.line + 1
            _walk(item, (*steps, at), lines, where)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            place, line = (*steps, str(key.value)), key.start_mark.line + 1
            if place in lines:
                raise ParameterError(
                    f"`{key.value}` is given twice.",
                    found=f"lines {lines[place]} and {line}",
                    remedy="Keep one of them.",
                    where=where,
                )
            lines[place] = line
            _walk(value, place, lines, where)
