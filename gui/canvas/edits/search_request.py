"""What the search is asked for: a place on the canvas, or the end of a wire. No widgets."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen
from PySide6.QtCore import QCoreApplication

from engine import edits
from engine.analysis.walk import measure
from engine.kinds import Layer
from engine.kinds.shapes import Shape
from engine.layers.input_output import Input
from engine.message import Message
from engine.project.graph import Wire
from engine.project.layout import GAP, WIDTH, free_spot, height
from engine.project.project import Project
from engine.templates import neighbours
from gui.canvas.edits import changes
from gui.canvas.edits.fitting import Fitting, WireEnd
from gui.document import adding
from gui.text.code_line import code_line


@frozen
class SearchRequest:
    """Where a layer is wanted: at `at` on the canvas, at an end of a wire, or in a wire.

    `after` puts the layer below the end's node rather than at the place.
    """

    at: tuple[float, float]
    fitting: Fitting
    end: WireEnd | None = None
    wire: Wire | None = None
    after: bool = False

    @property
    def source(self) -> WireEnd | None:
        """The end that the layer would hang on, if there is one."""
        return WireEnd(self.wire.source, self.wire.output, False) if self.wire is not None else self.end

    def lies_in(self, project: Project) -> bool:
        """Whether what the layer would hang on is still there: the network may change beside the search."""
        if self.wire is not None:
            return self.wire in project.graph.wires
        return self.end is None or self.end.id in project.graph.nodes

    def outcome(self, kind: Layer) -> Shape | Message | None:
        """What a layer would put out there, why it does not fit, or None where nothing is known."""
        end = self.source
        if end is None:
            return None
        if end.entry:
            return None if kind.outputs else Message("puts nothing out")
        return self.fitting.outcome(end.id, end.port, kind)

    def usual(self) -> Mapping[str, int]:
        """How usual kinds are there, by their stem: what a network begins with where there is none yet."""
        end, nodes = self.source, self.fitting.project.graph.nodes
        if end is None or end.id not in nodes:
            return {} if nodes else {neighbours.stem(Input): 1}
        kind = nodes[end.id].kind
        return neighbours.before(kind) if end.entry else neighbours.after(kind)

    def edited(self, project: Project, kind: Layer, wired: bool = True) -> Project:
        """The project with that layer: placed, and wired where it fits and that is wanted. One that does not
        fit covers no other.
        """
        end, wire = self.end, self.wire
        if wired and not isinstance(self.outcome(kind), Message):
            if wire is not None and kind.ports() and kind.outputs:
                return changes.insert(project, kind, wire)
            if end is not None and self.after:
                id = edits.new_id(project.graph)
                return adding.add_after(project, id, kind, end.id, self.fitting.analysis)
            if end is not None and not end.entry:
                return changes.add_from(project, kind, end.id, end.port, self.place(kind))
            if end is not None and kind.outputs:
                return changes.add_before(project, kind, end.id, end.port, self.place(kind))
        id, spot = edits.new_id(project.graph), self.place(kind)
        if self.source is not None:
            spot = free_spot(project.graph, *spot, kind)
        placed = edits.add(project, id, kind, spot)
        led = self.wire_to(id, kind) if wired else None
        if led is None or not self.fitting.grown(placed).fits(led):
            return placed
        return edits.connect(placed, led.source, led.output, led.target, led.input)

    def wire_to(self, id: str, kind: Layer) -> Wire | None:
        """The wire that is meant to lead to a layer once it is placed, where one could."""
        end = self.source
        if end is None or end.entry or not kind.ports() or self.fitting.analysis is None:
            return None
        return Wire(end.id, end.port, id, kind.ports()[0].name)

    def place(self, kind: Layer) -> tuple[float, float]:
        """The corner of a layer that is put there: with its middle, or with its port at the end of a wire."""
        x, y = self.at
        tall = height(kind)
        node = self.fitting.project.graph.nodes.get(self.end.id) if self.end is not None else None
        if node is not None and self.after:
            return node.x, node.y + height(node.kind) + GAP
        if self.end is not None:
            y += -tall / 2 if self.end.entry else tall / 2
        return round(x - WIDTH / 2), round(y - tall / 2)

    def context(self) -> str:
        """What the layer would stand after or before, in words."""
        end = self.source
        node = self.fitting.project.graph.nodes.get(end.id) if end is not None else None
        if end is None or node is None:
            return ""
        if end.entry:
            return QCoreApplication.translate("Finder", "before {name}").format(name=node.name)
        text = QCoreApplication.translate("Finder", "after {name}").format(name=node.name)
        shape = self.fitting.shape(end.id, end.port)
        return f"{text}, {shape}" if shape is not None else text

    def code(self, kind: Layer) -> str:
        """The line that a layer is in PyTorch, where what it gets is known and fits."""
        end = self.source
        if end is None or end.entry:
            return ""
        shape = self.fitting.shape(end.id, end.port)
        return usual_line(kind, shape) if shape is not None else ""


def usual_line(kind: Layer, shape: Shape) -> str:
    """How an engineer would write that layer for what arrives; empty where it does not fit."""
    ports = kind.ports()
    if not ports or not kind.outputs:
        return ""
    wired = [port for port in ports if not port.optional] or ports[:1]
    if any(port.pattern.match(shape) is None for port in wired):
        return ""
    arrives = {port: (shape,) * max(port.least, 1) if port.many else shape for port in wired}
    measured = measure(kind, tuple(arrives.get(port) for port in ports))
    return "" if measured.objections or measured.code is None else code_line(kind, measured.code)
