"""How the two dialects of the code differ, in a few lines beneath them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QScrollArea, QVBoxLayout, QWidget

from gui import theme
from gui.controls import ElidedLabel, Label, Line, Sign
from gui.controls.notices import Level
from gui.words import words

if TYPE_CHECKING:
    from engine.emit_keras import KerasSource
    from engine.graph import Graph

MOST = 110
"""Height beyond which the list is scrolled, in px at 100 %."""


class CodeNotes(QWidget):
    """What a reader of both should know: layers without a Keras form first, then every difference."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[tuple[Level, str, str], ...] = ()
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
        inside.addWidget(ElidedLabel(hint, "hint", "text3"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(Line())
        column.addLayout(inside)

    def show_notes(self, source: KerasSource, graph: Graph, checked: str = "") -> None:
        """Say how this source differs, and what came of comparing it."""
        rows: list[tuple[Level, str, str]] = []
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
            said = Label(text, "body", "text2", wrap=True)
            self._grid.addWidget(Sign(level), place, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(Label(title), place, 1, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(said, place, 2)
        self._area.setFixedHeight(min(len(rows) * theme.line_height("body") + theme.px(8), theme.px(MOST)))
