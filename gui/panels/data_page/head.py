"""The line at the top of the data page: which data, how it was read, and how it is looked at."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from gui.controls import Button, ChoiceField, ElidedLabel, Label, SearchField, Segmented
from gui.panels.data_page.inks import part_name
from gui.style import theme

HEIGHT = 52
WIDE, MIDDLE = 1320, 1000
"""Widths of the page from which on there is room for the parts, and for the order of the samples."""


class PageHead(QWidget):
    """Name and facts at the left, what is looked at, at the right."""

    part_chosen = Signal(object)
    """The number of a part, None for all."""
    look_chosen = Signal(object)
    """"samples" as one looks at them, or the "columns" and rows of the table they stand in."""
    sort_chosen = Signal(object)
    """"shuffled", "" as they come, or by "target"."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name, self.facts = Label("", "card"), ElidedLabel("", "hint", "text3")
        self.facts.setMinimumWidth(theme.px(40))
        self.another = Button(self.tr("Another file…"), gives_way=True)
        self.how = Button(self.tr("How it is read…"), gives_way=True)
        self.parts = Segmented(
            [(None, self.tr("All")), *((part, part_name(part)) for part in range(3))], None, self.tr("Parts")
        )
        self.parts.value_changed.connect(self.part_chosen)
        self.looks = Segmented(
            [("samples", self.tr("Samples")), ("columns", self.tr("Columns"))], "samples", self.tr("Look at")
        )
        self.looks.value_changed.connect(self.look_chosen)
        self.sorts = ChoiceField(
            [
                ("shuffled", self.tr("Sort: shuffled")),
                ("", self.tr("Sort: as they come")),
                ("target", self.tr("Sort: by target")),
            ],
            "shuffled",
            self.tr("Order of the samples"),
            compact=True,
        )
        self.sorts.value_changed.connect(self.sort_chosen)
        self._grid = False
        self.all = Button(self.tr("All rows"), look="link")
        self.all.hide()
        self.field = SearchField(self.tr("Search"))
        self.field.setMinimumWidth(theme.px(90))
        self.field.setMaximumWidth(theme.px(180))
        row = QHBoxLayout(self)
        row.setContentsMargins(18, 0, 16, 0)
        row.setSpacing(theme.px(12))
        row.addWidget(self.name)
        row.addWidget(self.facts)
        for part in (self.another, self.how):
            row.addWidget(part, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addStretch(1)
        for part in (self.all, self.parts, self.sorts, self.looks, self.field):
            row.addWidget(part, 0, Qt.AlignmentFlag.AlignVCenter)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def show_looks(self, looks: bool, grid: bool) -> None:
        """Offer samples and columns to look at, and what there is to choose in a grid of samples."""
        self._grid = grid
        self.looks.setVisible(looks)
        self._fit()

    def _fit(self) -> None:
        """In a narrow page the parts are chosen at the side, and the order stays."""
        self.parts.setVisible(self._grid and self.width() >= theme.px(WIDE))
        self.sorts.setVisible(self._grid and self.width() >= theme.px(MIDDLE))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(300), theme.px(HEIGHT))

    def sizeHint(self) -> QSize:
        return QSize(theme.px(600), theme.px(HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        worn, painter = theme.current(), QPainter(self)
        painter.fillRect(self.rect(), worn.panel)
        painter.fillRect(0, self.height() - 1, self.width(), 1, worn.line)
