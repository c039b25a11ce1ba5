"""The head of the inspector's page about layers: icon, kind, name, and what else can be done."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from engine.message import Message
from engine.project.graph import Node
from gui.controls import ElidedLabel, IconButton, TextField
from gui.panels.inspector.layer_edits import LayerEdits
from gui.panels.inspector.layer_facts import escaped, kind_key
from gui.style import theme
from gui.style.kind_icons import KindIcon
from gui.text.words import words

NAME, LEAST_NAME = 118, 56
"""The usual and the least width of the field for a layer's name, in px at 100 %."""


class LayerHead(QWidget):
    """What kind of layer is selected, and its name in a field. Of several it says how many."""

    def __init__(self, edits: LayerEdits, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.icon = KindIcon(self)
        self.title = ElidedLabel("", "card")
        self.title.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.name = TextField("", accept=edits.accept_name, name=self.tr("Name of the layer"))
        self.name.value_changed.connect(edits.rename)
        self.name.editing_finished.connect(edits.seal)
        self.more = IconButton("more", self.tr("More for this layer"), side=26)
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(theme.PANEL_PADDING, 12, theme.PANEL_PADDING - 6, 10)
        row.setSpacing(theme.px(8))
        row.addWidget(self.icon)
        row.addWidget(self.title, 1)
        row.addWidget(self.name)
        row.addWidget(self.more)

    def show_nodes(self, nodes: list[Node]) -> None:
        """Show these layers, of which there is at least one."""
        first, several = nodes[0], len(nodes) > 1
        self.icon.set_kind(first.kind)
        same = len({kind_key(node.kind) for node in nodes}) == 1
        label = words(Message(escaped(first.kind.label())))
        if several:
            label = self.tr("{number} layers").format(number=len(nodes)) + (f", {label}" if same else "")
        self.icon.setVisible(same)
        self.title.setText(label)
        self._share_room()
        self.name.setVisible(not several)
        if not several and self.name.value() != first.name:
            self.name.set_value(first.name)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_room()

    def _share_room(self) -> None:
        """Give the kind's name the room it needs, and its own name what is left of its usual room."""
        taken = self.icon.width() + self.more.width() + 3 * self._row.spacing()
        margins = self._row.contentsMargins()
        room = self.width() - margins.left() - margins.right() - taken - self.title.sizeHint().width()
        self.name.setFixedWidth(max(theme.px(LEAST_NAME), min(theme.px(NAME), room)))
