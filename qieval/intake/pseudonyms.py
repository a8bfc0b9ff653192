"""Pseudonyms: a code of a person becomes another that only the holder of a key could find again.

HMAC-SHA256 of the code, shortened to 16 hexadecimal digits. The key is a file of 32 random bytes,
made on first use in the user's configuration folder; or the file that the setting ``key`` of
``qieval.toml`` (or ``QIEVAL_KEY``) names. It never lies in the outputs folder, and no output holds
a pseudonym.
"""

from __future__ import annotations

import hmac
import os
import secrets
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from platformdirs import user_config_path

from qieval.core.config import Settings
from qieval.core.errors import WorkspaceError

PUBLIC_KEY = b"qieval: a key for people who do not exist"
"""For simulated and published data: the same pseudonyms on every computer."""

_BYTES = 8
_KEY_BYTES = 32


def pseudonyms(codes: pd.Series, key: bytes) -> pd.Series:
    """A pseudonym for each code; the same code gets the same one in every table. Blanks stay.

    `codes`: text. The blanks or dashes of a number written 943 476 5919 make no difference.
    """
    places, different = pd.factorize(codes)
    plain = pc.replace_substring_regex(
        pa.array(different, type=pa.string()),
        pattern=r"^(\d{3})[ -](\d{3})[ -](\d{4})$",
        replacement=r"\1\2\3",
    )
    made = [hmac.digest(key, code.encode(), "sha256")[:_BYTES].hex() for code in plain.to_pylist()]
    spread = pd.array([*made, None], dtype="str")[places]
    return pd.Series(spread, index=codes.index, name=codes.name, dtype="str")


def name_of(key: bytes) -> str:
    """A name by which two keys can be told apart, and nothing else can be learnt."""
    return hmac.digest(key, b"the name of this key", "sha256").hex()[:8]


def key_file(settings: Settings) -> Path:
    """Where the key lies, or will when it is first needed."""
    return settings.key or user_config_path("qieval") / "pseudonyms.key"


def load_key(settings: Settings, root: Path) -> bytes:
    """The key of this user, made if there is none yet.

    Raises WorkspaceError if it lies in the outputs folder, is too short, or cannot be read or made.
    """
    file = key_file(settings)
    if (root / settings.outputs).resolve() in file.resolve().parents:
        raise WorkspaceError(
            "The key of the pseudonyms lies in the outputs folder, which is shared.",
            remedy="Move it elsewhere, and say where in `key` of `qieval.toml`.",
            where="key",
        )
    try:
        key = file.read_bytes() if file.is_file() else _make(file)
    except OSError as error:
        raise WorkspaceError(
            "The key of the pseudonyms can neither be read nor made.",
            found=error.strerror,
            remedy="Name a file that you may write in `key` of `qieval.toml`, or in the "
            "environment variable `QIEVAL_KEY`.",
            where="key",
        ) from error
    if len(key) < _KEY_BYTES:
        raise WorkspaceError(
            f"The key of the pseudonyms is too short: it needs {_KEY_BYTES} bytes.",
            found=f"{len(key)} bytes",
            remedy="Take the file away: the next run makes a new one.",
            where="key",
        )
    return key


def _make(file: Path) -> bytes:
    """A new key. Whoever comes second, of several that start at once, takes the first one's."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(secrets.token_bytes(_KEY_BYTES))
    try:
        os.link(draft, file)  # whole or not at all, and never over another
    except FileExistsError:
        pass  # another process was first: its key counts
    finally:
        draft.unlink()
    return file.read_bytes()
