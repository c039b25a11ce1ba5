"""What a person wants of a running training: go on, wait, or end. Asked for between two steps."""

from __future__ import annotations

import threading
import time

from engine.project.recipe import Recipe


class Control:
    """Set from any thread, read by the training between its steps.

    `asked` is true when the next step must not simply be made; reading it costs nothing, so every step does.
    """

    def __init__(self) -> None:
        self.asked = False
        self.stopping = False
        self.waited = 0.0
        self._wanted: Recipe | None = None
        self._lock = threading.Lock()
        self._go = threading.Event()
        self._go.set()

    def pause(self) -> None:
        """Wait before the next step."""
        with self._lock:
            self._go.clear()
            self.asked = True

    def resume(self) -> None:
        """Go on after a pause."""
        self._go.set()

    def stop(self) -> None:
        """End before the next step and keep what was learnt. A pause ends with it."""
        with self._lock:
            self.stopping = True
            self.asked = True
            self._go.set()

    def change(self, recipe: Recipe) -> None:
        """Go on by another recipe, as far as it can be changed while it is trained by."""
        with self._lock:
            self._wanted = recipe
            self.asked = True

    def wanted(self) -> Recipe | None:
        """The recipe to go on by, once, where a person wants another one."""
        with self._lock:
            wanted, self._wanted = self._wanted, None
            return wanted

    @property
    def paused(self) -> bool:
        """Whether the training waits or is about to."""
        return not self._go.is_set()

    def obey(self) -> bool:
        """Wait as long as paused; whether to go on. `waited` adds up the seconds."""
        began = time.perf_counter()
        self._go.wait()
        self.waited += time.perf_counter() - began
        with self._lock:  # a pause that comes between reading and writing would be lost
            self.asked = self.stopping or not self._go.is_set()
        return not self.stopping
