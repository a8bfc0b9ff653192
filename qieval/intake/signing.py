"""Keys with which a trust signs what it sends, and by which others know that it was the trust.

Ed25519 (RFC 8032), by the package ``cryptography``. The private key is one file that its owner
alone may read; it never leaves the computer. The public key is a line of text, ``ed25519:…``, that
may be known to everybody; its fingerprint is short enough to be read out on the telephone.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_config_path

from qieval.core.config import Settings
from qieval.core.errors import DataError, WorkspaceError

if TYPE_CHECKING:  # loading it takes as long as planning a hundred evaluations; few have packs
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

KIND = "ed25519:"
"""How the text of a public key begins."""

_SIGNED_AS = b"qieval pack\n"
"""Stands before what is signed, so that no signature of something else can pass for one of ours."""


def key_file(settings: Settings) -> Path:
    """Where the private key lies, or will when it is made."""
    return settings.signing_key or user_config_path("qieval") / "signing.key"


def make_key(file: Path) -> Ed25519PrivateKey:
    """Make a private key and keep it in a file that its owner alone may read.

    Raises
    ------
    WorkspaceError
        If there is such a file already, or it cannot be written.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = Ed25519PrivateKey.generate()
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            stream.write(text)
    except FileExistsError as error:
        raise WorkspaceError(
            "There is a signing key already, and nothing was changed.",
            found=file.name,
            remedy="Use it (`qieval key show`). If it is lost to others, move it away, make a new "
            "one, and tell whoever knows the old one to strike it off.",
        ) from error
    except OSError as error:
        raise WorkspaceError(
            "The signing key cannot be written.",
            found=error.strerror,
            remedy="Name a file that you may write in `signing_key` of `qieval.toml`, or in the "
            "environment variable `QIEVAL_SIGNING_KEY`.",
        ) from error
    return key


def load_key(file: Path) -> Ed25519PrivateKey:
    """The private key in a file.

    Raises
    ------
    WorkspaceError
        If there is none, or it is no such key.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(file.read_bytes(), password=None)
    except FileNotFoundError as error:
        raise WorkspaceError(
            "There is no signing key yet.",
            found=f"no `{file.name}`",
            remedy="Make one with `qieval key new`, and send the line that it prints to whoever "
            "receives your packs.",
        ) from error
    except (OSError, ValueError, TypeError) as error:
        raise WorkspaceError(
            "The signing key cannot be read.",
            found=f"`{file.name}`: {type(error).__name__}",
            remedy="Bring it back from a copy, or move it away and make a new one with "
            "`qieval key new`.",
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise WorkspaceError(
            "The signing key is of another kind.",
            found=f"`{file.name}`",
            remedy="Make one with `qieval key new`.",
        )
    return key


def public_text(key: Ed25519PrivateKey) -> str:
    """The public key as a line of text: "ed25519:" and 44 characters."""
    return KIND + base64.b64encode(key.public_key().public_bytes_raw()).decode()


def read_public(text: str) -> Ed25519PublicKey:
    """The public key that a line of text holds.

    Raises
    ------
    DataError
        If it holds none.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        if not text.startswith(KIND):
            raise ValueError(text)
        return Ed25519PublicKey.from_public_bytes(_bytes(text.removeprefix(KIND)))
    except ValueError as error:
        raise DataError(
            "This is not a public key.",
            remedy=f"It is the line that `qieval key show` prints: `{KIND}` and 44 characters.",
        ) from error


def fingerprint(text: str) -> str:
    """Eight groups of four digits and letters by which two people compare a public key."""
    digest = hashlib.sha256(read_public(text).public_bytes_raw()).hexdigest()
    return " ".join(digest[at : at + 4] for at in range(0, 32, 4))


def sign(key: Ed25519PrivateKey, content: bytes) -> str:
    """The signature of some bytes, as text."""
    return base64.b64encode(key.sign(_SIGNED_AS + content)).decode()


def is_signed(public: str, signature: str, content: bytes) -> bool:
    """Whether a signature is that of these very bytes by the owner of a public key.

    Raises
    ------
    DataError
        If the key is none.
    """
    from cryptography.exceptions import InvalidSignature

    key = read_public(public)
    try:
        key.verify(_bytes(signature), _SIGNED_AS + content)
    except (InvalidSignature, ValueError):
        return False
    return True


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("no base64") from error
