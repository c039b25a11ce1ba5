"""Where a network uses a block, and by which names one gets there."""

from __future__ import annotations

from collections.abc import Iterator

from engine.project.blocks import Block, Use
from engine.project.graph import Graph
from gui.document.level import NodePath


def uses_of(graph: Graph, block: Block, above: NodePath = ()) -> Iterator[NodePath]:
    """The ways from a network to the nodes that use a block, at any depth."""
    for node in graph.nodes.values():
        if isinstance(node.kind, Use):
            if node.kind.block == block:
                yield (*above, node.id)
            elif block in node.kind.block.within:
                yield from uses_of(node.kind.block.graph, block, (*above, node.id))


def names_on(graph: Graph, path: NodePath) -> str:
    """The names of the nodes on a way: "stage2, block1"."""
    names = []
    for id in path:
        node = graph.nodes[id]
        names.append(node.name)
        if isinstance(node.kind, Use):
            graph = node.kind.block.graph
    return " › ".join(names)
