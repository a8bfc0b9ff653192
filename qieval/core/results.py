"""What every analysis returns: one protocol, so that a page, a roll-up and a person can read it.

A result is a frozen record of tidy tables. Its words are computed from those tables, never typed.
Its JSON form (:meth:`Result.to_dict`) is versioned: a roll-up reads result files, never notebooks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple, Self

import numpy as np
import pandas as pd

from qieval.core import hooks
from qieval.core.errors import DataError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FORMAT_VERSION = 1

ESTIMATE_COLUMNS = [
    "estimate",
    "se",
    "ci_low",
    "ci_high",
    "p_value",
    "df",
    "unit",
    "n",
    "method",
]
CHECK_COLUMNS = ["check", "status", "detail"]

Status = Literal["pass", "warn", "fail", "info"]


class Estimate(NamedTuple):
    """One row of the estimates as plain numbers."""

    value: float
    low: float
    high: float
    unit: str
    n: int

    @property
    def side(self) -> int:
        """-1 or 1 if the interval lies wholly below or above zero, else 0."""
        return int(self.low > 0) - int(self.high < 0)


def rows_of(table: pd.DataFrame) -> Iterator[Any]:
    """Rows of a table, cells by column name."""
    return table.itertuples(index=False)


def checks_table(rows: list[tuple[str, Status, str]]) -> pd.DataFrame:
    """A checks table from (check, status, detail) rows."""
    return pd.DataFrame(rows, columns=CHECK_COLUMNS)


@dataclass(frozen=True, eq=False)
class Result:
    """What an analysis found.

    Attributes
    ----------
    params : dict
        What was asked: every parameter of the call, plain values only.
    points : DataFrame
        Tidy rows behind the figure, one a point.
    estimates : DataFrame
        One row a term (index ``term``): ``estimate, se, ci_low, ci_high, p_value, df, unit, n,
        method``.
    checks : DataFrame
        ``check, status, detail``; status is pass, warn, fail or info.
    limits : tuple of str
        What no result of this kind can tell (of the class).
    """

    params: dict[str, Any]
    points: pd.DataFrame
    estimates: pd.DataFrame
    checks: pd.DataFrame

    kind: ClassVar[str] = ""
    limits: ClassVar[tuple[str, ...]] = ()
    _kinds: ClassVar[dict[str, type[Result]]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        Result._kinds[cls.kind] = cls

    def term(self, name: str) -> Estimate:
        """A row of the estimates."""
        row = self.estimates.loc[name].to_dict()
        return Estimate(
            float(row["estimate"]),
            float(row["ci_low"]),
            float(row["ci_high"]),
            str(row["unit"]),
            int(row["n"]),
        )

    def headline(self) -> str:
        """The finding in one plain sentence; the figure's title."""
        raise TypeError(f"{type(self).__name__} does not say its headline")

    def details(self) -> str:
        """How sure the finding is and what it can be put down to, in a few plain sentences."""
        raise TypeError(f"{type(self).__name__} does not say its details")

    def summary(self) -> str:
        """The finding and its details, for a ward manager."""
        return f"{self.headline()} {self.details()}"

    def alt_text(self) -> str:
        """What the figure shows, for people who cannot see it: the finding first."""
        raise TypeError(f"{type(self).__name__} does not say its alt text")

    def view_words(self, view: str) -> tuple[str, str]:
        """Title of a further view of the result, and what it shows in a sentence or two."""
        raise TypeError(f"{type(self).__name__} has no view `{view}`")

    def estimates_in_words(self) -> tuple[pd.DataFrame, str]:
        """The estimates under plain names, for the page, and the table's caption."""
        raise TypeError(f"{type(self).__name__} does not say its estimates in words")

    def points_in_words(self) -> pd.DataFrame:
        """The rows behind the figure with plain column heads."""
        raise TypeError(f"{type(self).__name__} does not say its points in words")

    def sensitivity_in_words(self) -> tuple[pd.DataFrame, str]:
        """The same question with other choices, for the page, and the table's caption."""
        raise TypeError(f"{type(self).__name__} was asked one way only")

    def comparisons_in_words(self) -> tuple[pd.DataFrame, str]:
        """With controls: the answer by each way of using them, and the table's caption."""
        raise TypeError(f"{type(self).__name__} has no controls")

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the result (on `ax`, or on a new figure) and return the Axes."""
        axes: Axes = hooks.draw(self, ax)
        return axes

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.headline()}>"

    def _repr_html_(self) -> str:
        table = self.estimates[["estimate", "ci_low", "ci_high", "unit"]].to_html(
            float_format=lambda value: f"{value:.3g}", border=0
        )
        return f"<p><strong>{self.headline()}</strong></p>{table}"

    def to_dict(self) -> dict[str, Any]:
        """The result as plain JSON values, with the version of this form."""
        body = {field.name: _to_plain(getattr(self, field.name)) for field in fields(self)}
        return {"qieval_result": FORMAT_VERSION, "kind": self.kind, **body}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The result that :meth:`to_dict` wrote.

        Raises
        ------
        DataError
            If `data` is not a qieval result, or one of another version or kind.
        """
        if not isinstance(data, dict) or "qieval_result" not in data:
            raise DataError(
                "This is not a qieval result.",
                remedy="Give a file `*.result.json` that `qieval run` wrote.",
            )
        if data["qieval_result"] != FORMAT_VERSION:
            raise DataError(
                "This result has another version of the result format.",
                found=f"version {data['qieval_result']}; this qieval reads {FORMAT_VERSION}",
                remedy="Run the evaluation again with this qieval.",
            )
        target = cls._kinds.get(data.get("kind", "")) if cls is Result else cls
        if target is None or target.kind != data.get("kind"):
            raise DataError(
                "This result is of another kind.",
                found=f"`{data.get('kind')}`",
                remedy=f"This reader takes `{cls.kind or ', '.join(filter(None, cls._kinds))}`.",
            )
        body = {field.name: _from_plain(data[field.name]) for field in fields(target)}
        return target(**body)  # type: ignore[return-value]


def _to_plain(value: Any) -> Any:
    """JSON values for what results hold; tables keep their column types and index."""
    if isinstance(value, Result):
        return value.to_dict()
    if isinstance(value, pd.DataFrame):
        frame = value.reset_index() if value.index.name else value.reset_index(drop=True)
        return {
            "table": {str(name): _column(frame[name]) for name in frame.columns},
            "dates": [str(n) for n in frame.columns if is_dates(frame[n])],
            "index": value.index.name,
        }
    if isinstance(value, dict):
        return {str(key): _to_plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_to_plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return [_to_plain(item) for item in value.tolist()]
    if isinstance(value, pd.Timestamp | date):
        return value.isoformat()[:10]
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, float) and np.isinf(value):
        return _INFINITY if value > 0 else f"-{_INFINITY}"  # JSON has no infinite number
    if isinstance(value, str | int | float | bool):
        return value
    raise DataError(f"A result cannot hold a value of type `{type(value).__name__}`.")


_INFINITY = "Infinity"


def is_dates(column: pd.Series) -> bool:
    """Whether a column holds dates."""
    return pd.api.types.is_datetime64_any_dtype(column)


def _column(column: pd.Series) -> list[Any]:
    return [_to_plain(item) for item in column.tolist()]


def _from_plain(value: Any) -> Any:
    if isinstance(value, dict) and set(value) == {"table", "dates", "index"}:
        frame = pd.DataFrame(
            {
                name: pd.to_datetime(pd.Series(column, dtype="str"))
                if name in value["dates"]
                else _numbers_or_objects(column)
                for name, column in value["table"].items()
            }
        )
        return frame.set_index(value["index"]) if value["index"] else frame
    if isinstance(value, dict) and "qieval_result" in value:
        return Result.from_dict(value)
    if isinstance(value, dict):
        return {key: _from_plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_from_plain(item) for item in value]
    return value


def _numbers_or_objects(column: list[Any]) -> pd.Series:
    infinite = {_INFINITY: np.inf, f"-{_INFINITY}": -np.inf}
    read = [infinite.get(item, item) if isinstance(item, str) else item for item in column]
    present = [item for item in read if item is not None]
    numeric = all(isinstance(item, int | float) and not isinstance(item, bool) for item in present)
    column = read if numeric else column
    if numeric and (len(present) < len(column) or not present):
        return pd.Series(column, dtype="float64")
    return pd.Series(column)


def to_json(result: Result | dict[str, Any]) -> str:
    """A result, or what its :meth:`Result.to_dict` gave, as the text of a result file."""
    plain = result.to_dict() if isinstance(result, Result) else result
    return json.dumps(plain, ensure_ascii=False, allow_nan=False, indent=1)
