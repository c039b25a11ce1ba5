"""The folder of a run while the run goes on."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import suppress
from pathlib import Path

from engine.files import checked_json, leftovers, locks
from engine.files.atomic import move_folder, os_errors_in_words, place_of, write_text
from engine.message import Message, Trouble

UNDER_WAY = ".part"
NOTE = "elsewhere.json"
_NOTED = checked_json.members(("folder",), folder=checked_json.file_path())


class Draft:
    """A run's folder while the run goes on. It is locked, so that others see that the run lives.

    Files are written to `folder`, which is brought to its `place` once it is whole. A run that is to lie
    outside the shelf has a `note` on the shelf as well, and a place for that.
    """

    def __init__(
        self,
        number: int,
        folder: Path,
        place: Path,
        note: Path | None = None,
        note_place: Path | None = None,
    ) -> None:
        self.number = number
        self.folder = folder
        self.place = place
        self._lock = _locked(folder)
        self._note = note
        self._note_place = note_place

    def finish(self) -> Path:
        """Bring the folder to its place, now that it is whole. Raises `Trouble`."""
        self._release()
        move_folder(self.folder, self.place)
        self.folder = self.place
        if self._note is not None and self._note_place is not None:
            move_folder(self._note, self._note_place)
        return self.place

    def elsewhere(self, place: Path) -> Draft:
        """A draft of the same run for another place. Raises `Trouble` where that may not be written or is not
        empty.
        """
        place = place_of(place)
        folder = workplace(place)
        return Draft(self.number, folder, place)

    def give_way(self, place: Path) -> None:
        """Leave no more than a note of the place where the run was saved instead, if even that can be
        written.
        """
        self._release()
        note, note_place = self._note or self.folder, self._note_place or self.place
        with suppress(Trouble, OSError):
            shutil.rmtree(self.folder)
            note.mkdir(exist_ok=True)
            write_note(note, place)
            move_folder(note, note_place)

    def discard(self) -> None:
        """Take the folder away."""
        self._release()
        for folder in (self.folder, self._note):
            if folder is not None:
                shutil.rmtree(folder, ignore_errors=True)

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.release()
            self._lock = None


def workplace(place: Path) -> Path:
    """A new folder beside the place that a run is to have. Raises `Trouble` where there can be none."""
    with os_errors_in_words(place):
        if place.exists() and (not place.is_dir() or any(place.iterdir())):
            raise Trouble("{path} is not empty. Choose a new folder for the run.", path=str(place))
        folder = place.with_name(place.name + UNDER_WAY)
        if place.exists():  # at the end it gives way: one that cannot be moved now could not then
            aside = leftovers.hidden(place)
            os.rename(place, aside)
            os.rename(aside, place)
        if locks.held(folder / "lock"):
            raise Trouble("Another training is writing to {path}. Choose another folder.", path=str(place))
        shutil.rmtree(folder, ignore_errors=True)  # left by a process that was killed
        folder.mkdir(parents=True)
    return folder


def write_note(folder: Path, place: Path) -> None:
    """Let a folder of the shelf stand for a run that lies elsewhere."""
    write_text(folder / NOTE, json.dumps({"folder": str(place)}))


def noted(folder: Path) -> Path:
    """The folder of the run that a folder of the shelf stands for: itself, or the one that its note names."""
    if not os.path.exists(folder / NOTE):
        return folder
    try:
        place = Path(checked_json.read(folder / NOTE, _NOTED)["folder"])
        return place if os.path.exists(place) else place.with_name(place.name + UNDER_WAY)
    except (Trouble, ValueError):  # the folder itself then tells what is wrong
        return folder


def misread_note(folder: Path) -> Message | None:
    """What is wrong with the note of a folder that stands for a run elsewhere; None where it has none."""
    if not os.path.exists(folder / NOTE):
        return None
    try:
        place = checked_json.read(folder / NOTE, _NOTED)["folder"]
    except Trouble as trouble:
        return trouble.message
    return Message(
        "{path} names the folder {place}, which cannot be found.", path=str(folder / NOTE), place=place
    )


def _locked(folder: Path) -> locks.Lock | None:
    try:
        return locks.take(folder / "lock")
    except OSError:  # a disk without locks: others will take the run for an interrupted one, no more
        return None
