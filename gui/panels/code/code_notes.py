"""How the two dialects of the code differ, in a few lines beneath or beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from gui.controls import Label, Separator, Sign
from gui.controls.notices import Severity
from gui.style import theme
from gui.text.words import words

if TYPE_CHECKING:
    from engine.codegen.keras.source import KerasSource
    from engine.project.graph import Graph

MOST = 110
"""Height beyond which the list is scrolled where it stands beneath the code, in px at 100 %."""
BESIDE = 320
"""Width of the list where it stands beside the code."""


class CodeNotes(QWidget):
    """What a reader of both should know: layers without a Keras form first, then every difference."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[tuple[Severity, str, str], ...] = ()
        self._page = QWidget()
        self._grid = QGridLayout(self._page)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.px(8))
        self._grid.setVerticalSpacing(theme.px(4))
        self._grid.setColumnStretch(2, 1)
        self._area = QScrollArea(self)
        self._area.setWidget(self._page)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QScrollArea.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for widget in (self._page, self._area.viewport()):
            widget.setProperty("ground", "panel")
            widget.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        inside = QVBoxLayout()
        inside.setContentsMargins(theme.PANEL_PADDING, theme.px(10), theme.PANEL_PADDING, theme.px(10))
        inside.setSpacing(theme.px(6))
        inside.addWidget(Label(self.tr("How the two differ"), "title"))
        inside.addWidget(self._area)
        hint = self.tr(
            "The lit lines belong to the layer selected on the canvas. Click any line to select its layer."
        )
        inside.addWidget(Label(hint, "hint", "text3", wrap=True))
        self._whole = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._whole.setContentsMargins(0, 0, 0, 0)
        self._whole.setSpacing(0)
        self._lines = (Separator(), Separator(upright=True))
        for line in self._lines:
            self._whole.addWidget(line)
        self._whole.addLayout(inside, 1)
        self.beside = False
        self.place(False)

    def place(self, beside: bool) -> None:
        """Stand beside the code, as high as it is, or beneath it, no higher than need be."""
        self.beside = beside
        directions = QBoxLayout.Direction
        self._whole.setDirection(directions.LeftToRight if beside else directions.TopToBottom)
        for line, shown in zip(self._lines, (not beside, beside), strict=True):
            line.setVisible(shown)
        self._fit()

    def _fit(self) -> None:
        most = 16_777_215  # Qt's own, for no limit
        wanted = min(len(self.rows) * theme.line_height("body") + theme.px(8), theme.px(MOST))
        self.setMinimumWidth(theme.px(BESIDE) if self.beside else 0)
        self.setMaximumWidth(theme.px(BESIDE) if self.beside else most)
        self._area.setMinimumHeight(0 if self.beside else wanted)
        self._area.setMaximumHeight(most if self.beside else wanted)

    def show_notes(self, source: KerasSource, graph: Graph, checked: str = "") -> None:
        """Say how this source differs, and what came of comparing it."""
        rows: list[tuple[Severity, str, str]] = []
        for id, reason in source.missing.items():
            text = self.tr("No Keras form: {reason}. The code stops there.")
            rows.append(("warning", graph.nodes[id].name, text.format(reason=words(reason))))
        rows += [("success", words(note.title), words(note.text)) for note, _ in source.notes]
        if not rows:
            rows.append(
                ("success", self.tr("Layers"), self.tr("Each layer has one of the same kind in Keras."))
            )
        if checked:
            rows.append(("success", self.tr("Checked"), checked))
        if tuple(rows) == self.rows:
            return
        self.rows = tuple(rows)
        while (item := self._grid.takeAt(0)) is not None:
            item.widget().deleteLater()
        for place, (level, title, text) in enumerate(rows):
            label = Label(text, "body", "text2", wrap=True)
            label.setAlignment(Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(Sign(level), place, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(Label(title), place, 1, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(label, place, 2)
        self._fit()
