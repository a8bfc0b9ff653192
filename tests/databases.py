"""PostgreSQL and Spark, started by the tests that need them, on this computer only.

Where Java or PostgreSQL is missing such a test is skipped, and says so. In CI (``CI=true``) it
fails instead: there both are installed, so a skip would hide that nothing was compared.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from ibis.backends import BaseBackend

from qieval.intake import backends

DEBIAN = Path("/usr/lib/postgresql")
SETTINGS = {
    "spark.master": "local[1]",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "600m",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "1",
    # Small tables, many different queries: what makes big ones fast only costs time here.
    "spark.sql.codegen.wholeStage": "false",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
}


def needs(what: str, there: bool) -> None:
    """Skip, loudly; in CI fail."""
    if there:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI has no {what}: .ci/run must install it")
    pytest.skip(f"NEEDS {what}: nothing was compared")


def server_program(name: str) -> Path | None:
    """A program of the PostgreSQL server: on the path, or where Debian keeps it."""
    if found := shutil.which(name):
        return Path(found)
    versions = sorted(DEBIAN.glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]))
    return versions[-1] if versions else None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of an empty PostgreSQL; its password is in the environment."""
    initdb, control = server_program("initdb"), server_program("pg_ctl")
    needs("PostgreSQL's server", initdb is not None and control is not None)
    needs("psycopg (make test installs it)", find_spec("psycopg") is not None)
    folder = Path(tempfile.mkdtemp(prefix="qieval-postgres-"))
    # The server refuses to run as root, who hands over to the user that Debian made for it.
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    said = folder / "password"
    said.write_text(secrets.token_urlsafe(16))
    if as_user:
        shutil.chown(folder, "postgres")
        shutil.chown(said, "postgres")

    def run(*command: object) -> None:
        subprocess.run(
            [*as_user, *map(str, command)], check=True, stdout=subprocess.DEVNULL, cwd=folder
        )

    port = free_port()
    kept = os.environ.get(backends.PASSWORD)
    os.environ[backends.PASSWORD] = said.read_text()
    data = folder / "data"
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c fsync=off -k {folder}"
    run(
        *(initdb, "-D", data, "-U", "analyst", "--auth=scram-sha-256", f"--pwfile={said}"),
        *("--no-sync", "--encoding=UTF8", "--locale=C"),
    )
    run(control, "-D", data, "-l", folder / "log", "-o", options, "-w", "start")
    address = f"postgres://analyst@127.0.0.1:{port}/postgres"
    try:
        yield address
    finally:
        backends.connect(address).disconnect()
        run(control, "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder)
        del os.environ[backends.PASSWORD]
        if kept is not None:
            os.environ[backends.PASSWORD] = kept


@pytest.fixture(scope="session")
def spark() -> Iterator[str]:
    """The address of a Spark session on this computer."""
    needs("Java", shutil.which("java") is not None or "JAVA_HOME" in os.environ)
    needs("pyspark (make test installs it)", find_spec("pyspark") is not None)
    address = "pyspark://?" + "&".join(f"{name}={value}" for name, value in SETTINGS.items())
    try:
        yield address
    finally:
        backends.connect(address).disconnect()


@pytest.fixture(params=["postgres", pytest.param("spark", marks=pytest.mark.slow)])
def database(request: pytest.FixtureRequest) -> BaseBackend:
    """Each database in turn, opened by its address."""
    return backends.connect(request.getfixturevalue(request.param))
