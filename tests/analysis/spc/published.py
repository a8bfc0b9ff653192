"""Figures that others published, for tests of known answers.

Orange juice cans, circuit boards, piston rings: Montgomery, Introduction to Statistical Quality
Control, as in R's package qcc 2.7 (`orangejuice`, `circuit`, `pistonrings`), with the limits that
qcc prints. Paint viscosity (Montgomery, 3rd edition, p. 242) and the water content of antifreeze
(Wetherill and Brown 1991, Statistical Process Control, p. 120): examples of qcc; its figures for
these, the orange juice cans and the piston rings stand also in the tests of Python's mistat
(Kenett, Zacks and Gedeck; mistat/qcc/tests). Dyed cloth: qcc 2.7. Flow rate and wafers:
NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.2 and 6.3.3.1.
"""

from __future__ import annotations

import pandas as pd

ORANGE_JUICE = [
    *(12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11, 20, 18, 24, 15, 9),
    *(12, 7, 13, 9, 6, 9, 6, 12, 5, 6, 4, 6, 3, 7, 6, 2, 4, 3, 6, 5, 4, 8, 5, 6, 7, 5, 6, 3, 5),
]
"""Leaking cans of 50: 30 samples of the trial, then 24 after the machine was adjusted."""

VISCOSITY = [
    *(33.75, 33.05, 34, 33.81, 33.46, 34.02, 33.68, 33.27, 33.49, 33.20, 33.62, 33.00, 33.54),
    *(33.12, 33.84),
]
ANTIFREEZE = [
    *(2.23, 2.53, 2.62, 2.63, 2.58, 2.44, 2.49, 2.34, 2.95, 2.54, 2.60, 2.45, 2.17, 2.58, 2.57),
    *(2.44, 2.38, 2.23, 2.23, 2.54, 2.66, 2.84, 2.81, 2.39, 2.56, 2.70, 3.00, 2.81, 2.77, 2.89),
    *(2.54, 2.98, 2.35, 2.53),
]

CIRCUITS = [
    *(21, 24, 16, 12, 15, 5, 28, 20, 31, 25, 20, 24, 16, 19, 10, 17, 13, 22, 18, 39, 30, 24, 16),
    *(19, 17, 15),
]
CLOTH = [14, 12, 20, 11, 7, 10, 21, 16, 19, 23]
CLOTH_UNITS = [10, 8, 13, 10, 10, 10, 12, 11, 12, 13]
FLOW = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
WAFERS = [
    *(16, 14, 28, 16, 12, 20, 10, 12, 10, 17, 19, 17, 14, 16, 15, 13, 14, 16, 11, 20, 11, 19, 16),
    *(31, 13),
]

PISTON_RINGS = [
    *([74.030, 74.002, 74.019, 73.992, 74.008], [73.995, 73.992, 74.001, 74.011, 74.004]),
    *([73.988, 74.024, 74.021, 74.005, 74.002], [74.002, 73.996, 73.993, 74.015, 74.009]),
    *([73.992, 74.007, 74.015, 73.989, 74.014], [74.009, 73.994, 73.997, 73.985, 73.993]),
    *([73.995, 74.006, 73.994, 74.000, 74.005], [73.985, 74.003, 73.993, 74.015, 73.988]),
    *([74.008, 73.995, 74.009, 74.005, 74.004], [73.998, 74.000, 73.990, 74.007, 73.995]),
    *([73.994, 73.998, 73.994, 73.995, 73.990], [74.004, 74.000, 74.007, 74.000, 73.996]),
    *([73.983, 74.002, 73.998, 73.997, 74.012], [74.006, 73.967, 73.994, 74.000, 73.984]),
    *([74.012, 74.014, 73.998, 73.999, 74.007], [74.000, 73.984, 74.005, 73.998, 73.996]),
    *([73.994, 74.012, 73.986, 74.005, 74.007], [74.006, 74.010, 74.018, 74.003, 74.000]),
    *([73.984, 74.002, 74.003, 74.005, 73.997], [74.000, 74.010, 74.013, 74.020, 74.003]),
    *([73.988, 74.001, 74.009, 74.005, 73.996], [74.004, 73.999, 73.990, 74.006, 74.009]),
    *([74.010, 73.989, 73.990, 74.009, 74.014], [74.015, 74.008, 73.993, 74.000, 74.010]),
    [73.982, 73.984, 73.995, 74.017, 74.013],
]


def monthly(values: list[float], **more: object) -> pd.DataFrame:
    """A table with a month a value."""
    months = pd.date_range("2018-01-01", periods=len(values), freq="MS")
    return pd.DataFrame({"period": months, "x": values, **more})


def rings() -> pd.DataFrame:
    """One row a ring: five rings a sample."""
    days = pd.date_range("2020-01-01", periods=len(PISTON_RINGS), freq="D")
    rows = [(day, x) for day, five in zip(days, PISTON_RINGS, strict=True) for x in five]
    return pd.DataFrame(rows, columns=["period", "x"])
