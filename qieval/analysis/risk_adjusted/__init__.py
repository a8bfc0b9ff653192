"""Outcomes of single cases against what was expected of each: a CUSUM with signals, and a VLAD.

Formulas and sources: docs/methods/cases.md.
"""

from __future__ import annotations

from qieval.analysis.risk_adjusted.analysis import cusum, vlad
from qieval.analysis.risk_adjusted.words import CusumResult, VladResult

__all__ = ["CusumResult", "VladResult", "cusum", "vlad"]
