"""A project's family of measures: outcome, process and balancing measures read together."""

from __future__ import annotations

from qieval.analysis.family_of_measures.analysis import family_of_measures
from qieval.analysis.family_of_measures.words import FamilyResult, Measure

__all__ = ["FamilyResult", "Measure", "family_of_measures"]
