"""What stands on the canvas beside the network: where one is, and what to do where there is nothing yet."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter

from gui.canvas.painting import ink
from gui.canvas.painting.frame import Frame
from gui.controls import drawing
from gui.style import icons, theme


def paint_title(painter: QPainter, frame: Frame, title: str) -> None:
    """Where one is, at the top left: the network. It has a ground of its own, since layers may pass below
    it.
    """
    worn, strong, plain = frame.theme, theme.font("card"), theme.font("card")
    plain.setWeight(QFont.Weight.Normal)
    word = QCoreApplication.translate("Canvas", "network")
    metrics, side = QFontMetrics(strong), theme.px(16)
    name = metrics.elidedText(title, Qt.TextElideMode.ElideRight, max(60, round(frame.width * 0.4)))
    left, baseline = theme.px(16), theme.px(28)
    arrow = left + metrics.horizontalAdvance(name) + theme.px(6)
    after = arrow + side + theme.px(4)
    top, right = baseline - metrics.ascent(), after + QFontMetrics(plain).horizontalAdvance(word)
    ground = QRectF(left, top, right - left, metrics.height()).adjusted(-6, -3, 6, 3)
    drawing.frame(painter, ground, 4, worn.canvas)
    painter.setFont(strong)
    painter.setPen(worn.text1)
    painter.drawText(left, baseline, name)
    icons.paint(painter, "chevron-right", worn.text3, QRectF(arrow, baseline - 0.75 * side, side, side))
    painter.setFont(plain)
    painter.setPen(worn.text3)
    painter.drawText(after, baseline, word)


def paint_empty(painter: QPainter, frame: Frame) -> None:
    """How to begin, in the middle of an empty view."""
    text = QCoreApplication.translate(
        "Canvas", "Press Tab to add the first layer, or drag one from the left."
    )
    line = ink.line(text, "body")
    painter.setPen(frame.theme.text2)
    painter.setFont(line.font)
    painter.drawStaticText(QPointF((frame.width - line.width) / 2, frame.height / 2 - 8), line.static)
