"""Axes without what our charts never show: a third of the time that a figure takes.

matplotlib makes a first minor tick for every axis, of five parts each, and measures all tick labels
to find the place of an axis's label. Here a minor tick is made when one is asked for, and a label
without words is not placed. Every further tick is made anew there and then given the looks of the
first; here it is a copy of the first. What is drawn is the same.
"""

from __future__ import annotations

from copy import copy
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

    def _get_tick(self, major: bool) -> Tick:
        """A copy of the first tick; only that is made anew."""
        ticks: list[Tick] = self.majorTicks if major else self.minorTicks  # type: ignore[attr-defined]
        return _copy_of(ticks[0]) if ticks else super()._get_tick(major)  # type: ignore[misc]

    def _copy_tick_props(self, src: Tick, dest: Tick) -> None:
        """It is a copy already."""

    def _update_label_position(self, renderer: Any) -> None:
        if self.label.get_text():  # type: ignore[attr-defined]
            super()._update_label_position(renderer)  # type: ignore[misc]


def _copy_of(tick: Tick) -> Tick:
    """A tick with parts of its own that look the same."""
    made = copy(tick)
    for name in ("tick1line", "tick2line", "gridline", "label1", "label2"):
        setattr(made, name, copy(getattr(tick, name)))
    for label in (made.label1, made.label2):
        label.set_fontproperties(label.get_fontproperties().copy())
    return made


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
