"""Floor 4: result → Axes. One file an analysis, one style; no chart computes a finding."""

from qieval.charts import (
    control_chart,
    forest,
    funnel,
    interrupted_time_series,
    its_views,
    power,
    run_chart,
)
from qieval.charts.drawing import draw

__all__ = [
    "control_chart",
    "draw",
    "forest",
    "funnel",
    "interrupted_time_series",
    "its_views",
    "power",
    "run_chart",
]
