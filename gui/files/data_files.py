"""The way of a person's own data into a network: read in a thread, with progress, and given up on demand."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from weakref import WeakMethod

from attrs import evolve, frozen
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from engine import edits
from engine.data.opening import open_data
from engine.data.overview import Overview
from engine.data.own.file_source import FileSource
from engine.data.own.folder_files import FolderFiles
from engine.data.reading.listing import Abandoned
from engine.data.rereading import first_look, reread
from engine.data.settings import DataSettings
from engine.message import Message, Trouble
from engine.project.graph import Graph
from gui.background import Worker, post
from gui.document.document import Document
from gui.document.workspace import Workspace, empty_project
from gui.files.files import Files
from gui.files.known_data import KnownData
from gui.text.words import stated

TICK = 100
"""Milliseconds between two looks at how far the reading is."""


class _Reading:
    """One reading: what of, how far it is, and whether it is still wanted. Shared with the thread."""

    def __init__(self, path: Path, document: Document | None, label: Message) -> None:
        self.path, self.document, self.label = path, document, label
        self.done, self.total = 0, 0
        self.given_up = threading.Event()

    def note(self, done: int) -> None:
        self.done = done


@frozen(eq=False)
class _Outcome:
    """How a reading ended."""

    reading: _Reading
    data: DataSettings | Trouble


class DataFiles(QObject):
    """Opens data, one at a time: whatever is opened next takes the place of what is still being read."""

    shown = Signal()
    """The data of the network in front is to be looked at."""
    first = Signal(object)
    """An `Overview` of the first rows of what is still being read."""
    failed = Signal(object)
    """A sentence: why data could not be opened."""
    advanced = Signal(object, object)
    """The name of what is being read and the share of it, 0 to 1, that is; "" and 1 when nothing is."""

    def __init__(self, workspace: Workspace, files: Files, known: KnownData, window: QWidget) -> None:
        super().__init__(window)
        self.known = known
        self._workspace, self._files, self._window = workspace, files, window
        self._reading: _Reading | None = None
        self._worker = Worker(self)
        self._worker.done.connect(self._take)
        self._worker.failed.connect(self._raise)
        self._tick = QTimer(self)
        self._tick.setInterval(TICK)
        self._tick.timeout.connect(self._advance)

    @property
    def busy(self) -> bool:
        """Whether something is being read."""
        return self._reading is not None

    def ask_alike(self) -> None:
        """Ask for another folder where the data is one, else for another file, and open it."""
        self.ask(isinstance(self._workspace.current.project.data.source, FolderFiles))

    def ask(self, folder: bool = False) -> None:
        """Ask for a file, or a folder, and open it, in the network in front if there is one."""
        document = self._workspace.current
        source = document.project.data.source
        start = str(Path(source.path).parent) if isinstance(source, FileSource) and source.path else ""
        if folder:
            name = QFileDialog.getExistingDirectory(self._window, self.tr("Open a folder of data"), start)
        else:
            files = self.tr("All files") + " (*)"
            name, _ = QFileDialog.getOpenFileName(self._window, self.tr("Open data"), start, files)
        if name:
            self.open(Path(name), None if document.pristine else document)

    def open(self, path: Path, document: Document | None = None, source: FileSource | None = None) -> None:
        """Learn from a file or a folder, in a document or in a new one. Comes back at once."""
        path = Path(path).absolute()
        self.known.allow(path)
        reading = _Reading(path, document, Message("Open {name}", name=path.name))
        seen = post(), WeakMethod(self._look)

        def read() -> DataSettings:
            look = first_look(path, source)
            if look is not None and not reading.given_up.is_set():
                seen[0].send(seen[1], (reading, look))
            return open_data(path, "", source, reading.note, reading.given_up.is_set)

        self._begin(reading, read)

    def read_anew(self, document: Document, source: FileSource | None = None) -> None:
        """Read the files of a document as they are now, or as another source does, with the types and roles
        that a person chose.
        """
        data = document.project.data
        wanted = source or data.source
        if not isinstance(wanted, FileSource) or not wanted.path:
            return
        path = Path(wanted.path)
        reading = _Reading(path, document, Message("Read {name} anew", name=path.name))
        self._begin(reading, lambda: reread(data, source, reading.note, reading.given_up.is_set))

    def read_otherwise(self, source: FileSource) -> None:
        """Read the files of the document in front by another source."""
        self.read_anew(self._workspace.current, source)

    def locate(self, document: Document) -> None:
        """Ask where the data of a document is now, and read it from there."""
        source = document.project.data.source
        if not isinstance(source, FileSource):
            return
        title = self.tr("Where is {name} now?").format(name=Path(source.path).name)
        if isinstance(source, FolderFiles):
            name = QFileDialog.getExistingDirectory(self._window, title)
        else:
            name, _ = QFileDialog.getOpenFileName(self._window, title, "", self.tr("All files") + " (*)")
        if name:
            self.known.allow(Path(name))
            moved = source.with_setting("path", name)
            assert isinstance(moved, FileSource)
            self.read_anew(document, moved)

    def cancel(self) -> None:
        """Give up what is being read."""
        if self._reading is not None:
            self._reading.given_up.set()
            self._end()

    # ------------------------------------------------------------------ inside

    def _begin(self, reading: _Reading, read: Callable[[], DataSettings]) -> None:
        if self._reading is not None:
            self._reading.given_up.set()
        self._reading = reading

        def task() -> _Outcome:
            try:
                return _Outcome(reading, read())
            except Trouble as trouble:
                return _Outcome(reading, trouble)

        self._worker.run(task)
        self._tick.start()

    def _advance(self) -> None:
        reading = self._reading
        if reading is not None:
            if not reading.total:
                reading.total = reading.path.stat().st_size if reading.path.is_file() else 1
            self.advanced.emit(reading.path.name, min(1.0, reading.done / max(1, reading.total)))

    def _end(self) -> None:
        self._reading = None
        self._tick.stop()
        self.advanced.emit("", 1.0)

    def _look(self, found: tuple[_Reading, Overview]) -> None:
        """The first rows of a large file are there."""
        reading, seen = found
        if reading is not self._reading:
            return
        if reading.document is None:
            reading.document = self._files.new()
        self._workspace.switch(reading.document)
        self.shown.emit()
        self.first.emit(seen)

    def _take(self, outcome: _Outcome) -> None:
        reading, data = outcome.reading, outcome.data
        if reading is not self._reading:
            return
        self._end()
        if isinstance(data, Trouble):
            if not isinstance(data, Abandoned):
                self.failed.emit(stated(data))
            return
        document = reading.document
        if document is None or document not in self._workspace.documents or document.pristine:
            project = evolve(empty_project(), graph=Graph(reading.path.stem), data=data)
            self._files.new(project)
        else:
            self._workspace.switch(document)
            document.do(edits.set_data, data, label=reading.label)
        self.shown.emit()

    def _raise(self, error: Exception) -> None:
        self._end()
        raise error  # not a person's mistake: let the window's own handler tell of it
