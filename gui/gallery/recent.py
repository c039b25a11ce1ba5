"""The projects that were open lately, as rows: title and time above, place and last result below."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QMenu, QSizePolicy, QVBoxLayout, QWidget

from gui.controls import Label
from gui.controls.drawing import KeyFocus, brush, frame, ring
from gui.files.recent import RecentProject
from gui.style import theme

ROW = 46


class RecentRow(QAbstractButton):
    """One project. Where its file is gone it is dimmed, and can be taken off the list by its menu."""

    dropped = Signal(object)
    """The path that is to be taken off the list."""
    wanted = Signal(object)
    """The path of the project, a `Path`, when the row is pressed."""

    def __init__(self, entry: RecentProject, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entry, self.there = entry, entry.there
        self.setToolTip(entry.path)
        self.setAccessibleName(entry.title)
        self.setAccessibleDescription(f"{entry.place()}, {entry.when()}, {self._result()}")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._key_focus = KeyFocus(self)
        self.clicked.connect(self._press)

    def sizeHint(self) -> QSize:
        return QSize(theme.px(200), theme.px(ROW))

    def _press(self) -> None:
        self.wanted.emit(Path(self.entry.path))

    def _result(self) -> str:
        return self.entry.result if self.there else self.tr("not found")

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        open_it, drop = menu.addAction(self.tr("Open")), menu.addAction(self.tr("Take off this list"))
        chosen = menu.exec(event.globalPos())
        if chosen is open_it:
            self._press()
        elif chosen is drop:
            self.dropped.emit(self.entry.path)

    def paintEvent(self, event: QPaintEvent) -> None:
        worn, entry = theme.current(), self.entry
        painter, rect = brush(self), QRectF(self.rect()).adjusted(0, 1, 0, -1)
        if self.underMouse():
            frame(painter, rect, 6, worn.hover)
        if self._key_focus.shown():
            ring(painter, rect, 6)
        upper, lower = rect.top() + rect.height() * 0.41, rect.top() + rect.height() * 0.78
        self._line(painter, upper, entry.title, "value", entry.when(), not self.there)
        self._line(painter, lower, entry.place(), "hint", self._result(), not self.there)

    def _line(self, painter: QPainter, base: float, text: str, role: theme.Role, end: str, dim: bool) -> None:
        worn, left, right = theme.current(), 10, self.width() - 10
        painter.setFont(theme.font("hint"))
        painter.setPen(worn.disabled if dim else worn.text2)
        at = right - painter.fontMetrics().horizontalAdvance(end)
        painter.drawText(round(at), round(base), end)
        painter.setFont(theme.font(role))
        painter.setPen(worn.disabled if dim else worn.text1 if role == "value" else worn.text3)
        words = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, round(at - left - 8))
        painter.drawText(left, round(base), words)


class RecentList(QWidget):
    """Rows below each other; one click or Enter opens."""

    chosen = Signal(object)
    """The path of a project, a `Path`."""
    dropped = Signal(object)
    """The path that is to be taken off the list."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.rows: list[RecentRow] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        self._nothing = Label(self.tr("Your networks will be listed here."), "body", "text3", wrap=True)
        self._nothing.setContentsMargins(10, 4, 10, 0)
        self._column.addWidget(self._nothing)
        self._column.addStretch(1)

    def set_entries(self, entries: tuple[RecentProject, ...]) -> None:
        """Show these."""
        for row in self.rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = [RecentRow(entry, self) for entry in entries]
        for place, row in enumerate(self.rows):
            row.wanted.connect(self.chosen)
            row.dropped.connect(self.dropped)
            self._column.insertWidget(place, row)
        self._nothing.setVisible(not entries)
