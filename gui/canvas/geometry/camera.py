"""Where one looks: which part of the canvas is seen, and how large. A value, without Qt."""

from __future__ import annotations

import math
from typing import NamedTuple

LEAST, MOST = 0.05, 4.0
"""The smallest and the largest scale."""

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in canvas pixels."""


class Camera(NamedTuple):
    """`x` and `y` are the canvas coordinates at the top left corner of the view, `scale` is 1 at 100 %."""

    x: float = 0.0
    y: float = 0.0
    scale: float = 1.0

    def to_world(self, x: float, y: float) -> tuple[float, float]:
        """The canvas coordinates of a place in the view."""
        return self.x + x / self.scale, self.y + y / self.scale

    def to_screen(self, x: float, y: float) -> tuple[float, float]:
        """The place in the view of canvas coordinates."""
        return (x - self.x) * self.scale, (y - self.y) * self.scale

    def view(self, width: float, height: float, margin: float = 0.0) -> Box:
        """What a view of that size shows, and `margin` px of the view more on each side."""
        left, top = self.to_world(-margin, -margin)
        right, bottom = self.to_world(width + margin, height + margin)
        return left, top, right, bottom

    def panned(self, dx: float, dy: float) -> Camera:
        """The content moved by so many px of the view."""
        return self._replace(x=self.x - dx / self.scale, y=self.y - dy / self.scale)

    def at_scale(self, scale: float, x: float, y: float) -> Camera:
        """Another scale; what is at the place (x, y) of the view stays there."""
        scale = min(max(scale, LEAST), MOST)
        world_x, world_y = self.to_world(x, y)
        return Camera(world_x - x / scale, world_y - y / scale, scale)

    def zoomed(self, factor: float, x: float, y: float) -> Camera:
        """Larger by a factor around a place of the view."""
        return self.at_scale(self.scale * factor, x, y)

    def fitting(
        self, box: Box, width: float, height: float, margin: float = 48.0, most: float = 1.0
    ) -> Camera:
        """All of a box in the middle of a view of that size, no larger than `most`."""
        left, top, right, bottom = box
        room_x, room_y = max(width - 2 * margin, 1.0), max(height - 2 * margin, 1.0)
        scale = min(room_x / max(right - left, 1.0), room_y / max(bottom - top, 1.0), most)
        scale = max(scale, LEAST)
        return Camera((left + right) / 2 - width / 2 / scale, (top + bottom) / 2 - height / 2 / scale, scale)

    def showing(self, box: Box, width: float, height: float, margin: float = 24.0) -> Camera:
        """The nearest camera of this scale that shows a box, or its top left part if it is too large."""
        left, top = self.to_screen(box[0], box[1])
        right, bottom = self.to_screen(box[2], box[3])
        return self.panned(_shift(left, right, width, margin), _shift(top, bottom, height, margin))

    def towards(self, other: Camera, share: float) -> Camera:
        """The camera that lies that share of the way to another, zooming evenly around one point."""
        scale = self.scale * (other.scale / self.scale) ** share
        way = share
        if not math.isclose(self.scale, other.scale, rel_tol=1e-6):
            way = (1 / scale - 1 / self.scale) / (1 / other.scale - 1 / self.scale)
        return Camera(self.x + (other.x - self.x) * way, self.y + (other.y - self.y) * way, scale)


def _shift(low: float, high: float, room: float, margin: float) -> float:
    if low < margin or high - low > room - 2 * margin:
        return margin - low
    return min(0.0, room - margin - high)


def eased(share: float) -> float:
    """Ease-out: fast at first, then slower, from 0 to 1."""
    return 1 - (1 - min(max(share, 0.0), 1.0)) ** 3
