"""What the tests of the example share: its files and its truth."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

DATA = Path(__file__).resolve().parents[2] / "data" / "closing-the-gap"


@pytest.fixture(scope="session")
def projects() -> dict[str, dict[str, Any]]:
    """The truth of every project."""
    return yaml.safe_load((DATA / "TRUTH.yml").read_text(encoding="utf-8"))["projects"]


@pytest.fixture(scope="session")
def table() -> Callable[[str], pd.DataFrame]:
    """A file of the example as it stands, cells as text, blanks as blanks."""
    return lambda name: pd.read_csv(DATA / f"{name}.csv", dtype=str, keep_default_na=False)
