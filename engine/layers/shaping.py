"""Less common activations: hard and soft steps, shrinkage and gates."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engine.kinds import Layer, declare, param, types
from engine.kinds.code import Code, module
from engine.kinds.objections import AXIS_MISSING, LIMITS_CROSSED, Objection, ObjectionKind
from engine.kinds.ports import Incoming, port
from engine.layers.activation import AlongAxis, Pointwise
from engine.layers.axes import size_along

SHARES_CROSSED = LIMITS_CROSSED.worded(
    expected="a lower share of at most {upper:g}", why="The smallest share is above the largest."
)
LIMITS_MEET = LIMITS_CROSSED.worded(
    expected="an upper limit above {lower:g}", why="The lower limit is not below the upper one."
)
AXIS_ODD = ObjectionKind(
    "axis-odd",
    expected="an even size along axis {axis}",
    why="{size} does not split into halves.",
)


@declare(hint="smooth below", search="continuously differentiable exponential linear unit activation")
class CELU(Pointwise):
    """Keeps positive values and bends negative ones towards −α, without a kink for any α.

    Like ELU where α is not 1.

    Formula: y = max(0, x) + min(0, alpha·(e^(x / alpha) − 1))

    Source: Barron 2017, "Continuously differentiable exponential linear units".
    """

    alpha: float = param(1.0, lo=0, above=True, doc="Limit for very negative values")

    def curve(self, x: np.ndarray) -> np.ndarray:
        return np.asarray(np.maximum(x, 0) + self.alpha * np.expm1(np.minimum(x, 0) / self.alpha))


@declare(hint="random leak", search="rectifier randomized leaky relu activation random")
class RReLU(Pointwise):
    """Shrinks negative values by a share drawn at random for each while training, by the mean share in use.

    Against overfitting on small data.

    Formula: y = max(0, x) + a·min(0, x); a ~ U(lower, upper), in use a = (lower + upper) / 2

    Source: Xu et al. 2015, "Empirical evaluation of rectified activations in convolutional network".
    """

    lower: float = param(0.125, lo=0, hi=1, doc="Smallest share")
    upper: float = param(1 / 3, lo=0, hi=1, doc="Largest share")

    def object(self, x: Incoming) -> Iterator[Objection]:
        if self.lower > self.upper:
            yield SHARES_CROSSED(upper=self.upper, settings=(("lower", self.upper), ("upper", self.lower)))

    def curve(self, x: np.ndarray) -> np.ndarray:
        return np.where(x >= 0, x, (self.lower + self.upper) / 2 * x)


@declare(hint="straight, piecewise", search="hard sigmoid piecewise linear gate mobile")
class Hardsigmoid(Pointwise):
    """A sigmoid made of straight pieces.

    As a cheap gate in networks for phones.

    Formula: y = min(max(0, x + 3), 6) / 6

    Source: Courbariaux, Bengio and David 2015, "BinaryConnect"; Howard et al. 2019, "MobileNetV3".
    """

    def curve(self, x: np.ndarray) -> np.ndarray:
        return np.asarray(np.clip(x + 3, 0, 6) / 6)


@declare(hint="cuts both ends", search="hard tanh clip clamp limit piecewise")
class Hardtanh(Pointwise):
    """Cuts values below and above two limits.

    As a cheap tanh, or to keep values in a range.

    Formula: y = min(max(min_val, x), max_val)

    Source: Collobert 2004, "Large scale machine learning".
    """

    min_val: float = param(-1.0, doc="Lower limit")
    max_val: float = param(1.0, doc="Upper limit")

    def summary(self) -> str:
        return f"{self.min_val:g} to {self.max_val:g}".replace("-", "−")

    def object(self, x: Incoming) -> Iterator[Objection]:
        if self.min_val >= self.max_val:
            yield LIMITS_MEET(
                lower=self.min_val, settings=(("max_val", self.min_val + 1), ("min_val", self.max_val - 1))
            )

    def curve(self, x: np.ndarray) -> np.ndarray:
        return np.asarray(np.clip(x, self.min_val, self.max_val))


@declare(hint="log of a share", search="log sigmoid logarithm probability binary")
class LogSigmoid(Pointwise):
    """The logarithm of the sigmoid, computed without loss of precision.

    Where log probabilities of yes or no are wanted.

    Formula: y = −ln(1 + e^(−x))

    Source: torch.nn.LogSigmoid.
    """

    def curve(self, x: np.ndarray) -> np.ndarray:
        return np.asarray(-np.logaddexp(0, -x))


@declare(hint="−1 to 1, slowly", search="soft sign squash activation tanh")
class Softsign(Pointwise):
    """Squeezes each value between −1 and 1, more gently than tanh.

    Where tanh saturates too soon.

    Formula: y = x / (1 + |x|)

    Source: Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward neural
    networks".
    """

    def curve(self, x: np.ndarray) -> np.ndarray:
        return np.asarray(x / (1 + np.abs(x)))


@declare(hint="zero near zero", search="hard shrinkage threshold sparse denoise")
class Hardshrink(Pointwise):
    """Sets values near zero to zero and keeps the others.

    For sparse codes and for removing noise.

    Formula: y = x if |x| > lambd else 0

    Source: Donoho and Johnstone 1994, "Ideal spatial adaptation by wavelet shrinkage".
    """

    lambd: float = param(0.5, lo=0, doc="Values up to this are set to zero")

    def curve(self, x: np.ndarray) -> np.ndarray:
        return np.where(np.abs(x) > self.lambd, x, 0.0)


@declare(hint="pulls to zero", search="soft shrinkage threshold sparse denoise lasso")
class Softshrink(Pointwise):
    """Pulls every value towards zero by a fixed amount, and small ones to zero.

    For sparse codes, as in solving the lasso.

    Formula: y = sign(x)·max(0, |x| − lambd)

    Source: Donoho 1995, "De-noising by soft-thresholding".
    """

    lambd: float = param(0.5, lo=0, doc="How far values are pulled")

    def curve(self, x: np.ndarray) -> np.ndarray:
        return np.asarray(np.sign(x) * np.maximum(np.abs(x) - self.lambd, 0))


@declare(hint="what tanh loses", search="tanh shrinkage residual")
class Tanhshrink(Pointwise):
    """What tanh takes away from each value.

    For sparse codes, where small values shall count little.

    Formula: y = x − tanh(x)

    Source: torch.nn.Tanhshrink.
    """

    def curve(self, x: np.ndarray) -> np.ndarray:
        return np.asarray(x - np.tanh(x))


@declare(hint="cuts below", search="threshold step cut constant relu")
class Threshold(Pointwise):
    """Keeps values above a threshold and replaces the others by a constant.

    A ReLU with other numbers.

    Formula: y = x if x > threshold else value

    Source: torch.nn.Threshold.
    """

    threshold: float = param(0.0, doc="Values up to this are replaced")
    value: float = param(0.0, doc="What they are replaced by")

    def torch(self, x: Incoming) -> Code:
        return module("nn.Threshold", self.threshold, self.value)

    def curve(self, x: np.ndarray) -> np.ndarray:
        return np.where(x > self.threshold, x, self.value)


@declare(hint="sums to 1, least first", search="softmin probabilities smallest distance normalise")
class Softmin(AlongAxis):
    """Turns scores into positive shares that sum to 1; the smallest gets the largest share.

    To weigh by distance: what is near counts most.

    Formula: y[i] = e^(−x[i]) / Σ e^(−x[j]); over all j along axis

    Source: torch.nn.Softmin.
    """


@declare(
    family="activation",
    tall=False,
    hint="half gates half",
    search="gated linear unit glu gate halve split wavenet",
)
class GLU(Layer):
    """Halves an axis and lets the sigmoid of the second half decide how much of the first passes.

    In gated convolutions and in the feed-forward part of some Transformers. It halves the axis.

    Formula: y = a / (1 + e^(−b)); a and b are the halves of x along axis

    Source: Dauphin et al. 2016, "Language modeling with gated convolutional networks".
    """

    axis: int = param(1, type=types.Axis(), doc="Axis that is halved: 1 for channels, −1 for the last")
    x = port("N F *", doc="values and gates along one axis")

    def summary(self) -> str:
        return "" if self.axis == 1 else f"axis {self.axis}".replace("-", "−")

    def object(self, x: Incoming) -> Iterator[Objection]:
        if not -x.rank < self.axis < x.rank:
            yield AXIS_MISSING(axis=self.axis, last=x.rank - 1)
        elif size_along(x, self.axis) % 2:
            even = tuple(axis for axis in range(1, x.rank) if size_along(x, axis) % 2 == 0)
            yield AXIS_ODD(
                axis=self.axis,
                size=size_along(x, self.axis),
                multiple=2,
                settings=tuple(("axis", axis) for axis in even),
            )

    def torch(self, x: Incoming) -> Code:
        return module("nn.GLU", dim=self.axis)

    def sizing(self, x: Incoming) -> str:
        size = size_along(x, self.axis)
        return f"{size} / 2 = {size // 2}"
