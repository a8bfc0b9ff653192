"""qieval: find out, honestly, whether an improvement project changed anything, and share it safely.

``import qieval as qi`` is quick: each public name below is imported when it is first used.
"""

import os as _os
from importlib import import_module as _import_module
from typing import Any as _Any

from qieval.core import hooks as _hooks

__version__ = "0.1.0"

_HOME_OF = {
    # floor 0
    "QievalError": "qieval.core.errors",
    "DataError": "qieval.core.errors",
    "ParameterError": "qieval.core.errors",
    "CannotEvaluate": "qieval.core.errors",
    "WorkspaceError": "qieval.core.errors",
    "OpenDataError": "qieval.core.errors",
    "RunError": "qieval.core.errors",
    "ReleaseError": "qieval.core.errors",
    "Result": "qieval.core.result",
    # floor 1
    "read": "qieval.intake.reading",
    "Loaded": "qieval.intake.reading",
    "tables": "qieval.intake.overview",
    "read_theory": "qieval.intake.theories",
    "LoadedTheory": "qieval.intake.theories",
    # floor 2
    "bed_days": "qieval.flow.bed_days",
    "admissions": "qieval.flow.admissions",
    "measure": "qieval.flow.measures",
    "units": "qieval.flow.units",
    "audit_counts": "qieval.flow.audits",
    "project": "qieval.flow.project",
    "Project": "qieval.flow.project",
    # floor 3
    "interrupted_time_series": "qieval.analysis.its",
    "ITSResult": "qieval.analysis.its",
    "interrupted_time_series_panel": "qieval.analysis.its",
    "its_power": "qieval.analysis.its",
    "PowerResult": "qieval.analysis.its",
    "run_chart": "qieval.analysis.spc",
    "control_chart": "qieval.analysis.spc",
    "suggest_chart": "qieval.analysis.spc",
    "RunChartResult": "qieval.analysis.spc",
    "ControlChartResult": "qieval.analysis.spc",
    "cusum": "qieval.analysis.risk_adjusted",
    "CusumResult": "qieval.analysis.risk_adjusted",
    "vlad": "qieval.analysis.risk_adjusted",
    "VladResult": "qieval.analysis.risk_adjusted",
    "pareto": "qieval.analysis.pareto",
    "ParetoResult": "qieval.analysis.pareto",
    "completeness": "qieval.analysis.completeness",
    "CompletenessResult": "qieval.analysis.completeness",
    "family_of_measures": "qieval.analysis.family_of_measures",
    "FamilyResult": "qieval.analysis.family_of_measures",
    "pool": "qieval.analysis.synthesis",
    "PooledResult": "qieval.analysis.synthesis",
    "roll_out": "qieval.analysis.roll_out",
    "RollOutResult": "qieval.analysis.roll_out",
    "roll_out_power": "qieval.analysis.roll_out",
    "RollOutPowerResult": "qieval.analysis.roll_out",
    "audit": "qieval.analysis.audit",
    "AuditResult": "qieval.analysis.audit",
    "data_passport": "qieval.analysis.data_passport",
    "DataPassportResult": "qieval.analysis.data_passport",
    "survey": "qieval.analysis.survey",
    "SurveyResult": "qieval.analysis.survey",
    "theory_of_change": "qieval.analysis.theory_of_change",
    "TheoryResult": "qieval.analysis.theory_of_change",
    "involvement": "qieval.analysis.involvement",
    "InvolvementResult": "qieval.analysis.involvement",
    "pdsa_review": "qieval.analysis.pdsa_review",
    "PDSAReviewResult": "qieval.analysis.pdsa_review",
    "funnel": "qieval.analysis.funnel",
    "FunnelResult": "qieval.analysis.funnel",
    "patient_flow": "qieval.analysis.patient_flow",
    "PatientFlowResult": "qieval.analysis.patient_flow",
    "length_of_stay": "qieval.analysis.length_of_stay",
    "LengthOfStayResult": "qieval.analysis.length_of_stay",
    "readmissions": "qieval.analysis.readmissions",
    "ReadmissionsResult": "qieval.analysis.readmissions",
    "crisis_access": "qieval.analysis.crisis_access",
    "CrisisAccessResult": "qieval.analysis.crisis_access",
    "waits": "qieval.analysis.waits",
    "WaitsResult": "qieval.analysis.waits",
    "strata": "qieval.analysis.strata",
    "StrataResult": "qieval.analysis.strata",
    "dose": "qieval.analysis.dose",
    "DoseResult": "qieval.analysis.dose",
    "joint_display": "qieval.analysis.joint_display",
    "JointDisplayResult": "qieval.analysis.joint_display",
    "context": "qieval.analysis.context",
    "ContextResult": "qieval.analysis.context",
    "programme": "qieval.analysis.programme",
    "ProgrammeResult": "qieval.analysis.programme",
    # floor 4
    "draw": "qieval.charts",
    # floor 6
    "parameters": "qieval.params",
    "save_parameters": "qieval.params",
    "form": "qieval.params.form",
    "read_result": "qieval.catalogue",
    "read_results": "qieval.catalogue",
    # floor 8
    "suppress": "qieval.share.suppress",
}
_FLOORS = ("analysis", "batch", "charts", "core", "flow", "intake", "report", "share")

__all__ = [*_HOME_OF, *_FLOORS]


def _draw(result: _Any, ax: _Any = None) -> _Any:
    """Draw a result; the charts, and matplotlib with them, are imported with the first figure."""
    return _import_module(_HOME_OF["draw"]).draw(result, ax, shown=True)


def _show(block: _Any) -> _Any:
    """A block's output for a notebook; the report is imported with the first block."""
    return _import_module("qieval.report").show(block)._repr_mimebundle_()


def _show_result(result: _Any) -> _Any:
    """A result's output where it ends a cell."""
    return _import_module("qieval.report").shown(result)


def _release(result: _Any, profile: str) -> _Any:
    """A result as it may be passed on."""
    return _import_module("qieval.share.release").release(result, profile)


_hooks.draw = _draw
_hooks.release = _release
_hooks.show = _show
_hooks.show_result = _show_result


def __getattr__(name: str) -> _Any:
    if name in _HOME_OF:
        return getattr(_import_module(_HOME_OF[name]), name)
    if name in _FLOORS:
        return _import_module(f"qieval.{name}")
    raise AttributeError(f"module 'qieval' has no attribute {name!r}")


def __dir__() -> list[str]:
    """What ``qi.<Tab>`` offers: public names, and nothing that this file itself needs."""
    return sorted(__all__)


if _os.environ.get("QIEVAL_READS"):  # a notebook of a run, in a kernel of its own
    _import_module("qieval.core.reads").note_reads()
