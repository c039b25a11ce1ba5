"""Edits that let nodes share one layer with its weights, as siamese networks and tied embeddings do."""

from __future__ import annotations

from attrs import evolve

from engine.kinds import BlockEnd, Unknown
from engine.layers.input_output import Input, Output
from engine.layers.weighted import NONE
from engine.message import Refused
from engine.project.graph import Graph, Node, node_of
from engine.project.project import Project
from engine.project.sharing import TIED, can_share


def share(project: Project, id: str, owner: str) -> Project:
    """Let a node use the layer of another, weights and all. It takes over that layer's settings; an Embedding
    and a Linear keep their own and share the weight alone.
    """
    graph = project.graph
    node = node_of(graph, id)
    holder = node_of(graph, node_of(graph, owner).shares or owner)
    if holder.id == id or owner == id:
        raise Refused("{name} already owns these weights", name=node.name)
    if id in graph.sharers:
        raise Refused("others share the weights of {name}; let them go first", name=node.name)
    if any(isinstance(one.kind, Input | Output | BlockEnd | Unknown) for one in (node, holder)):
        raise Refused("only layers can share weights")
    tied = {type(node.kind).__name__, type(holder.kind).__name__} == TIED
    same = type(node.kind) is type(holder.kind) and node.kind.blocks[-1:] == holder.kind.blocks[-1:]
    if not tied and not same:
        raise Refused(
            "expected two layers of one kind, or an Embedding and a Linear; received {one} and {other}",
            one=node.kind.label(),
            other=holder.kind.label(),
        )
    if tied and not can_share(holder.kind, node.kind):
        normed = next(one for one in (node, holder) if getattr(one.kind, "norm", NONE) != NONE)
        raise Refused(
            "expected a Linear that uses its weights as they are; {name} makes others of them by its {norm}. "
            "Set its norm to none",
            name=normed.name,
            norm=getattr(normed.kind, "norm", ""),
        )
    if not tied and (node.kind.ports(), node.kind.outputs) != (holder.kind.ports(), holder.kind.outputs):
        raise Refused("{one} and {other} have different inputs or outputs", one=node.name, other=holder.name)
    alike = next((one.kind for one in _group(graph, holder) if type(one.kind) is type(node.kind)), node.kind)
    return evolve(project, graph=graph.with_nodes([evolve(node, kind=alike, shares=holder.id)]))


def unshare(project: Project, id: str) -> Project:
    """Give a node weights of its own. Where it owns weights that others share, those go on together."""
    graph = project.graph
    node = node_of(graph, id)
    if node.shares:
        return evolve(project, graph=graph.with_nodes([evolve(node, shares="")]))
    others = [graph.nodes[one] for one in graph.sharers.get(id, ())]
    if not others:
        raise Refused("{name} shares its weights with no other layer", name=node.name)
    heir = others[0]
    changed = [
        evolve(one, shares=heir.id if one is not heir and can_share(heir.kind, one.kind) else "")
        for one in others
    ]
    return evolve(project, graph=graph.with_nodes(changed))


def _group(graph: Graph, holder: Node) -> list[Node]:
    return [holder, *(graph.nodes[id] for id in graph.sharers.get(holder.id, ()))]
