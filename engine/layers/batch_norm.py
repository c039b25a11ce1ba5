"""Batch normalisation: layers that keep values in a good range by what the whole batch holds."""

from __future__ import annotations

from collections.abc import Iterator

from engine.kinds import declare, param, settings
from engine.kinds.code import Code, module
from engine.kinds.objections import Objection, ObjectionKind
from engine.kinds.ports import Incoming, port
from engine.kinds.shapes import Shape
from engine.layers.weighted import Weighted
from engine.message import Message

NO_STATISTICS = ObjectionKind(
    "no-statistics",
    expected="running statistics, which judge one sample alone",
    why="A sample has one value for each feature, and one value has no spread.",
)


@settings
class BatchNorm(Weighted):
    """What batch normalisation over 1, 2 and 3 axes shares.

    Formula: y = (x − mean) / √(var + eps)·weight + bias; mean and var of each channel over the batch and its
    places
    """

    flat = True
    eps: float = param(
        1e-5, lo=0, above=True, doc="Added to the variance, against division by zero", advanced=True
    )
    momentum: float = param(
        0.1, lo=0, hi=1, doc="Share of the newest batch in the running mean and variance", advanced=True
    )
    affine: bool = param(True, doc="Learn a scale and a shift for each channel", advanced=True)
    track_running_stats: bool = param(
        True, doc="Remember mean and variance for use after training", advanced=True
    )

    def has_weights(self) -> bool:
        return self.affine

    def has_bias(self) -> bool:
        return self.affine

    def remembers(self) -> bool:
        return self.track_running_stats

    def object(self, x: Incoming) -> Iterator[Objection]:
        if not self.track_running_stats and x.shape.size == x.C:
            yield NO_STATISTICS(settings=(("track_running_stats", True),))

    def shapes(self, x: Incoming) -> tuple[Shape, ...]:
        return (x.shape,)  # PyTorch on meta tensors needs a millisecond to say so

    def torch(self, x: Incoming) -> Code:
        return module(
            f"nn.BatchNorm{self.spatial}d",
            x.C,
            eps=self.eps,
            momentum=self.momentum,
            affine=self.affine,
            track_running_stats=self.track_running_stats,
        )

    def explain(self, x: Incoming) -> Message:
        return Message(
            "Brings {channels:the channel|each of the {channels} channels} to mean 0 and variance 1 over "
            "the batch"
            ", then scales and shifts it by learned numbers."
            if self.affine
            else "Brings {channels:the channel|each of the {channels} channels} to mean 0 and variance 1 "
            "over the batch.",
            channels=f"{x.C:,}",
        )

    def count(self, x: Incoming) -> str:
        return f"2 × {x.C}" if self.affine else ""


@declare(
    family="normalise",
    spatial=1,
    hint="rows, series",
    stem="norm",
    search="batch normalisation normalization bn standardise stable training",
)
class BatchNorm1d(BatchNorm):
    """Brings every feature, or every channel of a series, to mean 0 and variance 1 over the batch.

    Between a Linear or Conv1d layer and its activation: training becomes faster and less touchy. Needs
    batches above one sample.

    Source: Ioffe and Szegedy 2015, "Batch normalization".
    """

    x = port("N C L?", doc="rows of features, or a series with channels")


@declare(
    family="normalise",
    spatial=2,
    hint="images",
    stem="norm",
    search="batch normalisation normalization bn standardise stable training",
)
class BatchNorm2d(BatchNorm):
    """Brings every channel of a picture to mean 0 and variance 1 over the batch and all places.

    Between a convolution and its activation: training becomes faster and less touchy.

    Source: Ioffe and Szegedy 2015, "Batch normalization".
    """

    x = port("N C H W", doc="a picture with channels")


@declare(
    family="normalise",
    spatial=3,
    hint="volumes, video",
    stem="norm",
    search="batch normalisation normalization bn standardise volume video",
)
class BatchNorm3d(BatchNorm):
    """Brings every channel of a volume to mean 0 and variance 1 over the batch and all places.

    Between a 3-D convolution and its activation.

    Source: Ioffe and Szegedy 2015, "Batch normalization".
    """

    x = port("N C D H W", doc="a volume with channels")
