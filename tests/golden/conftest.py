"""nbval compares the text outputs of the golden notebooks, strictly; HTML is not text."""

from __future__ import annotations

from typing import Any

NOT_TEXT = (
    "text/html",
    "image/png",
    "image/svg+xml",
    "application/vnd.qieval.result+json",
    "application/vnd.qieval.page+json",
    "application/vnd.qieval.block+json",
)


def pytest_collectstart(collector: Any) -> None:
    """Leave everything but plain text out of nbval's comparison."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += NOT_TEXT
