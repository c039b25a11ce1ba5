"""How a file was left: from where one looked at it, and which lower panel was in front. Kept apart from
it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from engine.files.checked_json import anything, either, fits, named, number, one_of, row, text
from gui import settings
from gui.canvas.geometry.camera import Camera

MOST = 100
"""So many files are remembered, the ones seen last."""
_NAME = "files"
_FAR = 1e6
_FIRST = (number(-_FAR, _FAR), number(-_FAR, _FAR), number(1e-3, 100), text())
_VIEW = either(row(*_FIRST), row(*_FIRST, one_of("network", "data")))


class RememberedView(NamedTuple):
    """The middle of what was seen, its upper edge, the scale, the id of the lower panel, and the page."""

    middle: float
    top: float
    scale: float
    panel: str
    page: str = "network"

    def camera(self, width: float) -> Camera:
        """The camera of a view of that width that shows the same."""
        return Camera(self.middle - width / 2 / self.scale, self.top, self.scale)


def keep(path: Path, camera: Camera, width: float, panel: str, page: str = "network") -> None:
    """Remember how a file was left."""
    views = _kept()
    views.pop(str(path), None)
    middle = camera.x + width / 2 / camera.scale
    views[str(path)] = [round(middle, 1), round(camera.y, 1), round(camera.scale, 4), panel, page]
    settings.remember(_NAME, dict(list(views.items())[-MOST:]))


def view(path: Path | None) -> RememberedView | None:
    """How a file was left, or None where nobody knows, or what is known makes no sense."""
    known: Any = _kept().get(str(path))
    return RememberedView(*known) if fits(_VIEW, known) else None


def _kept() -> dict[str, Any]:
    return settings.remembered(_NAME, named(anything())) or {}
