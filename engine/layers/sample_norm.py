"""Layers that keep values in a good range by what each sample holds, whatever else is in the batch."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from engine.kinds import Layer, declare, param, settings
from engine.kinds.code import Code, module
from engine.kinds.objections import AXIS_MISSING, GROUPS_DO_NOT_DIVIDE, ONE_PLACE, Objection
from engine.kinds.ports import Incoming, port
from engine.layers.weighted import Weighted
from engine.layers.windows import nearest_divisors
from engine.message import counted

AXES_MISSING = AXIS_MISSING.worded(
    expected="at least {axes} ax{axes:i|e}s besides the samples",
    why="It normalises over {axes:the last axis|the last {axes} axes}.",
)
ONE_IN_GROUP = ONE_PLACE.worded(
    expected="more than one number in each group",
    why="With a single number the mean is the number itself, and nothing but zero is left.",
)


@settings
class LastAxes(Weighted):
    """What normalisation over the last axes of each sample shares."""

    flat = True
    axes: int = param(1, lo=1, doc="How many of the last axes are taken together")
    eps: float = param(
        1e-5, lo=0, above=True, doc="Added to the divisor, against division by zero", advanced=True
    )
    elementwise_affine: bool = param(True, doc="Learn numbers for each place", advanced=True)
    x = port("N * F", doc="rows of features")

    def summary(self) -> str:
        return "last axis" if self.axes == 1 else f"last {self.axes} axes"

    def object(self, x: Incoming) -> Iterator[Objection]:
        if self.axes > x.rank - 1:
            yield AXES_MISSING(axes=self.axes, settings=(("axes", x.rank - 1),))

    def has_weights(self) -> bool:
        return self.elementwise_affine

    def sizes(self, x: Incoming) -> int | tuple[int, ...]:
        """The sizes of those axes, one alone as a number."""
        sizes: tuple[int, ...] = x.shape.sample[-self.axes :]
        return sizes[0] if len(sizes) == 1 else sizes


@declare(
    family="normalise",
    hint="each sample",
    stem="norm",
    search="layer normalisation normalization ln standardise transformer",
)
class LayerNorm(LastAxes):
    """Brings the last axes of each sample to mean 0 and variance 1, whatever the rest of the batch holds.

    In Transformers and recurrent networks, and wherever batches are small.

    Formula: y = (x − mean) / √(var + eps)·weight + bias; mean and var over the last axes of each sample

    Source: Ba, Kiros and Hinton 2016, "Layer normalization".
    """

    bias: bool = param(True, doc="Learn the shift as well as the scale", advanced=True)

    def torch(self, x: Incoming) -> Code:
        return module(
            "nn.LayerNorm",
            self.sizes(x),
            eps=self.eps,
            elementwise_affine=self.elementwise_affine,
            bias=self.bias,
        )

    def count(self, x: Incoming) -> str:
        if not self.elementwise_affine:
            return ""
        return f"{2 if self.bias else 1} × {prod(x.shape.sample[-self.axes :])}"


@settings
class InstanceNorm(Weighted):
    """What instance normalisation over 1, 2 and 3 axes shares.

    Formula: y = (x − mean) / √(var + eps)·weight + bias; mean and var of each channel of each sample
    """

    family = "normalise"
    flat = True
    eps: float = param(
        1e-5, lo=0, above=True, doc="Added to the variance, against division by zero", advanced=True
    )
    affine: bool = param(False, doc="Learn a scale and a shift for each channel")
    track_running_stats: bool = param(
        False, doc="Remember mean and variance over samples, for use after training", advanced=True
    )
    momentum: float = param(
        0.1, lo=0, hi=1, doc="Share of the newest batch in what is remembered, where it is", advanced=True
    )

    def object(self, x: Incoming) -> Iterator[Objection]:
        if x.shape.size == x.C:
            yield ONE_PLACE()

    def has_weights(self) -> bool:
        return self.affine

    def has_bias(self) -> bool:
        return self.affine

    def remembers(self) -> bool:
        return self.track_running_stats

    def torch(self, x: Incoming) -> Code:
        return module(
            f"nn.InstanceNorm{self.spatial}d",
            x.C,
            eps=self.eps,
            momentum=self.momentum,
            affine=self.affine,
            track_running_stats=self.track_running_stats,
        )

    def count(self, x: Incoming) -> str:
        return f"2 × {x.C}" if self.affine else ""


@declare(spatial=1, hint="series", stem="norm", search="instance normalisation normalization contrast series")
class InstanceNorm1d(InstanceNorm):
    """Brings every channel of each series to mean 0 and variance 1 by itself.

    Where each series has a level of its own that should not count.

    Source: Ulyanov, Vedaldi and Lempitsky 2016, "Instance normalization".
    """

    x = port("N C L", doc="a series with channels")


@declare(
    spatial=2,
    hint="style, of images",
    stem="norm",
    search="instance normalisation normalization contrast style transfer",
)
class InstanceNorm2d(InstanceNorm):
    """Brings every channel of each picture to mean 0 and variance 1 by itself.

    In style transfer and generators, where contrast should not count.

    Source: Ulyanov, Vedaldi and Lempitsky 2016, "Instance normalization".
    """

    x = port("N C H W", doc="a picture with channels")


@declare(
    spatial=3,
    hint="volumes",
    stem="norm",
    search="instance normalisation normalization contrast volume medical",
)
class InstanceNorm3d(InstanceNorm):
    """Brings every channel of each volume to mean 0 and variance 1 by itself.

    For scans with different contrast, in batches of one or two.

    Source: Ulyanov, Vedaldi and Lempitsky 2016, "Instance normalization".
    """

    x = port("N C D H W", doc="a volume with channels")


@declare(
    family="normalise",
    hint="in groups, of channels",
    stem="norm",
    search="group normalisation normalization gn small batch",
)
class GroupNorm(Weighted):
    """Brings each group of channels of each sample to mean 0 and variance 1.

    In place of batch normalisation where batches are small, and in diffusion models.

    Formula: y = (x − mean) / √(var + eps)·weight + bias; mean and var of each of the groups of channels of
    each sample

    Source: Wu and He 2018, "Group normalization".
    """

    flat = True
    groups: int = param(2, lo=1, hi=1_000_000, doc="Parts the channels are split into")
    eps: float = param(
        1e-5, lo=0, above=True, doc="Added to the variance, against division by zero", advanced=True
    )
    affine: bool = param(True, doc="Learn a scale and a shift for each channel", advanced=True)
    x = port("N C *", doc="anything with channels")

    def summary(self) -> str:
        return counted(self.groups, "group")

    def object(self, x: Incoming) -> Iterator[Objection]:
        if x.C % self.groups:
            fitting = tuple(nearest_divisors(x.C, self.groups))
            yield GROUPS_DO_NOT_DIVIDE(
                groups=self.groups, channels=x.C, settings=tuple(("groups", n) for n in fitting)
            )
        elif x.shape.size == self.groups:
            yield ONE_IN_GROUP(settings=(("groups", 1),) if self.groups > 1 else ())

    def has_weights(self) -> bool:
        return self.affine

    def has_bias(self) -> bool:
        return self.affine

    def torch(self, x: Incoming) -> Code:
        return module("nn.GroupNorm", self.groups, x.C, eps=self.eps, affine=self.affine)

    def count(self, x: Incoming) -> str:
        return f"2 × {x.C}" if self.affine else ""


@declare(
    family="normalise",
    hint="each sample",
    stem="norm",
    search="root mean square normalisation normalization llama transformer",
)
class RMSNorm(LastAxes):
    """Divides the last axes of each sample by their root mean square.

    In newer Transformers: like LayerNorm without the mean, and cheaper.

    Formula: y = x / √(mean(x²) + eps)·weight; mean over the last axes of each sample

    Source: Zhang and Sennrich 2019, "Root mean square layer normalization".
    """

    eps: float = param(
        1e-6, lo=0, above=True, doc="Added to the mean square, against division by zero", advanced=True
    )

    def torch(self, x: Incoming) -> Code:
        return module(
            "nn.RMSNorm",
            self.sizes(x),
            eps=self.eps,
            elementwise_affine=self.elementwise_affine,
        )

    def count(self, x: Incoming) -> str:
        return " × ".join(map(str, x.shape.sample[-self.axes :])) if self.elementwise_affine else ""


@declare(
    family="normalise",
    tall=False,
    hint="between channels",
    stem="norm",
    search="local response normalisation normalization lrn alexnet",
)
class LocalResponseNorm(Layer):
    """Divides each value by the strength of the neighbouring channels at the same place.

    In AlexNet; batch normalisation has replaced it since.

    Formula: y[c] = x[c] / (k + alpha / size·Σ x[c′]²)^beta; over the size channels c′ around c

    Source: Krizhevsky, Sutskever and Hinton 2012, "ImageNet classification with deep convolutional neural
    networks".
    """

    size: int = param(5, lo=1, doc="How many neighbouring channels count")
    alpha: float = param(1e-4, lo=0, doc="How strongly they count", advanced=True)
    beta: float = param(0.75, lo=0, doc="Power of the divisor", advanced=True)
    k: float = param(1.0, lo=0, above=True, doc="What is added to the divisor", advanced=True)
    x = port("N C L *", doc="a series, picture or volume with channels")

    def summary(self) -> str:
        return counted(self.size, "channel")

    def torch(self, x: Incoming) -> Code:
        return module("nn.LocalResponseNorm", self.size, alpha=self.alpha, beta=self.beta, k=self.k)
