"""Interrupted time series: did the level or the slope of a measure change at a known moment?

The way of the data is :mod:`.analysis`; the words' one judgement is :mod:`.decision`; designs,
fits, effects, panels and power are in :mod:`.methods`. Formulas and sources: docs/methods.
"""

from __future__ import annotations

from qieval.analysis.its.analysis import interrupted_time_series
from qieval.analysis.its.methods.panel import interrupted_time_series_panel
from qieval.analysis.its.methods.power import PowerResult, its_power
from qieval.analysis.its.words import ITSResult

__all__ = [
    "ITSResult",
    "PowerResult",
    "interrupted_time_series",
    "interrupted_time_series_panel",
    "its_power",
]
