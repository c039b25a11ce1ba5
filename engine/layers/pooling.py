"""Layers that make maps smaller by summing up neighbourhoods."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from engine.kinds import SPATIAL, Layer, declare, param, settings
from engine.kinds.code import Code, module
from engine.kinds.objections import PADDING_TOO_LARGE, Objection
from engine.kinds.ports import Incoming, port
from engine.layers.windows import Size, Windows, each, joined, one
from engine.message import Message

HALF_THE_WINDOW = PADDING_TOO_LARGE.worded(
    expected="a padding of at most half the window, {fits}",
    why="Otherwise a window would lie wholly in the padding and see nothing.",
)


@settings
class Pooling(Layer):
    """What poolings with a sliding window share."""

    averages = False
    kernel_size: Size = param(2, lo=1, axes=SPATIAL, doc="Size of the window", unit="px")
    stride: Size | None = param(
        None, lo=1, axes=SPATIAL, optional=True, doc="Step of the window; none steps by its size", unit="px"
    )
    ceil_mode: bool = param(False, doc="Let the last window stick out at the end", advanced=True)

    @property
    def steps(self) -> Size:
        """The stride that holds: its own, or the size of the window."""
        return self.kernel_size if self.stride is None else self.stride

    def windows(self, x: Incoming) -> Windows:
        """The window over what arrives."""
        axes = self.spatial
        return Windows(
            x.shape.sample[1:],
            each(self.kernel_size, axes),
            each(self.steps, axes),
            each(self.border(), axes),
            each(self.gaps(), axes),
            self.ceil_mode,
        )

    def border(self) -> Size:
        """What is added at each end."""
        return 0

    def gaps(self) -> Size:
        """The distance between the taps of the window."""
        return 1

    def summary(self) -> str:
        words = [joined(self.kernel_size, self.spatial)]
        if self.steps != self.kernel_size:
            words.append(f"stride {joined(self.steps, 1)}")
        if self.border():
            words.append(f"pad {joined(self.border(), 1)}")
        return ", ".join(words)

    def object(self, x: Incoming) -> Iterator[Objection]:
        windows = self.windows(x)
        if self.averages and self.spatial == 3:  # there torch forgets the padding when it looks what fits
            bare = attrs.evolve(windows, padding=(0, 0, 0), ceil=False)
            windows = bare if min(bare.counts) < 1 else windows
        yield from windows.objections("kernel_size")

    def stride_argument(self) -> Size | None:
        """The stride as code needs it: left out where it is the window's size."""
        return None if self.steps == self.kernel_size else self.stride

    def sizing(self, x: Incoming) -> str:
        return self.windows(x).sizing()


@settings
class PaddedPooling(Pooling):
    """What poolings share whose map may have a border."""

    padding: Size = param(
        0,
        lo=0,
        axes=SPATIAL,
        doc="What is added at each end, half a window at most",
        unit="px",
        advanced=True,
    )

    def border(self) -> Size:
        return self.padding

    def object(self, x: Incoming) -> Iterator[Objection]:
        kernel, pads = each(self.kernel_size, self.spatial), each(self.padding, self.spatial)
        if any(pad > size // 2 for pad, size in zip(pads, kernel, strict=True)):
            fits = one(tuple(min(pad, size // 2) for pad, size in zip(pads, kernel, strict=True)))
            yield HALF_THE_WINDOW(fits=joined(fits, 1), settings=(("padding", fits),))
            return
        yield from super().object(x)


@settings
class MaxPooling(PaddedPooling):
    """The largest value of each window.

    Formula: y[c, p] = max x[c, stride·p + dilation·u − padding]; over the places u of the window
    """

    dilation: Size = param(
        1, lo=1, axes=SPATIAL, doc="Distance between the taps of the window", advanced=True
    )

    def gaps(self) -> Size:
        return self.dilation

    def torch(self, x: Incoming) -> Code:
        return module(
            f"nn.MaxPool{self.spatial}d",
            self.kernel_size,
            stride=self.stride_argument(),
            padding=self.padding,
            dilation=self.dilation,
            ceil_mode=self.ceil_mode,
        )

    def explain(self, x: Incoming) -> Message:
        return Message(
            "Keeps the largest of every {window} values, so that {before} becomes {after}. No parameters.",
            window=joined(self.kernel_size, self.spatial),
            before=joined(x.shape.sample[1:], self.spatial),
            after=joined(self.windows(x).counts, self.spatial),
        )


@settings
class AveragePooling(PaddedPooling):
    """The mean of each window.

    Formula: y[c, p] = mean x[c, stride·p + u − padding]; over the places u of the window
    """

    averages = True
    count_include_pad: bool = param(True, doc="Count the padding's zeros in the mean", advanced=True)

    def torch(self, x: Incoming) -> Code:
        return module(
            f"nn.AvgPool{self.spatial}d",
            self.kernel_size,
            stride=self.stride_argument(),
            padding=self.padding,
            ceil_mode=self.ceil_mode,
            count_include_pad=self.count_include_pad,
        )

    def explain(self, x: Incoming) -> Message:
        return Message(
            "Averages every {window} values, so that {before} becomes {after}. No parameters.",
            window=joined(self.kernel_size, self.spatial),
            before=joined(x.shape.sample[1:], self.spatial),
            after=joined(self.windows(x).counts, self.spatial),
        )


@declare(
    family="pooling",
    spatial=1,
    tall=False,
    hint="halves",
    stem="pool",
    search="halve downsample shrink subsample maximum pooling series",
)
class MaxPool1d(MaxPooling):
    """Keeps the largest value of each window, so that a series becomes shorter.

    After convolutions, to halve the length and to care less about the exact place of a pattern.

    Source: Riesenhuber and Poggio 1999, "Hierarchical models of object recognition in cortex".
    """

    x = port("N C L", doc="a series with channels")


@declare(
    family="pooling",
    spatial=2,
    tall=False,
    hint="halves",
    stem="pool",
    search="halve downsample shrink subsample maximum pooling image",
)
class MaxPool2d(MaxPooling):
    """Keeps the largest value of each window, so that height and width shrink.

    After convolutions, to halve the picture and to care less about the exact place of a pattern.

    Source: Riesenhuber and Poggio 1999, "Hierarchical models of object recognition in cortex".
    """

    x = port("N C H W", doc="a picture with channels")


@declare(
    family="pooling",
    spatial=3,
    tall=False,
    hint="halves",
    stem="pool",
    search="halve downsample shrink subsample maximum pooling volume video",
)
class MaxPool3d(MaxPooling):
    """Keeps the largest value of each window, so that depth, height and width shrink.

    After convolutions over volumes or videos.

    Source: Riesenhuber and Poggio 1999, "Hierarchical models of object recognition in cortex".
    """

    x = port("N C D H W", doc="a volume with channels")


@declare(
    family="pooling",
    spatial=1,
    tall=False,
    hint="window means",
    stem="pool",
    search="halve downsample shrink smooth average mean pooling series",
)
class AvgPool1d(AveragePooling):
    """Averages each window, so that a series becomes shorter and smoother.

    Where all values of a window count alike, unlike max pooling, which keeps the strongest.

    Source: LeCun et al. 1998, "Gradient-based learning applied to document recognition".
    """

    x = port("N C L", doc="a series with channels")


@declare(
    family="pooling",
    spatial=2,
    tall=False,
    hint="window means",
    stem="pool",
    search="halve downsample shrink smooth average mean pooling image",
)
class AvgPool2d(AveragePooling):
    """Averages each window, so that height and width shrink.

    Where all values of a window count alike, unlike max pooling, which keeps the strongest.

    Source: LeCun et al. 1998, "Gradient-based learning applied to document recognition".
    """

    x = port("N C H W", doc="a picture with channels")


@declare(
    family="pooling",
    spatial=3,
    tall=False,
    hint="window means",
    stem="pool",
    search="halve downsample shrink smooth average mean pooling volume video",
)
class AvgPool3d(AveragePooling):
    """Averages each window, so that depth, height and width shrink.

    Where all values of a window count alike, unlike max pooling, which keeps the strongest.

    Source: LeCun et al. 1998, "Gradient-based learning applied to document recognition".
    """

    x = port("N C D H W", doc="a volume with channels")
