"""What holds for every result: declared tables, JSON there and back, figures that a table shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields

import pandas as pd
import pytest

from qieval.core.result import Result

NOT_DECLARED = ("checks",)
_FIGURE = re.compile(r"(?<![\w.,])\d+(?:,\d{3})*(?:\.\d+)?%?")


def every_column_is_declared(result: Result) -> None:
    """Every column of every data frame has a role, and no declaration names another."""
    declared = {one.frame: one for one in result.declared}
    for field in fields(result):
        frame = getattr(result, field.name)
        if not isinstance(frame, pd.DataFrame) or field.name in NOT_DECLARED:
            continue
        assert field.name in declared, f"{field.name} is not declared"
        columns = list(frame.reset_index().columns if frame.index.name else frame.columns)
        names = [column.name for column in declared[field.name].columns]
        assert set(columns) == set(names), field.name
        for column in declared[field.name].columns:
            belongs_to = column.of.split("/") if column.of else []
            assert set(belongs_to) <= set(names), f"{field.name}: {column.name} of {column.of}"


def it_travels(result: Result) -> Result:
    """The result as JSON and back says and shows the same."""
    again = Result.from_dict(result.to_dict())
    assert type(again) is type(result)
    assert again.verdict == result.verdict
    assert again.summary() == result.summary()
    assert again.alt_text() == result.alt_text()
    for one, other in zip(result.tables(), again.tables(), strict=True):
        assert one.to_text() == other.to_text()
        assert one.to_csv() == other.to_csv()
    assert [part.words for part in again.sections()] == [part.words for part in result.sections()]
    return again


def figures_of_the_headline_are_in_a_table(result: Result, *but: str) -> None:
    """Every figure of the headline stands in a table of the result, or in what was asked."""
    tables = [*result.tables(), *(s.table for s in result.sections() if s.table is not None)]
    shown = " ".join(
        " ".join([table.caption, *(f"{c.head} {' '.join(c.cells)}" for c in table.shown)])
        for table in tables
    )
    known = {figure.rstrip("%") for figure in _FIGURE.findall(f"{shown} {result.params}")}
    known |= {figure.rstrip("%") for figure in _FIGURE.findall(" ".join(but))}
    for figure in _FIGURE.findall(result.headline()):
        assert figure.rstrip("%") in known, f"{figure} of the headline stands in no table"


def check(result: Result, *but: str) -> None:
    """All of them; `but` holds figures of the headline that are no data, such as a date."""
    every_column_is_declared(result)
    it_travels(result)
    figures_of_the_headline_are_in_a_table(result, *but)
    assert result.checks["id"].str.fullmatch(r"[a-z0-9_]+").all()


@contextmanager
def refused(kind: type[Exception], *words: str) -> Iterator[None]:
    """What stands below is refused, and the message holds these words."""
    with pytest.raises(kind) as error:
        yield
    for part in words:
        assert part in str(error.value)
