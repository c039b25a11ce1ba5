"""The working page of the window: document tabs over the canvas, the panels around them, the status bar
below.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from engine.message import Message, Trouble
from gui import settings
from gui.canvas import remembered_view
from gui.canvas.geometry.camera import Camera
from gui.canvas.widget import CanvasWidget
from gui.commands import dialogs
from gui.controls import IconButton, Segmented, Toast
from gui.controls.announcement import Announcement
from gui.docks.dock_area import Head, Side
from gui.docks.docks import STATE, Docks
from gui.document.document import Document
from gui.style import theme
from gui.text.words import exact, stated
from gui.window.document_tabs import DocumentTabs
from gui.window.opening_strip import OpeningStrip
from gui.window.panes import panes
from gui.window.status_bar import StatusBar

if TYPE_CHECKING:
    from engine.runs.record import Record
    from gui.panels.data_page.page import DataPage
    from gui.session import Session

WIDEST = 420
"""The widest line of what is said at the foot of the canvas, in px."""
WIDE, HIGH = 1700, 1200
"""Sizes of the editor, in px at 100 % text, from which on panels stand beside the data page, too."""


class Editor(QWidget):
    """Places the tabs, the canvas, the panels and the status bar, and passes on what concerns two of them."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self.workspace = session, session.workspace
        self._opened: set[str] = set()
        self._chosen: tuple[str, tuple[str, ...], frozenset[str]] = ("", (), frozenset())
        """In which document and block which layers were selected last."""
        self.tabs = DocumentTabs(session)
        self.banner = Announcement()
        self.opening = OpeningStrip(session.data_files)
        self.canvas = CanvasWidget(self.workspace)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.canvas)
        self._data_page: DataPage | None = None
        self.turner = Segmented(
            [("network", self.tr("Network")), ("data", self.tr("Data"))], "network", self.tr("Page")
        )
        """Turns from the network to its data and back."""
        self.docks = Docks(
            panes(session, self._export_run, self._go_on, self._count_runs), self._centre(), held=True
        )
        self.status = StatusBar(self.workspace)
        self.toast = Toast(self.canvas)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.docks, 1)
        column.addWidget(self.status)
        session.canvas, session.docks, session.banner = self.canvas, self.docks, self.banner
        for command in session.commands.values():
            if command.shortcutContext() == Qt.ShortcutContext.WidgetShortcut:
                self.canvas.addAction(command)
        self._connect()
        self.docks.restore(settings.remembered("docks", STATE))
        self.tabs.refresh()
        self._restore_panel(self.workspace.current)
        self._announce(self.workspace.current)

    def _centre(self) -> QWidget:
        centre, head = QWidget(), Head()
        plus = IconButton("plus", self.tr("New network"), "Ctrl+N")
        plus.clicked.connect(self._session.new)
        head.row.addWidget(self.tabs)
        head.row.addSpacing(4)
        head.row.addWidget(plus)
        head.row.addStretch(1)
        head.row.addWidget(self.turner, 0, Qt.AlignmentFlag.AlignVCenter)
        head.row.addSpacing(14)
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(self.banner)
        column.addWidget(self.opening)
        column.addWidget(self.pages, 1)
        return centre

    def _connect(self) -> None:
        work = self.workspace
        self.turner.value_changed.connect(self.turn_to)
        self._session.page_wanted.connect(self.turn_to)
        self.docks.hidden_wanted.connect(lambda: self.turn_to("network"))
        work.switched.connect(self._restore_panel)
        work.switched.connect(self._show_page)
        work.switched.connect(self._announce)
        work.closing.connect(self._remember_view)
        work.analysed.connect(self._count_problems)
        work.changed.connect(self._count_problems)
        work.refused.connect(self.show_message)
        work.notice.connect(self.show_message)
        self._session.autosave.written.connect(self.status.note_autosave)
        self.canvas.inspect.connect(self._inspect)
        work.selected.connect(self._selected)
        self.status.problems_wanted.connect(self._show_problems)

    # ------------------------------------------------------------------ pages

    @property
    def data_page(self) -> DataPage:
        """The page of the data, made when it is first asked for."""
        if self._data_page is None:
            from gui.panels.data_page.page import DataPage

            self._data_page = page = DataPage(self.workspace)
            page.open_wanted.connect(self._session.data_files.ask_alike)
            page.network_drawn.connect(self._show_drawn)
            page.source_wanted.connect(self._session.data_files.read_otherwise)
            self._session.data_files.first.connect(page.show_first)
            self._session.data_allowed.connect(page.read_anew)
            self.pages.addWidget(page)
        return self._data_page

    def turn_to(self, page: str) -> None:
        """Show the network in front, or its data."""
        self.workspace.current.page = page
        self._show_page()
        self.focus_page()

    def focus_page(self) -> None:
        """Let the page in front hear the keyboard."""
        (self.data_page.columns if self.workspace.current.page == "data" else self.canvas).setFocus()

    def _show_drawn(self) -> None:
        """Show a network that was drawn for the data, whole."""
        self.turn_to("network")
        self.canvas.viewport.fit()

    def _show_page(self, _: object = None) -> None:
        page = self.workspace.current.page
        self.turner.set_value(page)
        self.pages.setCurrentWidget(self.data_page if page == "data" else self.canvas)
        self._make_room()
        self._session.refresh_commands()

    def _make_room(self) -> None:
        """The data page needs the room of what is about layers alone, and in a small window of all panels."""
        sides: set[Side] = set()
        if self.workspace.current.page == "data":
            sides.add("left")
            if self.width() < theme.px(WIDE):
                sides.add("right")
            if self.height() < theme.px(HIGH):
                sides.add("bottom")
        self.docks.set_yielding(frozenset(sides))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    # ------------------------------------------------------------------ panels

    def _selected(self, ids: frozenset[str]) -> None:
        """Bring the inspector to the front where other layers were chosen, unless it would cover what the
        hand is on.
        """
        document = self.workspace.current
        before, self._chosen = self._chosen, (document.key, document.level.path, ids)
        side = self.docks.side_of("inspector")
        if not ids or before == self._chosen or before[0] != document.key or side is None or self.docks.bare:
            return
        area, focus = self.docks.areas[side], self.focusWidget()
        if focus is None or not area.isAncestorOf(focus):
            self.docks.show_panel("inspector")

    def _inspect(self, _: object) -> None:
        self.docks.reveal("inspector")
        self.docks.panel("inspector").setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_problems(self) -> None:
        self.docks.reveal("problems")

    def _count_problems(self, _: object = None) -> None:
        analysis = self.workspace.current.analysis
        problems = analysis.problems if analysis is not None else ()
        count = sum(problem.level != "note" for problem in problems)
        self.docks.set_count("problems", str(count) if count else "")

    def _export_run(self, folder: Path) -> None:
        dialogs.export(self._session, folder)

    def _go_on(self, record: Record) -> None:
        dialogs.go_on(self._session, record)

    def _count_runs(self, number: int) -> None:
        self.docks.set_count("runs", exact(number) if number else "")

    def show_message(self, message: Message | Trouble) -> None:
        """Show a sentence for a moment at the foot of the canvas."""
        text, label = stated(message), self.toast.text
        label.setWordWrap(True)
        label.setFixedWidth(min(label.fontMetrics().horizontalAdvance(text) + 4, theme.px(WIDEST)))
        self.toast.say(text)

    def remember(self) -> None:
        """Keep how the panels were left."""
        settings.remember("docks", self.docks.state())
        for document in self.workspace.documents:
            self._remember_view(document)

    def _remember_view(self, document: Document) -> None:
        """Keep how a file was left."""
        camera = document.level.camera
        if document.path is not None and not document.level.path and isinstance(camera, Camera):
            panel = self.docks.areas["bottom"].current()
            remembered_view.keep(document.path, camera, self.canvas.width(), panel, document.page)

    def _announce(self, document: Document) -> None:
        """Let the banner say what there is to say about the document in front."""
        self.banner.turn_to(document.key)

    def _restore_panel(self, document: Document) -> None:
        """Bring to the front the lower panel with which a file that was just opened was left."""
        view = remembered_view.view(document.path) if document.key not in self._opened else None
        self._opened.add(document.key)
        if view is not None:
            document.page = view.page
        if view is not None and not self.docks.bare and view.panel in self.docks.areas["bottom"].ids():
            self.docks.show_panel(view.panel)
