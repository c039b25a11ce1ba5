"""Weights that several nodes share, in an analysis: counted once, and only where they can be the same."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve

from engine.analysis.problems import WEIGHTS_DIFFER
from engine.analysis.results import NodeResult, Problem
from engine.kinds.code import Maker
from engine.project.graph import Graph


def with_shared_weights(graph: Graph, unshared: Mapping[str, NodeResult]) -> Mapping[str, NodeResult]:
    """The results with shared weights counted where they belong: at the first of those that share them which
    has weights at all. A problem stands at a node whose weights would have other sizes.
    """
    if not graph.sharers:
        return unshared
    results = dict(unshared)
    for owner, sharers in graph.sharers.items():
        group = [id for id in (owner, *sharers) if _has_weights(unshared[id])]
        for id in group[1:]:
            # Nodes of one kind share a whole layer, so each looks for the first of its own kind. Where it is
            # that itself, it shares the one weight of the other kind: a Linear that of an Embedding, or back.
            holder = next((one for one in group if _alike(unshared[one], unshared[id])), group[0])
            if holder == id:
                holder = group[0]
            results[id] = _sharing(unshared[id], unshared[holder])
    return results


def _has_weights(result: NodeResult) -> bool:
    code = result.facts.code
    return code is not None and code.make is not None and not result.facts.unused


def _alike(one: NodeResult, other: NodeResult) -> bool:
    return type(one.node.kind) is type(other.node.kind)


def _sharing(result: NodeResult, holder: NodeResult) -> NodeResult:
    """The result of a node that uses the weights of the holder, or a problem where their sizes differ."""
    facts = result.facts
    if _alike(result, holder):
        same, shared = _made(result) == _made(holder), facts.parameters
    else:
        table = _table(result)
        same, shared = table == _table(holder), table[0] * table[1]
    if same:
        return evolve(
            result, facts=evolve(facts, parameters=facts.parameters - shared, shares=holder.node.id)
        )
    facts = evolve(facts, outputs={}, parameters=0, known=False, code=None)
    return evolve(result, facts=facts, problems=(*result.problems, _differs(result, holder)))


def _made(result: NodeResult) -> Maker:
    """How the module of a layer with weights is made."""
    code = result.facts.code
    assert code is not None
    assert code.make is not None
    return code.make


def _table(result: NodeResult) -> tuple[int, ...]:
    """The sizes of the weight that an Embedding and a Linear share: entries × width."""
    return dict(result.facts.weights)["weight"]


def _differs(result: NodeResult, holder: NodeResult) -> Problem:
    own, other = _made(result).source(), _made(holder).source()
    return WEIGHTS_DIFFER(result.node.id, name=holder.node.name, other=other, own=own)
