"""Layers of plug-ins when plug-ins come, change or go: each becomes what its kind now is, or unknown with its
data kept.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from attrs import evolve

from engine import kinds
from engine.kinds import Absent, Kind, Layer, Unknown, types
from engine.message import Illegal, Message
from engine.project.blocks import Block, Use
from engine.project.graph import Graph, Node
from engine.project.project import Project
from engine.store import graph_json

K = TypeVar("K", bound=Kind)


class Refresher:
    """Takes projects over to the plug-ins of now. What many projects have in common is looked at once."""

    def __init__(self) -> None:
        self._kinds: dict[int, tuple[Layer, Layer]] = {}  # the first keeps its id from being used anew

    def project(self, project: Project) -> Project:
        """The project, itself where nothing in it depends on a plug-in."""
        graph, data, recipe = self.graph(project.graph), _settings(project.data), _settings(project.recipe)
        if graph is project.graph and data is project.data and recipe is project.recipe:
            return project
        return evolve(project, graph=graph, data=data, recipe=recipe)

    def graph(self, graph: Graph) -> Graph:
        """The graph, itself where nothing in it depends on a plug-in."""
        nodes = {id: self._node(node) for id, node in graph.nodes.items()}
        if all(nodes[id] is node for id, node in graph.nodes.items()):
            return graph
        wires = [[wire.source, wire.output, wire.target, wire.input] for wire in graph.wires]
        return evolve(graph, nodes=graph_json.as_declared(nodes, wires))

    def _node(self, node: Node) -> Node:
        kind = self._kind(node.kind)
        return node if kind is node.kind else evolve(node, kind=kind)

    def _kind(self, kind: Layer) -> Layer:
        known = self._kinds.get(id(kind))
        if known is None:
            new = self._use(kind) if isinstance(kind, Use) else self._layer(kind)
            known = self._kinds[id(kind)] = (kind, new)
        return known[1]

    def _layer(self, kind: Layer) -> Layer:
        return _followed(kind, graph_json.whole_layer_from_json) if _depends(kind) else kind

    def _use(self, use: Use) -> Layer:
        graph = self.graph(use.block.graph)
        if graph is use.block.graph and not any(isinstance(value, Kind) for _, value in use.values):
            return use
        block = Block(graph, use.block.exposed)
        try:
            if any(block.param(one) is None for one in block.exposed):
                raise Illegal("a layer inside no longer has a setting that it offers")
            values = tuple((name, kinds.plain(value)) for name, value in use.values)
            return Use(block=block, repeat=use.repeat, values=values)
        except Illegal as error:
            raw = {**kinds.to_json(use), "definition": graph_json.block_to_json(use.block)}
            return Unknown(raw, Message("its block cannot be read: {reason}", reason=error.message))


def _settings(value: K) -> K:
    """Settings of data or training, with the kinds that they hold as these are now."""
    for param in kinds.params(value):
        held = getattr(value, param.name)
        if isinstance(held, Kind) and _depends(held):
            new = _followed(held, param.type.accept)
            value = value if new is held else value.with_setting(param.name, new)
    return value


def _followed(kind: K, read: Callable[[dict[str, Any]], K]) -> K:
    """What a kind's JSON means now: the kind itself where that is the same."""
    new = read(kinds.to_json(kind))
    return kind if new == kind and getattr(new, "reason", None) == getattr(kind, "reason", None) else new


def _depends(kind: Kind) -> bool:
    """Whether other plug-ins may make something else of it: it, or a kind that it holds or names, is of a
    plug-in, or it could not be read.
    """
    if isinstance(kind, Absent) or kinds.of_plugin(kind) is not None:
        return True
    named = (
        param for param in kinds.params(kind) if isinstance(param.type, types.Several) and param.type.base
    )
    return any(getattr(kind, param.name) for param in named)
