"""What a layer can be told only by what its values come from: whole numbers from a column, places from a
pooling.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from attrs import evolve

from engine.analysis.problems import ENTRIES_MISSING, PLACES_DIFFER
from engine.analysis.results import NodeResult, Problem
from engine.data.schema import Schema
from engine.kinds import Layer
from engine.layers.attention import Embedding, EmbeddingBag
from engine.layers.cutting import Slice
from engine.layers.dense import Identity
from engine.layers.input_output import Input
from engine.layers.rearrange import Squeeze, Unsqueeze
from engine.layers.reshape import Flatten, Permute, Reshape
from engine.layers.unpooling import Remembering, Unpooling
from engine.project.graph import Graph, Node

KEEPING = (Flatten, Identity, Permute, Reshape, Slice, Squeeze, Unsqueeze)
"""Layers that arrange values and leave them as they are."""


def with_source_problems(
    graph: Graph, results: Mapping[str, NodeResult], schema: Schema | None = None
) -> Mapping[str, NodeResult]:
    """The results with the problems that only show where the values of a layer come from."""
    changed: dict[str, NodeResult] = {}
    for id, node in [(id, node) for id, node in graph.nodes.items() if type(node.kind) in _CHECKS]:
        if node.skipped or not results[id].facts.known or results[id].facts.unused:
            continue
        problems = tuple(_CHECKS[type(node.kind)](graph, node, results, schema))
        if problems:
            changed[id] = evolve(results[id], problems=(*results[id].problems, *problems))
    return {**results, **changed} if changed else results


def origin(graph: Graph, id: str, port: str) -> tuple[Node, str] | None:
    """The node and output that a value at a port was made at, whatever arranged it on the way."""
    wires = graph.arriving(id, port)
    while wires:
        before = graph.nodes[wires[0].source]
        if before.skipped:
            passed = graph.passed(before.id)
            wires = (passed,) if passed is not None else ()
        elif isinstance(before.kind, KEEPING):
            wires = graph.incoming(before.id)
        else:
            return before, wires[0].output
    return None


def _rows_missing(
    graph: Graph, node: Node, results: Mapping[str, NodeResult], schema: Schema | None
) -> Iterator[Problem]:
    """Whole numbers of a column for which a table has no row."""
    kind, made = node.kind, origin(graph, node.id, "x")
    assert isinstance(kind, Embedding | EmbeddingBag)
    if schema is None or made is None or not isinstance(made[0].kind, Input):
        return
    column = schema.columns.get(made[0].kind.column or schema.inputs[0])
    most = column.most if column is not None else None
    if column is None or most is None or most < kind.entries:
        return
    yield ENTRIES_MISSING(
        node.id,
        port="x",
        last=f"{kind.entries - 1:,}",
        column=column.name,
        most=f"{most:,}",
        settings=(("entries", most + 1),),
    )


def _other_map(
    graph: Graph, node: Node, results: Mapping[str, NodeResult], schema: Schema | None
) -> Iterator[Problem]:
    """Places that belong to a map of another size than the one that comes out."""
    made = origin(graph, node.id, "indices")
    if made is None or not isinstance(made[0].kind, Remembering) or made[1] != "indices":
        return
    pool = made[0]
    pooled = results[pool.id].facts.inputs.get("x", ())
    given = results[node.id].facts.outputs.get("out")
    if not pooled or given is None or pooled[0].sample[1:] == given.sample[1:]:
        return
    yield PLACES_DIFFER(node.id, port="indices", given=given, name=pool.name, pooled=pooled[0], pool=pool.id)


Check = Callable[[Graph, Node, Mapping[str, NodeResult], Schema | None], Iterator[Problem]]
_CHECKS: dict[type[Layer], Check] = {
    Embedding: _rows_missing,
    EmbeddingBag: _rows_missing,
    **dict.fromkeys(Unpooling.__subclasses__(), _other_map),
}
