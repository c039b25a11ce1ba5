"""What a training looks like to whoever started it, wherever it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from engine.project.recipe import Recipe
from engine.training.curves import Curves
from engine.training.reports import Report


class Training(Protocol):
    """A training under way. Any of it may be called from any thread, and nothing but `save` takes long.

    Its reports belong to this object alone, so those of an old run never reach a new one.
    """

    @property
    def number(self) -> int:
        """The run's number; 0 until it has one."""

    @property
    def curves(self) -> Curves:
        """The losses and measures so far. They hold what a report brings before `poll` gives it."""

    @property
    def active(self) -> bool:
        """Whether it has begun and not ended. What it reports last, it reports before it is over."""

    @property
    def unsaved(self) -> bool:
        """Whether it is over and what it learnt could not be saved: `save` may be tried again."""

    def start(self) -> None:
        """Begin. A training starts once."""

    def pause(self) -> None:
        """Wait before the next step."""

    def resume(self) -> None:
        """Go on after a pause."""

    def stop(self) -> None:
        """End before the next step and keep what was learnt."""

    def change(self, recipe: Recipe) -> None:
        """Go on by another recipe, as far as it can be changed while it is trained by."""

    def poll(self) -> list[Report]:
        """The reports since the last call, oldest first."""

    def save(self, place: Path | None = None) -> Path:
        """Save what it learnt after all, at its own place or at another one. Raises `Trouble`."""
