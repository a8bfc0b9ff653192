"""How a numerator over a denominator is looked at: one scale a row, named in the result.

On a scale every unit has a figure y, and chance alone spreads it with a standard deviation s around
the target. The formulas are those of docs/methods/funnel.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import stats

Array: TypeAlias = npt.NDArray[np.float64]
FunnelKind = Literal["proportion", "rate", "ratio"]
Transformation = Literal["arcsine", "log", "sqrt"]
Trimming = Literal["winsorise", "truncate"]


@dataclass(frozen=True)
class Scale:
    """A way to look at units.

    Attributes
    ----------
    figure : callable
        (numerator, denominator) → y.
    own_sd : callable
        (numerator, denominator) → the standard deviation of y that chance brings, as each unit's
        own figures give it: for z and for tau².
    target_sd : callable
        (denominator, target) → the same for a unit that is at the target: for the limits.
    to, back : callable
        A value onto the scale, and back.
    trimming : str
        How extreme units are kept from deciding phi, unless a parameter says otherwise.
    words : str
        The scale in words.
    """

    figure: Callable[[Array, Array], Array]
    own_sd: Callable[[Array, Array], Array]
    target_sd: Callable[[Array, float], Array]
    to: Callable[[Array], Array]
    back: Callable[[Array], Array]
    trimming: Trimming
    words: str


def _log(value: Array) -> Array:
    return np.log(value)


def _arcsine(value: Array) -> Array:
    return np.arcsin(np.sqrt(value))


def _from_arcsine(angle: Array) -> Array:
    # Beyond a right angle the sine would come down again: a share cannot pass 0 or 1.
    return np.sin(np.clip(angle, 0, np.pi / 2)) ** 2


def _from_root(root: Array) -> Array:
    return np.maximum(root, 0) ** 2


def _rate_sd(events: Array, size: Array) -> Array:
    return np.sqrt(events / (events + 0.5) ** 2 + size / (size + 0.5) ** 2)


SCALES: dict[tuple[FunnelKind, Transformation], Scale] = {
    ("proportion", "arcsine"): Scale(
        figure=lambda o, n: _arcsine(o / n),
        own_sd=lambda o, n: 1 / (2 * np.sqrt(n)),
        target_sd=lambda n, target: 1 / (2 * np.sqrt(n)),
        to=_arcsine,
        back=_from_arcsine,
        trimming="winsorise",
        words="arcsine scale",
    ),
    ("rate", "log"): Scale(
        figure=lambda o, n: _log((o + 0.5) / (n + 0.5)),
        # Without an event the formula gives hardly any spread: half an event stands for none.
        own_sd=lambda o, n: _rate_sd(np.maximum(o, 0.5), n),
        target_sd=lambda n, target: _rate_sd(n * target, n),
        to=_log,
        back=np.exp,
        trimming="winsorise",
        words="log scale",
    ),
    ("ratio", "log"): Scale(
        figure=lambda o, e: _log(np.maximum(o, 0.5) / e),  # the log of no event does not exist
        own_sd=lambda o, e: 1 / np.sqrt(e),
        target_sd=lambda e, target: 1 / np.sqrt(e),
        to=_log,
        back=np.exp,
        trimming="truncate",
        words="log scale",
    ),
    ("ratio", "sqrt"): Scale(
        figure=lambda o, e: np.sqrt(o / e),
        own_sd=lambda o, e: 1 / (2 * np.sqrt(e)),
        target_sd=lambda e, target: 1 / (2 * np.sqrt(e)),
        to=np.sqrt,
        back=_from_root,
        trimming="winsorise",
        words="square root scale",
    ),
}
"""The first scale of a kind is its usual one."""


def scales_of(kind: str) -> list[str]:
    """The transformations that a kind can have, the usual one first."""
    return [transformation for of, transformation in SCALES if of == kind]


# ---- how far units differ ----------------------------------------------------------------------


@dataclass(frozen=True)
class Dispersion:
    """How much more units differ than chance would have it.

    Attributes
    ----------
    phi : float
        Mean squared z after trimming; 1 if there is nothing but chance.
    tau2 : float
        Variance between units on the scale.
    used : int
        Units that phi rests on.
    """

    phi: float
    tau2: float
    used: int


def trimmed(z: Array, trim: float, trimming: Trimming) -> tuple[Array, npt.NDArray[np.bool_]]:
    """The z scores with extreme ones pulled in (or not used), and which units are used."""
    everyone = np.ones(len(z), dtype=bool)
    if trim == 0:
        return z, everyone
    if trimming == "winsorise":
        low, high = np.quantile(z, [trim, 1 - trim])  # numpy's usual quantiles are type 7
        return np.clip(z, low, high), everyone
    # Groups as by PROC RANK (SHMI): floor(rank / (trim (K + 1))), the first and last left out. A
    # hair above, because 0.1 (K + 1) is no exact number.
    place = stats.rankdata(z) / (len(z) + 1) + 1e-9
    return z, (place >= trim) & (place < 1 - trim)


FEWEST_LEFT = 3
"""If truncating would leave fewer units than this, nobody is left out."""


def dispersion(z: Array, s: Array, trim: float, trimming: Trimming) -> Dispersion:
    """The phi and tau² (DerSimonian and Laird) of the trimmed z scores."""
    kept, used = trimmed(z, trim, trimming)
    if used.sum() < FEWEST_LEFT:
        kept, used = z, np.ones(len(z), dtype=bool)
    k = int(used.sum())
    phi = float(np.mean(kept[used] ** 2))
    w = 1 / s[used] ** 2
    spread = float(w.sum() - (w**2).sum() / w.sum())
    return Dispersion(phi, max(0.0, (k * phi - (k - 1)) / spread), k)


def seen_after_trimming(trim: float, trimming: Trimming) -> float:
    """The mean square of standard normal z scores after trimming: below 1."""
    if trim == 0:
        return 1.0
    q = float(stats.norm.ppf(1 - trim))
    middle = 1 - 2 * trim - 2 * q * float(stats.norm.pdf(q))
    return middle + 2 * trim * q**2 if trimming == "winsorise" else middle / (1 - 2 * trim)


def share_outside(level: float, trim: float, trimming: Trimming, *, widened: bool) -> float:
    """The share of units outside limits if units scatter evenly, with nothing special about any.

    Limits that were widened rest on trimmed z scores, which scatter less than all of them do: they
    are narrower than their name says.
    """
    if not widened:
        return 1 - level
    reach = stats.norm.ppf(0.5 + level / 2) * np.sqrt(seen_after_trimming(trim, trimming))
    return 2 * float(stats.norm.sf(reach))


# ---- limits ------------------------------------------------------------------------------------


def exact_limits(size: Array, target: float, level: float, kind: FunnelKind) -> tuple[Array, Array]:
    """Exact binomial or Poisson limits, interpolated as by Spiegelhalter (2005, appendix A.1)."""
    tail = (1 - level) / 2
    chance = (
        stats.binom(size.astype(int), target)
        if kind == "proportion"
        else stats.poisson(size * target)
    )
    ends = []
    for p in (tail, 1 - tail):
        count = chance.ppf(p)
        above = chance.cdf(count)
        step = chance.pmf(count)
        part = np.divide(above - p, step, out=np.zeros_like(above), where=step > 0)
        ends.append(np.maximum(count - part, 0) / size)
    most = 1.0 if kind == "proportion" else np.inf
    return ends[0], np.minimum(ends[1], most)


def spread_limits(
    size: Array, target: float, level: float, scale: Scale, *, phi: float, tau2: float
) -> tuple[Array, Array]:
    """Limits on the scale, widened by a factor √phi or by a variance tau², and taken back."""
    reach = stats.norm.ppf(0.5 + level / 2) * np.sqrt(
        phi * scale.target_sd(size, target) ** 2 + tau2
    )
    middle = scale.to(np.array(target))
    return scale.back(middle - reach), scale.back(middle + reach)
