"""One set of dependencies: pyproject.toml, two lock files, environment.yml."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]

MAIN, DATABASES = "requirements.lock", "requirements-databases.lock"
LOCKS = [MAIN, DATABASES]

# What only those with a database of their own need, and the tests: 400 MB that are not to weigh on
# `make run` (docs/decisions/0002).
DATABASE_EXTRAS = ("spark", "postgres")

# Packages that conda-forge calls otherwise.
CONDA_NAMES = {
    "ibis-duckdb": "ibis-framework",
    "jupyter_client": "jupyter-client",
    "matplotlib-base": "matplotlib",
    "pandera-pandas": "pandera",
    "python-build": "build",
    "python-duckdb": "duckdb",
}

# What a file must not carry: where packages are fetched from is the machine's affair.
ADDRESS = re.compile(
    r"--(extra-)?index-url|--find-links|--trusted-host|(^|\s)-[if]\s+\w+:|"
    r"https?://[^\s\"']*(/simple\b|\.whl\b|\.tar\.gz\b|conda)|\[\[?tool\.uv\.index",
    re.MULTILINE,
)


def declared(*, without: str | None = None) -> list[Requirement]:
    """Every requirement of pyproject.toml, or all but those of one extra."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    assert sorted(extras) == [
        "dask",
        "desk",
        "dev",
        "pdf",
        "postgres",
        "spark",
        "weasyprint",
        "word",
    ]
    lines = list(project["dependencies"])
    for name, extra in extras.items():
        lines += extra if name != without else []
    return [Requirement(line) for line in lines]


def for_databases() -> set[str]:
    """What the extras for databases ask for."""
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [line for name in DATABASE_EXTRAS for line in asked["optional-dependencies"][name]]
    return {canonicalize_name(Requirement(line).name) for line in lines}


def locked(lock: str = MAIN) -> dict[str, str]:
    text = (ROOT / lock).read_text(encoding="utf-8")
    pins = re.findall(r"^([A-Za-z0-9._-]+)==([^\s;]+)", text, re.MULTILINE)
    return {canonicalize_name(name): version for name, version in pins}


def conda() -> dict[str, str]:
    listed = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    pins = [line.split("=", 1) for line in listed if isinstance(line, str) and "=" in line]
    pins += [
        line.split("==", 1) for part in listed if isinstance(part, dict) for line in part["pip"]
    ]
    return {canonicalize_name(CONDA_NAMES.get(name, name)): version for name, version in pins}


def wanted() -> dict[str, str]:
    """Each declared dependency at its locked version."""
    pins = locked()
    names = {canonicalize_name(item.name) for item in declared()} - for_databases()
    return {name: pins[name] for name in names}


def test_every_dependency_is_locked_and_those_of_databases_apart() -> None:
    missing = {canonicalize_name(item.name) for item in declared()} - set(locked())
    assert missing == for_databases()
    assert missing <= set(locked(DATABASES))


def test_the_two_locks_agree() -> None:
    main, more = locked(), locked(DATABASES)
    both = set(main) & set(more)
    assert {name: more[name] for name in both} == {name: main[name] for name in both}
    # Nothing but what the extras bring along: the rest is the other lock's.
    assert set(more) - both == for_databases() | {"psycopg-binary", "py4j"}


def test_only_make_test_installs_the_databases() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    goals = re.findall(r"^([a-z]+): .*\$\(DATABASES\)", makefile, re.MULTILINE)
    assert goals == ["test"]


@pytest.mark.parametrize("item", declared(), ids=str)
def test_lower_bound_is_the_locked_minor_version(item: Requirement) -> None:
    version = (locked(DATABASES) | locked())[canonicalize_name(item.name)]
    assert item.specifier.contains(version), f"the lock has {version}"
    lowest = [Version(s.version).release for s in item.specifier if s.operator == ">="]
    assert lowest == [Version(version).release[:2]], f"tested is {version} only: say so"


def test_environment_yml_has_the_same_dependencies_and_versions() -> None:
    theirs = conda()
    assert theirs.pop("python") == "3.11"
    assert theirs == wanted()


def test_environment_yml_uses_conda_forge_only() -> None:
    listed = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    assert listed["channels"] == ["conda-forge", "nodefaults"]


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_hashes(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    entries = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    assert len(entries) == len(locked(lock))
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def tracked() -> list[Path]:
    """Files that are, or would be, committed."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    return [ROOT / name for name in listed if (ROOT / name).is_file()]


def test_no_file_carries_a_registry_address() -> None:
    found = []
    for file in tracked():
        if file == Path(__file__).resolve():
            continue
        text = file.read_text(encoding="utf-8", errors="ignore")
        found += [f"{file.relative_to(ROOT)}: {hit.group()}" for hit in ADDRESS.finditer(text)]
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://example.org/simple",
        "-i https://example.org/",
        "# from https://packages.example.org/simple/numpy",
        "numpy @ https://files.example.org/packages/x.whl",
        "channel: https://conda.example.org/main",
    ],
)
def test_a_registry_address_would_be_found(line: str) -> None:
    assert ADDRESS.search(line)


def third_party_imports(folder: Path) -> dict[str, set[str]]:
    """Top-level names of other people's packages, and the files that import them."""
    found: dict[str, set[str]] = {}
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            for name in names:
                top = name.partition(".")[0]
                ours = top in {"qieval", "tests", "benchmarks", "scripts", "simulation"}
                if not ours and top not in sys.stdlib_module_names:
                    found.setdefault(top, set()).add(str(file.relative_to(ROOT)))
    return found


@pytest.mark.parametrize(("folder", "without"), [("qieval", "dev"), ("tests", None)])
def test_what_is_imported_is_declared(folder: str, without: str | None) -> None:
    of_import = packages_distributions()
    names = {canonicalize_name(item.name) for item in declared(without=without)}
    undeclared = {
        top: sorted(files)
        for top, files in third_party_imports(ROOT / folder).items()
        if not {canonicalize_name(name) for name in of_import.get(top, [top])} & names
    }
    assert undeclared == {}
