"""Reads whole files that may not be what their name says: a folder, a pipe without an end, far too large."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from engine.message import Message, Trouble


def read_bytes(path: Path, largest: int | None = None) -> bytes:
    """All bytes of a file. Raises `Trouble` where it is not there, no ordinary file, or larger than that."""
    with ordinary(path, largest) as file:
        try:
            return file.read()
        except OSError as error:
            raise _refused(path, error) from error


@contextmanager
def ordinary(path: Path, largest: int | None = None) -> Iterator[BinaryIO]:
    """A file, open for reading. Raises `Trouble` where it is not there, no ordinary file, or larger.

    Nothing waits here: what could (a pipe, a device) is refused before it is read.
    """
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except OSError as error:
        raise _refused(path, error) from error
    except ValueError:  # a zero or half a character in its name
        raise _unreadable(path, Message("no file can be called so")) from None
    try:
        facts = os.fstat(handle)
        if stat.S_ISDIR(facts.st_mode):
            folder = IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            raise _refused(path, folder) from folder
        if not stat.S_ISREG(facts.st_mode):
            raise _unreadable(path, Message("it is no ordinary file"))
        if largest is not None and facts.st_size > largest:
            reason = Message(
                "it has {n} bytes, where at most {most} were expected", n=facts.st_size, most=largest
            )
            raise _unreadable(path, reason)
        with open(handle, "rb", closefd=False) as file:
            yield file
    finally:
        os.close(handle)


def _refused(path: Path, error: OSError) -> Trouble:
    return _unreadable(path, Message("{text}", text=error.strerror or str(error)))


def _unreadable(path: Path, reason: Message) -> Trouble:
    return Trouble("{path} cannot be read: {reason}.", path=str(path), reason=reason)
