"""Dose: does the effect of a team go with how much of the change it had? An association."""

from qieval.analysis.dose.analysis import dose
from qieval.analysis.dose.words import DoseResult

__all__ = ["DoseResult", "dose"]
