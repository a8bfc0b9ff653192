"""Do the results of a programme come out again: run anew, and compared figure by figure."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from qieval.batch.manifest import read_manifest
from qieval.batch.plan import plan
from qieval.batch.records import Record
from qieval.batch.run import run
from qieval.catalogue import read_result
from qieval.core.config import load_settings
from qieval.core.errors import ParameterError, QievalError

Kind = Literal["reproduced", "differs", "data changed", "gone"]

_MARKS: dict[Kind, str] = {"reproduced": "●", "differs": "✗", "data changed": "◇", "gone": "✗"}

CLOSE = 1e-9
"""Relative difference up to which two numbers are the same: processors differ in the last bits."""

_MOST_NAMED = 5
_DEPENDS = ("data", "parameters", "notebook", "results")


@dataclass(frozen=True)
class Outcome:
    """How one evaluation came out when it was run again.

    Attributes
    ----------
    name : str
        ``project/notebook[.label]``.
    kind : str
        reproduced; differs, though what it rests on is the same; data changed, and with it what it
        rests on; gone: it is not among the parameter files any more.
    where : tuple of str
        What differs: fields of the result, "points.value, row 3"; or what has changed.
    """

    name: str
    kind: Kind
    where: tuple[str, ...] = ()

    @property
    def mark(self) -> str:
        """A shape for its kind."""
        return _MARKS[self.kind]

    @property
    def differs(self) -> bool:
        """Whether it did not come out again."""
        return self.kind != "reproduced"

    @property
    def words(self) -> str:
        """In a few words."""
        if not self.where:
            return self.kind
        more = len(self.where) - _MOST_NAMED
        shown = "; ".join(self.where[:_MOST_NAMED])
        return f"{self.kind}: {shown}{f' and {more} more' if more > 0 else ''}"


def reproduce(outputs: Path, root: Path) -> list[Outcome]:
    """Run every evaluation of a programme again, elsewhere, and compare what comes out.

    Parameters
    ----------
    outputs : Path
        The programme's folder in ``outputs/``; nothing in it is changed.
    root : Path
        The workspace with the parameters and the data.

    Returns
    -------
    list of Outcome
        In the order of their names.

    Raises
    ------
    ParameterError
        If the folder holds no finished run.
    """
    before = read_manifest(outputs)
    if before is None:
        raise ParameterError(
            "There is nothing to run again.",
            found=f"no finished run in `{outputs.name}`",
            remedy="Give a programme's folder in outputs/.",
        )
    with tempfile.TemporaryDirectory() as folder:
        settings = replace(load_settings(root), outputs=Path(folder))
        planned = plan([root / "params" / before.programme], root)
        run(planned, lambda notebook, record: "", settings)
        again = read_manifest(Path(folder) / before.programme)
        records = again.records if again else {}
        return [
            _outcome(record, records.get(name), outputs, Path(folder) / before.programme)
            for name, record in sorted(before.records.items())
        ]


def _outcome(before: Record, again: Record | None, old: Path, new: Path) -> Outcome:
    name = before.evaluation
    if again is None:
        return Outcome(name, "gone")
    changed = tuple(
        part
        for part in _DEPENDS
        if before.depends_on.get(part) != again.depends_on.get(part) and part in before.depends_on
    )
    try:
        where = tuple(_differences(_found(before, old), _found(again, new)))
    except QievalError as error:
        where = (error.problem,)
    if not where:
        return Outcome(name, "reproduced")
    if "data" in changed or "parameters" in changed:
        return Outcome(name, "data changed", (", ".join(changed), *where))
    return Outcome(name, "differs", where)


def _found(record: Record, folder: Path) -> dict[str, Any]:
    """What an evaluation found: its result, or why there is none."""
    file = record.files.get("result")
    return read_result(folder / file).to_dict() if file else {"status": record.status}


def _differences(one: Any, other: Any, at: str = "") -> Iterator[str]:
    """Where two results differ, by field, column and row."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in [*one, *(key for key in other if key not in one)]:
            inner = at if key == "table" else f"{at}.{key}" if at else str(key)
            yield from _differences(one.get(key), other.get(key), inner)
    elif isinstance(one, list) and isinstance(other, list):
        if len(one) != len(other):
            yield f"{at}: {len(one)} and {len(other)} rows"
            return
        for row, (a, b) in enumerate(zip(one, other, strict=True), start=1):
            yield from _differences(a, b, f"{at}, row {row}")
    elif not _same(one, other):
        yield at


def _same(one: Any, other: Any) -> bool:
    numbers = all(isinstance(x, int | float) and not isinstance(x, bool) for x in (one, other))
    return math.isclose(one, other, rel_tol=CLOSE, abs_tol=CLOSE) if numbers else one == other
