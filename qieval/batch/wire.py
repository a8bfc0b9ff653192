"""What a run and its prepared process agree on: messages on a socket."""

from __future__ import annotations

import socket
import struct
from typing import Any

from jupyter_client.session import Session

SHELL, IOPUB = b"s", b"i"
"""A kernel's two channels."""

_HEAD = struct.Struct("!cI")
_LENGTH = struct.Struct("!I")


def send_frame(connection: socket.socket, channel: bytes, parts: list[bytes]) -> None:
    """Send one message: its channel, the number of its parts, each part after its length."""
    pieces = [_HEAD.pack(channel, len(parts))]
    for part in parts:
        view = memoryview(part).cast("B")
        pieces += [_LENGTH.pack(len(view)), view]  # type: ignore[list-item]
    connection.sendall(b"".join(pieces))


def take_frame(buffer: bytearray) -> tuple[bytes, list[bytes]] | None:
    """Take one whole message off the front of what has come in; None if it is not there yet."""
    if len(buffer) < _HEAD.size:
        return None
    channel, count = _HEAD.unpack_from(buffer)
    at, parts = _HEAD.size, []
    for _ in range(count):
        if len(buffer) < at + _LENGTH.size:
            return None
        (length,) = _LENGTH.unpack_from(buffer, at)
        at += _LENGTH.size
        if len(buffer) < at + length:
            return None
        parts.append(bytes(buffer[at : at + length]))
        at += length
    del buffer[:at]
    return channel, parts


def session(**options: Any) -> Session:
    """What writes and reads messages; unsigned, since nobody else has this socket."""
    made = Session(**options)
    made.auth = None
    return made
