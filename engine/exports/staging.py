"""Where an export is made, and how it comes to its place: all of its files or none."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

from engine.exports.formats import Format
from engine.files import leftovers, locks
from engine.files.atomic import os_errors_in_words, place_of, sync
from engine.message import Trouble

_held: dict[Path, locks.Lock | None] = {}
"""The locks of the staging folders of this process."""


def resolved(path: Path, format: Format) -> Path:
    """Where the file of an export comes to stand: where a link of that name leads to, if that ends alike."""
    place = place_of(path)
    return place if place.name.lower().endswith(format.ending) else path.absolute()


def staging_folder(run: Path, path: Path, format: Format) -> Path:
    """A new folder beside the place of an export, to make it in. Raises `Trouble` where it may not stand
    there.
    """
    place = path.absolute()
    if place.is_dir():
        raise Trouble("{path} is a folder. Choose a file name.", path=str(path))
    if place.resolve().is_relative_to(run.resolve()):
        raise Trouble("{path} lies in the folder of the run itself. Choose another place.", path=str(path))
    for name in format.files(place.name)[1:]:
        if (place.parent / name).is_dir():
            raise Trouble(
                "{name} is a folder, and a file of that name comes beside {file}. Choose another name.",
                name=name,
                file=place.name,
            )
    for name in format.files(place.name)[1:-1]:
        # the person was asked about the file itself, if at all, and not about what comes with it
        if (place.parent / name).exists() and not place.exists():
            raise Trouble(
                "{name} would be overwritten: it comes beside {file}. "
                "Choose another name, or move that file.",
                name=name,
                file=place.name,
            )
    leftovers.collect(place.parent)
    folder = leftovers.hidden(place)
    with os_errors_in_words(path):
        folder.mkdir()
        _held[folder] = locks.take(folder / leftovers.LOCK)
    return folder


def install(folder: Path, path: Path, format: Format) -> None:
    """Bring all files of an export to their place. Where that is not done to the end, what stood there before
    is put back: here where one cannot be moved, by the next process where this one is killed.
    """
    place = path.absolute()
    before = folder / leftovers.BEFORE
    moved: list[Path] = []
    with os_errors_in_words(path):
        before.mkdir()
        try:
            # the file itself comes last: whoever sees it finds the rest beside it
            names = list(reversed(format.files(place.name)))
            for name in names:
                if (place.parent / name).exists():
                    _copy(place.parent / name, before / name)
            for name in names:
                os.replace(folder / name, place.parent / name)
                moved.append(place.parent / name)
        except BaseException:
            for target in moved:
                target.unlink(missing_ok=True)
            leftovers.put_back(before, place.parent)
            raise
        sync(place.parent)


def clear(folder: Path) -> None:
    """Take the staging folder away with all that is left in it."""
    lock = _held.pop(folder, None)
    if lock is not None:
        lock.release()
    with suppress(OSError):
        shutil.rmtree(folder)


def _copy(source: Path, target: Path) -> None:
    """A second name for a file, or a copy where the disk knows no such thing."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
