"""Totals among their parts: found by their sums alone, and never where there are none."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import qieval as qi
from qieval.core.errors import DataError
from qieval.intake.reading.meaning.aggregates import find_aggregates

MONTHS = pd.date_range("2024-01-01", periods=6, freq="MS")


def long_table(seed: int, sizes: dict[str, int]) -> pd.DataFrame:
    """A long table of counts: every combination of the levels of some factors, each month."""
    levels = {name: [f"{name}{number}" for number in range(size)] for name, size in sizes.items()}
    rows = [*itertools.product(MONTHS, *levels.values())]
    table = pd.DataFrame(rows, columns=["period", *levels])
    table["count"] = np.random.default_rng(seed).integers(0, 200, len(table)).astype(float)
    return table


def with_total(table: pd.DataFrame, factor: str, name: str, parts: list[str]) -> pd.DataFrame:
    chosen = table[table[factor].isin(parts)]
    keys = [column for column in table if column not in (factor, "count")]
    total = chosen.groupby(keys, as_index=False)["count"].sum()
    return pd.concat([table, total.assign(**{factor: name})], ignore_index=True)


def found(table: pd.DataFrame, *factors: str) -> dict[str, dict[str, tuple[str, ...]]]:
    said = find_aggregates(table, factors=factors, figures=["count"], keys=["period"])
    return {
        factor: {one.level: tuple(sorted(one.parts)) for one in said.totals if one.column == factor}
        for factor in factors
    }


@given(
    seed=st.integers(0, 10_000),
    sizes=st.tuples(st.integers(2, 6), st.integers(2, 5), st.integers(2, 4)),
    which=st.sets(st.sampled_from(["a", "b", "c"]), min_size=1),
)
def test_every_total_is_found_and_the_factor_is_two_for_each(
    seed: int, sizes: tuple[int, int, int], which: set[str]
) -> None:
    names = dict(zip("abc", sizes, strict=True))
    table = long_table(seed, names)
    for factor in sorted(which):
        table = with_total(table, factor, "every", sorted(set(table[factor])))
    table = table.sample(frac=1, random_state=seed).reset_index(drop=True)
    said = find_aggregates(table, factors=["a", "b", "c"], figures=["count"], keys=["period"])
    assert {one.column for one in said.totals} == which
    assert all(one.level == "every" and one.all_others for one in said.totals)
    assert said.times == pytest.approx(2 ** len(which))
    assert (said.is_total == table[["a", "b", "c"]].eq("every").any(axis=1)).all()


@given(seed=st.integers(0, 10_000), size=st.integers(3, 8))
def test_no_total_is_found_where_there_is_none(seed: int, size: int) -> None:
    table = long_table(seed, {"a": size, "b": 3})
    assert found(table, "a", "b") == {"a": {}, "b": {}}


def test_sums_of_some_levels_and_sums_of_sums() -> None:
    table = long_table(1, {"a": 6, "b": 4})
    table = with_total(table, "a", "north", ["a0", "a1"])
    table = with_total(table, "a", "south", ["a2", "a3", "a4"])
    table = with_total(table, "a", "all", [f"a{number}" for number in range(6)])
    said = found(table, "a", "b")["a"]
    assert said == {
        "north": ("a0", "a1"),
        "south": ("a2", "a3", "a4"),
        "all": ("a0", "a1", "a2", "a3", "a4", "a5"),
    }


def test_a_level_that_repeats_another() -> None:
    table = with_total(long_table(2, {"a": 4, "b": 3}), "a", "again", ["a2"])
    assert found(table, "a", "b")["a"] in ({"again": ("a2",)}, {"a2": ("again",)})


def test_one_wrong_figure_is_no_sum() -> None:
    table = with_total(long_table(3, {"a": 4, "b": 3}), "a", "all", ["a0", "a1", "a2", "a3"])
    last = table.index[-1]
    table.loc[last, "count"] += 1
    assert found(table, "a", "b")["a"] == {}


def test_withheld_parts_do_not_hide_a_total() -> None:
    table = with_total(long_table(4, {"a": 4, "b": 3}), "a", "all", ["a0", "a1", "a2", "a3"])
    table.loc[[0, 7, 20], "count"] = np.nan
    assert "all" in found(table, "a", "b")["a"]


def test_a_column_that_a_factor_decides_is_no_reason_to_miss_its_total() -> None:
    table = with_total(long_table(5, {"a": 5, "b": 3}), "a", "all", [f"a{n}" for n in range(5)])
    table["quality"] = np.where(table["a"] == "all", "d", None)
    assert "all" in found(table, "a", "b", "quality")["a"]


def nested(complete: bool) -> pd.DataFrame:
    """Boards with rows of their own beside those of their hospitals; all of them, or one less."""
    rows = []
    for period, number in itertools.product(MONTHS, range(4)):
        values = np.random.default_rng(number * 100 + period.month).integers(20, 90, 3)
        listed = range(3 if complete else 2)
        rows += [(period, f"B{number}", f"B{number}h{at}", values[at]) for at in listed]
        rows.append((period, f"B{number}", f"B{number}", values.sum()))
    table = pd.DataFrame(rows, columns=["period", "board", "place", "count"])
    whole = table[table["board"] == table["place"]].groupby("period", as_index=False)["count"].sum()
    whole = whole.assign(board="All", place="All")
    return pd.concat([table, whole], ignore_index=True).astype({"count": float})


def test_parts_that_lie_within_others_and_do_not_add_up_to_them() -> None:
    said = find_aggregates(
        nested(False), factors=["board", "place"], figures=["count"], keys=["period"]
    )
    assert [(one.level, len(one.parts)) for one in said.totals] == [("All", 4)]
    (short,) = said.incomplete
    assert (short.column, short.within, len(short.inner)) == ("place", "board", 8)
    assert 0.4 < short.share < 0.9


def test_parts_that_lie_within_others_and_add_up_to_them() -> None:
    said = find_aggregates(
        nested(True), factors=["board", "place"], figures=["count"], keys=["period"]
    )
    assert {one.level for one in said.totals} == {"All", "B0", "B1", "B2", "B3"}
    assert said.incomplete == ()
    assert said.times == pytest.approx(3)


# --- what reading does about it ------------------------------------------------------------------


def written(folder: Path, table: pd.DataFrame) -> Path:
    file = folder / "long.csv"
    table.assign(period=table["period"].dt.strftime("%Y-%m")).to_csv(file, index=False)
    return file


def test_reading_asks_leaves_out_or_keeps(tmp_path: Path) -> None:
    table = with_total(long_table(6, {"team": 4}), "team", "Trust", [f"team{n}" for n in range(4)])
    file = written(tmp_path, table)
    with pytest.raises(DataError) as caught:
        qi.read(file, "series")
    text = str(caught.value)
    assert "adding up `count` counts everything 2 times" in text
    assert "`Trust` in `team` is the sum of `team0`, `team1`, `team2` and `team3`." in text
    assert "`where: {team: Trust}`" in text
    assert "`totals: leave_out`" in text
    for settings_ in ({"totals": "leave_out"}, {"strict": False}):
        parts = qi.read(file, "series", **settings_)
        assert "Trust" not in set(parts.table["team"])
        assert parts.passport.dropped["rows"].tolist() == [6]
        assert "`Trust` in `team` is the sum of" in str(parts)
    assert "Trust" in set(qi.read(file, "series", totals="keep").table["team"])
    only = qi.read(file, "series", where={"team": "Trust"})
    assert set(only.table["team"]) == {"Trust"}
    some = qi.read(file, "series", where={"team": ["Trust", "team1"]})
    assert len(some.table) == 12


def test_a_total_among_units_of_one_period(tmp_path: Path) -> None:
    file = tmp_path / "units.csv"
    rows = ["A,40,400", "B,55,510", "C,71,690", "All areas,166,1600"]
    file.write_text("\n".join(["unit,seen,people", *rows]))
    with pytest.raises(DataError, match="`All areas` in `unit` is the sum of `A`, `B` and `C`"):
        qi.read(file, "units")
    assert len(qi.read(file, "units", totals="leave_out").table) == 3
    file.write_text("\n".join(["unit,seen,people", *rows[:3], "D,166,1601"]))
    assert len(qi.read(file, "units").table) == 4  # one sum of few parts may be chance


def test_hospitals_within_boards_without_a_total_of_all() -> None:
    table = nested(False).query("place != 'All'")
    said = find_aggregates(table, factors=["board", "place"], figures=["count"], keys=["period"])
    assert said.totals == ()
    assert [len(one.inner) for one in said.incomplete] == [8]
    assert said.is_total.sum() == 8 * len(MONTHS)
