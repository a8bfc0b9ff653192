"""The roll-up: what a whole programme found, from the result files of its evaluations.

Reads from top to bottom: :mod:`.analysis`, :mod:`.tables` (one row an evaluation, a change, a
project), :mod:`.methods` (averages, key findings, SQUIRE 2.0), :mod:`.checks`, :mod:`.words`.
"""

from qieval.analysis.programme.analysis import programme
from qieval.analysis.programme.words import ProgrammeResult

__all__ = ["ProgrammeResult", "programme"]
