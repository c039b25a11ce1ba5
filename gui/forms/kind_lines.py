"""What a kind says about itself, line by line: what it does, its formula, when to use it, after whom."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.kinds import Kind
from gui.controls import Label
from gui.text.kind_help import equation, remarks, source_line, translated


class KindLines(QWidget):
    """A line for each; what a kind does not say has none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.does = Label("", "body", "text2", wrap=True, selectable=True)
        self.formula = Label("", "code", "text1", wrap=True, selectable=True)
        self.remarks = Label("", "hint", "text3", wrap=True, selectable=True)
        self.sizes = Label("", "code", "text2", wrap=True, selectable=True)
        self.use = Label("", "hint", "text3", wrap=True, selectable=True)
        self.source = Label("", "hint", "text3", wrap=True, selectable=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for part in (self.does, self.formula, self.remarks, self.sizes, self.use, self.source):
            column.addWidget(part)

    def show_kind(self, kind: Kind, does: str = "", sizes: str = "") -> None:
        """Show this kind; what it does in other words, and its sizes, where they are known."""
        for label, text in (
            (self.does, does or translated(kind.doc())),
            (self.formula, equation(kind)),
            (self.remarks, remarks(kind)),
            (self.sizes, sizes),
            (self.use, translated(kind.use)),
            (self.source, source_line(kind)),
        ):
            label.setText(text)
            label.setVisible(bool(text))
