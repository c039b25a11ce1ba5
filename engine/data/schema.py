"""What a data set looks like: its columns, which of them is the target, how many samples there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
from attrs import Factory, field, frozen

from engine.kinds.shapes import Shape, per_sample

ColumnKind = Literal["image", "audio", "text", "video", "table", "series"]
"""What a person takes a column for: it decides how it is shown, and how it is scaled where nobody says so."""


def _usual_kind(column: Column) -> ColumnKind:
    """What a column of that shape is, unless its source says otherwise: numbers of a row, or a single number
    or class, stand in a table; class numbers in a row are words or signs of a text.
    """
    axes = len(column.shape)
    if axes == 3:
        return "image"
    if axes == 2:
        return "series"
    return "text" if axes == 1 and column.dtype == "int" else "table"


@frozen
class Column:
    """One thing that is known of every sample: a picture, a row of measurements, a label, a number.

    `shape` is that of one sample: `(1, 8, 8)` for a grey picture, `(13,)` for a row, `(24, 1)` for a window
    of a series, `()` for a label. An "int" column holds the number of a class; its `classes` are the names.
    `names` and `units` describe each feature of a row. `lo` and `hi` are the natural range of the values,
    where there is one. `kind` comes from the shape where a source does not say it. `scales` names how each
    feature of a row is scaled, where that is not left to the data's own setting. `rate` is how many samples
    of a sound there are in a second. `padding` is the class that fills a short sample up, which is no answer.
    A target is `following` the input of that name where it says at each token which comes next.
    """

    name: str
    shape: tuple[int, ...]
    dtype: Literal["float", "int"] = "float"
    classes: tuple[str, ...] = ()
    unit: str = ""
    doc: str = ""
    names: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    lo: float | None = None
    hi: float | None = None
    scales: tuple[str, ...] = ()
    rate: int = 0
    padding: int | None = None
    following: str = ""
    kind: ColumnKind = field(default=Factory(_usual_kind, takes_self=True))

    @property
    def shaped(self) -> Shape:
        """The shape of a batch of this column, as a wire carries it."""
        return per_sample(*self.shape, dtype=self.dtype)

    @property
    def most(self) -> int | None:
        """The largest whole number that it holds, where that is known."""
        if self.dtype != "int":
            return None
        if self.classes:
            return len(self.classes) - 1
        return None if self.hi is None else int(self.hi)

    @property
    def picture(self) -> bool:
        """Whether one sample is a picture of numbers: channels, height and width. A mask of classes is an
        image too, but no picture.
        """
        return self.kind == "image" and self.dtype == "float"


@frozen
class Schema:
    """The columns by name, the input columns (best first), the targets (the first is `target`), and the
    number of samples.

    The samples of a series stand in order of time. `gap` of them are left out between its parts: a forecast
    `gap + 1` steps ahead is made while the targets in between are still unknown, so no model may have learnt
    them. `own_test` is the size of the test part that the set brings itself, else 0; `samples` counts it too.
    A `stratified` set has its classes in equal proportions in every part, and one of each at least as far as
    there are enough. `own_validation` is for validation what `own_test` is for the test part. What is split
    `by_time` has its samples in order of time as well, but is no series that foretells itself: of one that
    does, the first input is a window, and its number `past` at each step is the past of the target.
    """

    columns: Mapping[str, Column] = field(hash=False)
    inputs: tuple[str, ...]
    target: str
    samples: int
    series: bool = False
    own_test: int = 0
    gap: int = 0
    stratified: bool = True
    own_validation: int = 0
    by_time: bool = False
    past: int = 0
    targets: tuple[str, ...] = field(default=Factory(lambda self: (self.target,), takes_self=True))

    @property
    def ordered(self) -> bool:
        """Whether the parts follow each other in time."""
        return self.series or self.by_time

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the target's classes, none where the target is a number."""
        return self.columns[self.target].classes


@frozen(eq=False)
class Raw:
    """A data set as its source gives it: one array per column, samples× its shape, in its own units.

    `own_test` and `own_validation` hold the rows of the parts that the set brings itself.
    """

    columns: Mapping[str, np.ndarray]
    own_test: np.ndarray | None = None
    own_validation: np.ndarray | None = None


def schema_of(*columns: Column, target: Column, samples: int, own_test: int = 0) -> Schema:
    """The schema of a set whose samples have no order: its input columns, best first, and its target."""
    return Schema(
        {column.name: column for column in (*columns, target)},
        tuple(column.name for column in columns),
        target.name,
        samples,
        own_test=own_test,
    )
