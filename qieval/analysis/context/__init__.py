"""Context: what else happened, beside every result."""

from qieval.analysis.context.analysis import context
from qieval.analysis.context.words import ContextResult

__all__ = ["ContextResult", "context"]
