"""What a layer means: what it does with what arrives, its formula, when to use it, after whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from engine.layers.input_output import Input, Output
from engine.message import Message
from engine.project.graph import Node
from gui.controls import Label, Section
from gui.forms.kind_lines import KindLines
from gui.panels.inspector.layer_facts import arrivals, column_lines, escaped
from gui.style import theme
from gui.text.kind_help import translated
from gui.text.words import words

if TYPE_CHECKING:
    from engine.analysis.results import Analysis, Facts


class Meaning(Section):
    """The inspector's section "What it does". An Output also says what its loss does."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(QCoreApplication.translate("Meaning", "What it does"), parent=parent)
        self.layer, self.loss = KindLines(), KindLines()
        self.loss_name = Label("", "head", "text1")
        self.loss_name.setContentsMargins(0, theme.px(8), 0, 0)
        for part in (self.layer, self.loss_name, self.loss):
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
        self.layer.show_kind(kind, "\n".join(line for line in lines if line), sizes)
        self.loss_name.setVisible(isinstance(kind, Output))
        self.loss.setVisible(isinstance(kind, Output))
        if isinstance(kind, Output):
            self.loss_name.setText(translated(kind.loss.label()))
            self.loss.show_kind(kind.loss)
