"""Layers that make maps smaller by summing up neighbourhoods."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from engine.kinds import SPATIAL, Code, Layer, Objection, declare, expression, module, param, port, settings
from engine.layers.windows import Size, Windows, each, joined, one
from engine.message import Message


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

    def windows(self, x: Any) -> Windows:
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

    def object(self, x: Any) -> Iterator[Objection]:
        windows = self.windows(x)
        if self.averages and self.spatial == 3:  # there torch forgets the padding when it looks what fits
            bare = attrs.evolve(windows, padding=(0, 0, 0), ceil=False)
            windows = bare if min(bare.counts) < 1 else windows
        yield from windows.objections("kernel_size")

    def stride_argument(self) -> Size | None:
        """The stride as code needs it: left out where it is the window's size."""
        return None if self.steps == self.kernel_size else self.stride

    def formula(self, x: Any) -> str:
        return self.windows(x).formula()


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

    def object(self, x: Any) -> Iterator[Objection]:
        kernel, pads = each(self.kernel_size, self.spatial), each(self.padding, self.spatial)
        if any(pad > size // 2 for pad, size in zip(pads, kernel, strict=True)):
            fits = one(tuple(min(pad, size // 2) for pad, size in zip(pads, kernel, strict=True)))
            yield Objection(
                "padding-too-large",
                Message("a padding of at most half the window, {fits}", fits=joined(fits, 1)),
                Message("Otherwise a window would lie wholly in the padding and see nothing."),
                {"largest": fits, "settings": (("padding", fits),)},
            )
            return
        yield from super().object(x)


@settings
class MaxPooling(PaddedPooling):
    """The largest value of each window."""

    dilation: Size = param(
        1, lo=1, axes=SPATIAL, doc="Distance between the taps of the window", advanced=True
    )

    def gaps(self) -> Size:
        return self.dilation

    def torch(self, x: Any) -> Code:
        return module(
            f"nn.MaxPool{self.spatial}d",
            self.kernel_size,
            stride=self.stride_argument(),
            padding=self.padding,
            dilation=self.dilation,
            ceil_mode=self.ceil_mode,
        )

    def explain(self, x: Any) -> Message:
        return Message(
            "Keeps the largest of every {window} values, so that {before} becomes {after}. No parameters.",
            window=joined(self.kernel_size, self.spatial),
            before=joined(x.shape.sample[1:], self.spatial),
            after=joined(self.windows(x).counts, self.spatial),
        )


@settings
class AveragePooling(PaddedPooling):
    """The mean of each window."""

    averages = True
    count_include_pad: bool = param(True, doc="Count the padding's zeros in the mean", advanced=True)

    def torch(self, x: Any) -> Code:
        return module(
            f"nn.AvgPool{self.spatial}d",
            self.kernel_size,
            stride=self.stride_argument(),
            padding=self.padding,
            ceil_mode=self.ceil_mode,
            count_include_pad=self.count_include_pad,
        )

    def explain(self, x: Any) -> Message:
        return Message(
            "Averages every {window} values, so that {before} becomes {after}. No parameters.",
            window=joined(self.kernel_size, self.spatial),
            before=joined(x.shape.sample[1:], self.spatial),
            after=joined(self.windows(x).counts, self.spatial),
        )


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
    spatial=3,
    tall=False,
    hint="mean of each window",
    stem="pool",
    search="halve downsample shrink smooth average mean pooling volume video",
)
class AvgPool3d(AveragePooling):
    """Averages each window, so that depth, height and width shrink.

    Where all values of a window count alike, unlike max pooling, which keeps the strongest.

    Source: LeCun et al. 1998, "Gradient-based learning applied to document recognition".
    """

    x = port("N C D H W", doc="a volume with channels")


@settings
class AdaptivePooling(Layer):
    """What poolings to a given size share."""

    output_size: Size = param(1, lo=1, axes=SPATIAL, doc="Size that comes out, whatever comes in", unit="px")

    def summary(self) -> str:
        return f"to {joined(self.output_size, self.spatial)}"

    def explain(self, x: Any) -> Message:
        return Message(
            "Divides {before} into {after} equal parts and sums up each. No parameters.",
            before=joined(x.shape.sample[1:], self.spatial),
            after=joined(self.output_size, self.spatial),
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
    spatial=1,
    tall=False,
    hint="mean of each window",
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
    hint="mean of each window",
    stem="pool",
    search="halve downsample shrink smooth average mean pooling image",
)
class AvgPool2d(AveragePooling):
    """Averages each window, so that height and width shrink.

    Where all values of a window count alike, unlike max pooling, which keeps the strongest.

    Source: LeCun et al. 1998, "Gradient-based learning applied to document recognition".
    """

    x = port("N C H W", doc="a picture with channels")


@settings
class AdaptiveAverage(AdaptivePooling):
    """The mean of each of a given number of parts."""

    def torch(self, x: Any) -> Code:
        return module(f"nn.AdaptiveAvgPool{self.spatial}d", self.output_size)


@declare(
    family="pooling",
    spatial=1,
    tall=False,
    hint="any size",
    stem="pool",
    search="global average fixed size resize mean pooling series",
)
class AdaptiveAvgPool1d(AdaptiveAverage):
    """Averages a series of any length into a given number of values.

    Before a Linear layer, so that its size does not depend on the length of the series.

    Source: He et al. 2014, "Spatial pyramid pooling in deep convolutional networks".
    """

    x = port("N C L", doc="a series with channels")


@declare(
    family="pooling",
    spatial=2,
    tall=False,
    hint="any size",
    stem="pool",
    search="global average fixed size resize mean pooling image",
)
class AdaptiveAvgPool2d(AdaptiveAverage):
    """Averages a picture of any size into a given number of rows and columns.

    Before a Linear layer, so that its size does not depend on the size of the picture.

    Source: He et al. 2014, "Spatial pyramid pooling in deep convolutional networks".
    """

    x = port("N C H W", doc="a picture with channels")


@declare(
    family="pooling",
    spatial=3,
    tall=False,
    hint="any size",
    stem="pool",
    search="global average fixed size resize mean pooling volume video",
)
class AdaptiveAvgPool3d(AdaptiveAverage):
    """Averages a volume of any size into a given depth, height and width.

    Before a Linear layer, so that its size does not depend on the size of the volume.

    Source: He et al. 2014, "Spatial pyramid pooling in deep convolutional networks".
    """

    x = port("N C D H W", doc="a volume with channels")


@settings
class AdaptiveMaximum(AdaptivePooling):
    """The largest value of each of a given number of parts."""

    def torch(self, x: Any) -> Code:
        return module(f"nn.AdaptiveMaxPool{self.spatial}d", self.output_size)


@declare(
    family="pooling",
    spatial=1,
    tall=False,
    hint="any size",
    stem="pool",
    search="global maximum fixed size resize pooling series text",
)
class AdaptiveMaxPool1d(AdaptiveMaximum):
    """Keeps the largest value of each of a given number of parts of a series.

    Where it matters whether a pattern stands anywhere, and not where, as in classifying text.

    Source: Kim 2014, "Convolutional neural networks for sentence classification".
    """

    x = port("N C L", doc="a series with channels")


@declare(
    family="pooling",
    spatial=2,
    tall=False,
    hint="any size",
    stem="pool",
    search="global maximum fixed size resize pooling image",
)
class AdaptiveMaxPool2d(AdaptiveMaximum):
    """Keeps the largest value of each of a given number of rows and columns of a picture.

    Before a Linear layer, where the strongest answer counts more than the mean.

    Source: He et al. 2014, "Spatial pyramid pooling in deep convolutional networks".
    """

    x = port("N C H W", doc="a picture with channels")


@declare(
    family="pooling",
    spatial=3,
    tall=False,
    hint="any size",
    stem="pool",
    search="global maximum fixed size resize pooling volume video",
)
class AdaptiveMaxPool3d(AdaptiveMaximum):
    """Keeps the largest value of each of a given number of parts of a volume.

    Before a Linear layer, where the strongest answer counts more than the mean.

    Source: He et al. 2014, "Spatial pyramid pooling in deep convolutional networks".
    """

    x = port("N C D H W", doc="a volume with channels")


@declare(
    family="pooling",
    tall=False,
    hint="one per channel",
    stem="pool",
    search="global average pooling gap mean all positions squeeze head",
)
class GlobalAvgPool(Layer):
    """Averages each channel over all positions, so that one number for each channel remains.

    Between the last convolution and the classifier: fewer weights than Flatten, and any size of picture
    works.

    Source: Lin et al. 2013, "Network in network".
    """

    x = port("N C L *", doc="a series, picture or volume with channels")

    def torch(self, x: Any) -> Code:
        axes = ", ".join(map(str, range(2, x.rank)))
        return expression("{x}.mean(" + (f"({axes})" if x.rank > 3 else axes) + ")")

    def explain(self, x: Any) -> Message:
        return Message(
            "Each of the {channels} channels becomes the mean of its {places} values. No parameters.",
            channels=f"{x.C:,}",
            places=f"{x.shape.size // x.C:,}",
        )


@declare(
    family="pooling",
    tall=False,
    hint="one per channel",
    stem="pool",
    search="global maximum pooling gmp largest all positions squeeze head",
)
class GlobalMaxPool(Layer):
    """Keeps the largest value of each channel over all positions.

    Before the classifier, where it matters whether something is there, and not where.

    Source: Oquab et al. 2015, "Is object localization for free?".
    """

    x = port("N C L *", doc="a series, picture or volume with channels")

    def torch(self, x: Any) -> Code:
        axes = ", ".join(map(str, range(2, x.rank)))
        return expression("{x}.amax(" + (f"({axes})" if x.rank > 3 else axes) + ")")

    def explain(self, x: Any) -> Message:
        return Message(
            "Each of the {channels} channels becomes the largest of its {places} values. No parameters.",
            channels=f"{x.C:,}",
            places=f"{x.shape.size // x.C:,}",
        )
