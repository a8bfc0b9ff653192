"""Strata: for whom did it change? Groups of people side by side, and the gaps between them."""

from qieval.analysis.strata.analysis import strata
from qieval.analysis.strata.words import StrataResult

__all__ = ["StrataResult", "strata"]
