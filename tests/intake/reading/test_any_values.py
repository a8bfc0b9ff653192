"""Whatever cells and settings: a table with a passport, or one of our errors; no changed number."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import qieval as qi
from qieval.core.errors import QievalError

PERIODS = st.sampled_from(
    ["2024-01", "2024-02", "Jan-24", "Feb 2024", "202403", "01/04/2024", "31/01/2024", "2017Q4",
     "Q1 2019/20", "2019/20", "2011-12", "2024", "2024-W07", "w/c 06/05/2024", "43831", "45383.5",
     "SMI-Q1-2019-2020", "Apr-Jun 2019", "month ending 29/02/2024", "Mar 2024 (p)", "", "Total",
     "year ending June 2020", "13/13/2013", "2016.1", "Week 7 2024", "9999-12", "W53 2024"]
)  # fmt: skip
VALUES = st.sampled_from(
    ["0", "1", "12", "1,234", "1 234", "(5)", "−3", "45%", "£7", "12 days", "1k", "1,5", "*", "<5",
     "<6", "<7", "<8", "fewer than 5", "1-4", ">95", "-", "#NUM!", "#N/A", "NA", "", "1e400", "x",
     "99999999999999999999", "0.1", "1.234.567,8", "007"]
)  # fmt: skip
UNITS = st.sampled_from(["A1", "A2", "B1", "007", "All", "", "A name"])
ROW = st.tuples(PERIODS, UNITS, UNITS, VALUES, VALUES)
SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "quarters": st.sampled_from(["calendar", "financial"]),
        "period": st.sampled_from(["month", "quarter", "year", "financial_year", "week", "day"]),
        "zeros": st.sampled_from(["counted", "not_returned", ["a"], ["nothing"]]),
        "totals": st.sampled_from(["check", "leave_out", "keep"]),
        "successors": st.sampled_from([{"A1": "B1"}, {"A1": "A2", "A2": "B9"}, {"Z": "Y"}]),
        "decimal_comma": st.booleans(),
        "dayfirst": st.booleans(),
        "suppressed": st.sampled_from([["<6", "<7"], {"*": "1 to 7"}, []]),
        "strict": st.booleans(),
    },
)


@given(rows=st.lists(ROW, min_size=1, max_size=8), said=SETTINGS)
def test_a_table_or_one_of_our_errors(
    rows: list[tuple[str, ...]], said: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("any") / "any.csv"
    lines = [",".join(json.dumps(cell, ensure_ascii=False) for cell in row) for row in rows]
    file.write_text("\n".join(["period,unit,name,a,b", *lines]), encoding="utf-8")
    loaded, refusal = None, ""
    try:
        loaded = qi.read(file, "series", columns={"a": "a", "b": "b"}, **said)
    except QievalError as error:
        refusal = str(error)
    if loaded is None:
        assert refusal
        assert str(file.parent) not in refusal
        return
    passport = loaded.passport
    assert passport.rows_read == passport.rows_kept + passport.dropped["rows"].sum()
    assert len(loaded.table) == passport.rows_kept > 0
    assert "Data passport" in str(passport)
    if "successors" not in said and not said.get("decimal_comma"):
        for row, value in loaded.table["a"].dropna().items():
            assert as_a_person_reads(rows[row - 2][3]) == value  # type: ignore[operator]


def as_a_person_reads(text: str) -> float:
    """The number in a cell of `VALUES`, by a list of its own."""
    known = {"1,234": 1234, "1 234": 1234, "(5)": -5, "−3": -3, "45%": 45, "£7": 7, "12 days": 12}
    return known.get(text, np.nan) if text in known else float(text)
