"""Where an export is made, and how it comes to its place: all of its files or none."""

from __future__ import annotations

import os
import shutil
import uuid
from contextlib import suppress
from pathlib import Path

from engine.exports.formats import Format
from engine.files.atomic import os_errors_in_words, sync
from engine.message import Trouble


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
    folder = place.parent / f".{place.name[:80]}.{uuid.uuid4().hex[:8]}"
    with os_errors_in_words(path):
        folder.mkdir()
    return folder


def install(folder: Path, path: Path, format: Format) -> None:
    """Move all files of an export to their place. Where one cannot be moved, what stood there before is put
    back.
    """
    place = path.absolute()
    before = folder / "before"
    moved: list[Path] = []
    replaced: list[Path] = []
    with os_errors_in_words(path):
        before.mkdir()
        try:
            # the file itself comes last: whoever sees it finds the rest beside it
            for name in reversed(format.files(place.name)):
                target = place.parent / name
                if target.exists():
                    os.replace(target, before / name)
                    replaced.append(target)
                os.replace(folder / name, target)
                moved.append(target)
        except BaseException:
            for target in moved:
                target.unlink(missing_ok=True)
            for target in replaced:
                os.replace(before / target.name, target)
            raise
        sync(place.parent)


def clear(folder: Path) -> None:
    """Take the staging folder away with all that is left in it."""
    with suppress(OSError):
        shutil.rmtree(folder)
