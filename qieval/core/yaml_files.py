"""YAML files that hold a mapping, with the line of every name, so that errors can point to it."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
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
        If the file is missing, is not YAML, is not a mapping or gives a name twice in one place:
        YAML would keep the last without a word.
    """
    where = relative(path, root)
    try:
        node, values = _parsed(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise ParameterError("There is no such file.", where=where) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        raise ParameterError(
            "This is not valid YAML.",
            found=f"line {mark.line + 1}: {getattr(error, 'problem', '')}" if mark else None,
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
    lines: dict[Steps, int] = {}
    _walk(node, (), lines, where)
    return deepcopy(values), Places(where, lines)


# Written in C where PyYAML was built with it.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@lru_cache(maxsize=256)  # every evaluation of a project reads its file, and the programme's
def _parsed(text: str) -> tuple[yaml.Node | None, Any]:
    loader = _LOADER(text)
    try:
        node = loader.get_single_node()
        return node, None if node is None else loader.construct_document(node)
    finally:
        loader.dispose()


def _walk(node: yaml.Node, steps: Steps, lines: dict[Steps, int], where: str) -> None:
    """Note the line of everything below a node."""
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
