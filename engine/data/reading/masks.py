"""Masks: pictures whose values are the numbers of classes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from attrs import frozen

from engine.data.reading import decoding
from engine.data.reading.listing import Cancelled, Progress, go_on
from engine.data.reading.pictures import Fit, plan
from engine.data.reading.skipped import Skipped
from engine.data.reading.survey import seen_size
from engine.message import Trouble

MOST_VALUES = 4096  # different values of masks: more are a photograph, or one with blurred edges
_OFTEN = 64  # masks between two looks at whether somebody cancelled


def read_mask(
    source: Path | bytes, size: tuple[int, int] | None = None, fit: Fit = "stretch", fill: int = 0
) -> np.ndarray:
    """What stands in a mask, H×W as int64: places in its palette, grey values, or colours as 0xRRGGBB.

    Fitted to a `size` (height, width) as `read_picture` does it, but with the nearest value: between two
    classes there is none. Raises `Trouble` with the file.
    """
    image = decoding.opened(source)
    if decoding.is_deep(image):
        numbers = decoding.deep(source, image).astype(np.int64)
        if numbers.shape[2] > 1:
            raise Trouble(
                "{path} has colours of 16 bits, which name no classes. Save it with a palette or in grey.",
                path=decoding.named(source),
            )
        numbers = numbers[..., 0]
    else:
        decoding.check_read_truly(source, image)
        decoding.loaded(source, image)
        plain = image.mode in ("P", "L", "1")
        mode = "L" if image.mode in ("LA", "La") else "RGB"
        numbers = np.asarray(image if plain else image.convert(mode)).astype(np.int64)
        if numbers.ndim == 3:
            numbers = numbers @ np.array([1 << 16, 1 << 8, 1])
    return numbers if size is None else fitted(numbers, size, fit, fill)


def fitted(numbers: np.ndarray, size: tuple[int, int], fit: Fit = "stretch", fill: int = 0) -> np.ndarray:
    """A mask H×W in another size, each place with the value that lies nearest."""
    (left, top, right, bottom), (high, wide) = plan(numbers.shape[0], numbers.shape[1], size, fit)
    rows = (top + (np.arange(high) + 0.5) * (bottom - top) / high).astype(int)
    columns = (left + (np.arange(wide) + 0.5) * (right - left) / wide).astype(int)
    result = np.full(size, fill, numbers.dtype)
    y, x = (size[0] - high) // 2, (size[1] - wide) // 2
    result[y : y + high, x : x + wide] = numbers[np.ix_(rows, columns)]
    return result


@frozen(eq=False)
class MaskSurvey:
    """The values that masks hold, in order, and the masks that cannot be used."""

    values: tuple[int, ...]
    skipped: tuple[Skipped, ...]


def survey_masks(
    masks: Sequence[Path],
    pictures: Sequence[Path] = (),
    *,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> MaskSurvey:
    """Every value of the masks, and which of them cannot be read or have another size than their picture.
    Raises `Trouble` where there are too many values for classes.
    """
    values: set[int] = set()
    skipped: list[Skipped] = []
    for number, path in enumerate(masks):
        if number % _OFTEN == 0:
            go_on(cancelled, path)
            if progress is not None:
                progress(number)
        try:
            mask = read_mask(path)
            if pictures:
                _check_size(path, mask, pictures[number])
        except Trouble as trouble:
            skipped.append(Skipped(str(path), trouble.message))
            continue
        values.update(_different(mask))
        if len(values) > MOST_VALUES:
            raise Trouble(
                "The masks up to {path} hold more than {most} values, where each should be a class. "
                "Masks are saved as PNG: JPEG blurs their edges.",
                path=str(path),
                most=f"{MOST_VALUES:,}",
            )
    if progress is not None:
        progress(len(masks))
    return MaskSurvey(tuple(sorted(values)), tuple(skipped))


def _different(mask: np.ndarray) -> list[int]:
    """The values of a mask. Counting is far quicker than sorting where they are small."""
    found = np.flatnonzero(np.bincount(mask.ravel())) if mask.max() < 65536 else np.unique(mask)
    return [int(value) for value in found]


def _check_size(path: Path, mask: np.ndarray, picture: Path) -> None:
    height, width = seen_size(decoding.opened(picture))
    if mask.shape != (height, width):
        raise Trouble(
            "{path} has {wide}×{high} pixels, but its picture {picture} has {width}×{height}. "
            "Give both the same size, or leave them out.",
            path=str(path),
            wide=mask.shape[1],
            high=mask.shape[0],
            picture=picture.name,
            width=width,
            height=height,
        )
