"""One node: what arrives, what is known of it then, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from attrs import evolve

from engine.analysis.measure import Arrival, incoming, measure
from engine.analysis.results import Facts, Found, Problem
from engine.kinds import BlockEnd, Unknown, on_change
from engine.kinds.ports import Objection, Port
from engine.kinds.shapes import Shape
from engine.kinds.unreadable import Misset
from engine.layers.ends import Input, Output
from engine.message import Message
from engine.project.blocks import Use
from engine.project.graph import Graph, Node

if TYPE_CHECKING:
    from engine.data.schema import Schema


def arrivals_at(
    graph: Graph, node: Node, found: Mapping[str, Found]
) -> tuple[tuple[Arrival, ...], frozenset[str]]:
    """The shapes at each port, and the ports at which a wire arrives that carries nothing known."""
    wires = graph.incoming(node.id)
    carried = [found[wire.source].facts.outputs.get(wire.output) for wire in wires]
    ports = node.kind.ports()
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


def find(
    node: Node,
    arrivals: tuple[Arrival, ...],
    broken: frozenset[str],
    alive: bool,
    schema: Schema | None,
    inside: bool,
) -> Found:
    """What is found at one node, which stands `inside` a block or not; `alive` where an Output needs it."""
    if isinstance(node.kind, Input | Output if inside else BlockEnd):
        facts, problems = Facts(), [_misplaced(node, inside)]
    else:
        facts, problems = examine(node, arrivals, schema, broken)
    if not alive and not isinstance(
        node.kind.meant, Output
    ):  # where it was meant to end, nothing is left out
        facts = evolve(facts, left_out=True)
        problems = [evolve(problem, level="warning") for problem in problems]
    return Found(node, arrivals, broken, alive, schema, facts, tuple(problems))


@lru_cache(maxsize=20_000)
def find_within(node: Node, arrivals: tuple[Arrival, ...], broken: frozenset[str], alive: bool) -> Found:
    """The same within a block, where it depends on nothing else: most layers of an edited definition are as
    they were.
    """
    return find(node, arrivals, broken, alive, None, inside=True)


on_change(find_within.cache_clear)


def _misplaced(node: Node, inside: bool) -> Problem:
    kind, instead = node.kind.label(), "Entry" if node.kind.outputs else "Exit"
    if inside:
        return Problem(
            node.id,
            "misplaced",
            "error",
            Message("cannot stand inside a block; data goes into a block at an Entry and out at an Exit"),
            Message("a{instead:|n} {instead}", instead=instead),
            Message("a{kind:|n} {kind}", kind=kind),
            Message("Columns of the data belong to the network, so that a block can be used anywhere."),
        )
    return Problem(
        node.id,
        "misplaced",
        "error",
        Message("stands outside of a block, where nothing goes in or out"),
        Message("an Input or Output"),
        Message("a{kind:|n} {kind}", kind=kind),
        Message("An Entry and an Exit are the ends of a block."),
    )


def examine(
    node: Node, arrivals: tuple[Arrival, ...], schema: Schema | None, broken: frozenset[str]
) -> tuple[Facts, list[Problem]]:
    """One node's facts and problems for what arrives at its ports; `broken` ports have a wire that carries
    nothing known.
    """
    kind = node.kind
    if isinstance(kind, Misset):
        return Facts(), [_misset(node, kind)]
    if isinstance(kind, Unknown):
        message = Message("is of a kind that is not known here: {reason}", reason=kind.reason)
        return Facts(), [
            Problem(
                node.id,
                "unknown-kind",
                "error",
                message,
                Message("a kind that this program has"),
                Message("{kind}", kind=kind.kind_name),
                Message("Its data is kept when the network is saved."),
            )
        ]
    if isinstance(kind, Input):
        return _examine_input(node, kind, schema)
    if isinstance(kind, BlockEnd) and not kind.ports():
        given = arrivals[0] if arrivals else None
        return Facts({}, {"out": given} if isinstance(given, Shape) else {}, known=given is not None), []
    ports = kind.ports()
    inputs = {
        port.name: arrival if isinstance(arrival, tuple) else () if arrival is None else (arrival,)
        for port, arrival in zip(ports, arrivals, strict=True)
    }
    if node.skipped:
        wired = next((name for name, shapes in inputs.items() if shapes or name in broken), "")
        if not wired:
            return Facts(inputs), [_nothing_to_pass(node, ports[0])]
        first = inputs[wired][0] if wired not in broken else None
        outputs = dict.fromkeys(kind.outputs, first) if first is not None else {}
        return Facts(inputs, outputs, known=first is not None), []
    problems: list[Problem] = []
    for port, arrival in zip(ports, arrivals, strict=True):
        problem = misfit(node, port, arrival, port.name in broken)
        if problem is not None:
            problems.append(problem)
    if problems or broken:
        return Facts(inputs), problems
    if isinstance(kind, Output):
        return _examine_output(node, kind, arrivals, schema, inputs)
    if isinstance(kind, BlockEnd):
        return Facts(inputs, known=True), []
    if isinstance(kind, Use):
        problems = list(_inside(node, kind, arrivals))
        if problems:
            return Facts(inputs), problems
    measured = measure(kind, arrivals)
    if measured.objections:
        return Facts(inputs), [_objected(node, objection, inputs) for objection in measured.objections]
    return Facts(
        inputs,
        dict(zip(kind.outputs, measured.outputs, strict=True)),
        measured.parameters,
        measured.macs,
        measured.activation_bytes,
        True,
        code=measured.code,
        frozen=measured.frozen,
    ), []


def _misset(node: Node, kind: Misset) -> Problem:
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


def _inside(node: Node, kind: Use, arrivals: tuple[Arrival, ...]) -> Iterator[Problem]:
    """What is wrong within a block for what arrives at it: its own problems, as ones of the node."""
    from engine.analysis import walk

    unfit = walk.unfit(kind)
    if unfit is not None:
        yield _objected(node, unfit, {})
        return
    for place, turn in enumerate(walk.turns(kind, arrivals)):
        for problem in turn.errors:
            layer = kind.graph.nodes[problem.node]
            within = {"layer": layer.name, "message": problem.message, "time": place + 1}
            yield Problem(
                node.id,
                "inside",
                "error",
                Message("has a problem inside: {layer} {message}", **within)
                if place == 0
                else Message("has a problem inside, at repetition {time}: {layer} {message}", **within),
                problem.expected,
                problem.received,
                problem.why,
                facts={"turn": place},
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
    predictions = [incoming(port, arrival) for port, arrival in zip(kind.ports(), arrivals, strict=True)]
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
