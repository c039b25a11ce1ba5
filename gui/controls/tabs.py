"""A strip of tabs: panels, documents."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QTabBar, QWidget

from gui.controls.badge import count_width, paint_count
from gui.controls.drawing import KeyFocus, brush, frame, ring
from gui.style import icons, theme


class _Tab:
    def __init__(self, key: str, icon: str) -> None:
        self.key, self.icon = key, icon
        self.badge = ""
        self.dot = ""


class Tabs(QTabBar):
    """Tabs 32 px high, each known by a key, the current one over a 2 px accent line.

    A tab may carry a count, an icon and a dot (a token's name: "success" while its network trains). `ground`
    names the token the current tab stands on, for tabs above a canvas. Pages are the caller's, on `chosen`.
    """

    chosen = Signal(object)
    closing = Signal(object)
    moved = Signal(object)

    def __init__(
        self,
        *,
        ground: str = "",
        closable: bool = False,
        movable: bool = False,
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._tabs: dict[str, _Tab] = {}
        self._ground, self._closable = ground, closable
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setMovable(movable)
        self.setMouseTracking(True)
        self.setElideMode(Qt.TextElideMode.ElideRight)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)
        self._key_focus = KeyFocus(self)
        theme.set_font(self, "value")
        self.currentChanged.connect(self._current_changed)
        self.tabMoved.connect(self._was_moved)

    def add(self, key: str, title: str, icon: str = "", tip: str = "") -> None:
        self._tabs[key] = _Tab(key, icon)
        silent = self.blockSignals(True)
        index = self.addTab(title.replace("&", "&&"))
        self.setTabData(index, key)
        self.setTabToolTip(index, tip)
        self.blockSignals(silent)

    def remove(self, key: str) -> None:
        index = self.index(key)
        del self._tabs[key]
        self.removeTab(index)

    def keys(self) -> list[str]:
        """The tabs' keys, left to right."""
        return [self.tabData(index) for index in range(self.count())]

    def index(self, key: str) -> int:
        return self.keys().index(key)

    def current(self) -> str | None:
        """The key of the current tab; None where there is no tab."""
        return self.tabData(self.currentIndex()) if self.count() else None

    def set_current(self, key: str) -> None:
        """Bring a tab to the front without a signal."""
        index = self.index(key)
        if index == self.currentIndex():
            return
        silent = self.blockSignals(True)
        self.setCurrentIndex(index)
        self.blockSignals(silent)
        self.update()

    def set_title(self, key: str, title: str) -> None:
        self.setTabText(self.index(key), title.replace("&", "&&"))

    def set_badge(self, key: str, count: int | str | None) -> None:
        """A count beside the title; None or 0 takes it away."""
        text = str(count) if count else ""
        if self._tabs[key].badge != text:
            self._tabs[key].badge = text
            self._resized(key)

    def set_dot(self, key: str, token: str = "") -> None:
        """A dot in a token's colour beside the title; "" takes it away."""
        if self._tabs[key].dot != token:
            self._tabs[key].dot = token
            self._resized(key)

    def _resized(self, key: str) -> None:
        index = self.index(key)
        self.setTabText(index, self.tabText(index))  # Qt measures the tab again
        self.update()

    def _current_changed(self, index: int) -> None:
        if index >= 0:
            self.chosen.emit(self.tabData(index))

    def _was_moved(self, start: int, end: int) -> None:
        self.moved.emit(self.keys())

    def _tab(self, index: int) -> _Tab | None:
        return self._tabs.get(self.tabData(index) or "")

    def _title(self, index: int) -> str:
        return self.tabText(index).replace("&&", "&")

    def tabSizeHint(self, index: int) -> QSize:
        tab = self._tab(index)
        width = QFontMetrics(self.font()).horizontalAdvance(self._title(index)) + 2 * theme.px(13)
        if tab is not None:
            width += theme.px(22) if tab.icon else 0
            width += theme.px(8) + count_width(tab.badge) if tab.badge else 0
            width += theme.px(13) if tab.dot else 0
        width += theme.px(20) if self._closable else 0
        return QSize(width, theme.px(theme.TAB_STRIP))

    def minimumTabSizeHint(self, index: int) -> QSize:
        return QSize(min(theme.px(64), self.tabSizeHint(index).width()), theme.px(theme.TAB_STRIP))

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), theme.px(theme.TAB_STRIP))

    def paintEvent(self, event: QPaintEvent) -> None:
        worn = theme.current()
        painter = brush(self)
        base = QRectF(0, self.height() - 1, self.width(), 1)
        painter.fillRect(base, worn.line)
        hovered = self.tabAt(self.mapFromGlobal(self.cursor().pos())) if self.underMouse() else -1
        for index in range(self.count()):
            rect = self.tabRect(index)
            if self._ground and index == self.currentIndex():
                painter.fillRect(rect, getattr(worn, self._ground))
            self._paint_tab(painter, index, rect, index == hovered)
            if index == self.currentIndex():
                painter.fillRect(QRectF(rect.left(), self.height() - 2, rect.width(), 2), worn.accent)
                if self._key_focus.shown():
                    ring(painter, QRectF(rect).adjusted(2, 3, -2, -4), theme.CORNER)

    def _paint_tab(self, painter: QPainter, index: int, rect: QRect, hovered: bool) -> None:
        worn, tab = theme.current(), self._tab(index)
        ink = worn.text1 if hovered or index == self.currentIndex() else worn.text2
        left, middle = rect.left() + theme.px(13), rect.center().y() + 0.5
        right = rect.right() + 1 - theme.px(13)
        if tab is not None and tab.icon:
            side = theme.px(16)
            icons.paint(painter, tab.icon, ink, QRectF(left, round(middle - side / 2), side, side))
            left += theme.px(22)
        if self._closable:
            right -= theme.px(14)
            if hovered or index == self.currentIndex():
                self._paint_close(painter, index)
        tail = 0
        if tab is not None:
            tail += theme.px(8) + count_width(tab.badge) if tab.badge else 0
            tail += theme.px(13) if tab.dot else 0
        metrics = QFontMetrics(self.font())
        title = metrics.elidedText(self._title(index), self.elideMode(), right - left - tail + 1)
        painter.setFont(self.font())
        painter.setPen(ink)
        box = QRectF(left, rect.top(), right - left, rect.height())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, title)
        left += metrics.horizontalAdvance(title)
        if tab is not None and tab.badge:
            left = round(paint_count(painter, left + theme.px(8), middle, tab.badge))
        if tab is not None and tab.dot:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(getattr(worn, tab.dot))
            side = theme.px(6)
            painter.drawEllipse(QRectF(left + theme.px(7), middle - side / 2, side, side))

    def _close_rect(self, index: int) -> QRect:
        rect, side = self.tabRect(index), theme.px(16)
        top = rect.top() + (rect.height() - side) // 2
        return QRect(rect.right() + 1 - theme.px(8) - side, top, side, side)

    def _paint_close(self, painter: QPainter, index: int) -> None:
        worn, rect = theme.current(), QRectF(self._close_rect(index))
        over = rect.contains(self.mapFromGlobal(self.cursor().pos()))
        if over:
            frame(painter, rect, 4, worn.hover)
        icons.paint(painter, "close", worn.text1 if over else worn.text3, rect.adjusted(1, 1, -1, -1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.tabAt(event.position().toPoint())
        inside = (
            index >= 0 and self._closable and self._close_rect(index).contains(event.position().toPoint())
        )
        middle = event.button() == Qt.MouseButton.MiddleButton and self._closable and index >= 0
        if middle or (inside and event.button() == Qt.MouseButton.LeftButton):
            self.closing.emit(self.tabData(index))
            return
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self.update()
