"""Notices that a file is open in another window, and at once that another program changed it or took it
away.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from enum import Enum, auto
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QLockFile, QObject, QTimer, Signal

from gui import settings
from gui.document.document import Document
from gui.document.workspace import Workspace


class Conflict(Enum):
    """Why a save would overwrite what somebody else did or does."""

    CHANGED = auto()
    """Another program wrote the file since it was read or written here."""
    ELSEWHERE = auto()
    """The file is open in another window of this program, which may write it too."""


Stamp = tuple[int, int, int] | None
"""What tells one version of a file from another without reading it; None where there is no file."""
PAUSE = 100
"""Milliseconds after which a change counts: who replaces a file takes the old one away first."""


class FileWatch(QObject):
    """Holds a lock in the state folder for each file that is open in this process, and looks after the file.

    A lock of a process that no longer runs does not count.
    """

    touched = Signal()
    """A file that is open was written, replaced or taken away, perhaps by this program itself."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._stamps: dict[Path, Stamp] = {}
        self._watcher = QFileSystemWatcher(self)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(PAUSE)
        self._later.timeout.connect(self._look)
        # of a file that is replaced the system tells its folder alone
        self._watcher.fileChanged.connect(self._soon)
        self._watcher.directoryChanged.connect(self._soon)
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
        self._watch(set(paths.values()))

    def _watch(self, files: set[Path]) -> None:
        """Be told of these files and of nothing else."""
        self._stamps = {path: self._stamps.get(path) or _stamp(path) for path in files}
        wanted = {str(path) for path in (*files, *(file.parent for file in files)) if path.exists()}
        watched = {*self._watcher.files(), *self._watcher.directories()}
        if watched - wanted:
            self._watcher.removePaths(sorted(watched - wanted))
        if wanted - watched:
            self._watcher.addPaths(sorted(wanted - watched))

    def _soon(self, _: str) -> None:
        self._later.start()

    def _look(self) -> None:
        """See which of the files are other ones now."""
        before = self._stamps
        self._stamps = {path: _stamp(path) for path in before}
        if self._stamps != before:
            self._watch(set(before))  # one that was replaced is not watched any more
            self.touched.emit()

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
        """Give all locks back, and look after nothing."""
        self._watch(set())
        self._later.stop()
        for _, lock in self._locks.values():
            lock.unlock()
        self._locks.clear()


def _stamp(path: Path) -> Stamp:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _lock(path: Path) -> QLockFile:
    folder = settings.state_folder() / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with suppress(OSError):  # not every disk keeps who may read
        folder.chmod(0o700)  # a lock says who works on what, and Qt lets everybody read it
    name = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:24]
    lock = QLockFile(str(folder / f"{name}.lock"))
    lock.setStaleLockTime(0)  # a lock is stale only when its process is gone, however long it runs
    return lock
