"""What the inspector says of blocks and of shared weights: sections of its pages."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from engine.project.blocks import Block
from engine.project.graph import Graph
from gui.controls import Button, Label, Section
from gui.controls.flow_layout import FlowLayout
from gui.document.block_uses import names_on, uses_of
from gui.document.level import NodePath
from gui.style import theme
from gui.text.words import filled

MOST = 8
"""Uses that are listed by name."""
COUNTED = 500
"""Uses that are looked for at most."""


class Links(QWidget):
    """Names below each other; a click on one goes there."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons: list[Button] = []
        self._links: Sequence[tuple[str, object]] = ()
        self._row = FlowLayout(self, 4)

    def show_links(self, links: Sequence[tuple[str, object]]) -> None:
        """Show these words, each with what is announced when it is clicked."""
        if list(links) == list(self._links):
            return
        self._links = links
        for button in self.buttons:
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons = []
        for place, (words, _) in enumerate(links):
            button = Button(words, look="link", gives_way=True, parent=self)
            button.setProperty("place", place)
            button.clicked.connect(self._clicked)
            self._row.addWidget(button)
            self.buttons.append(button)

    def _clicked(self) -> None:
        self.chosen.emit(self._links[self.sender().property("place")][1])


class UseSection(Section):
    """The block of a node: what can be done with it, and where else it is used."""

    open_wanted = Signal()
    detach_wanted = Signal()
    use_chosen = Signal(object)
    """The path to another use."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.title.setText(self.tr("Block"))
        self.title.setVisible(True)
        self.note.setVisible(True)
        buttons = QWidget(self)
        row = QHBoxLayout(buttons)
        row.setContentsMargins(0, 2, 0, 4)
        row.setSpacing(theme.px(8))
        self.open_button = Button(self.tr("Open"), icon="block")
        self.open_button.setToolTip(self.tr("Show and edit what is inside; every use follows"))
        self.open_button.clicked.connect(self.open_wanted)
        self.detach_button = Button(self.tr("Detach"), look="quiet")
        self.detach_button.setToolTip(self.tr("Give this use a definition of its own"))
        self.detach_button.clicked.connect(self.detach_wanted)
        row.addWidget(self.open_button)
        row.addWidget(self.detach_button)
        row.addStretch(1)
        self.add(buttons)
        self.text = Label("", "hint", "text3", wrap=True)
        self.add(self.text)
        self.links = Links(self)
        self.links.chosen.connect(self.use_chosen)
        self.add(self.links)

    def show_block(self, graph: Graph, block: Block, here: NodePath) -> None:
        """Tell of the block that a node at the end of a path uses, in a network."""
        paths = list(islice(uses_of(graph, block), COUNTED))
        others = [path for path in paths if path != here]
        number = len(block.layers)
        layers = filled(self.tr("{number} layer{number:|s}"), number=number)
        self.note.setText(layers)
        self.detach_button.setEnabled(bool(others))
        if not others:
            self.text.setText(self.tr("Used here alone."))
        elif len(others) == 1:
            self.text.setText(self.tr("Used once more. A change inside changes both."))
        else:
            text = self.tr("Used by {number} others, too. A change inside changes all.")
            self.text.setText(text.format(number=len(others)))
        self.links.show_links([(names_on(graph, path), path) for path in others[:MOST]])


class SharingSection(Section):
    """With whom a layer shares its weights."""

    own_wanted = Signal()
    node_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.title.setText(self.tr("Shared weights"))
        self.title.setVisible(True)
        self.text = Label("", "body", "text2", wrap=True)
        self.add(self.text)
        self.links = Links(self)
        self.links.chosen.connect(self.node_chosen)
        self.add(self.links)
        self.own_button = Button(self.tr("Weights of its own"), look="quiet", icon="link")
        self.own_button.clicked.connect(self.own_wanted)
        self.content.addWidget(self.own_button, 0, Qt.AlignmentFlag.AlignLeft)

    def show_sharing(self, graph: Graph, id: str) -> bool:
        """Tell with whom a node shares. False where it shares with none."""
        node = graph.nodes[id]
        owner = node.shares or id
        group = [one for one in (owner, *graph.sharers.get(owner, ())) if one != id]
        if not group:
            return False
        if node.shares:
            text = self.tr("It uses the weights of {name}; they are counted there.")
            self.text.setText(text.format(name=graph.nodes[owner].name))
        else:
            self.text.setText(self.tr("Its weights are used by others, too."))
        self.links.show_links([(graph.nodes[one].name, one) for one in group[:MOST]])
        return True
