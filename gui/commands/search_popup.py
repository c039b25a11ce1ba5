"""A pop-up below the tool bar: a field, and lines of what fits, best first. Enter takes the chosen one."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from attrs import frozen
from PySide6.QtCore import QEvent, QObject, QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from gui.controls.badge import paint_key
from gui.controls.drawing import brush, frame
from gui.controls.label import Label
from gui.controls.text import SearchField
from gui.style import theme

if TYPE_CHECKING:
    from PySide6.QtCore import QModelIndex, QPersistentModelIndex

WIDTH, ROW, ROWS = 460, 30, 12
LINE = Qt.ItemDataRole.UserRole


@frozen
class SearchLine:
    """One line of what was found: its title with the letters that were meant, what stands after it, and at
    the right edge a key, or words.
    """

    title: str
    run: Callable[[], object]
    letters: tuple[int, ...] = ()
    note: str = ""
    note_letters: tuple[int, ...] = ()
    keys: str = ""
    right: str = ""
    enabled: bool = True
    paint_icon: Callable[[QPainter, QRectF, bool], object] = lambda painter, place, enabled: None


class SearchPopup(QFrame):
    """Lists what fits what is typed, and does what is chosen."""

    def __init__(self, window: QWidget, name: str, nothing: str) -> None:
        super().__init__(window, Qt.WindowType.Popup)
        self._window = window
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setAccessibleName(name)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        self.field = SearchField(name)
        self.field.value_changed.connect(self.search)
        self.field.installEventFilter(self)
        column.addWidget(self.field)
        self.list = QListWidget()
        self.list.setItemDelegate(_Rows(self.list))
        self.list.setProperty("ground", "tip")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemClicked.connect(self.trigger)
        column.addWidget(self.list)
        self.nothing = Label(nothing, "body", "text2")
        self.nothing.setMargin(6)
        column.addWidget(self.nothing)

    @abstractmethod
    def lines(self, text: str) -> Sequence[SearchLine]:
        """What fits, best first."""

    def popup(self) -> None:
        """Open at the window's top middle."""
        self.search(self.field.text())
        window = self._window
        self.setFixedWidth(min(theme.px(WIDTH), window.width() - 16))
        corner = window.mapToGlobal(
            QPoint((window.width() - self.width()) // 2, theme.px(theme.TOOL_BAR) + 4)
        )
        self.move(corner)
        self.show()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def search(self, text: str) -> None:
        """List what fits."""
        self.list.clear()
        found = self.lines(text)
        for line in found:
            item = QListWidgetItem(line.title)
            item.setData(LINE, line)
            item.setSizeHint(QSize(0, theme.px(ROW)))
            if not line.enabled:
                item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.nothing.setVisible(not found)
        self.list.setVisible(bool(found))
        self.list.setFixedHeight(theme.px(ROW) * min(ROWS, max(1, len(found))))
        self.adjustSize()

    def trigger(self, item: QListWidgetItem) -> None:
        """Do it."""
        line: SearchLine = item.data(LINE)
        if line.enabled:
            self.close()
            line.run()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
            if step and self.list.count():
                self.list.setCurrentRow((self.list.currentRow() + step) % self.list.count())
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                if (item := self.list.currentItem()) is not None:
                    self.trigger(item)
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.close()
                return True
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        worn = theme.current()
        frame(brush(self), QRectF(self.rect()), theme.CARD_CORNER, worn.tip, worn.line2)


class _Rows(QStyledItemDelegate):
    """One line: its icon, its title with the letters that were meant, and what stands at the right."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        worn = theme.current()
        line: SearchLine = index.data(LINE)
        rect = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            frame(painter, rect, 4, worn.accent_ground)
        elif option.state & QStyle.StateFlag.State_MouseOver and line.enabled:
            frame(painter, rect, 4, worn.hover)
        side = theme.px(16)
        place = QRectF(rect.left() + 8, round(rect.center().y() - side / 2), side, side)
        line.paint_icon(painter, place, line.enabled)
        if line.keys:
            paint_key(painter, rect.right() - 6, rect.center().y(), line.keys, worn.text2, worn.line2)
        painter.setFont(theme.font("body"))
        metrics, left = painter.fontMetrics(), rect.left() + theme.px(34)
        base = round(rect.center().y() + metrics.capHeight() / 2)
        left = _spelt(painter, left, base, line.title, line.letters, worn.text1, line.enabled)
        if line.note:
            left += theme.px(6)
            left = _spelt(painter, left, base, line.note, line.note_letters, worn.text2, line.enabled)
        if line.right:
            painter.setPen(worn.text2)
            room = round(rect.right() - 8 - left - theme.px(16))
            shown = metrics.elidedText(line.right, Qt.TextElideMode.ElideRight, room)
            painter.drawText(round(rect.right() - 8 - metrics.horizontalAdvance(shown)), base, shown)
        painter.restore()


def _spelt(
    painter: QPainter,
    left: float,
    base: int,
    text: str,
    letters: Sequence[int],
    colour: QColor,
    enabled: bool,
) -> float:
    """Write a text, the letters that were meant in accent. Gives where it ends."""
    worn, metrics = theme.current(), painter.fontMetrics()
    for number, letter in enumerate(text):
        meant = number in letters and enabled
        painter.setPen(worn.accent_text if meant else colour if enabled else worn.disabled)
        painter.drawText(round(left), base, letter)
        left += metrics.horizontalAdvance(letter)
    return left
