"""Length of stay: how long do people stay, with those who are still in counted as far as seen?"""

from qieval.analysis.length_of_stay.analysis import length_of_stay
from qieval.analysis.length_of_stay.words import LengthOfStayResult

__all__ = ["LengthOfStayResult", "length_of_stay"]
