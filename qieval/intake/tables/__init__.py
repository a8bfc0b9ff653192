"""The kinds of tables that qieval reads. A new kind is one module here, named below."""

from __future__ import annotations

from qieval.core.errors import ParameterError, did_you_mean, listed
from qieval.intake.tables.audit import AUDIT
from qieval.intake.tables.cases import CASES, REASONS
from qieval.intake.tables.events import EVENTS
from qieval.intake.tables.involvement import INVOLVEMENT
from qieval.intake.tables.kind import Kind, RowRule, column
from qieval.intake.tables.pdsa import PDSA
from qieval.intake.tables.quotes import QUOTES
from qieval.intake.tables.responses import RESPONSES
from qieval.intake.tables.returns import RETURNS
from qieval.intake.tables.series import BEDS, SERIES, UNITS
from qieval.intake.tables.spells import LEAVE, SPELLS
from qieval.intake.tables.waits import WAITS

_IN_ORDER = (
    *(PDSA, AUDIT, WAITS, LEAVE, SPELLS, INVOLVEMENT, EVENTS, RETURNS, BEDS, QUOTES),
    *(CASES, REASONS, RESPONSES, SERIES, UNITS),
)
"""Of kinds that a file fits alike, the one that needs more comes first: it is proposed."""

KINDS: dict[str, Kind] = {kind.name: kind for kind in _IN_ORDER}

__all__ = ["KINDS", "Kind", "RowRule", "column", "kind_named"]


def kind_named(name: str) -> Kind:
    """The kind of table of that name."""
    if name in KINDS:
        return KINDS[name]
    raise ParameterError(
        f"There is no kind of table `{name}`.",
        found=f"known: {listed(KINDS)}",
        remedy=did_you_mean(str(name), KINDS),
        where="kind",
    )
