"""Layers that sum an axis up into one number, or order it."""

from __future__ import annotations

from collections.abc import Iterator

from engine.kinds import declare, param, settings
from engine.kinds.code import Code, expression
from engine.kinds.objections import ONE_PLACE, Objection, ObjectionKind
from engine.kinds.ports import Incoming
from engine.layers.axes import OnAxis, axis_words, size_along

ONE_NUMBER = ONE_PLACE.worded(
    expected="more than one place along axis {axis}", why="A single number has no spread."
)
K_TOO_LARGE = ObjectionKind(
    "k-too-large",
    expected="at least {k} place{k:|s} along axis {axis}",
    why="There are {size}.",
)


@settings
class Reduction(OnAxis):
    """What reductions share."""

    icon = "pool"
    call = ""
    keep: bool = param(False, doc="Keep the axis, with size 1", advanced=True)

    def torch(self, x: Incoming) -> Code:
        keepdim = ", keepdim=True" if self.keep else ""
        return expression(f"{{x}}.{self.call}({self.axis}{keepdim})")


@declare(hint="along an axis", search="average mean reduce pooling axis")
class Mean(Reduction):
    """Averages an axis away.

    To sum up the steps of a sequence or the positions of a map.

    Formula: y = Σ x[i] / s; over the s places along axis

    Source: torch.mean.
    """

    call = "mean"


@declare(hint="along an axis", search="total add reduce axis")
class Sum(Reduction):
    """Adds an axis up.

    To gather weighted values, as at the end of an attention written by hand.

    Formula: y = Σ x[i]; over all i along axis

    Source: torch.sum.
    """

    call = "sum"


@declare(hint="along an axis", search="maximum largest reduce axis")
class Max(Reduction):
    """Keeps the largest value along an axis.

    Where it matters whether something is there at all.

    Formula: y = max x[i]; over all i along axis

    Source: torch.amax.
    """

    call = "amax"


@declare(hint="along an axis", search="minimum smallest reduce axis")
class Min(Reduction):
    """Keeps the smallest value along an axis.

    For the nearest of several distances.

    Formula: y = min x[i]; over all i along axis

    Source: torch.amin.
    """

    call = "amin"


@settings
class Spread(Reduction):
    """What measures of spread share."""

    def object(self, x: Incoming) -> Iterator[Objection]:
        yield from super().object(x)
        if -x.rank < self.axis < x.rank and size_along(x, self.axis) == 1:
            yield ONE_NUMBER(axis=self.axis)


@declare(hint="spread, along an axis", search="standard deviation spread reduce axis")
class StandardDeviation(Spread):
    """The standard deviation along an axis.

    To tell how much a channel varies, as in statistics pooling of speech.

    Formula: y = √(Σ (x[i] − mean)² / (s − 1)); over the s places along axis

    Source: torch.std.
    """

    call = "std"


@declare(hint="along an axis", search="variance spread reduce axis")
class Variance(Spread):
    """The variance along an axis.

    To tell how much a channel varies.

    Formula: y = Σ (x[i] − mean)² / (s − 1); over the s places along axis

    Source: torch.var.
    """

    call = "var"


@declare(hint="length of vectors", search="norm length magnitude euclidean l1 l2 reduce axis")
class Norm(Reduction):
    """The length of the vectors along an axis.

    For distances and for the strength of a code.

    Formula: y = (Σ |x[i]|^order)^(1 / order); over all i along axis

    Source: torch.linalg.vector_norm.
    """

    order: float = param(2.0, lo=1, hi=16, doc="The power p: 2 is the usual length, 1 the sum of sizes")

    def torch(self, x: Incoming) -> Code:
        words = [] if self.order == 2 else [f"{self.order!r}"]
        words.append(f"dim={self.axis}")
        if self.keep:
            words.append("keepdim=True")
        return expression(f"torch.linalg.vector_norm({{x}}, {', '.join(words)})")


@declare(hint="to length 1", icon="normalise", search="normalize unit length norm l2 vector direction")
class Normalise(OnAxis):
    """Divides the vectors along an axis by their length, so that only their direction is left.

    Before comparing codes by angle.

    Formula: y = x / max((Σ |x[i]|^order)^(1 / order), ε); over all i along axis, ε = 1e−12

    Source: torch.nn.functional.normalize.
    """

    order: float = param(2.0, lo=1, hi=16, doc="The power p of the length", advanced=True)

    def torch(self, x: Incoming) -> Code:
        power = "" if self.order == 2 else f"p={self.order!r}, "
        return expression(f"F.normalize({{x}}, {power}dim={self.axis})")


@declare(hint="place of the largest", search="argmax index largest class decision")
class ArgMax(OnAxis):
    """The place of the largest value along an axis, as a whole number.

    To see a decision. Nothing can be learned through it.

    Formula: y = argmax x[i]; over all i along axis

    Source: torch.argmax.
    """

    def torch(self, x: Incoming) -> Code:
        return expression(f"{{x}}.argmax({self.axis})")


@declare(hint="the k largest", search="top k largest best sort indices")
class TopK(OnAxis):
    """The largest values along an axis and their places, largest first.

    To keep the best of many, such as experts or proposals.

    Formula: y[j] = x[indices[j]], the j-th largest along axis; j ≤ k

    Source: torch.topk.
    """

    outputs = ("out", "indices")
    k: int = param(3, lo=1, doc="How many are kept")

    def summary(self) -> str:
        words = axis_words(self.axis, 1)
        return f"{self.k}, {words}" if words else str(self.k)

    def object(self, x: Incoming) -> Iterator[Objection]:
        yield from super().object(x)
        if -x.rank < self.axis < x.rank and size_along(x, self.axis) < self.k:
            size = size_along(x, self.axis)
            yield K_TOO_LARGE(k=self.k, axis=self.axis, size=size, settings=(("k", size),))

    def torch(self, x: Incoming) -> Code:
        return Code((f"{{out}}, {{indices}} = {{x}}.topk({self.k}, {self.axis})",))


@declare(hint="running, a total", icon="add", search="cumulative sum cumsum running total integrate")
class CumulativeSum(OnAxis):
    """Adds up along an axis, and gives the total so far at every place.

    To make a course of steps, or a distribution of shares.

    Formula: y[i] = x[0] + … + x[i]; along axis

    Source: torch.cumsum.
    """

    def torch(self, x: Incoming) -> Code:
        return expression(f"{{x}}.cumsum({self.axis})")
