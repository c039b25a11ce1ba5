"""What the inspector says inside an open block while nothing is selected: the block as a whole."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.edits import blocks
from engine.message import Illegal, Message, Refused
from engine.project.blocks import Block, Exposed
from gui.controls import ElidedLabel, Form, FormRow, IconButton, Label, Section, TextField
from gui.document.block_uses import names_on, uses_of
from gui.forms.fields import label_text
from gui.panels.inspector.block_parts import COUNTED, MOST, Links
from gui.style import theme
from gui.text.words import at_least, exact

if TYPE_CHECKING:
    from gui.document.workspace import Workspace


class _Offered(QWidget):
    """One setting that the block offers: what it is called, whose it is, and a pin that keeps it inside."""

    def __init__(self, block: Block, exposed: Exposed, parent: QWidget) -> None:
        super().__init__(parent)
        self.exposed = exposed
        param = block.param(exposed)
        label = label_text(param) if param is not None else exposed.param
        layer = block.graph.nodes[exposed.node].name
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(8))
        row.addWidget(Label(exposed.name, "value", "text1"))
        text = self.tr("{setting} of {layer}").format(setting=label, layer=layer)
        row.addWidget(ElidedLabel(text, "hint", "text3"), 1)
        self.pin = IconButton("pin", self.tr("Keep {name} inside").format(name=exposed.name), side=22)
        row.addWidget(self.pin)


class BlockPage(QWidget):
    """Name, cost, offered settings and uses of the open block."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workspace = workspace
        self._shown: Any = None
        self.name = TextField("", accept=self._accept, name=self.tr("Name of the block"))
        self.name.value_changed.connect(self._rename)
        self.name.editing_finished.connect(self._seal)
        head = QWidget(self)
        column = QVBoxLayout(head)
        column.setContentsMargins(theme.PANEL_PADDING, 12, theme.PANEL_PADDING, 8)
        column.setSpacing(8)
        column.addWidget(Label(self.tr("Block"), "card"))
        column.addWidget(FormRow(self.tr("Name"), self.name, self.tr("It also names the class in the code.")))
        cost = Section(self.tr("Cost"), note=self.tr("of one time through it"))
        form = Form()
        cost.add(form)
        self.layers = form.fact(self.tr("Layers"))
        self.parameters = form.fact(self.tr("Parameters"))
        self.macs = form.fact(self.tr("Multiply-adds"))
        settings = Section(self.tr("Settings of its uses"))
        self.none = Label(
            self.tr("Each use can choose those settings of the layers whose pin is pressed."),
            "hint",
            "text3",
            wrap=True,
        )
        self.offered = Form()
        settings.add(self.none)
        settings.add(self.offered)
        uses = Section(self.tr("Used by"))
        self.number = Label("", "hint", "text3", wrap=True)
        self.links = Links(self)
        self.links.chosen.connect(self._show_use)
        uses.add(self.number)
        uses.add(self.links)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        for part in (head, cost, settings, uses):
            whole.addWidget(part)

    def refresh(self) -> None:
        """Show the block that is open as it is now."""
        document = self.workspace.current
        level, block = document.level, document.level.block
        if block is None:
            return
        if self.name.value() != block.name:
            self.name.set_value(block.name)
        analysis = level.analysis
        self.layers.set(exact(len(block.layers)))
        known = analysis is not None and any(facts.known for facts in analysis.nodes.values())
        if analysis is not None and known:
            parameters, macs = analysis.parameters, analysis.macs
            self.parameters.set(at_least(exact(parameters), parameters, analysis.sized))
            self.macs.set(at_least(exact(macs), macs, analysis.counted), self.tr("per sample"))
        else:
            self.parameters.set("?", self.tr("not known yet"))
            self.macs.set("?")
        if self._shown != (document.project.graph, block):
            self._shown = (document.project.graph, block)
            self._show_offered(block)
            paths = list(islice(uses_of(document.project.graph, block), COUNTED))
            text = self.tr("1 node. An edit inside changes it.")
            if len(paths) > 1:
                text = self.tr("{number} nodes. An edit inside changes all.").format(number=len(paths))
            self.number.setText(text)
            self.links.show_links([(names_on(document.project.graph, path), path) for path in paths[:MOST]])

    def _show_offered(self, block: Block) -> None:
        self.offered.clear()
        for exposed in block.exposed:
            row = _Offered(block, exposed, self.offered)
            row.pin.setProperty("offered", exposed.name)
            row.pin.clicked.connect(self._unexpose)
            self.offered.add_row(row)
        self.none.setVisible(not block.exposed)

    # ------------------------------------------------------------------ edit

    def _unexpose(self) -> None:
        name, document = self.sender().property("offered"), self.workspace.current
        label = Message("Keep {name} inside", name=name)
        document.do(blocks.unexpose, document.level.path, name, label=label)

    def _accept(self, text: str) -> str:
        document = self.workspace.current
        try:
            after = blocks.rename_block(document.project, document.level.path, text)
        except Refused as refused:
            raise Illegal(refused.message) from None
        return blocks.used_at(after.graph, document.level.path).block.name

    def _rename(self, text: str) -> None:
        document = self.workspace.current
        path, label = document.level.path, Message("Rename the block")
        document.do(blocks.rename_block, path, text, label=label, merge=("block", path))

    def _seal(self) -> None:
        self.workspace.current.seal()

    def _show_use(self, path: Any) -> None:
        self.workspace.current.level.open(path[:-1])
        self.workspace.current.select([path[-1]])
        self.workspace.reveal.emit(frozenset([path[-1]]))
