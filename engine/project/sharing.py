"""Which layers may use the same weights."""

from __future__ import annotations

from engine.kinds import Layer
from engine.layers.weighted import NONE

TIED = frozenset({"Embedding", "Linear"})  # both multiply by a table of rows; one may use the other's


def can_share(one: Layer, other: Layer) -> bool:
    """Whether one may use the other's weights: the same layer, or Embedding and Linear without a norm."""
    if one == other:
        return True
    normed = any(getattr(kind, "norm", NONE) != NONE for kind in (one, other))
    return {type(one).__name__, type(other).__name__} == TIED and not normed
