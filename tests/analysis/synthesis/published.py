"""Published meta-analyses, typed in from their sources."""

from __future__ import annotations

import numpy as np
import pandas as pd

# Colditz et al 1994, JAMA 271:698: 13 trials of BCG against tuberculosis, as printed in metafor's
# README (data set dat.bcg): cases and non-cases among the vaccinated and the not vaccinated.
BCG = [
    ("Aronson 1948", 4, 119, 11, 128),
    ("Ferguson & Simes 1949", 6, 300, 29, 274),
    ("Rosenthal et al 1960", 3, 228, 11, 209),
    ("Hart & Sutherland 1977", 62, 13536, 248, 12619),
    ("Frimodt-Moller et al 1973", 33, 5036, 47, 5761),
    ("Stein & Aronson 1953", 180, 1361, 372, 1079),
    ("Vandiviere et al 1973", 8, 2537, 10, 619),
    ("TPT Madras 1980", 505, 87886, 499, 87892),
    ("Coetzee & Berjak 1968", 29, 7470, 45, 7232),
    ("Rosenthal et al 1961", 17, 1699, 65, 1600),
    ("Comstock et al 1974", 186, 50448, 141, 27197),
    ("Comstock & Webster 1969", 5, 2493, 3, 2338),
    ("Comstock et al 1976", 27, 16886, 29, 17825),
]

# CLASP and five further trials of aspirin against pre-eclampsia: DerSimonian and Kacker 2007,
# Contemp Clin Trials 28:105 (as typed in metafor's test_analysis_example_dersimonian2007.r):
# cases and numbers treated, cases and numbers not treated.
CLASP = [
    (5, 156, 8, 74),
    (5, 303, 17, 303),
    (12, 565, 9, 477),
    (69, 1570, 94, 1565),
    (9, 103, 11, 105),
    (313, 4659, 352, 4650),
]


def bcg() -> pd.DataFrame:
    """Log risk ratios of the BCG trials with their standard errors."""
    table = pd.DataFrame(BCG, columns=["trial", "a", "b", "c", "d"]).set_index("trial")
    treated, control = table["a"] + table["b"], table["c"] + table["d"]
    return pd.DataFrame(
        {
            "estimate": np.log(table["a"] / treated) - np.log(table["c"] / control),
            "se": np.sqrt(1 / table["a"] - 1 / treated + 1 / table["c"] - 1 / control),
        }
    )


def clasp() -> pd.DataFrame:
    """Log odds ratios of the aspirin trials with their standard errors."""
    a, n1, c, n2 = np.array(CLASP, dtype=float).T
    b, d = n1 - a, n2 - c
    return pd.DataFrame(
        {"estimate": np.log(a * d / (b * c)), "se": np.sqrt(1 / a + 1 / b + 1 / c + 1 / d)}
    )
