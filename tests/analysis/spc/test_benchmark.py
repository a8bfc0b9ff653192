"""The benchmark beside other packages says which of them it could not measure."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks import spc_speed


def test_packages_that_are_not_installed_are_named(capsys):
    """This Python has none of them: they live in an environment of their own."""
    found = spc_speed.peers(Path(sys.executable), spc_speed.table(1))
    assert found == [{"name": name, "missing": True} for name in spc_speed.PACKAGES]
    spc_speed.beside_peers(Path(sys.executable), spc_speed.table(1), 1.0)
    assert "abspc: not installed, so not measured" in capsys.readouterr().out


def test_without_their_environment_the_benchmark_says_how_to_make_it(capsys, tmp_path):
    spc_speed.beside_peers(tmp_path / "python", spc_speed.table(1), 1.0)
    said = capsys.readouterr().out
    assert "Not measured: clinical-qikit, abspc, controlchartspy." in said
    assert "uv pip install" in spc_speed.__doc__


def test_the_icon_table_is_measured_on_page_and_in_files(capsys):
    spc_speed.icon_table(measures=2, wards=3)
    printed = capsys.readouterr().out
    for step in ("2 measures × 3 wards", "charts", "page", "CSV file", "Excel file", "kB"):
        assert step in printed


def test_wrong_limits_are_noticed():
    points = spc_speed.ours(spc_speed.table(2))
    right = {name: points[name].tolist() for name in ("centre", "lower", "upper")}
    assert spc_speed.same_limits(right, points) == "same limits"
    wrong = {**right, "upper": [value + 0.01 for value in right["upper"]]}
    assert spc_speed.same_limits(wrong, points) == "limits differ by up to 0.01"
