"""Options of a chart: checked, and in plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from qieval.analysis.spc.methods.phases import Phases
from qieval.analysis.spc.methods.series import Series
from qieval.core.aim import read_aim
from qieval.core.errors import ParameterError, listed, require_one_of

Direction = Literal["lower", "higher", "neutral"]
Scales = Literal["auto", "shared", "free"]
Events = pd.DataFrame | Sequence[Mapping[str, Any]] | None


def check(**choices: tuple[str, tuple[str, ...]]) -> None:
    """Refuse what is none of the choices: parameter → (what was given, what there is)."""
    for name, (given, known) in choices.items():
        require_one_of(name, given, known)


def check_numbers(per: float, target: float | None, aim: Mapping[str, Any] | str | None) -> None:
    """Refuse units of a denominator or a target that are no numbers, and a damaged aim."""
    read_aim(aim)
    if not _is_number(per) or per <= 0:
        raise ParameterError("`per` must be above zero.", found=repr(per))
    if target is not None and not _is_number(target):
        raise ParameterError(
            "`target` must be a number.",
            found=repr(target),
            remedy="Give it in the unit of the chart, or leave it out.",
        )


def _is_number(given: object) -> bool:
    return isinstance(given, int | float | np.number) and bool(np.isfinite(given))


def groups(by: str | Sequence[str] | None) -> list[str]:
    """The group columns; none for a single chart."""
    names = [by] if isinstance(by, str) else list(dict.fromkeys(by or ()))
    if len(names) > 2:
        raise ParameterError(
            "`by` takes one or two columns.",
            found=listed(names),
            remedy="Choose the rows of one ward, team or area with `where:`.",
        )
    return names


def lengths(series: Series, phases: Phases) -> list[int]:
    """Counted points of each phase; of several units, of the one in the middle."""
    used = series.present & ~phases.excluded
    counts = [(used & phases.of(which)).sum(axis=1) for which in range(phases.count)]
    return [int(np.median(count[count > 0])) for count in counts]


def phases_as_plain(phases: Phases, baseline: Any) -> dict[str, Any]:
    """Baseline, rephases and exclusions in plain values."""
    plain = baseline is None or isinstance(baseline, int)
    return {
        "baseline": baseline if plain else str(baseline)[:10],
        "rephase": {f"{when:%Y-%m-%d}": why for when, why in phases.starts},
        "exclude": {f"{when:%Y-%m-%d}": why for when, why in phases.reasons},
    }


def unit_of(kind: str, value: str | None, denominator: str | None, per: float) -> str:
    """The unit of the plotted value in words, from the names of the columns."""
    if value is None:
        return "days"
    if kind in ("p", "pp") and per in (1, 100):
        share = f"of {str(denominator).replace('_', ' ')}"
        return f"% {share}" if per == 100 else f"as a proportion {share}"
    total = value.replace("_", " ")
    if denominator is None:
        return total
    if denominator == "days_in_period" and per == 1:
        return f"{total} a day"
    many = f"{per:,g} " if per != 1 else ""
    return f"{total} per {many}{denominator.replace('_', ' ')}"
