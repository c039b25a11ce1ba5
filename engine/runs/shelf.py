"""The shelf of runs: a numbered folder for each, whole or plainly unfinished, enough to make the run
again.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from engine.files import leftovers, locks
from engine.files.atomic import os_errors_in_words, place_of
from engine.files.folders import runs_folder
from engine.message import Trouble
from engine.runs.draft import UNDER_WAY, Draft, noted, workplace, write_note
from engine.runs.record import COMPLETE, Record


class Shelf:
    """The runs in a folder."""

    def __init__(self, folder: Path | str | None = None) -> None:
        self.folder = Path(folder) if folder is not None else runs_folder()

    def runs(self) -> list[Record]:
        """All runs, newest first. One that is broken says so in its `problem`."""
        records: dict[int, Record] = {}
        for path in sorted(self._entries()):
            number = _number(path.name)
            if number is not None and os.path.isdir(path):
                place = noted(path)
                if os.path.exists(place / "run.json") or (path.suffix != UNDER_WAY and os.path.exists(place)):
                    records[number] = Record(place, number)
        return [records[number] for number in sorted(records, reverse=True)]

    def run(self, number: int) -> Record:
        """The run of that number. Raises `Trouble` where there is none."""
        for record in self.runs():
            if record.number == number:
                return record
        raise Trouble("There is no run {number} in {folder}.", number=number, folder=str(self.folder))

    def latest(self, path: Path | str | None = None, fingerprint: str | None = None) -> Record | None:
        """The newest whole run of a project file, or of the same network, data and recipe; None where there
        is none.
        """
        return next(self.whole(path, fingerprint), None)

    def whole(self, path: Path | str | None = None, fingerprint: str | None = None) -> Iterator[Record]:
        """The whole runs of a project file, or of the same network, data and recipe, newest first."""
        wanted = str(Path(path).resolve()) if path is not None else None
        for record in self.runs():
            if record.state in COMPLETE and (
                (wanted is not None and record.data.get("project_path") == wanted)
                or (fingerprint is not None and record.data.get("fingerprint") == fingerprint)
            ):
                yield record

    def claim(self, name: str, out: Path | str | None = None) -> Draft:
        """A number that no other process has, and a folder to write the run into.

        With `out` the run's folder will be that one, and the shelf keeps a note of it. Raises `Trouble` where
        the folder cannot be written or is not empty.
        """
        self.collect()
        if out is None:
            number, folder = self._reserve()
            return Draft(number, folder, self.folder / f"{number:04d}-{slug(name)}")
        place = place_of(out)
        folder = workplace(place)
        try:
            number, note = self._reserve()
            write_note(note, place)
        except Trouble:  # the shelf is only a convenience here
            return Draft(1, folder, place)
        for entry in self._entries():
            if entry != note and noted(entry) == folder:  # of a run that was killed, or taken away: no longer
                shutil.rmtree(entry, ignore_errors=True)
        return Draft(number, folder, place, note, self.folder / f"{number:04d}-{slug(name)}")

    def _reserve(self) -> tuple[int, Path]:
        with os_errors_in_words(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            while True:
                number = max((_number(path.name) or 0 for path in self._entries()), default=0) + 1
                claimed = self.folder / f"{number:04d}{UNDER_WAY}"
                try:
                    claimed.mkdir()
                except FileExistsError:
                    continue
                # one that was finished between looking and making has the number already
                if sum(_number(path.name) == number for path in self._entries()) == 1:
                    return number, claimed
                claimed.rmdir()

    def collect(self) -> None:
        """Take away what was being written when a process was killed; what was written stays."""
        leftovers.collect(self.folder)
        for entry in self._entries():
            for folder in {entry, noted(entry)}:
                if folder.suffix == UNDER_WAY and not locks.held(folder / "lock"):
                    leftovers.collect(folder)

    def _entries(self) -> list[Path]:
        try:
            return list(self.folder.iterdir())
        except OSError:
            return []


def slug(name: str) -> str:
    """A name as part of a folder's: `Digits CNN` is `digits-cnn`."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower())[:40].strip("-") or "network"


def _number(name: str) -> int | None:
    match = re.match(r"(\d{4,})(?:-|\.part$)", name)
    return int(match[1]) if match else None
