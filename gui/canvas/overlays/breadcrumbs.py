"""The way back from an open block, at the canvas's upper left, and which time through it is looked at."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QWidget

from gui.canvas.tools.host import Host
from gui.controls import ChoiceField
from gui.controls.drawing import KeyFocus, brush, frame, ring
from gui.style import icons, theme

WIDEST = 220
"""The widest name of a level, in px."""


class Crumb(QAbstractButton):
    """The name of a level; a click goes there. The last one is where one is."""

    def __init__(self, parent: QWidget, text: str, level: int, here: bool) -> None:
        """`level` counts from the network, which is 0."""
        super().__init__(parent)
        self.level, self._here = level, here
        self.setText(text)
        self._keys = KeyFocus(self)
        self.setEnabled(not here)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus if here else Qt.FocusPolicy.TabFocus)
        if not here:
            self.setToolTip(self.tr("Go to {name}").format(name=text))
        self.setAccessibleName(
            self.tr("{name}, open").format(name=text) if here else self.tr("Go to {name}").format(name=text)
        )

    def _shown(self) -> str:
        return QFontMetrics(theme.font("card")).elidedText(
            self.text(), Qt.TextElideMode.ElideRight, theme.px(WIDEST)
        )

    def sizeHint(self) -> QSize:
        wide = QFontMetrics(theme.font("card")).horizontalAdvance(self._shown())
        return QSize(wide + theme.px(12), theme.px(24))

    def enterEvent(self, event: QEvent) -> None:
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        worn, painter = theme.current(), brush(self)
        rect = QRectF(self.rect())
        hovered = self.underMouse() and not self._here
        if hovered:
            frame(painter, rect.adjusted(1, 1, -1, -1), 4, worn.hover)
        painter.setFont(theme.font("card"))
        painter.setPen(worn.text1 if self._here or hovered else worn.text2)
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self._shown())
        if self._keys.shown():
            ring(painter, rect.adjusted(2, 2, -2, -2), 4)


class _Arrow(QWidget):
    """What stands between two names."""

    def sizeHint(self) -> QSize:
        return QSize(theme.px(14), theme.px(24))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter: QPainter = brush(self)
        side = theme.px(14)
        place = QRectF(0, (self.height() - side) / 2, side, side)
        icons.paint(painter, "chevron-right", theme.current().text3, place)


class Breadcrumbs(QWidget):
    """Stands over the canvas while a block is open."""

    def __init__(self, host: Host, canvas: QWidget) -> None:
        super().__init__(canvas)
        self._host, self._canvas = host, canvas
        self._shown_way: tuple[object, ...] = ()
        self.parts: list[Crumb] = []
        self.repetitions: ChoiceField | None = None
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(theme.px(4), 0, theme.px(4), 0)
        self._row.setSpacing(0)
        self.setAccessibleName(self.tr("Where you are"))
        theme.theme_changed.connect(self._again)
        self.hide()

    def refresh(self) -> None:
        """Show the way to what is open now."""
        level = self._host.level
        uses = level.uses
        names = [level.document.title, *(use.block.name for use in uses)]
        repeat = uses[-1].repeat if uses else 1
        shown = (level.document, level.path, tuple(names), repeat)
        if shown != self._shown_way:
            self._shown_way = shown
            self._fill(names, repeat)
        if self.repetitions is not None and self.repetitions.value() != level.repetitions[-1]:
            self.repetitions.set_value(level.repetitions[-1])
        self.setVisible(bool(uses))
        self.raise_()

    def _fill(self, names: list[str], repeat: int) -> None:
        while (item := self._row.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.parts, self.repetitions = [], None
        for level, name in enumerate(names):
            if level:
                self._row.addWidget(_Arrow(self))
            part = Crumb(self, name, level, level == len(names) - 1)
            part.clicked.connect(self._go)
            self.parts.append(part)
            self._row.addWidget(part)
        if repeat > 1:
            options = [
                (time, self.tr("{turn} of {number}").format(turn=time + 1, number=repeat))
                for time in range(repeat)
            ]
            self.repetitions = ChoiceField(options, 0, self.tr("Time through the block"), compact=True)
            self.repetitions.setToolTip(self.tr("Which time through the block the shapes and costs are of"))
            self.repetitions.value_changed.connect(self._host.level.show_repetition)
            self._row.addSpacing(theme.px(6))
            self._row.addWidget(self.repetitions)
        self.move(theme.px(6), theme.px(10))
        self.adjustSize()

    def paintEvent(self, event: QPaintEvent) -> None:
        frame(brush(self), QRectF(self.rect()), 4, theme.current().canvas)  # layers may pass below it

    def _go(self) -> None:
        part = self.sender()
        assert isinstance(part, Crumb)
        level = self._host.level
        self._canvas.setFocus(Qt.FocusReason.OtherFocusReason)
        while len(level.path) > part.level:
            level.leave()

    def _again(self, _: object) -> None:
        self._shown_way = ()
        self.refresh()
        self.update()
