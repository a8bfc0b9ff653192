"""Too much for memory is a clear error, before the memory is asked for."""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import qieval as qi
from qieval.core.errors import DataError, ParameterError
from qieval.intake.reading.formats import workbook
from qieval.intake.reading.formats.apart import apart
from tests.intake.reading.first_time import text
from tests.intake.reading.workbooks import ods


def far(file: Path, cell: str) -> Path:
    made = openpyxl.Workbook()
    made.active.append(["period", "n"])
    made.active.append(["Jan 2019", 3])
    made.active[cell] = 1
    made.save(file)
    return file


@pytest.mark.parametrize("cell", ["XFD1048576", "B900000", "ZZ60000"])
def test_one_far_cell(tmp_path: Path, cell: str) -> None:
    with pytest.raises(DataError, match="reach too far") as caught:
        qi.read(far(tmp_path / "a.xlsx", cell), "series")
    assert "`sheet_cells` in qieval.toml" in str(caught.value)


def test_a_far_cell_of_a_small_sheet_is_read(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        qi.read(far(tmp_path / "a.xlsx", "B40"), "series")
    assert "reach too far" not in str(caught.value)


def test_a_part_that_is_far_larger_when_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as parts:
        with parts.open("xl/worksheets/sheet1.xml", "w") as part:
            for _ in range(320):
                part.write(b" " * 1_000_000)
        parts.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(DataError, match=r"too large when unpacked|cannot be opened"):
        qi.read(tmp_path / "a.xlsx", "series")


def test_many_columns(tmp_path: Path) -> None:
    heads = ",".join(["period", *[f"c{n}" for n in range(50_000)]])
    file = text(tmp_path / "a.csv", heads, "2024-01" + ",1" * 50_000)
    with pytest.raises(DataError, match="too many columns") as caught:
        qi.read(file, "series")
    assert "50,001 columns; at most 5,000 are read" in str(caught.value)


def test_two_encodings_in_one_file(tmp_path: Path) -> None:
    lines = ["period,ward,n", "2024-01,Caf\u00e9,3", "2024-02,Ash,4"]
    (tmp_path / "a.csv").write_bytes(
        "\n".join(lines).encode() + "\n2024-03,Caf\u00e9,5\n".encode("cp1252")
    )
    with pytest.raises(DataError, match="two encodings") as caught:
        qi.read(tmp_path / "a.csv", "series")
    assert "row 2" in str(caught.value)


def test_a_workbook_with_a_password(tmp_path: Path) -> None:
    content = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    (tmp_path / "a.xlsx").write_bytes(content + "EncryptedPackage".encode("utf-16-le"))
    with pytest.raises(DataError, match="protected: it has a password"):
        qi.read(tmp_path / "a.xlsx", "series")


def many_sheets(file: Path, count: int, last: str) -> Path:
    made = openpyxl.Workbook()
    for number in range(count):
        sheet = made.create_sheet(f"S{number}")
        sheet.append(["period", "n"])
        sheet[last] = 1
    made.save(file)
    return file


def test_sheets_that_reach_too_far_together(tmp_path: Path) -> None:
    file = many_sheets(tmp_path / "a.xlsx", 30, "J48000")  # 480,000 cells each: allowed alone
    with pytest.raises(DataError, match="reach too far") as caught:
        qi.read(file, "series")
    assert "the sheets before it reach over 9,600,0" in str(caught.value)


def test_parts_that_are_too_large_together(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as parts:
        for number in range(16):
            parts.writestr(f"xl/worksheets/sheet{number}.xml", b" " * 20_000_000)
    with pytest.raises(DataError, match="too large when unpacked"):
        qi.read(tmp_path / "a.xlsx", "series")


@pytest.mark.parametrize("line", [b"," * 4000 + b"\n", b"\n" * 4000, b"2019-01,3\n" * 400])
def test_a_text_file_with_too_many_cells(tmp_path: Path, line: bytes) -> None:
    (tmp_path / "a.csv").write_bytes(b"period,n\n" + line * 15_000)
    with pytest.raises(DataError, match="too many cells") as caught:
        qi.read(tmp_path / "a.csv", "series")
    assert "at most 10,000,000 are read" in str(caught.value)


def grabs() -> None:
    held = [b"x" * 10_000_000]
    while True:
        held.append(bytes(held[-1]) + b"x")


def turns() -> None:
    while True:
        pass


@pytest.mark.parametrize(
    ("function", "setting", "most", "what"),
    [
        (grabs, "sheet_memory", 300, "memory"),
        (turns, "sheet_seconds", 1, "time"),
    ],
)
def test_a_child_that_takes_too_much(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    function: Callable[[], None],
    setting: str,
    most: int,
    what: str,
) -> None:
    (tmp_path / "params").mkdir()
    (tmp_path / "qieval.toml").write_text(f"{setting} = {most}\n", encoding="utf-8")
    monkeypatch.setenv("QIEVAL_WORKSPACE", str(tmp_path))
    with pytest.raises(DataError, match=f"takes too much {what}") as caught:
        apart(function, where="a.xlsx")
    assert f"set `{setting}` in qieval.toml" in str(caught.value)


def ends() -> None:
    os._exit(9)


def test_a_child_that_comes_to_an_end_by_itself() -> None:
    with pytest.raises(DataError, match="came to an end by itself"):
        apart(ends, where="a.xlsx")


def test_a_large_workbook_is_read_by_a_child_as_a_small_one_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = openpyxl.Workbook()
    made.active.append(["period", "n"])
    for month in range(1, 13):
        made.active.append([f"2024-{month:02}", month])
    made.create_sheet("Notes").append(["=1/0"])
    made.save(tmp_path / "a.xlsx")
    here = qi.read(tmp_path / "a.xlsx", "series", sheet="Sheet")
    monkeypatch.setattr(workbook, "_LARGE", 0)
    there = qi.read(tmp_path / "a.xlsx", "series", sheet="Sheet")
    pd.testing.assert_frame_equal(here.table, there.table)
    assert str(here.passport) == str(there.passport)
    with pytest.raises(ParameterError, match="no sheet `Sheets`"):
        qi.read(tmp_path / "a.xlsx", "series", sheet="Sheets")


LONG = "a long text " * 2_500


def shared_by_many(folder: Path) -> Path:
    """A small workbook in which 100,000 cells share one text of 30,000 letters."""
    rows = "".join(
        f'<row r="{row}">'
        + "".join(f'<c r="{at}{row}" t="s"><v>0</v></c>' for at in "ABCDE")
        + "</row>"
        for row in range(1, 20_001)
    )
    file = folder / "book.xlsx"
    pd.DataFrame([["a"]]).to_excel(file, header=False, index=False)
    rewritten(file, "xl/worksheets/sheet1.xml", r"<row.*</row>", rows)
    related = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relation = (
        f'<Relationship Id="texts" Type="{related}/sharedStrings" Target="sharedStrings.xml"/>'
    )
    rewritten(file, "xl/_rels/workbook.xml.rels", "</Relationships>", f"{relation}</Relationships>")
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/sharedStrings.xml", f'<sst xmlns="{main}"><si><t>{LONG}</t></si></sst>')
    return file


def repeated_in_many(folder: Path) -> Path:
    """The same in OpenDocument, which repeats rows by a number."""
    file = ods(folder, [["period", "note"], ["2024-01", LONG]])
    repeats = r'\1<table:table-row table:number-rows-repeated="100000">'
    rewritten(file, "content.xml", r"(.*)<table:table-row>", repeats)
    return file


def rewritten(file: Path, part: str, pattern: str, by: str) -> None:
    """A workbook with something else in one of its parts."""
    with zipfile.ZipFile(file) as parts:
        content = {name: parts.read(name).decode() for name in parts.namelist()}
    content[part] = re.sub(pattern, by, content[part], count=1, flags=re.DOTALL)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as parts:
        for name, text_of_part in content.items():
            parts.writestr(name, text_of_part)


@pytest.mark.parametrize("made", [shared_by_many, repeated_in_many])
def test_a_long_text_that_many_cells_share(tmp_path: Path, made: Callable[[Path], Path]) -> None:
    file = made(tmp_path)
    assert file.stat().st_size < 300_000
    with pytest.raises(DataError, match=r"takes too much (memory|time)"):
        qi.read(file, "series")


def test_a_small_parquet_file_of_a_thousand_million_rows(tmp_path: Path) -> None:
    group = pa.table({"period": pa.array(["2024-01"] * 10_000_000).dictionary_encode()})
    with pq.ParquetWriter(tmp_path / "a.parquet", group.schema, compression="zstd") as file:
        for _ in range(3):
            file.write_table(group, row_group_size=10_000_000)
    with pytest.raises(DataError, match="too big to be read into memory") as caught:
        qi.read(tmp_path / "a.parquet", "series")
    assert "30,000,000 rows of 1 columns" in str(caught.value)


def test_a_small_parquet_file_of_long_texts(tmp_path: Path) -> None:
    texts = pa.DictionaryArray.from_arrays([0] * 100_000, [LONG])
    pq.write_table(pa.table({"period": texts, "n": [1] * 100_000}), tmp_path / "a.parquet")
    with pytest.raises(DataError, match="text of the table is too much"):
        qi.read(tmp_path / "a.parquet", "series")


def test_parquet_columns_of_lists(tmp_path: Path) -> None:
    pq.write_table(pa.table({"period": ["2024-01"], "n": [[1, 2]]}), tmp_path / "a.parquet")
    with pytest.raises(DataError, match="lists or structures") as caught:
        qi.read(tmp_path / "a.parquet", "series")
    assert "columns `n`" in str(caught.value)


def test_texts_of_parquet_files_as_they_are(tmp_path: Path) -> None:
    months = ["2024-01", "2024-02", None, "2024-03"]
    table = pa.table({"period": months, "ward": [" men", "men ", "women", ""], "n": [1, 2, 3, 4]})
    pq.write_table(table, tmp_path / "a.parquet")
    read = qi.read(tmp_path / "a.parquet", "series", strict=False).table
    assert read["ward"].dropna().tolist() == ["men", "men"]
