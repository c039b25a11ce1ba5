"""What commands, menus, dialogs and tool bar are given: what a person works with in one window."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from engine.project.project import Project
from gui.document.document import Document
from gui.document.workspace import Workspace
from gui.files.autosave import Autosave
from gui.files.data_files import DataFiles
from gui.files.file_watch import FileWatch
from gui.files.files import Files
from gui.files.known_data import KnownData
from gui.files.recent import Recent
from gui.plugins import PluginLoader

if TYPE_CHECKING:
    from gui.canvas.widget import CanvasWidget
    from gui.controls.announcement import Announcement
    from gui.controls.command import Command
    from gui.docks.docks import Docks
    from gui.training.trainer import Trainer


class Session(QObject):
    """The open networks, their files, what trains them, the person's own layers, and those parts of the
    window that commands name.

    The window makes it and fills in the parts; nothing here places or paints anything.
    """

    editor_wanted = Signal()
    """The network is to come to the front."""
    gallery_wanted = Signal()
    """The gallery is to come to the front."""
    page_wanted = Signal(object)
    """The "network" in front, or its "data", is to come to the front."""
    data_allowed = Signal()
    """Data that was not to be read may be read now."""
    canvas: CanvasWidget
    docks: Docks
    banner: Announcement
    """Parts of the editor, which the window makes when it is first wanted: there while `editing`."""

    def __init__(self, window: QWidget, recent: Recent, held: bool = False) -> None:
        """`window` is what dialogs open over; `held` is the workspace's."""
        super().__init__(window)
        self.window, self.recent = window, recent
        self.workspace = work = Workspace(parent=self, held=held)
        self.file_watch = FileWatch(work)
        self.files = Files(work, self.file_watch, recent, window, self.running_trainer)
        self.known_data = KnownData(work)
        self.data_files = DataFiles(work, self.files, self.known_data, window)
        self.autosave = Autosave(work)
        self.plugins = PluginLoader(work)
        self.editing = False
        """Whether a network is in front, not the gallery. The window keeps it."""
        self.commands: dict[str, Command] = {}
        """All that can be done, by id."""
        self._trainer: Trainer | None = None
        for signal in (work.state_changed, work.selected, work.entered):
            signal.connect(self.refresh_commands)
        self.autosave.failed.connect(work.say)

    @property
    def trainer(self) -> Trainer:
        """What trains: one run at a time in this process. Made when it is first asked for."""
        if self._trainer is None:
            from gui.training.trainer import Trainer  # after the first paint: it imports the run's reports

            self._trainer = Trainer(self.workspace)
        return self._trainer

    @trainer.setter
    def trainer(self, trainer: Trainer) -> None:
        """Let another one train than would be made."""
        self._trainer = trainer

    def existing_trainer(self) -> Trainer | None:
        """The trainer if it was asked for before. Does not make one."""
        return self._trainer

    def running_trainer(self) -> Trainer | None:
        """The trainer while a run goes on or is paused, else None. Does not make one."""
        trainer = self._trainer
        return trainer if trainer is not None and trainer.running else None

    def stop_run(self) -> None:
        """Let a run end and be kept."""
        trainer = self.running_trainer()
        if trainer is not None:
            trainer.stop()

    def keep_run(self) -> None:
        """Wait until a run that was stopped is saved, wherever it is taken: nobody is there to be asked."""
        if self._trainer is not None:
            self._trainer.keep()

    def refresh_commands(self, _: object = None) -> None:
        """See anew what can be done."""
        for command in self.commands.values():
            command.refresh()

    # ------------------------------------------------------------------ documents

    def new(self) -> None:
        """Open an empty network."""
        self.files.new()
        self.editor_wanted.emit()

    def start(self, project: Project) -> None:
        """Open a project that has no file yet."""
        self.files.new(project)
        self.editor_wanted.emit()

    def open(self, path: Path) -> None:
        """Open a file."""
        if self.files.open(path) is not None:
            self.editor_wanted.emit()

    def close_document(self, document: Document) -> None:
        """Close a document; after the last one comes the gallery."""
        work = self.workspace
        if self.files.close(document) and work.current.pristine and len(work.documents) == 1:
            self.gallery_wanted.emit()
