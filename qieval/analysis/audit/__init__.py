"""Audit and re-audit: how often standards are met, and all of them."""

from qieval.analysis.audit.analysis import audit
from qieval.analysis.audit.words import AuditResult

__all__ = ["AuditResult", "audit"]
