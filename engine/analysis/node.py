"""One node: what arrives at it, what is known of it then, and what is wrong with it.

Nothing here runs a module or looks into a block: what was measured and what is wrong inside is handed in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import evolve

from engine.analysis.block_results import BlockResult
from engine.analysis.measure import Arrival, Measured, incoming
from engine.analysis.results import Facts, NodeResult, Problem
from engine.data.schema import Schema
from engine.kinds import BlockEnd, Layer, Unknown
from engine.kinds.objections import Objection
from engine.kinds.ports import Port
from engine.kinds.shapes import Shape
from engine.kinds.unreadable import Misset
from engine.layers.ends import Input, Output
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


def result(
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
    kind, instead = node.kind.label(), "Entry" if node.kind.outputs else "Exit"
    if inside:
        message = Message(
            "cannot stand inside a block; data goes into a block at an Entry and out at an Exit"
        )
        expected = Message("a{instead:|n} {instead}", instead=instead)
        why = Message("Columns of the data belong to the network, so that a block can be used anywhere.")
    else:
        message = Message("stands outside of a block, where nothing goes in or out")
        expected = Message("an Input or Output")
        why = Message("An Entry and an Exit are the ends of a block.")
    received = Message("a{kind:|n} {kind}", kind=kind)
    return Facts(), [Problem(node.id, "misplaced", "error", message, expected, received, why)]


def examine_unmeasured(
    node: Node, arrivals: tuple[Arrival, ...], broken: frozenset[str], schema: Schema | None
) -> Examined | None:
    """The facts and problems of a node that need no measuring, None where the layer has to be measured: it is
    known, not muted, no end, and what arrives fits its ports.

    `broken` ports have a wire that carries nothing known.
    """
    kind = node.kind
    if isinstance(kind, Misset):
        return Facts(), [_illegal_settings(node, kind)]
    if isinstance(kind, Unknown):
        return Facts(), [_unknown_kind(node, kind)]
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
    problems = problems or [_objected(node, objection, inputs) for objection in measured.objections]
    if problems:
        return Facts(inputs), problems
    return Facts(
        inputs,
        dict(zip(kind.outputs, measured.outputs, strict=True)),
        measured.parameters,
        measured.macs,
        measured.activation_bytes,
        known=True,
        code=measured.code,
        frozen=measured.frozen,
        weights=measured.weights,
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
        return Facts(inputs), [_nothing_to_pass(node, node.kind.ports()[0])]
    first = inputs[wired][0] if wired not in broken else None
    outputs = dict.fromkeys(node.kind.outputs, first) if first is not None else {}
    return Facts(inputs, outputs, known=first is not None), []


def _unknown_kind(node: Node, kind: Unknown) -> Problem:
    return Problem(
        node.id,
        "unknown-kind",
        "error",
        Message("is of a kind that is not known here: {reason}", reason=kind.reason),
        Message("a kind that this program has"),
        Message("{kind}", kind=kind.kind_name),
        Message("Its data is kept when the network is saved."),
    )


def _illegal_settings(node: Node, kind: Misset) -> Problem:
    """What is wrong with settings that came from a file."""
    return Problem(
        node.id,
        "illegal-setting",
        "error",
        Message("has a setting that is not legal: {reason}", reason=kind.reason)
        if len(kind.faults) == 1
        else Message("has settings that are not legal: {reason}", reason=kind.reason),
        Message("legal settings of a{kind:|n} {kind}", kind=kind.label()),
        kind.reason,
        Message("What the file says is kept until it is changed."),
    )


def _problems_inside(node: Node, inside: Sequence[BlockResult]) -> Iterator[Problem]:
    """What is wrong within a block for what arrives at it: its own problems, as ones of the node."""
    for number, repetition in enumerate(inside):
        for problem in repetition.errors:
            layer = repetition.use.graph.nodes[problem.node]
            words = {"layer": layer.name, "message": problem.message, "time": number + 1}
            yield Problem(
                node.id,
                "inside",
                "error",
                Message("has a problem inside: {layer} {message}", **words)
                if number == 0
                else Message("has a problem inside, at repetition {time}: {layer} {message}", **words),
                problem.expected,
                problem.received,
                problem.why,
                facts={"turn": number},
                inner=problem,
            )


def misfit(node: Node, port: Port, arrival: Arrival, broken: bool) -> Problem | None:
    """What is wrong at one port of a node, or None. A missing wire is no fault of a `broken` port."""
    shapes = arrival if isinstance(arrival, tuple) else () if arrival is None else (arrival,)
    least = port.least if port.many else 0 if port.optional else 1
    if len(shapes) < least and not broken:
        return _unwired(node, port, len(shapes))
    for shape in shapes:
        if port.pattern.match(shape) is None:
            return Problem(
                node.id,
                "wrong-shape",
                "error",
                Message("expects {expected} but receives {received}", expected=port.pattern, received=shape),
                Message("{pattern}", pattern=port.pattern),
                Message("{shape}", shape=shape),
                _why_misfit(port, shape),
                port.name,
                {"shape": shape},
            )
        whole = {"int", "bool"} if port.dtype == "int" else {port.dtype}
        if port.dtype != "any" and shape.dtype not in whole:
            wanted, came = _NUMBERS[port.dtype], _NUMBERS[shape.dtype]
            return Problem(
                node.id,
                "wrong-numbers",
                "error",
                Message("expects {expected} but receives {received}", expected=wanted, received=came),
                wanted,
                came,
                Message("It works on {doc}.", doc=port.doc),
                port.name,
                {"shape": shape},
            )
    return None


def _unwired(node: Node, port: Port, number: int) -> Problem:
    why = Message("Without it the layer has nothing to work on.")
    if not port.many:
        message = Message("has no wire at its input ({doc})", doc=port.doc)
        return Problem(
            node.id,
            "unwired",
            "error",
            message,
            Message("{p}", p=port.pattern),
            Message("nothing"),
            why,
            port.name,
        )
    expected = Message("at least {least} wire{least:|s}", least=port.least)
    received = Message("one wire") if number == 1 else Message("nothing")
    message = Message("takes {expected} but has {received}", expected=expected, received=received)
    return Problem(node.id, "unwired", "error", message, expected, received, why, port.name)


def _nothing_to_pass(node: Node, port: Port) -> Problem:
    return Problem(
        node.id,
        "unwired",
        "error",
        Message("is muted and has no wire at its input ({doc}), so nothing goes on", doc=port.doc),
        Message("{p}", p=port.pattern),
        Message("nothing"),
        Message("A muted layer passes on what arrives."),
        port.name,
    )


_NUMBERS = {
    "float": Message("decimal numbers"),
    "int": Message("whole numbers, such as the ids of words"),
    "bool": Message("yes or no"),
    "complex": Message("complex numbers"),
}


def _why_misfit(port: Port, shape: Shape) -> Message:
    rank = port.pattern.rank
    if rank is not None and rank != len(shape.dims):
        return Message(
            "It works on {doc}: {rank} axes with the samples, and this has {received}.",
            doc=port.doc,
            rank=rank,
            received=len(shape.dims),
        )
    return Message("It works on {doc}.", doc=port.doc)


def _objected(node: Node, objection: Objection, inputs: Mapping[str, tuple[Shape, ...]]) -> Problem:
    shapes = [str(shape) for arrived in inputs.values() for shape in arrived]
    received = objection.received or Message("{shapes}", shapes=" and ".join(shapes) or "nothing")
    return Problem(
        node.id,
        objection.name,
        "error",
        Message(
            "expects {expected}, but receives {received}", expected=objection.expected, received=received
        ),
        objection.expected,
        received,
        objection.why,
        facts=objection.facts,
    )


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
    problems = [_objected(node, objection, inputs) for objection in objections]
    notes = [_unmeasured(node, *unfit) for unfit in kind.unmeasured(schema)] if not problems else []
    return Facts(inputs, {}, known=not problems), [*problems, *notes]


def _unmeasured(node: Node, metric: str, why: Message) -> Problem:
    return Problem(
        node.id,
        "unmeasured",
        "note",
        Message("asks for {metric}, which is left out: {why}", metric=metric, why=why),
        Message("metrics that fit the loss and the target"),
        Message("{metric}", metric=metric),
        Message("What cannot be measured is not shown."),
        facts={"metric": metric},
    )


def _missing_column(node: Node, name: str, schema: Schema) -> Problem:
    return Problem(
        node.id,
        "missing-column",
        "error",
        Message(
            "expects a column {name}, but the data has {names}", name=name, names=", ".join(schema.columns)
        ),
        Message("one of {names}", names=", ".join(schema.columns)),
        Message("{name}", name=name),
        Message("The data does not have that column; its name may have changed with the data."),
        facts={"columns": tuple(schema.columns)},
    )
