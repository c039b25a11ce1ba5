"""Poolings to a given size, and to one number for each channel."""

from __future__ import annotations

from engine.kinds import SPATIAL, Layer, declare, param, settings
from engine.kinds.code import Code, expression, module
from engine.kinds.ports import Incoming, port
from engine.kinds.shapes import Shape
from engine.layers.windows import Size, each, joined
from engine.message import Message


@settings
class AdaptivePooling(Layer):
    """What poolings to a given size share."""

    output_size: Size = param(1, lo=1, axes=SPATIAL, doc="Size that comes out, whatever comes in", unit="px")

    def summary(self) -> str:
        return f"to {joined(self.output_size, self.spatial)}"

    def unequal(self, arrived: Shape) -> Message | None:
        """Why the parts are not of one size, which not every format can write; None where they are."""
        for size, parts in zip(arrived.sample[1:], each(self.output_size, self.spatial), strict=True):
            if size % parts:
                return Message(
                    "its parts are of unequal size, as {size} is no multiple of {parts}",
                    size=size,
                    parts=parts,
                )
        return None

    def explain(self, x: Incoming) -> Message:
        return Message(
            "Divides {before} into {after} equal parts and sums up each. No parameters.",
            before=joined(x.shape.sample[1:], self.spatial),
            after=joined(self.output_size, self.spatial),
        )


@settings
class AdaptiveAverage(AdaptivePooling):
    """The mean of each of a given number of parts.

    Formula: y[c, p] = mean x[c, q]; ⌊p·s / output_size⌋ ≤ q < ⌈(p + 1)·s / output_size⌉ along an axis of s
    """

    def torch(self, x: Incoming) -> Code:
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
    """The largest value of each of a given number of parts.

    Formula: y[c, p] = max x[c, q]; ⌊p·s / output_size⌋ ≤ q < ⌈(p + 1)·s / output_size⌉ along an axis of s
    """

    def torch(self, x: Incoming) -> Code:
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
    hint="per channel",
    stem="pool",
    search="global average pooling gap mean all positions squeeze head",
)
class GlobalAvgPool(Layer):
    """Averages each channel over all positions, so that one number for each channel remains.

    Between the last convolution and the classifier: fewer weights than Flatten, and any size of picture
    works.

    Formula: y[c] = Σ x[c, p] / P; over all P places p

    Source: Lin et al. 2013, "Network in network".
    """

    x = port("N C L *", doc="a series, picture or volume with channels")

    def torch(self, x: Incoming) -> Code:
        axes = ", ".join(map(str, range(2, x.rank)))
        return expression("{x}.mean(" + (f"({axes})" if x.rank > 3 else axes) + ")")

    def explain(self, x: Incoming) -> Message:
        return Message(
            "{channels:The channel|Each of the {channels} channels} becomes the mean of its {places} "
            "values. No parameters.",
            channels=f"{x.C:,}",
            places=f"{x.shape.size // x.C:,}",
        )


@declare(
    family="pooling",
    tall=False,
    hint="per channel",
    stem="pool",
    search="global maximum pooling gmp largest all positions squeeze head",
)
class GlobalMaxPool(Layer):
    """Keeps the largest value of each channel over all positions.

    Before the classifier, where it matters whether something is there, and not where.

    Formula: y[c] = max x[c, p]; over all places p

    Source: Oquab et al. 2015, "Is object localization for free?".
    """

    x = port("N C L *", doc="a series, picture or volume with channels")

    def torch(self, x: Incoming) -> Code:
        axes = ", ".join(map(str, range(2, x.rank)))
        return expression("{x}.amax(" + (f"({axes})" if x.rank > 3 else axes) + ")")

    def explain(self, x: Incoming) -> Message:
        return Message(
            "{channels:The channel|Each of the {channels} channels} becomes the largest of its "
            "{places} values. No parameters.",
            channels=f"{x.C:,}",
            places=f"{x.shape.size // x.C:,}",
        )
