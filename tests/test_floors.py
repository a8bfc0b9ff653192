"""The package is floors: imports go down only, no circles, none hidden (DESIGN section 1).

Hidden ones count too: imports inside functions, imports for types only, and imports by name,
whether the name stands in the call or in a string such as ``"qieval.analysis.its:ITSResult"``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

FLOORS = {
    "core": 0,
    "intake": 1,
    "flow": 2,
    "analysis": 3,
    "charts": 4,
    "report": 5,
    "catalogue": 6,
    "params": 6,
    "batch": 7,
    "share": 8,
    "cli": 9,
    "__main__": 9,
}

# On one floor, between two rooms: only these.
ALLOWED_BESIDE = {("params", "catalogue"), ("__main__", "cli")}

# Rows of the contract by which one analysis may call another: (importer, imported).
# A family of measures is several control charts read together; access in a crisis is waits, and
# what became of requests beside them. A roll-out shows single series and their average beside it.
# Strata take the errors of a time series, doses the teams' scatter of an average.
ANALYSES_THAT_MAY_MEET: set[tuple[str, str]] = {
    ("family_of_measures", "spc"),
    ("programme", "synthesis"),
    ("crisis_access", "waits"),
    ("roll_out", "its"),
    ("roll_out", "synthesis"),
    ("strata", "its"),
    ("dose", "synthesis"),
}

# THE list of evaluations names what it lists, so that nothing is imported before it is used. Its
# names count as imports (of lower floors only); nobody else imports by a name that is computed.
BY_NAME = "catalogue"

UNSEEN = "a module whose name is computed"


@dataclass(frozen=True)
class Import:
    """One import of one module, as the source has it."""

    importer: str  # without the leading "qieval.": "core.result"; "" is the package itself
    imported: str
    line: int
    function: str | None  # the function it stands in
    by_name: bool = False  # importlib.import_module("…"), or a string that names a module

    def __str__(self) -> str:
        where = f" inside {self.function}()" if self.function else ""
        return f"{self.importer or 'qieval'}:{self.line} imports {self.imported}{where}"


def modules(package: Path) -> dict[str, Path]:
    """Every module of the package by its dotted name."""
    found = {}
    for file in sorted(package.rglob("*.py")):
        parts = file.relative_to(package).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


def imports(package: Path) -> list[Import]:
    """Every import in the package of the package or of matplotlib, wherever it stands."""
    known = modules(package)
    found = []
    for name, file in known.items():
        tree = ast.parse(file.read_text(encoding="utf-8"))
        is_package = file.name == "__init__.py"
        for node, function in _with_function(tree, None):
            for target, by_name in _targets(node, name, is_package, known):
                found.append(Import(name, target, node.lineno, function, by_name))
    return found


def _with_function(node: ast.AST, function: str | None) -> Iterator[tuple[ast.AST, str | None]]:
    for child in ast.iter_child_nodes(node):
        yield child, function
        inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        yield from _with_function(child, getattr(child, "name", "lambda") if inside else function)


def _targets(
    node: ast.AST, importer: str, is_package: bool, known: dict[str, Path]
) -> Iterator[tuple[str, bool]]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield from ((target, False) for target in _ours(alias.name, None, known))
    elif isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            here = importer.split(".") if importer else []
            up = node.level - is_package
            home = here[: len(here) - up] if up else here
            base = ".".join(["qieval", *home, *([base] if base else [])])
        for alias in node.names:
            yield from ((target, False) for target in _ours(base, alias.name, known))
    elif isinstance(node, ast.Call) and node.args:
        called = node.func.attr if isinstance(node.func, ast.Attribute) else None
        called = node.func.id if isinstance(node.func, ast.Name) else called
        first = node.args[0]
        if called in {"import_module", "__import__"} and not isinstance(first, ast.Constant):
            yield UNSEEN, True
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        module = node.value.partition(":")[0]
        if module.removeprefix("qieval.") in known and module.startswith("qieval."):
            yield module.removeprefix("qieval."), True


def _ours(module: str, name: str | None, known: dict[str, Path]) -> Iterator[str]:
    """The module meant by `import module` or `from module import name`, if it concerns us."""
    top, _, rest = module.partition(".")
    if top == "matplotlib":
        yield "matplotlib"
    if top != "qieval":
        return
    if name is None:
        yield rest
    elif (below := f"{rest}.{name}" if rest else name) in known:
        yield below
    elif rest or name != "__version__":
        yield rest  # `from qieval import read` goes through the top: caught below


def room(module: str) -> str:
    """The floor's name: "analysis" of "analysis.its.model"."""
    return module.partition(".")[0]


def analysis_of(module: str) -> str:
    """The analysis that a module belongs to: "its" of "analysis.its.model"."""
    return [*module.split("."), ""][1]


def faults(package: Path) -> list[str]:
    """Every import that the floors forbid, in words."""
    known = modules(package)
    found = [f"{name}: stands on no floor" for name in known if name and room(name) not in FLOORS]
    steps = imports(package)
    for step in steps:
        if step.importer == "":
            continue  # the package itself names the homes of its public names and imports none
        found += [f"{step}: {why}" for why in _why_not(step)]
    return found + [f"a circle: {' → '.join(circle)}" for circle in circles(known, steps)]


def _why_not(step: Import) -> Iterator[str]:
    here, there = room(step.importer), room(step.imported)
    if step.imported == "matplotlib":
        if here == "analysis":
            yield "an analysis never draws"
        return
    if step.imported == UNSEEN:
        if here != BY_NAME:
            yield "an import by a computed name hides what depends on what"
        return
    if there not in FLOORS:
        yield "import a name from the module where it lives"
        return
    if step.by_name and here != BY_NAME:
        yield "an import by name hides what depends on what"
    if step.function and here != "cli":
        yield "an import inside a function hides what depends on what"
    if FLOORS[there] > FLOORS.get(here, 99):
        yield "imports go down only"
    beside = FLOORS[there] == FLOORS.get(here) and here != there
    if beside and (here, there) not in ALLOWED_BESIDE:
        yield "two rooms of one floor do not import one another"
    if here == there == "analysis":
        pair = (analysis_of(step.importer), analysis_of(step.imported))
        if pair[0] != pair[1] and all(pair) and pair not in ANALYSES_THAT_MAY_MEET:
            yield "analyses do not import one another"


def circles(known: dict[str, Path], steps: list[Import]) -> list[list[str]]:
    """Circles among modules, each once, from its alphabetically first module."""
    graph: dict[str, set[str]] = {name: set() for name in known}
    for step in steps:
        itself = step.imported == step.importer  # an address of its own, in a list of addresses
        if step.imported in known and step.importer and not itself:
            graph[step.importer].add(step.imported)
    found: list[list[str]] = []
    for start in sorted(graph):
        path = _way_back(graph, start)
        if path and start == min(path):
            found.append([*path, start])
    return found


def _way_back(graph: dict[str, set[str]], start: str) -> list[str]:
    """A shortest way from `start` to itself; empty when there is none."""
    paths = [[start]]
    seen: set[str] = set()
    while paths:
        path = paths.pop(0)
        for following in sorted(graph[path[-1]]):
            if following == start:
                return path
            if following not in seen:
                seen.add(following)
                paths.append([*path, following])
    return []


def test_the_package_keeps_its_floors() -> None:
    assert faults(ROOT / "qieval") == []


def test_the_walk_sees_the_package() -> None:
    """The test above could pass by seeing nothing."""
    seen = {(step.importer, step.imported) for step in imports(ROOT / "qieval")}
    assert ("core.config", "core.errors") in seen
    assert ("analysis.waits.checks", "core.checks") in seen
    assert ("catalogue", "analysis.its") in seen  # by name only
    rooms = {room(name) for name in modules(ROOT / "qieval") if name}
    assert rooms >= {"core", "intake", "flow", "analysis", "charts", "report", "batch", "cli"}


def build(folder: Path, files: dict[str, str]) -> Path:
    """A small package with these files."""
    package = folder / "qieval"
    for name, text in {"__init__.py": "", **files}.items():
        file = package / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        for parent in file.relative_to(package).parents:
            (package / parent / "__init__.py").touch()
    return package


BAD = {
    "up": ({"core/a.py": "from qieval.flow import b", "flow/b.py": ""}, "imports go down only"),
    "up, relative": (
        {"core/a.py": "from ..flow.b import thing", "flow/b.py": "thing = 1"},
        "imports go down only",
    ),
    "up, for types only": (
        {
            "core/a.py": "from typing import TYPE_CHECKING\n"
            "if TYPE_CHECKING:\n    import qieval.flow.b",
            "flow/b.py": "",
        },
        "imports go down only",
    ),
    "beside": (
        {"catalogue.py": "from qieval.params import x", "params.py": "x = 1"},
        "two rooms of one floor",
    ),
    "intake above flow": (
        {"intake/a.py": "from qieval.flow.b import x", "flow/b.py": "x = 1"},
        "imports go down only",
    ),
    "the simulator in the package": ({"simulation/a.py": ""}, "stands on no floor"),
    "hidden in a function": (
        {
            "flow/b.py": "def f():\n    from qieval.core.a import x\n    return x",
            "core/a.py": "x = 1",
        },
        "an import inside a function",
    ),
    "hidden in a method, by name": (
        {
            "core/a.py": "import importlib\n\n\nclass A:\n    def plot(self):\n"
            "        return importlib.import_module('qieval.charts')",
            "charts/b.py": "",
        },
        "an import by name",
    ),
    "hidden in a method, by a computed name": (
        {"core/a.py": "import importlib\n\n\ndef f(name):\n    importlib.import_module(name)"},
        "an import by a computed name",
    ),
    "in a string": ({"core/a.py": "HOME = 'qieval.flow.b:x'", "flow/b.py": "x = 1"}, "by name"),
    "a list that names what is above it": (
        {"catalogue.py": "ALL = ['qieval.share.b:x']", "share/b.py": "x = 1"},
        "imports go down only",
    ),
    "through the top": ({"flow/b.py": "from qieval import read"}, "where it lives"),
    "the whole top": ({"flow/b.py": "import qieval as qi"}, "where it lives"),
    "analyses meet": (
        {"analysis/its/a.py": "from qieval.analysis.spc import b", "analysis/spc/b.py": ""},
        "analyses do not import one another",
    ),
    "an analysis draws": (
        {"analysis/its/a.py": "def f():\n    import matplotlib.pyplot as plt\n    return plt"},
        "an analysis never draws",
    ),
    "a circle": (
        {
            "core/a.py": "from qieval.core import b",
            "core/b.py": "from qieval.core import c",
            "core/c.py": "from qieval.core import a",
        },
        "a circle: core.a → core.b → core.c → core.a",
    ),
    "a circle, one way inside a function": (
        {
            "core/a.py": "from qieval.core import b",
            "core/b.py": "def f():\n    from qieval.core import a\n    return a",
        },
        "a circle: core.a → core.b → core.a",
    ),
    "a circle, one way for types only": (
        {
            "core/a.py": "from qieval.core import b",
            "core/b.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n"
            "    from qieval.core.a import x",
        },
        "a circle: core.a → core.b → core.a",
    ),
    "no floor": ({"helpers.py": ""}, "stands on no floor"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_forbidden_import_is_found(case: str, tmp_path: Path) -> None:
    files, why = BAD[case]
    found = faults(build(tmp_path, files))
    assert any(why in fault for fault in found), found


GOOD = {
    "down": {"flow/b.py": "from qieval.core.a import x", "core/a.py": "x = 1"},
    "params on catalogue": {"params.py": "from qieval.catalogue import x", "catalogue.py": "x = 1"},
    "one analysis within": {"analysis/its/a.py": "from . import b", "analysis/its/b.py": ""},
    "the version": {"batch/a.py": "from qieval import __version__"},
    "a command waits": {"cli.py": "def run():\n    from qieval.batch import a", "batch/a.py": ""},
    "a chart draws": {"charts/a.py": "import matplotlib.pyplot as plt"},
    "result.plot()": {
        "__init__.py": "from importlib import import_module\n\nfrom qieval.core import hooks\n"
        "hooks.draw = lambda result: import_module('qieval.charts.a').draw(result)",
        "core/hooks.py": "",
        "core/results.py": "from qieval.core import hooks",
        "charts/a.py": "from qieval.core.result import Result",
    },
    "the list of evaluations": {
        "catalogue.py": "from importlib import import_module\nALL = ['qieval.analysis.its:x']\n\n\n"
        "def load(name):\n    return import_module(name)",
        "analysis/its/__init__.py": "x = 1",
    },
    "words that are no module": {"core/a.py": "URL = 'qieval.org'"},
}


@pytest.mark.parametrize("case", GOOD)
def test_a_good_import_is_let_be(case: str, tmp_path: Path) -> None:
    assert faults(build(tmp_path, GOOD[case])) == []
