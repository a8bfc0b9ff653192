"""Floor 5: what a notebook shows. Every function returns a block that shows itself.

In the order of a page: :func:`opening`, :func:`headline`, :func:`figure`, :func:`summary`,
:func:`estimates`, :func:`comparisons`, :func:`sensitivity`, :func:`fit`, :func:`checks`,
:func:`plan`, :func:`epoc_checklist`, :func:`limits`, :func:`provenance`.
"""

from qieval.report.audits import team_funnel
from qieval.report.checklists import epoc_checklist
from qieval.report.export import export
from qieval.report.measures import measures_table
from qieval.report.page import (
    checks,
    comparisons,
    estimates,
    figure,
    fit,
    headline,
    limits,
    opening,
    sensitivity,
    shown,
    summary,
)
from qieval.report.plan import plan
from qieval.report.programme import (
    averages,
    evidence_table,
    key_findings,
    project_table,
    squire_checklist,
)
from qieval.report.provenance import provenance
from qieval.report.reading import results_read
from qieval.report.sections import parts
from qieval.report.views import View, show

__all__ = [
    "View",
    "averages",
    "checks",
    "comparisons",
    "epoc_checklist",
    "estimates",
    "evidence_table",
    "export",
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
    "show",
    "shown",
    "squire_checklist",
    "summary",
    "team_funnel",
]
