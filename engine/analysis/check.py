"""What is known about a network: shapes, parameters, cost, and what is wrong with it, up to the first broken
wire.

Nothing here raises: whatever is wrong becomes a `Problem` at its node. What did not change since a previous
analysis is taken from it, so that an edit costs what it changes. Ways out of a problem stand in
`engine.repairs.propose`; whether a wire would fit before it is drawn, in `engine.repairs.refusal`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import evolve

from engine.analysis.memory import shortage
from engine.analysis.results import Analysis, NodeResult, Problem
from engine.analysis.single_sample import single_sample_problems
from engine.analysis.unused import unused_notes
from engine.analysis.walk import complete, repetition, walk
from engine.analysis.warnings import layer_warnings, recipe_warnings
from engine.data.prepare import schema as schema_of
from engine.data.schema import Schema
from engine.data.split import sizes
from engine.kinds import BlockEnd
from engine.layers.ends import Input, Output
from engine.message import Message, Trouble
from engine.project.blocks import Use
from engine.project.graph import Graph
from engine.project.project import Inside, Project


def check(project: Project, previous: Analysis | None = None) -> Analysis:
    """Find out everything about a project. Never raises for what a person can draw."""
    graph = project.graph
    within = isinstance(project, Inside)
    general: list[Problem] = []
    schema: Schema | None = None
    try:
        schema = schema_of(project.data)
        general += _too_few_samples(schema, project)
    except Trouble as trouble:
        general.append(_unreadable_data(trouble))
    if previous is not None and previous.schema is not None and previous.schema == schema:
        schema = previous.schema  # results are taken over where they were found for this very schema
    given = dict(project.given) if isinstance(project, Inside) else None
    unshared = walk(graph, schema, given, previous)
    results = complete(graph, unshared, schema)
    general += _no_exit(graph) if within else _missing_ends(project)
    # Where something else stops training, or is not known, it says enough.
    if not within and not general and all(one.facts.known or one.facts.unused for one in results.values()):
        general += _nothing_to_train(graph, results)
    general += unused_notes(graph, results)
    general += layer_warnings(graph, results)
    if not within:
        general += single_sample_problems(project, results)
        general += recipe_warnings(project)
    analysis = Analysis(project, schema, results, tuple(general), unshared)
    short = () if within else tuple(shortage(analysis))
    return evolve(analysis, general=(*short, *general)) if short else analysis


def block_analysis(analysis: Analysis, id: str, number: int = 0) -> Analysis:
    """The inside of the block that a node uses, as an analysis of its own. Where the block is repeated,
    `number` says which repetition is meant, counted from 0.
    """
    outer = analysis.results[id]
    assert isinstance(outer.node.kind, Use)
    one = repetition(outer.node.kind, outer.arrivals, number)
    inside = Inside(one.use.graph, analysis.project.data, analysis.project.recipe, one.given)
    general = (
        *_no_exit(inside.graph),
        *unused_notes(inside.graph, one.results),
        *layer_warnings(inside.graph, one.results),
    )
    return Analysis(inside, analysis.schema, one.results, general, one.unshared)


# --------------------------------------------------------------------------- the network as a whole


def _unreadable_data(trouble: Trouble) -> Problem:
    return _network_problem(
        "data",
        trouble.message,
        Message("data that can be read"),
        Message("none"),
        Message("Shapes begin with the data."),
    )


def _too_few_samples(schema: Schema, project: Project) -> Iterator[Problem]:
    """What training would say of shares that leave too little of the data to learn from."""
    try:
        sizes(schema, project.data)
    except Trouble as trouble:
        yield _network_problem(
            "too-few-samples",
            trouble.message,
            Message("samples to train on"),
            Message("too few"),
            Message("What is held back for validation and test is not learned from."),
        )


def _network_problem(
    name: str, message: Message, expected: Message, received: Message, why: Message
) -> Problem:
    return Problem("", name, "error", message, expected, received, why)


def _missing_ends(project: Project) -> Iterator[Problem]:
    graph = project.graph
    none = Message("none")
    if not graph.nodes:
        yield _network_problem(
            "empty",
            Message("The network is empty; it needs an Input, a layer and an Output"),
            Message("an Input, a layer and an Output"),
            Message("no layers"),
            Message("Data enters at an Input, and what is learned is judged at an Output."),
        )
        return
    meant = [node.kind.meant for node in graph.nodes.values()] if not (graph.outputs and graph.inputs) else []
    if not graph.outputs and not any(isinstance(kind, Output) for kind in meant):
        yield _network_problem(
            "no-output",
            Message("The network has no Output, so nothing says what it should learn; add one at the end"),
            Message("an Output"),
            none,
            Message("An Output compares the prediction with the data."),
        )
    if not graph.inputs and not any(isinstance(kind, Input) for kind in meant):
        yield _network_problem(
            "no-input",
            Message("The network has no Input, so no data comes in; add one at the top"),
            Message("an Input"),
            none,
            Message("An Input brings a column of the data in."),
        )


def _no_exit(graph: Graph) -> Iterator[Problem]:
    """What a block lacks as a whole."""
    if not any(isinstance(node.kind, BlockEnd) for node in graph.outputs):
        yield _network_problem(
            "no-exit",
            Message("The block has no Exit, so nothing comes out of it; add one at the end"),
            Message("an Exit"),
            Message("none"),
            Message("What arrives at an Exit is what the block gives."),
        )


def _nothing_to_train(graph: Graph, results: Mapping[str, NodeResult]) -> Iterator[Problem]:
    """Training needs a weight whose gradient reaches an Output. Whole numbers carry no gradient."""
    waiting = [node.id for node in graph.outputs]
    seen = set(waiting)
    while waiting:
        id = waiting.pop()
        if results[id].facts.parameters > results[id].facts.frozen:
            return
        passed = graph.passed(id) if graph.nodes[id].skipped else None
        for wire in graph.incoming(id) if passed is None else (passed,):
            shape = results[wire.source].facts.outputs.get(wire.output)
            if wire.source not in seen and shape is not None and shape.dtype in {"float", "complex"}:
                seen.add(wire.source)
                waiting.append(wire.source)
    trained = [one.facts for one in results.values() if not one.facts.unused]
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
    yield _network_problem(
        "nothing-to-train",
        message,
        Message("at least one layer with weights that an Output depends on"),
        received,
        Message("Training changes weights, by gradients that come back from the Outputs."),
    )
