"""What the inspector says about one layer, or about several whose settings are edited together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.analysis.problems import LEFT_OUT
from engine.project.blocks import Use
from engine.project.graph import Node
from gui.panels.inspector.block_parts import SharingSection, UseSection
from gui.panels.inspector.cost_section import CostSection
from gui.panels.inspector.layer_edits import LayerEdits
from gui.panels.inspector.layer_head import LayerHead
from gui.panels.inspector.layer_settings import LayerSettings
from gui.panels.inspector.meaning import Meaning
from gui.panels.problems.box import ProblemBox
from gui.style import theme

if TYPE_CHECKING:
    from engine.analysis.results import Analysis
    from gui.document.workspace import Workspace


class LayerPage(QWidget):
    """Head, problems, shapes, settings, cost and meaning of what is selected."""

    menu_wanted = Signal(object)
    """The button below which the menu opens."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workspace = workspace
        self.edits = edits = LayerEdits(workspace)
        self._shown: object = None
        """All that the page was made of when it was shown last; None where a field is ahead of it."""
        self.head = LayerHead(edits, self)
        self.head.more.clicked.connect(self._more)
        self.problems = ProblemBox(self)
        self.problems.chosen.connect(edits.repair)
        self.settings = LayerSettings(edits, self)
        self.settings.edited.connect(self._outdate)
        self.settings.pins_outdated.connect(self._show_pins)
        self.block = UseSection(self)
        self.block.open_wanted.connect(edits.open_block)
        self.block.detach_wanted.connect(edits.detach)
        self.block.use_chosen.connect(edits.show_use)
        self.sharing = SharingSection(self)
        self.sharing.own_wanted.connect(edits.unshare)
        self.sharing.node_chosen.connect(edits.show_node)
        self.cost = CostSection(self)
        self.meaning = Meaning(self)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        for part in (self.head, self.problems, self.settings):
            self._column.addWidget(part)
        for section in (self.block, self.sharing, self.cost, self.meaning):
            self._column.addWidget(section)
        workspace.kinds_changed.connect(self._kinds_changed)

    def _kinds_changed(self, _: object) -> None:
        """Plug-ins were loaded: there may be other kinds to choose from."""
        self._shown = None
        self.refresh()

    # ------------------------------------------------------------------ show

    def show_layers(self, ids: tuple[str, ...]) -> None:
        """Show these layers, of which there is at least one."""
        if ids != self.edits.ids:
            self.edits.ids = ids
            self._column.removeWidget(self.problems)
            self._column.insertWidget(1, self.problems)
        self.refresh()

    def refresh(self) -> None:
        """Show what is known now; what is the same is left alone."""
        nodes = self.edits.nodes()
        if not nodes:
            return
        analysis = self.edits.level.analysis
        state = self._state(nodes, analysis)
        if state == self._shown:
            return
        self._shown = state
        self.head.show_nodes(nodes)
        self.settings.show_nodes(nodes, analysis)
        facts = [analysis.nodes.get(node.id) for node in nodes] if analysis is not None else []
        known = [f for f in facts if f is not None]
        if len(nodes) == 1:
            self._show_one(nodes[0], analysis)
        else:
            for part in (self.settings.shapes, self.meaning, self.block, self.sharing):
                part.hide()
            self.problems.set_problems(())
        said_as_problem = any(entry.problem.name == LEFT_OUT.name for entry in self.problems.entries)
        self.settings.left_out.setVisible(
            bool(known) and all(f.unused for f in known) and not said_as_problem
        )
        self.cost.show_cost(nodes, known, self.edits.level.project.graph, analysis)

    def _state(self, nodes: list[Node], analysis: Analysis | None) -> object:
        """All that the page shows, to be compared."""
        level = self.edits.level
        return (
            tuple(nodes),
            tuple(analysis.nodes.get(node.id) for node in nodes) if analysis is not None else (),
            level.path,
            level.block and level.block.exposed,
            self.workspace.current.project.graph if isinstance(nodes[0].kind, Use) else None,
            analysis
            and (analysis.macs, analysis.parameters, [str(p.message) for p in analysis.of(nodes[0].id)]),
            self.edits.trained(nodes[0]),
            theme.text_scale(),
        )

    def _show_one(self, node: Node, analysis: Analysis | None) -> None:
        """Show what only a single layer has: problems, shapes, a block or a partner, a meaning."""
        level = self.edits.level
        facts = analysis.nodes.get(node.id) if analysis is not None else None
        self.settings.shapes.show()
        self.meaning.show()
        self.block.setVisible(isinstance(node.kind, Use))
        self.sharing.setVisible(self.sharing.show_sharing(level.project.graph, node.id))
        if isinstance(node.kind, Use):
            whole = self.workspace.current.project.graph
            self.block.show_block(whole, node.kind.block, (*level.path, node.id))
        self._show_problems(node, analysis)
        self.settings.shapes.set_facts(facts, bool(node.kind.ports()), bool(node.kind.outputs))
        self.meaning.show_layer(node, facts, analysis)

    def _show_problems(self, node: Node, analysis: Analysis | None) -> None:
        problems = analysis.of(node.id) if analysis is not None else ()
        form = self.settings.form
        if problems and not self.problems.entries and form is not None and form.holds_focus():
            # what the hand is on must not move: the box comes below the form until another layer is chosen
            self._column.removeWidget(self.problems)
            self._column.insertWidget(2, self.problems)
        self.problems.set_problems(problems)

    def _outdate(self) -> None:
        self._shown = None

    def _show_pins(self) -> None:
        self._outdate()
        self.refresh()

    def _more(self) -> None:
        self.menu_wanted.emit(self.head.more)
