"""Theory of change: is the aim clear, what is thought to drive it, and how would one know?"""

from qieval.analysis.theory_of_change.analysis import theory_of_change
from qieval.analysis.theory_of_change.words import TheoryResult

__all__ = ["TheoryResult", "theory_of_change"]
