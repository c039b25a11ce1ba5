"""The zoom control at the canvas's lower left: smaller, how large, larger, everything."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QWidget

from gui.canvas.viewport import Viewport
from gui.controls.badge import keys_text
from gui.controls.drawing import KeyFocus, brush, frame, ring
from gui.style import icons, theme

MARGIN = 14
SIDE = 28


class _ZoomButton(QAbstractButton):
    """One button of the control: an icon, or the scale in words."""

    def __init__(self, parent: QWidget, icon: str, width: int, title: str, keys: str) -> None:
        super().__init__(parent)
        self._icon, self._width = icon, width
        self._keys = KeyFocus(self)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(title)
        self.setToolTip(f"{title}  {keys_text(keys)}")

    def sizeHint(self) -> QSize:
        return QSize(theme.px(self._width), theme.px(SIDE))

    def enterEvent(self, event: QEvent) -> None:
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        worn, painter = theme.current(), brush(self)
        rect = QRectF(self.rect())
        if self.underMouse() or self.isDown():
            frame(painter, rect.adjusted(3, 3, -3, -3), 4, worn.hover)
        if self._icon:
            side = theme.px(16)
            box = QRectF((rect.width() - side) / 2, (rect.height() - side) / 2, side, side)
            icons.paint(painter, self._icon, worn.text2, box)
        else:
            painter.setFont(theme.font("body"))
            painter.setPen(worn.text1 if worn.dark else worn.text2)
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self.text())
        if self._keys.shown():
            ring(painter, rect.adjusted(2, 2, -2, -2), 4)


class ZoomControl(QWidget):
    """Stands in the corner of the canvas and follows its size."""

    def __init__(self, viewport: Viewport, canvas: QWidget) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self.smaller = _ZoomButton(self, "minus", 30, self.tr("Zoom out"), "Ctrl+-")
        self.percent = _ZoomButton(self, "", 52, self.tr("Zoom to 100 %"), "Ctrl+1")
        self.larger = _ZoomButton(self, "plus", 30, self.tr("Zoom in"), "Ctrl++")
        self.fit = _ZoomButton(self, "fit", 30, self.tr("Fit the network"), "Ctrl+0")
        row = QHBoxLayout(self)
        row.setContentsMargins(1, 1, 1, 1)
        row.setSpacing(0)
        for part in (self.smaller, self.percent, self.larger, self.fit):
            row.addWidget(part)
        row.insertSpacing(3, 1)
        self.smaller.clicked.connect(viewport.zoom_out)
        self.percent.clicked.connect(viewport.zoom_reset)
        self.larger.clicked.connect(viewport.zoom_in)
        self.fit.clicked.connect(viewport.fit)
        canvas.installEventFilter(self)
        theme.theme_changed.connect(self._resettle)
        self.show_scale(viewport.camera.scale)
        self._resettle()

    def show_scale(self, scale: float) -> None:
        """Show how large the canvas is seen."""
        self.percent.setText(self.tr("{number} %").format(number=round(scale * 100)))
        self.percent.setAccessibleDescription(self.percent.text())
        self.percent.update()

    def _resettle(self) -> None:
        self.adjustSize()
        self.move(MARGIN, self._canvas.height() - self.height() - MARGIN)
        self.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._resettle()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        worn, painter = theme.current(), brush(self)
        frame(painter, QRectF(self.rect()), 6, worn.panel, worn.line2)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        x = self.fit.x() - 1
        painter.fillRect(x, 1, 1, self.height() - 2, worn.line)
