"""Run charts and Shewhart (control) charts: is this more than the variation to be expected?

The way of the data is :mod:`.analysis`; series, phases, limits and rules are in :mod:`.methods`.
Formulas and sources: docs/methods/spc.md.
"""

from qieval.analysis.spc.analysis import control_chart, run_chart
from qieval.analysis.spc.methods.suggest import Suggestion, suggest_chart
from qieval.analysis.spc.words import Chart, ControlChartResult, RunChartResult

__all__ = [
    "Chart",
    "ControlChartResult",
    "RunChartResult",
    "Suggestion",
    "control_chart",
    "run_chart",
    "suggest_chart",
]
