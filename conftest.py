"""How tests are shared out among workers, and what notebooks need when nbval runs them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from qieval.catalogue import EVALUATIONS
from tests import example_results

ROLL_UPS = {row.notebook for row in EVALUATIONS.values() if row.reads_results}

TOGETHER = {
    "tests/test_wheel.py": "the installed package",
    "tests/test_programme_pages.py": "the installed package",
    "tests/test_docs.py": "the installed package",
    "tests/browser/test_docs_in_browser.py": "the installed package",
    "tests/simulation/test_findings.py": "results of the examples",
    "tests/simulation/test_roll_ups.py": "results of the examples",
    "tests/test_contract.py": "results of the examples",
    "tests/share/test_release.py": "results of the examples",
    "tests/batch/test_reproduce.py": "runs that are run again",
    "tests/browser/test_jupyterlab.py": "JupyterLab",
    "tests/share/test_leaks.py": "a programme with names",
    **{f"tests/golden/{notebook}": "results of the examples" for notebook in ROLL_UPS},
}
"""Files whose tests share something dear: one worker makes it for all of them."""


class Sharing(LoadScopeScheduling):
    """Tests go to whichever worker is free, but for those that share something dear."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        if "[spark" in nodeid or "by_spark" in nodeid:
            return "Spark"
        one_kernel = PurePosixPath(file).suffix == ".ipynb"
        return TOGETHER.get(file, file if one_kernel else nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Xdist's own ``loadgroup`` does nothing in silence since pytest 9.2 (xdist 3.8)."""
    return Sharing(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long begins first."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """A kernel is started with what its notebook reads, and no other test sees it."""
    if item.path.suffix == ".ipynb" and item.path.name in ROLL_UPS:
        os.environ["QIEVAL_OUTPUTS"] = str(example_results.written())
    try:
        return (yield)
    finally:
        if item.path.suffix == ".ipynb":
            os.environ.pop("QIEVAL_OUTPUTS", None)
