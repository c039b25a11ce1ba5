"""What a node says where it is too small for all of it: what is left out goes by the room that there is.

First the second line goes, then the name, which may take its place, then the shape; the kind stays, and how
often a block is repeated, as long as a letter is not higher than the node.
All lengths are px of the view, and no letter is smaller than 9.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from gui.canvas.painting import ink
from gui.canvas.painting.labels import NodeLabel

BAR, ICON, ICON_X, RIGHT = 4.0, 16.0, 12.0, 10.0
"""The bar at the left edge, the icon, its place, and what stays free at the right, at 100 %."""
LARGER = 0.6
"""From this scale on the kind is 10 px high, below 9."""
GAP = 4.0
LEAST = 30.0
"""Less room than this is left empty: what would be left of a text tells nothing."""
CAPITAL = 0.72
"""How high a capital is, as a share of the font's size."""
EDGE = 1.5
"""What a letter keeps free above and below: the node's edge, and half a pixel to tell them apart."""


class Layout(NamedTuple):
    """Where icon and text stand in a node: one base line, or two; none where it is too low for a letter."""

    size: int
    icon: float
    icon_x: float
    icon_y: float
    text_x: float
    baselines: tuple[float, ...]


class Piece(NamedTuple):
    """A text at its place in the node, ready to be drawn, and what it tells."""

    text: str
    line: ink.TextLine
    baseline: float
    left: float
    tells: str


@lru_cache(maxsize=256)
def layout(scale: float, height: float) -> Layout:
    """The layout of a node that is so high."""
    size = 10 if scale >= LARGER else 9
    capital, step = CAPITAL * size, size + 2.0
    if height >= capital + step + 6:
        first = (height + capital - step) / 2
        baselines: tuple[float, ...] = (round(first), round(first + step))
    else:
        baselines = (round((height + capital) / 2),) if height >= capital + 2 * EDGE else ()
    icon = min(max(ICON * scale, 9.0), height - 3)
    if icon < 5:
        return Layout(size, 0.0, 0.0, 0.0, BAR + 2, baselines)
    icon_x = max(ICON_X * scale, BAR + 1)
    middle = baselines[0] - capital / 2 if baselines else height / 2
    return Layout(size, icon, icon_x, middle - icon / 2, icon_x + icon + GAP, baselines)


def pieces(label: NodeLabel, scale: float, width: float, height: float) -> tuple[Piece, ...]:
    """The texts of a node, each only where it has room."""
    key = label, scale, width, height
    placed: tuple[Piece, ...] = ink.measured.get(key, lambda: tuple(_placed(*key)))
    return placed


def _placed(label: NodeLabel, scale: float, width: float, height: float) -> Iterator[Piece]:
    size, *_, left, baselines = layout(scale, height)
    if not baselines:
        return
    kind_role, role = ("small" if size == 10 else "tiny"), "tiny"
    right = width - max(RIGHT * scale, 3.0)
    first, second = baselines[0], baselines[-1]
    times = ink.line(label.times, role).width + GAP if label.times else 0.0
    title = ink.shortened(label.title, kind_role, right - left - times)
    after = left + ink.line(title, kind_role).width
    yield _piece(title, kind_role, first, left, "kind")
    if label.times:
        yield _piece(label.times, role, first, after + GAP, "times")
        after += times
    ends = [right for _ in baselines]  # up to where each line is free
    shape = _shape(label, right - after - GAP, right - left if len(baselines) > 1 else 0.0)
    if shape is not None:
        text, line = shape
        ends[line] -= ink.line(text, role).width
        yield _piece(text, role, baselines[line], ends[line], "shape")
        ends[line] -= GAP
    name = label.name if ink.line(label.name, role).width <= ends[0] - after - GAP else ""
    if name:
        yield _piece(name, role, first, after + GAP, "name")
    if len(baselines) == 1:
        return
    if label.count and (shape is None or shape[1] == 0):
        ends[1] -= ink.line(label.count, role).width
        yield _piece(label.count, role, second, ends[1], "count")
        ends[1] -= 2 * GAP
    tells, text = ("second", label.second) if name == label.name else ("name", label.name)
    if text and ends[1] - left > min(LEAST, ink.line(text, role).width):
        yield _piece(ink.shortened(text, role, ends[1] - left), role, second, left, tells)


def _piece(text: str, role: str, baseline: float, left: float, tells: str) -> Piece:
    return Piece(text, ink.line(text, role), baseline, left, tells)


def _shape(label: NodeLabel, beside: float, below: float) -> tuple[str, int] | None:
    """What is said of the shape, and in which line: beside the kind, else below, else without the batch."""
    if not label.shape:
        return None
    short = label.shape.removeprefix("N×") if not label.problem else label.shape
    for text, room, line in ((label.shape, beside, 0), (label.shape, below, 1), (short, beside, 0)):
        if ink.line(text, "tiny").width <= room:
            return text, line
    if below > LEAST:
        return ink.shortened(short, "tiny", below), 1
    if beside > LEAST:
        return ink.shortened(short, "tiny", beside), 0
    return None
