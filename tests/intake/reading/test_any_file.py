"""Whatever a file holds: a table with a passport, or one of our errors; never another exception."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import qieval as qi
from qieval.core.errors import QievalError

CELLS = st.one_of(
    st.sampled_from(
        ["", " ", "1", "1,5", "007", "*", "<5", "NA", "31/02/2024", "01/02/2024", "2024-01", "x",
         "12/31/2024", "13/12/2024", "201607", "1e400", "\u00a0", '"', "2024-01-01T00:00", "Jul-16"]
    ),
    st.text(max_size=8),
)  # fmt: skip
ROWS = st.lists(st.lists(CELLS, max_size=5), max_size=8)


def attempt(content: bytes, name: str, kind: str, strict: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / name
        file.write_bytes(content)
        refusal, loaded = None, None
        try:
            loaded = qi.read(file, kind, strict=strict)
        except QievalError as error:
            refusal = str(error)
        if loaded is None:
            assert refusal
            assert folder not in refusal
            return
        passport = loaded.passport
        assert passport.rows_kept == len(loaded.table) > 0
        assert passport.rows_read == passport.rows_kept + passport.dropped["rows"].sum()
        assert str(passport)
        assert passport._repr_mimebundle_()["text/html"]


@given(rows=ROWS, kind=st.sampled_from(["spells", "series"]), strict=st.booleans())
def test_any_cells_under_the_right_headings(rows: list[list[str]], kind: str, strict: bool) -> None:
    headings = "person,start,end,ward" if kind == "spells" else "period,value,unit,other"
    lines = [headings, *(",".join(row) for row in rows)]
    attempt("\n".join(lines).encode("utf-8", "surrogatepass"), "a.csv", kind, strict)


@given(content=st.binary(max_size=200), kind=st.sampled_from(["spells", "series"]))
@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.xlsx", "a.xls", "a.ods", "a.parquet"])
def test_any_bytes(name: str, content: bytes, kind: str) -> None:
    attempt(content, name, kind, strict=True)
