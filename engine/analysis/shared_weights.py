"""Weights that several nodes share, in an analysis: counted once, and only where they can be the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from attrs import evolve

from engine.kinds.code import Code
from engine.message import Message
from engine.project.graph import Graph, Node

if TYPE_CHECKING:
    from engine.analysis.results import Found, Problem


def settled(graph: Graph, alone: Mapping[str, Found]) -> Mapping[str, Found]:
    """What was found of every node, with shared weights counted where they belong."""
    if not graph.sharers:
        return alone
    found = dict(alone)
    for owner, sharers in graph.sharers.items():
        group = [id for id in (owner, *sharers) if _has_weights(alone[id])]
        for id in group[1:]:
            holder = next((one for one in group if _alike(alone[one], alone[id])), group[0])
            if id != holder:
                found[id] = _sharing(alone[id], alone[holder])
            if id == holder and id != group[0]:
                found[id] = _sharing(alone[id], alone[group[0]])
    return found


def _has_weights(found: Found) -> bool:
    code = found.facts.code
    return code is not None and code.make is not None and not found.facts.left_out


def _alike(one: Found, other: Found) -> bool:
    return type(one.node.kind) is type(other.node.kind)


def _sharing(found: Found, holder: Found) -> Found:
    code, held = found.facts.code, holder.facts.code
    assert code is not None
    assert held is not None
    if _alike(found, holder):
        if code.make == held.make:
            return evolve(found, facts=evolve(found.facts, parameters=0, shares=holder.node.id))
    else:
        size = _table(code)
        if size == _table(held):
            parameters = found.facts.parameters - size[0] * size[1]
            return evolve(found, facts=evolve(found.facts, parameters=parameters, shares=holder.node.id))
    problem = _differs(found.node, holder.node, code, held)
    facts = evolve(found.facts, outputs={}, parameters=0, known=False, code=None)
    return evolve(found, facts=facts, problems=(*found.problems, problem))


def _table(code: Code) -> tuple[int, int]:
    """The sizes of the weight that an Embedding and a Linear share: entries × width."""
    from engine.analysis.measure import on_meta

    rows, columns = on_meta(code).weight.shape
    return int(rows), int(columns)


def _differs(node: Node, holder: Node, code: Code, held: Code) -> Problem:
    from engine.analysis.results import Problem

    assert code.make is not None
    assert held.make is not None
    mine, other = code.make.source(), held.make.source()
    return Problem(
        node.id,
        "weights-differ",
        "error",
        Message(
            "shares the weights of {name}, which is {other} there, but here it has to be {mine}",
            name=holder.name,
            other=other,
            mine=mine,
        ),
        Message("{other}", other=other),
        Message("{mine}", mine=mine),
        Message("One set of weights has one size, so what arrives at both must have the same size."),
        facts={"holder": holder.id},
    )
