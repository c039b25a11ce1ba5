"""A network as a few boxes and lines: what a small picture of it shows. Geometry only, without Qt."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from gui.canvas.geometry import routes

if TYPE_CHECKING:
    from engine.kinds.shapes import Shape
    from engine.project.graph import Graph

BOX, STEP = 26.0, 44.0
"""The height of a box and the distance from one to the next, twice as large as they are drawn at most."""
NARROW, WIDE = 88.0, 168.0


class NetworkOutline(NamedTuple):
    """Boxes with the family of each, and the routes of wires, twice as large as they are drawn at most."""

    boxes: Sequence[tuple[str, routes.Rect]] = ()
    wires: Sequence[routes.Route] = ()

    @property
    def bounds(self) -> routes.Rect:
        """Left, top, right, bottom of everything."""
        rects = [rect for _, rect in self.boxes]
        across = [x for wire in self.wires for x in (wire[0], wire[3], wire[7])]
        return (
            min(min(rect[0] for rect in rects), *across, math.inf),
            min(rect[1] for rect in rects),
            max(max(rect[2] for rect in rects), *across, -math.inf),
            max(rect[3] for rect in rects),
        )

    def json(self) -> dict[str, Any]:
        """The outline as plain JSON, to a tenth of a px."""
        return {
            "boxes": [[family, *(round(x, 1) for x in rect)] for family, rect in self.boxes],
            "wires": [[round(x, 1) for x in wire] for wire in self.wires],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> NetworkOutline:
        """The outline that `json` wrote."""
        boxes = [(box[0], tuple(box[1:])) for box in data["boxes"]]
        return cls(boxes, [tuple(wire) for wire in data["wires"]])


def outline(graph: Graph, sizes: Mapping[str, Shape] | None = None) -> NetworkOutline:
    """The outline of a network.

    `sizes` gives what comes out of nodes where that is known; else the family decides how wide a box is.
    """
    boxes = _boxes(graph, sizes or {})
    return NetworkOutline(
        [(graph.nodes[id].kind.family, rect) for id, rect in boxes.items()], _wires(graph, boxes)
    )


def _boxes(graph: Graph, sizes: Mapping[str, Shape]) -> dict[str, routes.Rect]:
    """A box for each node, in even rows, at places that keep the order of the canvas."""
    # the gallery's first paint shows outlines that were kept, and loads no more of the engine for them
    from engine.project.layout import BESIDE, GAP, WIDTH, height

    rows: list[list[str]] = []
    last = -math.inf
    for id in sorted(graph.nodes, key=lambda id: graph.nodes[id].y):
        node = graph.nodes[id]
        if node.y < last:
            rows[-1].append(id)
        else:
            rows.append([id])
            last = node.y + height(node.kind) + GAP / 3
    across = (WIDE + 26) / (WIDTH + BESIDE)
    boxes = {}
    for row, ids in enumerate(rows):
        for id in ids:
            wide = NARROW + (WIDE - NARROW) * _share(graph, id, sizes)
            middle = (graph.nodes[id].x + WIDTH / 2) * across
            boxes[id] = (middle - wide / 2, row * STEP, middle + wide / 2, row * STEP + BOX)
    return boxes


def _share(graph: Graph, id: str, sizes: Mapping[str, Shape]) -> float:
    """How wide a box is, from 0 to 1: the logarithm of how many numbers come out."""
    shape = sizes.get(id)
    if shape is None or not shape.dims:
        kind = graph.nodes[id].kind
        return {"io": 0.9, "convolution": 0.9, "recurrent": 0.8, "dense": 0.6}.get(kind.family, 0.45)
    return min(1.0, math.log2(max(shape.size, 1)) / 14)


def _wires(graph: Graph, boxes: Mapping[str, routes.Rect]) -> list[routes.Route]:
    """The wires by the rules of the canvas, short ones first, so that skips nest."""
    wires: list[routes.Route] = []
    lanes: list[routes.Lane] = []
    for wire in sorted(graph.wires, key=lambda wire: boxes[wire.target][1] - boxes[wire.source][3]):
        start, end = boxes[wire.source], boxes[wire.target]
        x0, y0, x1, y1 = (start[0] + start[2]) / 2, start[3], (end[0] + end[2]) / 2, end[1]
        between = [
            rect
            for id, rect in boxes.items()
            if id not in (wire.source, wire.target) and rect[3] > y0 + 0.5 and rect[1] < y1 - 0.5
        ]
        route = routes.routed(x0, y0, x1, y1, between, lanes)
        if route[5] - route[4] > 1:
            lanes.append((route[3], route[4], route[5]))
        wires.append(route)
    return wires
