"""Funnel plots: which units differ from the others by more than their size would bring by chance?

Formulas and sources: docs/methods/funnel.md.
"""

from __future__ import annotations

from qieval.analysis.funnel.analysis import funnel
from qieval.analysis.funnel.words import FunnelResult

__all__ = ["FunnelResult", "funnel"]
