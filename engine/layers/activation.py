"""Functions applied to every value alike: without them a deep network would be one big linear map."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engine import kinds
from engine.kinds import Layer, declare, param, settings, types
from engine.kinds.code import Code, module
from engine.kinds.objections import AXIS_MISSING, Objection
from engine.kinds.ports import Incoming, port
from engine.kinds.shapes import Shape
from engine.layers.weighted import Weighted

CHANNELS_MISSING = AXIS_MISSING.worded(
    expected="an axis of channels", why="It learns a slope for each channel."
)


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-x)))


def _softplus(x: np.ndarray) -> np.ndarray:
    return np.asarray(np.logaddexp(0, x))


@settings
class Pointwise(Layer):
    """What activations share: the module of the same name in torch, with the settings that differ from its
    own.
    """

    family = "activation"
    tall = False
    x = port("N *", doc="anything")

    def shapes(self, x: Incoming) -> tuple[Shape, ...]:
        return (x.shape,)  # PyTorch on meta tensors needs a millisecond to say so

    def torch(self, x: Incoming) -> Code:
        return module(
            f"nn.{type(self).__name__}", **{p.name: getattr(self, p.name) for p in kinds.params(self)}
        )

    def summary(self) -> str:
        """The first setting, where it is not the usual one."""
        first = next(iter(kinds.params(self)), None)
        if first is None or getattr(self, first.name) == first.default:
            return ""
        value = getattr(self, first.name)
        return f"{value:g}" if isinstance(value, int | float) else str(value)


@declare(hint="cuts below zero", search="rectifier relu activation nonlinear positive threshold")
class ReLU(Pointwise):
    """Sets negative values to zero and keeps the others.

    The usual activation after a convolution or a Linear layer: cheap, and its gradient does not fade.

    Formula: y = max(0, x)

    Source: Nair and Hinton 2010, "Rectified linear units improve restricted Boltzmann machines".
    """

    backward_needs = "output"

    def curve(self, x: np.ndarray) -> np.ndarray:
        return np.asarray(np.maximum(x, 0))


@declare(hint="leaks a little", search="rectifier leaky relu activation dying negative slope")
class LeakyReLU(Pointwise):
    """Keeps positive values and shrinks negative ones to a small share.

    Where ReLU units die, as in generative adversarial networks.

    Formula: y = max(0, x) + negative_slope·min(0, x)

    Source: Maas, Hannun and Ng 2013, "Rectifier nonlinearities improve neural network acoustic models".
    """

    negative_slope: float = param(0.01, lo=0, doc="Share of a negative value that passes")

    def curve(self, x: np.ndarray) -> np.ndarray:
        return np.where(x >= 0, x, self.negative_slope * x)


@declare(hint="learned slope", tall=True, search="rectifier parametric relu activation learned slope")
class PReLU(Weighted, Pointwise):
    """Keeps positive values and multiplies negative ones by a learned slope.

    Like LeakyReLU where the data shall decide how much passes.

    Formula: y = max(0, x) + a·min(0, x); a is learned and begins with init

    Source: He et al. 2015, "Delving deep into rectifiers".
    """

    flat = True
    per_channel: bool = param(False, doc="Learn a slope for every channel rather than one for all")
    init: float = param(0.25, doc="Slope at the start", advanced=True)

    def summary(self) -> str:
        return "a slope per channel" if self.per_channel else "one slope"

    def torch(self, x: Incoming) -> Code:
        slopes = x.shape.sample[0] if self.per_channel else 1
        return module("nn.PReLU", num_parameters=slopes, init=self.init)

    def object(self, x: Incoming) -> Iterator[Objection]:
        if self.per_channel and x.rank < 2:
            yield CHANNELS_MISSING(settings=(("per_channel", False),))

    def count(self, x: Incoming) -> str:
        return str(x.shape.sample[0] if self.per_channel else 1)

    def curve(self, x: np.ndarray) -> np.ndarray:
        return np.where(x >= 0, x, self.init * x)


@declare(hint="0 to 6", search="rectifier capped clipped relu mobile activation")
class ReLU6(Pointwise):
    """Cuts values below 0 and above 6.

    In networks for phones, where numbers are stored in few bits.

    Formula: y = min(max(0, x), 6)

    Source: Howard et al. 2017, "MobileNets".
    """

    def curve(self, x: np.ndarray) -> np.ndarray:
        return np.asarray(np.clip(x, 0, 6))


@declare(hint="smooth below", search="exponential linear unit activation negative")
class ELU(Pointwise):
    """Keeps positive values and bends negative ones smoothly towards −α.

    Where the mean of the activations shall stay near zero.

    Formula: y = max(0, x) + min(0, alpha·(e^x − 1))

    Source: Clevert, Unterthiner and Hochreiter 2015, "Fast and accurate deep network learning by ELUs".
    """

    alpha: float = param(1.0, lo=0, above=True, doc="Limit for very negative values")

    def curve(self, x: np.ndarray) -> np.ndarray:
        return np.where(x >= 0, x, self.alpha * np.expm1(np.minimum(x, 0)))


@declare(hint="self-normalising", search="scaled exponential linear unit activation snn")
class SELU(Pointwise):
    """A scaled ELU whose constants keep mean 0 and variance 1 through many layers.

    In deep networks of Linear layers without normalisation.

    Formula: y = 1.0507·(max(0, x) + min(0, 1.6733·(e^x − 1)))

    Source: Klambauer et al. 2017, "Self-normalizing neural networks".
    """

    def curve(self, x: np.ndarray) -> np.ndarray:
        return np.where(x >= 0, 1.0507 * x, 1.7581 * np.expm1(np.minimum(x, 0)))


@declare(hint="smooth gate", search="gaussian error linear unit transformer bert gpt activation")
class GELU(Pointwise):
    """Weights each value by the chance that a normal number lies below it.

    The usual activation inside Transformers.

    Formula: y = x·Φ(x); Φ(x) is the share of a normal curve below x

    Source: Hendrycks and Gimpel 2016, "Gaussian error linear units".
    """

    approximate: str = param(
        "none", options=("none", "tanh"), doc="Exact, or by a tanh as in GPT-2", advanced=True
    )

    def curve(self, x: np.ndarray) -> np.ndarray:
        return np.asarray(0.5 * x * (1 + np.tanh(0.7978845608 * (x + 0.044715 * x**3))))


@declare(hint="smooth gate", search="swish sigmoid linear unit activation efficientnet")
class SiLU(Pointwise):
    """Weights each value by its own sigmoid. Also called swish.

    In newer convolutional networks and diffusion models, where it often beats ReLU a little.

    Formula: y = x / (1 + e^(−x))

    Source: Ramachandran, Zoph and Le 2017, "Searching for activation functions".
    """

    def curve(self, x: np.ndarray) -> np.ndarray:
        return np.asarray(x * _sigmoid(x))


@declare(hint="smooth gate", search="self regularized activation yolo swish")
class Mish(Pointwise):
    """Weights each value by the tanh of its softplus.

    A smooth alternative to ReLU, used in object detectors.

    Formula: y = x·tanh(ln(1 + e^x))

    Source: Misra 2019, "Mish: a self regularized non-monotonic activation function".
    """

    def curve(self, x: np.ndarray) -> np.ndarray:
        return np.asarray(x * np.tanh(_softplus(x)))


@declare(hint="cheap swish", search="hard swish mobile activation mobilenet piecewise")
class Hardswish(Pointwise):
    """A swish made of straight pieces.

    In networks for phones.

    Formula: y = x·min(max(0, x + 3), 6) / 6

    Source: Howard et al. 2019, "Searching for MobileNetV3".
    """

    def curve(self, x: np.ndarray) -> np.ndarray:
        return np.asarray(x * np.clip(x + 3, 0, 6) / 6)


@declare(hint="0 to 1", search="logistic probability gate squash binary activation")
class Sigmoid(Pointwise):
    """Squeezes each value between 0 and 1.

    For gates and for yes-or-no probabilities. Losses with their own sigmoid do not need it before the Output.

    Formula: y = 1 / (1 + e^(−x))

    Source: Rumelhart, Hinton and Williams 1986, "Learning representations by back-propagating errors".
    """

    backward_needs = "output"

    def curve(self, x: np.ndarray) -> np.ndarray:
        return _sigmoid(x)


@declare(hint="−1 to 1", search="hyperbolic tangent squash activation lenet")
class Tanh(Pointwise):
    """Squeezes each value between −1 and 1.

    In recurrent networks, and for outputs with a middle at zero.

    Formula: y = (e^x − e^(−x)) / (e^x + e^(−x))

    Source: LeCun et al. 1998, "Efficient backprop".
    """

    backward_needs = "output"

    def curve(self, x: np.ndarray) -> np.ndarray:
        return np.asarray(np.tanh(x))


@declare(hint="always positive", search="smooth relu positive variance scale activation")
class Softplus(Pointwise):
    """A smooth ReLU that never reaches zero.

    For outputs that must be positive, such as a variance.

    Formula: y = ln(1 + e^(beta·x)) / beta; y = x where beta·x is above threshold

    Source: Dugas et al. 2001, "Incorporating second-order functional knowledge for better option pricing".
    """

    beta: float = param(1.0, lo=0, above=True, doc="Sharpness of the bend")
    threshold: float = param(20.0, doc="Above it the function is taken as linear", advanced=True)

    def curve(self, x: np.ndarray) -> np.ndarray:
        return np.asarray(_softplus(self.beta * x) / self.beta)


@settings
class AlongAxis(Layer):
    """What activations share that weigh the values along one axis against each other."""

    family = "activation"
    tall = False
    backward_needs = "output"
    axis: int = param(
        -1, type=types.Axis(), doc="Axis along which the values are weighed: 1 for channels, −1 for the last"
    )
    x = port("N F *", doc="scores")

    def summary(self) -> str:
        return "" if self.axis == -1 else f"axis {self.axis}".replace("-", "−")

    def object(self, x: Incoming) -> Iterator[Objection]:
        if not -x.rank < self.axis < x.rank:
            yield AXIS_MISSING(axis=self.axis, last=x.rank - 1, settings=(("axis", -1),))

    def torch(self, x: Incoming) -> Code:
        return module(f"nn.{type(self).__name__}", dim=self.axis)


@declare(hint="sums to 1", search="probabilities normalise exponential classes distribution")
class Softmax(AlongAxis):
    """Turns scores into positive shares that sum to 1.

    For attention weights and mixtures. Cross-entropy has its own: leave it out before an Output that uses it.

    Formula: y[i] = e^x[i] / Σ e^x[j]; over all j along axis

    Source: Bridle 1990, "Probabilistic interpretation of feedforward classification network outputs".
    """


@declare(hint="log shares", search="log probabilities normalise exponential nll")
class LogSoftmax(AlongAxis):
    """The logarithm of softmax, computed without loss of precision.

    Before a negative log-likelihood loss.

    Formula: y[i] = x[i] − ln Σ e^x[j]; over all j along axis

    Source: torch.nn.LogSoftmax.
    """
