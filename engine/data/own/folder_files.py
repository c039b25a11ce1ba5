"""A folder of samples, each in a file of its own, in any of the conventions that people have."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from engine.data.columns.column_type import Values
from engine.data.columns.images import Outlined, PictureCutting
from engine.data.own.file_source import FileSource, Progress
from engine.data.reading import sounds
from engine.data.reading.annotations import crops, has_outlines
from engine.data.reading.folders import list_folder
from engine.data.reading.listing import Listing
from engine.data.reading.text_files import read_text
from engine.data.records import PARTS, Records
from engine.kinds import declare, param

NAMES, CROPS, MASKS = "what is seen", "each thing by itself", "where it is"
SEPARATOR = "|"
WHOLE = "picture"
"""The column that says from which picture something was cut: all of one belong into one part."""


@declare(
    title="A folder of your own",
    family="own",
    hint="pictures, sounds, videos or texts, a file each",
    search="folder directory images pictures photos sounds audio videos texts class coco yolo own open",
)
class FolderFiles(FileSource):
    """A folder in which every sample is a file: a folder for each class, for each part, or a table beside.

    For pictures, sounds, videos and texts as cameras, recorders and other programs leave them.
    """

    convention: str = param(
        "",
        options=("", "classes", "parts", "metadata", "pairs", "coco", "yolo", "flat"),
        doc="How it is laid out; empty where that is found by itself",
    )
    medium: str = param(
        "",
        options=("", "image", "sound", "video", "text"),
        doc="Which files count; empty takes those that are most",
    )
    annotated: str = param(
        NAMES,
        options=(NAMES, CROPS, MASKS),
        doc="What is taken of boxes that are drawn on pictures: the names of what is on them, each thing cut "
        "out, or a mask",
    )

    def listing(self) -> Listing:
        """What it holds, no file opened. Raises `Trouble`."""
        return listed(self.place, self.convention, self.medium, self.annotated)

    def files(self) -> Sequence[Path]:
        """Every sample's file, and its mask."""
        listing = self.listing()
        masks = (listing.root / one for one in listing.columns.get("mask", ()) if one)
        return sorted({*listing.paths, *masks})

    def read(self, progress: Progress | None = None) -> Records:
        """The samples: the paths of their files, but texts themselves."""
        self.require_present()
        listing = self.listing()
        files = listing.columns["file"]
        parts = None
        if listing.parts is not None:
            parts = np.array([PARTS.index(part) if part in PARTS else -1 for part in listing.parts])
        return Records(
            columns_of(listing, self.annotated),
            np.arange(len(listing)),
            lambda row: str(files[row]),
            parts,
            listing.skipped,
            sounds.survey(listing.paths).notes() if listing.media == "sound" else (),
        )


@lru_cache(maxsize=2)
def listed(path: Path, convention: str, medium: str, annotated: str) -> Listing:
    """What a folder holds."""
    listing = list_folder(path, convention=convention, media=medium)
    return crops(listing) if annotated == CROPS and "boxes" in listing.columns else listing


def columns_of(listing: Listing, annotated: str) -> dict[str, Values]:
    """The columns of a listing: first that of the files, by what they are, then what is known of them."""
    root, known = listing.root, listing.columns
    files = [str(root / one) for one in known["file"]]
    first: list[object] = list(files)
    if listing.media == "text":
        first = [read_text(Path(one)) for one in files]
    elif "box" in known:
        first = [PictureCutting(path, tuple(box)) for path, box in zip(files, known["box"], strict=True)]
    columns: dict[str, Values] = {listing.media: objects(first)}
    if "box" in known:
        columns[WHOLE] = objects(list(known["file"]))
    for name, values in known.items():
        if name in {"file", "box"}:
            continue
        if name == "boxes":
            if annotated == MASKS and has_outlines(listing):
                columns["mask"] = objects([Outlined(f, b) for f, b in zip(files, values, strict=True)])
        elif name == "mask":
            columns["mask"] = objects([str(root / one) if one else None for one in values])
        elif name == "classes":
            columns["classes"] = objects([SEPARATOR.join(one) for one in values])
        else:
            columns[name] = typed(values)
    return columns


def objects(values: Sequence[object]) -> Values:
    """A column of anything."""
    column = np.empty(len(values), object)
    column[:] = values
    return column


def typed(values: Sequence[object]) -> Values:
    """A column of numbers where all are that or missing, else of anything."""
    if all(isinstance(one, int | float) and not isinstance(one, bool) for one in values if one is not None):
        return np.array([np.nan if one is None else float(one) for one in values], np.float64)  # type: ignore[arg-type]  # numbers, as was asked
    return objects([one if one is None or isinstance(one, str) else str(one) for one in values])
