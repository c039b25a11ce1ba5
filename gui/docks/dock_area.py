"""One side of the docks: a row of tabs and the panel of the current one."""

from __future__ import annotations

from typing import Literal, get_args

from PySide6.QtCore import QMimeData, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QDrag, QDragEnterEvent, QDropEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from gui.controls import Tabs
from gui.style import theme

Side = Literal["left", "right", "bottom"]
SIDES: tuple[Side, ...] = get_args(Side)
MIME = "application/x-layerloom-panel"
TEAR = 24
"""Pixels that a tab is pulled away from its row before it comes loose."""


class Strip(Tabs):
    """Tabs that can be pulled out of their row."""

    torn = Signal(object)
    """The key of a tab that is being pulled out."""

    def __init__(self, name: str) -> None:
        super().__init__(movable=True, name=name)
        self._pressed = -1
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        left = event.button() == Qt.MouseButton.LeftButton
        self._pressed = self.tabAt(event.position().toPoint()) if left else -1
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        outside = not self.rect().adjusted(-TEAR, -TEAR, TEAR, TEAR).contains(event.position().toPoint())
        if self._pressed >= 0 and event.buttons() & Qt.MouseButton.LeftButton and outside:
            key, self._pressed = self.current(), -1
            self.mouseReleaseEvent(event)
            self.torn.emit(key)
            return
        super().mouseMoveEvent(event)


class Head(QWidget):
    """The ground on which a row of tabs stands, with a line at its foot."""

    def __init__(self) -> None:
        super().__init__()
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(0)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), theme.px(theme.TAB_STRIP))

    def paintEvent(self, event: QPaintEvent) -> None:
        worn, painter = theme.current(), QPainter(self)
        painter.fillRect(self.rect(), worn.window)
        painter.fillRect(0, self.height() - 1, self.width(), 1, worn.line)


class Corner(QStackedWidget):
    """The end of a row of tabs, as wide as what stands there now; it never keeps the window from being
    narrow.
    """

    def __init__(self) -> None:
        super().__init__()
        self.nothing = QWidget()
        """What stands there for a panel that puts nothing there."""
        self.addWidget(self.nothing)

    def sizeHint(self) -> QSize:
        current = self.currentWidget()
        return QSize(current.sizeHint().width() if current is not None else 0, theme.px(theme.TAB_STRIP))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 0)


class Area(QWidget):
    """One side: a tab strip, at its right what the current panel puts there, and the panel."""

    turned = Signal(object)
    """This area, when another tab came to the front."""
    menu_wanted = Signal(object, object)
    """The id of a panel, and where on the screen its menu is wanted."""
    dropped = Signal(object, object, int)
    """The id of a panel that is let fall here, the side, and its place in the row (-1: the last)."""

    def __init__(self, side: Side, name: str) -> None:
        super().__init__()
        self.side = side
        self.yielding = False
        """Whether it gives its room to the centre for now."""
        self.setAccessibleName(name)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("ground", "panel")
        self.setAcceptDrops(True)
        self.strip = Strip(name)
        self.strip.currentChanged.connect(self._show_current)
        self.strip.customContextMenuRequested.connect(self._open_menu)
        self.strip.torn.connect(self._tear)
        self.corner = Corner()
        self.stack = QStackedWidget()
        self._empty = QWidget()
        self.stack.addWidget(self._empty)
        head = Head()
        head.row.addWidget(self.strip, 1)
        head.row.addWidget(self.corner)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(self.stack, 1)

    def ids(self) -> list[str]:
        """The panels that stand here, in the order of their tabs."""
        return self.strip.keys()

    def current(self) -> str:
        """The panel in front, "" where none stands here."""
        return self.strip.current() or ""

    def add(self, id: str, title: str, place: int = -1) -> None:
        """Put a panel's tab here."""
        self.strip.add(id, title)
        if 0 <= place < self.strip.count() - 1:
            self.strip.moveTab(self.strip.count() - 1, place)
        self.setVisible(not self.yielding)

    def set_yielding(self, yielding: bool) -> None:
        """Stay out of sight, or no longer, whatever stands here."""
        self.yielding = yielding

    def remove(self, id: str) -> None:
        """Take a panel's tab away from here."""
        self.strip.remove(id)
        self.setVisible(self.strip.count() > 0 and not self.yielding)

    def settle(self) -> None:
        """Hide the end of the row where it would be cut."""
        room = self.width() - self.strip.sizeHint().width()
        self.corner.setVisible(self.corner.sizeHint().width() <= room)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.settle()

    def _show_current(self, index: int) -> None:
        self.turned.emit(self)

    def _open_menu(self, place: QPoint) -> None:
        index = self.strip.tabAt(place)
        if index >= 0:
            self.menu_wanted.emit(self.ids()[index], self.strip.mapToGlobal(place))

    def _tear(self, id: str) -> None:
        data = QMimeData()
        data.setData(MIME, id.encode())
        drag = QDrag(self)
        drag.setMimeData(data)
        drag.exec(Qt.DropAction.MoveAction)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(MIME):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        if event.mimeData().hasFormat(MIME):
            id = bytes(event.mimeData().data(MIME).data()).decode()
            self.dropped.emit(id, self.side, self.strip.tabAt(event.position().toPoint()))
            event.acceptProposedAction()
