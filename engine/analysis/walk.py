"""Finds out what is known of every node of a graph, as the data flows, and of the blocks that nodes use.

A block is a layer made of layers: to measure one is to walk through its graph, where other blocks may stand.
All that takes part in this recursion stands here. Equal blocks that equal shapes reach are walked through
once.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from engine.analysis.block_results import BlockModule, BlockResult, Given
from engine.analysis.examine import (
    Examined,
    arrivals_at,
    examine_measured,
    examine_unmeasured,
    misplaced,
    node_result,
)
from engine.analysis.measure import Arrival, Measured, measure_layer
from engine.analysis.problems import INSIDE, NO_EXIT
from engine.analysis.results import Analysis, Facts, NodeResult
from engine.analysis.shared_weights import with_shared_weights
from engine.analysis.sources import with_source_problems
from engine.data.schema import Schema
from engine.kinds import BlockEnd, Layer, on_change
from engine.kinds.code import Code
from engine.kinds.layer import HeldInside
from engine.kinds.objections import Objection, ObjectionKind
from engine.kinds.shapes import Shape
from engine.project.blocks import Use
from engine.project.graph import Graph, Node

# What is wrong inside of a block, as an objection of the layer that the block is: under the name that it has
# as a problem there, so that the ways out which are found inside help at the node as well.
NOTHING_COMES_OUT = ObjectionKind(
    NO_EXIT.name, expected="an Exit inside", why="Nothing comes out of the block.", received="nothing"
)
BROKEN_INSIDE = ObjectionKind(INSIDE.name, expected="{expected}", why="{why}")
CANNOT_REPEAT = ObjectionKind(
    "cannot-repeat",
    expected="as many inputs as outputs",
    why="What comes out of a block goes into it again where it is repeated.",
    received="nothing",
)


def walk(
    graph: Graph,
    schema: Schema | None = None,
    given: Mapping[str, Shape | None] | None = None,
    previous: Analysis | None = None,
) -> dict[str, NodeResult]:
    """What is known of every node, as the data flows. What cannot have changed is taken from `previous`.

    `given` is what arrives at the Entries, by their ids, where the graph is the inside of a block.
    """
    alive = graph.alive
    before: Mapping[str, NodeResult] = previous.unshared if previous is not None else {}
    changed = _changed(graph, schema, before)  # of these nothing can be taken over
    waiting = changed | _rewired(graph, previous)
    results: dict[str, NodeResult] = {}
    for id in graph.order:
        # Same node, same wires, and nothing above it is new: not even the arrivals need to be gathered.
        if id not in waiting:
            results[id] = before[id]
            continue
        node, old = graph.nodes[id], None if id in changed else before[id]
        arrivals, broken = arrivals_at(graph, node, results)
        if isinstance(node.kind, BlockEnd) and given is not None and not node.kind.ports():
            arrivals = (given.get(id),)
        # Something above it is new, yet the same shapes arrive: a change ends where shapes stay as they were.
        if old is not None and old.arrivals == arrivals and old.broken == broken:
            results[id] = old
            continue
        if given is not None and schema is None:
            results[id] = _result_inside(node, arrivals, broken, id in alive)
        else:
            results[id] = _result(node, arrivals, broken, id in alive, schema, given is not None)
        waiting.update([wire.target for wire in graph.outgoing(id)])
    return results


def _changed(graph: Graph, schema: Schema | None, before: Mapping[str, NodeResult]) -> set[str]:
    """The nodes that are not as they were when these results were found, wires apart."""
    alive = graph.alive
    return {
        id
        for id, node in graph.nodes.items()
        if (old := before.get(id)) is None
        or old.schema is not schema
        or old.alive != (id in alive)
        or (old.node is not node and (old.node.kind is not node.kind or old.node.muted != node.muted))
    }


def _rewired(graph: Graph, previous: Analysis | None) -> set[str]:
    """The nodes at which other wires arrive than before."""
    before = previous.project.graph if previous is not None else graph
    if before.wires is graph.wires:
        return set()
    return {id for id in graph.nodes if graph.incoming(id) != before.incoming(id)}


def _result(
    node: Node,
    arrivals: tuple[Arrival, ...],
    broken: frozenset[str],
    alive: bool,
    schema: Schema | None,
    inside: bool,
) -> NodeResult:
    """What is known of one node, which stands `inside` a block or not; `alive` where an Output needs it."""
    examined = misplaced(node, inside) or examine(node, arrivals, broken, schema)
    return node_result(node, arrivals, broken, alive, schema, examined)


@lru_cache(maxsize=20_000)
def _result_inside(
    node: Node, arrivals: tuple[Arrival, ...], broken: frozenset[str], alive: bool
) -> NodeResult:
    """The same within a block, where it depends on nothing else: most layers of an edited definition are as
    they were.
    """
    return _result(node, arrivals, broken, alive, None, inside=True)


def examine(
    node: Node, arrivals: tuple[Arrival, ...], broken: frozenset[str], schema: Schema | None
) -> Examined:
    """One node's facts and problems for what arrives at its ports; `broken` ports have a wire that carries
    nothing known.
    """
    examined = examine_unmeasured(node, arrivals, broken, schema)
    if examined is not None:
        return examined
    kind = node.kind
    inside = repetitions(kind, arrivals) if isinstance(kind, Use) and unfit(kind) is None else ()
    return examine_measured(node, arrivals, measure(kind, arrivals), inside)


# --------------------------------------------------------------------------- blocks


def measure(kind: Layer, arrivals: tuple[Arrival, ...]) -> Measured:
    """Measure a layer or a block for what arrives at its ports, in their order. Every port that must be wired
    is, and patterns fit.
    """
    return measure_block(kind, arrivals) if isinstance(kind, Use) else measure_layer(kind, arrivals)


@lru_cache(maxsize=20_000)
def measure_block(use: Use, arrivals: tuple[Arrival, ...]) -> Measured:
    """What a block makes of what arrives, as any layer is measured."""
    objection = unfit(use)
    if objection is not None:
        return Measured(objections=(objection,))
    every = repetitions(use, arrivals)
    if every[-1].errors:
        first = every[-1].errors[0]
        return Measured(objections=(BROKEN_INSIDE(expected=first.expected, why=first.why),))
    trained = [facts for one in every for facts in one.trained]
    return Measured(
        outputs=every[-1].outputs,
        parameters=sum(facts.parameters for facts in trained),
        macs=sum(facts.macs for facts in trained),
        activation_bytes=sum(facts.activation_bytes for facts in trained),
        inside=_inside(trained),
        code=Code(
            _lines(use),
            BlockModule(use, tuple(one.codes for one in every), every),
            penalties=_penalties(use, every),
        ),
        frozen=sum(facts.frozen for facts in trained),
        uncounted=any(facts.uncounted for facts in trained),
    )


def _inside(trained: list[Facts]) -> HeldInside | None:
    """What the layers of a block hold within, which pass one after the other."""
    every = [facts.inside for facts in trained if facts.inside is not None]
    if not every:
        return None
    return HeldInside(sum(one.kept for one in every), max(one.passing for one in every))


def unfit(use: Use) -> Objection | None:
    """Why a block cannot be used as it is, whatever arrives."""
    if not use.outputs:
        return NOTHING_COMES_OUT()
    if use.repeat > 1 and len(use.outputs) > len(use.ports()):
        return CANNOT_REPEAT(settings=(("repeat", 1),))
    return None


def repetitions(use: Use, arrivals: tuple[Arrival, ...]) -> tuple[BlockResult, ...]:
    """Each time through a block, up to the first with an error. What comes out goes in again; inputs beyond
    the outputs get the same every time.
    """
    return _repetitions(use, tuple(arrival if isinstance(arrival, Shape) else None for arrival in arrivals))


def repetition(use: Use, arrivals: tuple[Arrival, ...], number: int = 0) -> BlockResult:
    """One time through a block, counted from 0; the last that is known where there are fewer."""
    if unfit(use) is not None or any(arrival is None for arrival in arrivals):
        use, number = use.once, 0
    every = repetitions(use, arrivals)
    return every[min(number, len(every) - 1)]


@lru_cache(maxsize=5000)
def _repetitions(use: Use, arrivals: tuple[Shape | None, ...]) -> tuple[BlockResult, ...]:
    ids = [node.id for node in use.block.entries]
    results: list[BlockResult] = []
    for _ in range(use.repeat):
        one = _walk_block(use.once, tuple(zip(ids, arrivals, strict=True)))
        results.append(one)
        if one.errors or use.repeat == 1:
            break
        arrivals = (*one.outputs, *arrivals[len(one.outputs) :])
    return tuple(results)


@lru_cache(maxsize=5000)
def _walk_block(use: Use, given: Given) -> BlockResult:
    unshared = walk(use.graph, given=dict(given))
    return BlockResult(use, given, unshared, complete(use.graph, unshared))


def complete(
    graph: Graph, unshared: Mapping[str, NodeResult], schema: Schema | None = None
) -> Mapping[str, NodeResult]:
    """The results of a walk with what only shows once every node is known: shared weights, and where values
    come from.
    """
    return with_source_problems(graph, with_shared_weights(graph, unshared), schema)


def _penalties(use: Use, every: tuple[BlockResult, ...]) -> tuple[str, ...]:
    """What its layers add to the loss while training: the class that is written for the block sums it up."""
    if not any(code.penalties for one in every for _, code, _ in one.codes if code is not None):
        return ()
    return ("{m}.penalty()",) if use.repeat == 1 else ("sum(block.penalty() for block in {m})",)


def _lines(use: Use) -> tuple[str, ...]:
    """How a block is called: once, or in a loop where `nn.Sequential` does not do."""
    ports = [port.name for port in use.ports()]
    if use.repeat == 1 or len(ports) == len(use.outputs) == 1:
        return (f"{_braced(use.outputs)} = {{m}}({_braced(ports)})",)
    states = [f"{name}_" for name in ports[: len(use.outputs)]]
    arguments = _braced([*states, *ports[len(states) :]])
    return (
        f"{_braced(states)} = {_braced(ports[: len(states)])}",
        "for {block} in {m}:",
        f"    {_braced(states)} = {{block}}({arguments})",
        f"{_braced(use.outputs)} = {_braced(states)}",
    )


def _braced(names: list[str] | tuple[str, ...]) -> str:
    return ", ".join(f"{{{name}}}" for name in names)


for _remembered in (_result_inside, measure_block, _repetitions, _walk_block):
    on_change(_remembered.cache_clear)
