"""The data passport as a result: what was read from a file, what is missing, what to mind."""

from qieval.analysis.data_passport.analysis import data_passport
from qieval.analysis.data_passport.words import DataPassportResult

__all__ = ["DataPassportResult", "data_passport"]
