"""Waits: how long from referral to care, with those still waiting counted as far as seen?"""

from qieval.analysis.waits.analysis import renamed, waits
from qieval.analysis.waits.words import WaitsResult

__all__ = ["WaitsResult", "renamed", "waits"]
