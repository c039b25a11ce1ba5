"""Columns of video: some frames of each, one after the other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engine.data.columns.column_type import ColumnType, FilesRead, Fitted, Values
from engine.data.columns.images import COLOUR, GREY
from engine.data.schema import Column
from engine.kinds import declare, param
from engine.message import Trouble

if TYPE_CHECKING:
    from engine.data.reading.listing import Progress


@declare(
    title="video", family="columns", hint="moving pictures", search="film clip mp4 webm avi frames motion"
)
class VideoColumn(ColumnType):
    """Some frames of a video, spread evenly over it and brought to one size.

    For what shows only as it moves. Transpose puts the colours first, as Conv3d takes them.
    """

    from_files = True
    frames: int = param(8, lo=1, hi=1024, doc="How many frames of each video are taken")
    height: int = param(64, lo=1, hi=4096, doc="Height that every frame is brought to", unit="px")
    width: int = param(64, lo=1, hi=4096, doc="Width that every frame is brought to", unit="px")
    channels: str = param(COLOUR, options=(GREY, COLOUR), doc="What is taken of its colours")

    def column(self, name: str, target: bool) -> Column:
        """Frames, channels, height and width; from 0 to 1."""
        shape = (self.frames, 3 if self.channels == COLOUR else 1, self.height, self.width)
        return Column(name, shape, lo=0, hi=1, kind="video")

    def read(self, values: Values, progress: Progress | None = None) -> FilesRead:
        """Frames N × frames × channels × height × width, uint8."""
        from engine.data.reading.videos import read_videos

        found = read_videos(
            [Path(one) for one in values],
            frames=self.frames,
            height=self.height,
            width=self.width,
            colour=self.channels == COLOUR,
            progress=progress,
        )
        return FilesRead(found.values, found.rows, found.skipped)

    def encode(self, values: Values, fitted: Fitted, target: bool) -> np.ndarray:
        """N × frames × channels × height × width, float32 from 0 to 1. Raises `Trouble` for a video that
        cannot be read.
        """
        videos, shape = self.read_whole(values), self.column("x", target).shape
        if videos.shape[1:] != shape or videos.dtype != np.uint8:
            raise Trouble(
                "Expected videos of {expected}, received {received}.",
                expected="×".join(map(str, shape)),
                received="×".join(map(str, videos.shape[1:])),
            )
        return videos.astype(np.float32) / np.float32(255)
