"""What is known about a network: shapes, parameters, cost, and what is wrong with it, up to the first broken
wire.

Nothing here raises: whatever is wrong becomes a `Problem` at its node. What did not change since a previous
analysis is taken from it, so that an edit costs what it changes. Ways out of a problem stand in
`engine.repairs.propose`; whether a wire would fit before it is drawn, in `engine.repairs.refusal`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from attrs import evolve

from engine.analysis import unused, walk, warnings
from engine.analysis.memory import shortage
from engine.analysis.node import arrivals_at, find, find_within
from engine.analysis.results import Analysis, Found, Problem
from engine.analysis.shared_weights import settled
from engine.analysis.single_sample import lone
from engine.analysis.sources import traced
from engine.kinds import BlockEnd
from engine.kinds.shapes import Shape
from engine.layers.ends import Input, Output
from engine.message import Message, Trouble
from engine.project.blocks import Use
from engine.project.graph import Graph, Wire
from engine.project.project import Inside, Project

if TYPE_CHECKING:
    from engine.data.schema import Schema


def check(project: Project, previous: Analysis | None = None) -> Analysis:
    """Find out everything about a project. Never raises for what a person can draw."""
    from engine.data.prepare import schema as schema_of

    general: list[Problem] = []
    schema: Schema | None = None
    try:
        schema = schema_of(project.data)
        general += _too_few(schema, project)
    except Trouble as trouble:
        general.append(
            _general(
                "data",
                trouble.message,
                Message("data that can be read"),
                Message("none"),
                Message("Shapes begin with the data."),
            )
        )
    if previous is not None and previous.schema is not None and previous.schema == schema:
        schema = previous.schema
    graph = project.graph
    within = isinstance(project, Inside)
    alone = look(graph, schema, dict(project.given) if isinstance(project, Inside) else None, previous)
    found = traced(graph, settled(graph, alone), schema)
    general += exits(graph) if within else _ends(project)
    if (
        not within
        and not general
        and not any(found.facts.left_out is False and not found.facts.known for found in found.values())
    ):
        general += _nothing_to_train(graph, found)
    general += unused.notes(graph, found)
    general += warnings.of_layers(graph, found)
    if not within:
        general += lone(project, found)
        general += warnings.of_recipe(project)
    analysis = Analysis(project, schema, found, tuple(general), alone)
    short = () if within else tuple(shortage(analysis))
    return evolve(analysis, general=(*short, *general)) if short else analysis


def block_analysis(analysis: Analysis, id: str, turn: int = 0) -> Analysis:
    """The inside of the block that a node uses, as an analysis of its own. Where the block is repeated,
    `turn` says which time is meant.
    """
    found = analysis.found[id]
    assert isinstance(found.node.kind, Use)
    one = walk.turn(found.node.kind, found.arrivals, turn)
    project = analysis.project
    inner = Inside(one.use.graph, project.data, project.recipe, one.given)
    notes = unused.notes(inner.graph, one.found)
    general = (*exits(inner.graph), *notes, *warnings.of_layers(inner.graph, one.found))
    return Analysis(inner, analysis.schema, one.found, general, one.alone)


def look(
    graph: Graph,
    schema: Schema | None = None,
    given: Mapping[str, Shape | None] | None = None,
    previous: Analysis | None = None,
) -> dict[str, Found]:
    """What is known of every node, as the data flows. What cannot have changed is taken from before.

    `given` is what arrives at the Entries, by their ids, where the graph is the inside of a block.
    """
    alive = graph.alive
    before: Mapping[str, Found] = {}
    wires_before: Callable[[str], tuple[Wire, ...]] = graph.incoming
    if previous is not None:
        before, wires_before = previous.alone, previous.project.graph.incoming
    found: dict[str, Found] = {}
    changed: set[str] = set()
    for id in graph.order:
        node = graph.nodes[id]
        lives = id in alive
        old = before.get(id)
        same = (
            old is not None
            and old.node.kind is node.kind
            and old.node.muted == node.muted
            and old.alive == lives
            and old.schema is schema
        )
        wires = graph.incoming(id)
        if same and wires == wires_before(id) and changed.isdisjoint([wire.source for wire in wires]):
            found[id] = old  # type: ignore[assignment]  # nothing is the same where there was nothing
            continue
        arrivals, broken = arrivals_at(graph, node, found)
        if isinstance(node.kind, BlockEnd) and given is not None and not node.kind.ports():
            arrivals = (given.get(id),)
        if old is not None and same and old.arrivals == arrivals and old.broken == broken:
            found[id] = old
        else:
            within = given is not None and schema is None
            found[id] = (
                find_within(node, arrivals, broken, lives)
                if within
                else find(node, arrivals, broken, lives, schema, given is not None)
            )
            changed.add(id)
    return found


# --------------------------------------------------------------------------- the network as a whole


def _too_few(schema: Schema, project: Project) -> Iterator[Problem]:
    """What training would say of shares that leave too little of the data to learn from."""
    from engine.data.split import sizes

    try:
        sizes(schema, project.data)
    except Trouble as trouble:
        yield _general(
            "too-few-samples",
            trouble.message,
            Message("samples to train on"),
            Message("too few"),
            Message("What is held back for validation and test is not learned from."),
        )


def _general(name: str, message: Message, expected: Message, received: Message, why: Message) -> Problem:
    return Problem("", name, "error", message, expected, received, why)


def _ends(project: Project) -> Iterator[Problem]:
    graph = project.graph
    none = Message("none")
    if not graph.nodes:
        yield _general(
            "empty",
            Message("The network is empty; it needs an Input, a layer and an Output"),
            Message("an Input, a layer and an Output"),
            Message("no layers"),
            Message("Data enters at an Input, and what is learned is judged at an Output."),
        )
        return
    meant = [node.kind.meant for node in graph.nodes.values()] if not (graph.outputs and graph.inputs) else []
    if not graph.outputs and not any(isinstance(kind, Output) for kind in meant):
        yield _general(
            "no-output",
            Message("The network has no Output, so nothing says what it should learn; add one at the end"),
            Message("an Output"),
            none,
            Message("An Output compares the prediction with the data."),
        )
    if not graph.inputs and not any(isinstance(kind, Input) for kind in meant):
        yield _general(
            "no-input",
            Message("The network has no Input, so no data comes in; add one at the top"),
            Message("an Input"),
            none,
            Message("An Input brings a column of the data in."),
        )


def exits(graph: Graph) -> Iterator[Problem]:
    """What a block lacks as a whole."""
    if not any(isinstance(node.kind, BlockEnd) for node in graph.outputs):
        yield _general(
            "no-exit",
            Message("The block has no Exit, so nothing comes out of it; add one at the end"),
            Message("an Exit"),
            Message("none"),
            Message("What arrives at an Exit is what the block gives."),
        )


def _nothing_to_train(graph: Graph, found: Mapping[str, Found]) -> Iterator[Problem]:
    """Training needs a weight whose gradient reaches an Output. Whole numbers carry no gradient."""
    waiting = [node.id for node in graph.outputs]
    seen = set(waiting)
    while waiting:
        id = waiting.pop()
        if found[id].facts.parameters > found[id].facts.frozen:
            return
        passed = graph.passed(id) if graph.nodes[id].skipped else None
        for wire in graph.incoming(id) if passed is None else (passed,):
            shape = found[wire.source].facts.outputs.get(wire.output)
            if wire.source not in seen and shape is not None and shape.dtype in {"float", "complex"}:
                seen.add(wire.source)
                waiting.append(wire.source)
    trained = [one.facts for one in found.values() if not one.facts.left_out]
    weights = any(facts.parameters > facts.frozen for facts in trained)
    frozen = any(facts.frozen for facts in trained)
    if weights:
        message = Message("No weight reaches an Output, so there is nothing to train; whole numbers stop it")
        received = Message("whole numbers between every weight and the Outputs")
    elif frozen:
        message = Message("Every layer with weights is frozen, so there is nothing to train; thaw one")
        received = Message("frozen layers only")
    else:
        message = Message(
            "No layer has weights, so there is nothing to train; add a Linear layer or a convolution"
        )
        received = Message("none")
    yield _general(
        "nothing-to-train",
        message,
        Message("at least one layer with weights that an Output depends on"),
        received,
        Message("Training changes weights, by gradients that come back from the Outputs."),
    )
