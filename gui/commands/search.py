"""Ctrl K: find anything that can be done by a few letters of its name, and do it by Enter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
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
from gui.style import icons, theme
from gui.text.fuzzy import Searchable, ranked

if TYPE_CHECKING:
    from PySide6.QtCore import QModelIndex, QPersistentModelIndex

    from gui.controls.command import Command
    from gui.session import Session

WIDTH, ROW, ROWS = 460, 30, 12
HIT, LETTERS = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1


class CommandSearch(QFrame):
    """A pop-up below the tool bar: a field, and the commands that fit, best first. What cannot be done
    now stands last.
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session.window, Qt.WindowType.Popup)
        self._session = session
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setAccessibleName(self.tr("Find a command"))
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        self.field = SearchField(self.tr("Find a command"))
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
        self.nothing = Label(self.tr("Nothing called that. Backspace, or try another word."), "body", "text2")
        self.nothing.setMargin(6)
        column.addWidget(self.nothing)
        self.search("")

    def popup(self) -> None:
        """Open at the window's top middle."""
        window = self._session.window
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
        self._session.refresh_commands()
        commands = [command for command in self._session.commands.values() if command.id != "find"]
        entries = [
            (command, Searchable(command.title.rstrip("…"), command.words, command.hint))
            for command in commands
        ]
        hits = sorted(ranked(text, entries), key=lambda hit: not hit[0].isEnabled())
        for command, match in hits:
            item = QListWidgetItem(command.title)
            item.setData(HIT, command)
            item.setData(LETTERS, match.letters)
            item.setSizeHint(QSize(0, theme.px(ROW)))
            if not command.isEnabled():
                item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.nothing.setVisible(not hits)
        self.list.setVisible(bool(hits))
        self.list.setFixedHeight(theme.px(ROW) * min(ROWS, max(1, len(hits))))
        self.adjustSize()

    def trigger(self, item: QListWidgetItem) -> None:
        """Do it."""
        command: Command = item.data(HIT)
        if command.isEnabled():
            self.close()
            command.trigger()

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
    """One command: its icon, its name with the letters that were meant, its keys at the right."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        worn = theme.current()
        command: Command = index.data(HIT)
        letters = set(index.data(LETTERS))
        rect = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        enabled = command.isEnabled()
        if option.state & QStyle.StateFlag.State_Selected:
            frame(painter, rect, 4, worn.accent_ground)
        elif option.state & QStyle.StateFlag.State_MouseOver and enabled:
            frame(painter, rect, 4, worn.hover)
        side = theme.px(16)
        if command.icon_name:
            place = QRectF(rect.left() + 8, round(rect.center().y() - side / 2), side, side)
            icons.paint(painter, command.icon_name, worn.text2 if enabled else worn.disabled, place)
        if command.keys_text():
            paint_key(
                painter, rect.right() - 6, rect.center().y(), command.keys_text(), worn.text2, worn.line2
            )
        painter.setFont(theme.font("body"))
        metrics, x = painter.fontMetrics(), rect.left() + theme.px(34)
        base = round(rect.center().y() + metrics.capHeight() / 2)
        for number, letter in enumerate(command.title):
            meant = number in letters and enabled
            painter.setPen(worn.accent_text if meant else worn.text1 if enabled else worn.disabled)
            painter.drawText(round(x), base, letter)
            x += metrics.horizontalAdvance(letter)
        painter.restore()
