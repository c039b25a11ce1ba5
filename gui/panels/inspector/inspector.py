"""Everything about what is selected: shapes, settings, cost and meaning; else about the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QMenu, QScrollArea, QVBoxLayout, QWidget

from engine.kinds import Unknown
from gui.deferred import Deferred
from gui.panels.inspector.block_page import BlockPage
from gui.panels.inspector.layer_page import LayerPage
from gui.panels.inspector.network_page import NetworkPage
from gui.style import theme

if TYPE_CHECKING:
    from gui.document.workspace import Workspace


class Inspector(QScrollArea):
    """The right dock's first tab. While hidden it costs nothing; an edit elsewhere rebuilds nothing."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workspace = workspace
        self.panel_title = self.tr("Inspector")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(self.panel_title)
        inside = QWidget()
        inside.setProperty("ground", "panel")
        inside.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.network = NetworkPage(workspace, inside)
        self.block = BlockPage(workspace, inside)
        self.layer = LayerPage(workspace, inside)
        column.addWidget(self.network)
        column.addWidget(self.block)
        column.addWidget(self.layer)
        column.addStretch(1)
        self.setWidget(inside)
        self.layer.menu_wanted.connect(self._open_menu)
        self._later = Deferred(self.refresh, self)
        workspace.changed.connect(self._soon)
        workspace.selected.connect(self._soon)
        workspace.analysed.connect(self._soon)
        workspace.switched.connect(self._soon)
        workspace.entered.connect(self._soon)
        workspace.training_changed.connect(self._soon)
        theme.theme_changed.connect(self._soon)
        self._choose_page()

    def _soon(self, _: object) -> None:
        """One refresh for all that happens at once: an edit, its selection and its analysis."""
        if self.isVisible():
            self._later.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def refresh(self) -> None:
        """Show what is selected now, as it is now."""
        if self._choose_page():
            return
        if self.workspace.current.level.path:
            self.block.refresh()
        else:
            self.network.refresh()

    def _choose_page(self) -> bool:
        document = self.workspace.current.level
        chosen = document.selection
        ids = tuple(id for id in document.project.graph.nodes if id in chosen) if chosen else ()
        if ids != self.layer.edits.ids:
            self.verticalScrollBar().setValue(0)
        self.network.setVisible(not ids and not document.path)
        self.block.setVisible(not ids and bool(document.path))
        self.layer.setVisible(bool(ids))
        if ids:
            self.layer.show_layers(ids)
        return bool(ids)

    # ------------------------------------------------------------------ the menu of a layer

    def menu(self) -> QMenu:
        """What else can be done with the selected layers."""
        menu, edits = QMenu(self), self.layer.edits
        nodes = edits.nodes()
        muted = all(node.muted for node in nodes)
        menu.addAction(self.tr("Show on the canvas"), edits.reveal)
        if not any(isinstance(node.kind.meant, Unknown) for node in nodes):
            menu.addAction(self.tr("Back to the usual settings"), edits.reset)
        menu.addAction(self.tr("No longer mute") if muted else self.tr("Mute"), edits.mute)
        menu.addSeparator()
        menu.addAction(self.tr("Delete"), edits.delete)
        menu.addAction(self.tr("Delete and leave a gap"), edits.delete_leaving_gap)
        return menu

    def _open_menu(self, button: QWidget) -> None:
        menu = self.menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(button.mapToGlobal(button.rect().bottomLeft()))
