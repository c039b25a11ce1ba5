"""All open documents and the one in front: what every view listens to."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.data.settings import DataSettings
from engine.message import Message, Trouble
from engine.project.graph import Graph
from engine.project.project import Project
from engine.project.recipe import Recipe
from engine.store import project_file
from gui.document.checker import Checker
from gui.document.document import Document, file_hash


class Workspace(QObject):
    """Holds the documents, at least one. Passes on the signals of the current one: a view connects once."""

    switched = Signal(object)
    """The document now in front. `changed` and `selected` follow at once, `analysed` where it is known."""
    changed = Signal(object)
    """The project now in front."""
    selected = Signal(object)
    """The ids selected in front, a frozenset."""
    analysed = Signal(object)
    """The newest analysis of the document in front; `current.fresh`: whether it is of the present project."""
    entered = Signal(object)
    """The `Level` of the document in front: a block was opened or left. `selected` follows."""
    state_changed = Signal()
    """Title, path, saved or not, undo or redo of the document in front."""
    refused = Signal(object)
    """The `Trouble` of an edit that was not made."""
    notice = Signal(object)
    """A `Message` (or `Trouble`) to show for a moment. Any part may emit it."""
    reveal = Signal(object)
    """Ids of layers that are to come into sight on the canvas. Any part may emit it."""
    listed = Signal()
    """A document was opened or closed."""
    edited = Signal(object)
    """A document, in front or not, whose project changed."""
    file_state_changed = Signal(object)
    """A document, in front or not, whose state (title, path, saved or not) changed."""
    training_changed = Signal(object)
    """A document, in front or not: a run of it began or ended."""
    kinds_changed = Signal(object)
    """Plug-ins were loaded, a `Plugins`: their kinds may be others now."""
    closing = Signal(object)
    """A document that is closed for good."""

    def __init__(
        self, project: Project | None = None, parent: QObject | None = None, *, held: bool = False
    ) -> None:
        """`held` lets nothing be checked until `checker.release()`, since a check imports torch."""
        super().__init__(parent)
        self.checker = Checker(self, held)
        self._documents: list[Document] = []
        self.current: Document = self._adopt(Document(project or empty_project(), parent=self))
        self._follow(self.current)

    @property
    def documents(self) -> tuple[Document, ...]:
        """The open documents, in the order of their tabs."""
        return tuple(self._documents)

    # ------------------------------------------------------------------ open and close

    def new(self, project: Project | None = None) -> Document:
        """Open a project that has no file yet, an empty one where none is given."""
        return self._show_new(Document(project or empty_project(), parent=self))

    def open(self, path: Path) -> Document:
        """Open a file, or bring it to the front where it is open. Raises `Trouble` and changes nothing."""
        path = Path(path).absolute()
        for document in self._documents:
            if document.path is not None and same_file(document.path, path):
                self.switch(document)
                return document
        disk_hash = file_hash(path)
        document = Document(project_file.load(path), path, self)
        document.disk_hash = disk_hash
        return self._show_new(document)

    def recover(self, project: Project, path: Path | None, disk_hash: str | None) -> Document:
        """Open what was rescued: it counts as unsaved, whatever lies at its path."""
        document = Document(project, path, self)
        document.disk_hash = disk_hash
        self._show_new(document)
        document.forget_saved()  # only now, when those who keep unsaved work listen
        return document

    def close(self, document: Document) -> None:
        """Close a document without asking. The last one gives way to an empty network."""
        place = self._documents.index(document)
        self._documents.remove(document)
        self.closing.emit(document)
        self.checker.forget(document)
        if not self._documents:
            self._adopt(Document(empty_project(), parent=self))
        if document is self.current:
            self.switch(self._documents[min(place, len(self._documents) - 1)])
        self.listed.emit()
        document.deleteLater()

    def switch(self, document: Document) -> None:
        """Bring a document to the front."""
        if document is self.current:
            return
        self._unfollow(self.current)
        self.current = document
        self._follow(document)
        self.switched.emit(document)
        self.changed.emit(document.project)
        self.selected.emit(document.selection)
        if document.analysis is not None:
            self.analysed.emit(document.analysis)
        self.state_changed.emit()
        self.checker.request(document)

    def reorder(self, keys: list[str]) -> None:
        """Put the documents into the order of these keys, as their tabs now stand."""
        self._documents.sort(key=lambda document: keys.index(document.key))

    def step(self, by: int) -> None:
        """Bring the next (1) or the previous (-1) document to the front."""
        place = self._documents.index(self.current)
        self.switch(self._documents[(place + by) % len(self._documents)])

    def say(self, message: Message | Trouble) -> None:
        """Show a sentence for a moment."""
        self.notice.emit(message)

    # ------------------------------------------------------------------ inside

    def _show_new(self, document: Document) -> Document:
        former = self.current
        self._adopt(document)
        self.switch(document)
        if former.pristine:
            self.close(former)
        else:
            self.listed.emit()
        return document

    def _adopt(self, document: Document) -> Document:
        self._documents.append(document)
        document.edited.connect(self._edited)
        document.state_changed.connect(self.file_state_changed)
        self.checker.request(document)
        return document

    def _edited(self, document: Document) -> None:
        self.checker.request(document)
        self.edited.emit(document)

    def _follow(self, document: Document) -> None:
        document.changed.connect(self._changed)
        document.selected.connect(self.selected)
        document.entered.connect(self.entered)
        document.analysed.connect(self.analysed)
        document.state_changed.connect(self.state_changed)
        document.refused.connect(self.refused)

    def _unfollow(self, document: Document) -> None:
        document.changed.disconnect(self._changed)
        document.selected.disconnect(self.selected)
        document.entered.disconnect(self.entered)
        document.analysed.disconnect(self.analysed)
        document.state_changed.disconnect(self.state_changed)
        document.refused.disconnect(self.refused)

    def _changed(self, before: Project, after: Project) -> None:
        self.changed.emit(after)


def empty_project() -> Project:
    """A network without layers, on the first data set, with the usual recipe."""
    return Project(Graph(), DataSettings(), Recipe())


def same_file(one: Path, two: Path) -> bool:
    """Whether two paths lead to the same file, also through links and where letters' case does not count."""
    try:
        return one.samefile(two)
    except OSError:
        return one == two
