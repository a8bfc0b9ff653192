"""Databases by address."""

from __future__ import annotations

import traceback
from pathlib import Path

import ibis
import pandas as pd
import pytest

from qieval.core.errors import ParameterError
from qieval.intake.backends import connect


def test_duckdb_inside_this_process_by_default() -> None:
    database = connect()
    assert database.name == "duckdb"
    assert database.to_pandas(ibis.memtable(pd.DataFrame({"a": [1, 2]}))["a"].sum()) == 3


def test_an_address_and_an_open_connection(tmp_path: Path) -> None:
    database = connect(f"duckdb://{tmp_path}/bed_days.duckdb")
    assert (tmp_path / "bed_days.duckdb").exists()
    assert connect(database) is database


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgres://me:secret@127.0.0.1:1/nhs", "postgres://127.0.0.1:1"),
        ("nosuch://me:secret@host/db", "nosuch://host"),
        ("duckdb:///no/such/folder/x.duckdb?password=secret", "duckdb://"),
    ],
)
def test_an_address_that_cannot_be_opened_shows_no_password(address: str, shown: str) -> None:
    with pytest.raises(ParameterError) as caught:
        connect(address)
    text = "".join(traceback.format_exception(caught.value))
    assert f"The database `{shown}` cannot be opened." in text
    assert "secret" not in str(caught.value)
    assert "no/such" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_no_address_at_all() -> None:
    with pytest.raises(ParameterError, match="This is no address of a database"):
        connect("my database")
