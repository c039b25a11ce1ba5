"""What would come of a wire or a layer that is not there yet: whether it fits, and what it would put out."""

from __future__ import annotations

from engine import edits, kinds
from engine.analysis.examine import arrivals_at, misfit
from engine.analysis.measure import Arrival
from engine.analysis.problems import UNWIRED
from engine.analysis.results import Analysis, Problem
from engine.analysis.walk import examine, measure
from engine.kinds import BlockEnd, Layer
from engine.kinds.shapes import Shape
from engine.layers.dense import Linear
from engine.layers.input_output import Output
from engine.message import Message, Refused
from engine.project.graph import Graph, Node
from engine.project.project import Project


def fits(analysis: Analysis, source: str, output: str, target: str, input: str) -> bool:
    """Whether a wire may be drawn, without the reasons: quick enough to ask for every port while a wire is
    dragged.
    """
    try:
        wired = edits.connect(analysis.project, source, output, target, input)
    except Refused:
        return False
    return broken_by(wired, analysis, target) is None


def broken_by(wired: Project, analysis: Analysis, target: str) -> Problem | None:
    """What a new wire breaks at its target. A port that still waits for other wires is not broken."""
    node = wired.graph.nodes[target]
    arrivals, broken = arrivals_at(wired.graph, node, analysis.results)
    _, problems = examine(node, arrivals, broken, analysis.schema)
    return next((problem for problem in problems if problem.name != UNWIRED.name), None)


def following(graph: Graph, source: str, kind: Layer) -> Layer:
    """The layer as it stands after a node: behind a Linear that takes a picture row by row another one does
    so too, without being told again.
    """
    if not isinstance(kind, Linear) or kind.each:
        return kind
    id = source
    while not isinstance(above := graph.nodes[id].kind, Linear):
        wires = graph.incoming(id)
        if len(wires) != 1:
            return kind
        id = wires[0].source
    return kinds.changed(kind, "each", True) if above.each else kind


def outcome(analysis: Analysis, source: str, output: str, kind: Layer) -> Shape | Message:
    """What a layer would put out if it stood after a node's output, or why it would not fit there."""
    kind = following(analysis.project.graph, source, kind) if source in analysis.nodes else kind
    facts = analysis.nodes.get(source)
    shape = facts.outputs.get(output) if facts else None
    if shape is None:
        return Message("the shape before it is not known")
    ports = kind.ports()
    if not ports:
        return Message("takes no input")
    first = ports[0]
    arrival: Arrival = (shape,) * max(first.least, 1) if first.many else shape
    problem = misfit(Node("", kind, kind.label()), first, arrival, False)
    if problem is not None:
        return Message(
            "needs {expected}, this is {received}", expected=problem.expected, received=problem.received
        )
    if isinstance(kind, Output | BlockEnd):
        return shape
    if any(not port.optional for port in ports[1:]):
        return Message("needs {number} wire{number:|s}", number=len(ports))
    measured = measure(kind, (arrival, *(None for _ in ports[1:])))
    if measured.objections:
        return Message("needs {expected}", expected=measured.objections[0].expected)
    return measured.outputs[0]
