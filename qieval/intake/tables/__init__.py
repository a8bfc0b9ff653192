"""The kinds of tables that qieval reads. A new kind is one module here and one row in ``KINDS``."""

from __future__ import annotations

from qieval.core.errors import ParameterError, listed, nearest
from qieval.intake.tables.kind import Kind, RowRule, column
from qieval.intake.tables.leave import LEAVE
from qieval.intake.tables.series import SERIES
from qieval.intake.tables.spells import SPELLS
from qieval.intake.tables.units import UNITS

KINDS: dict[str, Kind] = {
    "spells": SPELLS,
    "leave": LEAVE,
    "series": SERIES,
    "units": UNITS,
}

__all__ = ["KINDS", "Kind", "RowRule", "column", "kind_named"]


def kind_named(name: str) -> Kind:
    """The kind of table of that name.

    Raises
    ------
    ParameterError
        If there is none; with the nearest name.
    """
    if name in KINDS:
        return KINDS[name]
    guess = nearest(str(name), KINDS)
    raise ParameterError(
        f"There is no kind of table `{name}`.",
        found=f"known: {listed(KINDS)}",
        remedy=f"Did you mean `{guess}`?" if guess else None,
        where="kind",
    )
