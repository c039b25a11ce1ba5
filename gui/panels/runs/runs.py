"""The Runs panel: every run that is kept, with its network, settings and seed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSortFilterProxyModel, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QMenu, QStackedLayout, QTableView, QWidget

from engine.message import Message, Trouble
from engine.runs.record import Record
from engine.runs.shelf import Shelf
from gui import settings
from gui.background import Worker
from gui.controls import Button, EmptyState, question
from gui.controls.question import Reply
from gui.panels.runs.run_rows import SORT, RunModel, RunRow, delete, read_rows
from gui.style import theme
from gui.text.words import words
from gui.training import past_runs

if TYPE_CHECKING:
    from gui.document.workspace import Workspace
    from gui.training.trainer import Trainer

_WIDTHS = {
    "number": 72,
    "started": 148,
    "title": 160,
    "data": 120,
    "epochs": 80,
    "validation": 116,
    "test": 150,
    "seed": 56,
    "state": 240,
    "folder": 240,
}
"""Of each column, as long as nothing longer stands in it."""
_WIDEST = 320


class RunsPanel(QWidget):
    """Reads the shelf beside the window when it comes into sight and when a run begins or ends."""

    counted = Signal(object)
    """How many runs there are, after each reading."""
    export_wanted = Signal(object)
    """The folder of the run that is to be exported."""
    go_on_wanted = Signal(object)
    """The `Record` of the run that is to go on."""

    def __init__(self, workspace: Workspace, trainer: Trainer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.panel_title = self.tr("Runs")
        self.workspace, self._trainer = workspace, trainer
        self.ask: Callable[[str, str, Sequence[Reply]], str] = self._ask
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("ground", "panel")
        self.empty = EmptyState(self.tr("Each run is kept here with its network, settings and seed."))
        self.model = RunModel()
        self._sorted = QSortFilterProxyModel(self)
        self._sorted.setSourceModel(self.model)
        self._sorted.setSortRole(SORT)
        self.table = self._make_table()
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.table)
        self.corner = self._make_corner()
        self._worker = Worker(self)
        self._worker.done.connect(self._read)
        self._worker.failed.connect(self._failed)
        self._deleter = Worker(self)
        self._deleter.done.connect(self.refresh)
        self._deleter.failed.connect(self._failed)
        trainer.started.connect(self._changed)
        trainer.finished.connect(self._changed)
        settings.preferences_changed.connect(self._changed)
        self.refresh()

    def _make_table(self) -> QTableView:
        table = QTableView(self)
        table.setModel(self._sorted)
        table.setSortingEnabled(True)
        table.sortByColumn(0, Qt.SortOrder.DescendingOrder)
        table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.setFrameShape(QTableView.Shape.NoFrame)
        table.setAccessibleName(self.tr("Runs"))
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(theme.px(28))
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for place, name in enumerate(RunModel.COLUMNS):
            table.setColumnWidth(place, theme.px(_WIDTHS[name]))
        header.setSectionResizeMode(len(RunModel.COLUMNS) - 1, QHeaderView.ResizeMode.Stretch)
        table.setStyleSheet("QTableView::item { padding: 0 8px; }")
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.customContextMenuRequested.connect(self._open_menu)
        table.doubleClicked.connect(self.open_network)
        table.selectionModel().selectionChanged.connect(self._chosen)
        return table

    def _make_corner(self) -> QWidget:
        corner = QWidget()
        row = QHBoxLayout(corner)
        row.setContentsMargins(theme.px(8), 0, theme.px(8), 0)
        row.setSpacing(0)
        self.buttons: dict[str, Button] = {}
        for id, text, act in self._actions():
            self.buttons[id] = Button(text, look="quiet")
            self.buttons[id].clicked.connect(act)
            row.addWidget(self.buttons[id])
        self._chosen()
        return corner

    def _actions(self) -> tuple[tuple[str, str, Callable[[], object]], ...]:
        return (
            ("open", self.tr("Open network"), self.open_network),
            ("go_on", self.tr("Go on…"), self.go_on),
            ("export", self.tr("Export…"), self.export),
            ("folder", self.tr("Show folder"), self.show_folder),
            ("delete", self.tr("Delete…"), self.delete),
        )

    # ------------------------------------------------------------------ reading

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def _changed(self, _: object = None) -> None:
        self.refresh()

    def refresh(self, _: object = None) -> None:
        """Read the shelf again, beside the window."""
        self._worker.run(partial(_rows_of, settings.runs_folder()))

    def _read(self, rows: list[RunRow]) -> None:
        chosen = self.current()
        if rows != self.model.rows:
            first = not self.model.rows
            self.model.show_rows(rows)
            if first:
                self._make_room()
        self._stack.setCurrentWidget(self.table if rows else self.empty)
        if chosen is not None:
            self.choose(chosen.number)
        self._chosen()
        self.counted.emit(len(rows))

    def _make_room(self) -> None:
        """Widen the columns to what stands in them, once: from then on a person says how wide they are."""
        for place in range(len(RunModel.COLUMNS) - 1):
            wanted = min(theme.px(_WIDEST), self.table.sizeHintForColumn(place) + theme.px(16))
            self.table.setColumnWidth(place, max(self.table.columnWidth(place), wanted))

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, Trouble):
            raise error
        self.workspace.say(error)

    # ------------------------------------------------------------------ choosing

    def current(self) -> RunRow | None:
        """The chosen run."""
        index = self.table.selectionModel().currentIndex()
        if not index.isValid() or not self.table.selectionModel().hasSelection():
            return None
        return self.model.rows[self._sorted.mapToSource(index).row()]

    def choose(self, number: int) -> None:
        """Choose the run of that number, if it is there."""
        for place, row in enumerate(self.model.rows):
            if row.number == number:
                self.table.selectRow(self._sorted.mapFromSource(self.model.index(place, 0)).row())

    def _can(self) -> dict[str, bool]:
        row = self.current()
        return {
            "open": row is not None and row.state != "broken",
            "go_on": row is not None and row.obstacle is None,
            "export": row is not None and row.weighted and row.state not in {"broken", "running"},
            "folder": row is not None,
            "delete": row is not None and row.state != "running",
        }

    def _chosen(self, *_: object) -> None:
        if hasattr(self, "buttons"):  # the table is made before them
            for id, can in self._can().items():
                self.buttons[id].setEnabled(can)
            row = self.current()
            self.buttons["go_on"].setToolTip(
                words(row.obstacle)
                if row is not None and row.obstacle is not None
                else self.tr("Train the run further from where it ended, to more epochs")
            )

    def menu(self) -> QMenu:
        """What can be done with the chosen run."""
        menu, can = QMenu(self), self._can()
        for id, text, act in self._actions():
            menu.addAction(text, act).setEnabled(can[id])
        return menu

    def _open_menu(self, place: QPoint) -> None:
        if self.current() is not None:
            menu = self.menu()
            menu.aboutToHide.connect(menu.deleteLater)
            menu.popup(self.table.viewport().mapToGlobal(place))

    # ------------------------------------------------------------------ doing

    def open_network(self, _: object = None) -> None:
        """Open the very network, data and recipe of the run, with its curves."""
        row = self.current()
        if row is not None and self._can()["open"]:
            past_runs.open_run(self.workspace, self._trainer, Record(row.folder, row.number))

    def go_on(self) -> None:
        """Ask for going on with the run."""
        row = self.current()
        if row is not None and self._can()["go_on"]:
            self.go_on_wanted.emit(Record(row.folder, row.number))

    def show_folder(self) -> None:
        """Open the run's folder in the system's file manager."""
        row = self.current()
        if row is not None and not QDesktopServices.openUrl(QUrl.fromLocalFile(str(row.folder))):
            self.workspace.say(Message("The run lies in {folder}.", folder=str(row.folder)))

    def export(self) -> None:
        """Ask for the export of the run."""
        row = self.current()
        if row is not None:
            self.export_wanted.emit(row.folder)

    def delete(self) -> None:
        """Ask, then delete the run."""
        row = self.current()
        if row is None or not self._can()["delete"]:
            return
        title = self.tr("Delete run {number} of {name}").format(number=row.number, name=row.title)
        text = self.tr(
            "Its network, curves and weights go to the trash, or are deleted where the system has none."
        )
        choices = (Reply("", self.tr("Cancel")), Reply("delete", self.tr("Delete"), primary=True))
        if self.ask(title, text, choices) == "delete":
            self._deleter.run(partial(delete, row.folder, settings.runs_folder(), row.number))

    def _ask(self, title: str, text: str, choices: Sequence[Reply]) -> str:
        return question.ask(self.window(), title, text, choices)


def _rows_of(folder: Path) -> list[RunRow]:
    return read_rows(Shelf(folder))
