"""Where tables are computed: DuckDB inside this process, or any database by its address."""

from __future__ import annotations

import re

import ibis
from ibis.backends import BaseBackend

from qieval.core.errors import ParameterError


def connect(address: str | BaseBackend | None = None) -> BaseBackend:
    """A database to compute in.

    Parameters
    ----------
    address : str or ibis backend, optional
        None: DuckDB inside this process, nothing to install or start. Otherwise an address that
        ibis knows, such as ``postgres://user@host/database``; an open ibis connection is taken as
        it is.

    Raises
    ------
    ParameterError
        If nothing can be opened at the address. Its message never shows a password.
    """
    if address is None:
        return ibis.duckdb.connect()
    if isinstance(address, BaseBackend):
        return address
    if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", str(address)):
        raise ParameterError(
            "This is no address of a database.",
            found="no `<database>://` at its beginning",
            remedy="Leave `backend` out for DuckDB, or write for instance "
            "`postgres://user@host/database`.",
            where="backend",
        )
    try:
        return ibis.connect(str(address))
    except Exception as error:  # every database has its own errors; all mean: not opened
        raise ParameterError(
            f"The database `{_shown(str(address))}` cannot be opened.",
            found=type(error).__name__,
            remedy="Check the address, that the database runs, and that its ibis driver is "
            "installed; or leave `backend` out for DuckDB.",
            where="backend",
        ) from None  # the database's own message may repeat the password


def _shown(address: str) -> str:
    """Kind and host of an address: the rest may hold a password or a folder of this computer."""
    scheme, _, rest = address.partition("://")
    host = re.split(r"[/?#]", rest)[0].rpartition("@")[2]
    return f"{scheme}://{host}"
