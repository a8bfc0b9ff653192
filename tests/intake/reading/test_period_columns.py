"""A column of periods: what the column, its heading and the parameters settle."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

import qieval as qi
from qieval.core.errors import DataError


def written(folder: Path, *periods: str, heading: str = "period") -> Path:
    file = folder / "table.csv"
    lines = [f'"{period}",{number}' for number, period in enumerate(periods, start=50)]
    file.write_text("\n".join([f"{heading},value", *lines]), encoding="utf-8")
    return file


def first_days(loaded: qi.Loaded) -> list[str]:
    return loaded.table["period"].dt.strftime("%Y-%m-%d").tolist()


def test_quarters_of_plain_years_are_asked_for(tmp_path: Path) -> None:
    file = written(tmp_path, "2017Q4", "2018Q1", "2018Q2")
    with pytest.raises(DataError) as caught:
        qi.read(file, "series")
    assert "`quarters: calendar` (October to December 2017)" in str(caught.value)
    assert "`quarters: financial` (January to March 2018)" in str(caught.value)
    assert first_days(qi.read(file, "series", quarters="calendar"))[0] == "2017-10-01"
    assert first_days(qi.read(file, "series", quarters="financial"))[0] == "2018-01-01"
    loose = qi.read(file, "series", strict=False)
    assert first_days(loose)[0] == "2017-10-01"
    assert "quarters were read as calendar quarters (`2017Q4`), which nobody confirmed" in str(
        loose
    )


def test_quarters_of_two_years_need_no_setting(tmp_path: Path) -> None:
    loaded = qi.read(written(tmp_path, "Q4 2018/19", "Q1 2019/20", "Q2 2019/20"), "series")
    assert first_days(loaded) == ["2019-01-01", "2019-04-01", "2019-07-01"]
    assert loaded.passport.every == "quarter"


def test_the_same_words_around_every_period_are_passed_over(tmp_path: Path) -> None:
    loaded = qi.read(written(tmp_path, "SMI-Q1-2019-2020", "SMI-Q2-2019-2020"), "series")
    assert first_days(loaded) == ["2019-04-01", "2019-07-01"]
    assert "`period`: the same words stand around every period and were passed over: `SMI-`" in str(
        loaded
    )
    with pytest.raises(DataError, match=r"is not a period .+x-x9-9999-9999"):
        qi.read(written(tmp_path, "A-Q1-2019-2020", "B-Q2-2019-2020"), "series")


def test_marks_behind_a_period(tmp_path: Path) -> None:
    loaded = qi.read(written(tmp_path, "Jan 2024", "Feb 2024 (p)", "Mar 2024 [note 2]"), "series")
    assert first_days(loaded) == ["2024-01-01", "2024-02-01", "2024-03-01"]
    assert "marks behind the period were passed over in 2 cells" in str(loaded)


def test_mixed_spellings_of_one_kind_are_told(tmp_path: Path) -> None:
    loaded = qi.read(written(tmp_path, "Jan-18", "Feb 2018", "201803", "30/04/2018"), "series")
    assert first_days(loaded) == ["2018-01-01", "2018-02-01", "2018-03-01", "2018-04-01"]
    assert "periods are written in 3 ways (`Jan-18`, `Feb 2018`, `201803`)" in str(loaded)


@pytest.mark.parametrize(
    ("periods", "says"),
    [
        (("Jan 2019", "Feb 2019", "Mar 2019", "2019"), "row 5.*is a year among months"),
        (("01/01/2019", "01/02/2019", "01/03/2019", "2019"), "row 5.*is a year among months"),
        (("2018/19", "2019/20", "Apr 2020"), "row 4.*is a month among financial years"),
    ],
)
def test_a_period_of_another_kind_is_named(
    tmp_path: Path, periods: tuple[str, ...], says: str
) -> None:
    file = written(tmp_path, *periods)
    with pytest.raises(DataError, match=f"(?s){says}"):
        qi.read(file, "series", totals="keep")
    loose = qi.read(file, "series", totals="keep", strict=False)
    assert len(loose.table) == len(periods) - 1


def test_months_that_could_be_financial_years(tmp_path: Path) -> None:
    file = written(tmp_path, "2010-11", "2011-12")
    with pytest.raises(DataError) as caught:
        qi.read(file, "series")
    assert "Periods can be read in two ways: financial year or month." in str(caught.value)
    assert "`period: month` (November 2010)" in str(caught.value)
    assert first_days(qi.read(file, "series", period="financial_year")) == [
        "2010-04-01",
        "2011-04-01",
    ]
    # One that can only be a month, or a financial year, says it for all.
    assert first_days(qi.read(written(tmp_path, "2011-11", "2011-12"), "series"))[1] == "2011-12-01"
    assert first_days(qi.read(written(tmp_path, "2011-12", "2012-13"), "series"))[0] == "2011-04-01"


def test_weeks_by_their_first_or_last_day(tmp_path: Path) -> None:
    sundays = ["05/05/2024", "12/05/2024", "19/05/2024"]
    said = {"Week ending": "2024-04-29", "Week commencing": "2024-05-06"}
    for heading, monday in said.items():
        file = written(tmp_path, *sundays, heading=heading)
        loaded = qi.read(file, "series", columns={"period": heading})
        assert first_days(loaded)[0] == monday
        assert loaded.passport.every == "week"
    words = written(tmp_path, "w/c 06/05/2024", "w/c 13/05/2024")
    assert first_days(qi.read(words, "series")) == ["2024-05-06", "2024-05-13"]
    ends = written(tmp_path, "month ending 31/01/2018", "month ending 28/02/2018")
    assert first_days(qi.read(ends, "series")) == ["2018-01-01", "2018-02-01"]


def test_first_days_of_months_read_the_wrong_way_round(tmp_path: Path) -> None:
    file = written(tmp_path, *(f"{month:02d}/01/2015" for month in range(1, 13)))
    with pytest.raises(DataError) as caught:
        qi.read(file, "series")
    assert "all lie in the first days of January" in str(caught.value)
    assert "Set `dayfirst: false`, or `period: day` if these are days." in str(caught.value)
    assert first_days(qi.read(file, "series", dayfirst=False))[11] == "2015-12-01"
    assert first_days(qi.read(file, "series", period="day"))[11] == "2015-01-12"
    british = written(tmp_path, *(f"01/{month:02d}/2015" for month in range(1, 13)))
    assert first_days(qi.read(british, "series"))[11] == "2015-12-01"
    with pytest.raises(DataError, match="Set `dayfirst: true`"):
        qi.read(british, "series", dayfirst=False)


@pytest.mark.parametrize(("epoch_1904", "first"), [(False, 43831), (True, 42369)])
def test_excels_numbers_for_days(tmp_path: Path, epoch_1904: bool, first: int) -> None:
    book = openpyxl.Workbook()
    if epoch_1904:
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    sheet = book.active
    assert sheet is not None
    sheet.append(["period", "value"])
    for step, value in ((0, 5), (31, 6), (60, 7)):
        sheet.append([first + step, value])
    book.save(tmp_path / "days.xlsx")
    loaded = qi.read(tmp_path / "days.xlsx", "series")
    assert first_days(loaded) == ["2020-01-01", "2020-02-01", "2020-03-01"]
    assert f"Excel's number for a day, counted from {1904 if epoch_1904 else 1900}" in str(loaded)


def test_quarters_of_a_table_without_periods(tmp_path: Path) -> None:
    file = tmp_path / "stays.csv"
    file.write_text("person,start,end\na,2024-01-01,\n")
    with pytest.raises(qi.core.errors.ParameterError, match="Leave out `quarters`"):
        qi.read(file, "spells", quarters="calendar")
    with pytest.raises(qi.core.errors.ParameterError, match="`calendar`, `financial`"):
        qi.read(written(tmp_path, "2017Q4"), "series", quarters="fiscal")  # type: ignore[arg-type]


def test_a_period_keeps_its_rows(tmp_path: Path) -> None:
    loaded = qi.read(written(tmp_path, "2019", "2020", "2021"), "series")
    assert loaded.passport.every == "year"
    pd.testing.assert_index_equal(loaded.table.index, pd.Index([2, 3, 4], name="row"), exact=False)
