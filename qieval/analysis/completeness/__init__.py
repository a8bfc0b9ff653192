"""Completeness: which returns were expected, which came, which came late."""

from qieval.analysis.completeness.analysis import Expected, Span, completeness
from qieval.analysis.completeness.words import CompletenessResult

__all__ = ["CompletenessResult", "Expected", "Span", "completeness"]
