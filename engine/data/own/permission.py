"""Which of a person's files may be read: a project that somebody else made names whatever its maker liked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from engine.message import Trouble

Gate = Callable[[Path], bool]
"""Whether the data at a place may be read."""
_gate: list[Gate] = []


class DataNotAllowed(Trouble):
    """A project names data that this person never opened."""


def set_gate(gate: Gate | None) -> None:
    """Ask this before any data is read; None reads whatever is named, as a program without a window does: who
    calls it names the project himself.
    """
    _gate[:] = [gate] if gate is not None else []


def require_allowed(place: Path) -> None:
    """Raise `DataNotAllowed` where data may not be read."""
    if _gate and not _gate[0](place):
        raise DataNotAllowed(
            "This project names data outside of its own folder that was never opened here: {path}. Read it "
            "if you know what it is, or open other data.",
            path=str(place),
        )
