"""Numbers however they are written: the same number, told; or a fault with its row."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import qieval as qi
from qieval.core.errors import DataError
from qieval.intake.reading.values.amounts import EXCEL_ERROR, Amount, amount

WHOLE = st.integers(-(10**12), 10**12)
DECIMAL = st.decimals(-(10**9), 10**9, allow_nan=False, places=2)


def series(folder: Path, *cells: str) -> Path:
    file = folder / "table.csv"
    rows = [f'2024-{month:02d},"{cell}"' for month, cell in enumerate(cells, start=1)]
    file.write_text("\n".join(["period,value", *rows]), encoding="utf-8")
    return file


def value(text: object, **said: bool) -> object:
    read = amount(text, **said)
    return read.value if isinstance(read, Amount) else read


@given(WHOLE)
def test_whole_numbers_in_every_spelling(number: int) -> None:
    size, minus = abs(number), "-" * (number < 0)
    texts = [f"{number:,}", f"{minus}£{size:,}", f"£{minus}{size:,}", f"{number:+}", f"{number}."]
    texts += [f"{number:,}".replace(",", space) for space in (" ", "\u00a0", "\u202f", "\u2009")]
    texts += [f"{number}%", f"{number} %", f"{number} days", f"{number:,}".replace("-", "−")]
    texts += [f"({size:,})"] if number < 0 else []
    for text in texts:
        assert value(text) == number, text


@given(DECIMAL)
def test_decimals_in_both_customs(number: object) -> None:
    english, continental = f"{number:,}", f"{number:,}".translate(str.maketrans(",.", ".,"))
    assert value(english) == float(str(number))
    assert value(continental, decimal_comma=True) == float(str(number))
    assert value(f"{number}") == float(str(number))


@given(st.text(max_size=12))
def test_any_text_is_a_number_or_a_reason(text: str) -> None:
    read = amount(text)
    assert isinstance(read, str) or (
        np.isfinite(read.value) and any(sign.isdigit() for sign in text)
    )


@pytest.mark.parametrize(
    "text",
    ["1,23", "1,2345", "12,34,567", "1 23", "01 234", "1.2.3", "--1", "-(1)", "(1", "1)", "12-",
     "£", "%", "0x10", "1_000", "٣", "inf", "nan", "TRUE", "1/2", "12:30", "", "£-"],
)  # fmt: skip
def test_what_is_no_number(text: str) -> None:
    assert isinstance(amount(text), str)


@pytest.mark.parametrize("text", ["#NUM!", "#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NULL!"])
def test_errors_of_excel(tmp_path: Path, text: str) -> None:
    assert amount(text) == EXCEL_ERROR
    file = series(tmp_path, "5", text, "7")
    with pytest.raises(DataError, match=r"row 3, column `value`: is an error of Excel"):
        qi.read(file, "series", columns={"value": "value"})
    loose = qi.read(file, "series", columns={"value": "value"}, strict=False)
    np.testing.assert_array_equal(loose.table["value"], [5, np.nan, 7])


def test_percent_stays_percent_and_is_told(tmp_path: Path) -> None:
    loaded = qi.read(series(tmp_path, "45%", "7.5 %", "0"), "series")
    assert loaded.table["value"].tolist() == [45, 7.5, 0]
    assert "figures are percent: 45% was read as 45, not as 0.45" in str(loaded)


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        (("45%", "46%", "0.47"), "row 4, column `value`: has no percent sign, unlike most"),
        (("0.45", "0.46", "47%"), "row 4, column `value`: has the percent sign `%`, unlike most"),
        (("£5", "£6", "€7"), "row 4, column `value`: has the sign of a currency `€`, unlike most"),
    ],
)
def test_units_are_never_mixed(tmp_path: Path, cells: tuple[str, ...], says: str) -> None:
    file = series(tmp_path, *cells)
    with pytest.raises(DataError) as caught:
        qi.read(file, "series")
    assert says in str(caught.value)
    assert np.isnan(qi.read(file, "series", strict=False).table["value"].iloc[2])


def test_currency_and_brackets_are_told(tmp_path: Path) -> None:
    loaded = qi.read(series(tmp_path, "£1,250.50", "(£12)", "£7"), "series")
    assert loaded.table["value"].tolist() == [1250.5, -12, 7]
    said = str(loaded)
    assert "figures are in £; the sign was taken off" in said
    assert "1 cell in brackets, read as minus" in said
    assert "thousands separators were taken out of 1 cell" in said


def test_words_behind_numbers_are_refused_until_the_proposal_is_taken(tmp_path: Path) -> None:
    file = series(tmp_path, "10", "12 days", "9 days")
    with pytest.raises(DataError, match="row 3, column `value`: has words behind the number"):
        qi.read(file, "series", columns={"value": "value"})
    loose = qi.read(file, "series", columns={"value": "value"}, strict=False)
    assert loose.table["value"].tolist() == [10, 12, 9]
    assert "the word `days` was taken off 2 cells" in str(loose)
    several = series(tmp_path, "10", "12 days", "2 weeks")
    loose = qi.read(several, "series", columns={"value": "value"}, strict=False)
    np.testing.assert_array_equal(loose.table["value"], [10, np.nan, np.nan])
    thousands = series(tmp_path, "10", "1k", "2k")
    loose = qi.read(thousands, "series", columns={"value": "value"}, strict=False)
    np.testing.assert_array_equal(loose.table["value"], [10, np.nan, np.nan])


def test_decimal_commas_only_when_told(tmp_path: Path) -> None:
    file = series(tmp_path, "1,5", "2,25", "1.234,5")
    with pytest.raises(DataError) as caught:
        qi.read(file, "series", columns={"value": "value"})
    assert "has a comma where thousands are not parted" in str(caught.value)
    assert "set `decimal_comma: true`" in str(caught.value)
    loaded = qi.read(file, "series", columns={"value": "value"}, decimal_comma=True)
    assert loaded.table["value"].tolist() == [1.5, 2.25, 1234.5]
