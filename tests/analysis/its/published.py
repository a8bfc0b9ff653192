"""Published series and the figures that others found in them, typed in with their sources."""

from __future__ import annotations

import numpy as np
import pandas as pd

# ---- Proposition 99 ----------------------------------------------------------------------------
# Per-capita cigarette sales in California in packs, 1970 to 2000: Abadie, Diamond and Hainmueller
# 2010, J Am Stat Assoc 105:493; as in `california_prop99.csv` of the R package synthdid.
# The tax began in January 1989. The example of Linden 2015, Stata Journal 15:480.

CALIFORNIA = (
    123.0, 121.0, 123.5, 124.4, 126.7, 127.1, 128.0, 126.4, 126.1, 121.9,
    120.2, 118.6, 115.4, 110.8, 104.8, 102.8, 99.7, 97.5, 90.1, 82.4,
    77.8, 68.7, 67.5, 63.4, 58.6, 56.4, 54.5, 53.8, 52.3, 47.2, 41.6,
)  # fmt: skip

# Ordinary least squares: time from 0, step from 1989, ramp 0 in 1989 (R's lm, printed in public
# course material; the coefficients are also those of Linden's `itsa`).
PROPOSITION_99 = {
    "intercept": (132.2258, 2.2866),
    "trend": (-1.7795, 0.2170),
    "level_change": (-20.0581, 3.7471),
    "slope_change": (-1.4947, 0.4846),
}


def proposition_99() -> pd.DataFrame:
    """One row a year."""
    years = pd.to_datetime([f"{year}-01-01" for year in range(1970, 2001)])
    return pd.DataFrame({"period": years, "packs": CALIFORNIA})


# ---- the Sicilian smoking ban ------------------------------------------------------------------
# Bernal, Cummins and Gasparrini 2017, Int J Epidemiol 46:348. Acute coronary episodes a month from
# January 2002 to November 2006 and the age-standardised population, as in `sicily.csv` of
# gasparrini/2017_lopezbernal_IJE_codedata. The ban began in January 2005.

EPISODES = (
    728, 659, 791, 734, 757, 726, 760, 740, 720, 814, 795, 858,
    887, 766, 851, 769, 781, 756, 766, 752, 765, 831, 879, 928,
    914, 808, 937, 840, 916, 828, 845, 818, 860, 839, 887, 886,
    831, 796, 833, 820, 877, 758, 767, 738, 781, 843, 850, 908,
    1021, 859, 976, 888, 962, 838, 810, 876, 843, 936, 912,
)  # fmt: skip
POPULATION = (
    379875.3, 376495.5, 377040.8, 377116.4, 377383.4, 374113.1, 379513.3, 376295.5, 374653.2,
    378485.6, 375955.5, 378349.7, 376762.4, 379032.3, 379360.4, 376162.0, 377972.4, 381830.7,
    379888.6, 380872.2, 380966.9, 381240.4, 382104.9, 381802.7, 381656.3, 383680.0, 383504.2,
    386462.9, 383783.1, 380836.8, 383483.0, 380906.2, 382926.8, 384052.4, 384449.6, 383428.4,
    388153.2, 388373.2, 386470.1, 386033.2, 383686.4, 385509.3, 385901.9, 386516.6, 388436.5,
    383255.2, 390148.7, 385874.9, 391613.6, 391750.4, 394005.6, 391364.9, 391664.6, 389022.3,
    391878.5, 388575.3, 392989.0, 390018.8, 390712.3,
)  # fmt: skip

# The seasonal terms of the tutorial's quasi-Poisson model with a step (its `model3`, January being
# month 1), estimate and standard error as R prints them; from the output quoted in public code that
# simulates after this paper.
SMOKING_BAN_SEASON = {
    "sin_1": (0.0370967, 0.0100241),
    "sin_2": (-0.0182122, 0.0096435),
    "cos_1": (0.0381608, 0.0096848),
    "cos_2": (0.0147634, 0.0097221),
}


def smoking_ban() -> pd.DataFrame:
    """One row a month."""
    months = pd.date_range("2002-01-01", periods=59, freq="MS")
    return pd.DataFrame({"period": months, "episodes": EPISODES, "population": POPULATION})


# ---- R's nlme::gls, REML, AR(1) ----------------------------------------------------------------
# Longley 1967, J Am Stat Assoc 62:819 (R's `longley`): employed, gross national product and
# population, 1947 to 1962. gls(Employed ~ GNP + Population, correlation = corAR1(form = ~Year)),
# the example of Faraway's Linear Models with R, section 6.1, prints Phi 0.6441692.

LONGLEY = (
    (60.323, 234.289, 107.608), (61.122, 259.426, 108.632), (60.171, 258.054, 109.773),
    (61.187, 284.599, 110.929), (63.221, 328.975, 112.075), (63.639, 346.999, 113.270),
    (64.989, 365.385, 115.094), (63.761, 363.112, 116.219), (66.019, 397.469, 117.388),
    (67.857, 419.180, 118.734), (68.169, 442.769, 120.445), (66.513, 444.546, 121.950),
    (68.655, 482.704, 123.366), (69.564, 502.601, 125.368), (69.331, 518.173, 127.852),
    (70.551, 554.894, 130.081),
)  # fmt: skip
LONGLEY_PHI = 0.6441692

# Ovarian follicles of eleven mares, one count a day from three days before an ovulation: nlme's
# `Ovary` (Pinheiro and Bates 2000). Days of the cycle, then the counts; day j is at time
# (j - 3) / days. gls(follicles ~ sin(2*pi*Time) + cos(2*pi*Time), correlation = corAR1(form =
# ~ 1 | Mare)) is the example of nlme's help page; estimates and standard errors to fifteen figures
# stand in the tests of easystats/parameters, Phi and sigma in R's print of the fit.

OVARY = (
    (22, "20 15 19 16 13 10 12 14 13 20 22 15 18 17 14 18 14 16 17 18 18 17 14 12 12 14 10 11 16"),
    (20, "6 6 8 7 16 10 13 9 7 6 8 8 6 8 7 9 6 4 5 8 11 13 10 6 7 6 5"),
    (19, "13 11 10 6 8 6 9 9 10 8 14 13 14 16 20 21 25 23 19 22 16 21 19 20 17 24"),
    (22, "9 9 7 6 7 6 1 1 1 5 6 3 5 3 6 8 6 5 6 8 11 14 8 9 10 7 7 6 11"),
    (22, "10 12 12 17 9 10 3 12 13 9 4 7 4 12 14 12 15 17 15 13 18 19 13 9 12 8 10 5 14"),
    (22, "16 17 13 17 15 9 8 5 9 8 8 13 14 13 14 14 11 17 21 21 21 20 17 18 22 10 11 11 12"),
    (20, "18 13 14 12 11 8 5 8 10 11 10 12 10 9 12 14 16 13 11 13 13 11 11 8 14 4 7"),
    (24, "13 9 15 15 12 8 10 6 9 8 10 6 8 13 12 12 15 21 25 21 21 24 20 20 18 20 20 19 12 7 8"),
    (18, "10 14 12 10 7 12 10 8 10 15 15 12 19 15 16 15 17 14 16 15 11 10 7 4 8"),
    (22, "11 16 15 12 11 6 11 12 11 16 15 11 7 14 20 22 23 21 21 23 22 22 17 17 17 17 14 12 11"),
    (20, "9 8 8 8 8 6 7 8 10 10 14 13 8 8 8 9 16 12 10 12 12 9 6 9 7 5 5"),
)
OVARY_PHI, OVARY_SIGMA = 0.7532079, 4.616172
OVARY_ESTIMATES = (12.2163981810227, -2.77471219793581, -0.899604717105857)
OVARY_ERRORS = (0.664643651063474, 0.645047778144975, 0.697538308948056)


def ovary() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Calendar numbers (mares far apart), design and counts."""
    times, cycle, counts = [], [], []
    for mare, (days, text) in enumerate(OVARY):
        values = [float(word) for word in text.split()]
        counts += values
        times += [100_000.0 * mare + day for day in range(len(values))]
        cycle += [(day - 3) / days for day in range(len(values))]
    angle = 2 * np.pi * np.array(cycle)
    x = np.column_stack([np.ones_like(angle), np.sin(angle), np.cos(angle)])
    return np.array(times), x, np.array(counts)
