"""qieval: find out, honestly, whether an improvement project changed anything, and share it safely.

``import qieval as qi`` is quick: each public name below is imported when it is first used.
"""

from importlib import import_module
from typing import Any

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
    "Result": "qieval.core.results",
    # floor 1
    "read": "qieval.intake.reading",
    "Loaded": "qieval.intake.reading",
    # floor 2
    "bed_days": "qieval.flow.bed_days",
    "measure": "qieval.flow.measures",
    "units": "qieval.flow.units",
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
    "pool": "qieval.analysis.synthesis",
    "PooledResult": "qieval.analysis.synthesis",
    "funnel": "qieval.analysis.funnel",
    "FunnelResult": "qieval.analysis.funnel",
    # floor 4
    "draw": "qieval.charts",
    # floor 6
    "parameters": "qieval.params",
    "read_result": "qieval.catalogue",
}
_FLOORS = ("analysis", "batch", "charts", "core", "flow", "intake", "report", "share")

__all__ = [*_HOME_OF, *_FLOORS]


def __getattr__(name: str) -> Any:
    if name in _HOME_OF:
        return getattr(import_module(_HOME_OF[name]), name)
    if name in _FLOORS:
        return import_module(f"qieval.{name}")
    raise AttributeError(f"module 'qieval' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
