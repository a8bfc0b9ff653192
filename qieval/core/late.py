"""Ibis, loaded when a table in a database is first asked something.

Loading it takes as long as reading a workbook, which needs none of it. What stands here is used as
the package itself is: ``from qieval.core.late import ibis, ir``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__all__ = ["BaseBackend", "ibis", "ir"]

if TYPE_CHECKING:
    import ibis
    import ibis.expr.types as ir
    from ibis.backends import BaseBackend
else:

    class _Late:
        """A module that is loaded when something of it is first used."""

        def __init__(self, load) -> None:
            self._load = load

        def __getattr__(self, name: str) -> Any:
            return getattr(self._load(), name)

    ibis = _Late(lambda: import_module("ibis"))
    ir = _Late(lambda: import_module("ibis.expr.types"))
    BaseBackend = Any  # for annotations only
