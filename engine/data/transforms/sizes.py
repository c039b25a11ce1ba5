"""Steps that every picture goes: its size, its channels, its range."""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import evolve

from engine.data.scale import Scaler, pieces
from engine.data.schema import Column
from engine.data.transforms.transform import Once
from engine.kinds import declare, param, settings
from engine.kinds.types import Numbers
from engine.message import Message

LUMINANCE = (0.299, 0.587, 0.114)
"""How bright red, green and blue are to the eye."""


LARGEST = 4096
"""px that a picture can have on a side."""


class OnPictures(Once):
    """A step for pictures, and for the masks that belong to them."""

    of = ("image",)


@settings
class Sized(OnPictures):
    """A step after which all pictures have another height and width."""

    height: int = param(32, lo=1, hi=LARGEST, doc="Height afterwards", unit="px")
    width: int = param(32, lo=1, hi=LARGEST, doc="Width afterwards", unit="px")

    def column(self, column: Column) -> Column:
        return evolve(column, shape=(*column.shape[:-2], self.height, self.width))

    def in_words(self) -> Message | str:
        return f"{self.height}×{self.width}"

    def _fits(self, column: Column, larger: bool) -> Message | None:
        """An objection where it would have to be the other way round."""
        height, width = column.shape[-2:]
        signs = (1, -1)[larger]
        if signs * self.height <= signs * height and signs * self.width <= signs * width:
            return None
        return Message(
            "expected at least {size}, received {height}×{width}"
            if larger
            else "expected at most {size}, received {height}×{width}",
            size=f"{height}×{width}",
            height=self.height,
            width=self.width,
        )


@declare(
    title="Resize",
    family="transforms",
    hint="to another size",
    search="scale shrink enlarge interpolate pixels thumbnail",
)
class ResizePicture(Sized):
    """Brings every picture to another size.

    To make a network cheaper, or to give one the size it was made for. A mask needs the same step.

    Formula: x'[h, w] = the mean of x around [h·H/height, w·W/width], weighted by distance; of a mask the
    nearest class

    Source: R. C. Gonzalez and R. E. Woods, Digital image processing, 4th edition, 2018.
    """

    def once(self, values: np.ndarray, column: Column) -> np.ndarray:
        import torch
        from torch.nn import functional

        size = (self.height, self.width)
        if values.shape[-2:] == size:
            return values
        planes = values.reshape(-1, 1, *values.shape[-2:])
        smooth = column.dtype == "float"
        made = np.empty((len(planes), 1, *size), np.float32 if smooth else values.dtype)
        for piece in pieces(planes, len(planes)):
            some = torch.from_numpy(np.array(planes[piece], np.float32 if smooth else np.float64))
            if smooth:
                found = functional.interpolate(
                    some, size, mode="bilinear", antialias=True, align_corners=False
                )
            else:
                found = functional.interpolate(some, size, mode="nearest-exact")
            made[piece] = found.numpy()
        return made.reshape(*values.shape[:-2], *size)


@declare(
    title="Crop the middle", family="transforms", hint="cut the edges off", search="center centre cut trim"
)
class CentreCrop(Sized):
    """Cuts the edges of every picture off.

    Where what matters stands in the middle. A mask needs the same step.

    Formula: x'[h, w] = x[h + ⌊(H − height)/2⌋, w + ⌊(W − width)/2⌋]

    Source: A. Krizhevsky, I. Sutskever and G. E. Hinton, ImageNet classification with deep convolutional
    neural networks, 2012.
    """

    def objection(self, column: Column) -> Message | None:
        return super().objection(column) or self._fits(column, larger=False)

    def once(self, values: np.ndarray, column: Column) -> np.ndarray:
        top, left = ((values.shape[-2] - self.height) // 2, (values.shape[-1] - self.width) // 2)
        return values[..., top : top + self.height, left : left + self.width]


@declare(title="Pad", family="transforms", hint="add an edge", search="border frame margin enlarge")
class PadPicture(Sized):
    """Adds an edge to every picture, as wide on all sides.

    Where a network wants more pixels than there are and nothing may be stretched. A mask needs the same step.

    Formula: x'[h, w] = x[h − ⌊(height − H)/2⌋, w − ⌊(width − W)/2⌋], outside by edge

    Source: R. C. Gonzalez and R. E. Woods, Digital image processing, 4th edition, 2018.
    """

    edge: str = param(
        "ground",
        options=("ground", "repeat", "mirror"),
        doc="What stands in it: black, the last pixel, or all mirrored",
    )

    def objection(self, column: Column) -> Message | None:
        return super().objection(column) or self._fits(column, larger=True)

    def once(self, values: np.ndarray, column: Column) -> np.ndarray:
        sides = [(0, 0)] * (values.ndim - 2)
        for more in (self.height - values.shape[-2], self.width - values.shape[-1]):
            sides.append((more // 2, more - more // 2))
        if self.edge != "ground":
            return np.pad(values, sides, "edge" if self.edge == "repeat" else "symmetric")
        ground = column.lo if column.dtype == "float" and column.lo is not None else 0
        return np.pad(values, sides, constant_values=ground)


@declare(title="Grey", family="transforms", hint="one channel", search="gray grayscale black white colour")
class Grey(OnPictures):
    """Makes coloured pictures grey.

    Where colour says nothing: a network for one channel is smaller and learns from less.

    Formula: x' = 0.299·red + 0.587·green + 0.114·blue

    Source: ITU-R, Recommendation BT.601, 2011.
    """

    def objection(self, column: Column) -> Message | None:
        found = super().objection(column)
        if found is not None or (column.picture and column.shape[0] in {3, 4}):
            return found
        return Message("expected a picture in red, green and blue, received {shape}", shape=column.shaped)

    def column(self, column: Column) -> Column:
        return evolve(column, shape=(1, *column.shape[1:]))

    def in_words(self) -> Message | str:
        return Message("one channel")

    def once(self, values: np.ndarray, column: Column) -> np.ndarray:
        made = np.empty((len(values), 1, *values.shape[2:]), np.float32)
        for piece in pieces(values, len(values)):
            made[piece, 0] = np.tensordot(values[piece, :3].astype(np.float32), LUMINANCE, (1, 0))
        return made


@declare(
    title="Normalise",
    family="transforms",
    hint="by given numbers",
    search="standardise mean std imagenet scale range",
)
class NormalisePicture(OnPictures):
    """Scales pictures by a mean and a spread that are given, in the place of what the data shows.

    For a network that was trained with them before, as with ImageNet's 0.485, 0.456, 0.406 and 0.229, 0.224,
    0.225. It takes the place of the scale in the data's settings, wherever it stands among the steps.

    Formula: x' = (x − mean)/spread, x from 0 to 1

    Source: Y. LeCun, L. Bottou, G. B. Orr and K.-R. Müller, Efficient BackProp, 1998.
    """

    bounded = True
    mean: Any = param((0.5,), type=Numbers(), doc="What becomes 0: for all channels, or one for each")
    spread: Any = param((0.5,), type=Numbers(), doc="What becomes 1: for all channels, or one for each")

    def objection(self, column: Column) -> Message | None:
        found = super().objection(column)
        if found is not None:
            return found
        for numbers in (self.mean, self.spread):
            if len(numbers) not in {1, column.shape[0]} or any(isinstance(one, tuple) for one in numbers):
                return Message(
                    "expected one number, or one for each of {channels} channels, received {numbers}",
                    channels=column.shape[0],
                    numbers=len(numbers),
                )
        if not all(one > 0 for one in self.spread):
            return Message("expected a spread above 0")
        return None

    def in_words(self) -> Message | str:
        numbers = (", ".join(f"{one:g}" for one in numbers) for numbers in (self.mean, self.spread))
        return " · ".join(numbers)

    def scaler(self, column: Column) -> Scaler:
        """How the column is scaled by it, from its own units."""
        assert column.lo is not None
        assert column.hi is not None
        span = column.hi - column.lo
        mean, spread = (np.reshape(one, (-1, 1, 1)) for one in (self.mean, self.spread))
        return Scaler("standardise", column.lo + mean * span, spread * span)
