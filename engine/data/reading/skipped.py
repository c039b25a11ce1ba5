"""What is left out of a person's data, and why: nothing is dropped in silence."""

from __future__ import annotations

from attrs import frozen

from engine.message import Message


@frozen
class Skipped:
    """Samples that were left out: where they stand (`penguins.csv, row 4`), why, and how many they are."""

    place: str
    reason: Message
    count: int = 1
