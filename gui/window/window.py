"""The window: it places the tool bar, the gallery and the editor, and hands every deed to the part that
does it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QApplication, QStackedWidget, QVBoxLayout, QWidget

from gui import settings
from gui.files.recent import Recent, result_text
from gui.gallery.gallery import Gallery
from gui.style import theme
from gui.style.apply import apply

if TYPE_CHECKING:
    from engine.message import Trouble
    from engine.project.project import Project
    from gui.commands.action import Deed
    from gui.document.document import Document
    from gui.document.workspace import Workspace
    from gui.files.autosave import Autosave
    from gui.files.file_watch import Guard
    from gui.files.files import Files
    from gui.training.run_info import RunInfo
    from gui.window.editor import Editor
    from gui.window.outside_changes import Watch
    from gui.window.tool_bar import ToolBar

FIRST_SIZE = (1600, 1000)
COUNT_AFTER = 400
"""Milliseconds until the runs on the shelf are counted: first comes what is in sight."""
TITLE_BAR = 40
"""Pixels that a title bar may take from the screen."""


class Window(QWidget):
    """One window of the program. Its pages are the gallery and the editor, which is made when it is
    first needed.

    With `later` only the gallery is made, which imports nothing of the engine and is there at once; whatever
    is done first, or `furnish`, makes the rest. With `held` no network is checked until the analyst is
    released.
    """

    painted = Signal()
    """Emitted once, after the first paint: now heavy things may be imported."""
    workspace: Workspace
    guard: Guard
    files: Files
    autosave: Autosave
    watch: Watch
    deeds: dict[str, Deed]
    tool_bar: ToolBar

    def __init__(self, later: bool = False, held: bool = False) -> None:
        super().__init__()
        self.furnished = False
        self._held = held
        self._editor: Editor | None = None
        self._was_painted = False
        self.recent = Recent(self)
        self.setAcceptDrops(True)
        self.setWindowTitle("Layerloom")
        self.pages = QStackedWidget()
        self.gallery = Gallery(self.recent)
        self.pages.addWidget(self.gallery)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self.pages, 1)
        self._place()
        self.gallery.chosen.connect(self.start_template)
        self.gallery.new_wanted.connect(self.new)
        self.gallery.open_wanted.connect(self._open)
        self.gallery.recent_chosen.connect(self.open)
        self.gallery.settings_wanted.connect(self._settings)
        self.gallery.back_wanted.connect(self.show_editor)
        settings.preferences_changed.connect(self._prefer)
        self.gallery.setFocus()
        if not later:
            self.furnish()

    def furnish(self) -> None:
        """Make the workspace and everything that works on it, if that is not done yet."""
        if self.furnished:
            return
        from gui.commands.action import Deed
        from gui.commands.table import ACTIONS
        from gui.document.workspace import Workspace
        from gui.files.autosave import Autosave
        from gui.files.file_watch import Guard
        from gui.files.files import Files
        from gui.window.outside_changes import Watch
        from gui.window.tool_bar import ToolBar

        self.workspace = work = Workspace(parent=self, held=self._held)
        self.guard = Guard(work)
        self.files = Files(work, self.guard, self.recent, self)
        self.autosave = Autosave(work)
        self.deeds = {action.id: Deed(action, self) for action in ACTIONS}
        self.tool_bar = ToolBar(self)
        self.tool_bar.hide()
        self._column.insertWidget(0, self.tool_bar)
        self.watch = Watch(self)
        self.furnished = True
        work.switched.connect(self._switched)
        work.state_changed.connect(self.refresh_title)
        work.state_changed.connect(self.refresh_actions)
        work.selected.connect(self.refresh_actions)
        work.entered.connect(self.refresh_actions)
        self.autosave.failed.connect(self._autosave_failed)
        self.refresh_actions()

    # ------------------------------------------------------------------ pages

    @property
    def editing(self) -> bool:
        """Whether the editor is in sight, not the gallery."""
        return self._editor is not None and self.pages.currentWidget() is self._editor

    @property
    def editor(self) -> Editor:
        """The editor, made now if need be."""
        if self._editor is None:
            from gui.window.editor import Editor

            self.furnish()
            self._editor = editor = Editor(self)
            self.pages.addWidget(editor)
            for deed in self.deeds.values():
                if deed.action.canvas:
                    editor.canvas.addAction(deed.act)
            self.autosave.written.connect(editor.status.note_autosave)
        return self._editor

    def show_gallery(self) -> None:
        """Bring the gallery to the front."""
        self.gallery.refresh()
        self.gallery.back.setVisible(not self.workspace.current.pristine)
        self.pages.setCurrentWidget(self.gallery)
        self.tool_bar.hide()
        self.gallery.setFocus()
        self.refresh_actions()
        self.refresh_title()

    def show_editor(self) -> None:
        """Bring the network to the front."""
        editor = self.editor
        self.tool_bar.show()
        self.pages.setCurrentWidget(editor)
        if self._was_painted:
            QTimer.singleShot(0, self._start_work)
        editor.canvas.setFocus()
        self.refresh_actions()
        self.refresh_title()

    def _start_work(self) -> None:
        """Make the panels, and the bar that shows the run: all that imports much."""
        if not self.editing or self.tool_bar.run_bar is not None:
            return
        from gui.panels.training.runbar import RunBar

        self.tool_bar.set_run_bar(RunBar(self.workspace))
        trainer = self.workspace.trainer
        trainer.started.connect(self._run_started)
        trainer.state_changed.connect(self._run_changed)
        trainer.finished.connect(self._run_finished)
        trainer.blocked.connect(self._run_blocked)
        trainer.unsaved.waiting.connect(self._run_unsaved)
        trainer.unsaved.saved.connect(self._run_saved)
        self.editor.docks.release()
        QTimer.singleShot(COUNT_AFTER, self.editor.count_runs)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), theme.current().window)
        if not self._was_painted:
            self._was_painted = True
            QTimer.singleShot(0, self._after_paint)

    def _after_paint(self) -> None:
        self.painted.emit()
        self._start_work() if self.editing else None

    # ------------------------------------------------------------------ documents

    def new(self) -> None:
        """Open an empty network."""
        self.furnish()
        self.files.new()
        self.show_editor()

    def start_template(self, id: str) -> None:
        """Open the template of that name."""
        from engine.templates import template

        self.start(template(id).project())

    def start(self, project: Project) -> None:
        """Open a project that has no file yet."""
        self.furnish()
        self.files.new(project)
        self.show_editor()

    def open(self, path: Path) -> None:
        """Open a file."""
        self.furnish()
        if self.files.open(path) is not None:
            self.show_editor()

    def _open(self) -> None:
        self.furnish()
        self.files.open_dialog()

    def close_current(self) -> None:
        """Close the document in front."""
        self.close_document(self.workspace.current)

    def close_document(self, document: Document) -> None:
        """Close a document; after the last one comes the gallery."""
        work = self.workspace
        if self.files.close(document) and work.current.pristine and len(work.documents) == 1:
            self.show_gallery()

    def _switched(self, document: Document) -> None:
        if not document.pristine:
            self.show_editor()
        self.refresh_actions()

    # ------------------------------------------------------------------ what happens outside

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow() and self.furnished:
            self.watch.look_at_disk()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _dropped(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        for path in _dropped(event):
            self.open(path)
        event.acceptProposedAction()

    def _autosave_failed(self, trouble: Trouble) -> None:
        self.workspace.say(trouble)

    # ------------------------------------------------------------------ deeds

    def act(self, id: str) -> QAction:
        """The action of that id, to be put into a menu."""
        return self.deeds[id].act

    def refresh_actions(self, _: object = None) -> None:
        """See anew what can be done."""
        for deed in self.deeds.values():
            deed.refresh()

    def refresh_title(self) -> None:
        """Name the network in front: `Digits CNN* – Layerloom`."""
        if self.editing:
            self.setWindowTitle(f"{self.workspace.current.title}[*] – Layerloom")
            self.setWindowModified(self.workspace.current.dirty)
        else:
            self.setWindowTitle("Layerloom")
            self.setWindowModified(False)

    def toggle_full_screen(self) -> None:
        """Fill the screen, or no longer."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def _settings(self) -> None:
        self.furnish()
        self.deeds["settings"].run()

    def _prefer(self, wish: settings.Preferences) -> None:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        apply(app, wish.theme, wish.text_size / 100)

    # ------------------------------------------------------------------ the run

    def stop_run(self) -> None:
        """Let a run end and be kept."""
        trainer = self.workspace.running_trainer
        if trainer is not None:
            trainer.stop()

    def _run_started(self, _: object) -> None:
        """Bring the curves to the front, unless the person wants nothing but the canvas."""
        if not self.editor.bare:
            self.editor.docks.show_panel("training")

    def _run_changed(self) -> None:
        trainer = self.workspace.running_trainer
        self.editor.set_running(trainer.run_document if trainer is not None else None)
        self.refresh_actions()

    def _run_finished(self, info: RunInfo) -> None:
        """Keep what the run reached, for the list of recent projects."""
        self._run_changed()
        document = info.document
        document.result = result_text(info) or document.result
        if document.path is not None and document in self.workspace.documents:
            self.recent.note(document.path, document.title, document.result)

    def _run_blocked(self, document: Document) -> None:
        """Bring the problems to the front that stand in the way; what is selected stays."""
        self.workspace.switch(document)
        self.editor.show_panel("problems")

    def _run_unsaved(self, info: RunInfo) -> None:
        """Offer to save once more what was learnt: it is still in memory."""
        text = self.tr("The run of {name} is not saved. What it learnt is kept while this window is open.")
        again = (self.tr("Save again"), self.workspace.trainer.unsaved.save)
        self.editor.banner.say(text.format(name=info.document.title), (again,), "error")

    def _run_saved(self, _: object) -> None:
        self.editor.banner.withdraw()

    # ------------------------------------------------------------------ how it was left

    def _place(self) -> None:
        kept = settings.remembered("window")
        if isinstance(kept, str) and self.restoreGeometry(QByteArray.fromBase64(kept.encode())):
            return
        screen = QGuiApplication.primaryScreen().availableGeometry()
        self.resize(min(FIRST_SIZE[0], screen.width()), min(FIRST_SIZE[1], screen.height() - TITLE_BAR))

    def closeEvent(self, event: QCloseEvent) -> None:
        # PySide 6.11 crashes where some errors leave an override; a new one is safe
        try:
            self._close(event)
        except Exception as error:
            event.ignore()
            raise RuntimeError(f"{type(error).__name__} while closing: {error}") from error

    def _close(self, event: QCloseEvent) -> None:
        if self.furnished:
            if not self.files.may_close(list(self.workspace.documents)):
                event.ignore()
                return
            paths = [str(document.path) for document in self.workspace.documents if document.path is not None]
            settings.remember("open", paths)
            self.watch.recovery.keep()
            self.autosave.finish()
            self.guard.release()
        if self._editor is not None:
            self._editor.remember()
        settings.remember("window", self.saveGeometry().toBase64().data().decode())
        event.accept()


def _dropped(event: QDragEnterEvent | QDropEvent) -> list[Path]:
    """The project files among what is dragged."""
    urls = event.mimeData().urls() if event.mimeData().hasUrls() else []
    paths = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
    from engine.store.project_file import ENDING

    return [path for path in paths if path.suffix == ENDING]
