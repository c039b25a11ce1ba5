"""Batches of a single sample, in which batch normalisation over rows finds no spread."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from engine.analysis.walk import Assembly
from engine.layers.batch_norm import BatchNorm
from engine.message import Message

if TYPE_CHECKING:
    from engine.analysis.results import Found, Problem
    from engine.project.project import Project


def lone(project: Project, found: Mapping[str, Found]) -> Iterator[Problem]:
    """A problem at each layer that cannot be trained one sample at a time, where the recipe asks for that."""
    from engine.analysis.results import Problem

    if project.recipe.batch_size > 1:
        return
    for id, one in found.items():
        if not one.facts.left_out and _needs_spread(one):
            yield Problem(
                id,
                "batch-of-one",
                "error",
                Message("needs batches of at least two samples, but the recipe makes batches of one"),
                Message("a batch size of at least 2"),
                Message("a batch size of 1"),
                Message("A sample has one value for each feature here, and one value has no spread."),
            )


def _needs_spread(found: Found) -> bool:
    kind, code = found.node.kind, found.facts.code
    if code is None or found.node.skipped:
        return False
    if isinstance(code.make, Assembly):
        inner = [one for turn in code.make.turns for one in turn.found.values()]
        return any(_needs_spread(one) for one in inner if not one.facts.left_out)
    if not isinstance(kind, BatchNorm) or code.held:
        return False
    (shape,) = found.facts.inputs["x"]
    return shape.size == shape.sample[0]
