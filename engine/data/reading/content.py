"""What the files of a folder are by their endings, and of which part by the names of their folders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
from attrs import field, frozen

from engine.data.reading.listing import Cancelled, Listing, Progress, go_on
from engine.data.reading.walking import Tree, folder_of, joined

MEDIA: dict[str, tuple[str, ...]] = {
    "image": (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".pgm", ".ppm"),
    "sound": (".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".au"),
    "video": (".mp4", ".avi", ".mov", ".mkv", ".webm", ".m4v", ".mpg", ".mpeg"),
    "text": (".txt",),
}
"""The endings of files, in small letters, by what they hold. An ending stands for one medium alone."""

_MEDIUM = {ending: medium for medium, endings in MEDIA.items() for ending in endings}

PARTS = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("validation", "valid", "val", "dev"), "validation"),
    **dict.fromkeys(("test", "testing"), "test"),
}
"""The part that a folder of such a name, in small letters, holds."""


def medium_of(name: str) -> str:
    """What a file of that name holds by its ending, small or large; "" where it is none of them."""
    return _MEDIUM.get(ending(name), "")


def ending(name: str) -> str:
    """The ending of a file's name in small letters, with its dot."""
    dot = name.rfind(".")
    return name[dot:].lower() if dot > 0 else ""


def most(tree: Tree) -> str:
    """What most files are. Texts often stand beside pictures and sounds: they must be twice as many."""
    counts = Counter(medium_of(name) for names in tree.folders.values() for name in names)
    del counts[""]
    texts = counts.pop("text", 0)
    others = counts.most_common(1)
    if others and texts <= 2 * others[0][1]:
        return others[0][0]
    return "text" if texts else ""


@frozen(eq=False)
class Content:
    """A folder seen as samples of one medium. `description` is the name of the file that says what the
    samples are, where a person named it instead of the folder.
    """

    tree: Tree
    medium: str
    description: str = ""
    progress: Progress | None = None
    cancelled: Cancelled | None = None
    files: dict[str, list[str]] = field(init=False)
    """Of that medium alone, by folder."""

    @files.default
    def _of_medium(self) -> dict[str, list[str]]:
        endings = MEDIA[self.medium]
        chosen = {
            folder: [name for name in names if name.lower().endswith(endings)]
            for folder, names in self.tree.folders.items()
        }
        return {folder: names for folder, names in chosen.items() if names}

    def described_by(self, endings: tuple[str, ...]) -> list[str]:
        """The files that may say what the samples are: the named one, else all that end so."""
        if self.description.lower().endswith(endings):
            return [self.description]
        return [
            joined(folder, name)
            for folder, names in self.tree.folders.items()
            for name in names
            if name.lower().endswith(endings)
        ]

    def texts(self) -> list[str]:
        """The paths of all texts, whatever the samples are."""
        return [
            joined(folder, name)
            for folder, names in self.tree.folders.items()
            for name in names
            if medium_of(name) == "text" or name.casefold() == "obj.names"
        ]

    def go_on(self, done: int) -> None:
        """Say how many rows are done. Raises `Abandoned` where nobody wants them any more."""
        go_on(self.cancelled, self.tree.root)
        if self.progress is not None:
            self.progress(done)

    def listing(
        self,
        convention: str,
        columns: Mapping[str, Sequence[Any]],
        parts: Sequence[str] = (),
        used: Iterable[str] = (),
        classes: tuple[str, ...] = (),
    ) -> Listing:
        """The samples with all that was left out. `used` are files of other endings that were not: what the
        samples are was read from them.
        """
        others = Counter(
            end
            for names in self.tree.folders.values()
            for name in names
            if (end := ending(name)) not in MEDIA[self.medium]
        )
        others.subtract(ending(name) for name in used)
        for end, number in others.most_common():
            if number > 0 and end:
                self.tree.skips.count("{n} file{n:|s} ending in {of}", number, of=end)
            elif number > 0:
                self.tree.skips.count("{n} file{n:|s} without an ending", number)
        told = np.array(parts, "U10") if any(parts) else None
        return Listing(self.tree.root, self.medium, convention, columns, told, self.tree.skips.all(), classes)


def part_of(folder: str) -> str:
    """The part that a name stands for, as train or val2017 do: "train", "validation", "test", or ""."""
    return PARTS.get(folder.casefold().rstrip("0123456789_-"), "")


@cache
def part_in(folder: str) -> str:
    """The part that the steps to a folder name, "" where none or several do."""
    named = {part for step in folder.split("/") if (part := part_of(step))}
    return named.pop() if len(named) == 1 else ""


def parts_in(files: Iterable[str]) -> list[str]:
    """The part that each file's folders name; none at all where one has none, or all are of one."""
    parts = [part_in(folder_of(file)) for file in files]
    return parts if len(set(parts)) > 1 and all(parts) else []
