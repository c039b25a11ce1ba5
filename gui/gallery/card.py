"""A template in the gallery: its picture, drawn by the canvas itself, and what it is."""

from __future__ import annotations

from math import inf

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QEnterEvent,
    QFocusEvent,
    QFontMetrics,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QAbstractButton, QWidget

from gui.canvas.painting.thumbnail import drawn
from gui.controls.badge import paint_key
from gui.controls.drawing import brush, frame
from gui.gallery.card_cache import TemplateCard
from gui.style import theme
from gui.text.words import filled

PICTURE, FOOT = 223, 84
LEAST_WIDTH = 236
SEPARATOR = "  ·  "


class Card(QAbstractButton):
    """Painted as one piece. The current card has the accent's edge and says how it is opened."""

    pointed = Signal(object)
    """This card, when the pointer or the focus comes to it."""
    opened = Signal(object)
    """The id of the template, when the card is pressed."""

    def __init__(self, template: TemplateCard, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.template = template
        self._current = False
        self._picture: tuple[tuple[str, int, int, float], QPixmap] | None = None
        self.clicked.connect(self._open)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(template.title)
        self.setToolTip(template.line)
        self.setAccessibleDescription(f"{template.line} {self.facts()}, {template.data_label}")

    def facts(self, room: float = inf) -> str:
        """`6 layers · 4,810 parameters · 96.3 %`, and the year of a famous one: as many as have room."""
        layers = filled(self.tr("{n} layer{n:|s}"), n=self.template.layers)
        parameters = filled(self.tr("{n} parameter{n:|s}"), n=self.template.parameters)
        year = str(self.template.year or "")
        words = [word for word in (layers, parameters, self.template.reached, year) if word]
        metrics = QFontMetrics(theme.font("hint"))
        while len(words) > 1 and metrics.horizontalAdvance(SEPARATOR.join(words)) > room:
            words.pop()
        return SEPARATOR.join(words)

    @property
    def current(self) -> bool:
        """Whether Enter opens this one."""
        return self._current

    def set_current(self, current: bool) -> None:
        """Become the one that Enter opens, or no longer."""
        if current != self._current:
            self._current = current
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(298), theme.px(PICTURE + FOOT))

    def enterEvent(self, event: QEnterEvent) -> None:
        self.pointed.emit(self)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.pointed.emit(self)
        super().focusInEvent(event)

    def _open(self) -> None:
        self.opened.emit(self.template.id)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """The first click opened it already."""

    # ------------------------------------------------------------------ painting

    def _pixmap(self, size: QSize) -> QPixmap:
        worn, ratio = theme.current(), self.devicePixelRatioF()
        key = (worn.name, size.width(), size.height(), ratio)
        if self._picture is None or self._picture[0] != key:
            self._picture = (key, drawn(self.template.outline, size, worn, ratio))
        return self._picture[1]

    def paintEvent(self, event: QPaintEvent) -> None:
        worn = theme.current()
        painter = brush(self)
        rect = QRectF(self.rect())
        frame(painter, rect, theme.CARD_CORNER, worn.panel, None)
        split = self.height() - theme.px(FOOT)
        size = QSize(self.width() - 2, split - 1)
        clip = QPainterPath()
        clip.addRoundedRect(rect.adjusted(1, 1, -1, -1), theme.CARD_CORNER - 1, theme.CARD_CORNER - 1)
        painter.save()
        painter.setClipPath(clip)
        painter.drawPixmap(1, 1, self._pixmap(size))
        painter.fillRect(QRectF(0, split, self.width(), 1), worn.line)
        painter.restore()
        self._paint_foot(painter, split)
        if self._current:
            painter.setPen(QPen(worn.accent, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), theme.CARD_CORNER - 1, theme.CARD_CORNER - 1)
        else:
            frame(painter, rect, theme.CARD_CORNER, None, worn.line)

    def _paint_foot(self, painter: QPainter, top: float) -> None:
        worn, pad = theme.current(), theme.px(14)
        right = self.width() - pad
        if self._current:
            left = paint_key(
                painter, right, top + theme.px(20), self.tr("Enter"), worn.accent_text, worn.accent
            ) - theme.px(6)
            painter.setFont(theme.font("body"))
            painter.setPen(worn.accent_text)
            verb = self.tr("Open")
            left -= painter.fontMetrics().horizontalAdvance(verb)
            painter.drawText(round(left), round(top + theme.px(24)), verb)
        else:
            painter.setFont(theme.font("hint"))
            painter.setPen(worn.text3)
            label = self.template.data_label
            left = right - painter.fontMetrics().horizontalAdvance(label)
            painter.drawText(round(left), round(top + theme.px(24)), label)
        for text, role, ink, base, end in (
            (self.template.title, "card", worn.text1, 25, left - pad),
            (self.template.line, "body", worn.text2, 45, right),
            (self.facts(right - pad), "hint", worn.text3, 69, right),
        ):
            painter.setFont(theme.font(role))  # type: ignore[arg-type]  # the three roles above
            painter.setPen(ink)
            words = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, round(end - pad))
            painter.drawText(pad, round(top + theme.px(base)), words)
