"""What a repair may say that it costs."""

from __future__ import annotations

from engine.analysis.results import Analysis


def weights(analysis: Analysis) -> int:
    """All parameters, also of layers that are left out for now."""
    return sum(facts.parameters for facts in analysis.nodes.values())


def plausible(delta: int | None, before: Analysis, after: Analysis) -> bool:
    """Whether a cost is the difference of all parameters, but for layers that only become known again, or
    are no longer.
    """
    kept = before.nodes.keys() & after.nodes.keys()
    again = sum(after.nodes[id].parameters for id in kept if not before.nodes[id].known)
    lost = sum(before.nodes[id].parameters for id in kept if not after.nodes[id].known)
    difference = weights(after) - weights(before)
    return delta is not None and difference - again <= delta <= difference + lost
