"""Blocks and shared weights on the canvas: folding, opening, unfolding, sharing. Each is one step of undo."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QCoreApplication

from engine import edits
from engine.message import Message, Refused, Trouble
from engine.project.blocks import Use
from engine.project.project import Project
from engine.project.sharing import TIED
from gui.canvas.edit_commands import chosen_ids
from gui.canvas.edits import changes
from gui.canvas.tools.host import Host, Questions


class BlockCommands:
    """What can be done with blocks and with layers that share their weights."""

    def __init__(
        self,
        host: Host,
        say: Callable[[Message | Trouble], None],
        questions: Questions,
        refused: Callable[[Trouble], None],
    ) -> None:
        """`refused` is told why layers cannot be folded, as of any edit that is not made."""
        self._host, self._say, self._questions, self._refused = host, say, questions, refused

    def _chosen_use(self) -> str | None:
        """The block that is selected, if it is one and alone."""
        level = self._host.level
        chosen = chosen_ids(level)
        alone = len(chosen) == 1 and isinstance(level.node(chosen[0]).kind, Use)
        return chosen[0] if alone else None

    # ------------------------------------------------------------------ fold and unfold

    def fold(self) -> None:
        """Fold the selected layers into a block, once its name is typed."""
        level = self._host.level
        ids, project = chosen_ids(level), level.project
        try:
            edits.fold(project, ids)
        except Refused as refused:
            self._refused(refused)
            return
        name = edits.set_title(project, QCoreApplication.translate("Canvas", "Block")).graph.name
        title = QCoreApplication.translate("Canvas", "Name of the block")
        self._questions.ask_name(title, name, ids, self._fold_as)

    def _fold_as(self, name: str, ids: list[str]) -> None:
        host = self._host
        id = edits.new_id(host.level.project.graph)
        label = Message("Fold into {name}", name=name)
        if host.do(changes.fold, ids, name=name, id=id, label=label, glide=True):
            host.level.select({id})
            host.viewport.reveal([id])

    def unfold(self) -> None:
        """Put the layers of the selected blocks in their place."""
        level = self._host.level
        graph = level.project.graph
        ids = [id for id in chosen_ids(level) if isinstance(graph.nodes[id].kind, Use)]
        if not ids:
            self._say(Message("select a block first"))
            return
        others = graph.nodes.keys() - set(ids)

        def all_of(project: Project) -> Project:
            for id in ids:
                project = edits.unfold(project, id)
            return project

        label = (
            Message("Unfold {name}", name=graph.nodes[ids[0]].kind.label())
            if len(ids) == 1
            else Message("Unfold {number} blocks", number=len(ids))
        )
        if self._host.do(all_of, label=label, glide=True):
            level.select(level.project.graph.nodes.keys() - others)

    def detach(self) -> None:
        """Give the selected block a definition of its own, which no longer follows the others."""
        id = self._chosen_use()
        if id is not None:
            kind = self._host.level.node(id).kind
            self._host.do(edits.detach, id, label=Message("Detach {name}", name=kind.label()))

    def rename_block(self) -> None:
        """Type another name for the selected block, at all its uses."""
        id = self._chosen_use()
        if id is not None:
            title = QCoreApplication.translate("Canvas", "Name of the block")
            text = self._host.level.node(id).kind.label()
            self._questions.ask_name(title, text, [id], self._rename_block)

    def _rename_block(self, name: str, ids: list[str]) -> None:
        level = self._host.level
        kind = level.node(ids[0]).kind
        if name != kind.label():
            label = Message("Rename the block {name}", name=kind.label())
            level.document.do(edits.rename_block, (*level.path, ids[0]), name, label=label)

    # ------------------------------------------------------------------ open and leave

    def open_block(self) -> None:
        """Show the inside of the selected block in the place of the network."""
        id = self._chosen_use()
        if id is not None:
            self._host.level.enter(id)

    def go_up(self) -> None:
        """Leave the block that is open."""
        self._host.level.leave()

    # ------------------------------------------------------------------ shared weights

    def share_weights(self) -> None:
        """Let the selected layers share the weights of the first of them; of one alone ask with which."""
        ids = chosen_ids(self._host.level)
        if len(ids) > 1:
            self._share(ids[1:], ids[0])
        elif ids:
            id, owners = ids[0], self.owners(ids[0])
            if owners:
                self._questions.ask_owner(id, owners, lambda owner: self._share([id], owner))
            else:
                self._say(Message("there is no other layer of that kind whose weights it could share"))

    def _share(self, ids: Iterable[str], owner: str) -> None:
        def all_of(project: Project) -> Project:
            for id in ids:
                project = edits.share(project, id, owner)
            return project

        name = self._host.level.node(owner).name
        self._host.do(all_of, label=Message("Share the weights of {name}", name=name))

    def owners(self, id: str) -> list[str]:
        """The layers here whose weights a layer can share."""
        project = self._host.level.project
        graph = project.graph
        kind = graph.nodes[id].kind
        names = {type(kind).__name__}
        names |= TIED if names <= TIED else set()
        return [
            other
            for other, node in graph.nodes.items()
            if other != id
            and type(node.kind).__name__ in names
            and self.has_weights(other)
            and _can_share(project, id, other)
        ]

    def has_weights(self, id: str) -> bool:
        """Whether a layer has weights that could be shared, as far as is known."""
        analysis = self._host.level.analysis
        facts = analysis.nodes.get(id) if analysis is not None else None
        return facts is None or not facts.known or bool(facts.parameters or facts.shares)

    def unshare(self) -> None:
        """Give the selected layers weights of their own."""
        level = self._host.level
        graph = level.project.graph
        ids = [id for id in chosen_ids(level) if graph.nodes[id].shares or id in graph.sharers]

        def all_of(project: Project) -> Project:
            for id in ids:
                if project.graph.nodes[id].shares or id in project.graph.sharers:
                    project = edits.unshare(project, id)
            return project

        if ids:
            name = graph.nodes[ids[0]].name
            self._host.do(all_of, label=Message("Weights of its own for {name}", name=name))


def _can_share(project: Project, id: str, owner: str) -> bool:
    try:
        edits.share(project, id, owner)
    except Trouble:
        return False
    return True
