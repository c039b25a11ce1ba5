"""One node: what arrives at it, what is known of it then, and what is wrong with it.

Nothing here runs a module or looks into a block: what was measured and what is wrong inside is handed in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from attrs import evolve

from engine.analysis.block_results import BlockResult
from engine.analysis.measure import Arrival, Measured, incoming
from engine.analysis.problems import (
    ILLEGAL_SETTING,
    ILLEGAL_SETTINGS,
    INSIDE,
    INSIDE_REPETITION,
    MISPLACED_INSIDE,
    MISPLACED_OUTSIDE,
    MISSING_COLUMN,
    NOTHING_TO_PASS,
    TOO_FEW_WIRES,
    UNKNOWN_KIND,
    UNMEASURED,
    UNWIRED,
    WRONG_NUMBERS,
    WRONG_RANK,
    WRONG_SHAPE,
    objected,
)
from engine.analysis.results import Facts, NodeResult, Problem
from engine.data.schema import Schema
from engine.kinds import BlockEnd, Layer, Unknown
from engine.kinds.objections import Objection
from engine.kinds.ports import Port
from engine.kinds.shapes import Shape
from engine.kinds.unreadable import InvalidLayer
from engine.layers.input_output import Input, Output
from engine.message import Message
from engine.project.graph import Graph, Node

Examined = tuple[Facts, list[Problem]]
"""What is known of a node, and what is wrong with it."""
Inputs = dict[str, tuple[Shape, ...]]
"""The shapes that arrive at each port, by its name."""


def arrivals_at(
    graph: Graph, node: Node, results: Mapping[str, NodeResult]
) -> tuple[tuple[Arrival, ...], frozenset[str]]:
    """The shapes at each port, and the ports at which a wire arrives that carries nothing known."""
    wires = graph.incoming(node.id)
    carried = [results[wire.source].facts.outputs.get(wire.output) for wire in wires]
    ports = node.kind.ports()
    # one wire into the one port, by far the most frequent: asked of every node after every edit
    if len(wires) == 1 and len(ports) == 1 and not ports[0].many and carried[0] is not None:
        return (carried[0],), _NONE
    arrivals: list[Arrival] = []
    for port in ports:
        shapes = [shape for wire, shape in zip(wires, carried, strict=True) if wire.input == port.name]
        if port.many:
            arrivals.append(tuple(shape for shape in shapes if shape is not None))
        else:
            arrivals.append(shapes[0] if shapes else None)
    return tuple(arrivals), frozenset(
        wire.input for wire, shape in zip(wires, carried, strict=True) if shape is None
    )


_NONE: frozenset[str] = frozenset()


def node_result(
    node: Node,
    arrivals: tuple[Arrival, ...],
    broken: frozenset[str],
    alive: bool,
    schema: Schema | None,
    examined: Examined,
) -> NodeResult:
    """The result for a node that was examined. Where no Output needs it, its errors stop nothing."""
    facts, problems = examined
    if not alive and not isinstance(node.kind.meant, Output):  # where it was meant to end, it is in use
        facts = evolve(facts, unused=True)
        problems = [evolve(problem, level="warning") for problem in problems]
    return NodeResult(node, arrivals, broken, alive, schema, facts, tuple(problems))


def misplaced(node: Node, inside: bool) -> Examined | None:
    """An Input or Output `inside` a block, an Entry or Exit outside of one; None for all else."""
    if not isinstance(node.kind, Input | Output if inside else BlockEnd):
        return None
    declared = MISPLACED_INSIDE if inside else MISPLACED_OUTSIDE
    instead = "Entry" if node.kind.outputs else "Exit"
    return Facts(), [declared(node.id, kind=node.kind.label(), instead=instead)]


def examine_unmeasured(
    node: Node, arrivals: tuple[Arrival, ...], broken: frozenset[str], schema: Schema | None
) -> Examined | None:
    """The facts and problems of a node that need no measuring, None where the layer has to be measured: it is
    known, not muted, no end, and what arrives fits its ports.

    `broken` ports have a wire that carries nothing known.
    """
    kind = node.kind
    if isinstance(kind, InvalidLayer):
        return Facts(), [_illegal_settings(node, kind)]
    if isinstance(kind, Unknown):
        return Facts(), [UNKNOWN_KIND(node.id, kind=kind.kind_name, reason=kind.reason)]
    if isinstance(kind, Input):
        return _examine_input(node, kind, schema)
    if isinstance(kind, BlockEnd) and not kind.ports():
        given = arrivals[0] if arrivals else None
        return Facts({}, {"out": given} if isinstance(given, Shape) else {}, known=given is not None), []
    inputs = _inputs(kind, arrivals)
    if node.skipped:
        return _examine_muted(node, inputs, broken)
    ports = zip(kind.ports(), arrivals, strict=True)
    misfits = [misfit(node, port, arrival, port.name in broken) for port, arrival in ports]
    problems = [problem for problem in misfits if problem is not None]
    if problems or broken:  # what does not fit cannot be measured, nor what is not known
        return Facts(inputs), problems
    if isinstance(kind, Output):
        return _examine_output(node, kind, arrivals, schema, inputs)
    if isinstance(kind, BlockEnd):
        return Facts(inputs, known=True), []
    return None


def examine_measured(
    node: Node, arrivals: tuple[Arrival, ...], measured: Measured, inside: Sequence[BlockResult] = ()
) -> Examined:
    """The facts and problems of a node that was measured. `inside` is what is known of each repetition of the
    block that it uses.
    """
    kind = node.kind
    inputs = _inputs(kind, arrivals)
    # the problems inside say more than the one objection that the block as a whole comes to
    problems = list(_problems_inside(node, inside))
    problems = problems or _objected(node, inputs, measured.objections)
    if problems:
        return Facts(inputs), problems
    return Facts(
        inputs,
        dict(zip(kind.outputs, measured.outputs, strict=True)),
        measured.parameters,
        measured.macs,
        measured.activation_bytes,
        measured.inside,
        known=True,
        code=measured.code,
        frozen=measured.frozen,
        weights=measured.weights,
        uncounted=measured.uncounted,
    ), []


def _inputs(kind: Layer, arrivals: tuple[Arrival, ...]) -> Inputs:
    return {
        port.name: arrival if isinstance(arrival, tuple) else () if arrival is None else (arrival,)
        for port, arrival in zip(kind.ports(), arrivals, strict=True)
    }


def _examine_muted(node: Node, inputs: Inputs, broken: frozenset[str]) -> Examined:
    """A muted layer passes on the first that arrives at its first wired port."""
    wired = next((name for name, shapes in inputs.items() if shapes or name in broken), "")
    if not wired:
        port = node.kind.ports()[0]
        return Facts(inputs), [NOTHING_TO_PASS(node.id, port=port.name, doc=port.doc, pattern=port.pattern)]
    first = inputs[wired][0] if wired not in broken else None
    outputs = dict.fromkeys(node.kind.outputs, first) if first is not None else {}
    return Facts(inputs, outputs, known=first is not None), []


def _illegal_settings(node: Node, kind: InvalidLayer) -> Problem:
    """What is wrong with settings that came from a file."""
    declared = ILLEGAL_SETTING if len(kind.invalid) == 1 else ILLEGAL_SETTINGS
    return declared(node.id, kind=kind.label(), reason=kind.reason)


def _problems_inside(node: Node, inside: Sequence[BlockResult]) -> Iterator[Problem]:
    """What is wrong within a block for what arrives at it: its own problems, as ones of the node."""
    for number, repetition in enumerate(inside):
        for problem in repetition.errors:
            declared = INSIDE if number == 0 else INSIDE_REPETITION
            yield declared(
                node.id,
                inner=problem,
                layer=repetition.use.graph.nodes[problem.node].name,
                message=problem.message,
                expected=problem.expected,
                received=problem.received,
                why=problem.why,
                repetition=number,
                time=number + 1,
            )


def misfit(node: Node, port: Port, arrival: Arrival, broken: bool) -> Problem | None:
    """What is wrong at one port of a node, or None. A missing wire is no fault of a `broken` port."""
    shapes = arrival if isinstance(arrival, tuple) else () if arrival is None else (arrival,)
    least = port.least if port.many else 0 if port.optional else 1
    if len(shapes) < least and not broken:
        return _unwired(node, port, len(shapes))
    for shape in shapes:
        if port.pattern.match(shape) is None:
            return _wrong_shape(node, port, shape)
        whole = {"int", "bool"} if port.dtype == "int" else {port.dtype}
        if port.dtype != "any" and shape.dtype not in whole:
            wanted, present = _NUMBERS[port.dtype], _NUMBERS[shape.dtype]
            return WRONG_NUMBERS(node.id, port=port.name, wanted=wanted, present=present, doc=port.doc)
    return None


def _unwired(node: Node, port: Port, number: int) -> Problem:
    """A port with fewer wires than it needs: `number` of them."""
    if not port.many:
        return UNWIRED(node.id, port=port.name, doc=port.doc, pattern=port.pattern)
    present = Message("one wire") if number == 1 else Message("nothing")
    return TOO_FEW_WIRES(node.id, port=port.name, least=port.least, present=present)


_NUMBERS = {
    "float": Message("decimal numbers"),
    "int": Message("whole numbers, such as the ids of words"),
    "bool": Message("yes or no"),
    "complex": Message("complex numbers"),
}


def _wrong_shape(node: Node, port: Port, shape: Shape) -> Problem:
    rank, received = port.pattern.rank, len(shape.dims)
    declared = WRONG_SHAPE if rank is None or rank == received else WRONG_RANK
    return declared(
        node.id,
        port=port.name,
        pattern=port.pattern,
        shape=shape,
        doc=port.doc,
        rank=rank,
        received=received,
    )


def _objected(
    node: Node, inputs: Mapping[str, tuple[Shape, ...]], objections: Iterable[Objection]
) -> list[Problem]:
    """What a layer or a loss objects to, where those shapes arrive."""
    arrived = [shape for shapes in inputs.values() for shape in shapes]
    return [objected(node.id, objection, arrived) for objection in objections]


def _examine_input(node: Node, kind: Input, schema: Schema | None) -> tuple[Facts, list[Problem]]:
    if schema is None:
        return Facts(), []
    name = kind.column or schema.inputs[0]
    column = schema.columns.get(name)
    if column is None:
        return Facts(), [_missing_column(node, name, schema)]
    return Facts({}, {"out": column.shaped}, known=True), []


def _examine_output(
    node: Node,
    kind: Output,
    arrivals: tuple[Arrival, ...],
    schema: Schema | None,
    inputs: Mapping[str, tuple[Shape, ...]],
) -> tuple[Facts, list[Problem]]:
    ports = zip(kind.ports(), arrivals, strict=True)
    predictions: list[Any] = [incoming(port, arrival) for port, arrival in ports]  # None where one is free
    objections = list(kind.loss.among(*predictions))
    if schema is not None and kind.loss.judged:
        name = kind.target or schema.target
        column = schema.columns.get(name)
        if column is None:
            return Facts(inputs), [_missing_column(node, name, schema)]
        objections += kind.loss.object(predictions[0], column)
    problems = _objected(node, inputs, objections)
    notes = (
        []
        if problems
        else [UNMEASURED(node.id, metric=name, reason=why) for name, why in kind.unmeasured(schema)]
    )
    return Facts(inputs, {}, known=not problems), [*problems, *notes]


def _missing_column(node: Node, name: str, schema: Schema) -> Problem:
    return MISSING_COLUMN(node.id, name=name, names=", ".join(schema.columns))
