"""What would happen if a wire were drawn: whether it fits, why not, and what would come out."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve

from engine import edits
from engine.analysis.check import check
from engine.analysis.measure import Arrival, measure
from engine.analysis.node import arrivals_at, examine, misfit
from engine.analysis.results import Analysis, Problem
from engine.kinds import BlockEnd, Layer
from engine.kinds.shapes import Shape
from engine.layers.combine import Add, Concatenate
from engine.layers.ends import Output
from engine.message import Message, Refused
from engine.project.graph import Node
from engine.project.project import Project
from engine.repairs.propose import Repair, Step, after, tried


def refusal(analysis: Analysis, source: str, output: str, target: str, input: str) -> Problem | None:
    """Why a wire would not fit into the analysed project, or None where it does.

    It also fits where nothing is known yet about what it would carry. The problem's repairs draw the wire
    too.
    """
    project = analysis.project
    arguments = {"source": source, "output": output, "target": target, "input": input}
    try:
        wired = edits.connect(project, source, output, target, input)
    except Refused as refused:
        return _refused(analysis, refused, arguments)
    problem = _misfit(wired, analysis, target)
    if problem is None:
        return None
    rest = evolve(problem, analysis=check(wired, analysis))
    step = Step("connect", arguments)
    return evolve(rest, known_repairs=tuple(after(analysis, step, repair) for repair in rest.repairs))


def fits(analysis: Analysis, source: str, output: str, target: str, input: str) -> bool:
    """Whether a wire may be drawn, without the reasons: quick enough to ask for every port while a wire is
    dragged.
    """
    try:
        wired = edits.connect(analysis.project, source, output, target, input)
    except Refused:
        return False
    return _misfit(wired, analysis, target) is None


def _refused(analysis: Analysis, refused: Refused, arguments: dict[str, str]) -> Problem:
    """A wire that the graph itself does not allow. One into a taken port may replace the wire that is there,
    or both may be joined before it.
    """
    nothing = Message("")
    problem = Problem(
        arguments["target"],
        "refused",
        "error",
        refused.message,
        nothing,
        nothing,
        nothing,
        arguments["input"],
        analysis=analysis,
        known_repairs=(),
    )
    instead = Repair(Message("Replace the wire"), (Step("connect", {**arguments, "replace": True}),))
    try:
        wired = instead.apply(analysis.project)
    except Refused:
        return problem
    ways = [instead] if _misfit(wired, analysis, arguments["target"]) is None else []
    repairs = [tried(analysis, way) for way in (*ways, *_joins(analysis, arguments))]
    return evolve(problem, known_repairs=tuple(repairs))


def _joins(analysis: Analysis, arguments: dict[str, str]) -> Iterator[Repair]:
    """The layers that bring the new wire together with the one that is at its port, where nothing breaks by
    it: side by side along the channels, else along the last axis.
    """
    graph = analysis.project.graph
    (present,) = graph.arriving(arguments["target"], arguments["input"])
    id, before = edits.new_id(graph), {problem.key for problem in _errors(analysis)}
    for ways in ((Add(),), (Concatenate(), Concatenate(axis=-1))):
        for kind in ways:
            insert = Step("insert", {"id": id, "kind": kind, "wire": present})
            ends = {"source": arguments["source"], "output": arguments["output"]}
            second = Step("connect", {**ends, "target": id, "input": kind.ports()[0].name})
            repair = Repair(Message("Join both with {kind}", kind=kind.label()), (insert, second))
            try:
                result = check(repair.apply(analysis.project), analysis)
            except Refused:
                continue
            if before.issuperset(problem.key for problem in _errors(result)):
                yield repair
                break


def _errors(analysis: Analysis) -> Iterator[Problem]:
    return (problem for problem in analysis.problems if problem.level == "error")


def _misfit(wired: Project, analysis: Analysis, target: str) -> Problem | None:
    """What a new wire breaks at its target. A port that still waits for other wires is not broken."""
    node = wired.graph.nodes[target]
    arrivals, broken = arrivals_at(wired.graph, node, analysis.found)
    _, problems = examine(node, arrivals, analysis.schema, broken)
    return next((problem for problem in problems if problem.name != "unwired"), None)


def outcome(analysis: Analysis, source: str, output: str, kind: Layer) -> Shape | Message:
    """What a layer would put out if it stood after a node's output, or why it would not fit there."""
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
