"""Drawing at random, and months: what the modules of the example share.

Only the standard library's generator is used: it gives the same numbers on every computer.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from datetime import date, timedelta
from statistics import NormalDist

from qieval.core.config import SEED

DAY = timedelta(days=1)
_NORMAL = NormalDist()


def generator(*parts: object, seed: int = SEED) -> random.Random:
    """A generator of its own for each part: changing one leaves the others alone.

    The parts say what is drawn and nothing else: the table (or the ward or network whose tables
    belong together), then the cells that identify what is drawn, as the table writes them and in
    the order of its columns, then, where one thing has several draws, which of them. So no stream
    can be chosen for the rows that it gives.
    """
    return random.Random("/".join(str(part) for part in (seed, *parts)))


def normal(rng: random.Random) -> float:
    """A draw from the standard normal distribution."""
    return _NORMAL.inv_cdf(rng.random())


def logistic(value: float) -> float:
    """The share that belongs to log odds."""
    return 1 / (1 + math.exp(-value))


def log_odds(share: float) -> float:
    """The log odds that belong to a share."""
    return math.log(share / (1 - share))


def one_of(rng: random.Random, shares: Mapping[str, float]) -> str:
    """One of the names, drawn by their shares; the last gets what is left over."""
    drawn, names = rng.random(), list(shares)
    for name in names[:-1]:
        if drawn < shares[name]:
            return name
        drawn -= shares[name]
    return names[-1]


def many(rng: random.Random, number: int, share: float) -> int:
    """How many of a number, each with the same chance."""
    return sum(rng.random() < share for _ in range(number))


def events(rng: random.Random, mean: float) -> int:
    """How many events where `mean` are expected (Poisson)."""
    count, product, limit = 0, rng.random(), math.exp(-mean)
    while product > limit:
        count += 1
        product *= rng.random()
    return count


def months(first: date, last: date) -> list[date]:
    """First days of the months from one to another, both included."""
    begin, end = (month.year * 12 + month.month - 1 for month in (first, last))
    return [date(number // 12, number % 12 + 1, 1) for number in range(begin, end + 1)]


def months_between(first: date, later: date) -> int:
    """Calendar months from one month to another."""
    return (later.year - first.year) * 12 + later.month - first.month


def days_in(month: date) -> int:
    """Days in the month."""
    after = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return (after - month).days
