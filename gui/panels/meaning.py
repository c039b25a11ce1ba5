"""What a layer means: what it does with what arrives, its formula, when to use it, after whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from engine.graph import Node
from engine.layers.ends import Input, Output
from engine.message import Message
from gui.controls import Label, Section
from gui.kind_help import equation, remarks, source_line, told
from gui.panels.layer_facts import arrivals, column_lines, escaped
from gui.words import words

if TYPE_CHECKING:
    from engine.analysis import Analysis, Facts


class Meaning(Section):
    """The inspector's section "What it does"."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(QCoreApplication.translate("Meaning", "What it does"), parent=parent)
        self.does = Label("", "body", "text2", wrap=True, selectable=True)
        self.formula = Label("", "code", "text1", wrap=True, selectable=True)
        self.remarks = Label("", "hint", "text3", wrap=True, selectable=True)
        self.sizes = Label("", "code", "text2", wrap=True, selectable=True)
        self.use = Label("", "hint", "text3", wrap=True, selectable=True)
        self.source = Label("", "hint", "text3", wrap=True, selectable=True)
        for part in (self.does, self.formula, self.remarks, self.sizes, self.use, self.source):
            self.add(part)

    def show_layer(self, node: Node, facts: Facts | None, analysis: Analysis | None) -> None:
        """Tell of this layer, with the sizes and columns that are known."""
        kind = node.kind.meant
        text, sizes = words(Message(escaped(kind.doc()))), ""
        if facts is not None and facts.known and not isinstance(kind, Input | Output) and not node.muted:
            arrived = arrivals(kind, facts)
            text, sizes = words(kind.explain(*arrived)), kind.sizing(*arrived)
        lines = [text]
        if isinstance(kind, Input | Output):
            lines += column_lines(kind, analysis)
        if node.muted:
            lines.append(self.tr("It is muted: what arrives goes on unchanged."))
        self.does.setText("\n".join(line for line in lines if line))
        for label, said in (
            (self.formula, equation(kind)),
            (self.remarks, remarks(kind)),
            (self.sizes, sizes),
            (self.use, told(kind.use)),
            (self.source, source_line(kind)),
        ):
            label.setText(said)
            label.setVisible(bool(said))
