"""Options of a funnel, checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from qieval.analysis.funnel.methods.scales import (
    SCALES,
    FunnelKind,
    Scale,
    Transformation,
    Trimming,
    scales_of,
)
from qieval.core.errors import ParameterError, listed, require_one_of

Overdispersion = Literal["additive", "multiplicative", "none"]
Direction = Literal["lower", "higher", "neutral"]


@dataclass(frozen=True)
class Options:
    """Options that go together, with what was left open filled in."""

    overdispersion: Overdispersion
    transformation: Transformation
    scale: Scale
    trim: float
    trimming: Trimming
    levels: tuple[float, ...]


def options_of(
    kind: FunnelKind,
    overdispersion: Overdispersion,
    transformation: Transformation | None,
    trim: float,
    trimming: Trimming | None,
    levels: Sequence[float],
    direction: str,
) -> Options:
    """The options of a call.

    Raises
    ------
    ParameterError
        If one has no meaning or does not suit the kind.
    """
    require_one_of("kind", kind, ["proportion", "rate", "ratio"])
    require_one_of("overdispersion", overdispersion, ["additive", "multiplicative", "none"])
    require_one_of("direction", direction, ["lower", "higher", "neutral"])
    if trimming is not None:
        require_one_of("trimming", trimming, ["winsorise", "truncate"])
    known = scales_of(kind)
    if transformation is not None and transformation not in known:
        raise ParameterError(
            f"`transformation` of a {kind} must be one of {listed(known)}.",
            found=repr(transformation),
            remedy="Leave it out to have the usual one.",
        )
    chosen = transformation or known[0]
    scale = SCALES[kind, chosen]  # type: ignore[index]
    if not 0 <= trim < 0.5:
        raise ParameterError(
            "`trim` is the share of units at each end: at least 0 and below 0.5.", found=f"{trim:g}"
        )
    ordered = tuple(sorted(float(level) for level in levels))
    sound = all(0.5 <= level < 1 for level in ordered) and len(set(ordered)) == len(ordered)
    if not sound or not 1 <= len(ordered) <= 3:
        raise ParameterError(
            "`levels` must be one to three different shares, each from 0.5 to below 1.",
            found=repr(list(levels)),
            remedy="Write for instance `levels: [0.95, 0.998]`.",
        )
    return Options(
        overdispersion,
        chosen,  # type: ignore[arg-type]
        scale,
        trim,
        trimming or scale.trimming,
        ordered,
    )


def refuse_per(per: float, kind: FunnelKind) -> None:
    """Refuse a `per` that has no meaning."""
    if not per > 0:
        raise ParameterError("`per` must be above 0.", found=repr(per))
    if per != 1 and kind != "rate":
        raise ParameterError(
            f"`per` is for rates; a {kind} needs none.", found=f"{per:g}", remedy="Leave it out."
        )
