"""The prepared process: everything imported once; a fresh child, forked from it, for each notebook.

Started by :mod:`qieval.batch.warm`, it is given one socket. On it come requests, each with three
open files: the child's connection, the pipe on which its end is told, the log. It ends when the
other side of the socket is closed. Linux only.

A child of fork has one thread and a copy of everything: so there must be one thread only, and
nothing that may not be shared (no database, no event loop, no ZMQ context): :func:`objections`.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import ctypes
import gc
import json
import os
import random
import resource
import selectors
import signal
import socket
import sys
import traceback
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from qieval.batch import imports  # noqa: F401 - what is forked
from qieval.batch.preparing import ONE_THREAD, PREPARING
from qieval.batch.shell import Application
from qieval.catalogue import EVALUATIONS
from qieval.charts.svg import rehearse_letters
from qieval.core.reads import note_reads
from qieval.core.workspace import shipped
from qieval.params import read_evaluation

IDLE_SECONDS = 120
"""A prepared process that nobody needs goes."""

_PR_SET_PDEATHSIG = 1


def main(descriptor: int, app: Application, before: dict[str, str]) -> None:
    """Make everything ready, say so or why not, then fork a child for every request.

    Parameters
    ----------
    descriptor : int
        The socket on which requests come.
    app : Application
        The shell, made before this module was imported.
    before : dict
        The environment before that: what has come since is the shell's own.
    """
    connection = socket.socket(fileno=descriptor)
    _rehearse()
    duckdb.default_connection().close()  # it opens a database when it is imported
    objection = objections()
    ready = {"refused": objection, "language": app.kernel.language_info}
    connection.send(json.dumps(ready).encode())
    if objection:
        return
    for name in PREPARING:
        os.environ.pop(name, None)
    own = {name: value for name, value in os.environ.items() if before.get(name) != value}
    gc.collect()
    gc.freeze()  # otherwise the first collection of each child would copy every page
    Forks(connection, app, own).serve()


def _rehearse() -> None:
    """Do once what every notebook would do first: models of its parameters, letters and fonts.

    What comes of it depends on our own code and files alone, and stays in caches.
    """
    home = shipped()
    for row in EVALUATIONS.values():
        if (example := home / "params" / row.example).is_file():
            read_evaluation(example, home)
    rehearse_letters()
    table = pd.DataFrame({"a": [1], "b": [1]})
    str(table), table.to_dict("records"), table.set_index(["a", "b"]).unstack()


def objections() -> str:
    """Why this process may not be forked, or nothing."""
    threads = len(os.listdir("/proc/self/task"))
    if threads > 1:
        return f"the prepared process has {threads} threads"
    if sys.modules["zmq"].Context._instance is not None:
        return "the prepared process has a ZMQ context"
    if asyncio.get_event_loop_policy()._local._loop is not None:  # type: ignore[attr-defined]
        return "the prepared process has an event loop"
    files = [os.path.realpath(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd")]
    databases = [file for file in files if file.endswith((".db", ".duckdb", ".sqlite"))]
    if databases:
        return "the prepared process has an open database"
    if any(os.environ.get(name) != number for name, number in ONE_THREAD.items()):
        return "numpy may compute with several threads"
    return ""


class Forks:
    """The children that run, and the requests for more."""

    def __init__(self, connection: socket.socket, app: Application, own: dict[str, str]) -> None:
        self.connection = connection
        self.app = app
        self.own = own
        self.pid = os.getpid()
        self.ends: dict[int, int] = {}
        """Where the end of each child is told."""

    def serve(self) -> None:
        """Fork on request, tell who has ended, until nobody asks any more."""
        waking, wake = socket.socketpair()
        for end in (waking, wake):
            end.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the run, which stops us
        signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
        with selectors.DefaultSelector() as selector:
            selector.register(self.connection, selectors.EVENT_READ)
            selector.register(waking, selectors.EVENT_READ)
            while True:
                ready = selector.select(None if self.ends else IDLE_SECONDS)
                if not ready and not self.ends:
                    return
                for key, _ in ready:
                    if key.fileobj is waking:
                        waking.recv(4096)
                        self.reap()
                    elif not self.answer():
                        self.stop_all()
                        return

    def answer(self) -> bool:
        """Answer one request; False when there will be no more."""
        data, files, _, _ = socket.recv_fds(self.connection, 1 << 20, 3)
        if not data:
            return False
        request = json.loads(data)
        if "signal" in request:
            if request["pid"] in self.ends:
                _to_group(request["pid"], request["signal"])
            return True
        child, end, log = files
        try:
            pid = os.fork()
        except OSError as error:
            self.connection.send(json.dumps({"refused": error.strerror}).encode())
            os.close(end)
        else:
            if pid == 0:
                self.become_child(request, child, log)
            self.ends[pid] = end
            self.connection.send(json.dumps({"started": pid}).encode())
        os.close(child)
        os.close(log)
        return True

    def reap(self) -> None:
        """Tell the end of every child that has ended; whatever it had started ends with it."""
        while self.ends:
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is None:
                return
            _to_group(ended.si_pid, signal.SIGKILL)  # before its number can be given to another
            _, status = os.waitpid(ended.si_pid, 0)
            end = self.ends.pop(ended.si_pid)
            with contextlib.suppress(BrokenPipeError):  # nobody wants to know any more
                os.write(end, str(os.waitstatus_to_exitcode(status)).encode())
            os.close(end)

    def stop_all(self) -> None:
        """End every child."""
        for pid in self.ends:
            _to_group(pid, signal.SIGKILL)

    def become_child(self, request: dict[str, Any], connection: int, log: int) -> None:
        """What the forked child does; it does not come back."""
        code = 1
        try:
            os.setsid()
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != self.pid:
                os._exit(1)  # the prepared process has died in this very moment
            self.fresh(request, connection, log)
            self.app.serve(socket.socket(fileno=connection))
            atexit._run_exitfuncs()
            code = 0
        except SystemExit as error:
            code = error.code if isinstance(error.code, int) else 1
        except BaseException:
            traceback.print_exc(file=sys.__stderr__)
        finally:
            os._exit(code)

    def fresh(self, request: dict[str, Any], connection: int, log: int) -> None:
        """Undo what a process inherits: files, signals, folder, environment, chance."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((nothing, 0), (log, 1), (log, 2)):
            os.dup2(source, target)
        for descriptor in [int(name) for name in os.listdir("/proc/self/fd")]:
            if descriptor > 2 and descriptor != connection:
                with contextlib.suppress(OSError):  # the one that listed them
                    os.close(descriptor)
        os.environ.clear()
        os.environ.update({**request["environment"], **self.own})
        os.chdir(request["folder"])
        note_reads()
        if request["memory"]:
            limit = request["memory"] << 20
            resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
        random.seed()
        np.random.seed()  # noqa: NPY002 - the notebook's own choice to use it
        gc.enable()
        # A notebook makes many objects and few rings of them; its process ends soon.
        gc.set_threshold(20_000, 20, 50)


def _to_group(pid: int, number: int) -> None:
    """Send a signal to a child and whatever it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):  # nobody is left
        os.killpg(pid, number)
