"""Figures of charts as files: what stands in the file is what stands in the table."""

from __future__ import annotations

import numpy as np
import openpyxl
import pandas as pd
import pytest

import qieval as qi

RANDOM = np.random.default_rng(20_171)
MONTHS = pd.date_range("2018-01-01", periods=24, freq="MS")


def chart(name: str = "Falls") -> qi.ControlChartResult:
    data = pd.DataFrame({"period": MONTHS, "falls": RANDOM.poisson(12, 24)})
    return qi.control_chart(data, kind="c", value="falls", direction="lower", outcome=name)


def test_the_points_of_a_chart_as_a_workbook(tmp_path):
    result = chart()
    book = openpyxl.load_workbook(qi.report.export(result, tmp_path / "falls.xlsx"))
    assert book.sheetnames == ["Points", "Estimates", "Checks"]
    points = result.table("points")
    sheet = book["Points"]
    assert sheet["A1"].value == points.caption
    heads = [cell.value for cell in sheet[2]]
    assert heads[: len(points.columns)] == [column.head or column.name for column in points.columns]
    numbers = [at for at, column in enumerate(points.columns) if column.role == "estimate"]
    rows = list(sheet.iter_rows(min_row=3, values_only=True))
    assert len(rows) == len(points) == 24
    for at in numbers:
        shown = [np.nan if row[at] is None else row[at] for row in rows]
        np.testing.assert_allclose(shown, points.rows[points.columns[at].name].astype(float))


def test_the_points_of_a_chart_as_csv(tmp_path):
    result = chart()
    file = qi.report.export(result, tmp_path / "falls.csv")
    assert file.read_text(encoding="utf-8-sig") == result.table("points").to_csv()


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_row_for_each_of_many_charts(tmp_path, ending):
    charts = {name: chart(name) for name in ("Falls", "=1+1")}
    file = qi.report.export(charts, tmp_path / f"a.{ending}")
    if ending == "csv":
        rows = file.read_text(encoding="utf-8-sig").splitlines()[1:]
    else:
        sheet = openpyxl.load_workbook(file).worksheets[0]
        cells = list(sheet.iter_rows(min_row=3))
        assert all(cell.data_type != "f" for row in cells for cell in row)
        rows = [" ".join(str(cell.value) for cell in row) for row in cells]
    assert len(rows) == 2
    assert "Falls" in rows[0]
    assert all(any(bar in row for bar in "▁▂▃▄▅▆▇█") for row in rows)


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_measures_on_wards_have_measure_and_ward_in_columns_of_their_own(tmp_path, ending):
    months = pd.date_range("2022-01-01", periods=24, freq="MS")
    table = pd.concat(
        [
            pd.DataFrame({"period": months, "ward": ward, "falls": level, "restraint": 3.0 * level})
            for ward in ("Birch", "Rowan")
            for level in [np.array([5.0, 6, 4, 7, 5, 6] * 4)]
        ]
    )
    measures = [
        {"name": name.capitalize(), "role": role, "direction": "lower", "value": name, "target": 9}
        for name, role in (("falls", "outcome"), ("restraint", "balancing"))
    ]
    result = qi.family_of_measures(table, measures=measures, by="ward")
    file = qi.report.export(result, tmp_path / f"icons.{ending}")
    rows = (
        pd.read_csv(file) if ending == "csv" else pd.read_excel(file, header=1, engine="openpyxl")
    )
    assert rows[["Measure", "Group"]].to_numpy().tolist() == [
        ["Falls", "Birch"],
        ["Falls", "Rowan"],
        ["Restraint", "Birch"],
        ["Restraint", "Rowan"],
    ]
    assert rows["Latest"].tolist() == [6, 6, 18, 18]
    assert rows["Assurance"].tolist()[0] == "Met at times, by chance."
    assert set(rows["Target"].astype(float)) == {9}


def test_another_ending_is_refused(tmp_path):
    with pytest.raises(qi.ParameterError, match=r"\.csv or \.xlsx"):
        qi.report.export(chart(), tmp_path / "falls.pdf")
