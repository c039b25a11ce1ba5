"""How the window is divided: the centre, a side at its left, one at its right and one below, with lines
between them that can be drawn.
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from gui.docks.dock_area import Side
from gui.style import theme

MOST = 0.5
"""The share of the height that the lower side takes at most where a person's own size grows with the text."""
SHARES = 0.24, 0.29, 0.36
"""The shares of the width that the left and the right side, and of the height that the lower side, take at
most until somebody draws them larger: the rest is the canvas's, be the screen small or the text large."""


class Splits(QWidget):
    """Keeps the sides at their usual sizes, until somebody draws one to a size of their own."""

    def __init__(self, sides: Mapping[Side, QWidget], centre: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sides, self._centre = sides, centre
        self._scale = theme.text_scale()
        self.usual = True
        """Whether the sizes are the usual ones, which follow the window's."""
        self.across = QSplitter(Qt.Orientation.Horizontal)
        for widget in (sides["left"], centre, sides["right"]):
            self.across.addWidget(widget)
        self.down = QSplitter(Qt.Orientation.Vertical)
        self.down.addWidget(self.across)
        self.down.addWidget(sides["bottom"])
        for splitter, stretch in ((self.across, (0, 1, 0)), (self.down, (1, 0))):
            splitter.setHandleWidth(1)
            splitter.setChildrenCollapsible(False)
            splitter.splitterMoved.connect(self._drawn)
            for index, factor in enumerate(stretch):
                splitter.setStretchFactor(index, factor)
        self._set_least()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.down)
        theme.theme_changed.connect(self._rescale)

    def sizes(self) -> list[int]:
        """The widths of the left and the right side and the height of the lower one, in px."""
        across, down = self.across.sizes(), self.down.sizes()
        return [across[0], across[2], down[1]]

    def set_sizes(self, left: int, right: int, bottom: int) -> None:
        """Take these sizes, in px, and keep them whatever the window's size."""
        self.usual = False
        self._size(left, right, bottom)

    def set_usual(self) -> None:
        """Take the usual sizes, now and whenever the window is resized."""
        self.usual = True
        self._size_as_usual()

    # ------------------------------------------------------------------ inside

    def _set_least(self) -> None:
        self._sides["left"].setMinimumWidth(theme.px(160))
        self._sides["right"].setMinimumWidth(theme.px(220))
        self._sides["bottom"].setMinimumHeight(theme.px(96))
        self._centre.setMinimumSize(theme.px(240), theme.px(160))

    def _rescale(self, _: object) -> None:
        """Let the sides grow and shrink with the text."""
        grown = theme.text_scale() / self._scale
        if grown == 1:
            return
        self._scale = theme.text_scale()
        self._set_least()
        if self.usual:
            self._size_as_usual()
        else:
            self._size(*(round(size * grown) for size in self.sizes()))

    def _size_as_usual(self) -> None:
        wanted = theme.PALETTE_WIDTH, theme.INSPECTOR_WIDTH, theme.DOCK_HEIGHT
        room = self.width(), self.width(), self.height()
        self._size(
            *(
                min(theme.px(size), round(share * whole))
                for size, share, whole in zip(wanted, SHARES, room, strict=True)
            )
        )

    def _size(self, left: int, right: int, bottom: int) -> None:
        bottom = min(bottom, round(self.height() * MOST)) if self.height() > 1 else bottom
        self.across.setSizes([left, max(1, self.width() - left - right), right])
        self.down.setSizes([max(1, self.height() - bottom), bottom])

    def _drawn(self, place: int, index: int) -> None:
        """Somebody drew a side to a size of their own, which it keeps from now on."""
        self.usual = False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.usual:
            self._size_as_usual()
