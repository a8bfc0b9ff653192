"""Student's t distribution, many values at once.

A mixture's quantile needs millions of values of one distribution function. It is tabulated once for
its degrees of freedom and read by quintic Hermite interpolation (value, slope and bend are known
exactly at every knot), which is right to about 1e-12 and ten times faster than computing it anew.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy import special

from qieval.analysis.its.methods.ar1 import Array

_REACH, _STEP = 14.0, 1 / 16


class StudentT:
    """The t distribution with `df` degrees of freedom."""

    def __init__(self, df: int) -> None:
        self.df = df
        self._constant = float(
            np.exp(special.gammaln((df + 1) / 2) - special.gammaln(df / 2)) / np.sqrt(df * np.pi)
        )
        z = np.arange(-_REACH, _REACH + 2 * _STEP, _STEP)
        value, slope = special.stdtr(df, z), self.density(z)
        bend = -slope * z * (df + 1) / (df + z**2)
        # Coefficients of one polynomial a knot interval, in the share of the interval passed; one
        # row a power, so that each is read in one go.
        f0, f1 = value[:-1], value[1:]
        d0, d1 = slope[:-1] * _STEP, slope[1:] * _STEP
        c0, c1 = bend[:-1] * _STEP**2, bend[1:] * _STEP**2
        self._table = np.stack(
            [
                f0,
                d0,
                c0 / 2,
                10 * (f1 - f0) - 6 * d0 - 4 * d1 + (c1 - 3 * c0) / 2,
                15 * (f0 - f1) + 8 * d0 + 7 * d1 + (3 * c0 - 2 * c1) / 2,
                6 * (f1 - f0) - 3 * (d0 + d1) + (c1 - c0) / 2,
            ]
        )

    def density(self, z: Array) -> Array:
        """Density at `z`, any shape."""
        return self._constant * np.exp(-(self.df + 1) / 2 * np.log1p(z * z / self.df))

    def below(self, z: Array) -> Array:
        """Probability below `z`, any shape."""
        return self.below_and_density(z)[0]

    def below_and_density(self, z: Array) -> tuple[Array, Array]:
        """Probability below `z` and the density there (to about 1e-9), any shape."""
        place = np.clip(z, -_REACH, _REACH)
        place += _REACH
        place *= 1 / _STEP
        knot = place.astype(np.intp)
        place -= knot
        below: Array = self._table[5].take(knot)
        slope = np.zeros_like(below)
        for power in (4, 3, 2, 1, 0):
            slope *= place
            slope += below
            below *= place
            below += self._table[power].take(knot)
        slope *= 1 / _STEP
        if z.size and max(float(z.max()), -float(z.min())) > _REACH:
            outside = np.abs(z) > _REACH
            below[outside] = special.stdtr(self.df, z[outside])
            slope[outside] = self.density(z[outside])
        return below, slope


@lru_cache(maxsize=256)
def student_t(df: int) -> StudentT:
    """The distribution with `df` degrees of freedom, tabulated once."""
    return StudentT(df)
