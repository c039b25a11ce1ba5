"""What moves by itself on the canvas for a moment: the camera flies, nodes glide to their places."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from gui import settings
from gui.canvas.geometry.camera import eased

INTERVAL = 16
"""Milliseconds from one step to the next."""

Step = Callable[[float], None]
"""Shows how far a movement has come, from 0 to 1."""


class Animations(QObject):
    """Calls steps with 0 to 1, eased out, until they are over; with 1 at once where nothing may move."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.motion: bool | None = None
        """Whether things may move by themselves; None asks the preferences."""
        self._running: dict[str, tuple[float, float, Step]] = {}
        self._clock = QTimer(self)
        self._clock.setInterval(INTERVAL)
        self._clock.timeout.connect(self._tick)

    @property
    def still(self) -> bool:
        """Whether nothing may move by itself."""
        return settings.preferences().reduced_motion if self.motion is None else not self.motion

    def start(self, seconds: float, step: Step, name: str = "") -> None:
        """Let something move for some seconds. It takes the place of an older movement of the same name."""
        if self.still:
            self.stop(name)
            step(1.0)
            return
        self._running[name] = (time.monotonic(), seconds, step)
        self._clock.start()

    def stop(self, name: str) -> None:
        """Let a movement end where it has come to."""
        self._running.pop(name, None)

    def clear(self) -> None:
        """Let all movements end where they have come to."""
        self._running.clear()

    def _tick(self) -> None:
        now = time.monotonic()
        for name, (began, seconds, step) in list(self._running.items()):
            share = (now - began) / seconds
            if share >= 1:
                self.stop(name)
            step(eased(share))
        if not self._running:
            self._clock.stop()
