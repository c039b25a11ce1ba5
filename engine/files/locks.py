"""A lock that the system takes back when its process ends, however it ends."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path


class Lock:
    """Held from `take` until `release`, or until the process is gone."""

    def __init__(self, path: Path, handle: int) -> None:
        self.path = path
        self._handle: int | None = handle

    def release(self) -> None:
        """Give it back and take its file away."""
        if self._handle is not None:
            handle, self._handle = self._handle, None
            if sys.platform == "win32":  # elsewhere a file can go while it is held, so nobody finds it free
                os.close(handle)
            with suppress(OSError):  # its folder may be gone by now
                self.path.unlink(missing_ok=True)
            if sys.platform != "win32":
                os.close(handle)


def take(path: Path) -> Lock | None:
    """The lock on that file, or None where somebody holds it. Raises `OSError` where it cannot be written."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    if seize(handle):
        return Lock(path, handle)
    os.close(handle)
    return None


def held(path: Path) -> bool:
    """Whether somebody holds the lock. Makes no file."""
    with suppress(OSError):
        handle = os.open(path, os.O_RDWR)
        try:
            return not seize(handle)
        finally:
            os.close(handle)
    return False


def seize(handle: int) -> bool:
    """Lock an open file until it is closed; False where somebody else holds it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
