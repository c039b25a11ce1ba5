"""Ideas for ways out of a problem, by its name. `propose` tries each and keeps those that work.

Objections of layers may carry settings that would do (`settings`: pairs of name and value). What reaches
beyond the layer itself, such as putting another one before it, stands here.
"""

from __future__ import annotations

from collections.abc import Callable

from engine.analysis.results import Analysis, Problem
from engine.message import Illegal
from engine.repairs.blocks import inside_block, misplaced, no_exit, weights_differ
from engine.repairs.joins import unequal_shapes
from engine.repairs.network import batch_of_two, begin, less_memory, no_input, no_output, nothing_to_train
from engine.repairs.outputs import class_weights, missing_column, prediction, target_kind, unmeasured
from engine.repairs.shapes import kernel_too_large, not_flat, places_differ, wrong_numbers, wrong_shape
from engine.repairs.site import Ideas, Place, settings
from engine.repairs.warnings import ignores_nothing, nesterov, no_log_shares, too_few_samples, two_as_one
from engine.repairs.widths import inner_sizes, multiple, rank_differs, reshape_count, unequal_widths
from engine.repairs.wires import illegal_setting, left_out, unknown_kind, unwired


def proposals(problem: Problem, analysis: Analysis) -> Ideas:
    """Everything worth trying, the most likely first."""
    graph = analysis.project.graph
    node = graph.nodes.get(problem.node)
    if node is None:
        yield from _GENERAL.get(problem.name, _nothing)(analysis)
        return
    place = Place(problem, analysis, graph, node)
    for name in (problem.name, "*"):
        try:
            yield from _AT_NODE.get(name, _none)(place)
        except Illegal:  # an idea outside a setting's limits is no idea
            continue


def _none(place: Place) -> Ideas:
    yield from ()


def _nothing(analysis: Analysis) -> Ideas:
    yield from ()


_AT_NODE: dict[str, Callable[[Place], Ideas]] = {
    "wrong-shape": wrong_shape,
    "not-flat": not_flat,
    "wrong-numbers": wrong_numbers,
    "unequal-shapes": unequal_shapes,
    "kernel-too-large": kernel_too_large,
    "axis-odd": multiple,
    "width-odd": multiple,
    "channels-do-not-divide": multiple,
    "heads-do-not-divide": multiple,
    "unequal-widths": unequal_widths,
    "inner-sizes-differ": inner_sizes,
    "rank-differs": rank_differs,
    "reshape-count": reshape_count,
    "classes-differ": prediction,
    "prediction-shape": prediction,
    "sizes-differ": prediction,
    "target-kind": target_kind,
    "target-shape": target_kind,
    "class-weights": class_weights,
    "missing-column": missing_column,
    "places-differ": places_differ,
    "unmeasured": unmeasured,
    "batch-of-one": batch_of_two,
    "no-log-shares": no_log_shares,
    "ignores-nothing": ignores_nothing,
    "two-as-one": two_as_one,
    "unwired": unwired,
    "left-out": left_out,
    "unknown-kind": unknown_kind,
    "illegal-setting": illegal_setting,
    "inside": inside_block,
    "no-exit": inside_block,
    "misplaced": misplaced,
    "weights-differ": weights_differ,
    "*": settings,  # and for every problem at a node
}
_GENERAL: dict[str, Callable[[Analysis], Ideas]] = {
    "no-output": no_output,
    "no-input": no_input,
    "empty": begin,
    "no-exit": no_exit,
    "nothing-to-train": nothing_to_train,
    "memory": less_memory,
    "nesterov-without-momentum": nesterov,
    "too-few-samples": too_few_samples,
}
