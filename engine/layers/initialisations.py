"""Which numbers the weights of a layer begin with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from engine.kinds import Kind, declare, param, role, settings
from engine.kinds.code import on_tensor


@role
class Initialisation(Kind):
    """Which numbers weights begin with. `axes` is how many axes a weight needs for it."""

    axes: ClassVar[int] = 1

    def call(self, weight: str) -> str:
        """The line that fills a weight, which is given as an expression. It calls `nn.init`, or a function of
        `modules`. Empty where PyTorch's own stays.
        """
        return ""

    def zeroes(self) -> bool:
        """Whether biases begin with zero."""
        return False

    def nothing(self) -> bool:
        """Whether every weight begins with zero."""
        return False


@settings
class Filling(Initialisation):
    """What all share that fill the weights."""

    zero_bias: bool = param(
        False, doc="Begin biases with zero; otherwise they begin as PyTorch has it", advanced=True
    )

    def options(self) -> Iterator[tuple[str, Any]]:
        """Arguments besides the weight, by PyTorch's names."""
        yield from ()

    def call(self, weight: str) -> str:
        return on_tensor(f"nn.init.{self.function()}_", weight, **dict(self.options()))

    @classmethod
    def function(cls) -> str:
        """The name in `torch.nn.init`, without the underscore at its end."""
        return "_".join(cls.label().lower().split())

    def zeroes(self) -> bool:
        return self.zero_bias


@declare(hint="as PyTorch has it", search="default usual standard pytorch")
class Default(Initialisation):
    """The numbers that PyTorch gives this layer.

    Almost always good enough.

    Formula: w ~ U(−1 / √inputs, 1 / √inputs); for Linear and convolutions, and N(0, 1) for Embedding

    Source: torch.nn, reset_parameters of each module.
    """


@declare(hint="all zero", search="zero residual")
class Zeros(Filling):
    """Every weight begins with 0.

    For the last layer of a branch that is added to a skip connection, so that it begins by doing nothing.

    Formula: w = 0

    Source: Goyal et al. 2017, "Accurate, large minibatch SGD".
    """

    def nothing(self) -> bool:
        return True


@declare(hint="all one", search="one identity scale")
class Ones(Filling):
    """Every weight begins with 1.

    For scales, which then change nothing at first.

    Formula: w = 1

    Source: torch.nn.init.ones_.
    """


@declare(hint="one number", search="constant fixed same value")
class Constant(Filling):
    """Every weight begins with the same number.

    To try something by hand. Layers of equal weights learn alike, so seldom for more.

    Formula: w = value

    Source: torch.nn.init.constant_.
    """

    value: float = param(0.1, doc="The number")

    def nothing(self) -> bool:
        return self.value == 0

    def call(self, weight: str) -> str:
        return f"nn.init.constant_({weight}, {self.value!r})"


@declare(hint="even spread", search="uniform random even")
class Uniform(Filling):
    """Weights begin anywhere between −limit and limit, all numbers equally likely.

    Where a paper or another program asks for it.

    Formula: w ~ U(−limit, limit)

    Source: torch.nn.init.uniform_.
    """

    limit: float = param(0.05, lo=0, above=True, doc="The largest number, and with a minus the smallest")

    def call(self, weight: str) -> str:
        return f"nn.init.uniform_({weight}, {-self.limit!r}, {self.limit!r})"


@declare(hint="bell curve", search="normal gauss gaussian random")
class Normal(Filling):
    """Weights begin on a bell curve around zero.

    For embeddings and Transformers, mostly with 0.02.

    Formula: w ~ N(0, std²)

    Source: Radford et al. 2018, "Improving language understanding by generative pre-training".
    """

    std: float = param(
        0.02, lo=0, above=True, doc="Standard deviation: two thirds of the numbers are smaller"
    )

    def options(self) -> Iterator[tuple[str, Any]]:
        yield "std", self.std


@declare(hint="bell curve, cut", search="truncated normal gauss gaussian random vit transformer")
class TruncatedNormal(Filling):
    """Weights begin on a bell curve around zero, without what lies beyond two standard deviations.

    For vision Transformers, and where a few large weights would hurt.

    Formula: w ~ N(0, std²); only where |w| ≤ 2·std

    Source: Devlin et al. 2018, "BERT".
    """

    std: float = param(0.02, lo=0, above=True, doc="Standard deviation of the curve before it is cut")

    @classmethod
    def label(cls) -> str:
        return "Truncated normal"

    @classmethod
    def function(cls) -> str:
        return "trunc_normal"

    def options(self) -> Iterator[tuple[str, Any]]:
        yield "std", self.std
        yield "a", -2 * self.std
        yield "b", 2 * self.std


@settings
class Xavier(Filling):
    """What Xavier's two share: the spread keeps values about as large forwards as gradients backwards."""

    axes = 2
    gain: float = param(1.0, lo=0, above=True, doc="Factor on the spread")

    def options(self) -> Iterator[tuple[str, Any]]:
        yield "gain", self.gain


@declare(hint="for tanh, sigmoid", search="xavier glorot uniform fan")
class XavierUniform(Xavier):
    """Even numbers whose spread follows from how many inputs and outputs a layer has.

    For layers with tanh, sigmoid or softmax behind them, and for attention.

    Formula: w ~ U(−a, a); a = gain·√(6 / (inputs + outputs))

    Source: Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward neural
    networks".
    """

    @classmethod
    def label(cls) -> str:
        return "Xavier uniform"


@declare(hint="for tanh, sigmoid", search="xavier glorot normal fan")
class XavierNormal(Xavier):
    """A bell curve whose width follows from how many inputs and outputs a layer has.

    For layers with tanh, sigmoid or softmax behind them, and for attention.

    Formula: w ~ N(0, s²); s = gain·√(2 / (inputs + outputs))

    Source: Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward neural
    networks".
    """

    @classmethod
    def label(cls) -> str:
        return "Xavier normal"


@settings
class Kaiming(Filling):
    """What Kaiming's two share: the spread makes up for what the activation takes away."""

    axes = 2
    nonlinearity: str = param(
        "relu",
        options=("relu", "leaky_relu", "tanh", "sigmoid", "selu", "linear"),
        doc="The activation behind the layer",
    )
    mode: str = param(
        "fan_in",
        options=("fan_in", "fan_out"),
        doc="Keep the size of values forwards (fan in) or of gradients backwards (fan out)",
        advanced=True,
    )

    def options(self) -> Iterator[tuple[str, Any]]:
        yield "mode", self.mode
        yield "nonlinearity", self.nonlinearity


@declare(hint="for ReLU", search="kaiming he uniform fan relu")
class KaimingUniform(Kaiming):
    """Even numbers whose spread follows from the inputs of a layer and the activation behind it.

    For convolutions and Linear layers with ReLU behind them.

    Formula: w ~ U(−a, a); a = gain·√(3 / inputs), gain of nonlinearity: √2 for relu; by mode the outputs

    Source: He et al. 2015, "Delving deep into rectifiers".
    """

    @classmethod
    def label(cls) -> str:
        return "Kaiming uniform"


@declare(hint="for ReLU", search="kaiming he normal fan relu resnet")
class KaimingNormal(Kaiming):
    """A bell curve whose width follows from the inputs of a layer and the activation behind it.

    For convolutions and Linear layers with ReLU behind them; residual networks take it with fan out.

    Formula: w ~ N(0, s²); s = gain / √inputs, gain of nonlinearity: √2 for relu; by mode the outputs

    Source: He et al. 2015, "Delving deep into rectifiers".
    """

    @classmethod
    def label(cls) -> str:
        return "Kaiming normal"


@declare(hint="keeps lengths", search="orthogonal rotation qr recurrent")
class Orthogonal(Filling):
    """Rows at right angles to each other, so that lengths are kept.

    For recurrent layers and very deep networks.

    Formula: W·Wᵀ = gain²·I, or Wᵀ·W = gain²·I where W is tall

    Source: Saxe, McClelland and Ganguli 2013, "Exact solutions to the nonlinear dynamics of learning".
    """

    axes = 2
    gain: float = param(1.0, lo=0, above=True, doc="Factor on all weights")

    def options(self) -> Iterator[tuple[str, Any]]:
        yield "gain", self.gain
