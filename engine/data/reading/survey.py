"""Looks at many pictures without decoding them: sizes, channels, depths, and those that cannot be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from attrs import field, frozen

from engine.data.reading import decoding
from engine.data.reading.listing import Cancelled, Progress, go_on
from engine.data.reading.skipped import Skipped
from engine.message import Message, Trouble

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

MOST_LOOKED_AT = 2_000  # pictures; of more, as many are taken evenly
_OFTEN = 64  # pictures between two looks at whether somebody cancelled
_ORIENTATION = 0x0112  # how a camera was held; from 5 on it lay on its side


@frozen(eq=False)
class Survey:
    """What pictures are like: how many of which size (height, width, as they are seen), of how many channels
    and of which depth, which could not be read, and what else a person should know. `looked_at` of `total`
    were opened.
    """

    total: int
    looked_at: int
    sizes: Counter[tuple[int, int]]
    channels: Counter[int]
    depths: Counter[str]
    skipped: tuple[Skipped, ...]
    notes: tuple[Message, ...] = field(factory=tuple)

    @property
    def usual_size(self) -> tuple[int, int] | None:
        """The most frequent size, the larger of two that are equally frequent."""
        return max(self.sizes, key=lambda size: (self.sizes[size], size), default=None)

    @property
    def usual_channels(self) -> int | None:
        """As many channels as most have; three where colours are rare but there."""
        if not self.channels:
            return None
        return 1 if set(self.channels) == {1} else 4 if set(self.channels) == {4} else 3


def survey(
    paths: Sequence[Path],
    *,
    most: int | None = MOST_LOOKED_AT,
    whole: bool = False,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> Survey:
    """What the pictures are like by their headers; `whole` decodes each, and so finds those that break off.

    Of more than `most`, so many are looked at, evenly over the list, and the same ones each time.
    """
    chosen: Sequence[int] = range(len(paths))
    if most is not None and len(paths) > most:
        chosen = np.linspace(0, len(paths) - 1, most).round().astype(int).tolist()
    sizes, channels = Counter[tuple[int, int]](), Counter[int]()
    depths, kinds = Counter[str](), Counter[str]()
    skipped: list[Skipped] = []
    for number, index in enumerate(chosen):
        path = paths[index]
        if number % _OFTEN == 0:
            go_on(cancelled, path)
            if progress is not None:
                progress(number)
        try:
            image = decoding.opened(path)
            if not decoding.is_deep(image):
                decoding.check_read_truly(path, image)
            depth = decoding.depth_of(image)
            kinds.update(_kinds(image))
            size, count = seen_size(image), decoding.channels_of(image)
            if whole:
                decoding.loaded(path, image)
        except Trouble as trouble:
            skipped.append(Skipped(str(path), trouble.message))
            continue
        sizes[size] += 1
        channels[count] += 1
        depths[depth] += 1
    if progress is not None:
        progress(len(chosen))
    notes = tuple(Message(_NOTES[kind], n=number) for kind, number in kinds.items())
    return Survey(len(paths), len(chosen), sizes, channels, depths, tuple(skipped), notes)


_NOTES = {
    "frames": "{n} picture{n:|s} {n:has|have} several frames or pages: the first is taken.",
    "ink": "{n} picture{n:|s} in the colours of printing (CMYK) {n:is|are} read as red, green, blue.",
    "turned": "{n} picture{n:|s} {n:is|are} turned as {n:its|their} camera says.",
}


def _kinds(image: ImageFile) -> list[str]:
    """What a person should know of a picture."""
    several = bool(getattr(image, "is_animated", False)) and image.format != "MPO"
    return [
        *(["frames"] if several else []),
        *(["ink"] if image.mode == "CMYK" else []),
        *(["turned"] if "exif" in image.info and image.getexif().get(_ORIENTATION, 1) != 1 else []),
    ]


def seen_size(image: ImageFile) -> tuple[int, int]:
    """Height and width of a picture as it is seen: turned as its camera says."""
    width, height = image.size
    # a TIFF's size is that already
    turned = image.format != "TIFF" and "exif" in image.info and image.getexif().get(_ORIENTATION, 1) >= 5
    return (width, height) if turned else (height, width)
