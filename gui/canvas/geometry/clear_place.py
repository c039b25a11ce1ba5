"""Where something opens over the canvas without covering what it is about. Without Qt.

All boxes and sizes are in px of the view.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from gui.canvas.geometry.camera import Box

EDGE = 8.0
"""Px that stay free at the edges of the view."""
GAP = 24.0
"""Px between what opens and what it is about."""

Size = tuple[float, float]
Spot = tuple[float, float]


def clear_place(boxes: Sequence[Box], size: Size, view: Size) -> tuple[Spot, Spot]:
    """How far what is seen has to move, and then the corner of what opens: below the first box, else beside,
    else above it.

    The first box is in view then. None is covered, for which what is seen moves if it must; where the view is
    too small for that, the last boxes count least.
    """
    into = _into(boxes[0], view)
    for number in range(len(boxes), 0, -1):
        around = _around(boxes[:number])
        for shift in (into, *_aside(around, size, view, into)):
            seen = [moved(box, shift) for box in boxes[:number]]
            for corner in _corners((seen[0], moved(around, shift)), size, view):
                if not covers(seen, corner, size):
                    return shift, corner
    return into, next(_corners([moved(boxes[0], into)], size, view))


def _into(box: Box, view: Size) -> Spot:
    """How far a box has to move to be in view, or its beginning where it is too large."""
    ways = []
    for low, high, room in ((box[0], box[2], view[0]), (box[1], box[3], view[1])):
        if low < EDGE or high - low > room - 2 * EDGE:
            ways.append(EDGE - low)
        else:
            ways.append(min(0.0, room - EDGE - high))
    return ways[0], ways[1]


def _aside(around: Box, size: Size, view: Size, into: Spot) -> Iterator[Spot]:
    """Ways to move boxes to an edge of the view, the shorter one first, where that leaves enough room."""
    left, top, right, bottom = around
    if right - left + GAP + size[0] + 2 * EDGE <= view[0]:
        for dx in sorted((EDGE - left, view[0] - EDGE - right), key=abs):
            yield dx, into[1]
    if bottom - top + GAP + size[1] + 2 * EDGE <= view[1]:
        yield into[0], EDGE - top


def _corners(about: Sequence[Box], size: Size, view: Size) -> Iterator[Spot]:
    """Places below, right, left and above of boxes, inside the view."""
    for side, (left, top, right, bottom) in product(range(4), about):
        x = (left + 2 * GAP, right + GAP, left - GAP - size[0], left + 2 * GAP)[side]
        y = (bottom + GAP, top, top, top - GAP - size[1])[side]
        yield max(EDGE, min(x, view[0] - EDGE - size[0])), max(EDGE, min(y, view[1] - EDGE - size[1]))


def _around(boxes: Sequence[Box]) -> Box:
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def moved(box: Box, shift: Spot) -> Box:
    """A box when what is seen has moved so far."""
    return box[0] + shift[0], box[1] + shift[1], box[2] + shift[0], box[3] + shift[1]


def covers(boxes: Iterable[Box], corner: Spot, size: Size) -> bool:
    """Whether what opens at a corner would cover one of the boxes."""
    return any(_meets(box, corner, size) for box in boxes)


def _meets(box: Box, corner: Spot, size: Size) -> bool:
    return (
        box[0] < corner[0] + size[0]
        and corner[0] < box[2]
        and box[1] < corner[1] + size[1]
        and corner[1] < box[3]
    )
