"""Numbers and lists as people read them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

_WRITTEN_OUT = 1e15
"""Numbers from this size on are written as powers of ten: limits of what the data cannot tell."""


def decimals(scale: float) -> int:
    """Decimals that suit numbers of this size: three figures or so, at most three decimals."""
    if not math.isfinite(scale) or scale == 0:
        return 1
    return int(min(3, max(0, 2 - math.floor(math.log10(abs(scale))))))


def number(value: float, places: int | None = None) -> str:
    """A number with thousands commas and a true minus; a missing one is "not known".

    Halves are rounded away from zero, as people do: 12.5 is 13, never 12 beside a 13.5 that is 14.
    """
    if value is None or not math.isfinite(value):
        return "not known"
    places = decimals(value) if places is None else places
    if abs(value) >= _WRITTEN_OUT:
        part, _, power = f"{value:.1e}".replace("-", "−").partition("e+")
        return f"{part} × 10^{int(power)}"
    # Fifteen figures, so that the last bit of a sum does not decide how a half is rounded.
    exact = Decimal(f"{value:.15g}")
    text = f"{exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):,f}"
    return text.lstrip("-") if not text.strip("-0.,") else text.replace("-", "−")


def own_places(value: float) -> int:
    """Decimals that a given number has, four at most."""
    return next((n for n in range(4) if round(value, n) == value), 4)


def places_of(low: float, high: float) -> int:
    """Decimals for an estimate and its interval: two figures of the interval's half width."""
    half = abs(high - low) / 2
    if not math.isfinite(half) or half == 0:
        return decimals(max(abs(low), abs(high)))
    return int(min(8, max(0, 1 - math.floor(math.log10(half)))))


def interval(low: float, high: float, places: int | None = None) -> str:
    """Both ends with the same decimals: "3 to 21"."""
    if places is None:
        places = places_of(low, high)
    return f"{number(low, places)} to {number(high, places)}"


def lower_or_higher(
    estimate: float, low: float, high: float, unit: str = "", *, places: int | None = None
) -> str:
    """A difference in words, such as "4.2 lower (2.1 to 6.3 lower)" or "anything from … to …"."""
    places = places_of(low, high) if places is None else places
    if low <= 0 <= high:
        lower, higher = (_with_unit(number(end, places), unit) for end in (-low, high))
        return f"anything from {lower} lower to {higher} higher"
    word = "lower" if estimate < 0 else "higher"
    near, far = sorted((abs(low), abs(high)))
    size = _with_unit(number(abs(estimate), places), unit)
    return f"{size} {word} ({interval(near, far, places)} {word})"


def _with_unit(figure: str, unit: str) -> str:
    """A figure and its unit: "12 percentage points", "1 percentage point"."""
    if figure == "1":
        unit = unit.replace("percentage points", "percentage point")
    return f"{figure} {unit}" if unit else figure


def in_a_row(items: Sequence[str], last: str = "and") -> str:
    """Items in a row: "a, b and c"."""
    items = list(items)
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def sentence(text: str) -> str:
    """The text with a capital first letter and a full stop."""
    text = text.strip()
    if not text:
        return text
    text = text[0].upper() + text[1:]
    return text if text[-1] in ".!?" else text + "."


def percent(share: float, places: int = 0) -> str:
    """A share (0 to 1) as a percentage: "62%"; a missing one is "not known"."""
    return f"{number(100 * share, places)}%" if math.isfinite(share) else number(share)


def many(count: int, noun: str, plural: str | None = None) -> str:
    """A count with its noun: "1 row", "1,204 rows"."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def some_of(items: Sequence[str], most: int = 6) -> str:
    """The first items in a row, and how many more there are: "a, b and 4 more"."""
    more = [f"{len(items) - most} more"] if len(items) > most else []
    return in_a_row([*items[:most], *more])


def inside(text: str) -> str:
    """A heading in the middle of a sentence: "before 1 October 2018"."""
    return text[:1].lower() + text[1:]
