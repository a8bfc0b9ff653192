"""Floor 4: result → Axes. One file an analysis, one style; no chart computes a finding."""

from qieval.charts import forest, interrupted_time_series, its_views, power
from qieval.charts.drawing import draw

__all__ = ["draw", "forest", "interrupted_time_series", "its_views", "power"]
