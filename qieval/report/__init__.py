"""Floor 5: what a notebook shows. Every function returns something that shows itself.

In the order of a page: :func:`opening`, :func:`headline`, :func:`figure`, :func:`summary`,
:func:`estimates`, :func:`comparisons`, :func:`sensitivity`, :func:`fit`, :func:`checks`,
:func:`plan`, :func:`epoc_checklist`, :func:`limits`, :func:`provenance`.
"""

from qieval.report.audits import team_funnel
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
from qieval.report.parts import parts
from qieval.report.plan import plan
from qieval.report.programme import (
    averages,
    evidence_table,
    key_findings,
    project_table,
    squire_checklist,
)
from qieval.report.provenance import provenance
from qieval.report.results_read import results_read

__all__ = [
    "averages",
    "checks",
    "comparisons",
    "epoc_checklist",
    "estimates",
    "evidence_table",
    "figure",
    "fit",
    "headline",
    "key_findings",
    "limits",
    "measures_table",
    "opening",
    "parts",
    "plan",
    "project_table",
    "provenance",
    "results_read",
    "sensitivity",
    "squire_checklist",
    "summary",
    "team_funnel",
]
