"""Too much for memory is a clear error, before the memory is asked for."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pytest

import qieval as qi
from qieval.core.errors import DataError
from tests.intake.reading.first_time import text


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
