"""What the window shows when a run starts, ends, cannot start or cannot be saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from gui.files.recent import result_text

if TYPE_CHECKING:
    from gui.document.document import Document
    from gui.session import Session
    from gui.training.run_info import RunInfo
    from gui.window.document_tabs import DocumentTabs


class RunEvents(QObject):
    """Brings the right panel to the front, marks the tab of what trains, and keeps what was reached."""

    def __init__(self, session: Session, tabs: DocumentTabs) -> None:
        super().__init__(session)
        self._session, self._tabs = session, tabs
        trainer = session.trainer
        trainer.started.connect(self._started)
        trainer.state_changed.connect(self._changed)
        trainer.finished.connect(self._finished)
        trainer.blocked.connect(self._blocked)
        trainer.unsaved.waiting.connect(self._unsaved)
        trainer.unsaved.saved.connect(self._saved)

    def _started(self, _: object) -> None:
        """Bring the curves to the front, unless the person wants nothing but the canvas."""
        docks = self._session.docks
        if docks.bare:
            return
        docks.show_panel("training")
        if docks.side_of("training") in docks.yielding:  # the data page took its room
            self._session.page_wanted.emit("network")

    def _changed(self) -> None:
        trainer = self._session.running_trainer()
        self._tabs.set_running(trainer.run_document if trainer is not None else None)
        self._session.refresh_commands()

    def _finished(self, info: RunInfo) -> None:
        """Keep what the run reached, for the list of recent projects."""
        self._changed()
        document = info.document
        document.result = result_text(info) or document.result
        if document.path is not None and document in self._session.workspace.documents:
            self._session.recent.note(document.path, document.title, document.result)

    def _blocked(self, document: Document) -> None:
        """Bring the problems to the front that stand in the way; what is selected stays."""
        self._session.workspace.switch(document)
        self._session.docks.reveal("problems")

    def _unsaved(self, info: RunInfo) -> None:
        """Offer to save once more what was learnt: it is still in memory."""
        text = self.tr("The run of {name} is not saved. What it learnt is kept while this window is open.")
        again = (self.tr("Save again"), self._session.trainer.unsaved.save)
        self._session.banner.say(text.format(name=info.document.title), (again,), "error")

    def _saved(self, _: object) -> None:
        self._session.banner.withdraw()
