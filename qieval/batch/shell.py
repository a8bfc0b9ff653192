"""IPython's kernel without its sockets: what the child of a prepared process runs cells in.

It is ipykernel's own application, kernel and shell (configuration, magics, displays, tracebacks are
therefore the same); only what would talk over ZMQ talks over one plain socket instead. Messages
keep their form, so that nbclient understands them as it understands any kernel's.
"""

from __future__ import annotations

import asyncio
import contextvars
import ctypes
import io
import os
import select
import socket
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from ipykernel.iostream import OutStream
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from ipykernel.zmqshell import ZMQInteractiveShell
from jupyter_client.session import Session
from traitlets import Any as AnyTrait

from qieval.batch.wire import IOPUB, SHELL, send_frame, session, take_frame

FLUSH_SECONDS = OutStream.flush_interval
"""How long printed text may wait before it is sent, as in a real kernel."""

DRAIN_SECONDS = 10
"""Patience with the thread that reads what C code prints."""


class Outlet:
    """Where the kernel's messages go; stands where ipykernel has a ZMQ socket."""

    def __init__(self, channel: bytes) -> None:
        self.channel = channel
        self.connection: socket.socket | None = None
        self.owner = os.getpid()

    _lock = threading.Lock()  # both channels share one connection

    def send_multipart(self, parts: list[bytes], **_: Any) -> None:
        """Send one message; a process that the notebook forked has no say here."""
        if self.connection is not None and os.getpid() == self.owner:
            with self._lock:
                send_frame(self.connection, self.channel, parts)

    def schedule(self, call: Callable[[], None]) -> None:
        """Call at once: there is no thread to hand it to."""
        call()


class Stream(OutStream):
    """``sys.stdout`` and ``sys.stderr`` of the cells, without a thread and an event loop.

    As in a real kernel text is collected and sent at the end of a cell, before anything is
    displayed, and at the latest after a fifth of a second (the thread of `Capture` sees to that).
    """

    def __init__(self, session: Session, outlet: Outlet, name: str) -> None:
        io.TextIOBase.__init__(self)
        self.session = session
        self.pub_thread = outlet
        self.name = name
        self.topic = b"stream." + name.encode()
        self.echo = None
        self._isatty = False
        self._fid = None
        self._should_watch = False
        self._parent_header = contextvars.ContextVar("parent_header")
        self._parent_header.set({})
        self._parent_header_global: dict[str, Any] = {}
        self._flush_pending = self._subprocess_flush_pending = False
        self._buffer_lock = threading.RLock()
        self._buffers = defaultdict(io.StringIO)
        self._local = threading.local()
        self._since = 0.0
        self.descriptor = 1 if name == "stdout" else 2
        self._master_pid = os.getpid()

    def _schedule_flush(self) -> None:
        if not self._flush_pending:
            self._flush_pending, self._since = True, time.monotonic()

    def flush(self) -> None:
        """Send what was collected."""
        self._flush()

    def flush_if_due(self) -> None:
        """Send what was collected if it has waited long enough."""
        if self._flush_pending and time.monotonic() - self._since >= FLUSH_SECONDS:
            self._flush()

    def _flush(self) -> None:
        if os.getpid() == self._master_pid:
            super()._flush()
            return
        # A process that the notebook forked: its text goes the way of what C code prints.
        self._subprocess_flush_pending = False
        for _, text in self._flush_buffers():
            os.write(self.descriptor, text.encode(errors="replace"))


class Capture:
    """Reads what C code and other processes print to descriptors 1 and 2, in a thread.

    A mark written to both pipes and waited for makes sure that everything printed so far has been
    read: what a cell prints belongs to that cell.
    """

    def __init__(self, streams: tuple[Stream, Stream]) -> None:
        self._streams: dict[int, Stream] = {}
        self._ends: list[int] = []
        self._mark = b"\0" + os.urandom(12).hex().encode() + b"\0"
        self._seen: dict[Stream, threading.Event] = {}
        self._flush_c = ctypes.CDLL(None).fflush
        for stream in streams:
            reading, writing = os.pipe()
            stream._original_stdstream_copy = os.dup(stream.descriptor)
            os.dup2(writing, stream.descriptor)
            self._streams[reading] = stream
            self._ends.append(writing)
            self._seen[stream] = threading.Event()
        threading.Thread(target=self._read, name="output of C code", daemon=True).start()

    def _read(self) -> None:
        left = dict.fromkeys(self._streams, b"")
        while True:
            ready, _, _ = select.select(list(self._streams), [], [], FLUSH_SECONDS)
            for reading in ready:
                stream, data = self._streams[reading], left[reading] + os.read(reading, 65536)
                before, mark, data = data.rpartition(self._mark)
                # A mark may have come in part: what could be its beginning waits for the rest.
                keep = 0 if mark else _overlap(data, self._mark)
                text, left[reading] = before + data[: len(data) - keep], data[len(data) - keep :]
                text = text.replace(self._mark, b"")
                if text:
                    stream.write(text.decode(errors="replace"))
                    os.write(stream._original_stdstream_copy, text)
                if mark:
                    self._seen[stream].set()
            for stream in self._streams.values():
                stream.flush_if_due()

    def drain(self) -> None:
        """Wait until everything that was printed so far has been read."""
        self._flush_c(None)
        for stream, end in zip(self._streams.values(), self._ends, strict=True):
            self._seen[stream].clear()
            os.write(end, self._mark)
            self._seen[stream].wait(DRAIN_SECONDS)


def _overlap(data: bytes, mark: bytes) -> int:
    """How many bytes at the end of `data` could be the beginning of `mark`."""
    longest = min(len(data), len(mark) - 1)
    return next((n for n in range(longest, 0, -1) if data.endswith(mark[:n])), 0)


class Kernel(IPythonKernel):
    """ipykernel's kernel, called directly instead of through a queue."""

    shell_stream = AnyTrait()

    def _abort_queues(self, *_: Any) -> None:
        """Requests come one at a time: after an error there is none to abort."""

    async def answer(self, message: dict[str, Any]) -> None:
        """What ``dispatch_shell`` does around a request."""
        self.set_parent([], message, channel="shell")
        self._publish_status("busy", "shell")
        handler = self.shell_handlers[message["header"]["msg_type"]]
        self.pre_handler_hook()
        try:
            await _awaited(handler(self.shell_stream, [], message))
        except KeyboardInterrupt:
            self.log.error("KeyboardInterrupt caught in kernel.")
        finally:
            self.post_handler_hook()
        sys.stdout.flush()
        sys.stderr.flush()
        self._publish_status("idle", "shell")


async def _awaited(value: Any) -> Any:
    return await value if hasattr(value, "__await__") else value


class Application(IPKernelApp):
    """ipykernel's application: its configuration and start-up, none of its sockets and threads."""

    kernel_class = Kernel

    def init_poller(self) -> None:
        """The parent's death is told by the system (see `prepared`)."""

    def init_connection_file(self) -> None:
        """There is nothing to connect to."""

    def init_heartbeat(self) -> None:
        """A child that has ended is told by the system."""

    write_connection_file = log_connection_info = init_connection_file  # type: ignore[assignment]

    def init_sockets(self) -> None:
        """The session that writes messages, and the two places to write them to."""
        self.session = session(parent=self, check_pid=False)
        self.shell_socket, self.iopub_socket = Outlet(SHELL), Outlet(IOPUB)
        self.configure_tornado_logger()

    def init_io(self) -> None:
        """Python's streams; descriptors are captured in the child."""
        streams = [Stream(self.session, self.iopub_socket, n) for n in ("stdout", "stderr")]
        sys.stdout, sys.stderr = streams
        self.patch_io()

    def init_kernel(self) -> None:
        """The kernel, without streams to listen to."""
        self.kernel = Kernel.instance(
            parent=self,
            session=self.session,
            shell_stream=self.shell_socket,
            iopub_socket=self.iopub_socket,
            log=self.log,
            profile_dir=self.profile_dir,
            user_ns=self.user_ns,
        )

    def serve(self, connection: socket.socket) -> None:
        """Answer requests until the other side closes the connection, or a cell calls ``exit``."""
        own = os.getpid()
        self.session.pid = own
        for outlet in (self.shell_socket, self.iopub_socket):
            outlet.owner, outlet.connection = own, connection
        streams = (sys.stdout, sys.stderr)
        for stream in streams:
            stream._master_pid = own  # type: ignore[union-attr]
        capture = Capture(streams)  # type: ignore[arg-type]
        ZMQInteractiveShell.instance().events.register("post_run_cell", lambda *_: capture.drain())
        asyncio.run(self._answer_all(connection))

    async def _answer_all(self, connection: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        self.kernel.io_loop = _Loop(loop)
        # Asynchronous cells ask which thread is the shell's.
        self.kernel.shell_channel_thread = _MainThread()
        buffer = bytearray()
        shell = self.kernel.shell
        while not shell.exit_now:
            while (frame := take_frame(buffer)) is None:
                await _readable(loop, connection)  # tasks that a cell left behind go on meanwhile
                data = connection.recv(65536)
                if not data:
                    return
                buffer += data
            await self.kernel.answer(self.session.deserialize(frame[1][1:]))


class _MainThread:
    """Stands for ipykernel's thread that receives requests."""

    parent_thread = threading.main_thread()


class _Loop:
    """What ipykernel asks of its event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.add_callback = loop.call_soon_threadsafe  # an interrupt cancels an asynchronous cell

    def call_later(self, *_: Any) -> None:
        """After ``exit``: `Application.serve` ends by itself."""

    def stop(self) -> None:
        """As above."""


async def _readable(loop: asyncio.AbstractEventLoop, connection: socket.socket) -> None:
    """Wait until there is something to read."""
    ready = asyncio.Event()
    loop.add_reader(connection, ready.set)
    await ready.wait()
    loop.remove_reader(connection)


def application() -> Application:
    """Make the shell ready, as ipykernel does for a real kernel."""
    app = Application.instance()
    app.initialize(["--HistoryManager.enabled=False"])
    return app
