"""Where tables are computed: DuckDB inside this process, or any database by its address."""

from __future__ import annotations

import functools
import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from qieval.core.errors import ParameterError, listed
from qieval.core.late import BaseBackend, ibis, ir
from qieval.core.workspace import resolve

PASSWORD = "QIEVAL_DATABASE_PASSWORD"
"""The environment variable that holds a database's password (or access token)."""

FILE_ROW = "file_row"
"""The column of a table in a database that holds the row number of its file, if it has one."""

_SECRETS = {"password", "pwd", "access_token", "token", "secret"}
"""What an address may not hold after its ``?``."""


@functools.cache
def _hash() -> Callable[[ir.Column], ir.Column]:
    """DuckDB's own 64-bit hash."""

    def hashed(text: str) -> int:  # type: ignore[empty-body]
        """Nothing runs here: DuckDB has it."""

    return ibis.udf.scalar.builtin(hashed, name="hash")


def connect(address: str | BaseBackend | None = None) -> BaseBackend:
    """A database to compute in.

    Raises ParameterError if nothing can be opened at the address, or a password stands in it. The
    message never shows a password.

    Parameters
    ----------
    address : str or ibis backend, optional
        None: DuckDB inside this process, nothing to install or start. Otherwise an address that
        ibis knows, such as ``postgres://user@host/database``; an open ibis connection is taken as
        it is. An address is opened once in a process, so that stays and leave of one database
        meet there. The password comes from the environment (``QIEVAL_DATABASE_PASSWORD``) or from
        what the database's own driver reads, never from the address.
    """
    if address is None:
        return ibis.duckdb.connect(temp_directory=spill_folder())
    if isinstance(address, ibis.BaseBackend):
        return address
    scheme, _, path = str(address).partition("://")
    # A file of DuckDB is found from the workspace, as every other file is.
    return _opened(f"duckdb://{resolve(path)}" if scheme == "duckdb" else str(address))


def shown(address: str) -> str:
    """Kind and host of an address: the rest may hold a password or a folder of this computer."""
    scheme, _, rest = address.partition("://")
    host = re.split(r"[/?#]", rest)[0].rpartition("@")[2]
    return f"{scheme}://{host}"


def is_address(text: object) -> bool:
    """Whether a text is the address of a database: ``postgres://…``."""
    return isinstance(text, str) and bool(re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", text))


def key_of(person: ir.Column, database: BaseBackend) -> ir.Column:
    """What tells one person from another in the database; never read from it.

    DuckDB sorts persons to find overlapping stays. There, a code of any length becomes two hashes
    of 64 bits: half the time of sorting text, and the memory no longer depends on how long the
    codes are. Two of 100 million persons fall on one key with a probability below 1 in 10²².
    """
    if database.name != "duckdb" or person.type().is_integer():
        return person if person.type().is_integer() else person.cast("string")
    code = person.cast("string")
    # The second hash begins otherwise: two codes alike in one are not alike in both.
    return ibis.struct({"one": _hash()(code), "two": _hash()("2" + code)})


@functools.cache
def _opened(address: str) -> BaseBackend:
    if not is_address(address):
        raise ParameterError(
            "This is no address of a database.",
            found="no `<database>://` at its beginning",
            remedy="Leave `backend` out for DuckDB, or write for instance "
            "`postgres://user@host/database`.",
            where="backend",
        )
    _refuse_secrets(address)
    file = urlsplit(address).path.removeprefix("/") if address.startswith("sqlite:") else ""
    if file and not resolve(file).is_file():
        raise ParameterError(  # opening it would make it
            "There is no such database.",
            found=f"no file `{Path(file).name}`",
            remedy="Check its path: `sqlite:///<path in the workspace>`, with one / more for a "
            "path from the root of the disk.",
            where="backend",
        )
    try:
        match urlsplit(address).scheme:
            case "pyspark":
                return _spark(address)
            case "sqlite":
                return ibis.sqlite.connect(resolve(file))
            case "duckdb":
                # Read only: then it is not locked against others, nor made where it is missing.
                return ibis.duckdb.connect(
                    address.removeprefix("duckdb://"), read_only=True, temp_directory=spill_folder()
                )
            case "databricks":
                return ibis.databricks.connect(**databricks_options(address))
            case _:
                # For the user whom the address names; without one, sign-on is the driver's.
                password = os.environ.get(PASSWORD) if urlsplit(address).username else None
                return ibis.connect(address, **({"password": password} if password else {}))
    except Exception as error:  # every database has its own errors; all mean: not opened
        raise ParameterError(
            f"The database `{shown(address)}` cannot be opened.",
            found=type(error).__name__,
            remedy="Check the address, that the database runs, that its ibis driver is installed "
            f"and, if it asks for a password, that the environment variable {PASSWORD} holds it.",
            where="backend",
        ) from None  # the database's own message may repeat the password


def _refuse_secrets(address: str) -> None:
    parts = urlsplit(address)
    named = [name for name, _ in parse_qsl(parts.query) if name.lower() in _SECRETS]
    if ":" in parts.netloc.rpartition("@")[0] or named:
        raise ParameterError(
            f"A password stands in the address of `{shown(address)}`.",
            found=listed(named) if named else "a password before the `@`",
            remedy=f"Take it out (and change it, if the file was shared). Set the environment "
            f"variable {PASSWORD} instead.",
            where="backend",
        )


def databricks_options(address: str) -> dict[str, str]:
    """What Databricks is connected with: ``databricks://<server>/<http path>?catalog=…``."""
    parts = urlsplit(address)
    options = {"server_hostname": parts.netloc, "http_path": parts.path}
    if token := os.environ.get(PASSWORD):
        options["access_token"] = token
    return options | dict(parse_qsl(parts.query))


def _spark(address: str) -> BaseBackend:
    """Spark: here, or on the cluster that ``?spark.master=…`` names; other settings likewise."""
    from pyspark.sql import SparkSession  # an extra: most people have no Spark

    options = dict(parse_qsl(urlsplit(address).query))
    # Without Arrow, blanks of a DataFrame would come to Spark as the text "NaN".
    options["spark.sql.execution.arrow.pyspark.enabled"] = "true"
    builder = SparkSession.builder
    for name, value in options.items():
        builder = builder.config(name, value)
    return ibis.pyspark.connect(builder.getOrCreate())


def spill_folder() -> str:
    """Where DuckDB puts what does not fit into memory: ours alone, and gone with the process."""
    return _spill_folder().name


@functools.cache
def _spill_folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="qieval-")
