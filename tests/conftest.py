"""What every test may lean on."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

from qieval.core.config import load_settings
from tests import example_results

REPOSITORY = Path(__file__).resolve().parents[1]

pytest_plugins = ["tests.databases", "tests.installed"]

# The same examples in every run, and no clock: two busy cores must not fail a test.
# `HYPOTHESIS_PROFILE=thorough make test` tries many more, and others each time.
settings.register_profile("repeatable", derandomize=True, deadline=None, max_examples=30)
settings.register_profile("thorough", deadline=None, max_examples=300)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


@pytest.fixture(autouse=True)
def _own_workspace(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The workspace and the key of whoever runs the tests are not the tests'."""
    for name in ("QIEVAL_WORKSPACE", "QIEVAL_OUTPUTS", "QIEVAL_WORKERS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("QIEVAL_KEY", str(tmp_path_factory.getbasetemp() / "pseudonyms.key"))


@pytest.fixture
def example_outputs(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The example programme's results as this workspace's outputs.

    They are computed once a worker; conftest.py of the repository keeps their tests on one.
    """
    outputs = example_results.written()
    monkeypatch.setenv("QIEVAL_OUTPUTS", str(outputs))
    return outputs


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
