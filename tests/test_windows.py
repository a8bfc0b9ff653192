"""What would fail on Windows or on a shared drive, found without either: by looking at the code."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest

import qieval as qi
from qieval.batch.new import RESERVED, new_project

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted(
    file for folder in ("qieval", "simulation", "scripts") for file in (ROOT / folder).rglob("*.py")
)

POSIX_ONLY = {
    **{"os": {"fork", "getuid", "geteuid", "getpgid", "setsid", "killpg", "mkfifo", "chown"}},
    **{"signal": {"SIGKILL", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGALRM", "pthread_sigmask"}},
    **{"select": {"poll", "epoll"}, "socket": {"AF_UNIX"}, "time": {"tzset"}},
}
"""Names that Python has on POSIX alone."""
POSIX_MODULES = {"fcntl", "grp", "pwd", "resource", "termios", "pty"}

OTHER_WAY = {
    "qieval/batch/warm.py": "WARM.why_not() says so on Windows; kernels are started ahead then",
    "qieval/batch/preparing.py": "only the warm engine begins one, and not on Windows",
    "qieval/batch/prepared.py": "only the child of the warm engine imports it",
    "qieval/batch/shell.py": "only the child of the warm engine imports it",
    "qieval/batch/wire.py": "only the warm engine speaks it",
}
"""Files that may use them, and what happens on Windows instead."""

LONGEST = 140
"""Letters of a path in the repository: a home folder and a clone come before it, up to 260."""


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def without_encoding(source: str) -> list[int]:
    """Lines in which a text file is opened in whatever encoding the machine has."""
    lines: list[int] = []
    if not re.search(r"\b(open|read_text|write_text|run|Popen)\(", source):
        return lines
    for call in calls(ast.parse(source)):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        name = call.func.id if isinstance(call.func, ast.Name) else name
        given = {each.arg for each in call.keywords}
        if name in ("read_text", "write_text"):
            named = "encoding" in given or len(call.args) > (name == "write_text")
        elif name == "open":
            first = call.args[1:2] if isinstance(call.func, ast.Name) else call.args[:1]
            modes = [*first, *(each.value for each in call.keywords if each.arg == "mode")]
            binary = any(isinstance(m, ast.Constant) and "b" in str(m.value) for m in modes)
            of_module = isinstance(call.func, ast.Attribute) and isinstance(
                call.func.value, ast.Name
            )
            other = of_module and call.func.value.id in (
                "Image",
                "os",
                "journal",
                "parts",
                "archive",
            )
            named = binary or other or "encoding" in given
        elif name in ("run", "Popen") and given & {"text", "universal_newlines"}:
            named = "encoding" in given or "errors" in given
        else:
            continue
        lines += [] if named else [call.lineno]
    return lines


def posix_only(source: str) -> list[str]:
    """Names in a source that Windows lacks, where no condition on the system stands around them."""
    names = {*POSIX_MODULES, *(name for each in POSIX_ONLY.values() for name in each)}
    if not names & {*re.findall(r"\w+", source)}:
        return []
    tree = ast.parse(source)
    guarded = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If | ast.IfExp)
        and re.search(r"os\.name|sys\.platform|hasattr|WARM", ast.unparse(node.test))
        for inner in ast.walk(node)
    }
    found = []
    for node in ast.walk(tree):
        if id(node) in guarded:
            continue
        if isinstance(node, ast.Import):
            found += [each.name for each in node.names if each.name in POSIX_MODULES]
        elif isinstance(node, ast.Attribute) and node.attr in POSIX_ONLY.get(
            getattr(node.value, "id", ""), ()
        ):
            found.append(ast.unparse(node))
    return found


def test_every_text_file_is_opened_in_a_named_encoding() -> None:
    faults = {
        file.relative_to(ROOT).as_posix(): lines
        for file in SOURCES
        if (lines := without_encoding(file.read_text(encoding="utf-8")))
    }
    assert not faults


def test_what_only_posix_has_has_another_way() -> None:
    faults = {
        name: names
        for file in SOURCES
        if (names := posix_only(file.read_text(encoding="utf-8")))
        and (name := file.relative_to(ROOT).as_posix()) not in OTHER_WAY
    }
    assert not faults


def test_the_checks_find_what_they_look_for() -> None:
    assert without_encoding("open('a')\npath.read_text()\npath.write_text('x')") == [1, 2, 3]
    assert not without_encoding("open('a', 'rb')\npath.read_text(encoding='utf-8')")
    assert posix_only("import fcntl\nos.fork()") == ["fcntl", "os.fork"]
    assert not posix_only("if hasattr(os, 'fork'):\n    os.fork()")


def test_no_name_in_the_repository_is_refused_by_windows() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=True
    ).stdout.splitlines()
    assert listed
    for name in listed:
        assert len(name) <= LONGEST, name
        for part in PurePosixPath(name).parts:
            assert part.partition(".")[0].lower() not in RESERVED, name
            assert not re.search(r'[<>:"|?*\\]|[. ]$', part), name
    folded = [name.lower() for name in listed]
    assert len(set(folded)) == len(folded), "two names differ by capitals alone"


@pytest.mark.parametrize("name", ["con", "my-programme/Aux", "lpt1"])
def test_a_project_cannot_have_a_name_that_windows_keeps_for_itself(name, tmp_path) -> None:
    (tmp_path / "params").mkdir()
    with pytest.raises(qi.ParameterError, match="Windows keeps"):
        new_project(name, tmp_path)
    assert not list((tmp_path / "params").iterdir())
