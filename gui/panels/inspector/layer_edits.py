"""What a person does to the selected layers in the inspector: edits, and ways to other layers. No widgets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from engine import edits, kinds
from engine.edits import blocks, sharing
from engine.kinds import Layer
from engine.message import Illegal, Message, Refused
from engine.project.blocks import Exposed, Use
from engine.project.graph import Node
from engine.project.project import Project
from gui.canvas.edits import changes
from gui.forms.kind_form import SettingPath, with_setting

if TYPE_CHECKING:
    from engine.repairs.repair import Repair
    from gui.document.level import Level
    from gui.document.workspace import Workspace


class LayerEdits:
    """Edits of the layers `ids` of what is open in front. Each is a step that undo takes back."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.ids: tuple[str, ...] = ()

    @property
    def level(self) -> Level:
        """Where the layers stand."""
        return self.workspace.current.level

    def nodes(self) -> list[Node]:
        """The layers themselves, without those that have gone meanwhile."""
        graph = self.level.project.graph
        return [graph.nodes[id] for id in self.ids if id in graph.nodes]

    def trained(self, node: Node) -> Layer | None:
        """The same layer as it is being trained, where a run of the document goes on."""
        project = self.workspace.current.in_training
        graph = project.graph if project is not None else None
        for id in self.level.path:
            use = graph.nodes[id].kind if graph is not None and id in graph.nodes else None
            graph = use.graph if isinstance(use, Use) else None
        known = graph.nodes.get(node.id) if graph is not None else None
        return known.kind if known is not None else None

    # ------------------------------------------------------------------ settings

    def set(self, path: SettingPath, value: object) -> None:
        """Change one setting of all of them. Raises `Illegal` or `Refused`, and changes nothing then."""
        nodes = self.nodes()
        if not nodes:
            return
        param = next(p for p in kinds.params(nodes[0].kind) if p.name == path[0])
        what = Message(param.label.lower()) if len(path) == 1 else Message(path[-1].replace("_", " "))
        label = Message("Set {setting} of {name}", setting=what, name=nodes[0].name)
        if len(nodes) > 1:
            label = Message("Set {setting} of {number} layers", setting=what, number=len(nodes))
        ids = [node.id for node in nodes]
        set_settings(self.level.project, ids, path, value)
        own = self.level.chosen_here(ids[0], path[0]) if len(ids) == 1 and len(path) == 1 else None
        if own is not None:
            self._set_here(own.name, value, label)
        else:
            self.level.do(set_settings, ids, path, value, label=label, merge=("set", *ids, path))

    def _set_here(self, name: str, value: object, label: Message) -> None:
        """Set what this use of the open block has chosen for itself: it counts, not the definition's."""
        above, id = self.level.path[:-1], self.level.path[-1]
        arguments = {"id": id, "name": name, "value": value}
        self.workspace.current.do(
            blocks.inside, above, edits.set_param, **arguments, label=label, merge=("own", id, name)
        )

    def offer(self, param: str, name: str | None = None) -> None:
        """Let each use of the open block choose a setting, together with the one already offered by `name`
        where there is one.
        """
        level, id = self.level, self.ids[0]
        setting = Message(param.replace("_", " "))
        label = Message("Offer {setting} of {name}", setting=setting, name=level.node(id).name)
        self.workspace.current.do(blocks.expose, level.path, id, param, name, label=label)

    def keep_inside(self, offered: Exposed) -> None:
        """Let the uses of the open block choose a setting no longer."""
        level, id = self.level, self.ids[0]
        setting = Message(offered.param.replace("_", " "))
        label = Message("Keep {setting} of {name} inside", setting=setting, name=level.node(id).name)
        self.workspace.current.do(blocks.unexpose, level.path, offered.name, id, label=label)

    def seal(self) -> None:
        """The next edit is an undo step of its own."""
        self.workspace.current.seal()

    # ------------------------------------------------------------------ the name

    def accept_name(self, text: str) -> str:
        """A name as the layer would get it. Raises `Illegal`."""
        try:
            project = edits.rename(self.level.project, self.ids[0], text)
        except Refused as refused:
            raise Illegal(refused.message) from None
        return project.graph.nodes[self.ids[0]].name

    def rename(self, text: str) -> None:
        """Give the layer another name."""
        label = Message("Rename {name}", name=self.nodes()[0].name)
        self.level.do(edits.rename, self.ids[0], text, label=label, merge=("name", self.ids[0]))

    # ------------------------------------------------------------------ the layers as they are

    def repair(self, repair: Repair) -> None:
        """Take one of the ways out of a problem."""
        self.level.do(repair.apply, label=repair.title)

    def reset(self) -> None:
        """Back to the usual settings."""
        self.level.do(with_usual_settings, self.ids, label=Message("Usual settings"))

    def mute(self) -> None:
        """Mute them, or no longer where all are muted."""
        muted = all(node.muted for node in self.nodes())
        label = Message("No longer mute") if muted else Message("Mute")
        self.level.do(edits.mute, self.ids, not muted, label=label)

    def delete(self) -> None:
        """Take them out and join what they stood between, where it fits."""
        known = self.level.analysis if self.level.fresh else None
        self.level.do(changes.delete, known, self.ids, (), label=Message("Delete"))

    def delete_leaving_gap(self) -> None:
        """Take them out with every wire at them."""
        self.level.do(edits.remove, self.ids, label=Message("Delete and leave a gap"))

    def detach(self) -> None:
        """Give this use of a block a definition of its own."""
        label = Message("Detach {name}", name=self.nodes()[0].kind.label())
        self.level.do(blocks.detach, self.ids[0], label=label)

    def unshare(self) -> None:
        """Give a layer weights of its own."""
        label = Message("Weights of its own for {name}", name=self.nodes()[0].name)
        self.level.do(sharing.unshare, self.ids[0], label=label)

    # ------------------------------------------------------------------ ways to other layers

    def open_block(self) -> None:
        """Go to the inside of the block that the layer uses."""
        self.level.enter(self.ids[0])

    def show_use(self, path: tuple[str, ...]) -> None:
        """Go to the node at the end of a path from the network."""
        self.level.open(path[:-1])
        self.show_node(path[-1])

    def show_node(self, id: str) -> None:
        """Select another layer here, and bring it into sight."""
        self.workspace.current.select([id])
        self.workspace.reveal.emit(frozenset([id]))

    def reveal(self) -> None:
        """Bring the layers into sight on the canvas."""
        self.workspace.reveal.emit(frozenset(self.ids))


def set_settings(project: Project, ids: Iterable[str], path: SettingPath, value: object) -> Project:
    """Change one setting of several layers at once. Raises `Illegal`."""
    for id in ids:
        node = project.graph.nodes[id]
        project = edits.set_kind(project, id, with_setting(node.kind, path, value))
    return project


def with_usual_settings(project: Project, ids: Iterable[str]) -> Project:
    """The project with these layers as their declarations have them."""
    for id in ids:
        kind = project.graph.nodes[id].kind.meant
        usual = Use(block=kind.block, repeat=kind.repeat) if isinstance(kind, Use) else type(kind)()
        project = edits.set_kind(project, id, usual)
    return project
