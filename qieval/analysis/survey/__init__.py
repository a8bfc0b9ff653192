"""Survey: how people answered on an ordinal scale, and whether answers changed between waves."""

from qieval.analysis.survey.analysis import survey
from qieval.analysis.survey.words import SurveyResult

__all__ = ["SurveyResult", "survey"]
