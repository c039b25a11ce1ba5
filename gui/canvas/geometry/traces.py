"""Wires as lines through points: their surroundings, what is near them, what crosses them, where they lead.
Without Qt.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.project.graph import Graph
from gui.canvas.geometry import routes
from gui.canvas.geometry.camera import Box

_SHARES = np.linspace(0, 1, 13)
_BERNSTEIN = np.stack(
    [
        (1 - _SHARES) ** 3,
        3 * _SHARES * (1 - _SHARES) ** 2,
        3 * _SHARES**2 * (1 - _SHARES),
        _SHARES**3,
    ],
    axis=1,
)


def trace(route: np.ndarray) -> np.ndarray:
    """A wire as a line through points, for tests of what is near it."""
    values = tuple(route.tolist())
    parts = [np.array([values[:2]])]
    for x0, y0, x1, y1 in routes.bends(values):
        pull = routes.pull(x1 - x0, y1 - y0)
        parts.append(_BERNSTEIN @ np.array([(x0, y0), (x0, y0 + pull), (x1, y1 - pull), (x1, y1)]))
    parts.append(np.array([values[7:]]))
    return np.concatenate(parts)


def corners(rects: np.ndarray) -> np.ndarray:
    """Left, top, right and bottom of rectangles that are given as x, y, width and height."""
    return np.concatenate([rects[:, :2], rects[:, :2] + rects[:, 2:]], axis=1)


def surroundings(paths: np.ndarray) -> np.ndarray:
    """The boxes around wires; those that lead upwards loop out of their ends."""
    x0, y0, _, lane, _, _, _, x1, y1 = paths.T
    back = np.where(y1 <= y0, 160.0, 0.0)
    return np.stack(
        [
            np.minimum(np.minimum(x0, x1), lane),
            np.minimum(y0, y1) - back,
            np.maximum(np.maximum(x0, x1), lane),
            np.maximum(y0, y1) + back,
        ],
        axis=1,
    )


def meet(boxes: np.ndarray, box: Box) -> np.ndarray:
    """Which of some boxes one box touches."""
    left, top, right, bottom = box
    return (boxes[:, 0] <= right) & (boxes[:, 2] >= left) & (boxes[:, 1] <= bottom) & (boxes[:, 3] >= top)


def distance(points: np.ndarray, x: float, y: float) -> float:
    """How far a place is from a line through points."""
    start, end = points[:-1], points[1:]
    along = end - start
    length = np.maximum((along**2).sum(axis=1), 1e-9)
    share = np.clip((((x, y) - start) * along).sum(axis=1) / length, 0, 1)
    nearest = start + along * share[:, None]
    return float(np.hypot(nearest[:, 0] - x, nearest[:, 1] - y).min())


def crosses(points: np.ndarray, x0: float, y0: float, x1: float, y1: float) -> bool:
    """Whether a straight cut crosses a line through points."""
    a, b = points[:-1], points[1:]
    d, cut = b - a, np.array([x1 - x0, y1 - y0])
    cross = d[:, 0] * cut[1] - d[:, 1] * cut[0]
    safe = np.where(np.abs(cross) < 1e-9, 1e-9, cross)
    gap = np.array([x0, y0]) - a
    t = (gap[:, 0] * cut[1] - gap[:, 1] * cut[0]) / safe
    u = (gap[:, 0] * d[:, 1] - gap[:, 1] * d[:, 0]) / safe
    return bool(((t >= 0) & (t <= 1) & (u >= 0) & (u <= 1)).any())


class Lanes:
    """Straight runs that are taken, by the stretch of height they lie in."""

    STRETCH = 400.0

    def __init__(self) -> None:
        self._by_height: dict[int, list[routes.Lane]] = {}

    def add(self, lane: routes.Lane) -> None:
        for stretch in range(int(lane[1] // self.STRETCH), int(lane[2] // self.STRETCH) + 1):
            self._by_height.setdefault(stretch, []).append(lane)

    def near(self, x0: float, x1: float, top: float, bottom: float) -> Sequence[routes.Lane]:
        left, right = min(x0, x1) - 1200, max(x0, x1) + 1200
        lanes: dict[routes.Lane, None] = {}
        for stretch in range(int(top // self.STRETCH), int(bottom // self.STRETCH) + 1):
            for lane in self._by_height.get(stretch, ()):
                if left < lane[0] < right:
                    lanes[lane] = None
        return tuple(lanes)


def downstream(graph: Graph, id: str) -> set[str]:
    """The node and everything that depends on it."""
    reached: set[str] = set()
    waiting = [id]
    while waiting:
        one = waiting.pop()
        if one not in reached:
            reached.add(one)
            waiting += [wire.target for wire in graph.outgoing(one)]
    return reached
