"""Readmissions: how many of those discharged are back in hospital soon?"""

from qieval.analysis.readmissions.analysis import readmissions
from qieval.analysis.readmissions.words import ReadmissionsResult

__all__ = ["ReadmissionsResult", "readmissions"]
