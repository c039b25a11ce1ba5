"""Reads pictures as arrays: with the channels and of the size asked for, in the depth that they have.

A picture is an array C×H×W of uint8 where its file has 8 bits, of uint16 where it has 16, of float32 where it
has others: so a set takes no more memory than it needs, and no 16-bit picture is read as 8. `depth` says what
stands for white; `shares` gives 0 … 1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from attrs import frozen

from engine.data.reading import decoding
from engine.data.reading.listing import Cancelled, Progress, go_on
from engine.data.reading.skipped import Skipped
from engine.hardware import memory
from engine.message import Trouble

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

Fit = Literal["stretch", "pad", "crop"]
Box = tuple[float, float, float, float]
"""Left, top, right and bottom as shares of a picture's width and height."""

_DEPTHS = {"uint8": 255, "uint16": 65535}
_MODES = {1: "L", 3: "RGB", 4: "RGBA"}
_LUMA = np.array(
    [0.299, 0.587, 0.114], np.float32
)  # of red, green and blue: ITU-R 601, as Pillow does for 8 bits
_OFTEN = 64  # pictures between two looks at whether somebody cancelled


def depth(dtype: np.dtype) -> int:
    """What stands for white in a picture of that type; 1 where its values have no natural range."""
    return _DEPTHS.get(dtype.name, 1)


def shares(picture: np.ndarray) -> np.ndarray:
    """A picture of any depth as float32 from 0 to 1; one without a natural range as it is."""
    return picture.astype(np.float32) / np.float32(depth(picture.dtype))


def widened(picture: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """A picture in a type of at least its depth, with the same shares of white."""
    if picture.dtype == dtype:
        return picture
    if dtype == np.uint16 and picture.dtype == np.uint8:
        return picture.astype(np.uint16) * np.uint16(257)  # 255 becomes 65,535
    return shares(picture).astype(dtype)


def read_picture(
    source: Path | bytes,
    *,
    channels: Literal[1, 3, 4] | None = None,
    size: tuple[int, int] | None = None,
    fit: Fit = "stretch",
    box: Box | None = None,
    fill: float = 0.0,
) -> np.ndarray:
    """A picture as C×H×W, uint8, uint16 or float32, its first frame where it has several.

    Turned as its camera says. Without `channels` it has those of its file: 1, 3, or 4 with opacity. Where 1
    or 3 are asked for, what can be seen through is laid on white. `size` is height and width, resized without
    aliasing: stretched, cropped around the centre, or padded with `fill` (a share of white). `box` cuts out a
    part first. Raises `Trouble` with the file.
    """
    image = decoding.opened(source)
    if decoding.is_deep(image):
        values = _with_channels(decoding.deep(source, image), channels)
        return _resized_values(values if box is None else _cut(values, box), size, fit, fill)
    decoding.check_read_truly(source, image)
    if size is not None and image.format in ("JPEG", "MPO"):
        _skip_detail(image, size, box)
    seen = _with_mode(decoding.loaded(source, image), channels)
    if box is not None:
        seen = seen.crop(_pixels(box, seen.height, seen.width))
    if size is not None and seen.size != (size[1], size[0]):
        seen = _resized(seen, size, fit, fill)
    if seen.mode == "L":
        return np.array(seen)[None]
    return np.ascontiguousarray(np.asarray(seen).transpose(2, 0, 1))


@frozen(eq=False)
class Pictures:
    """Many pictures as one array N×C×H×W, which of the paths they are (N), and those that were left out."""

    values: np.ndarray
    rows: np.ndarray
    skipped: tuple[Skipped, ...]


def read_pictures(
    paths: Sequence[Path],
    *,
    channels: Literal[1, 3, 4],
    size: tuple[int, int],
    fit: Fit = "stretch",
    boxes: Sequence[Box] | None = None,
    fill: float = 0.0,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> Pictures:
    """All pictures in one array, as deep as the deepest of them. Unreadable ones are left out, and said."""
    values = _room((len(paths), channels, *size), np.dtype(np.uint8))
    rows: list[int] = []
    skipped: list[Skipped] = []
    for row, path in enumerate(paths):
        if row % _OFTEN == 0:
            go_on(cancelled, path)
            if progress is not None:
                progress(row)
        try:
            one = read_picture(
                path, channels=channels, size=size, fit=fit, box=boxes[row] if boxes else None, fill=fill
            )
        except Trouble as trouble:
            skipped.append(Skipped(str(path), trouble.message))
            continue
        if one.dtype.itemsize > values.dtype.itemsize:
            deeper = _room(values.shape, one.dtype)
            deeper[: len(rows)] = widened(values[: len(rows)], one.dtype)
            values = deeper
        values[len(rows)] = widened(one, values.dtype)
        rows.append(row)
    if progress is not None:
        progress(len(paths))
    return Pictures(values[: len(rows)], np.array(rows, np.int64), tuple(skipped))


def _room(shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """An array for pictures. Raises `Trouble` where it does not fit into the memory that is free."""
    wanted, free = math.prod(shape) * dtype.itemsize, memory.available()
    if free is not None and wanted > free:
        raise Trouble(
            "{n} pictures of {channels}×{height}×{width} take {wanted}, but {free} of memory are free. "
            "Choose a smaller size, or stream them.",
            n=f"{shape[0]:,}",
            channels=shape[1],
            height=shape[2],
            width=shape[3],
            wanted=memory.words(wanted),
            free=memory.words(free),
        )
    return np.empty(shape, dtype)


# --------------------------------------------------------------------------- eight bits: Pillow's pictures


def _with_mode(read: ImageFile, channels: int | None) -> Image:
    """The picture in grey, red-green-blue, or with opacity; what can be seen through is laid on white."""
    own = decoding.channels_of(read)
    image: Image = read
    wanted = _MODES[channels or own]
    if own == 4 and wanted != "RGBA":
        # Pillow knows no other way from a palette of which colours can be seen through
        image = image if image.mode == "RGBA" else image.convert("RGBA")
        white = decoding.pillow().new("RGBA", image.size, "white")
        image = decoding.pillow().alpha_composite(white, image)
    if own != 1 and wanted == "L" and image.mode != "RGB":
        image = image.convert("RGB")  # the grey of a palette or of printing colours is that of what is seen
    return image if image.mode == wanted else image.convert(wanted)


def _skip_detail(image: ImageFile, size: tuple[int, int], box: Box | None) -> None:
    """Have a JPEG decoded at a half, a quarter or an eighth where that still leaves twice the pixels that are
    asked for: much faster, and hardly another picture.
    """
    left, top, right, bottom = box or (0, 0, 1, 1)
    most = 2 * max(size)  # a picture may lie on its side
    share = max(min(right - left, bottom - top), 1e-3)
    factor = most / share / min(image.size)
    if factor < 1:
        image.draft(None, (round(image.width * factor), round(image.height * factor)))


def _pixels(box: Box, height: int, width: int) -> tuple[int, int, int, int]:
    """The pixels that a box covers: at least one, and none outside the picture."""
    left, top, right, bottom = box
    first_x, last_x = _covered(left * width, right * width, width)
    first_y, last_y = _covered(top * height, bottom * height, height)
    return first_x, first_y, last_x, last_y


def _covered(begin: float, end: float, size: int) -> tuple[int, int]:
    """From which pixel to before which: a thousandth of one is what 32 bits and a file's digits lose."""
    first = min(max(math.floor(begin + 1e-3), 0), size - 1)
    return first, min(max(math.ceil(end - 1e-3), first + 1), size)


def plan(
    height: int, width: int, size: tuple[int, int], fit: Fit
) -> tuple[tuple[float, float, float, float], tuple[int, int]]:
    """Which part of a picture (left, top, right, bottom in pixels) becomes how large (height, width)."""
    high, wide = size
    if fit == "crop":
        scale = max(high / height, wide / width)
        cut_x, cut_y = (width - wide / scale) / 2, (height - high / scale) / 2
        return (max(cut_x, 0), max(cut_y, 0), min(width - cut_x, width), min(height - cut_y, height)), size
    if fit == "pad":
        scale = min(high / height, wide / width)
        return (0, 0, width, height), (
            min(max(round(height * scale), 1), high),
            min(max(round(width * scale), 1), wide),
        )
    return (0, 0, width, height), size


def _resized(image: Image, size: tuple[int, int], fit: Fit, fill: float) -> Image:
    part, (high, wide) = plan(image.height, image.width, size, fit)
    image = image.resize((wide, high), decoding.pillow().Resampling.BILINEAR, box=part)
    if (high, wide) == size:
        return image
    shade = round(fill * 255)
    ground: Image = decoding.pillow().new(
        image.mode, size[::-1], shade if image.mode == "L" else (shade,) * len(image.mode)
    )
    ground.paste(image, ((size[1] - wide) // 2, (size[0] - high) // 2))
    return ground


# --------------------------------------------------------------------------- more bits: arrays


def _with_channels(values: np.ndarray, channels: int | None) -> np.ndarray:
    """H×W×C of 1, 3 or 4 channels as H×W×`channels`."""
    white = depth(values.dtype)
    if values.shape[2] == 4 and channels in (1, 3):
        opacity = values[..., 3:].astype(np.float32) / white
        values = _rounded(values[..., :3] * opacity + white * (1 - opacity), values.dtype)
    if channels in (None, values.shape[2]):
        return values
    if channels == 1:
        return _rounded((values.astype(np.float32) @ _LUMA)[..., None], values.dtype)
    values = np.repeat(values, 3, axis=2) if values.shape[2] == 1 else values
    if channels == 3:
        return values
    return np.concatenate([values, np.full((*values.shape[:2], 1), white, values.dtype)], axis=2)


def _rounded(values: np.ndarray, dtype: np.dtype) -> np.ndarray:
    return values.astype(dtype) if dtype.kind == "f" else np.rint(values).astype(dtype)


def _cut(values: np.ndarray, box: Box) -> np.ndarray:
    left, top, right, bottom = _pixels(box, values.shape[0], values.shape[1])
    return values[top:bottom, left:right]


def _resized_values(values: np.ndarray, size: tuple[int, int] | None, fit: Fit, fill: float) -> np.ndarray:
    """H×W×C as C×H×W of that size: each channel resized with 32 bits."""
    if size is None or values.shape[:2] == size:
        return np.ascontiguousarray(values.transpose(2, 0, 1))
    part, (high, wide) = plan(values.shape[0], values.shape[1], size, fit)
    result = np.full((values.shape[2], *size), fill * depth(values.dtype), np.float32)
    top, left = (size[0] - high) // 2, (size[1] - wide) // 2
    for channel in range(values.shape[2]):
        plane = decoding.pillow().fromarray(np.ascontiguousarray(values[..., channel], np.float32))
        plane = plane.resize((wide, high), decoding.pillow().Resampling.BILINEAR, box=part)
        result[channel, top : top + high, left : left + wide] = np.asarray(plane)
    return _rounded(result, values.dtype)
