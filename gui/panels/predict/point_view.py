"""A point in the plane among those of the training part, laid where a person presses, and dragged."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.data.schema import Column
from gui.controls.drawing import KeyFocus, brush, frame, ring
from gui.panels.predict.sample_view import SampleView
from gui.plots import scatter
from gui.plots.scatter import Scatter
from gui.style import theme
from gui.text.words import figure


class PointView(SampleView):
    """The plane, the points by their class, and one of them in a person's hand."""

    def __init__(self, column: Column, ground: Scatter, parent: QWidget | None = None) -> None:
        super().__init__(column, parent)
        self.ground = ground
        self._held = False
        self.setMinimumSize(theme.px(150), theme.px(120))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAccessibleName(self.tr("Point in the plane"))
        self.setToolTip(self.tr("Press where the point shall lie, or move it with the arrow keys."))
        self._key_focus = KeyFocus(self)

    def sizeHint(self) -> QSize:
        return QSize(theme.px(240), theme.px(220))

    def show_values(self, values: np.ndarray) -> None:
        super().show_values(values)
        self._say()

    def _say(self) -> None:
        names = self.column.names or ("x", "y")
        text = ", ".join(
            f"{name} {figure(float(value))}" for name, value in zip(names, self.values, strict=True)
        )
        self.setAccessibleDescription(text)
        self.update()

    # ------------------------------------------------------------------ hands

    def area(self) -> QRectF:
        """Where the plane is drawn."""
        below = theme.px(18)
        return scatter.square(QRectF(self.rect()).adjusted(1, 1, -1, -below))

    def _move_to(self, x: float, y: float) -> None:
        self._edit(np.array([x, y], np.float64))
        self._say()

    def _press(self, event: QMouseEvent) -> None:
        self._move_to(*scatter.in_plane(self.area(), self.ground.bounds, event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._held = True
            self._press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held:
            self._press(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        across = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        up = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()), 0)
        if across or up:
            step = self.ground.bounds.width() / 50
            self._move_to(float(self.values[0]) + across * step, float(self.values[1]) + up * step)
        else:
            super().keyPressEvent(event)

    # ------------------------------------------------------------------ painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, worn, area = brush(self), theme.current(), self.area()
        frame(painter, area, theme.CORNER, worn.field, worn.line2)
        painter.save()
        painter.setClipRect(area)
        painter.setOpacity(0.55)
        scatter.paint(painter, area, self.ground)
        painter.setOpacity(1)
        place = scatter.on_screen(area, self.ground.bounds, float(self.values[0]), float(self.values[1]))
        painter.setBrush(worn.panel)
        painter.setPen(QPen(worn.text1, 2))
        painter.drawEllipse(place, 5, 5)
        painter.restore()
        painter.setFont(theme.font("hint"))
        painter.setPen(worn.text2)
        below = QRectF(area.left(), area.bottom() + 1, self.width() - area.left(), theme.px(17))
        painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, self.accessibleDescription())
        if self._key_focus.shown():
            ring(painter, area, theme.CORNER)
