"""What every test may lean on."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from qieval.core.config import load_settings

REPOSITORY = Path(__file__).resolve().parents[1]

# The same examples in every run, and no clock: two busy cores must not fail a test.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


@pytest.fixture(autouse=True)
def _own_workspace(monkeypatch: pytest.MonkeyPatch) -> None:
    """A workspace named in the shell of whoever runs the tests is not the tests'."""
    for name in ("QIEVAL_WORKSPACE", "QIEVAL_OUTPUTS", "QIEVAL_WORKERS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def repository() -> Path:
    """The top of the repository."""
    return REPOSITORY


@pytest.fixture(scope="session")
def mirror() -> Path:
    """The folder of published data sets; a test that needs it says so when it is absent."""
    folder = load_settings(REPOSITORY).open_data_mirror
    if folder is None or not folder.is_dir():
        pytest.skip("NEEDS the open data mirror: no folder where `open_data_mirror` points")
    return folder
