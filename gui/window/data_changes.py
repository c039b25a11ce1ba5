"""What happened to the data of the network in front outside of this window: gone, changed, or never opened
here.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from engine.data.own.file_source import DataChanged, DataMissing, FileSource
from engine.data.own.permission import DataNotAllowed
from engine.message import Trouble
from gui.background import Worker
from gui.controls.announcement import DATA
from gui.document.document import Document
from gui.text.words import stated

if TYPE_CHECKING:
    from engine.project.project import Project
    from gui.session import Session


class DataChanges(QObject):
    """Says it in a banner, with what can be done, and takes it back where it is no longer so."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._checked: FileSource | None = None
        self._said: dict[str, str] = {}
        """By the key of a document, what is said of its data."""
        self._worker = Worker(self)
        self._worker.done.connect(self._take)
        self._worker.failed.connect(self._raise)
        session.workspace.changed.connect(self._changed)
        session.workspace.closing.connect(self._forget)

    def _changed(self, project: Project) -> None:
        source = project.data.source
        if source != self._checked:
            self.check()

    def check(self) -> None:
        """Look whether the data in front is still there, and is what was opened. In a thread: it may lie on a
        disk that is slow to answer.
        """
        document = self._session.workspace.current
        source = document.project.data.source
        self._checked = source if isinstance(source, FileSource) else None
        if isinstance(source, FileSource) and source.path:
            self._worker.run(partial(_state, document.key, source))
        else:
            self._say(document, None)

    def _take(self, found: tuple[str, FileSource, Trouble | None]) -> None:
        key, source, trouble = found
        work = self._session.workspace
        document = next((one for one in work.documents if one.key == key), None)
        if document is not None and document.project.data.source == source:
            self._say(document, trouble)

    def _raise(self, error: Exception) -> None:
        raise error

    def _say(self, document: Document, trouble: Trouble | None) -> None:
        text = stated(trouble) if trouble is not None else ""
        if not self._session.editing or text == self._said.get(document.key, ""):
            return
        self._said[document.key] = text
        about = document.key + DATA
        if trouble is None:
            self._session.banner.withdraw(about)
            return
        files = self._session.data_files
        locate = (self.tr("Locate…"), partial(self._act, document, files.locate))
        anew = (self.tr("Read anew"), partial(self._act, document, files.read_anew))
        allow = (self.tr("Read it"), partial(self._act, document, self._allow))
        verbs = {DataMissing: (locate,), DataChanged: (anew,), DataNotAllowed: (allow,)}
        self._session.banner.say(text, verbs.get(type(trouble), (locate,)), about=about)

    def _act(self, document: Document, act: object, _: bool = False) -> None:
        self._said.pop(document.key, None)
        if document in self._session.workspace.documents and callable(act):
            act(document)

    def _allow(self, document: Document) -> None:
        source = document.project.data.source
        if isinstance(source, FileSource):
            self._session.known_data.allow(Path(source.path))
            self._session.data_allowed.emit()
            self.check()

    def _forget(self, document: Document) -> None:
        if self._said.pop(document.key, ""):
            self._session.banner.withdraw(document.key + DATA)


def _state(key: str, source: FileSource) -> tuple[str, FileSource, Trouble | None]:
    """What is wrong with data, if anything. May run in a thread."""
    try:
        source.require_present()
    except Trouble as trouble:
        return key, source, trouble
    return key, source, None
