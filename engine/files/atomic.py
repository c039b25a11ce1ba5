"""Files and folders that are either whole or not there: written beside their place, then moved there in one
step.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from engine.files import leftovers, locks
from engine.message import Message, Trouble


def write_bytes(path: Path | str, data: bytes, private: bool = False) -> None:
    """Put a file in its place, whole. Whatever stood there before is kept until then; where a link stands,
    the file that it leads to is replaced. One that is `private` nobody else may read.

    Raises `Trouble` where the disk is full, the folder is missing or may not be written to.
    """
    path = place_of(path)
    leftovers.collect_once(path.parent)
    with os_errors_in_words(path):
        beside = leftovers.hidden(path)
        try:
            with open(beside, "xb", opener=_private if private else None) as file:
                locks.seize(file.fileno())
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
                if not private:
                    _copy_mode(path, beside)
                if (
                    sys.platform != "win32"
                ):  # elsewhere an open file can be moved, and stays locked until then
                    os.replace(beside, path)
            if sys.platform == "win32":
                os.replace(beside, path)
        except BaseException:
            with suppress(OSError):
                beside.unlink()
            raise
        sync(path.parent)


def write_text(path: Path | str, text: str, private: bool = False) -> None:
    """Put a text file in its place, whole, in UTF-8 and with `\\n` at the end of lines on every system."""
    write_bytes(path, text.encode(), private)


def place_of(path: Path | str) -> Path:
    """Where a path leads to, all links followed, whether anything is there or not. Raises `Trouble` where it
    leads nowhere.
    """
    try:
        place = os.path.realpath(path)
    except ValueError:  # a zero in its name
        raise Trouble("No file can be called {path}. Choose another name.", path=ascii(str(path))) from None
    if os.path.islink(place):  # nothing is left to follow but a circle
        raise Trouble("{path} is a link that leads back to itself. Choose another place.", path=str(path))
    return Path(place)


def move_folder(folder: Path, place: Path) -> None:
    """Move a finished folder to its place in one step, after everything in it has reached the disk.

    The place may hold an empty folder. Raises `Trouble` where it holds anything else.
    """
    with os_errors_in_words(place):
        for inside in folder.rglob("*"):
            if inside.is_dir():
                sync(inside)
            else:
                _sync_file(inside)
        sync(folder)
        if place.is_dir():
            place.rmdir()
        os.rename(folder, place)
        sync(place.parent)


@contextmanager
def os_errors_in_words(path: Path) -> Iterator[None]:
    """Within it, what the system refuses at that path is raised as `Trouble`, with a sentence."""
    try:
        yield
    except OSError as error:
        raise Trouble(refusal(path, error)) from error


def refusal(path: Path, error: OSError) -> Message:
    """Why the system would not write there, and what to do."""
    where = str(path)
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return Message(
            "{path} cannot be written: the disk is full. Free some space, or choose another place.",
            path=where,
        )
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return Message("{path} may not be written to. Choose another place.", path=where)
    if error.errno in {errno.ENOENT, errno.ENOTDIR} and not path.parent.is_dir():
        return Message("There is no folder {folder}. Choose another place.", folder=str(path.parent))
    if error.errno in {errno.ENOTEMPTY, errno.EEXIST}:
        return Message("{path} is not empty. Choose a new folder.", path=where)
    reason = error.strerror or type(error).__name__
    return Message("{path} cannot be written: {reason}.", path=where, reason=reason)


def sync(folder: Path) -> None:
    """Make a folder's entries reach the disk, where the system can do so."""
    with suppress(OSError, AttributeError):  # neither Windows nor every network disk lets a folder be opened
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _copy_mode(path: Path, beside: Path) -> None:
    with suppress(OSError):
        os.chmod(beside, path.stat().st_mode & 0o7777)


def _sync_file(path: Path) -> None:
    with open(path, "rb+") as file:
        os.fsync(file.fileno())
