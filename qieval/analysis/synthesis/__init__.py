"""Several teams, one answer: the average change, how far teams differ, what a new one may expect.

:mod:`.methods.one_stage` is the check by another road: one model for all series at once. Formulas
and sources: docs/methods.
"""

from __future__ import annotations

from qieval.analysis.synthesis.analysis import pool
from qieval.analysis.synthesis.methods.one_stage import OneStage, one_stage
from qieval.analysis.synthesis.words import PooledResult, plural

__all__ = ["OneStage", "PooledResult", "one_stage", "plural", "pool"]
