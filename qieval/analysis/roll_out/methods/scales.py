"""The scale on which cells are compared, and the way back to the unit that people read.

Amounts are compared as they are. Events vary with their number: many are compared by logarithm, few
by square root, on which counts near zero vary alike (Anscombe 1948, Biometrika 35:246).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from qieval.analysis.roll_out.methods.weights import Array

Scale = Literal["rate", "log", "root"]

LOG_FROM = 5.0
"""Events a cell, on average, from which on they are compared by logarithm."""


def scale_for(total: Array, events: bool) -> Scale:
    """The scale that suits what was counted."""
    if not events:
        return "rate"
    return "log" if float(np.nanmean(total)) >= LOG_FROM else "root"


@dataclass(frozen=True)
class Scaled:
    """Cells on their scale.

    Attributes
    ----------
    scale : str
    values : (W, T)
        Nought where there is no value.
    usual : float
        Mean denominator, which the square roots are made alike by.
    """

    scale: Scale
    values: Array
    usual: float

    @classmethod
    def of(cls, total: Array, denominator: Array, scale: Scale) -> Scaled:
        """The cells of a table on a scale."""
        usual = float(np.nanmean(np.where(np.isfinite(total), denominator, np.nan)))
        if scale == "rate":
            values = total / denominator
        elif scale == "log":
            values = np.log((total + 0.5) / denominator)
        else:
            values = 2 * np.sqrt((total + 0.375) / (denominator / usual))
        return cls(scale, np.nan_to_num(values), usual)

    def rate(self, values: Array) -> Array:
        """Rates that correspond to values on the scale."""
        if self.scale == "rate":
            return values
        if self.scale == "log":
            return np.exp(values)
        return np.maximum(values, 0.0) ** 2 / 4 / self.usual

    def difference(self, effect: Array, expected: float) -> Array:
        """A difference on the scale as a difference of rates, where so much was expected.

        It rises with the effect, so that the limits of an interval may go the same way.
        """
        if self.scale == "rate":
            return effect
        if self.scale == "log":
            return np.asarray(expected * np.expm1(np.minimum(effect, 700.0)))
        root = 2 * np.sqrt(max(expected, 0.0) * self.usual)
        return (np.maximum(root + effect, 0.0) ** 2 - root**2) / 4 / self.usual
