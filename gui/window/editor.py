"""The working page of the window: document tabs over the canvas, the panels around them, the status bar
below.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu, QSizePolicy, QVBoxLayout, QWidget

from engine.message import Message, Trouble
from gui import settings
from gui.canvas import remembered_view
from gui.canvas.geometry.camera import Camera
from gui.commands import dialogs
from gui.controls import IconButton, Tabs, Toast
from gui.controls.announcement import Announcement
from gui.docks.dock_area import Head
from gui.docks.docks import Docks
from gui.docks.panes import panes
from gui.document.document import Document
from gui.style import theme
from gui.text.words import exact, words
from gui.window.status_bar import StatusBar

if TYPE_CHECKING:
    from gui.window.window import Window


WIDEST = 420
"""The widest line of what is said at the foot of the canvas, in px."""


def sentence(message: Message | Trouble) -> str:
    """A message as a sentence: a capital at its beginning, a stop at its end."""
    text = words(message)
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "?", "…")) else f"{text}."


class Editor(QWidget):
    """Places the canvas and the panels, and keeps the tabs in step with the workspace."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        from gui.canvas.canvas import Canvas

        self._window, self.workspace = window, window.workspace
        self.bare = False
        self._running = ""
        self._met: set[str] = set()
        self.tabs = Tabs(ground="canvas", closable=True, movable=True, name=self.tr("Open networks"))
        self.tabs.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.tabs.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.banner = Announcement()
        self.canvas = Canvas(self.workspace)
        self.docks = Docks(panes(self.workspace, self._export_run), self._centre(), held=True)
        self.status = StatusBar(self.workspace)
        self.toast = Toast(self.canvas)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.docks, 1)
        column.addWidget(self.status)
        self._connect()
        self.docks.restore(settings.remembered("docks"))
        self.refresh_tabs()
        self._welcome(self.workspace.current)
        self._announce(self.workspace.current)

    def _centre(self) -> QWidget:
        centre, head = QWidget(), Head()
        plus = IconButton("plus", self.tr("New network"), "Ctrl+N")
        plus.clicked.connect(self._window.new)
        head.row.addWidget(self.tabs)
        head.row.addSpacing(4)
        head.row.addWidget(plus)
        head.row.addStretch(1)
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(self.banner)
        column.addWidget(self.canvas, 1)
        return centre

    def _connect(self) -> None:
        work = self.workspace
        work.listed.connect(self.refresh_tabs)
        work.switched.connect(self.refresh_tabs)
        work.kept.connect(self.refresh_tabs)
        work.switched.connect(self._welcome)
        work.switched.connect(self._announce)
        work.closing.connect(self._leave)
        work.analysed.connect(self._count_problems)
        work.changed.connect(self._count_problems)
        work.refused.connect(self.say)
        work.notice.connect(self.say)
        self.tabs.chosen.connect(self._tab_chosen)
        self.tabs.moved.connect(work.reorder)
        self.tabs.closing.connect(self._close_wanted)
        self.tabs.customContextMenuRequested.connect(self._tab_menu)
        self.canvas.inspect.connect(self._inspect)
        self.status.problems_wanted.connect(self._show_problems)

    # ------------------------------------------------------------------ tabs

    def refresh_tabs(self, _: object = None) -> None:
        """Show the documents that are open, by their titles, and the one in front."""
        tabs, documents = self.tabs, self.workspace.documents
        blocked = tabs.blockSignals(True)
        for key in set(tabs.keys()) - {document.key for document in documents}:
            tabs.remove(key)
        for document in documents:
            key = document.key
            if key not in tabs.keys():  # noqa: SIM118  (a method of the tabs, not of a mapping)
                tabs.add(key, document.title, "network")
            index = tabs.index(key)
            if tabs.tabText(index) != document.title.replace("&", "&&"):
                tabs.set_title(key, document.title)
            tabs.setTabToolTip(index, str(document.path or self.tr("Not saved to a file yet")))
            tabs.set_dot(key, "success" if key == self._running else "text2" if document.dirty else "")
            name = self.tr("{title}, changed") if document.dirty else "{title}"
            tabs.setAccessibleTabName(index, name.format(title=document.title))
        tabs.set_current(self.workspace.current.key)
        tabs.blockSignals(blocked)
        tabs.updateGeometry()

    def set_running(self, document: Document | None) -> None:
        """Show at its tab which document trains."""
        self._running = document.key if document is not None else ""
        self.refresh_tabs()

    def _document(self, key: str) -> Document | None:
        return next((document for document in self.workspace.documents if document.key == key), None)

    def _tab_chosen(self, key: str) -> None:
        document = self._document(key)
        if document is not None:
            self.workspace.switch(document)

    def _close_wanted(self, key: str) -> None:
        document = self._document(key)
        if document is not None:
            self._window.close_document(document)

    def _tab_menu(self, place: QPoint) -> None:
        index = self.tabs.tabAt(place)
        document = self._document(self.tabs.keys()[index]) if index >= 0 else None
        if document is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        save, save_as = menu.addAction(self.tr("Save")), menu.addAction(self.tr("Save as…"))
        menu.addSeparator()
        close, others = menu.addAction(self.tr("Close")), menu.addAction(self.tr("Close the others"))
        others.setEnabled(len(self.workspace.documents) > 1)
        chosen = menu.exec(self.tabs.mapToGlobal(place))
        if chosen is save:
            self._window.files.save(document)
        elif chosen is save_as:
            self._window.files.save_as(document)
        elif chosen is close:
            self._window.close_document(document)
        elif chosen is others:
            self._window.files.close_others(document)

    # ------------------------------------------------------------------ panels

    def toggle_panels(self) -> None:
        """Hide every panel, or bring them back."""
        self.bare = not self.bare
        for area in self.docks.areas.values():
            area.setVisible(not self.bare and area.strip.count() > 0)

    def show_panel(self, id: str) -> None:
        """Bring a panel to the front, also while all are hidden."""
        if self.bare:
            self.toggle_panels()
        self.docks.show_panel(id)

    def _inspect(self, _: object) -> None:
        self.show_panel("inspector")
        self.docks.panel("inspector").setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_problems(self) -> None:
        self.show_panel("problems")

    def _count_problems(self, _: object = None) -> None:
        analysis = self.workspace.current.analysis
        problems = analysis.problems if analysis is not None else ()
        count = sum(problem.level != "note" for problem in problems)
        self.docks.set_count("problems", str(count) if count else "")

    def count_runs(self) -> None:
        """Show at the tab of the runs how many there are, from now on."""
        self.docks.panel("runs").counted.connect(self._runs_counted)  # type: ignore[attr-defined]  # its own

    def _export_run(self, folder: Path) -> None:
        dialogs.export(self._window, folder)

    def _runs_counted(self, number: int) -> None:
        self.docks.set_count("runs", exact(number) if number else "")

    def say(self, message: Message | Trouble) -> None:
        """Show a sentence for a moment at the foot of the canvas."""
        text, label = sentence(message), self.toast.text
        label.setWordWrap(True)
        label.setFixedWidth(min(label.fontMetrics().horizontalAdvance(text) + 4, theme.px(WIDEST)))
        self.toast.say(text)

    def remember(self) -> None:
        """Keep how the panels were left."""
        settings.remember("docks", self.docks.state())
        for document in self.workspace.documents:
            self._leave(document)

    def _leave(self, document: Document) -> None:
        """Keep how a file was left."""
        camera = document.level.camera
        if document.path is not None and not document.level.path and isinstance(camera, Camera):
            panel = self.docks.areas["bottom"].current()
            remembered_view.keep(document.path, camera, self.canvas.width(), panel)

    def _announce(self, document: Document) -> None:
        """Let the banner say what there is to say about the document in front."""
        self.banner.turn_to(document.key)

    def _welcome(self, document: Document) -> None:
        """Bring to the front the lower panel with which a file that was just opened was left."""
        view = remembered_view.view(document.path) if document.key not in self._met else None
        self._met.add(document.key)
        if view is not None and not self.bare and view.panel in self.docks.areas["bottom"].ids():
            self.docks.show_panel(view.panel)
