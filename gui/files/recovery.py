"""Finds what a killed session left behind, and gives it back or throws it away."""

from __future__ import annotations

import shutil
from pathlib import Path

from attrs import frozen
from PySide6.QtCore import QLockFile

from engine.files import checked_json
from engine.files.checked_json import file_path, maybe, members, number, text
from engine.message import Trouble
from engine.store import project_file
from gui.document.document import Document
from gui.document.workspace import Workspace
from gui.files.autosave import autosave_folder, session_lock
from gui.files.recent import LATEST

_FACTS = members(
    ("title", "time"), title=text(), path=maybe(file_path()), disk_hash=maybe(text()), time=number(0, LATEST)
)


@frozen
class Rescued:
    """One rescued document: its snapshot, the title it had, the file it belongs to, and when it was
    written.
    """

    snapshot: Path
    title: str
    path: Path | None
    disk_hash: str | None
    time: float


class Recovery:
    """What lies in the folders of sessions that ended without a word. It holds their locks while it is
    asked about.
    """

    def __init__(self) -> None:
        self._locks: list[QLockFile] = []
        self.folders: list[Path] = []
        self.rescued: list[Rescued] = []
        for folder in _sessions():
            lock = session_lock(folder)
            if not lock.tryLock(0):
                continue  # its process lives, or another window is asking about it right now
            snapshots = _snapshots(folder)
            if snapshots:
                self._locks.append(lock)
                self.folders.append(folder)
                self.rescued += snapshots
            else:
                lock.unlock()
                shutil.rmtree(folder, ignore_errors=True)
        self.rescued.sort(key=lambda one: -one.time)

    def open(self, workspace: Workspace) -> tuple[list[Document], list[Trouble]]:
        """Open everything that was found, unsaved. What cannot be read is told, and stays where it lies.

        The snapshots are kept until `discard`: the caller throws them away when this session has its own.
        """
        opened, troubles = [], []
        for one in reversed(self.rescued):
            try:
                project = project_file.load(one.snapshot)
            except Trouble as trouble:
                troubles.append(trouble)
                continue
            opened.append(workspace.recover(project, one.path, one.disk_hash))
        if troubles:
            self.postpone()
        return opened, troubles

    def discard(self) -> None:
        """Throw away what was found."""
        for lock, folder in zip(self._locks, self.folders, strict=True):
            lock.unlock()
            shutil.rmtree(folder, ignore_errors=True)
        self._clear()

    def postpone(self) -> None:
        """Decide later: the next start asks again."""
        for lock in self._locks:
            lock.unlock()
        self._clear()

    def _clear(self) -> None:
        self._locks, self.folders, self.rescued = [], [], []


def _sessions() -> list[Path]:
    try:
        return sorted(path for path in autosave_folder().iterdir() if path.is_dir())
    except OSError:
        return []


def _snapshots(folder: Path) -> list[Rescued]:
    rescued = []
    for snapshot in sorted(folder.glob("*.loom")):
        facts_file = snapshot.with_suffix(".json")
        try:
            facts = checked_json.read(facts_file, _FACTS)
        except Trouble:  # a snapshot is worth more than what is known of it
            facts = {"title": facts_file.stem, "path": None, "disk_hash": None, "time": _changed(snapshot)}
        path = Path(facts["path"]) if facts.get("path") is not None else None
        one = Rescued(snapshot, facts["title"], path, facts.get("disk_hash"), float(facts["time"]))
        if snapshot.is_file():
            rescued.append(one)
    return rescued


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
