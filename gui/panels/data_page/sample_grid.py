"""Samples in a grid, as many as there are: pictures, frames, waves, curves, texts; only what is in sight is
drawn.
"""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QToolTip, QWidget

from engine.data.overview import ColumnOverview, Overview
from engine.data.own.file_source import FileSource
from engine.data.sample_looks import looked_at, medium_of_column
from engine.message import Trouble
from gui.controls.drawing import KeyFocus, frame, ring
from gui.panels.data_page.inks import part_ink, part_name
from gui.panels.data_page.rows import cell
from gui.panels.data_page.tiles import TileStore, paint_tile, spoken_look, tile_size
from gui.style import theme
from gui.text.words import exact, filled, words

NAME, GAP, AROUND = 18, 25, 18
AHEAD = 2
"""Lines beyond what is in sight that are read, too."""


class SampleGrid(QAbstractScrollArea):
    """Tiles below and beside each other, each with a dot for its part and the name of its target."""

    activated = Signal(object)
    """The row of the sample that was double-clicked, or on which Enter was pressed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view: Overview | None = None
        self.column: ColumnOverview | None = None
        self.rows = np.zeros(0, np.int64)
        self.current = -1
        """The place of the tile on which the keyboard is."""
        self.store = TileStore(self)
        self.store.arrived.connect(self.viewport().update)
        self._target: ColumnOverview | None = None
        self._size = tile_size("image")
        self._key_focus = KeyFocus(self)
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Samples"))
        theme.theme_changed.connect(self._measure)

    def set_rows(self, view: Overview, rows: np.ndarray) -> None:
        """Show these samples of some data."""
        if view is not self.view:
            self.view, self.column = view, looked_at(view)
            self._target = next((one for one in view.columns if one.name == view.target), None)
            source = view.settings.source
            signs = None if isinstance(source, FileSource) else source.signs(self.column.name)
            self.store.show(self.column, signs)
        self.rows, self.current = rows, min(self.current, len(rows) - 1)
        self.setAccessibleDescription(filled(self.tr("{n} sample{n:|s}"), n=len(rows)))
        self._measure()
        self.verticalScrollBar().setValue(0)
        self.viewport().update()

    # ------------------------------------------------------------------ where tiles stand

    def _measure(self, _: object = None) -> None:
        if self.column is not None:
            self._size = tile_size(medium_of_column(self.column))
        lines = -(-len(self.rows) // self.per_line())
        high = lines * self._pitch().height() + theme.px(2 * AROUND - 8)
        self.verticalScrollBar().setRange(0, max(0, high - self.viewport().height()))
        self.verticalScrollBar().setPageStep(self.viewport().height())
        self.verticalScrollBar().setSingleStep(self._pitch().height() // 3)
        self.viewport().update()

    def _pitch(self) -> QSize:
        return QSize(self._size.width() + theme.px(GAP), self._size.height() + theme.px(NAME + 8))

    def per_line(self) -> int:
        """How many tiles stand beside each other."""
        room = self.viewport().width() - 2 * theme.px(AROUND) + theme.px(GAP)
        return max(1, room // self._pitch().width())

    def tile_rect(self, place: int) -> QRectF:
        """Where a tile stands in the viewport, without its name."""
        line, column = divmod(place, self.per_line())
        left = theme.px(AROUND) + column * self._pitch().width()
        top = theme.px(AROUND - 4) + line * self._pitch().height() - self.verticalScrollBar().value()
        return QRectF(left, top, self._size.width(), self._size.height())

    def place_at(self, at: QPointF) -> int:
        """The tile at a point of the viewport; -1 for none."""
        pitch = self._pitch()
        column = int((at.x() - theme.px(AROUND)) // pitch.width())
        line = int((at.y() + self.verticalScrollBar().value() - theme.px(AROUND - 4)) // pitch.height())
        place = line * self.per_line() + column
        inside = 0 <= column < self.per_line() and 0 <= place < len(self.rows)
        return place if inside and at.x() <= self.tile_rect(place).right() else -1

    def places_in_sight(self) -> range:
        """The places of all tiles of which something is in sight."""
        pitch, top = self._pitch().height(), self.verticalScrollBar().value()
        first = max(0, (top - theme.px(AROUND)) // pitch)
        last = (top + self.viewport().height()) // pitch + 1
        return range(first * self.per_line(), min(len(self.rows), last * self.per_line()))

    def name_of(self, row: int) -> str:
        """What a sample is called below its tile: its target."""
        return (cell(self._target, row) or self.tr("missing")) if self._target is not None else exact(row + 1)

    # ------------------------------------------------------------------ paint

    def paintEvent(self, event: QPaintEvent) -> None:
        worn, painter = theme.current(), QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.viewport().rect(), worn.panel)
        if self.view is None:
            return
        shown = self.places_in_sight()
        ahead = AHEAD * self.per_line()
        wanted = [*shown, *range(shown.stop, min(len(self.rows), shown.stop + ahead))]
        wanted += range(max(0, shown.start - ahead), shown.start)
        missing = [
            int(self.rows[place]) for place in wanted if self.store.look(int(self.rows[place])) is None
        ]
        if missing:
            self.store.want(missing)
        metrics = QFontMetrics(theme.font("hint"))
        for place in shown:
            row, box = int(self.rows[place]), self.tile_rect(place)
            painter.fillRect(box, worn.field)
            paint_tile(painter, box.adjusted(1, 1, -1, -1), self.store.look(row))
            frame(painter, box, 2, None, worn.line)
            if place == self.current and self._key_focus.shown():
                ring(painter, box.adjusted(-3, -3, 3, 3), 4)
            self._paint_name(painter, metrics, row, box)

    def _paint_name(self, painter: QPainter, metrics: QFontMetrics, row: int, box: QRectF) -> None:
        worn = theme.current()
        assert self.view is not None
        middle, radius = box.bottom() + theme.px(11), theme.px(3)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(part_ink(int(self.view.parts[row])))
        painter.drawEllipse(QPointF(box.left() + radius, middle), radius, radius)
        painter.setFont(theme.font("hint"))
        painter.setPen(worn.text2)
        left = box.left() + theme.px(12)
        room = int(box.right() + theme.px(GAP - 6) - left)
        text = metrics.elidedText(self.name_of(row), Qt.TextElideMode.ElideRight, room)
        line = QRectF(left, middle - theme.px(NAME) / 2, room, theme.px(NAME))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._measure()

    def scrollContentsBy(self, across: int, down: int) -> None:
        self.viewport().update()

    # ------------------------------------------------------------------ hands

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._go(self.place_at(event.position()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        place = self.place_at(event.position())
        if place >= 0:
            self.activated.emit(int(self.rows[place]))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -self.per_line(),
            Qt.Key.Key_Down: self.per_line(),
        }
        if event.key() in steps and len(self.rows):
            self._go(min(max(self.current + steps[Qt.Key(event.key())], 0), len(self.rows) - 1))
        elif event.key() == Qt.Key.Key_Home:
            self._go(0 if len(self.rows) else -1)
        elif event.key() == Qt.Key.Key_End:
            self._go(len(self.rows) - 1)
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.current >= 0:
            self.activated.emit(int(self.rows[self.current]))
        else:
            super().keyPressEvent(event)

    def _go(self, place: int) -> None:
        """Let the keyboard be on a tile, and bring it into sight."""
        self.current = place
        if place >= 0:
            box, bar = self.tile_rect(place), self.verticalScrollBar()
            if box.top() < 0:
                bar.setValue(round(bar.value() + box.top() - theme.px(AROUND)))
            elif box.bottom() + theme.px(NAME) > self.viewport().height():
                bar.setValue(
                    round(bar.value() + box.bottom() + theme.px(NAME + 8) - self.viewport().height())
                )
            self.setAccessibleDescription(self.spoken(place))
        self.viewport().update()

    def spoken(self, place: int) -> str:
        """A tile in words: its number, what it is of, its part."""
        row = int(self.rows[place])
        assert self.view is not None
        assert self.column is not None
        seen = spoken_look(self.column, self.store.look(row))
        part = part_name(int(self.view.parts[row]))
        return ", ".join(filter(None, (exact(row + 1), self.name_of(row), part, seen)))

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            place = self.place_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self._tip(place) if place >= 0 else "", self)
            return True
        return super().viewportEvent(event)

    def _tip(self, place: int) -> str:
        row = int(self.rows[place])
        look = self.store.look(row)
        if isinstance(look, Trouble):
            return words(look)
        lines = [self.spoken(place)]
        if self.column is not None and self.column.values.dtype == object:
            value = self.column.values[row]
            lines.append(str(getattr(value, "path", value))[:400])
        return "\n".join(lines)
