"""How wires run: straight where ports are aligned, else bending only in the gaps between ranks. Without Qt.

A route is nine numbers. It starts at (x0, y0), goes straight down to (x0, ya), bends until (lane, yb), runs
straight down its lane to (lane, yc), bends until (x1, yd), and goes straight down to its end (x1, y1). Where
ya = yb the first bend is missing, where yc = yd the second.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

Route = tuple[float, float, float, float, float, float, float, float, float]
"""x0, y0, ya, lane, yb, yc, yd, x1, y1."""
Rect = tuple[float, float, float, float]
"""Left, top, right, bottom."""
Lane = tuple[float, float, float]
"""The x, the top and the bottom of a straight run that a wire already has."""

BEND = 52.0
"""The height of a bend where there is room for it."""
LEAST = 10.0
"""The height below which a bend is no longer one."""
CLEAR = 6.0
"""The distance that a lane keeps from nodes at least."""
BESIDE = 20.0
LANE_STEP = 12.0
ALIGNED = 0.5


def simple(x0: float, y0: float, x1: float, y1: float) -> Route:
    """The route of a wire that has nothing in its way: one line, or one bend."""
    if abs(x0 - x1) < ALIGNED:
        return x0, y0, y0, x0, y0, y1, y1, x1, y1
    return x0, y0, y0, x1, y1, y1, y1, x1, y1


def routed(
    x0: float, y0: float, x1: float, y1: float, rects: Sequence[Rect], lanes: Sequence[Lane] = ()
) -> Route:
    """The route around the nodes that stand between the heights of both ends.

    `lanes` are straight runs of other wires, which this one does not cover.
    """
    if not rects or y1 - y0 < LEAST:
        return simple(x0, y0, x1, y1)
    for x in _candidates(x0, x1, rects):
        route = _through(x0, y0, x1, y1, x, rects, lanes)
        if route is not None:
            return route
    return simple(x0, y0, x1, y1)


def _candidates(x0: float, x1: float, rects: Sequence[Rect]) -> Iterator[float]:
    yield x1
    yield x0
    sides = [rect[2] + BESIDE for rect in rects] + [rect[0] - BESIDE for rect in rects]
    yield from sorted(set(sides), key=lambda x: (abs(x - x0) + abs(x - x1), -x))


def _through(
    x0: float, y0: float, x1: float, y1: float, x: float, rects: Sequence[Rect], lanes: Sequence[Lane]
) -> Route | None:
    """The route with its lane at x or a little further out, or None where it does not go through there."""
    own = x in (x0, x1)
    away = 1.0 if x >= max(x0, x1) else -1.0
    for step in range(1 if own else 8):
        lane = x + away * step * LANE_STEP
        first = _gap_below(x0, y0, y1, lane, rects)
        last = _gap_above(x1, y0, y1, lane, rects)
        if first is None or last is None or first[1] > last[0] + 1e-6:
            return None
        (ya, yb), (yc, yd) = first, last
        runs = ((x0, y0, ya), (lane, yb, yc), (x1, yd, y1))
        if not all(_free(at, top, bottom, rects) for at, top, bottom in runs):
            return None
        taken = any(abs(lane - at) < LANE_STEP - 1 and top < yc and bottom > yb for at, top, bottom in lanes)
        if own or not taken:
            return x0, y0, ya, lane, yb, yc, yd, x1, y1
    return None


def _gap_below(
    x0: float, y0: float, y1: float, lane: float, rects: Sequence[Rect]
) -> tuple[float, float] | None:
    """Where a wire bends from x0 to its lane: after what stands beside its start, before the next rank."""
    if abs(lane - x0) < ALIGNED:
        return y0, y0
    across = list(_across(x0, lane, rects))
    start = max([rect[3] for rect in across if rect[1] <= y0], default=y0)
    end = min([rect[1] for rect in across if rect[1] > y0], default=y1)
    return (start, start + min(end - start, BEND)) if end - start >= LEAST else None


def _gap_above(
    x1: float, y0: float, y1: float, lane: float, rects: Sequence[Rect]
) -> tuple[float, float] | None:
    """Where a wire bends from its lane to x1: after the rank before, above what stands beside its end."""
    if abs(lane - x1) < ALIGNED:
        return y1, y1
    across = list(_across(x1, lane, rects))
    end = min([rect[1] for rect in across if rect[3] >= y1], default=y1)
    start = max([rect[3] for rect in across if rect[3] < y1], default=y0)
    return (end - min(end - start, BEND), end) if end - start >= LEAST else None


def _across(one: float, two: float, rects: Sequence[Rect]) -> Iterator[Rect]:
    low, high = min(one, two) - CLEAR, max(one, two) + CLEAR
    return (rect for rect in rects if rect[0] < high and rect[2] > low)


def _free(x: float, top: float, bottom: float, rects: Sequence[Rect]) -> bool:
    return not any(
        left - CLEAR < x < right + CLEAR and low < bottom - 0.01 and high > top + 0.01
        for left, low, right, high in rects
    )


def bends(route: Route) -> Iterator[tuple[float, float, float, float]]:
    """The curved parts of a route: from (x0, y0) to (x1, y1) each."""
    x0, _, ya, lane, yb, yc, yd, x1, _ = route
    if ya != yb:
        yield x0, ya, lane, yb
    if yc != yd:
        yield lane, yc, x1, yd


def pull(dx: float, dy: float) -> float:
    """How far the control points of a bend stand from its ends: further for wide flat bends."""
    if dy <= 0:
        return max(40.0, min(160.0, (abs(dx) - dy) * 0.5))
    return dy * (0.5 + 0.42 * min(1.0, abs(dx) / (4 * dy)))


def middle(route: Route) -> tuple[float, float]:
    """The point of a wire where its badge stands: half way down its lane, or in the middle of its bend."""
    x0, y0, _, lane, yb, yc, _, x1, y1 = route
    if yc - yb > 1:
        return lane, (yb + yc) / 2
    return (x0 + x1) / 2, (y0 + y1) / 2
