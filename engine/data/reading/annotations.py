"""What is drawn on pictures: boxes and outlines of things, and what a network can learn from them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import evolve, frozen

from engine.data.reading.decoding import MOST_PIXELS, pillow
from engine.data.reading.listing import Listing

Polygon = np.ndarray
"""Corners, n×2: x and y as shares of the picture's width and height."""


@frozen(eq=False)
class RunLengths:
    """An area: how many places lie outside, inside, outside … it, in columns from above (COCO's RLE)."""

    height: int
    width: int
    counts: np.ndarray

    def area(self) -> np.ndarray:
        """Height×width, True inside."""
        inside = np.arange(len(self.counts)) % 2 == 1
        return np.repeat(inside, self.counts).reshape(self.width, self.height).T


Outline = tuple[Polygon, ...] | RunLengths | None
"""Where a thing is, more closely than its box says."""


@frozen(eq=False)
class Boxes:
    """The things on one picture: `corners` n×4 float32 (left, top, right, bottom as shares of the picture),
    `classes` n int64, their numbers among the listing's classes, and `outlines` n.
    """

    corners: np.ndarray
    classes: np.ndarray
    outlines: tuple[Outline, ...]

    def __len__(self) -> int:
        return len(self.classes)


Thing = tuple[tuple[float, float, float, float], int, Outline]
"""Corners, class and outline."""


def boxes_of(things: Sequence[Thing]) -> Boxes:
    """Things by their corners, class and outline."""
    corners = np.array([thing[0] for thing in things], np.float32).reshape(-1, 4)
    classes = np.array([thing[1] for thing in things], np.int64)
    return Boxes(corners, classes, tuple(thing[2] for thing in things))


def seen(boxes: Boxes, classes: Sequence[str]) -> tuple[str, ...]:
    """The names of what is on a picture, each once, in the order of the classes."""
    return tuple(classes[number] for number in sorted(set(boxes.classes.tolist())))


def crops(listing: Listing) -> Listing:
    """A row for each thing that is annotated: its picture ("file"), "box" and "class". Crops of one picture
    are alike: they belong on one side of a split.
    """
    rows = [(row, index) for row, boxes in enumerate(listing.columns["boxes"]) for index in range(len(boxes))]
    columns = {
        "file": [listing.columns["file"][row] for row, _ in rows],
        "box": [tuple(listing.columns["boxes"][row].corners[index].tolist()) for row, index in rows],
        "class": [listing.classes[listing.columns["boxes"][row].classes[index]] for row, index in rows],
    }
    parts = None if listing.parts is None else listing.parts[[row for row, _ in rows]]
    return evolve(listing, columns=columns, parts=parts)


def has_outlines(listing: Listing) -> bool:
    """Whether masks can be drawn: something has more than a box."""
    return any(outline is not None for boxes in listing.columns["boxes"] for outline in boxes.outlines)


def draw_mask(boxes: Boxes, height: int, width: int) -> np.ndarray:
    """The outlines as a mask, H×W int64: 0 where nothing is, else the number of the class + 1. What is
    smaller lies above what is larger.
    """
    sizes = (boxes.corners[:, 2] - boxes.corners[:, 0]) * (boxes.corners[:, 3] - boxes.corners[:, 1])
    mask = np.zeros((height, width), np.int64)
    for index in np.argsort(-sizes, kind="stable").tolist():
        outline, value = boxes.outlines[index], int(boxes.classes[index]) + 1
        if isinstance(outline, RunLengths):
            rows, columns = (
                ((np.arange(new) + 0.5) * old / new).astype(int)
                for new, old in ((height, outline.height), (width, outline.width))
            )
            mask[outline.area()[np.ix_(rows, columns)]] = value
        for polygon in outline if isinstance(outline, tuple) else ():
            _fill(mask, polygon * (width, height), value)
    return mask


_FINER = 4  # times as many places as pixels a polygon is drawn with: Pillow's edges belong to it


def _fill(mask: np.ndarray, polygon: Polygon, value: int) -> None:
    """Give `value` to the pixels whose centre lies within a polygon (n×2 in pixels)."""
    from PIL import ImageDraw

    height, width = mask.shape
    left, top = np.floor(polygon.min(axis=0)).clip(0, (width, height)).astype(int).tolist()
    right, bottom = np.ceil(polygon.max(axis=0)).clip(0, (width, height)).astype(int).tolist()
    if right <= left or bottom <= top:
        return
    fine = pillow().new("1", ((right - left) * _FINER, (bottom - top) * _FINER))
    corners = ((polygon - (left, top)) * _FINER).clip(-1e6, 1e6)
    ImageDraw.Draw(fine).polygon([(x, y) for x, y in corners.tolist()], fill=1)
    inside = np.asarray(fine)[_FINER // 2 :: _FINER, _FINER // 2 :: _FINER]
    mask[top:bottom, left:right][inside] = value


def around(outline: Outline) -> tuple[float, float, float, float] | None:
    """The box around an outline as shares of the picture, None where it has no area."""
    if isinstance(outline, RunLengths):
        area = outline.area()
        rows, columns = np.flatnonzero(area.any(axis=1)), np.flatnonzero(area.any(axis=0))
        if not len(rows):
            return None
        return (
            float(columns[0] / outline.width),
            float(rows[0] / outline.height),
            float((columns[-1] + 1) / outline.width),
            float((rows[-1] + 1) / outline.height),
        )
    if not outline:
        return None
    points = np.concatenate(outline)
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    return float(left), float(top), float(right), float(bottom)


def clipped(corners: Sequence[float]) -> tuple[float, float, float, float] | None:
    """A box as far as it lies within the picture, None where nothing of it does."""
    values = np.array(corners, np.float64)
    if values.shape != (4,) or not np.isfinite(values).all():
        return None
    left, top, right, bottom = values.clip(0, 1).tolist()
    return (left, top, right, bottom) if right > left and bottom > top else None


def run_lengths(height: int, width: int, counts: Sequence[int]) -> RunLengths | None:
    """An area, None where the counts do not fill height×width."""
    if not 0 < height * width <= MOST_PIXELS:
        return None
    numbers = np.array(counts, np.int64)
    if numbers.ndim != 1 or (numbers < 0).any() or int(numbers.sum()) != height * width:
        return None
    return RunLengths(height, width, numbers)


def unpacked_counts(text: str) -> list[int]:
    """Counts out of COCO's compressed text: five bits a character from the lowest, the sixth says that more
    follow; from the third on, the difference to the last but one. Raises `ValueError`.
    """
    counts: list[int] = []
    value = shift = 0
    for character in text:
        code = ord(character) - 48
        if not 0 <= code < 64 or shift > 60:
            raise ValueError(character)
        value |= (code & 31) << shift
        shift += 5
        if code & 32:
            continue
        if code & 16:
            value -= 1 << shift
        counts.append(value + (counts[-2] if len(counts) > 2 else 0))
        value = shift = 0
    if shift:
        raise ValueError(text[-1])
    return counts
