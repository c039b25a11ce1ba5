"""Curves as a table: for a file, and for the clipboard."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from engine.files.atomic import write_text
from gui.plots.trace import Trace

HEAD = ("step", "epoch", "seconds", "train", "smoothed", "validation")
_AT_ONCE = 65_536


def table(trace: Trace, separator: str = ",") -> Iterator[str]:
    """Every step with its exact values, a text for some thousand rows at a time; an empty cell is no
    value.
    """
    yield separator.join(HEAD) + "\n"
    line, points = trace.line, trace.points
    length = len(line) if line is not None else 0
    validation = (
        {}
        if points is None
        else dict(zip(points.steps.values.tolist(), points.values.values.tolist(), strict=True))
    )
    for first in range(0, length, _AT_ONCE):
        last = min(first + _AT_ONCE, length)
        steps = np.arange(first + 1, last + 1)
        assert line is not None
        columns = (
            steps.tolist(),
            trace.run.along("epoch", steps).tolist(),
            trace.run.along("time", steps).tolist(),
            line.raw.values[first:last].tolist(),
            line.means(first, last).tolist(),
        )
        text = io.StringIO()
        for step, epoch, seconds, raw, mean in zip(*columns, strict=True):
            cells = (
                str(step),
                f"{epoch:.6g}",
                f"{seconds:.3f}",
                f"{raw:.9g}",
                f"{mean:.9g}",
                _cell(validation.pop(step, None)),
            )
            text.write(separator.join(cells) + "\n")
        yield text.getvalue()
    for step, value in validation.items():
        epoch, seconds = (float(trace.run.along(axis, step)) for axis in ("epoch", "time"))
        yield separator.join((str(step), f"{epoch:.6g}", f"{seconds:.3f}", "", "", _cell(value))) + "\n"


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:.17g}"


def save_csv(trace: Trace, path: Path) -> None:
    """Write the table. Raises `Trouble`; a file that was there is replaced whole or not at all."""
    write_text(path, "".join(table(trace)))
