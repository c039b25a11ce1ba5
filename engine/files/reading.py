"""Reads whole files that may not be what their name says: a folder, a pipe without an end, far too large."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from engine.message import Message, Trouble


def read_bytes(path: Path, largest: int | None = None) -> bytes:
    """All bytes of a file. Raises `Trouble` where it is not there, no ordinary file, or larger than that.

    Nothing waits here: what could (a pipe, a device) is refused before it is read.
    """
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        try:
            facts = os.fstat(handle)
            if stat.S_ISDIR(facts.st_mode):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            if not stat.S_ISREG(facts.st_mode):
                raise _unreadable(path, Message("it is no ordinary file"))
            if largest is not None and facts.st_size > largest:
                size, most = f"{facts.st_size:,}", f"{largest:,}"
                raise _unreadable(
                    path,
                    Message("it has {size} bytes, where at most {most} were expected", size=size, most=most),
                )
            with open(handle, "rb", closefd=False) as file:
                return file.read()
        finally:
            os.close(handle)
    except OSError as error:
        raise _unreadable(path, Message("{text}", text=error.strerror or str(error))) from error
    except ValueError:  # a zero or half a character in its name
        raise _unreadable(path, Message("no file can be called so")) from None


def _unreadable(path: Path, reason: Message) -> Trouble:
    return Trouble("{path} cannot be read: {reason}.", path=str(path), reason=reason)
