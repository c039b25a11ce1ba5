"""Functions of each number by itself, and choosing between numbers."""

from __future__ import annotations

from collections.abc import Iterator

from engine.kinds import Layer, declare, param, settings
from engine.kinds.code import Code, expression
from engine.kinds.objections import LIMITS_CROSSED, UNEQUAL_SHAPES, Objection, ObjectionKind
from engine.kinds.ports import Incoming, port
from engine.kinds.shapes import Shape
from engine.layers.activation import Pointwise
from engine.layers.combine import difference

LIMITS_MISSING = ObjectionKind(
    "limits-missing",
    expected="a limit below or above",
    why="Without any limit nothing is cut.",
)
MASK_DIFFERS = UNEQUAL_SHAPES.worded(
    expected="a mask with the first axes of {shape}", why="The mask is {other}."
)


@settings
class Function(Pointwise):
    """What functions share that are applied to each number by itself."""

    family = "combine"
    icon = "activation"
    call = ""

    def torch(self, x: Incoming) -> Code:
        return expression("{x}." + self.call)


@declare(hint="xᵖ", search="power square cube exponent")
class Power(Function):
    """Raises each number to a power.

    For squares and other powers. A broken power of a negative number is no number.

    Formula: y = x^exponent

    Source: torch.pow.
    """

    exponent: float = param(2.0, doc="The power")

    def torch(self, x: Incoming) -> Code:
        exponent = int(self.exponent) if self.exponent.is_integer() else self.exponent
        return expression(f"{{x}} ** {exponent!r}" if exponent >= 0 else f"{{x}} ** ({exponent!r})")


@declare(hint="√x", search="square root sqrt")
class SquareRoot(Function):
    """Takes the square root of each number.

    For standard deviations. Negative numbers have none, and at zero the gradient is infinite.

    Formula: y = √x

    Source: torch.sqrt.
    """

    call = "sqrt()"


@declare(hint="eˣ", search="exponential exp")
class Exponential(Function):
    """Raises e to the power of each number.

    To turn a log variance into a variance, as in a variational autoencoder.

    Formula: y = e^x

    Source: torch.exp.
    """

    call = "exp()"


@declare(hint="ln x", search="logarithm log natural")
class Logarithm(Function):
    """Takes the natural logarithm of each number.

    To tame large values. Numbers must be above zero: `shift` is added first.

    Formula: y = ln(x + shift)

    Source: torch.log.
    """

    shift: float = param(0.0, lo=0, doc="What is added first, against the logarithm of zero")

    def torch(self, x: Incoming) -> Code:
        return expression(f"({{x}} + {self.shift!r}).log()" if self.shift else "{x}.log()")


@declare(hint="|x|", search="absolute value magnitude abs")
class Absolute(Function):
    """Takes the sign from each number, or of a complex one its size.

    For sizes without direction.

    Formula: y = |x|

    Source: torch.abs.
    """

    call = "abs()"
    x = port("N *", doc="anything", dtype="any")

    def shapes(self, x: Incoming) -> tuple[Shape, ...]:
        return (Shape(x.shape.dims, "float" if x.shape.dtype == "complex" else x.shape.dtype),)


@declare(hint="keeps in limits", search="clamp clip limit cut range")
class Clamp(Function):
    """Cuts numbers below and above two limits.

    To keep values where the next step can take them.

    Formula: y = min(max(lower, x), upper)

    Source: torch.clamp.
    """

    lower: float | None = param(0.0, optional=True, doc="Lower limit; none leaves it open")
    upper: float | None = param(1.0, optional=True, doc="Upper limit; none leaves it open")

    def summary(self) -> str:
        words = ["…" if end is None else f"{end:g}" for end in (self.lower, self.upper)]
        return " to ".join(words).replace("-", "−")

    def object(self, x: Incoming) -> Iterator[Objection]:
        if self.lower is None and self.upper is None:
            yield LIMITS_MISSING(settings=(("lower", 0.0), ("upper", 1.0)))
        elif self.lower is not None and self.upper is not None and self.lower > self.upper:
            yield LIMITS_CROSSED(upper=self.upper, settings=(("lower", self.upper), ("upper", self.lower)))

    def torch(self, x: Incoming) -> Code:
        if self.upper is None:
            return expression(f"{{x}}.clamp({self.lower!r})")
        return expression(f"{{x}}.clamp({self.lower!r}, {self.upper!r})")


@declare(hint="a·x + b", icon="add", search="scale shift multiply add constant affine factor")
class ScaleShift(Function):
    """Multiplies each number by a constant and adds another.

    To bring values into another range.

    Formula: y = scale·x + shift

    Source: torch.mul and torch.add.
    """

    scale: float = param(1.0, doc="What is multiplied with")
    shift: float = param(0.0, doc="What is added")

    def summary(self) -> str:
        return f"{self.scale:g}·x + {self.shift:g}".replace("-", "−")

    def torch(self, x: Incoming) -> Code:
        return expression(f"{{x}} * {self.scale!r} + {self.shift!r}")


@declare(hint="to float or int", icon="reshape", search="cast convert type float int long dtype")
class Cast(Function):
    """Turns numbers into real or into whole ones; whole ones are cut off towards zero.

    Before an Embedding, which takes whole numbers, or after it. Nothing can be learned through whole numbers.

    Formula: y = x; to int: y = sign(x)·⌊|x|⌋

    Source: torch.Tensor.to.
    """

    to: str = param("float", options=("float", "int"), doc="What the numbers become")
    x = port("N *", doc="anything", dtype="any")

    def summary(self) -> str:
        return f"to {self.to}"

    def shapes(self, x: Incoming) -> tuple[Shape, ...]:
        return (Shape(x.shape.dims, "float" if self.to == "float" else "int"),)

    def torch(self, x: Incoming) -> Code:
        return expression("{x}.float()" if self.to == "float" else "{x}.long()")


@declare(
    family="combine", tall=False, hint="chooses by a third", search="where choose condition if select gate"
)
class Where(Layer):
    """Takes the first input where the condition is above zero, and the second elsewhere.

    To choose place by place between two branches.

    Formula: y = a if condition > 0 else b

    Source: torch.where.
    """

    stretch: bool = param(False, doc="Let axes of size 1 stretch to the size of the others", advanced=True)
    condition = port("N *", doc="above zero: the first", dtype="any")
    a = port("N *", doc="the first")
    b = port("N *", doc="the second")

    def object(self, condition: Incoming, a: Incoming, b: Incoming) -> Iterator[Objection]:
        one = difference((condition, a, b), self.stretch)
        if one is not None:
            yield UNEQUAL_SHAPES(
                shape=one.usual, place=one.place, other=one.other, odd=one.odd, settings=one.settings
            )

    def torch(self, condition: Incoming, a: Incoming, b: Incoming) -> Code:
        return expression("torch.where({condition} > 0, {a}, {b})")


@declare(family="combine", tall=False, hint="blanks places", search="mask fill padding ignore blank hide")
class Mask(Layer):
    """Replaces numbers where the mask is zero by a constant.

    To blank out padded steps; with −∞ before a softmax, choose a very negative value.

    Formula: y = value if mask = 0 else x

    Source: torch.Tensor.masked_fill.
    """

    value: float = param(0.0, doc="What stands at masked places")
    x = port("N *", doc="anything")
    mask = port("N *", doc="zero where x is masked; it may lack the last axes", dtype="any")

    def summary(self) -> str:
        return f"{self.value:g}".replace("-", "−")

    def object(self, x: Incoming, mask: Incoming) -> Iterator[Objection]:
        if x.shape.sample[: mask.rank - 1] != mask.shape.sample:
            yield MASK_DIFFERS(shape=x.shape, other=mask.shape, odd=(1,))

    def torch(self, x: Incoming, mask: Incoming) -> Code:
        lacking = "[..." + ", None" * (x.rank - mask.rank) + "]" if x.rank > mask.rank else ""
        zero = f"{{mask}}{lacking} == 0"
        return expression(f"{{x}}.masked_fill({zero}, {self.value!r})")
