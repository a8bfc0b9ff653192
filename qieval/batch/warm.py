"""The warm engine: each notebook in a child of a process that has imported everything.

A fresh process a notebook, as with papermill, without a start of Python, the imports and ZMQ. What
a cell says comes as a kernel's own messages and is read by nbclient, as papermill's is, so that
notebooks come out alike. Registered with papermill: ``papermill --engine qieval …``. Where it
cannot be, papermill's own engine takes over and the log says why.

This module must not import :mod:`qieval.batch.engines`: papermill loads it while it is itself being
imported.
"""

from __future__ import annotations

import asyncio
import os
import queue
import select
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO

from nbclient.exceptions import CellExecutionComplete, CellTimeoutError, DeadKernelError
from nbclient.util import run_sync
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, NBClientEngine, NotebookExecutionManager

from qieval.batch.preparing import ONE_THREAD, NotPrepared, Prepared, begin, made_of
from qieval.batch.wire import SHELL, send_frame, session, take_frame

END_SECONDS = 5
"""Patience with a child that has nothing more to do."""

INTERRUPT_SECONDS = 2
"""Patience with a cell that was interrupted, to say where it was."""

CHECK_SECONDS = 2
"""How often it is looked whether the code has changed since it was imported."""


class Warm:
    """The one prepared process of this Python, started when it is first needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._prepared: Prepared | None = None
        self._checked = 0.0

    def why_not(self) -> str:
        """Why notebooks cannot be run warm on this computer, or nothing."""
        try:
            with self._lock:
                self._current()
        except NotPrepared as why:
            return str(why)
        return ""

    def close(self) -> None:
        """Let the prepared process go, and wait until it has gone."""
        with self._lock:
            if self._prepared:
                self._prepared.close()
                self._prepared.process.wait()
                self._prepared = None

    def fork(self, environment: dict[str, str], folder: str, memory: int, log: int) -> Child:
        """A fresh child of the prepared process."""
        ours, theirs = socket.socketpair()
        told, tell = os.pipe()
        request = {"environment": environment, "folder": folder, "memory": memory}
        try:
            with self._lock:
                files = (theirs.fileno(), tell, log)
                prepared, answer = self._ask_anew(request, files)
        except NotPrepared:
            ours.close()
            os.close(told)
            raise
        finally:
            theirs.close()
            os.close(tell)
        return Child(prepared, answer["started"], ours, told)

    def _ask_anew(
        self, request: dict[str, Any], files: tuple[int, ...]
    ) -> tuple[Prepared, dict[str, Any]]:
        """Ask; once more if the process had gone since it was last asked."""
        for attempt in (1, 2):
            prepared = self._current()
            try:
                answer = prepared.ask(request, files)
            except NotPrepared:
                prepared.close()
                self._prepared = None
                if attempt == 2:
                    raise
                continue
            if "refused" in answer:
                raise NotPrepared(f"no child could be started ({answer['refused']})")
            return prepared, answer
        raise AssertionError

    def _current(self) -> Prepared:
        """The prepared process; a new one if what it was made of has changed."""
        if self._prepared and time.monotonic() - self._checked > CHECK_SECONDS:
            self._checked = time.monotonic()
            if self._prepared.depends_on != made_of() or self._prepared.process.poll() is not None:
                self._prepared.close()
                self._prepared = None
        if self._prepared is None:
            self._prepared = begin().ready()
            self._checked = time.monotonic()
        return self._prepared


WARM = Warm()


class Child:
    """One child: a kernel's client as nbclient knows it, over one plain socket."""

    allow_stdin = False

    def __init__(self, prepared: Prepared, pid: int, connection: socket.socket, told: int) -> None:
        self._prepared = prepared
        self.pid = pid
        self._connection = connection
        self._told = told
        self.session = session()
        self.iopub_channel, self.shell_channel = _Channel(self), _Channel(self)
        self._buffer = bytearray()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._alive = True
        self._close_lock = threading.Lock()

    def _listen(self) -> None:
        """Begin to read what it says, in the event loop of who asks."""
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._connection, self._read)
        self._loop.add_reader(self._told, self._ended)

    def _read(self) -> bool:
        """Read what has come; whether there may be more."""
        try:
            data = self._connection.recv(1 << 18)
        except OSError:
            data = b""
        if not data:
            assert self._loop is not None
            self._loop.remove_reader(self._connection)
            return False
        self._buffer += data
        while frame := take_frame(self._buffer):
            channel = self.shell_channel if frame[0] == SHELL else self.iopub_channel
            _, parts = self.session.feed_identities(frame[1])
            channel.put(self.session.deserialize(parts))
        return True

    def _ended(self) -> None:
        """It has ended: whatever it still said first, then say so to who waits."""
        assert self._loop is not None
        self._loop.remove_reader(self._told)
        self._connection.setblocking(False)
        while self._read():
            pass
        self._alive = False
        self.iopub_channel.put(None)
        self.shell_channel.put(None)

    def _send(self, message: dict[str, Any]) -> str:
        with suppress(OSError):  # it has ended, which who waits for the answer will be told
            send_frame(self._connection, SHELL, self.session.serialize(message))
        return str(message["header"]["msg_id"])

    def execute(self, code: str, store_history: bool = True, stop_on_error: bool = True) -> str:
        """Ask for a cell to be run; the request's id."""
        if self._loop is None:
            self._listen()
        content = {
            "code": code,
            "silent": False,
            "store_history": store_history,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": stop_on_error,
        }
        return self._send(self.session.msg("execute_request", content))

    def kernel_info(self) -> str:
        """What language this is: known without asking."""
        message = self.session.msg("kernel_info_request")
        content = {"language_info": self._prepared.language}
        self.shell_channel.put(
            self.session.msg("kernel_info_reply", content, parent=message["header"])
        )
        return str(message["header"]["msg_id"])

    async def is_alive(self) -> bool:
        """Whether it runs."""
        return self._alive

    def signal(self, number: int) -> None:
        """Send a signal to it and to everything that it started, from any thread."""
        with self._close_lock:
            if self._told >= 0:
                with suppress(NotPrepared):  # its children end with the prepared process
                    self._prepared.ask({"signal": number, "pid": self.pid})

    def kill(self) -> None:
        """End it at once."""
        self.signal(signal.SIGKILL)

    def close(self) -> None:
        """Tell it that there is nothing more to do, and see to it that it ends."""
        if self._loop is not None:
            self._loop.remove_reader(self._connection)
            self._loop.remove_reader(self._told)
        self._connection.close()
        if not select.select([self._told], [], [], END_SECONDS)[0]:
            self.kill()
            select.select([self._told], [], [], END_SECONDS)
        with self._close_lock:
            os.close(self._told)
            self._told = -1


class _Channel:
    """One of a kernel's channels, as nbclient reads it."""

    def __init__(self, child: Child) -> None:
        self._child = child
        self._queue: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()

    def put(self, message: dict[str, Any] | None) -> None:
        """Take a message in; nothing when there will be no more."""
        self._queue.put_nowait(message)

    def send(self, message: dict[str, Any]) -> None:
        """Send a message that is not a cell: a widget's."""
        self._child._send(message)

    async def get_msg(self, timeout: float | None = None) -> dict[str, Any]:
        """The next message; raise when there is none in time, or the child has ended."""
        try:
            message = await asyncio.wait_for(self._queue.get(), timeout)
        except TimeoutError as error:
            raise queue.Empty from error
        if message is None:
            while not self._child.iopub_channel.is_read():
                await asyncio.sleep(0)  # what it said before it ended still goes into the notebook
            self.put(None)
            raise DeadKernelError("Kernel died")
        return message

    def is_read(self) -> bool:
        """Whether nothing is left but the word that there is nothing more."""
        return self._queue.qsize() <= 1


class Client(PapermillNotebookClient):
    """papermill's client, with a child of the prepared process for its kernel."""

    child: Child

    @contextmanager
    def setup_kernel(self, **_: Any) -> Iterator[None]:
        """Let the child be the kernel while the notebook runs."""
        self.kc = self.child
        try:
            yield
        except BaseException:
            self.child.kill()
            raise
        finally:
            self.child.close()

    async def async_execute_cell(
        self, cell: Any, cell_index: int, *arguments: Any, **options: Any
    ) -> Any:
        """Execute a cell; one that takes too long is interrupted, and says where it was."""
        try:
            return await super().async_execute_cell(cell, cell_index, *arguments, **options)
        except CellTimeoutError:
            self.child.signal(signal.SIGINT)
            with suppress(queue.Empty, DeadKernelError, CellExecutionComplete):
                while True:
                    message = await self.child.iopub_channel.get_msg(INTERRUPT_SECONDS)
                    self.process_message(message, cell, cell_index)
            raise

    execute_cell = run_sync(async_execute_cell)

    async def _async_poll_kernel_alive(self) -> None:
        """Nothing to ask for again and again: the child's end is told by the system."""


class NotebookEngine(Engine):
    """The warm engine as papermill calls one."""

    running: set[Child] = set()  # noqa: RUF012
    _lock = threading.Lock()

    @classmethod
    def execute_notebook(
        cls, nb: Any, kernel_name: str, output_path: str | None = None, **options: Any
    ) -> Any:
        """Execute the notebook; write it where it was stopped, else papermill does at its end."""
        manager = NotebookExecutionManager(
            nb,
            log_output=options.get("log_output", False),
            progress_bar=options.pop("progress_bar", True),
            autosave_cell_every=options.pop("autosave_cell_every", 0),
        )
        manager.notebook_start()
        try:
            cls.execute_managed_notebook(manager, kernel_name, **options)
        except BaseException:
            manager.output_path = output_path
            raise
        finally:
            manager.notebook_complete()
        return manager.nb

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        *,
        log_output: bool = False,
        stdout_file: TextIO | None = None,
        stderr_file: TextIO | None = None,
        execution_timeout: int | None = None,
        environment: dict[str, str] | None = None,
        memory: int = 0,
        **options: Any,
    ) -> Any:
        """Execute the notebook's cells in a fresh child.

        Parameters
        ----------
        nb_man : NotebookExecutionManager
            papermill's record of the notebook.
        kernel_name : str
            Only for papermill's own engine, should it have to take over.
        log_output, stdout_file, stderr_file
            What becomes of what is printed, as papermill has it.
        execution_timeout : int, optional
            Seconds that one cell may take.
        environment : dict, optional
            Environment of the child, beside that of this process.
        memory : int
            Megabytes that the child may use; 0 for as many as there are.
        options
            What papermill's own engine takes.
        """
        about = {"log_output": log_output, "stdout_file": stdout_file, "stderr_file": stderr_file}
        folder = options.get("resources", {}).get("metadata", {}).get("path") or os.getcwd()
        log = stderr_file.fileno() if stderr_file else 2
        try:
            if nb_man.nb.metadata.get("kernelspec", {}).get("language", "python") != "python":
                raise NotPrepared("the notebook is not in Python")
            given = {**os.environ, **ONE_THREAD, **(environment or {})}
            child = WARM.fork(given, folder, memory, log)
        except NotPrepared as why:
            print(f"papermill's own engine runs this notebook: {why}", file=stderr_file)
            return NBClientEngine.execute_managed_notebook(
                nb_man, kernel_name, execution_timeout=execution_timeout, **about, **options
            )
        client = Client(
            nb_man,
            timeout=execution_timeout,
            resources=options.get("resources", {}),
            iopub_timeout=options.get("iopub_timeout", 60),
            **about,
        )
        if hook := options.get("on_cell_executed"):
            client.on_cell_executed = hook
        client.child = child
        with cls._lock:
            cls.running.add(child)
        try:
            return client.execute()
        finally:
            with cls._lock:
                cls.running.discard(child)

    @classmethod
    def stop(cls) -> None:
        """End every notebook that runs now."""
        with cls._lock:
            children = list(cls.running)
        for child in children:
            child.kill()
