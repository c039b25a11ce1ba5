"""How far something has come."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.controls.drawing import brush
from gui.style import theme
from gui.text.words import filled


class Segments(QWidget):
    """One small block for each epoch, filled as they pass; the present one fills from the left.

    Where blocks would be narrower than 3 px they merge into one bar.
    """

    def __init__(self, total: int = 0, done: float = 0.0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._total, self._done = total, done
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_progress(done, total)

    def set_progress(self, done: float, total: int) -> None:
        """`done` of `total` epochs have passed; a fraction is the present one's share."""
        self._done, self._total = done, total
        self.setAccessibleName(
            filled(self.tr("{done} of {total} epoch{total:|s}"), done=int(done), total=total)
        )
        self.update()

    def done(self) -> float:
        return self._done

    def total(self) -> int:
        return self._total

    def sizeHint(self) -> QSize:
        return QSize(theme.px(240), theme.px(14))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(60), theme.px(14))

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._total <= 0:
            return
        worn = theme.current()
        painter = brush(self)
        painter.setPen(Qt.PenStyle.NoPen)
        height = theme.px(10)
        top = (self.height() - height) / 2
        gap = 2.0
        pitch = min(theme.px(10), (self.width() + gap) / self._total)
        if pitch - gap < 3:
            painter.setBrush(worn.track)
            painter.drawRoundedRect(QRectF(0, top, self.width(), height), 2, 2)
            painter.setBrush(worn.accent)
            painter.drawRoundedRect(QRectF(0, top, self.width() * self._done / self._total, height), 2, 2)
            return
        for index in range(self._total):
            block = QRectF(index * pitch, top, pitch - gap, height)
            share = min(1.0, max(0.0, self._done - index))
            if share < 1:
                painter.setBrush(worn.track)
                painter.drawRoundedRect(block, 1.5, 1.5)
            if share > 0:
                block.setWidth(block.width() * share)
                painter.setBrush(worn.accent)
                painter.drawRoundedRect(block, 1.5, 1.5)


class ThinBar(QWidget):
    """A quiet bar 3 px high for a share of one."""

    def __init__(self, share: float = 0.0, ink: str = "accent", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._share, self._ink = share, ink
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_share(share)

    def set_share(self, share: float) -> None:
        self._share = min(1.0, max(0.0, share))
        self.setAccessibleName(self.tr("{share} %").format(share=round(self._share * 100)))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(64), 3)

    def paintEvent(self, event: QPaintEvent) -> None:
        worn = theme.current()
        painter = brush(self)
        painter.setPen(Qt.PenStyle.NoPen)
        rect = QRectF(self.rect())
        painter.setBrush(worn.track)
        painter.drawRoundedRect(rect, 1.5, 1.5)
        rect.setWidth(rect.width() * self._share)
        painter.setBrush(getattr(worn, self._ink))
        painter.drawRoundedRect(rect, 1.5, 1.5)
