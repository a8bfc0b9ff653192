"""Involvement: how people who use the service took part, stage by stage. Descriptive only."""

from qieval.analysis.involvement.analysis import involvement
from qieval.analysis.involvement.words import InvolvementResult

__all__ = ["InvolvementResult", "involvement"]
