"""Pareto chart: which few reasons are behind most of what happened."""

from qieval.analysis.pareto.analysis import pareto
from qieval.analysis.pareto.words import ParetoResult

__all__ = ["ParetoResult", "pareto"]
