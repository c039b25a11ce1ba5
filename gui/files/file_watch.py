"""Notices that a file is open in another window, or was changed by another program, before it is
overwritten.
"""

from __future__ import annotations

import hashlib
from enum import Enum, auto
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject

from gui import settings
from gui.document.document import Document
from gui.document.workspace import Workspace


class Conflict(Enum):
    """Why a save would overwrite what somebody else did or does."""

    CHANGED = auto()
    """Another program wrote the file since it was read or written here."""
    ELSEWHERE = auto()
    """The file is open in another window of this program, which may write it too."""


class FileWatch(QObject):
    """Holds a lock in the state folder for each file that is open in this process.

    A lock of a process that no longer runs does not count.
    """

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._locks: dict[str, tuple[Path, QLockFile]] = {}
        self._workspace = workspace
        workspace.listed.connect(self.update)
        workspace.file_state_changed.connect(self.update)
        self.update()

    def update(self) -> None:
        """Take a lock for every open file that has none, and give back those of files no longer open."""
        paths = {d.key: d.path for d in self._workspace.documents if d.path is not None}
        for key, (path, lock) in list(self._locks.items()):
            if paths.get(key) != path:
                lock.unlock()
                del self._locks[key]
        for key, path in paths.items():
            if key not in self._locks:
                lock = _lock(path)
                lock.tryLock(0)
                self._locks[key] = (path, lock)

    def elsewhere(self, path: Path) -> bool:
        """Whether another window has the file open."""
        own = [lock for locked, lock in self._locks.values() if locked == path]
        if own:
            return not own[0].isLocked() and not own[0].tryLock(0)
        lock = _lock(path)
        free = lock.tryLock(0)
        lock.unlock()
        return not free

    def conflict(self, document: Document) -> Conflict | None:
        """What stands against writing the document to its file now."""
        if document.path is None:
            return None
        if document.changed_on_disk:
            return Conflict.CHANGED
        return Conflict.ELSEWHERE if self.elsewhere(document.path) else None

    def release(self) -> None:
        """Give all locks back."""
        for _, lock in self._locks.values():
            lock.unlock()
        self._locks.clear()


def _lock(path: Path) -> QLockFile:
    folder = settings.state_folder() / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    name = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:24]
    lock = QLockFile(str(folder / f"{name}.lock"))
    lock.setStaleLockTime(0)  # a lock is stale only when its process is gone, however long it runs
    return lock
