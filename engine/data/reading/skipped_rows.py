"""Gathers the rows of a table that are left out: the first of each sort one by one, the rest as a count."""

from __future__ import annotations

from pathlib import Path

from engine.data.reading.skipped import Skipped
from engine.message import Message

_ONE_BY_ONE = 20


class SkippedRows:
    """What was left out of a table so far, by the reason."""

    def __init__(self, path: Path) -> None:
        self._file = path.name
        self._lines: dict[Message, list[int]] = {}
        self._further: dict[Message, list[int]] = {}
        self.count = 0

    def add(self, line: int, reason: Message) -> None:
        """One row, by the line on which it begins."""
        self.count += 1
        lines = self._lines.setdefault(reason, [])
        if len(lines) < _ONE_BY_ONE:
            lines.append(line)
            return
        first, _, count = self._further.get(reason, [line, line, 0])
        self._further[reason] = [first, line, count + 1]

    def result(self) -> tuple[Skipped, ...]:
        """All of it: each with its place, the reason, and how many rows it stands for."""
        found: list[Skipped] = []
        for reason, lines in self._lines.items():
            found += [Skipped(f"{self._file}, line {line}", reason) for line in lines]
            if reason in self._further:
                first, last, count = self._further[reason]
                place = f"{self._file}, lines {first}–{last}"
                found.append(Skipped(place, reason, count))
        return tuple(found)
