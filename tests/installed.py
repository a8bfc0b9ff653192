"""The wheel alone, in a fresh environment, and the whole example programme as a user runs it.

Made once a session; conftest.py of the repository keeps what uses it on one worker.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def run(command: list[str | Path], folder: Path, **extra: str) -> str:
    """What a command says; its own words are the failure message."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("QIEVAL_", "PYTHON", "VIRTUAL_ENV", "JUPYTER"))
    }
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env={**inherited, **extra},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"\n{done.stdout}"
    return done.stdout


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this tree without the network."""
    out = tmp_path_factory.mktemp("dist")
    run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, ROOT], out)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel, which sees the locked packages but not this tree."""
    home = tmp_path_factory.mktemp("fresh") / "env"
    run([sys.executable, "-m", "virtualenv", "--quiet", "--no-download", home], home.parent)
    python = home / "bin" / "python"
    run([python, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", wheel], home.parent)
    # A folder named in a .pth file gives its packages, and its own .pth files (our editable
    # install among them) are not read.
    (site,) = home.glob("lib/python3.*/site-packages")
    (site / "locked.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return home


@pytest.fixture(scope="session")
def programme_run(environment: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder in which ``qieval init`` and ``qieval run`` were called, and what run said."""
    folder = tmp_path_factory.mktemp("closing-the-gap")
    command = environment / "bin" / "qieval"
    run([command, "init"], folder)
    return folder, run([command, "run"], folder)


@pytest.fixture(scope="session")
def documentation(
    programme_run: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The built site; mkdocs is strict, and an example that fails stops it."""
    to = tmp_path_factory.mktemp("documentation")
    outputs = str(programme_run[0] / "outputs")
    command = [sys.executable, "-m", "mkdocs", "build", "--site-dir", to]
    run(command, ROOT, QIEVAL_OUTPUTS=outputs, NO_MKDOCS_2_WARNING="1")
    return to
