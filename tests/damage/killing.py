"""Lets the process "die" at a certain touch of the disk: that touch and all later ones fail, as none is made
any more, locks are free, and what was being written is cut in half.
"""

from __future__ import annotations

import builtins
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from engine.files import leftovers, locks

TOUCHES = ("replace", "rename", "link", "unlink", "rmdir", "mkdir", "fsync")


class Killed(BaseException):
    """What a process sees of its own end: nothing. No clearing up may succeed after it."""


class Disk:
    """Counts how often the disk is touched, and fails from the `last` touch on."""

    def __init__(self, root: Path, last: int) -> None:
        self.touches = 0
        self.last = last
        self._root = str(root)
        self._handles: list[tuple[int, int]] = []
        self._synced: set[int] = set()

    def touch(self, call: Callable[..., Any], *given: Any, **named: Any) -> Any:
        path = given[0]
        if isinstance(path, str | os.PathLike) and not named.get("dir_fd") and not self._inside(path):
            return call(*given, **named)
        self.touches += 1
        if self.touches < self.last:
            if isinstance(path, int):  # that it reaches the disk is only noted: waiting for it takes long
                self._synced.add(os.fstat(path).st_ino)
                return None
            return call(*given, **named)
        if (
            isinstance(path, int) and os.fstat(path).st_ino not in self._synced
        ):  # it was on its way to the disk
            with suppress(OSError):
                os.ftruncate(path, os.fstat(path).st_size // 2)
        raise Killed

    def hold(self, handle: int, seize: Callable[[int], bool]) -> bool:
        taken = seize(handle)
        if taken:
            self._handles.append((handle, os.dup(handle)))  # a lock is held until its last handle is closed
        return taken

    def release(self) -> None:
        """The system takes back what a dead process held."""
        import fcntl

        for handle, copy in self._handles:
            fcntl.flock(copy, fcntl.LOCK_UN)
            with suppress(OSError):  # it was closed before the process died
                if os.path.sameopenfile(handle, copy):
                    os.close(handle)
            os.close(copy)

    def _inside(self, path: Any) -> bool:
        return os.fspath(path).startswith(self._root)


@contextmanager
def dies_at(last: int, root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    """Within it the process dies at that touch of what lies below a folder, if there are so many."""
    disk = Disk(root, last)
    with monkeypatch.context() as patch:
        for name in TOUCHES:
            call = getattr(os, name)
            patch.setattr(os, name, lambda *a, call=call, **k: disk.touch(call, *a, **k))
        real, seize = builtins.open, locks.seize

        def opened(file: Any, mode: str = "r", *given: Any, **named: Any) -> Any:
            if isinstance(file, int) or not set(mode) & set("wxa+"):
                return real(file, mode, *given, **named)
            return disk.touch(real, file, mode, *given, **named)

        patch.setattr(builtins, "open", opened)
        patch.setattr(locks, "seize", lambda handle: disk.hold(handle, seize))
        try:
            with suppress(Killed):
                yield disk
        finally:
            disk.release()
    patch.setattr(leftovers, "SETTLED", -1.0)


def hidden(root: Path) -> list[str]:
    """What is left under names of ours."""
    return sorted(path.name for path in root.rglob(".*.layerloom"))


def still_open(root: Path) -> list[str]:
    """The files below a folder that this process holds open, where the system tells."""
    handles = Path("/proc/self/fd")
    files = []
    for handle in handles.iterdir() if handles.exists() else ():
        with suppress(OSError):  # that of the list itself
            files.append(os.readlink(handle))
    return [file for file in files if file.startswith(f"{root}{os.sep}")]
