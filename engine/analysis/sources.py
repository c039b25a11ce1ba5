"""What a layer can be told only by what its values come from: whole numbers from a column, places from a
pooling.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from attrs import evolve

from engine.kinds import Layer
from engine.layers.attention import Embedding, EmbeddingBag
from engine.layers.cutting import Slice
from engine.layers.dense import Identity
from engine.layers.ends import Input
from engine.layers.rearrange import Squeeze, Unsqueeze
from engine.layers.reshape import Flatten, Permute, Reshape
from engine.layers.unpooling import Remembering, Unpooling
from engine.message import Message
from engine.project.graph import Graph, Node

if TYPE_CHECKING:
    from engine.analysis.results import Found, Problem
    from engine.data.schema import Schema

KEEPING = (Flatten, Identity, Permute, Reshape, Slice, Squeeze, Unsqueeze)
"""Layers that arrange values and leave them as they are."""


def traced(graph: Graph, found: Mapping[str, Found], schema: Schema | None = None) -> Mapping[str, Found]:
    """What was found of every node, with the problems that only show where its values come from."""
    changed: dict[str, Found] = {}
    for id, node in graph.nodes.items():
        look = _LOOKS.get(type(node.kind))
        if look is None or node.skipped or not found[id].facts.known or found[id].facts.left_out:
            continue
        problems = tuple(look(graph, node, found, schema))
        if problems:
            changed[id] = evolve(found[id], problems=(*found[id].problems, *problems))
    return {**found, **changed} if changed else found


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


def _numbers(
    graph: Graph, node: Node, found: Mapping[str, Found], schema: Schema | None
) -> Iterator[Problem]:
    """Whole numbers of a column for which a table has no row."""
    from engine.analysis.results import Problem

    kind, made = node.kind, origin(graph, node.id, "x")
    assert isinstance(kind, Embedding | EmbeddingBag)
    if schema is None or made is None or not isinstance(made[0].kind, Input):
        return
    column = schema.columns.get(made[0].kind.column or schema.inputs[0])
    most = column.most if column is not None else None
    if column is None or most is None or most < kind.entries:
        return
    yield Problem(
        node.id,
        "entries-missing",
        "error",
        Message(
            "has rows for the numbers 0 to {last}, but {column} goes up to {most}",
            last=f"{kind.entries - 1:,}",
            column=column.name,
            most=f"{most:,}",
        ),
        Message("numbers from 0 to {last}", last=f"{kind.entries - 1:,}"),
        Message("numbers up to {most}", most=f"{most:,}"),
        Message("A number without a row cannot be looked up."),
        "x",
        {"settings": (("entries", most + 1),)},
    )


def _places(graph: Graph, node: Node, found: Mapping[str, Found], schema: Schema | None) -> Iterator[Problem]:
    """Places that belong to a map of another size than the one that comes out."""
    from engine.analysis.results import Problem

    made = origin(graph, node.id, "indices")
    if made is None or not isinstance(made[0].kind, Remembering) or made[1] != "indices":
        return
    pool = made[0]
    pooled = found[pool.id].facts.inputs.get("x", ())
    given = found[node.id].facts.outputs.get("out")
    if not pooled or given is None or pooled[0].sample[1:] == given.sample[1:]:
        return
    yield Problem(
        node.id,
        "places-differ",
        "error",
        Message(
            "makes {given}, but the places come from {pool}, which looked at {pooled}",
            given=given,
            pool=pool.name,
            pooled=pooled[0],
        ),
        Message("the sizes that were pooled, {pooled}", pooled=pooled[0]),
        Message("{given}", given=given),
        Message("A place is counted in the map that was pooled, and means another place in another size."),
        "indices",
        {"pool": pool.id},
    )


Look = Callable[["Graph", "Node", "Mapping[str, Found]", "Schema | None"], "Iterator[Problem]"]
_LOOKS: dict[type[Layer], Look] = {
    Embedding: _numbers,
    EmbeddingBag: _numbers,
    **dict.fromkeys(Unpooling.__subclasses__(), _places),
}
