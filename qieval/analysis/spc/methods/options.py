"""Options of a chart: checked, and in plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from qieval.analysis.spc.methods.phases import Dated, Phases
from qieval.analysis.spc.methods.series import Series
from qieval.core.aim import read_aim
from qieval.core.columns import is_number
from qieval.core.errors import ParameterError, listed, require_one_of

Direction = Literal["lower", "higher", "neutral"]
Scales = Literal["auto", "shared", "free"]
Events = pd.DataFrame | Sequence[Mapping[str, Any]] | None


def check(**choices: tuple[str, tuple[str, ...]]) -> None:
    """Refuse what is none of the choices: parameter → (what was given, what there is)."""
    for name, (given, known) in choices.items():
        require_one_of(name, given, known)


def check_numbers(per: float, aim: Mapping[str, Any] | str | None) -> None:
    """Refuse units of a denominator that are no number, and a damaged aim."""
    read_aim(aim)
    if not is_number(per) or per <= 0:
        raise ParameterError("`per` must be above zero.", found=repr(per))


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
    """Baseline, rephases and exclusions in plain values; those of a group below its name."""
    return {
        "baseline": _plain_end(baseline),
        "rephase": _plain_dates(phases.starts),
        "exclude": _plain_dates(phases.exclusions),
    }


def _plain_dates(dated: Sequence[Dated]) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for one in dated:
        of = plain.setdefault(one.group, {}) if one.group else plain
        of[f"{one.moment:%Y-%m-%d}"] = one.why
    return plain


def _plain_end(baseline: Any) -> Any:
    if isinstance(baseline, Mapping):
        return {str(group): _plain_end(end) for group, end in baseline.items()}
    if isinstance(baseline, Sequence) and not isinstance(baseline, str):
        return [_plain_end(end) for end in baseline]
    return baseline if baseline is None or isinstance(baseline, int) else str(baseline)[:10]


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
