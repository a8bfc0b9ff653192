"""Axes without what our charts never show: a quarter of the time that a figure takes.

matplotlib makes a first minor tick for every axis, of five parts each, and measures all tick labels
to find the place of an axis's label. Here a minor tick is made when one is asked for, and a label
without words is not placed. What is drawn is the same.
"""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.axis import Tick, XAxis, YAxis


class _NoneYet:
    """The minor ticks of an axis that has none so far."""

    def __get__(self, axis: Any, kind: type) -> Any:
        if axis is None:
            return self
        made: list[Tick] = []
        axis.minorTicks = made
        return made


class _Lean:
    """What both axes have in common."""

    minorTicks = _NoneYet()

    def _update_label_position(self, renderer: Any) -> None:
        if self.label.get_text():  # type: ignore[attr-defined]
            super()._update_label_position(renderer)  # type: ignore[misc]


class _Across(_Lean, XAxis):
    """The horizontal axis."""


class _Up(_Lean, YAxis):
    """The vertical axis."""


class Panel(Axes):
    """The Axes of our figures."""

    def _init_axis(self) -> None:
        self.xaxis = _Across(self, clear=False)
        self.yaxis = _Up(self, clear=False)
        for side in ("bottom", "top"):
            self.spines[side].register_axis(self.xaxis)
        for side in ("left", "right"):
            self.spines[side].register_axis(self.yaxis)

    def inset_axes(self, bounds: Any, **options: Any) -> Axes:
        """Axes inside of these, of the same kind."""
        return super().inset_axes(bounds, **{"axes_class": Panel, **options})
