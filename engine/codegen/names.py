"""What the layers of a network are called in its code."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from engine.analysis.results import NodeResult
from engine.kinds.identifiers import RESERVED, Names, identifier
from engine.project.graph import Node


def attribute_names(order: list[Node], results: Mapping[str, NodeResult]) -> dict[str, str]:
    """A name in the module for every node with code, after the node's own name. Nodes that share a layer have
    one name.
    """
    names = Names(RESERVED | _module_names() | {"penalty"})
    attributes = {
        node.id: names.give(identifier(node.name, node.kind.stem))
        for node in order
        if results[node.id].facts.code is not None
    }
    for node in order:
        owner = results[node.id].facts.shares
        if owner and type(results[owner].node.kind) is type(node.kind):
            attributes[node.id] = attributes[owner]
    return attributes


@lru_cache(maxsize=1)
def _module_names() -> frozenset[str]:
    """What every module already has, such as `train` and `half`, and what its state dict uses."""
    from torch import nn

    return frozenset(dir(nn.Module()))


def plain(text: str) -> str:
    """A text that can stand in a comment or a docstring and end neither."""
    return "".join(c for c in text if c.isprintable() and c not in '"\\')[:200]
