"""Blocks and shared weights on the canvas: folding, opening, unfolding, sharing. Each is one step of undo."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QMenu, QWidget

from engine import edits
from engine.edits import blocks, folding, sharing
from engine.message import Message, Refused, Trouble
from engine.project.blocks import Use
from engine.project.project import Project
from engine.project.sharing import TIED
from gui.canvas.edit_commands import Deeds
from gui.canvas.edits import changes
from gui.canvas.overlays.rename import TakeName
from gui.style import icons


class Blocks(Deeds):
    """What can be done with blocks and with layers that share their weights."""

    def ask_name(self, title: str, text: str, ids: list[str], take: TakeName) -> None:
        """Let a name be typed at the top of these layers; `take` is called with it."""

    def _chosen_use(self) -> str | None:
        """The block that is selected, if it is one and alone."""
        chosen = self._chosen()
        alone = len(chosen) == 1 and isinstance(self.document.node(chosen[0]).kind, Use)
        return chosen[0] if alone else None

    # ------------------------------------------------------------------ fold and unfold

    def fold(self) -> None:
        """Fold the selected layers into a block, once its name is typed."""
        ids = self._chosen()
        try:
            folding.fold(self.document.project, ids)
        except Refused as refused:
            self.workspace.refused.emit(refused)
            return
        name = edits.set_title(self.document.project, self.tr("Block")).graph.name
        self.ask_name(self.tr("Name of the block"), name, ids, self._fold_as)

    def _fold_as(self, name: str, ids: list[str]) -> None:
        id = edits.new_id(self.document.project.graph)
        label = Message("Fold into {name}", name=name)
        if self.do(changes.fold, ids, name=name, id=id, label=label, glide=True):
            self.document.select({id})
            self.reveal([id])

    def unfold(self) -> None:
        """Put the layers of the selected blocks in their place."""
        graph = self.document.project.graph
        ids = [id for id in self._chosen() if isinstance(graph.nodes[id].kind, Use)]
        if not ids:
            self.workspace.say(Message("select a block first"))
            return
        kept = graph.nodes.keys() - set(ids)

        def all_of(project: Project) -> Project:
            for id in ids:
                project = folding.unfold(project, id)
            return project

        label = (
            Message("Unfold {name}", name=graph.nodes[ids[0]].kind.label())
            if len(ids) == 1
            else Message("Unfold {number} blocks", number=len(ids))
        )
        if self.do(all_of, label=label, glide=True):
            self.document.select(self.document.project.graph.nodes.keys() - kept)

    def detach(self) -> None:
        """Give the selected block a definition of its own, which no longer follows the others."""
        id = self._chosen_use()
        if id is not None:
            kind = self.document.node(id).kind
            self.do(blocks.detach, id, label=Message("Detach {name}", name=kind.label()))

    def rename_block(self) -> None:
        """Type another name for the selected block, at all its uses."""
        id = self._chosen_use()
        if id is not None:
            title = self.document.node(id).kind.label()
            self.ask_name(self.tr("Name of the block"), title, [id], self._rename_block)

    def _rename_block(self, name: str, ids: list[str]) -> None:
        kind = self.document.node(ids[0]).kind
        if name != kind.label():
            label = Message("Rename the block {name}", name=kind.label())
            path = (*self.document.path, ids[0])
            self.document.document.do(blocks.rename_block, path, name, label=label)

    # ------------------------------------------------------------------ open and leave

    def open_block(self) -> None:
        """Show the inside of the selected block in the place of the network."""
        id = self._chosen_use()
        if id is not None:
            self.document.enter(id)

    def go_up(self) -> None:
        """Leave the block that is open."""
        self.document.leave()

    # ------------------------------------------------------------------ shared weights

    def share_weights(self) -> None:
        """Let the selected layers share the weights of the first of them; of one alone ask with which."""
        ids = self._chosen()
        if len(ids) > 1:
            self._share(ids[1:], ids[0])
        elif ids:
            self._ask_owner(ids[0])

    def _share(self, ids: list[str], owner: str) -> None:
        def all_of(project: Project) -> Project:
            for id in ids:
                project = sharing.share(project, id, owner)
            return project

        self.do(all_of, label=Message("Share the weights of {name}", name=self.document.node(owner).name))

    def _ask_owner(self, id: str) -> None:
        menu = self.owners_menu(id, self)
        if menu.isEmpty():
            menu.deleteLater()
            self.workspace.say(Message("there is no other layer of that kind whose weights it could share"))
            return
        x, y, width, height = self.scene.rects[self.scene.row[id]].tolist()
        left, top = self.camera.to_screen(x + width / 2, y + height)
        menu.popup(self.mapToGlobal(QPoint(round(left), round(top))))

    def owners(self, id: str) -> list[str]:
        """The layers here whose weights a layer can share."""
        project = self.document.project
        graph = project.graph
        kind = graph.nodes[id].kind
        names = {type(kind).__name__}
        names |= TIED if names <= TIED else set()
        return [
            other
            for other, node in graph.nodes.items()
            if other != id and type(node.kind).__name__ in names
            if self.has_weights(other) and _can_share(project, id, other)
        ]

    def has_weights(self, id: str) -> bool:
        """Whether a layer has weights that could be shared, as far as is known."""
        facts = self.labels.facts(id)
        return facts is None or not facts.known or bool(facts.parameters or facts.shares)

    def owners_menu(self, id: str, parent: QWidget) -> QMenu:
        """The layers whose weights one can share, by name."""
        menu = QMenu(self.tr("Share weights with…"), parent)
        for owner in self.owners(id):
            node = self.document.node(owner)
            act = menu.addAction(f"{node.kind.label()}  {node.name}".replace("&", "&&"))
            act.setIcon(icons.icon("link", "text2"))
            act.triggered.connect(_Sharing(menu, self, id, owner).run)
        return menu

    def unshare(self) -> None:
        """Give the selected layers weights of their own."""
        graph = self.document.project.graph
        ids = [id for id in self._chosen() if graph.nodes[id].shares or id in graph.sharers]

        def all_of(project: Project) -> Project:
            for id in ids:
                if project.graph.nodes[id].shares or id in project.graph.sharers:
                    project = sharing.unshare(project, id)
            return project

        if ids:
            self.do(all_of, label=Message("Weights of its own for {name}", name=graph.nodes[ids[0]].name))


class _Sharing(QObject):
    """One line of the menu of owners; it goes with its menu."""

    def __init__(self, menu: QMenu, canvas: Blocks, id: str, owner: str) -> None:
        super().__init__(menu)
        self._canvas, self._id, self._owner = canvas, id, owner

    def run(self) -> None:
        self._canvas._share([self._id], self._owner)


def _can_share(project: Project, id: str, owner: str) -> bool:
    try:
        sharing.share(project, id, owner)
    except Trouble:
        return False
    return True
