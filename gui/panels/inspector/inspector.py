"""Everything about what is selected: shapes, settings, cost and meaning; else about the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QMenu, QScrollArea, QVBoxLayout, QWidget

from engine import edits
from engine.kinds import Unknown
from engine.message import Message
from engine.project.blocks import Use
from engine.project.project import Project
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
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(0)
        self._later.timeout.connect(self.refresh)
        workspace.changed.connect(self._soon)
        workspace.selected.connect(self._soon)
        workspace.analysed.connect(self._soon)
        workspace.switched.connect(self._soon)
        workspace.entered.connect(self._soon)
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
        if ids != self.layer.ids:
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
        menu = QMenu(self)
        nodes = self.layer.nodes()
        muted = all(node.muted for node in nodes)
        menu.addAction(self.tr("Show on the canvas"), self._reveal)
        if not any(isinstance(node.kind.meant, Unknown) for node in nodes):
            menu.addAction(self.tr("Back to the usual settings"), self._reset)
        menu.addAction(self.tr("No longer mute") if muted else self.tr("Mute"), self._mute)
        menu.addSeparator()
        menu.addAction(self.tr("Remove and close the gap"), self._dissolve)
        menu.addAction(self.tr("Remove"), self._remove)
        return menu

    def _open_menu(self, button: QWidget) -> None:
        menu = self.menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(button.mapToGlobal(button.rect().bottomLeft()))

    def _reveal(self) -> None:
        self.workspace.reveal.emit(frozenset(self.layer.ids))

    def _reset(self) -> None:
        def reset(project: Project, ids: tuple[str, ...]) -> Project:
            for id in ids:
                kind = project.graph.nodes[id].kind.meant
                usual = Use(block=kind.block, repeat=kind.repeat) if isinstance(kind, Use) else type(kind)()
                project = edits.set_kind(project, id, usual)
            return project

        self.workspace.current.level.do(reset, self.layer.ids, label=Message("Usual settings"))

    def _mute(self) -> None:
        muted = all(node.muted for node in self.layer.nodes())
        label = Message("No longer mute") if muted else Message("Mute")
        self.workspace.current.level.do(edits.mute, self.layer.ids, not muted, label=label)

    def _dissolve(self) -> None:
        self.workspace.current.level.do(
            edits.dissolve, self.layer.ids, label=Message("Remove and close the gap")
        )

    def _remove(self) -> None:
        self.workspace.current.level.do(edits.remove, self.layer.ids, label=Message("Remove"))
