"""Strokes that several controls share: sharp rounded frames, chevrons and the focus ring."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFocusEvent, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QWidget

from gui.style import theme

_BY_KEYS = {
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
}


def brush(widget: QWidget) -> QPainter:
    """A painter on the widget with smooth edges."""
    painter = QPainter(widget)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    return painter


def frame(
    painter: QPainter, rect: QRectF, corner: float, fill: QColor | None = None, edge: QColor | None = None
) -> None:
    """A rounded rectangle whose 1 px edge lies inside `rect`, on whole pixels."""
    painter.setPen(Qt.PenStyle.NoPen if edge is None else QPen(edge, 1))
    painter.setBrush(Qt.BrushStyle.NoBrush if fill is None else fill)
    inset = 0.0 if edge is None else 0.5
    painter.drawRoundedRect(rect.adjusted(inset, inset, -inset, -inset), corner - inset, corner - inset)


def ring(painter: QPainter, rect: QRectF, corner: float) -> None:
    """The focus ring: 2 px of text 1, inside the edge."""
    painter.setPen(QPen(theme.current().text1, 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), corner - 1, corner - 1)


def chevron(painter: QPainter, centre: QPointF, colour: QColor, turn: int = 0, reach: float = 3.5) -> None:
    """A small open arrow head, `reach` px to each side at 100 % text; `turn` 0 is down, 180 up, -90 right."""
    reach *= theme.text_scale()
    painter.save()
    painter.translate(centre)
    painter.rotate(turn)
    pen = QPen(colour, 1.5)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    path = QPainterPath(QPointF(-reach, -reach / 2))
    path.lineTo(0, reach / 2)
    path.lineTo(reach, -reach / 2)
    painter.drawPath(path)
    painter.restore()


class KeyFocus(QObject):
    """Knows whether a widget's focus came by the keyboard: a click on a button needs no ring, a Tab does."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._by_keys = False
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QFocusEvent) and event.gotFocus():
            unchanged = {Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason}
            if event.reason() not in unchanged:
                self._by_keys = event.reason() in _BY_KEYS
            cast(QWidget, watched).update()
        elif event.type() == QEvent.Type.KeyPress:
            self._by_keys = True
        return False

    def shown(self) -> bool:
        """Whether the ring is to be drawn now."""
        return self._by_keys and cast(QWidget, self.parent()).hasFocus()
