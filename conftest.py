"""What the notebooks need when nbval runs them: the results that roll-ups read."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from qieval.catalogue import EVALUATIONS
from tests import example_results

ROLL_UPS = {row.notebook for row in EVALUATIONS.values() if row.reads_results}


def pytest_collection_finish(session: pytest.Session) -> None:
    """Evaluate the example programme once, where a notebook of a roll-up is to be run."""
    if any(item.path.name in ROLL_UPS for item in session.items):
        outputs = tempfile.mkdtemp(prefix="qieval-examples-")
        example_results.write(Path(outputs))
        os.environ["QIEVAL_OUTPUTS"] = outputs
