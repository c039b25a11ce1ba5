"""Columns of pictures, and of masks that say what is where on a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

import numpy as np
from attrs import frozen

from engine.data.columns.column_type import ColumnType, FilesRead, Fitted, Values
from engine.data.schema import Column
from engine.kinds import declare, param
from engine.kinds.types import Integers, Texts
from engine.message import Trouble

if TYPE_CHECKING:
    from engine.data.reading.annotations import Boxes
    from engine.data.reading.listing import Progress
    from engine.data.reading.pictures import Fit

FITS = ("stretch", "crop", "pad")
GREY, COLOUR, OPACITY = "grey", "colour", "colour and opacity"
CHANNELS: dict[str, Literal[1, 3, 4]] = {GREY: 1, COLOUR: 3, OPACITY: 4}


@frozen
class PictureCutting:
    """A part of a picture: its file, and left, top, right and bottom as shares of it."""

    path: str
    box: tuple[float, float, float, float]


@frozen(eq=False)
class Outlined:
    """A mask that is drawn by what was annotated on a picture."""

    path: str
    boxes: Boxes


@declare(title="image", family="columns", hint="a picture", search="picture photo png jpeg")
class ImageColumn(ColumnType):
    """A picture, brought to one size.

    For photographs, drawings and scans; what is small in them must still be seen at the size that is chosen.
    """

    from_files = True
    height: int = param(64, lo=1, hi=4096, doc="Height that every picture is brought to", unit="px")
    width: int = param(64, lo=1, hi=4096, doc="Width that every picture is brought to", unit="px")
    channels: str = param(COLOUR, options=(GREY, COLOUR, OPACITY), doc="What is taken of its colours")
    framing: str = param(
        "stretch",
        options=FITS,
        doc="How a picture of another shape is brought to it: stretched, its edges cut off, or edges added",
    )

    def column(self, name: str, target: bool) -> Column:
        """Channels, height and width; from 0 to 1."""
        return Column(name, (CHANNELS[self.channels], self.height, self.width), lo=0, hi=1)

    def read(self, values: Values, progress: Progress | None = None) -> FilesRead:
        """Pictures N×C×H×W as deep as their files."""
        from engine.data.reading.pictures import read_pictures

        cut = [
            one if isinstance(one, PictureCutting) else PictureCutting(str(one), (0, 0, 1, 1))
            for one in values
        ]
        found = read_pictures(
            [Path(one.path) for one in cut],
            channels=CHANNELS[self.channels],
            size=(self.height, self.width),
            fit=cast("Fit", self.framing),
            boxes=[one.box for one in cut]
            if any(isinstance(one, PictureCutting) for one in values)
            else None,
            progress=progress,
        )
        return FilesRead(found.values, found.rows, found.skipped)

    def encode(self, values: Values, fitted: Fitted, target: bool) -> np.ndarray:
        """N×C×H×W, float32 from 0 to 1. Raises `Trouble` for a picture that cannot be read."""
        from engine.data.reading.pictures import shares

        pictures = shares(self.read_whole(values))
        if pictures.shape[1:] != self.column("x", target).shape:
            raise Trouble(
                "Expected pictures of {expected}, received {received}.",
                expected="×".join(map(str, self.column("x", target).shape)),
                received="×".join(map(str, pictures.shape[1:])),
            )
        return pictures


@declare(title="mask", family="columns", hint="what is where", search="segmentation label map pixels")
class MaskColumn(ColumnType):
    """A picture in which every pixel names a class.

    For what is where on a picture: as a target each pixel is a question of its own.
    """

    from_files = True
    height: int = param(64, lo=1, hi=4096, doc="Height that every mask is brought to", unit="px")
    width: int = param(64, lo=1, hi=4096, doc="Width that every mask is brought to", unit="px")
    framing: str = param("stretch", options=FITS, doc="How it is brought to it, as its picture is")
    values: tuple[int, ...] = param(
        (0, 255), type=Integers(), doc="What stands in the masks for each class, in the order of the classes"
    )
    names: tuple[str, ...] = param(("no", "yes"), type=Texts(), doc="What the classes are called")

    def column(self, name: str, target: bool) -> Column:
        """A class for each pixel; yes or no in one channel where there are two."""
        size = (self.height, self.width)
        shape = (1, *size) if len(self.values) == 2 else size
        names = self.names if len(self.names) == len(self.values) else tuple(map(str, self.values))
        return Column(name, shape, "int", names, kind="image")

    def read(self, values: Values, progress: Progress | None = None) -> FilesRead:
        """Masks N×H×W of what stands in their files, int64."""
        from engine.data.reading.annotations import draw_mask
        from engine.data.reading.masks import read_mask
        from engine.data.reading.skipped import Skipped

        size, fit = (self.height, self.width), cast("Fit", self.framing)
        found: list[np.ndarray] = []
        rows: list[int] = []
        skipped: list[Skipped] = []
        for row, one in enumerate(values):
            try:
                drawn = isinstance(one, Outlined)
                found.append(draw_mask(one.boxes, *size) if drawn else read_mask(Path(one), size, fit))
            except Trouble as trouble:
                skipped.append(Skipped(str(getattr(one, "path", one)), trouble.message))
                continue
            rows.append(row)
            if progress is not None and row % 64 == 0:
                progress(row)
        masks = np.stack(found) if found else np.zeros((0, *size), np.int64)
        return FilesRead(masks, np.array(rows, np.int64), tuple(skipped))

    def encode(self, values: Values, fitted: Fitted, target: bool) -> np.ndarray:
        """Classes N×H×W, or N×1×H×W, int64. Raises `Trouble` for what stands for no class."""
        masks = self.read_whole(values)
        order = np.argsort(self.values)
        known = np.array(self.values)[order]
        places = np.searchsorted(known, masks).clip(0, len(known) - 1)
        if (known[places] != masks).any():
            unknown: Sequence[int] = np.unique(masks[known[places] != masks])[:5].tolist()
            raise Trouble(
                "Expected {known} in the masks, received {unknown}. Read the data anew, or correct "
                "the files.",
                known=", ".join(map(str, self.values[:12])),
                unknown=", ".join(map(str, unknown)),
            )
        classes: np.ndarray = order[places].reshape(len(masks), *self.column("x", target).shape)
        return classes
