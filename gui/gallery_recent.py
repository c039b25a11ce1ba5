"""The projects that were open lately, as rows: title and time above, place and last result below."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from gui import theme
from gui.controls.drawing import brush, frame, ring
from gui.recent import Entry

if TYPE_CHECKING:
    from PySide6.QtCore import QModelIndex

ROW = 48
ENTRY = Qt.ItemDataRole.UserRole


class RecentList(QListWidget):
    """One click or Enter opens; a project whose file is gone is dimmed and can be taken off the list."""

    chosen = Signal(object)
    """The path of a project, a `Path`."""
    dropped = Signal(str)
    """The path that is to be taken off the list."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setItemDelegate(_Rows(self))
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)
        self.setProperty("clear", True)
        self.itemClicked.connect(self._choose)
        self.itemActivated.connect(self._choose)

    def set_entries(self, entries: tuple[Entry, ...]) -> None:
        """Show these."""
        self.clear()
        for entry in entries:
            item = QListWidgetItem(entry.title)
            item.setData(ENTRY, entry)
            item.setToolTip(entry.path)
            item.setSizeHint(QSize(0, theme.px(ROW)))
            self.addItem(item)
        self.viewport().update()

    def _choose(self, item: QListWidgetItem) -> None:
        entry: Entry = item.data(ENTRY)
        self.chosen.emit(Path(entry.path))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        item = self.itemAt(event.pos())
        if item is not None:
            self._open_menu(item, event.globalPos())

    def _open_menu(self, item: QListWidgetItem, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        open_it, drop = menu.addAction(self.tr("Open")), menu.addAction(self.tr("Take off this list"))
        entry: Entry = item.data(ENTRY)
        chosen = menu.exec(place)
        if chosen is open_it:
            self.chosen.emit(Path(entry.path))
        elif chosen is drop:
            self.dropped.emit(entry.path)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.count():
            painter = brush(self.viewport())
            painter.setFont(theme.font("body"))
            painter.setPen(theme.current().text3)
            box = QRectF(self.viewport().rect()).adjusted(10, 6, -10, 0)
            painter.drawText(
                box,
                Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap,
                self.tr("Your networks will be listed here."),
            )


class _Rows(QStyledItemDelegate):
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        worn = theme.current()
        entry: Entry = index.data(ENTRY)
        rect = QRectF(option.rect).adjusted(0, 1, 0, -1)
        state = QStyle.StateFlag
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        focused = bool(option.state & state.State_HasFocus)
        if option.state & state.State_MouseOver or (focused and option.state & state.State_Selected):
            frame(painter, rect, 6, worn.hover)
        if focused:
            ring(painter, rect, 6)
        there = entry.there
        left, right = rect.left() + 10, rect.right() - 10
        rows = (
            (entry.title, "value", worn.text1, entry.when(), "hint", worn.text3, 0.40),
            (
                entry.place(),
                "hint",
                worn.text3,
                entry.result if there else self.tr("not found"),
                "hint",
                worn.text2,
                0.76,
            ),
        )
        for text, role, ink, end_text, end_role, end_ink, height in rows:
            base = round(rect.top() + rect.height() * height)
            painter.setFont(theme.font(end_role))  # type: ignore[arg-type]  # a role of the table above
            painter.setPen(end_ink if there else worn.disabled)
            end = right - painter.fontMetrics().horizontalAdvance(end_text)
            painter.drawText(round(end), base, end_text)
            painter.setFont(theme.font(role))  # type: ignore[arg-type]  # a role of the table above
            painter.setPen(ink if there else worn.disabled)
            words = painter.fontMetrics().elidedText(
                text, Qt.TextElideMode.ElideMiddle, round(end - left - 8)
            )
            painter.drawText(round(left), base, words)
        painter.restore()
