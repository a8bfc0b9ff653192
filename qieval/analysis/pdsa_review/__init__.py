"""PDSA review: which cycles were linked, predicted, small and measured, and their ramps."""

from qieval.analysis.pdsa_review.analysis import pdsa_review
from qieval.analysis.pdsa_review.words import PDSAReviewResult

__all__ = ["PDSAReviewResult", "pdsa_review"]
