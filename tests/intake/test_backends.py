"""Databases by address; passwords never in it, never shown."""

from __future__ import annotations

import sqlite3
import traceback
from pathlib import Path

import duckdb
import ibis
import pandas as pd
import pytest

from qieval.core.errors import ParameterError
from qieval.intake.backends import PASSWORD, connect, databricks_options, is_address, key_of, shown


def test_duckdb_inside_this_process_by_default() -> None:
    database = connect()
    assert database.name == "duckdb"
    assert database.to_pandas(ibis.memtable(pd.DataFrame({"a": [1, 2]}))["a"].sum()) == 3


def test_what_does_not_fit_into_memory_goes_to_a_folder_of_ours_alone() -> None:
    [(folder,)] = connect().raw_sql("select current_setting('temp_directory')").fetchall()
    assert Path(folder).name.startswith("qieval-")
    assert Path(folder).stat().st_mode & 0o077 == 0


def test_an_address_is_opened_once_and_an_open_connection_is_taken(tmp_path: Path) -> None:
    file = tmp_path / "bed_days.duckdb"
    duckdb.connect(str(file)).close()
    database = connect(f"duckdb://{file}")
    assert connect(f"duckdb://{file}") is database
    assert connect(database) is database


def test_a_duckdb_file_is_found_from_the_workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "params").mkdir()
    (tmp_path / "elsewhere").mkdir()
    with duckdb.connect(str(tmp_path / "care.duckdb")) as made:
        made.sql("create table spells as select 'a' as person")
    monkeypatch.setenv("QIEVAL_WORKSPACE", str(tmp_path))
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert connect("duckdb://care.duckdb").list_tables() == ["spells"]


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("postgres://me@127.0.0.1:1/nhs", "postgres://127.0.0.1:1"),
        ("nosuch://me@host/db", "nosuch://host"),
        ("duckdb:///no/such/folder/x.duckdb", "duckdb://"),
    ],
)
def test_an_address_that_cannot_be_opened_shows_no_password(
    address: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSWORD, "hunter-two")
    with pytest.raises(ParameterError) as caught:
        connect(address)
    text = "".join(traceback.format_exception(caught.value))
    assert f"The database `{name}` cannot be opened." in text
    assert "hunter-two" not in text
    assert "no/such" not in str(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    "address",
    [
        "postgres://me:hunter-two@127.0.0.1:1/nhs",
        "mssql://host/db?driver=FreeTDS&pwd=hunter-two",
        "databricks://host/sql?access_token=hunter-two",
    ],
)
def test_a_password_in_an_address_is_refused_and_not_repeated(address: str) -> None:
    with pytest.raises(ParameterError, match="A password stands in the address") as caught:
        connect(address)
    assert PASSWORD in str(caught.value)
    assert "hunter-two" not in "".join(traceback.format_exception(caught.value))


def test_the_parts_of_an_address_of_databricks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSWORD, "token")
    address = "databricks://adb-1.azuredatabricks.net/sql/1.0/warehouses/a1?catalog=main"
    assert databricks_options(address) == {
        "server_hostname": "adb-1.azuredatabricks.net",
        "http_path": "/sql/1.0/warehouses/a1",
        "access_token": "token",
        "catalog": "main",
    }


def test_no_address_at_all() -> None:
    with pytest.raises(ParameterError, match="This is no address of a database"):
        connect("my database")


def test_what_is_an_address() -> None:
    assert is_address("postgres://me@host/db#t")
    assert not is_address("open-data:mimic3-demo-spells")
    assert not is_address(Path("data/stays.csv"))
    assert shown("postgres://me@host:5432/db?sslmode=require#t") == "postgres://host:5432"


def test_the_key_of_a_person_tells_people_apart_as_the_code_does() -> None:
    """Also codes that one hash might mix up, blanks aside, of any length."""
    codes = [f"{number:0{width}d}" for number in range(2000) for width in (4, 12, 64)]
    database = connect()
    table = ibis.memtable(pd.DataFrame({"person": codes * 2}))
    assert database.to_pandas(key_of(table["person"], database).nunique()) == len(set(codes))


def test_whole_numbers_are_keys_themselves() -> None:
    table = ibis.memtable(pd.DataFrame({"person": [1, 2, 2]}))
    assert key_of(table["person"], connect()).equals(table["person"])


def test_a_database_of_sqlite_is_never_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "params").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ParameterError, match="There is no such database"):
        connect("sqlite:///new.db")
    assert [path.name for path in tmp_path.iterdir()] == ["params"]
    sqlite3.connect(tmp_path / "there.db").execute("create table spells (a)").connection.close()
    assert connect("sqlite:///there.db").list_tables() == ["spells"]
