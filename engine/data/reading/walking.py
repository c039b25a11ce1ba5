"""Walks through a folder that somebody else filled: a million files, links in circles, pipes."""

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import Path, PurePosixPath

from attrs import frozen

from engine.data.reading.listing import Cancelled, Progress, Skips, go_on
from engine.message import Trouble

DEEPEST = 40  # folders within each other
MOST_FILES = 20_000_000
_OFTEN = 512  # entries between two looks at whether somebody cancelled
_LITTER = {"__macosx", "thumbs.db", "desktop.ini", "$recycle.bin", "system volume information"}
_DIGITS = re.compile("[0-9]+")


@frozen(eq=False)
class Tree:
    """The files of a folder: for each folder that has some, as a path with slashes relative to `root` and ""
    for itself, their names. Both in natural order.
    """

    root: Path
    folders: dict[str, list[str]]
    skips: Skips

    def path(self, file: str) -> Path:
        """Where a file of the tree stands."""
        return self.root / file


def natural(name: str) -> tuple[str, str]:
    """By what names are sorted so that `x2` comes before `x10`, and large letters beside small ones."""
    if not name.isascii():
        name = unicodedata.normalize("NFC", name)
    return _DIGITS.sub(lambda digits: digits[0].zfill(20), name.casefold()), name


def joined(folder: str, name: str) -> str:
    """The path of a file in a folder of a tree."""
    return f"{folder}/{name}" if folder else name


def folder_of(file: str) -> str:
    """The folder of a tree that a file of it lies in."""
    return file.rpartition("/")[0]


def walk(path: Path, progress: Progress | None = None, cancelled: Cancelled | None = None) -> Tree:
    """All files beneath a folder. What a link outside leads to is not among them, and no folder is read
    twice. Raises `Trouble` where the folder itself cannot be read.
    """
    root = _folder(path)
    found: dict[str, list[str]] = {}
    skips = Skips()
    count = 0
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        names: list[str] = []
        try:
            with os.scandir(root / folder) as entries:
                for number, entry in enumerate(entries):
                    if number % _OFTEN == 0:
                        go_on(cancelled, path)
                        if progress is not None:
                            progress(count + len(names))
                    kept = _kept(entry, root, folder, skips)
                    if kept == "folder":
                        waiting.append(joined(folder, entry.name))
                    elif kept == "file":
                        names.append(entry.name)
        except OSError as error:
            reason = error.strerror or str(error)
            if not folder:
                raise Trouble("{path} cannot be read: {reason}.", path=str(path), reason=reason) from error
            skips.file(folder, "The folder cannot be read: {reason}.", reason=reason)
        if names:
            found[folder] = sorted(names, key=natural)
            count += len(names)
        if count > MOST_FILES:
            raise Trouble(
                "{path} has more than {most} files. Choose a folder further within.",
                path=str(path),
                most=f"{MOST_FILES:,}",
            )
    if progress is not None:
        progress(count)
    ordered = sorted(found, key=lambda folder: [natural(part) for part in PurePosixPath(folder).parts])
    return Tree(root, {folder: found[folder] for folder in ordered}, skips)


def _folder(path: Path) -> Path:
    try:
        root = path.resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:  # a link in a circle is a RuntimeError before 3.13
        reason = getattr(error, "strerror", None) or str(error)
        raise Trouble(
            "{path} cannot be read: {reason}. Was it moved or renamed?", path=str(path), reason=reason
        ) from None
    if not root.is_dir():
        raise Trouble("{path} is no folder. Choose the folder that the files are in.", path=str(path))
    return root


def _kept(entry: os.DirEntry[str], root: Path, folder: str, skips: Skips) -> str:
    """Whether an entry is a "file" or a "folder" to be read; else it is noted why it is neither."""
    name = entry.name
    if name.startswith(".") or name.casefold() in _LITTER:
        skips.count("{n} hidden file{n:|s} or folder{n:|s}")
        return ""
    if not _is_text(name):
        skips.count("{n} file{n:|s} whose name is no text. Rename {n:it|them}.")
        return ""
    place = joined(folder, name)
    if entry.is_symlink() or getattr(entry, "is_junction", bool)():
        return _link(entry, root, place, skips)
    if entry.is_dir(follow_symlinks=False):
        if place.count("/") < DEEPEST:
            return "folder"
        skips.file(place, "It lies more than {most} folders deep.", most=DEEPEST)
    elif entry.is_file(follow_symlinks=False):
        return "file"
    else:
        skips.file(place, "It is no ordinary file.")
    return ""


def _link(entry: os.DirEntry[str], root: Path, place: str, skips: Skips) -> str:
    """A link to a file within the folder is a file; to a folder within, that is read where it stands."""
    try:
        target = Path(entry.path).resolve(strict=True)
    except (OSError, RuntimeError):
        skips.file(place, "The link leads nowhere, or in a circle.")
        return ""
    if not target.is_relative_to(root):
        skips.file(place, "The link leads out of the folder. Copy what it leads to into the folder.")
    elif target.is_file():
        return "file"
    elif target.is_dir():
        skips.file(place, "The link leads to a folder that is read already.")
    else:
        skips.file(place, "It is no ordinary file.")
    return ""


def _is_text(name: str) -> bool:
    """Whether a name can be written down: bytes that are no UTF-8 arrive as halves of characters."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
