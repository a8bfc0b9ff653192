"""Floor 4: result → Axes. One file an analysis, one style; no chart computes a finding."""

from qieval.charts import interrupted_time_series as _its  # noqa: F401  (registers its chart)
from qieval.charts.drawing import draw

__all__ = ["draw"]
