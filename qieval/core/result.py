"""What every analysis returns: one protocol, so that a page, a roll-up and a person can read it.

A result is a frozen record of tidy tables. Its words and its verdict are computed from those
tables, never typed. Its JSON form (:meth:`Result.to_dict`) is versioned: a roll-up reads result
files, never notebooks.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

import numpy as np
import pandas as pd

from qieval.core import hooks
from qieval.core.checks import Check, checks_table
from qieval.core.config import CONFIDENCE
from qieval.core.effect import Effect
from qieval.core.errors import DataError, listed
from qieval.core.estimates import Estimate
from qieval.core.sections import Section
from qieval.core.sustained import ADDED
from qieval.core.tables import Declaration, Table
from qieval.core.verdict import DESCRIBED, Verdict
from qieval.core.withheld import FEW, MANY, WITHHELD_COUNT, Release, filled, judged, worded

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FORMAT_VERSION = 3


People = Annotated[int, "a count of people"]
"""Type of a field that counts people, so that a release rounds it."""

_SAID = ("headline", "details", "alt_text", "view_words", "tables", "sections")
"""What a result says; see :mod:`qieval.core.withheld`."""


def rows_of(table: pd.DataFrame) -> Iterator[Any]:
    """Rows of a table, cells by column name."""
    return table.itertuples(index=False)


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
        ``id, check, status, detail``; status is pass, warn, fail or info.
    limits : tuple of str
        What no result of this kind can tell (of the class).
    release : Release or None
        What was withheld when it was released; None: its figures are exact.
    declared : tuple of Declaration
        What the columns of its data frames are (of the class).
    """

    params: dict[str, Any]
    points: pd.DataFrame
    estimates: pd.DataFrame
    checks: pd.DataFrame = dataclasses.field(default_factory=lambda: checks_table([]), kw_only=True)
    release: Release | None = dataclasses.field(default=None, kw_only=True)

    kind: ClassVar[str] = ""
    limits: ClassVar[tuple[str, ...]] = ()
    declared: ClassVar[tuple[Declaration, ...]] = ()
    checks_kept: ClassVar[tuple[str, ...]] = ()
    """Ids of checks whose words hold no count of people; a release keeps these as they are."""
    checks_of_means: ClassVar[tuple[str, ...]] = ()
    """Those that tell means: they are left out where the centre line is withheld."""
    middle: ClassVar[Literal["", "mean", "median"]] = ""
    """What the centre line of its chart is of the points of a phase; "": it has none."""
    limits_by_size: ClassVar[str] = ""
    """Data frame with the limits of its points by their size, the curve of a funnel; "": none."""
    figure_table: ClassVar[str] = "points"
    """The table that says what the figure shows."""
    told_by: ClassVar[dict[str, str]] = {}
    """Terms of the estimates that are there only if something was counted, and the field that holds
    how many: "record.count"."""
    follows: ClassVar[dict[str, tuple[str, ...]]] = {}
    """What a release withholds as a whole as soon as one count of a column is withheld, both as
    "frame.column"; "estimates:term" is the rows of the estimates whose name begins so."""
    _kinds: ClassVar[dict[str, type[Result]]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        Result._kinds[cls.kind] = cls
        # Whatever a result of any kind says, a released one says without what is withheld.
        for name in _SAID:
            if name in vars(cls):
                setattr(cls, name, worded(vars(cls)[name]))
        if "verdict" in vars(cls):
            own = vars(cls)["verdict"]
            if isinstance(own, functools.cached_property):
                own.func = judged(own.func)
            else:
                cls.verdict = property(judged(own.fget))  # type: ignore[assignment]

    def with_checks(self, rows: Iterable[Check]) -> Self:
        """The same result with its checks, which are made from its tables."""
        return dataclasses.replace(self, checks=checks_table(rows))

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

    @property
    def verdict(self) -> Verdict:
        """What it says, in one judgement; headline, page, index and roll-up read it."""
        return DESCRIBED

    @property
    def effect(self) -> Effect | None:
        """The change that a roll-up counts and averages; None if it tells none."""
        return None

    @property
    def false_claim(self) -> float | None:
        """The chance that its verdict claims a change where nothing changed; None if not known."""
        effect = self.effect
        tested = effect is not None and not effect.reason and np.isfinite(effect.p_value)
        return 1 - float(self.params.get("confidence") or CONFIDENCE) if tested else None

    @property
    def days_covered(self) -> tuple[pd.Timestamp, pd.Timestamp] | None:
        """First and last day (or first days of periods) that it tells of; None if it tells none."""
        for name in ("points", "periods"):
            table = getattr(self, name, None)
            for time in ("time", "period"):
                if table is not None and time in table and is_dates(table[time]):
                    days = table[time].dropna()
                    return (days.min(), days.max()) if len(days) else None
        first = self.params.get("count_from") or self.params.get("observed_from")
        last = self.params.get("extract_date")
        return (pd.Timestamp(first), pd.Timestamp(last)) if first and last else None

    @property
    def dates_of_change(self) -> tuple[tuple[pd.Timestamp, pd.Timestamp], ...]:
        """When each change began and when its effect was to be complete, as it was asked."""
        days = self.params.get("intervention") or self.params.get("rephase") or []
        days = [days] if isinstance(days, str) else days
        return tuple((pd.Timestamp(day), pd.Timestamp(day)) for day in days)

    @property
    def counts_people(self) -> bool:
        """Whether its counts are of people, so that a release withholds or rounds them."""
        return any(
            column.role in ("count", "denominator")
            for one in self.declarations()
            for column in one.columns
        )

    @property
    def one_person_a_point(self) -> bool:
        """Whether every point of its figure is one person or event, so that none may be shown."""
        return False

    def released(self, profile: str = "mhsds") -> Self:
        """The same result as it may be passed on: small counts withheld, others rounded.

        Shares are computed from the released counts; estimates of models stay. Its verdict is that
        of the exact figures, its words and tables are computed from the released ones alone.

        Parameters
        ----------
        profile : {"mhsds", "hes", "ons10", "internal"}
            Which counts are withheld, and how others are rounded.
        """
        return typing.cast(Self, hooks.release(self, profile))

    @functools.cached_property
    def is_worded_again(self) -> bool:
        """Whether it was released and something in it is withheld, so that its words avoid it."""
        release = self.release
        if release is None or release.copy is not None:
            return False
        parts = [one for _, value in self._parts() for one in _results_in(value)]
        counts = any(_is_withheld(self, field) for field in fields(self))
        return counts or release.count > 0 or any(one.is_worded_again for one in parts)

    @functools.cached_property
    def filled_copies(self) -> tuple[Self, Self]:
        """Of a released result: two copies with other numbers in the place of withheld ones."""
        release = self.release
        assert release is not None
        frames = {one.frame: one for one in self.declarations()}
        copies = []
        for copy in (0, 1):
            again = {field.name: _filled_count(self, field, copy) for field in fields(self)}
            again |= {
                name: filled(getattr(self, name), frames[name], rows, copy)
                for name, rows in release.withheld.items()
            }
            again |= {name: _nested(value, copy) for name, value in self._parts()}
            again["release"] = dataclasses.replace(release, copy=copy)
            copies.append(type(self)(**again))
        return copies[0], copies[1]

    def _parts(self) -> Iterator[tuple[str, Any]]:
        """Fields that are results themselves, or hold some by name."""
        for field in fields(self):
            value = getattr(self, field.name)
            if _results_in(value):
                yield field.name, value

    def made_again(
        self, frames: Mapping[str, pd.DataFrame], parts: Mapping[str, Any]
    ) -> dict[str, pd.DataFrame]:
        """Data frames of a release of this result whose figures follow from its other figures.

        Their exact figures would give exact counts back.

        Parameters
        ----------
        frames : mapping of str to DataFrame
            The released data frames with their index as a column: counts withheld or rounded.
        parts : mapping of str to Any
            By field: the results that this one holds, as they were released.
        """
        return {}

    def declarations(self) -> tuple[Declaration, ...]:
        """What the columns of its data frames are, those named in the call included."""
        return self.declared

    def verdict_on(self, project: str, team: str) -> Verdict | None:
        """What a result on a whole programme says of one project; None if it does not know it.

        Parameters
        ----------
        project : str
            Folder name of the project.
        team : str
            Its team or teams, as ``project.yml`` names them.
        """
        return None

    # ---- words ---------------------------------------------------------------------------------

    def headline(self) -> str:
        """The finding in one plain sentence; the heading of its page."""
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

    # ---- tables --------------------------------------------------------------------------------

    def tables(self) -> tuple[Table, ...]:
        """The tables that it shows: always "estimates" and "points", and others by name."""
        raise TypeError(f"{type(self).__name__} does not declare its tables")

    def sections(self) -> tuple[Section, ...]:
        """Further sections of the answer: words, a figure, a table."""
        return ()

    def table(self, name: str) -> Table:
        """One of the tables that it shows.

        Raises
        ------
        DataError
            If there is no such table.
        """
        tables = {table.name: table for table in self.tables()}
        if name not in tables:
            raise DataError(
                f"`{type(self).__name__}` has no table `{name}`.", found=f"tables {listed(tables)}"
            )
        return tables[name]

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the result (on `ax`, or on a new figure that is shown) and return the Axes.

        A notebook shows the figure below the cell, a script at ``matplotlib.pyplot.show()``.
        """
        axes: Axes = hooks.draw(self, ax)
        return axes

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.headline()}>"

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        bundle: tuple[dict[str, Any], dict[str, Any]] = hooks.show_result(self)
        return bundle

    def to_dict(self) -> dict[str, Any]:
        """The result as plain JSON values, with the version of this form."""
        body = {field.name: to_plain(getattr(self, field.name)) for field in fields(self)}
        return {"qieval_result": FORMAT_VERSION, "kind": self.kind, **body}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The result that :meth:`to_dict` wrote.

        Raises
        ------
        DataError
            If `data` is not a qieval result, one of another version or kind, or one of its fields
            is missing or damaged.
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
        return typing.cast(Self, rebuilt(target, data))


def _results_in(value: Any) -> list[Result]:
    """A field that is a result, or the results that it holds by name."""
    inner = list(value.values()) if isinstance(value, dict) else [value]
    return inner if all(isinstance(one, Result) for one in inner) else []


def _nested(value: Any, copy: int) -> Any:
    """A part of a released result, or parts by name, filled as the whole is."""
    if isinstance(value, dict):
        return {name: _nested(one, copy) for name, one in value.items()}
    return value if value.release is None else value.filled_copies[copy]


def _is_withheld(record: Any, field: dataclasses.Field[Any]) -> bool:
    """Whether a field, or one of the record that it holds, is a withheld count."""
    value = getattr(record, field.name)
    if isinstance(value, Release | Result) or not dataclasses.is_dataclass(value):
        if not isinstance(value, int) or value != WITHHELD_COUNT:
            return False
        return bool(typing.get_type_hints(type(record), include_extras=True)[field.name] == People)
    return any(_is_withheld(value, inner) for inner in fields(value))


def _filled_count(record: Any, field: dataclasses.Field[Any], copy: int) -> Any:
    """A field, with a number in the place of a withheld count in it or in the record it holds."""
    value = getattr(record, field.name)
    if not _is_withheld(record, field):
        return value
    if isinstance(value, int):
        return (FEW, MANY)[copy]
    inner = {one.name: _filled_count(value, one, copy) for one in fields(value)}
    return dataclasses.replace(typing.cast(Any, value), **inner)


def to_plain(value: Any) -> Any:
    """JSON values for what results hold; tables keep their column types and index."""
    if isinstance(value, Result):
        return value.to_dict()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, pd.DataFrame):
        frame = value.reset_index() if value.index.name else value.reset_index(drop=True)
        return {
            "table": {str(name): _column(frame[name]) for name in frame.columns},
            "dates": [str(n) for n in frame.columns if is_dates(frame[n])],
            "index": value.index.name,
        }
    if isinstance(value, dict):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return [to_plain(item) for item in value.tolist()]
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
_INFINITE = {_INFINITY: np.inf, f"-{_INFINITY}": -np.inf}


def is_dates(column: pd.Series) -> bool:
    """Whether a column holds dates."""
    return pd.api.types.is_datetime64_any_dtype(column)


def _column(column: pd.Series) -> list[Any]:
    return [to_plain(item) for item in column.tolist()]


# ---- from plain values back to what a field holds ----------------------------------------------


def rebuilt(target: type, data: Mapping[str, Any]) -> Any:
    """A dataclass from its fields as plain values, by the types that it declares for them."""
    hints = _hints(target)
    body = {}
    for field in fields(target):
        if field.name not in data:
            if field.metadata.get(ADDED):
                continue  # a file of an earlier qieval does without it
            raise DataError(
                "This result is damaged: a field is missing.", found=f"no `{field.name}`"
            )
        try:
            body[field.name] = from_plain(data[field.name], hints[field.name])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise DataError(
                "This result is damaged: a field cannot be read.", found=f"`{field.name}`"
            ) from error
    return target(**body)


@functools.lru_cache
def _hints(target: type) -> dict[str, Any]:
    return typing.get_type_hints(target)


def from_plain(value: Any, hint: Any) -> Any:
    """A plain JSON value as the type that `hint` names."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        if value is None and type(None) in args:
            return None
        return from_plain(value, next(arg for arg in args if arg is not type(None)))
    if hint is float:
        return np.nan if value is None else float(_INFINITE.get(value, value))
    if hint is date:
        return date.fromisoformat(value)
    if hint is pd.Timestamp:
        return pd.Timestamp(value)
    if hint is pd.DataFrame or _is_table(value):
        return _table_from_plain(value)
    if isinstance(value, dict) and "qieval_result" in value:
        return Result.from_dict(value)
    if isinstance(hint, type) and hasattr(hint, "_fields"):  # a named tuple
        return hint(*(from_plain(v, h) for v, h in zip(value, _hints(hint).values(), strict=True)))
    if dataclasses.is_dataclass(hint):
        if not isinstance(value, Mapping):
            raise TypeError("a record is a mapping of its fields")
        return rebuilt(typing.cast(type, hint), value)
    if origin is tuple:
        each = args[:1] * len(value) if args[-1:] == (Ellipsis,) else args
        return tuple(from_plain(item, one) for item, one in zip(value, each, strict=True))
    if origin is list:
        return [from_plain(item, args[0]) for item in value]
    if isinstance(value, dict):
        inner = args[1] if len(args) == 2 else Any
        return {key: from_plain(item, inner) for key, item in value.items()}
    return [from_plain(item, Any) for item in value] if isinstance(value, list) else value


def _is_table(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"table", "dates", "index"}


def _table_from_plain(value: Any) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            name: pd.to_datetime(pd.Series(column, dtype="str"))
            if name in value["dates"]
            else _numbers_or_objects(column)
            for name, column in value["table"].items()
        }
    )
    return frame.set_index(value["index"]) if value["index"] else frame


def _numbers_or_objects(column: list[Any]) -> pd.Series:
    read = [_INFINITE.get(item, item) if isinstance(item, str) else item for item in column]
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
