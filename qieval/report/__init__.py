"""Floor 5: what a notebook shows. Every function returns something that shows itself.

In the order of a page: :func:`opening`, :func:`headline`, :func:`figure`, :func:`summary`,
:func:`estimates`, :func:`comparisons`, :func:`sensitivity`, :func:`fit`, :func:`checks`,
:func:`plan`, :func:`epoc_checklist`, :func:`limits`, :func:`provenance`.
"""

from qieval.report.checklists import epoc_checklist
from qieval.report.figure import figure
from qieval.report.measures import measures_table
from qieval.report.page import (
    checks,
    comparisons,
    estimates,
    fit,
    headline,
    limits,
    opening,
    sensitivity,
    summary,
)
from qieval.report.plan import plan
from qieval.report.provenance import provenance

__all__ = [
    "checks",
    "comparisons",
    "epoc_checklist",
    "estimates",
    "figure",
    "fit",
    "headline",
    "limits",
    "measures_table",
    "opening",
    "plan",
    "provenance",
    "sensitivity",
    "summary",
]
