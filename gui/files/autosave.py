"""Snapshots of changed documents in the state folder, so that a kill loses two seconds of work at most.

Every process has a folder of its own, `autosave/<session>/`, held by a lock file while the process lives.
In it stand, for each changed document, the project as `<key>.loom` and beside it `<key>.json` with the path
that it belongs to.
A person's own file is never written.
"""

from __future__ import annotations

import json
import logging
import shutil
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4
from weakref import WeakMethod

from PySide6.QtCore import QLockFile, QObject, QTimer, Signal

from engine.files import atomic
from engine.message import Trouble
from engine.project.project import Project
from engine.store import project_file
from gui import settings
from gui.background import post
from gui.document.document import Document
from gui.document.workspace import Workspace

DELAY = 2000
"""Milliseconds from an edit to its snapshot."""

log = logging.getLogger("layerloom.autosave")


def autosave_folder() -> Path:
    """Where the folders of all sessions stand."""
    return settings.state_folder() / "autosave"


def session_lock(folder: Path) -> QLockFile:
    """The lock that says whether a session's process still lives."""
    lock = QLockFile(str(folder / "lock"))
    lock.setStaleLockTime(0)
    return lock


class Autosave(QObject):
    """Writes the snapshots of one process, beside the interface thread, and takes them away when they
    are not needed.
    """

    written = Signal(object)
    """A snapshot is on disk; the time, in seconds since 1970."""
    failed = Signal(object)
    """A snapshot could not be written; the `Trouble`. Said once, until one can be written again."""

    def __init__(self, workspace: Workspace, delay: int = DELAY) -> None:
        super().__init__(workspace)
        self.folder = autosave_folder() / f"{time.strftime('%Y%m%d-%H%M%S')}-{uuid4().hex[:8]}"
        self.last: float | None = None
        self._workspace = workspace
        self._lock: QLockFile | None = None
        self._waiting: dict[str, Document] = {}
        self._snapshots: dict[str, Project] = {}
        self._failing = False
        self._writer = ThreadPoolExecutor(1, "autosave")
        self._pending: Future[None] | None = None
        self._timer = QTimer(self, singleShot=True, interval=delay)
        self._timer.timeout.connect(self.write)
        self._post = post()
        workspace.edited.connect(self._edited)
        workspace.file_state_changed.connect(self._file_state_changed)
        workspace.closing.connect(self._closed)

    # ------------------------------------------------------------------ what happens to documents

    def _edited(self, document: Document) -> None:
        self._waiting[document.key] = document
        if not self._timer.isActive():
            self._timer.start()

    def _file_state_changed(self, document: Document) -> None:
        if document.dirty:
            self._edited(document)
        else:
            self._drop(document)

    def _closed(self, document: Document) -> None:
        self._drop(document)

    def _drop(self, document: Document) -> None:
        self._waiting.pop(document.key, None)
        if self._snapshots.pop(document.key, None) is not None:
            self._submit(self._remove, document.key)

    # ------------------------------------------------------------------ writing

    def write(self) -> None:
        """Write what waits, now. The work is done beside the interface thread."""
        for key, document in self._waiting.items():
            if document.dirty and self._snapshots.get(key) is not document.project:
                self._snapshots[key] = document.project
                facts = {
                    "title": document.title,
                    "path": str(document.path) if document.path else None,
                    "disk_hash": document.disk_hash,
                    "time": time.time(),
                }
                self._submit(self._write, key, document.project, facts)
        self._waiting.clear()

    def _write(self, key: str, project: Project, facts: dict[str, object]) -> None:
        try:
            if self._lock is None:
                with atomic.os_errors_in_words(self.folder):
                    self.folder.mkdir(0o700, parents=True, exist_ok=True)
                self._lock = session_lock(self.folder)
                self._lock.tryLock(0)
            atomic.write_text(self.folder / f"{key}.loom", project_file.dumps(project), private=True)
            atomic.write_text(self.folder / f"{key}.json", json.dumps(facts), private=True)
        except Trouble as trouble:
            self._post.send(WeakMethod(self._receive), trouble)
        else:
            self._post.send(WeakMethod(self._receive), time.time())

    def _remove(self, key: str) -> None:
        for ending in ("json", "loom"):
            (self.folder / f"{key}.{ending}").unlink(missing_ok=True)

    def _submit(self, job: object, *args: object) -> None:
        self._pending = self._writer.submit(job, *args)  # type: ignore[arg-type]  # any function with its arguments

    def _receive(self, result: float | Trouble) -> None:
        if isinstance(result, Trouble):
            log.warning("no snapshot: %s", result)
            if not self._failing:
                self._failing = True
                self.failed.emit(result)
        else:
            self._failing = False
            self.last = result
            self.written.emit(result)

    def flush(self) -> None:
        """Write what waits and wait until it is on disk: for the moment before a crash."""
        self._timer.stop()
        self.write()
        if self._pending is not None:
            self._pending.result(timeout=10)

    def finish(self) -> None:
        """A clean end: everything is saved or given up by the person, and no snapshot is needed any more."""
        self._timer.stop()
        self._waiting.clear()
        self._writer.shutdown(wait=True)
        if self._lock is not None:
            self._lock.unlock()
            shutil.rmtree(self.folder, ignore_errors=True)
