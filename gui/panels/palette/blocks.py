"""The blocks of the project and the ready-made ones, to be dragged out or added after the selected layer like
any kind of layer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    Qt,
)
from PySide6.QtGui import (
    QShowEvent,
)
from PySide6.QtWidgets import (
    QVBoxLayout,
    QWidget,
)

from engine.analysis.check import block_analysis
from engine.kinds import Layer
from engine.project.blocks import Use
from gui.controls import Label
from gui.deferred import Deferred
from gui.document import offers
from gui.document.adding import add_to
from gui.document.block_uses import uses_of
from gui.panels.palette.block_rows import BlockRows
from gui.style import theme
from gui.text.words import filled

if TYPE_CHECKING:
    from engine.analysis.results import Analysis
    from gui.document.workspace import Workspace


def parameters_of(analysis: Analysis | None) -> Mapping[str, int]:
    """What one time through each block has to learn, by the names of the blocks, as far as it is known."""
    counts: dict[str, int] = {}
    if analysis is not None:
        for id, node in analysis.project.graph.nodes.items():
            kind, facts = node.kind, analysis.nodes[id]
            if not isinstance(kind, Use) or not facts.known:
                continue
            counts.setdefault(kind.block.name, facts.parameters // kind.repeat)
            if any(block.name not in counts for block in kind.block.within):
                counts = {**parameters_of(block_analysis(analysis, id)), **counts}
    return counts


class BlocksPanel(QWidget):
    """The left dock's second tab."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workspace = workspace
        self.panel_title = self.tr("Blocks")
        self.setProperty("ground", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.rows = BlockRows(self)
        hint = Label(
            self.tr("Select layers and fold them with Ctrl G: the block can be used again from here."),
            "hint",
            "text3",
            wrap=True,
        )
        hint.setContentsMargins(theme.px(14), theme.px(8), theme.px(14), theme.px(10))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.px(6), 0, 0)
        column.setSpacing(0)
        column.addWidget(self.rows, 1)
        column.addWidget(hint)
        self.setFocusProxy(self.rows)
        self.rows.picked.connect(self.add)
        self.rows.open_wanted.connect(self.open)
        self._later = Deferred(self.refresh, self)
        for signal in (workspace.changed, workspace.analysed, workspace.switched, workspace.entered):
            signal.connect(self._soon)
        theme.theme_changed.connect(self._soon)

    def _soon(self, _: object) -> None:
        if self.isVisible():
            self._later.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def refresh(self) -> None:
        """List the blocks as they are now; while one is open, what it can begin and end with comes first."""
        document = self.workspace.current
        known = parameters_of(document.analysis)
        rows: list[tuple[Layer, str]] = [
            (kind, self.tr("brings a value in") if kind.outputs else self.tr("gives a value out"))
            for kind in offers.ends(document.level)
        ]
        for use in offers.blocks(document.level):
            number = len(use.block.layers)
            summary = filled(self.tr("{number} layer{number:|s}"), number=number)
            if use.block.name in known:
                text = self.tr("{layers}, {count} parameter{count:|s}")
                summary = filled(text, layers=summary, count=known[use.block.name])
            rows.append((use, summary))
        for use in offers.ready_made(document.level):
            text = self.tr("ready-made, {number} layers")
            rows.append((use, text.format(number=len(use.block.layers))))
        self.rows.show_rows(rows)

    def add(self, kind: Layer) -> None:
        """Add a use of a block after the selected layer, and select it."""
        add_to(self.workspace, kind)

    def open(self, kind: Layer) -> None:
        """Open a block where it is used first."""
        document = self.workspace.current
        if isinstance(kind, Use):
            path = next(uses_of(document.project.graph, kind.block), None)
            if path is not None:
                document.level.open(path)
