"""What is known about a network: shapes, parameters, cost, and what is wrong with it, up to the first broken
wire.

Nothing here raises: whatever is wrong becomes a `Problem` at its node. What did not change since a previous
analysis is taken from it, so that an edit costs what it changes. Ways out of a problem stand in
`engine.repairs.propose`; whether a wire would fit before it is drawn, in `engine.repairs.refusal`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from attrs import evolve

from engine.analysis.memory import shortage
from engine.analysis.problems import (
    ALL_FROZEN,
    DATA,
    DROPPED_WIRES,
    EMPTY,
    NO_EXIT,
    NO_INPUT,
    NO_OUTPUT,
    NO_WEIGHT_REACHED,
    NOTHING_TO_TRAIN,
    RECIPE_FAILS,
    TOO_FEW_SAMPLES,
    UNKNOWN_IN_RECIPE,
)
from engine.analysis.results import Analysis, NodeResult, Problem
from engine.analysis.single_sample import single_sample_problems
from engine.analysis.unused import unused_notes
from engine.analysis.walk import complete, repetition, walk
from engine.analysis.warnings import layer_warnings, recipe_warnings
from engine.data.prepare import schema as schema_of
from engine.data.schema import Schema
from engine.data.split import sizes
from engine.kinds import Absent, BlockEnd
from engine.layers.input_output import Input, Output
from engine.message import Message, Trouble
from engine.optim.optimiser import Optimiser
from engine.project.blocks import Use
from engine.project.graph import Graph
from engine.project.project import Inside, Project

REASONS = 3  # why wires are left out: so many are told at most


def check(project: Project, previous: Analysis | None = None) -> Analysis:
    """Find out everything about a project. Never raises for what a person can draw."""
    graph = project.graph
    within = isinstance(project, Inside)
    general: list[Problem] = []
    schema: Schema | None = None
    samples: int | None = None  # to train on
    try:
        schema = schema_of(project.data)
        samples = sizes(schema, project.data).train
    except Trouble as trouble:
        declared = DATA if schema is None else TOO_FEW_SAMPLES
        general.append(declared(reason=trouble.message))
    if previous is not None and previous.schema is not None and previous.schema == schema:
        schema = previous.schema  # results are taken over where they were found for this very schema
    given = dict(project.given) if isinstance(project, Inside) else None
    unshared = walk(graph, schema, given, previous)
    results = complete(graph, unshared, schema)
    general += _no_exit(graph) if within else (*_missing_ends(project), *_plugin_recipe(project))
    # Where something else stops training, or is not known, it says enough.
    if not within and not general and _all_known(results):
        general += _nothing_to_train(graph, results)
    if graph.dropped:
        general.append(DROPPED_WIRES(number=len(graph.dropped), reason=_listed(graph.dropped)))
    general += unused_notes(graph, results)
    general += layer_warnings(graph, results)
    if not within:
        general += single_sample_problems(project, results)
        general += recipe_warnings(project, samples)
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


def _missing_ends(project: Project) -> Iterator[Problem]:
    """What a network lacks to take in data and to be judged by. An end that a file names in a way that cannot
    be read is not missing.
    """
    graph = project.graph
    if not graph.nodes:
        yield EMPTY()
        return
    meant = [node.kind.meant for node in graph.nodes.values()] if not (graph.outputs and graph.inputs) else []
    if not graph.outputs and not any(isinstance(kind, Output) for kind in meant):
        yield NO_OUTPUT()
    if not graph.inputs and not any(isinstance(kind, Input) for kind in meant):
        yield NO_INPUT()


def _no_exit(graph: Graph) -> Iterator[Problem]:
    """What a block lacks as a whole."""
    if not any(isinstance(node.kind, BlockEnd) for node in graph.outputs):
        yield NO_EXIT()


def _plugin_recipe(project: Project) -> Iterator[Problem]:
    """An optimiser or a schedule of a plug-in that is absent, or that does not work."""
    recipe = project.recipe
    for role, kind in (("optimiser", recipe.optimiser), ("schedule", recipe.schedule)):
        if isinstance(kind, Absent):
            yield UNKNOWN_IN_RECIPE(role=role, reason=kind.reason, kind=kind.kind_name)
        elif kind.plugin:
            try:
                kind.torch() if isinstance(kind, Optimiser) else kind.factor(0.0, recipe.epochs)
            except Trouble as trouble:
                yield RECIPE_FAILS(reason=trouble.message, kind=kind.kind_name)


def _all_known(results: Mapping[str, NodeResult]) -> bool:
    """Whether it is known of every layer that takes part what it makes of what arrives."""
    return not [True for one in results.values() if not (one.facts.known or one.facts.unused)]


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
    if any(facts.parameters > facts.frozen for facts in trained):
        yield NO_WEIGHT_REACHED()
    elif any(facts.frozen for facts in trained):
        yield ALL_FROZEN()
    else:
        yield NOTHING_TO_TRAIN()


def _listed(reasons: Sequence[Message]) -> Message:
    """Different reasons one after the other; of many the first ones, and how many more there are."""
    different = list({str(reason): reason for reason in reasons}.values())
    listed = different[0]
    for reason in different[1:REASONS]:
        listed = Message("{first}; {next}", first=listed, next=reason)
    more = len(different) - REASONS
    return Message("{listed}; and {n} more", listed=listed, n=more) if more > 0 else listed
