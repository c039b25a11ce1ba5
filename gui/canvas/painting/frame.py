"""What a frame shows: the state of the view that the painters read, and the levels of detail."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from attrs import Factory, define

from engine.project.graph import Wire
from gui.canvas.geometry.camera import Camera
from gui.canvas.geometry.scene import Scene
from gui.canvas.painting.labels import Labels
from gui.style.tokens import Theme

NEAR, MIDDLE = 0.70, 0.28
LINES = 0.82
"""From this scale on nodes have two lines: below it the second would be smaller than 9 px on the screen."""
PORTS = 0.45
"""From this scale on ports are drawn, and can be taken."""
MUTED, LEFT_OUT, CANNOT = 0.62, 0.42, 0.38
"""The opacity of muted nodes, of those that are left out, and of those that cannot take the wire in hand."""


class Detail(IntEnum):
    """How much of a node can be seen at a scale."""

    FAR = 0
    MIDDLE = 1
    NEAR = 2


def detail(scale: float) -> Detail:
    """The level of detail of a scale."""
    return Detail.NEAR if scale >= NEAR else Detail.MIDDLE if scale >= MIDDLE else Detail.FAR


class Mark(IntEnum):
    """How a port looks while a wire is drawn."""

    FITS = 1
    SNAPPED = 2
    REFUSED = 3
    CANNOT = 4


@define
class Frame:
    """Everything a painter needs to know beside the painter itself. `ratio` is device pixels per px."""

    theme: Theme
    scene: Scene
    labels: Labels
    camera: Camera = Factory(Camera)
    width: float = 0.0
    height: float = 0.0
    ratio: float = 1.0
    selection: frozenset[str] = frozenset()
    wire_selection: frozenset[Wire] = frozenset()
    hovered: str | None = None
    hovered_wire: Wire | None = None
    hovered_place: int | None = None
    focus: str | None = None
    """The node that has the keyboard's ring."""
    marks: Mapping[int, Mark] = Factory(dict)
    """Ports that look otherwise while a wire is drawn, by their place."""
    faint: frozenset[str] = frozenset()
    """Nodes that cannot take the wire in hand."""
    wiring: bool = False
    """Whether a wire is in the hand: then only what cannot take it is faint."""
    hidden: frozenset[Wire] = frozenset()
    """Wires that are in the hand and drawn by their tool."""
    cut: frozenset[Wire] = frozenset()
    """Wires that the knife has crossed."""
    stale: bool = False
    """Whether what is known is of a project that changed since."""

    @property
    def detail(self) -> Detail:
        """The level of detail."""
        return detail(self.camera.scale)

    def sharp(self, x: float, y: float) -> tuple[float, float]:
        """The place in the view of canvas coordinates, on a whole device pixel."""
        camera, ratio = self.camera, self.ratio
        return (
            round((x - camera.x) * camera.scale * ratio) / ratio,
            round((y - camera.y) * camera.scale * ratio) / ratio,
        )

    def length(self, value: float) -> float:
        """A length of the canvas in the view, in whole device pixels."""
        return max(1, round(value * self.camera.scale * self.ratio)) / self.ratio
