"""The window: it places the tool bar, the gallery and the editor, and shows of these what a session wants."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QApplication, QStackedWidget, QVBoxLayout, QWidget

from engine.files.checked_json import text
from gui import settings
from gui.deferred import settle_layouts
from gui.files.recent import Recent
from gui.gallery.gallery import Gallery
from gui.style import theme
from gui.style.apply import apply

if TYPE_CHECKING:
    from engine.project.project import Project
    from gui.document.document import Document
    from gui.session import Session
    from gui.window.data_changes import DataChanges
    from gui.window.editor import Editor
    from gui.window.outside_changes import OutsideChanges
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
    is done first, or `furnish`, makes the rest. With `held` no network is checked until the checker is
    released.
    """

    painted = Signal()
    """Emitted once, after the first paint: now heavy things may be imported."""
    session: Session
    outside: OutsideChanges
    data_changes: DataChanges
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
        self.gallery.data_wanted.connect(self._open_data)
        self.gallery.recent_chosen.connect(self.open)
        self.gallery.settings_wanted.connect(self._settings)
        self.gallery.back_wanted.connect(self.show_editor)
        settings.preferences_changed.connect(self._prefer)
        self.gallery.setFocus()
        if not later:
            self.furnish()

    def furnish(self) -> None:
        """Make the session and everything that works on it, if that is not done yet."""
        if self.furnished:
            return
        from gui.commands.table import ACTIONS
        from gui.session import Session
        from gui.window.data_changes import DataChanges
        from gui.window.outside_changes import OutsideChanges
        from gui.window.tool_bar import ToolBar

        self.session = session = Session(self, self.recent, self._held)
        for action in ACTIONS:
            session.commands[action.id] = command = action.command(session)
            if command.shortcutContext() != Qt.ShortcutContext.WidgetShortcut:
                self.addAction(command)
        self.tool_bar = ToolBar(session, self)
        self.tool_bar.hide()
        self._column.insertWidget(0, self.tool_bar)
        self.outside = OutsideChanges(session)
        self.data_changes = DataChanges(session)
        self.furnished = True
        session.editor_wanted.connect(self.show_editor)
        session.gallery_wanted.connect(self.show_gallery)
        session.data_files.failed.connect(self._say_of_data)
        session.data_files.shown.connect(self._show_data)
        session.workspace.switched.connect(self._switched)
        session.workspace.state_changed.connect(self.refresh_title)
        session.refresh_commands()

    # ------------------------------------------------------------------ pages

    @property
    def editing(self) -> bool:
        """Whether the editor is in sight, not the gallery."""
        return self.furnished and self.session.editing

    @property
    def editor(self) -> Editor:
        """The editor, made now if need be."""
        if self._editor is None:
            from gui.window.editor import Editor

            self.furnish()
            self._editor = Editor(self.session, self)
            self.pages.addWidget(self._editor)
        return self._editor

    def show_gallery(self) -> None:
        """Bring the gallery to the front."""
        self.gallery.refresh()
        self.gallery.side.back.setVisible(not self.session.workspace.current.pristine)
        self._turn_to(self.gallery)
        self.gallery.setFocus()

    def _show_data(self) -> None:
        """Bring the data of the network in front to the front."""
        self.show_editor()
        self.editor.turn_to("data")

    def show_editor(self) -> None:
        """Bring the network to the front."""
        editor = self.editor
        self._turn_to(editor)
        if self._was_painted:
            QTimer.singleShot(0, self._start_work)
        editor.focus_page()

    def _turn_to(self, page: QWidget) -> None:
        editing = page is self._editor
        self.tool_bar.setVisible(editing)
        self.pages.setCurrentWidget(page)
        self.session.editing = editing
        self.session.refresh_commands()
        self.refresh_title()

    def _start_work(self) -> None:
        """Make the panels, and the bar that shows the run: all that imports much."""
        if not self.editing or self.tool_bar.run_bar is not None:
            return
        from gui.panels.training.runbar import RunBar
        from gui.window.run_events import RunEvents

        self.tool_bar.set_run_bar(RunBar(self.session.workspace, self.session.trainer))
        RunEvents(self.session, self.editor.tabs)
        self.editor.docks.release()
        QTimer.singleShot(COUNT_AFTER, self._count_runs)

    def _count_runs(self) -> None:
        """Make the list of runs, which reads the shelf and tells how many there are."""
        self.editor.docks.panel("runs")
        self.outside.tell_of_settings(self.session.banner)  # all that was kept has been read by now

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
        self.session.new()

    def start_template(self, id: str) -> None:
        """Open the template of that name."""
        from engine.templates import template  # the gallery is painted before the engine is there

        self.start(template(id).project())

    def start(self, project: Project) -> None:
        """Open a project that has no file yet."""
        self.furnish()
        self.session.start(project)

    def open(self, path: Path) -> None:
        """Open a file."""
        self.furnish()
        self.session.open(path)

    def open_data(self, path: Path) -> None:
        """Learn from a file or a folder: in the network in front, or in a new one where the gallery is."""
        self.furnish()
        self.session.data_files.open(path, self.session.workspace.current if self.editing else None)

    def _open_data(self) -> None:
        self.furnish()
        self.session.data_files.ask()

    def _say_of_data(self, text: str) -> None:
        banner = self.session.banner if self.editing else self.gallery.banner
        banner.say(text, (), "error")

    def _open(self) -> None:
        self.furnish()
        self.session.files.open_dialog()

    def _settings(self) -> None:
        self.furnish()
        self.session.commands["settings"].run()

    def _switched(self, document: Document) -> None:
        if not document.pristine:
            self.show_editor()
        self.session.refresh_commands()

    # ------------------------------------------------------------------ what happens outside

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.UpdateRequest:
            settle_layouts()
        return super().event(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow() and self.furnished:
            self.outside.check_disk()
            self.data_changes.check()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(_dropped(event)):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        projects, data = _dropped(event)
        for path in projects:
            self.open(path)
        if data and not projects:
            self.open_data(data[0])
        event.acceptProposedAction()

    def offer_recovery(self) -> None:
        """Say what a killed session left, where one looks."""
        banner = self.session.banner if self.editing else self.gallery.banner
        self.outside.offer_recovery(banner)
        self.outside.tell_of_settings(banner)

    # ------------------------------------------------------------------ how it looks

    def refresh_title(self) -> None:
        """Name the network in front, and its file: `Digits CNN* – digits.loom – Layerloom`."""
        if self.editing:
            document = self.session.workspace.current
            # "[*]" stands for the star of what is not saved, twice for itself
            places = (document.path.name.replace("[*]", "[*][*]"),) if document.path is not None else ()
            title = " – ".join((f"{document.tab_title}[*]", *places, "Layerloom"))
            modified = document.dirty
        else:
            title, modified = "Layerloom", False
        if (title, modified) != (self.windowTitle(), self.isWindowModified()):
            self.setWindowTitle(title)
            self.setWindowModified(modified)

    def _prefer(self, wish: settings.Preferences) -> None:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        apply(app, wish.theme, wish.text_size / 100)

    # ------------------------------------------------------------------ how it was left

    def _place(self) -> None:
        geometry = settings.remembered("window", text())
        if geometry and self.restoreGeometry(QByteArray.fromBase64(geometry.encode())):
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
            session = self.session
            documents = session.workspace.documents
            if not session.files.may_close(list(documents)):
                event.ignore()
                return
            paths = [str(document.path) for document in documents if document.path is not None]
            settings.remember("open", paths)
            self.outside.recovery.postpone()
            session.autosave.finish()
            session.file_watch.release()
        if self._editor is not None:
            self._editor.remember()
        settings.remember("window", bytes(self.saveGeometry().toBase64().data()).decode())
        event.accept()


def _dropped(event: QDragEnterEvent | QDropEvent) -> tuple[list[Path], list[Path]]:
    """The project files among what is dragged, and whatever else it is: data to learn from."""
    from engine.store.project_file import ENDING  # the gallery is painted before the engine is there

    urls = event.mimeData().urls() if event.mimeData().hasUrls() else []
    paths = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
    projects = [path for path in paths if path.suffix == ENDING]
    return projects, [path for path in paths if path.suffix != ENDING]
