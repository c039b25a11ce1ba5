"""Where a problem is, and the ideas that any problem at a node suggests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import frozen

from engine import edits, kinds
from engine.analysis.results import Analysis, Problem
from engine.kinds import Kind, Layer
from engine.kinds.shapes import Shape
from engine.message import Message
from engine.project.graph import Graph, Node, Wire
from engine.repairs.repair import NamedEdit, Repair

Ideas = Iterator[Repair]
"""Ways out that may work, the most likely first."""


@frozen
class Site:
    """Where a problem is: its node and what stands around it."""

    problem: Problem
    analysis: Analysis
    graph: Graph
    node: Node

    @property
    def wires(self) -> tuple[Wire, ...]:
        """The wires into the port that the problem names, or into the node."""
        if self.problem.port:
            return self.graph.arriving(self.node.id, self.problem.port)
        return self.graph.incoming(self.node.id)

    def shape(self, wire: Wire) -> Shape | None:
        """What a wire carries."""
        return self.analysis.nodes[wire.source].outputs.get(wire.output)

    def put_in(self, title: Message, wire: Wire, *layers: Layer) -> Repair:
        """Put layers into a wire, one after the other."""
        return Repair(title, self.steps_in(wire, *layers))

    def steps_in(self, wire: Wire, *layers: Layer) -> tuple[NamedEdit, ...]:
        """The edits that put layers into a wire, one after the other."""
        steps, rest = [], wire
        for id, layer in zip(edits.new_ids(self.graph, len(layers)), layers, strict=True):
            steps.append(NamedEdit("insert", {"id": id, "kind": layer, "wire": rest}))
            rest = Wire(id, layer.outputs[0], wire.target, wire.input)
        return tuple(steps)

    def producer(self, wire: Wire, *families: type[Layer]) -> Node | None:
        """The nearest layer of some families above a wire, through layers that have one input."""
        id = wire.source
        while True:
            node = self.graph.nodes[id]
            if isinstance(node.kind, families):
                return node
            above = self.graph.incoming(id)
            if len(above) != 1:
                return None
            id = above[0].source


def label(node: Node, name: str) -> str:
    """What a setting is called within a sentence."""
    return next((p.label.lower() for p in kinds.params(node.kind) if p.name == name), name)


def set_param(node: Node, name: str, value: Any, title: Message | None = None) -> Repair:
    """Change one setting of a layer. Without a title the repair is called after the setting and the value."""
    edit = NamedEdit("set_param", {"id": node.id, "name": name, "value": value})
    return Repair(title or _called(label(node, name), value), (edit,))


def _called(setting: str, value: Any) -> Message:
    if isinstance(value, bool):
        return Message("Turn {setting} on" if value else "Turn {setting} off", setting=setting)
    if value is None:
        return Message("Clear {setting}", setting=setting)
    shown = "×".join(map(str, value)) if isinstance(value, tuple) else value
    shown = shown.label().lower() if isinstance(shown, Kind) else shown
    return Message("Set {setting} to {value}", setting=setting, value=shown)


def settings(site: Site) -> Ideas:
    """Settings that the layer itself says would do, then taking the layer out of the way."""
    suggested = site.problem.facts.get("settings", ())
    for name, value in suggested if isinstance(suggested, tuple) else ():
        yield set_param(site.node, name, value)
    # where wires of several layers come together, all but one would lead nowhere
    if site.node.kind.outputs and len({wire.source for wire in site.graph.incoming(site.node.id)}) == 1:
        remove = NamedEdit("dissolve", {"ids": (site.node.id,)})
        yield Repair(Message("Remove {name}", name=site.node.name), (remove,))
