"""Run charts and Shewhart (control) charts: is this more than the variation to be expected?

:mod:`.run_chart` and :mod:`.control_chart` are the analyses; each reads from top to bottom:
:mod:`.asked` (what was asked), :mod:`.series` (table → matrices of units × points),
:mod:`.overlap`, :mod:`.phases`, :mod:`.limits`, :mod:`.patterns` and :mod:`.runs` (what rules are
made of), :mod:`.rules` (sets by name and version), :mod:`.signals` (flags), :mod:`.judged`
(phases), :mod:`.false_alarms`, :mod:`.checks`, :mod:`.tables`; :mod:`.result`,
:mod:`.run_result` and :mod:`.control_result` say it in words. :mod:`.suggest` says which chart.
Formulas and sources: docs/methods/spc.md.
"""

from qieval.analysis.spc.control_chart import control_chart
from qieval.analysis.spc.control_result import ControlChartResult
from qieval.analysis.spc.run_chart import run_chart
from qieval.analysis.spc.run_result import RunChartResult
from qieval.analysis.spc.suggest import Suggestion, suggest_chart

__all__ = [
    "ControlChartResult",
    "RunChartResult",
    "Suggestion",
    "control_chart",
    "run_chart",
    "suggest_chart",
]
