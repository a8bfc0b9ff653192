"""YAML files that hold a mapping, with the line of every name, so that errors can point to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from qieval.core.errors import ParameterError
from qieval.core.workspace import relative


def read_yaml(path: Path, root: Path | None = None) -> tuple[dict[str, Any], dict[str, int]]:
    """A YAML mapping and the line of each of its top-level names.

    Raises
    ------
    ParameterError
        If the file is missing, is not YAML, is not a mapping or gives a name twice.
    """
    where = relative(path, root)
    try:
        text = path.read_text(encoding="utf-8-sig")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        values = yaml.safe_load(text)
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
    lines: dict[str, int] = {}
    for key, _ in node.value:
        if key.value in lines:
            raise ParameterError(
                f"`{key.value}` is given twice.",
                found=f"lines {lines[key.value]} and {key.start_mark.line + 1}",
                remedy="Keep one of them.",
                where=where,
            )
        lines[str(key.value)] = key.start_mark.line + 1
    return values, lines
