"""Layers that make maps larger or smaller without learning, or move channels and places into each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.kinds import Layer, declare, param, settings, types
from engine.kinds.code import Code, expression, module
from engine.kinds.objections import (
    AXES_DIFFER,
    GROUPS_DO_NOT_DIVIDE,
    NOTHING_LEFT,
    TOO_MANY_AXES,
    Objection,
    ObjectionKind,
)
from engine.kinds.ports import Incoming, port
from engine.layers.windows import joined, nearest_divisors, one
from engine.message import counted

MODE_WITHOUT_CORNERS = ObjectionKind(
    "mode-without-corners",
    expected="the mode {modes} with corners kept",
    why="The mode {mode} finds no values between places.",
)
MODE_NEEDS_PICTURE = ObjectionKind(
    "mode-needs-picture",
    expected="a picture, N×C×H×W",
    why="Cubic interpolation is made for two axes.",
)
SHRUNK_TO_NOTHING = NOTHING_LEFT.worded(
    expected="a factor of at least {least:g}", why="An axis of {size} would shrink to nothing."
)
SIZES_PER_AXIS = AXES_DIFFER.worded(
    expected="one size, or one for each axis of positions, {axes}", why="The setting gives {count}."
)
CHANNELS_DO_NOT_DIVIDE = ObjectionKind(
    "channels-do-not-divide",
    expected="channels that are a multiple of {multiple}",
    why="{factor}×{factor} pixels are made of {multiple} channels, and {channels} arrive.",
)
SIZE_DOES_NOT_DIVIDE = ObjectionKind(
    "size-does-not-divide",
    expected="a {name} that is a multiple of {factor}",
    why="It is {size}.",
)
GRID_SIZE = ObjectionKind(
    "grid-size",
    expected="N×{a}×{b}×2",
    why="A place has two coordinates, and {received} arrive.",
    by_hand="What makes two coordinates of other numbers is a network of its own.",
)

LINEAR = {1: "linear", 2: "bilinear", 3: "trilinear"}
WAYS = ("nearest", "linear", "cubic", "area")
BETWEEN = ("linear", "cubic")
"""The modes that find values between places."""


@settings
class Interpolation(Layer):
    """What resizing by interpolation shares."""

    family = "pooling"
    tall = False
    mode: str = param(
        "nearest",
        options=WAYS,
        doc="How values between places are found: the nearest, along lines or curves, or means",
    )
    corners: bool = param(
        False,
        doc="Keep the middles of the outer places where they are, rather than their edges",
        advanced=True,
    )
    x = port("N C L *", doc="a series, picture or volume with channels")

    def object(self, x: Incoming) -> Iterator[Objection]:
        if self.corners and self.mode not in BETWEEN:
            yield MODE_WITHOUT_CORNERS(
                modes=" or ".join(BETWEEN), mode=self.mode, settings=(("corners", False), ("mode", "linear"))
            )
        elif x.rank > 5:
            yield TOO_MANY_AXES(axes=x.rank - 2)
        elif self.mode == "cubic" and x.rank != 4:
            yield MODE_NEEDS_PICTURE(settings=(("mode", "linear"),))

    def options(self, x: Incoming) -> dict[str, Any]:
        """The mode by the name that torch has for that many axes, and the corners."""
        mode = {"linear": LINEAR[x.rank - 2], "cubic": "bicubic"}.get(self.mode, self.mode)
        return {"mode": mode, "align_corners": self.corners or None}


@declare(
    hint="enlarges",
    stem="up",
    search="upsample enlarge double interpolate bilinear nearest resize zoom decoder unet",
)
class Upsample(Interpolation):
    """Makes a series, picture or volume larger by a factor, without learning.

    In decoders and U-Nets, followed by a convolution.

    Formula: y[c, p] = x[c, (p + ½) / scale − ½]; between places by mode, x[c, ⌊p / scale⌋] for nearest; with
    corners x[c, p·(s − 1) / (S − 1)], from s to S places

    Source: torch.nn.Upsample; Odena, Dumoulin and Olah 2016, "Deconvolution and checkerboard artifacts".
    """

    scale: float = param(2.0, lo=0, hi=64, above=True, doc="How many times larger; below 1 it shrinks")

    def summary(self) -> str:
        return f"×{self.scale:g}" + ("" if self.mode == "nearest" else f", {self.mode}")

    def object(self, x: Incoming) -> Iterator[Objection]:
        yield from super().object(x)
        smallest = min(x.shape.sample[1:])
        if int(smallest * self.scale) < 1:
            yield SHRUNK_TO_NOTHING(least=1 / smallest, size=smallest, settings=(("scale", 1.0),))

    def torch(self, x: Incoming) -> Code:
        scale = int(self.scale) if self.scale.is_integer() else self.scale
        return module("nn.Upsample", scale_factor=scale, **self.options(x))


@declare(hint="to a given size", search="resize interpolate upsample downsample scale fit size bilinear")
class Resize(Interpolation):
    """Brings a series, picture or volume to a given size, without learning.

    To make branches of different size fit each other.

    Formula: y[c, p] = x[c, (p + ½)·s / S − ½]; from s to S places, S of sizes; between places by mode, x[c,
    ⌊p·s / S⌋] for nearest; with corners x[c, p·(s − 1) / (S − 1)]

    Source: torch.nn.Upsample.
    """

    sizes: tuple[int, ...] = param(
        (16,), type=types.Integers(lo=1), doc="Size that comes out: one number, or one for each axis"
    )

    def summary(self) -> str:
        return f"to {joined(one(self.sizes), 1)}" + ("" if self.mode == "nearest" else f", {self.mode}")

    def object(self, x: Incoming) -> Iterator[Objection]:
        yield from super().object(x)
        if len(self.sizes) not in {1, x.rank - 2}:
            yield SIZES_PER_AXIS(
                axes=x.rank - 2, count=len(self.sizes), settings=(("sizes", self.sizes[:1]),)
            )

    def torch(self, x: Incoming) -> Code:
        sizes = self.sizes * (x.rank - 2) if len(self.sizes) == 1 else self.sizes
        return module("nn.Upsample", size=sizes, **self.options(x))


@settings
class Shuffle(Layer):
    """What pixel shuffles share."""

    family = "pooling"
    tall = False
    factor: int = param(2, lo=1, hi=64, doc="How many times larger or smaller height and width become")
    x = port("N C H W", doc="a picture with channels")

    def summary(self) -> str:
        return f"×{self.factor}"


@declare(hint="to pixels, larger", search="pixel shuffle depth to space upsample super resolution subpixel")
class PixelShuffle(Shuffle):
    """Makes a picture larger by laying out groups of channels as pixels.

    For super-resolution: the channels come from a convolution before it.

    Formula: y[c, factor·i + a, factor·j + b] = x[factor²·c + factor·a + b, i, j]

    Source: Shi et al. 2016, "Real-time single image and video super-resolution".
    """

    def object(self, x: Incoming) -> Iterator[Objection]:
        square = self.factor**2
        if x.C % square:
            fitting = tuple(n for n in range(self.factor - 1, 1, -1) if x.C % n**2 == 0)
            yield CHANNELS_DO_NOT_DIVIDE(
                multiple=square,
                factor=self.factor,
                channels=x.C,
                axis=1,
                settings=tuple(("factor", n) for n in fitting[:1]),
            )

    def torch(self, x: Incoming) -> Code:
        return module("nn.PixelShuffle", self.factor)


@declare(hint="to channels, smaller", search="pixel unshuffle space to depth downsample focus")
class PixelUnshuffle(Shuffle):
    """Makes a picture smaller by laying out neighbouring pixels as channels; nothing is lost.

    In place of pooling where every pixel counts.

    Formula: y[factor²·c + factor·a + b, i, j] = x[c, factor·i + a, factor·j + b]

    Source: Shi et al. 2016, the way back.
    """

    def object(self, x: Incoming) -> Iterator[Objection]:
        for name, size in (("height", x.H), ("width", x.W)):
            if size % self.factor:
                fitting = [n for n in range(self.factor, 0, -1) if x.H % n == 0 and x.W % n == 0]
                yield SIZE_DOES_NOT_DIVIDE(
                    name=name, factor=self.factor, size=size, settings=(("factor", fitting[0]),)
                )
                return

    def torch(self, x: Incoming) -> Code:
        return module("nn.PixelUnshuffle", self.factor)


@declare(
    family="combine", tall=False, hint="mixes, across groups", search="channel shuffle groups mix shufflenet"
)
class ChannelShuffle(Layer):
    """Deals the channels out anew, so that each later group gets some of every earlier one.

    Between two convolutions with groups.

    Formula: y[groups·k + g] = x[C / groups·g + k]; g < groups, C channels

    Source: Zhang et al. 2017, "ShuffleNet".
    """

    groups: int = param(2, lo=1, hi=1_000_000, doc="Number of groups")
    x = port("N C L *", doc="a series, picture or volume with channels")

    def summary(self) -> str:
        return counted(self.groups, "group")

    def object(self, x: Incoming) -> Iterator[Objection]:
        if x.C % self.groups:
            fitting = tuple(nearest_divisors(x.C, self.groups))
            yield GROUPS_DO_NOT_DIVIDE(
                groups=self.groups, channels=x.C, settings=tuple(("groups", n) for n in fitting)
            )

    def torch(self, x: Incoming) -> Code:
        return module("nn.ChannelShuffle", self.groups)


@declare(
    family="pooling",
    tall=False,
    hint="looks up, at places",
    search="grid sample warp spatial transformer affine interpolate",
)
class GridSample(Layer):
    """Reads a picture at given places, between the pixels where need be.

    In spatial Transformers and for warping: the places come from the network itself.

    Formula: y[c, a, b] = x[c, i, j]; between pixels by mode, j = ((gx + 1)·W − 1) / 2 and i = ((gy + 1)·H −
    1) / 2 with (gx, gy) = grid[a, b]

    Source: Jaderberg et al. 2015, "Spatial transformer networks".
    """

    mode: str = param(
        "bilinear", options=("bilinear", "nearest", "bicubic"), doc="How values between pixels are found"
    )
    outside: str = param(
        "zeros",
        options=("zeros", "border", "reflection"),
        doc="What stands outside the picture",
        advanced=True,
    )
    corners: bool = param(
        False, doc="−1 and 1 are the middles of the outer pixels, not their edges", advanced=True
    )
    x = port("N C H W", doc="a picture with channels")
    grid = port("N A B G", doc="for each place of the result, x and y from −1 to 1")

    def summary(self) -> str:
        return "" if self.mode == "bilinear" else self.mode

    def object(self, x: Incoming, grid: Incoming) -> Iterator[Objection]:
        if grid.G != 2:
            yield GRID_SIZE(a=grid.A, b=grid.B, received=grid.G)

    def torch(self, x: Incoming, grid: Incoming) -> Code:
        words = [] if self.mode == "bilinear" else [f'mode="{self.mode}"']
        words += [] if self.outside == "zeros" else [f'padding_mode="{self.outside}"']
        words.append(f"align_corners={self.corners}")
        return expression(f"F.grid_sample({{x}}, {{grid}}, {', '.join(words)})")
