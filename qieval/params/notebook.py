"""The parameters of a running notebook.

The parameters cell shows the values of an example. When papermill injects another project's, in a
cell of its own after it, nothing of the example may be left over: then only what was injected, or
set by hand further down, counts. When nothing was injected, what the cell says counts.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from qieval.catalogue import evaluation
from qieval.core.desk import Top
from qieval.core.errors import ParameterError, WorkspaceError, nearest
from qieval.core.recorded import plain
from qieval.core.signatures import Parameter, parameters_in
from qieval.core.workspace import (
    ROOT_VARIABLE,
    digest_of,
    find_root,
    notebook,
    resolve,
    shipped,
)
from qieval.core.yaml_files import read_yaml
from qieval.intake.programmes import project_at
from qieval.params.files import read_evaluation
from qieval.params.known import known_to, said_by_projects
from qieval.params.settled import FILE, NOTEBOOK, settle

INJECTED = "# Parameters"
"""First line of the cell that papermill injects."""


EARLIER = (
    "This working copy was made from an earlier notebook, which has changed since. To have the new "
    "one, close this copy, rename or delete it, and open the project again with `qieval lab`."
)

NONE = "none"
"""In a cell: nothing, not even what the project says; None leaves it to the project."""


@dataclass(repr=False)
class Parameters:
    """The checked parameters of a running notebook; ``**p.of(function)`` are those of one step.

    Attributes
    ----------
    name : str
        The evaluation.
    values : dict
        Every parameter.
    origins : dict
        Where each came from, in words: evaluation file, this notebook, the project's file and the
        part of it, default.
    copy_of_earlier : bool
        Whether the notebook is a working copy of one that has changed since.
    example : str or None
        The example that is shown, where the notebook is as we made it.
    """

    name: str
    values: dict[str, Any]
    example: str | None = None
    origins: dict[str, str] = field(default_factory=dict)
    copy_of_earlier: bool = False

    def of(self, function: Callable[..., Any]) -> dict[str, Any]:
        """Those parameters that `function` takes, under the names that it has for them."""
        row = evaluation(self.name)
        called = {argument: row.name_of(function, argument) for argument in parameters_in(function)}
        return {
            argument: self.values[name] for argument, name in called.items() if name in self.values
        }

    def _ipython_display_(self) -> None:
        Top(repr(self)).show()

    def __repr__(self) -> str:
        return f"{EARLIER}\n{self._in_short()}" if self.copy_of_earlier else self._in_short()

    def _in_short(self) -> str:
        if self.example:
            return (
                f"This is the example params/{self.example}.\n"
                "Change the parameters above to evaluate your own data."
            )
        own = sum(origin in (FILE, NOTEBOOK) for origin in self.origins.values())
        shared = sum(".yml" in origin for origin in self.origins.values())
        left = len(self.values) - own - shared
        return (
            f"{len(self.values)} parameters, all known and of the right kind: {own} given here, "
            f"{shared} by the project, {left} left as they are."
        )


@dataclass(frozen=True)
class Opened:
    """A notebook whose parameters were checked: its evaluation, its variables, its file."""

    name: str
    namespace: Mapping[str, Any]
    file: str | None


last_opened: list[Opened] = []
"""The notebook of this kernel; empty before its parameters were checked."""


def parameters(
    name: str,
    namespace: Mapping[str, Any],
    *,
    file: str | None = None,
    copied_from: str | None = None,
) -> Parameters:
    """The parameters of a notebook, taken from its variables and checked.

    Where the notebook names a project, what it does not say itself comes from there. With no
    parameter given at all, those of the evaluation's example are used.

    Parameters
    ----------
    name : str
        Name of the evaluation.
    namespace : mapping
        The notebook's variables: ``globals()``.
    file : str, optional
        The parameter file of which this notebook is a working copy; `qi.save_parameters` writes it.
    copied_from : str, optional
        What the notebook was copied from: the beginning of its sha256. A copy of an earlier
        notebook says so.

    Raises
    ------
    ParameterError
        If a parameter is missing or wrong, or a variable looks like a misspelt parameter.
    """
    name = evaluation(name).name
    last_opened[:] = [Opened(name, namespace, file)]
    checked = _checked(name, namespace)
    earlier = copied_from is not None and not digest_of(notebook(name)).startswith(copied_from)
    return replace(checked, copy_of_earlier=earlier)


def _checked(name: str, namespace: Mapping[str, Any]) -> Parameters:
    """The parameters of a notebook, by what its variables say."""
    known = known_to(name)
    _refuse_misspelt(name, namespace, known)
    told = injected(namespace)
    if told is None:
        given = _given(name, namespace)
        example = {key: NONE if v is None else v for key, v in example_values(name).items()}
        if not given or given == _given(name, example):
            return _example(name)
        origin = NOTEBOOK
    else:
        given = {key: namespace[key] for key in known if key in told and key in namespace}
        origin = FILE
    path = given.get("project")
    project = project_at(str(path))[0] if path else None
    settled = settle(name, given, project, origin=origin)
    return Parameters(name, settled.values, None, settled.origins)


def _given(name: str, namespace: Mapping[str, Any]) -> dict[str, Any]:
    """What the variables of a notebook say; None and empty text stand for "not given".

    What stands at its default says nothing. Of parameters that a project may say the cell shows
    None and not the default, so any value of theirs was meant.
    """
    known, shared = known_to(name), said_by_projects(name)
    given: dict[str, Any] = {}
    for key, parameter in known.items():
        value = namespace.get(key)
        if value is None or (isinstance(value, str) and not value.strip()):
            continue
        if key in shared and isinstance(value, str) and value == NONE:
            given[key] = None
        elif key in shared or not _same(value, parameter.plain_default):
            given[key] = value
    changed = any(not _same(value, known[key].plain_default) for key, value in given.items())
    return given if changed else {}


def _same(value: Any, default: Any) -> bool:
    """Whether a value is the default; a value of another type, such as a table, never is."""
    return type(value) is type(default) and bool(value == default)


def injected(namespace: Mapping[str, Any]) -> set[str] | None:
    """Names that papermill injected, and those set further down; None if it injected nothing.

    IPython keeps the cells that it has run in ``In``; elsewhere there is no telling.
    """
    cells = namespace.get("In")
    if not isinstance(cells, list):
        return None
    texts = [cell for cell in cells if isinstance(cell, str)]
    last = max((at for at, text in enumerate(texts) if _is_injected(text)), default=None)
    return None if last is None else {name for text in texts[last:] for name in _set_in(text)}


def _is_injected(cell: str) -> bool:
    """Whether a cell is papermill's: its heading, and nothing but names and values."""
    first, _, rest = cell.partition("\n")
    if first.strip() != INJECTED:
        return False
    try:
        return all(isinstance(line, ast.Assign) for line in ast.parse(rest).body)
    except SyntaxError:
        return False


def _set_in(cell: str) -> Iterable[str]:
    """Names that a cell gives values at its outermost level; none if it is no plain Python."""
    try:
        lines = ast.parse(cell).body
    except SyntaxError:  # a magic of IPython's, such as `%matplotlib inline`
        return
    for line in lines:
        targets = line.targets if isinstance(line, ast.Assign) else []
        if isinstance(line, ast.AnnAssign):
            targets = [line.target]
        yield from (target.id for target in targets if isinstance(target, ast.Name))


# ---- the example -------------------------------------------------------------------------------


def example_values(name: str) -> dict[str, Any]:
    """What the example's file says itself, as plain values: the parameters cell shows them."""
    values, _ = read_yaml(_example_file(evaluation(name).example))
    return {key: plain(value, key) for key, value in values.items()}


def _example(name: str) -> Parameters:
    example = evaluation(name).example
    file = _example_file(example)
    read = read_evaluation(file, file.parents[3])
    origins = {key: NOTEBOOK if origin == FILE else origin for key, origin in read.origins.items()}
    return Parameters(name, read.parameters, example, origins)


def _example_file(example: str) -> Path:
    """The workspace's own copy of the example; outside any workspace what qieval carries is one."""
    try:
        root = find_root()
    except WorkspaceError:
        root = shipped()
        os.environ[ROOT_VARIABLE] = str(root)
    own = resolve(Path("params") / example, root)
    return own if own.is_file() else shipped("params", example)


def _refuse_misspelt(
    name: str, namespace: Mapping[str, Any], known: Mapping[str, Parameter]
) -> None:
    """Plain papermill only warns of an unknown name, and runs: the wrong default would be used."""
    for variable, value in namespace.items():
        plain_value = isinstance(value, str | int | float | list | dict) or value is None
        if variable.startswith("_") or variable in known or variable in ("In", "Out"):
            continue
        guess = nearest(variable, known) if plain_value else None
        if guess and abs(len(guess) - len(variable)) <= 2:
            raise ParameterError(
                f"`{variable}` is not a parameter of `{name}`.",
                found=f"`{variable}` set in this notebook",
                remedy=f"Did you mean `{guess}`? If not, give the variable another name.",
            )
