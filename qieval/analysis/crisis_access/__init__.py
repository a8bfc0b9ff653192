"""Access in a crisis: what becomes of requests for a bed or an assessment, and how soon."""

from qieval.analysis.crisis_access.analysis import crisis_access
from qieval.analysis.crisis_access.words import CrisisAccessResult

__all__ = ["CrisisAccessResult", "crisis_access"]
