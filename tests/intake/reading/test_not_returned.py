"""Zeros that mean "nothing was sent in"."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import qieval as qi
from qieval.core.errors import DataError, ParameterError


def long_file(folder: Path, figures: dict[str, list[tuple[int, int]]]) -> Path:
    """A row a figure: register and checks of each unit, month after month."""
    lines = ["period,unit,question,answer"]
    for unit, months in figures.items():
        for month, (register, checks) in enumerate(months, start=1):
            lines.append(f"2024-{month:02d},{unit},register,{register}")
            lines.append(f"2024-{month:02d},{unit},checks,{checks}")
    file = folder / "long.csv"
    file.write_text("\n".join(lines))
    return file


SILENT = {
    "A": [(300, 100), (0, 0), (310, 120)],
    "B": [(250, 0), (260, 90), (255, 95)],  # none checked in January, but the register was sent
}


def test_zeros_are_suspected_aloud(tmp_path: Path) -> None:
    file = long_file(tmp_path, SILENT)
    with pytest.raises(DataError) as caught:
        qi.read(file, "series", where={"question": "checks"})
    text = str(caught.value)
    assert "1 unit-period: A, 2024-02" in text
    assert "`zeros: not_returned` or `zeros: counted`" in text
    loose = qi.read(file, "series", where={"question": "checks"}, strict=False)
    assert (loose.table["answer"] == 0).sum() == 2
    assert "Zeros may mean that nothing was sent in" in str(loose)


def test_zeros_as_not_returned_are_missing(tmp_path: Path) -> None:
    file = long_file(tmp_path, SILENT)
    loaded = qi.read(file, "series", where={"question": "checks"}, zeros="not_returned")
    np.testing.assert_array_equal(loaded.table["answer"], [100, np.nan, 120, 0, 90, 95])
    assert "1 unit-period with nothing but zeros did not return figures" in str(loaded)
    counted = qi.read(file, "series", where={"question": "checks"}, zeros="counted")
    assert counted.table["answer"].tolist() == [100, 0, 120, 0, 90, 95]


def test_a_figure_of_its_own_may_decide(tmp_path: Path) -> None:
    """The population is known although nothing was returned."""
    file = tmp_path / "wide.csv"
    rows = ["2024-01,A,9000,300,100", "2024-02,A,9000,0,0", "2024-03,A,9000,310,0"]
    file.write_text("\n".join(["period,unit,population,register,checks", *rows]))
    loaded = qi.read(file, "series", zeros=["register"])
    np.testing.assert_array_equal(loaded.table["register"], [300, np.nan, 310])
    np.testing.assert_array_equal(loaded.table["checks"], [100, np.nan, 0])
    assert loaded.table["population"].tolist() == [9000, 9000, 9000]
    long = long_file(tmp_path, SILENT)
    by_name = qi.read(long, "series", where={"question": "checks"}, zeros=["register"])
    assert by_name.table["answer"].isna().sum() == 1
    with pytest.raises(ParameterError, match="Did you mean `register`"):
        qi.read(file, "series", zeros=["registre"])


@pytest.mark.parametrize(
    "figures",
    [
        {"A": [(30, 3), (0, 0), (9, 1)]},  # small numbers fall to 0 by themselves
        {"A": [(0, 0), (0, 0), (0, 0)]},  # nothing to compare with
        {"A": [(300, 0), (310, 0), (320, 0)]},
    ],
)
def test_zeros_that_are_likely_zeros_are_not_suspected(
    tmp_path: Path, figures: dict[str, list[tuple[int, int]]]
) -> None:
    loaded = qi.read(long_file(tmp_path, figures), "series", where={"question": "checks"})
    assert loaded.table["answer"].notna().all()


def test_a_withheld_figure_is_not_zero(tmp_path: Path) -> None:
    file = tmp_path / "wide.csv"
    rows = ["2024-01,300,100", "2024-02,0,*", "2024-03,310,120"]
    file.write_text("\n".join(["period,register,checks", *rows]))
    assert qi.read(file, "series").table["register"].tolist() == [300, 0, 310]


def test_tables_without_figures_have_no_zeros(tmp_path: Path) -> None:
    file = tmp_path / "stays.csv"
    file.write_text("person,start,end\na,2024-01-01,\n")
    with pytest.raises(ParameterError, match="Leave out `zeros`"):
        qi.read(file, "spells", zeros="counted")
