"""Start a prepared process, and talk with it; see :mod:`qieval.batch.prepared` for what it is.

Nothing heavy is imported here: a process is begun before whoever leads the run loads what it needs
itself, so that both get ready at the same time.
"""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from qieval.core.workspace import PACKAGE

ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""Sums of many threads differ in the last bit, and a fork would lose the threads."""

PREPARING = {"JE_ARROW_MALLOC_CONF": "background_thread:false"}
"""For the prepared process alone: pyarrow's allocator starts a thread when it is imported."""

START_SECONDS = 120
"""Patience with the imports of the prepared process: a busy computer, a cold disk."""

_OF_THE_NOTEBOOK = ("QIEVAL_", "PYTEST_")
_NO_MATTER = {"_", "PWD", "OLDPWD", "SHLVL", "COLUMNS", "LINES", *ONE_THREAD, *PREPARING}


START = """
import gc, os, sys
gc.disable()
home, descriptor = sys.argv[1:]
sys.path.insert(0, home)  # the very qieval that asks, wherever it lies
before = dict(os.environ)
from qieval.batch.shell import application
app = application()
with app.shell.builtin_trap:  # `get_ipython` is there, as in a cell
    from qieval.batch.prepared import main
sys.path.remove(home)
main(int(descriptor), app, before)
"""


class NotPrepared(Exception):
    """Why there is no prepared process."""


@dataclass
class Prepared:
    """A prepared process, seen from outside."""

    process: subprocess.Popen[bytes]
    connection: socket.socket
    depends_on: tuple[Any, ...]
    language: dict[str, Any] = field(default_factory=dict)

    def ask(self, request: dict[str, Any], files: tuple[int, ...] = ()) -> dict[str, Any]:
        """Send one request; the answer."""
        try:
            socket.send_fds(self.connection, [json.dumps(request).encode()], files)
            answer = self.connection.recv(4096) if files else b"{}"
        except OSError as error:
            raise NotPrepared(error.strerror or "the prepared process has ended") from error
        if not answer:
            raise NotPrepared("the prepared process has ended")
        return dict(json.loads(answer))

    def close(self) -> None:
        """Let it go; it ends its children."""
        self.connection.close()
        threading.Thread(target=self.process.wait, daemon=True).start()


@dataclass
class Beginning:
    """A process that gets ready."""

    process: subprocess.Popen[bytes]
    connection: socket.socket
    depends_on: tuple[Any, ...]
    said: IO[bytes]

    def ready(self) -> Prepared:
        """Wait until it is ready; raise NotPrepared if it cannot be."""
        prepared = Prepared(self.process, self.connection, self.depends_on)
        ready, _, _ = select.select([self.connection], [], [], START_SECONDS)
        answer = self.connection.recv(65536) if ready else b""
        with self.said as said:
            if not answer:
                self.process.kill()
                prepared.close()
                said.seek(0)
                last = said.read().decode(errors="replace").strip().rpartition("\n")[2]
                raise NotPrepared(last or "the prepared process did not come up")
        told = json.loads(answer)
        if told["refused"]:
            prepared.close()
            raise NotPrepared(told["refused"])
        prepared.language = told["language"]
        return prepared


_begun: list[Beginning] = []
"""The one that was begun and not asked for yet."""


def begin_early() -> None:
    """Begin a process that will be needed; whoever needs it waits for the rest of the time."""
    if sys.platform == "linux" and not _begun:
        _begun.append(begin())


def begin() -> Beginning:
    """Begin a process; the one that was begun before, if there is one."""
    if _begun:
        return _begun.pop()
    if sys.platform != "linux":
        raise NotPrepared("a prepared process needs Linux")
    depends_on = made_of()
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    home = str(PACKAGE.parent)
    said = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it is ready
    with theirs:
        process = subprocess.Popen(
            # As ipykernel starts: otherwise tracebacks through Python's own modules differ.
            [sys.executable, "-Xfrozen_modules=off", "-c", START, home, str(theirs.fileno())],
            env={**os.environ, **ONE_THREAD, **PREPARING},
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            pass_fds=[theirs.fileno()],
            start_new_session=True,  # a Ctrl-C at the terminal is for the run alone
        )
    return Beginning(process, ours, depends_on, said)


def made_of() -> tuple[Any, ...]:
    """What a prepared process depends on: code, packages, the environment at the time."""
    folders = [Path(folder) for folder in sys.path if folder.endswith("-packages")]
    own = (file for file in PACKAGE.rglob("*") if "__pycache__" not in file.parts)
    code = [(str(file), file.stat().st_mtime_ns) for file in (*own, *folders)]
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(_OF_THE_NOTEBOOK) and name not in _NO_MATTER
    }
    return sorted(code), environment
