"""The tabs of the open networks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from gui.controls import Tabs
from gui.document.document import Document

if TYPE_CHECKING:
    from gui.session import Session


class DocumentTabs(Tabs):
    """A tab for each open network, in step with the workspace; a dot tells which are changed, and which
    trains.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(ground="canvas", closable=True, movable=True, parent=parent)
        self.setAccessibleName(self.tr("Open networks"))
        self._session, self._workspace = session, session.workspace
        self._running = ""
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        work = self._workspace
        work.listed.connect(self.refresh)
        work.switched.connect(self.refresh)
        work.file_state_changed.connect(self.refresh)
        self.chosen.connect(self._switch)
        self.moved.connect(work.reorder)
        self.closing.connect(self._close)
        self.customContextMenuRequested.connect(self._open_menu)

    def refresh(self, _: object = None) -> None:
        """Show the documents that are open, by their titles, and the one in front."""
        documents, room = self._workspace.documents, self.sizeHint()
        blocked = self.blockSignals(True)
        for key in set(self.keys()) - {document.key for document in documents}:
            self.remove(key)
        for document in documents:
            self._refresh_tab(document)
        self.set_current(self._workspace.current.key)
        self.blockSignals(blocked)
        if self.sizeHint() != room:
            self.updateGeometry()

    def _refresh_tab(self, document: Document) -> None:
        key = document.key
        if key not in self.keys():
            self.add(key, document.tab_title, "network")
        index = self.index(key)
        if self.tabText(index) != document.tab_title.replace("&", "&&"):
            self.set_title(key, document.tab_title)
        self.setTabToolTip(index, str(document.path or self.tr("Not saved to a file yet")))
        self.set_dot(key, "success" if key == self._running else "text2" if document.dirty else "")
        name = self.tr("{title}, changed") if document.dirty else "{title}"
        self.setAccessibleTabName(index, name.format(title=document.tab_title))

    def set_running(self, document: Document | None) -> None:
        """Show which document trains."""
        self._running = document.key if document is not None else ""
        self.refresh()

    def _document(self, key: str) -> Document | None:
        return next((document for document in self._workspace.documents if document.key == key), None)

    def _switch(self, key: str) -> None:
        document = self._document(key)
        if document is not None:
            self._workspace.switch(document)

    def _close(self, key: str) -> None:
        document = self._document(key)
        if document is not None:
            self._session.close_document(document)

    def _open_menu(self, place: QPoint) -> None:
        index = self.tabAt(place)
        document = self._document(self.keys()[index]) if index >= 0 else None
        if document is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        save, save_as = menu.addAction(self.tr("Save")), menu.addAction(self.tr("Save as…"))
        menu.addSeparator()
        close, others = menu.addAction(self.tr("Close")), menu.addAction(self.tr("Close the others"))
        others.setEnabled(len(self._workspace.documents) > 1)
        chosen = menu.exec(self.mapToGlobal(place))
        if chosen is save:
            self._session.files.save(document)
        elif chosen is save_as:
            self._session.files.save_as(document)
        elif chosen is close:
            self._session.close_document(document)
        elif chosen is others:
            self._session.files.close_others(document)
