"""The window: it places the tool bar, the gallery and the editor, and hands every deed to the part that
does it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QDesktopServices,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from engine.graph import Project
from engine.message import Trouble
from gui import settings, theme
from gui.actions import Deed
from gui.analyst import torch_is_imported
from gui.autosave import Autosave
from gui.commands import ACTIONS
from gui.document import Document
from gui.editor import Editor
from gui.files import ENDING, Files
from gui.gallery import Gallery
from gui.guard import Guard
from gui.recent import Recent, result_text
from gui.tool_bar import ToolBar
from gui.watch import Watch
from gui.workspace import Workspace

if TYPE_CHECKING:
    from gui.trainer import RunInfo

FIRST_SIZE = (1600, 1000)


class Window(QWidget):
    """One window of the program. Its pages are the gallery and the editor, which is made when it is
    first needed.
    """

    painted = Signal()
    """Emitted once, after the first paint: now heavy things may be imported."""

    def __init__(self, workspace: Workspace | None = None) -> None:
        super().__init__()
        self.workspace = workspace or Workspace()
        if self.workspace.parent() is None:
            self.workspace.setParent(self)
        self.recent = Recent(self)
        self.guard = Guard(self.workspace)
        self.files = Files(self.workspace, self.guard, self.recent, self)
        self.autosave = Autosave(self.workspace)
        self._editor: Editor | None = None
        self._was_painted = False
        self.setAcceptDrops(True)
        self.pages = QStackedWidget()
        self.gallery = Gallery(self.recent)
        self.pages.addWidget(self.gallery)
        self.deeds = {action.id: Deed(action, self) for action in ACTIONS}
        self.tool_bar = ToolBar(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tool_bar)
        column.addWidget(self.pages, 1)
        self._connect()
        self._place()
        self.watch = Watch(self)
        self._show_page()
        self.refresh_title()

    def _connect(self) -> None:
        work, gallery = self.workspace, self.gallery
        work.switched.connect(self._switched)
        work.state_changed.connect(self.refresh_title)
        work.state_changed.connect(self.refresh_actions)
        work.selected.connect(self.refresh_actions)
        gallery.chosen.connect(self.start)
        gallery.new_wanted.connect(self.new)
        gallery.open_wanted.connect(self.files.open_dialog)
        gallery.recent_chosen.connect(self.files.open)
        gallery.settings_wanted.connect(self.open_settings)
        gallery.back_wanted.connect(self.show_editor)
        self.autosave.failed.connect(self._autosave_failed)
        settings.preferences_changed.connect(self._prefer)

    # ------------------------------------------------------------------ pages

    @property
    def editing(self) -> bool:
        """Whether the editor is in sight, not the gallery."""
        return self._editor is not None and self.pages.currentWidget() is self._editor

    @property
    def editor(self) -> Editor:
        """The editor, made now if need be."""
        if self._editor is None:
            self._editor = editor = Editor(self)
            self.pages.addWidget(editor)
            self._bind_canvas(editor)
            self.autosave.written.connect(editor.status.note_autosave)
        return self._editor

    def _bind_canvas(self, editor: Editor) -> None:
        for deed in self.deeds.values():
            if deed.action.canvas:
                editor.canvas.addAction(deed.act)

    def show_gallery(self) -> None:
        """Bring the gallery to the front."""
        self.gallery.refresh()
        self.gallery.back.setVisible(not self.workspace.current.pristine)
        self.pages.setCurrentWidget(self.gallery)
        self.tool_bar.setVisible(False)
        self.gallery.setFocus()
        self.refresh_actions()
        self.refresh_title()

    def show_editor(self) -> None:
        """Bring the network to the front."""
        editor = self.editor
        self.tool_bar.setVisible(True)
        self.pages.setCurrentWidget(editor)
        if self._was_painted:
            QTimer.singleShot(0, self._start_work)
        editor.canvas.setFocus()
        self.refresh_actions()
        self.refresh_title()

    def _show_page(self) -> None:
        if self.workspace.current.pristine:
            self.show_gallery()
        else:
            self.show_editor()
        self.watch.offer_recovery()

    def _start_work(self) -> None:
        """Make the panels, and the bar that shows the run: all that imports much."""
        editor = self.editor
        if not self.editing or self.tool_bar.run_bar is not None:
            return
        from gui.panels.runbar import RunBar

        self.tool_bar.set_run_bar(RunBar(self.workspace))
        trainer = self.workspace.trainer
        trainer.state_changed.connect(self._run_changed)
        trainer.finished.connect(self._run_finished)
        editor.docks.release()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.current().window)
        if not self._was_painted:
            self._was_painted = True
            QTimer.singleShot(0, self._after_paint)

    def wait_for_torch(self) -> None:
        """Check the documents as soon as torch is imported, and until then leave it alone."""
        self._waiting = QTimer(self, interval=40)
        self._waiting.timeout.connect(self._look_for_torch)
        self._waiting.start()

    def _look_for_torch(self) -> None:
        if torch_is_imported():
            self._waiting.stop()
            self.workspace.analyst.release()
            self.tool_bar.refresh()

    def stop_run(self) -> None:
        """Let a run end and be kept."""
        trainer = self.workspace.running_trainer
        if trainer is not None:
            trainer.stop()

    def _after_paint(self) -> None:
        self.painted.emit()
        if self._editor is not None and self.editing:
            self._start_work()

    # ------------------------------------------------------------------ documents

    def new(self) -> None:
        """Open an empty network."""
        self.files.new()
        self.show_editor()

    def start(self, project: Project) -> None:
        """Open a template."""
        self.files.new(project)
        self.show_editor()

    def close_current(self) -> None:
        """Close the document in front."""
        self.close_document(self.workspace.current)

    def close_document(self, document: Document) -> None:
        """Close a document; after the last one comes the gallery."""
        if (
            self.files.close(document)
            and self.workspace.current.pristine
            and len(self.workspace.documents) == 1
        ):
            self.show_gallery()

    def _switched(self, document: Document) -> None:
        if not document.pristine:
            self.show_editor()
        self.refresh_actions()

    # ------------------------------------------------------------------ what happens outside

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self.watch.look_at_disk()

    def _autosave_failed(self, trouble: Trouble) -> None:
        self.workspace.say(trouble)

    # ------------------------------------------------------------------ deeds of the window

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

    def find_command(self) -> None:
        """Open the command search."""
        from gui.command_search import CommandSearch

        CommandSearch(self).popup()

    def open_settings(self) -> None:
        """Open the settings."""
        from gui.settings_dialog import SettingsDialog

        SettingsDialog(self).exec()

    def export(self) -> None:
        """Open the export dialog for the network in front."""
        from gui.export_dialog import ExportDialog

        ExportDialog(self.workspace, self).exec()

    def show_shortcuts(self) -> None:
        """Open the sheet of all shortcuts."""
        from gui.help import ShortcutSheet

        ShortcutSheet(self).exec()

    def show_about(self) -> None:
        """Say what this is."""
        from gui.help import About

        About(self).exec()

    def open_log(self) -> None:
        """Open the folder with the log in the system's file manager."""
        folder = settings.state_folder()
        folder.mkdir(parents=True, exist_ok=True)
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

    def toggle_full_screen(self) -> None:
        """Fill the screen, or no longer."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def _prefer(self, wish: settings.Preferences) -> None:
        from PySide6.QtWidgets import QApplication

        app = QApplication.instance()
        assert isinstance(app, QApplication)
        theme.apply(app, wish.theme, wish.text_size / 100)

    # ------------------------------------------------------------------ the run

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

    # ------------------------------------------------------------------ files dropped on the window

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._dropped(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        for path in self._dropped(event):
            if self.files.open(path) is not None:
                self.show_editor()
        event.acceptProposedAction()

    def _dropped(self, event: QDragEnterEvent | QDropEvent) -> list[Path]:
        urls = event.mimeData().urls() if event.mimeData().hasUrls() else []
        paths = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
        return [path for path in paths if path.suffix == ENDING]

    # ------------------------------------------------------------------ how it was left

    def _place(self) -> None:
        kept = settings.remembered("window")
        if isinstance(kept, str) and self.restoreGeometry(QByteArray.fromBase64(kept.encode())):
            return
        screen = QGuiApplication.primaryScreen().availableGeometry()
        frame = 40  # what a title bar may take
        width, height = min(FIRST_SIZE[0], screen.width()), min(FIRST_SIZE[1], screen.height() - frame)
        self.resize(width, height)

    def closeEvent(self, event: QCloseEvent) -> None:
        try:
            self._close(event)
        except (
            Exception
        ) as error:  # PySide 6.11 crashes where some errors leave an override; a new one is safe
            event.ignore()
            raise RuntimeError(f"{type(error).__name__} while closing: {error}") from error

    def _close(self, event: QCloseEvent) -> None:
        if not self.files.may_close(list(self.workspace.documents)):
            event.ignore()
            return
        if self._editor is not None:
            self._editor.remember()
        settings.remember("window", self.saveGeometry().toBase64().data().decode())
        settings.remember("open", [str(d.path) for d in self.workspace.documents if d.path is not None])
        self.watch.recovery.keep()
        self.autosave.finish()
        self.guard.release()
        event.accept()
