"""A notebook's parameters written back to its parameter file, whose comments and order are kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from qieval.core.errors import ParameterError, WorkspaceError
from qieval.core.recorded import plain
from qieval.core.workspace import find_root, relative, resolve, write_whole
from qieval.core.yaml_files import NOWHERE, read_yaml_places
from qieval.intake.identifiers import refuse_in
from qieval.intake.programmes import project_at
from qieval.params.known import known_to, said_by_projects
from qieval.params.notebook import NONE, last_opened
from qieval.params.settled import settle

_WIDTH = 10_000
"""Lines are never broken anew: a long line of a file stays as it was."""


@dataclass(frozen=True)
class Saved:
    """What was written.

    Attributes
    ----------
    file : str
        The parameter file, from the workspace.
    changes : tuple
        Name, value before and value now of each parameter that changed; None where it is not
        written.
    """

    file: str
    changes: tuple[tuple[str, Any, Any], ...]

    def __repr__(self) -> str:
        if not self.changes:
            return f"{self.file} says the same already."
        lines = [f"  {name}: {_shown(now)} (was {_shown(was)})" for name, was, now in self.changes]
        return "\n".join([f"Written to {self.file}:", *lines])


def save_parameters(file: str | None = None) -> Saved:
    """Write the parameters of this notebook to its parameter file; comments and order are kept.

    What the notebook says is checked first, as ``qieval check`` does; nothing is written if
    something is wrong. What stands at its default is written only if the file says something else.

    Parameters
    ----------
    file : str, optional
        The file, from the workspace: ``params/<programme>/<project>/<evaluation>.yml``. Default:
        the one that this notebook is a working copy of (`qieval lab <project>`).

    Raises
    ------
    ParameterError
        If a parameter is missing or wrong, or it is not known which file is meant.
    WorkspaceError
        If the file cannot be written.

    Examples
    --------
    >>> transition = 1  # doctest: +SKIP
    >>> qi.save_parameters()  # doctest: +SKIP
    """
    if not last_opened:
        raise ParameterError(
            "There are no parameters to save yet.",
            remedy="Run the cell with `qi.parameters(…)` first.",
        )
    opened = last_opened[0]
    written = {
        name: opened.namespace[name] for name in known_to(opened.name) if name in opened.namespace
    }
    return write_parameters(opened.name, written, _file_of(opened.name, file or opened.file))


def write_parameters(name: str, variables: Mapping[str, Any], file: Path) -> Saved:
    """Write what a notebook's variables say to a parameter file.

    Parameters
    ----------
    name : str
        Name of the evaluation.
    variables : mapping
        Parameters by name; None for "as the project says", "none" for "not as the project says".
    file : Path
        The parameter file; made if it is not there.
    """
    root = find_root()
    before, places = read_yaml_places(file, root) if file.is_file() else ({}, NOWHERE)
    now = _to_write(name, variables, {key: plain(value, key) for key, value in before.items()})
    refuse_in(now, places)
    home = now.get("project") or relative(file.parent / "project.yml", root)
    about = project_at(str(home))[0] if resolve(str(home), root).is_file() else None
    settle(name, now, about)
    was = {key: plain(value, key) for key, value in before.items()}
    changes = tuple(
        (key, was.get(key), now.get(key))
        for key in dict.fromkeys([*was, *now])
        if (key in was) != (key in now) or was.get(key) != now.get(key)
    )
    if changes:
        lay_into(file, now, root)
    return Saved(relative(file, root), changes)


def _file_of(name: str, file: str | None) -> Path:
    if file is None:
        raise ParameterError(
            "It is not known which parameter file belongs to this notebook.",
            remedy="Open the project with `qieval lab <project>`, or name the file: "
            f'`qi.save_parameters("params/<programme>/<project>/{name}.yml")`.',
        )
    path = resolve(file)
    if path.suffix != ".yml" or path.stem.partition(".")[0] != name or not path.parent.is_dir():
        raise ParameterError(
            "These parameters do not belong into this file.",
            found=f"`{relative(path)}`",
            remedy=f"Name a file `{name}.yml` or `{name}.<label>.yml` in a project's folder.",
        )
    return path


def _to_write(name: str, variables: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """What the file is to say, in its own order and then that of the signature."""
    known, shared = known_to(name), said_by_projects(name)
    now = dict(before)
    for key, value in variables.items():
        value, default = plain(value, key), known[key].plain_default
        if key in shared and value == NONE:
            now[key] = None
        elif value is None and (key in shared or known[key].required or key not in now):
            now.pop(key, None)
        elif key == "project" and key not in before:
            continue  # the file lies beside its project
        elif value != default or type(value) is not type(default) or key in before:
            now[key] = value
    return now


# ---- the text of a file ------------------------------------------------------------------------

Edit = tuple[int, int, str]
"""First and last place of what is replaced in a text, and by what."""


def lay_into(file: Path, values: Mapping[str, Any], root: Path) -> None:
    """Write these values in the place of a file's own; all else stays, the ends of lines too.

    Raises
    ------
    ParameterError
        If the file is written so that this cannot be done.
    WorkspaceError
        If it cannot be written.
    """
    text = file.read_bytes().decode("utf-8-sig") if file.is_file() else ""
    windows = "\r\n" in text
    changed = laid_into(text.replace("\r\n", "\n"), values)
    try:
        write_whole(file, changed.replace("\n", "\r\n") if windows else changed)
    except OSError as error:
        raise WorkspaceError(
            "The parameter file cannot be written.",
            found=error.strerror,
            remedy="Close it in other programs; use a folder in which you may write.",
            where=relative(file, root),
        ) from error


def laid_into(text: str, values: Mapping[str, Any]) -> str:
    """A YAML text with these values in the place of its own; all else stays letter by letter.

    Raises
    ------
    ParameterError
        If the text is written so that this cannot be done, with anchors for instance.
    """
    document = yaml.compose(text, Loader=yaml.SafeLoader)
    if document is None:  # nothing but comments, or nothing at all
        changed = _ended(text) + "".join(f"{key}: {_inline(values[key])}\n" for key in values)
    else:
        changed = text
        for start, end, new in sorted(_edits(document, values, text), reverse=True):
            changed = changed[:start] + new + changed[end:]
    try:
        as_wanted = plain(yaml.safe_load(changed) or {}) == values
    except yaml.YAMLError:
        as_wanted = False
    if not as_wanted:
        raise ParameterError(
            "This file is written in a way that cannot be changed from a notebook.",
            remedy="Take out anchors (`&`, `*`) and `{ }` over several lines, or change the file "
            "by hand.",
        )
    return changed


def _edits(document: yaml.Node, values: Mapping[str, Any], text: str) -> Iterator[Edit]:
    """What has to be changed in a mapping, and nowhere else."""
    there = {key.value: (key, value) for key, value in document.value}
    for name, (key, node) in there.items():
        if name not in values:
            start = text.rfind("\n", 0, key.start_mark.index) + 1
            yield start, _line_end(text, _end(node, text)), ""
        elif plain(_value(node)) != values[name]:
            yield from _edits_of_value(key, node, values[name], text)
    added = [name for name in values if name not in there]
    if added:
        last = max(_end(node, text) for _, node in there.values()) if there else len(text)
        margin = " " * (document.value[0][0].start_mark.column if there else 0)
        at = _line_end(text, last)
        lines = "".join(f"{margin}{name}: {_inline(values[name])}\n" for name in added)
        yield at, at, lines if text[:at].endswith("\n") else f"\n{lines}"


def _edits_of_value(key: yaml.Node, node: yaml.Node, value: Any, text: str) -> Iterator[Edit]:
    """The changes that give a name another value."""
    start, end = node.start_mark.index, _end(node, text)
    block = isinstance(node, yaml.CollectionNode) and not node.flow_style
    names = {inner.value for inner, _ in node.value} if isinstance(node, yaml.MappingNode) else ()
    if block and isinstance(value, dict) and not value.keys().isdisjoint(names):
        yield from _edits(node, value, text)
    elif block and isinstance(value, list | dict) and value:
        lines = _dumped(value, flow=False).rstrip("\n").split("\n")
        # A list may stand right below its name, a mapping may not.
        deeper = "  " if node.start_mark.column == key.start_mark.column else ""
        margin = " " * node.start_mark.column + deeper
        yield start, end, deeper + f"\n{margin}".join(lines)
    elif block:
        # The value moves up to its name; a comment beside the name stays there.
        colon = text.index(":", key.end_mark.index)
        beside = text[colon + 1 : start].rstrip()
        yield colon + 1, end, f" {_inline(value)}{beside}"
    else:
        yield start, end, _inline(value)


def _value(node: yaml.Node) -> Any:
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _end(node: yaml.Node, text: str) -> int:
    """Where a value ends; of one in block style that is before comments and blank lines."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last, text)
    start, end = node.start_mark.index, node.end_mark.index
    return start + len(text[start:end].rstrip())


def _line_end(text: str, place: int) -> int:
    return text.find("\n", place) + 1 or len(text)


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else f"{text}\n"


def _inline(value: Any) -> str:
    return _dumped(value, flow=True).removesuffix("...\n").rstrip("\n")


def _dumped(value: Any, *, flow: bool) -> str:
    return str(
        yaml.safe_dump(
            _with_dates(value),
            default_flow_style=flow,
            allow_unicode=True,
            sort_keys=False,
            width=_WIDTH,
        )
    )


def _with_dates(value: Any) -> Any:
    """The value with dates as dates, which are written without quotes."""
    if isinstance(value, Mapping):
        return {key: _with_dates(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with_dates(inner) for inner in value]
    with suppress(ValueError):
        if isinstance(value, str) and date.fromisoformat(value).isoformat() == value:
            return date.fromisoformat(value)
    return value


def _shown(value: Any) -> str:
    return "nothing" if value is None else repr(value)
