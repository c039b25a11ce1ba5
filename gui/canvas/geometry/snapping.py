"""Lining up with other nodes while one is moved. Without Qt."""

from __future__ import annotations

import numpy as np
from attrs import frozen

from engine.project.layout import GAP

Guide = tuple[float, float, float, float]
"""A line that shows what is lined up, in canvas pixels."""


@frozen
class Snap:
    """How far to go to be lined up, and the lines that show it."""

    dx: float = 0.0
    dy: float = 0.0
    guides: tuple[Guide, ...] = ()


def snap(moving: np.ndarray, others: np.ndarray, reach: float) -> Snap:
    """Line up a node (x, y, width, height) with others within reach.

    Middles line up, so that wires are straight; below and above, the usual gap is kept; beside, tops line up.
    """
    if not len(others):
        return Snap()
    x, y, width, height = moving.tolist()
    middles = others[:, 0] + others[:, 2] / 2 - (x + width / 2)
    near = int(np.argmin(np.abs(middles)))
    dx = float(middles[near]) if abs(middles[near]) <= reach else 0.0
    lined = abs(middles[near]) <= reach
    column = np.abs(middles - dx) < 1
    tops, bottoms = others[:, 1], others[:, 1] + others[:, 3]
    below, above = bottoms + GAP - y, tops - GAP - (y + height)
    level = tops - y
    wishes = np.concatenate(
        [np.where(column, below, np.inf), np.where(column, above, np.inf), np.where(column, np.inf, level)]
    )
    best = int(np.argmin(np.abs(wishes)))
    dy = float(wishes[best]) if abs(wishes[best]) <= reach else 0.0
    guides: list[Guide] = []
    if lined:
        same = others[column]
        middle = x + width / 2 + dx
        gaps = np.abs(same[:, 1] - y)
        one = same[int(np.argmin(gaps))]
        guides.append(
            (middle, min(y + dy, float(one[1])), middle, max(y + dy + height, float(one[1] + one[3])))
        )
    if abs(wishes[best]) <= reach and best >= 2 * len(others):
        other = others[best - 2 * len(others)]
        top = float(other[1])
        guides.append(
            (min(x + dx, float(other[0])), top, max(x + dx + width, float(other[0] + other[2])), top)
        )
    return Snap(dx, dy, tuple(guides))
