"""Batches of a single sample, in which batch normalisation over rows finds no spread."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.analysis.block_results import BlockModule
from engine.analysis.problems import BATCH_OF_ONE
from engine.analysis.results import NodeResult, Problem
from engine.layers.batch_norm import BatchNorm
from engine.project.project import Project


def single_sample_problems(project: Project, results: Mapping[str, NodeResult]) -> Iterator[Problem]:
    """A problem at each layer that cannot be trained one sample at a time, where the recipe asks for that."""
    if project.recipe.batch_size != 1:
        return
    for id, result in results.items():
        if not result.facts.unused and _needs_spread(result):
            yield BATCH_OF_ONE(id)


def _needs_spread(result: NodeResult) -> bool:
    kind, code = result.node.kind, result.facts.code
    if code is None or result.node.skipped:
        return False
    if isinstance(code.make, BlockModule):
        inside = [one for repetition in code.make.repetitions for one in repetition.results.values()]
        return any(_needs_spread(one) for one in inside if not one.facts.unused)
    if not isinstance(kind, BatchNorm) or code.held:
        return False
    (shape,) = result.facts.inputs["x"]
    return shape.size == shape.sample[0]
