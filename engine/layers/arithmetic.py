"""Plain arithmetic on what arrives, number by number or as matrices."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import prod
from typing import Any

from engine import forms
from engine.kinds import Code, Incoming, Layer, Objection, declare, expression, param, port, ports, settings
from engine.layers.activation import Pointwise
from engine.layers.axes import axis_objection, axis_words
from engine.message import Illegal, Message
from engine.shapes import Shape


@settings
class Pair(Layer):
    """What layers share that take two inputs of equal shape."""

    family = "combine"
    tall = False
    a = port("N *", doc="the first")
    b = port("N *", doc="the second, of the same shape")

    def object(self, a: Any, b: Any) -> Iterator[Objection]:
        if a.shape.sample != b.shape.sample:
            yield Objection(
                "unequal-shapes",
                Message("{shape} at both inputs", shape=a.shape),
                Message("The second brings {shape}, and they are taken number by number.", shape=b.shape),
                {"odd": (1,), "expected": a.shape.sample, "received": b.shape.sample},
            )


@declare(hint="difference", icon="add", search="minus difference subtract residual")
class Subtract(Pair):
    """Takes the second input from the first, number by number.

    For differences, such as an error or a change.

    Source: a − b.
    """

    def torch(self, a: Any, b: Any) -> Code:
        return expression("{a} - {b}")


@declare(hint="ratio", icon="add", search="ratio quotient divide fraction normalise")
class Divide(Pair):
    """Divides the first input by the second, number by number.

    For ratios, such as weights that shall sum to one. Zero below the line gives no finite number.

    Source: a / b.
    """

    def torch(self, a: Any, b: Any) -> Code:
        return expression("{a} / {b}")


@declare(
    hint="angle of two vectors", icon="dense", search="cosine similarity angle compare siamese embedding"
)
class CosineSimilarity(Pair):
    """How much two vectors point the same way: 1 the same, 0 at right angles, −1 opposite.

    To compare codes, as in siamese networks.

    Source: a·b / (‖a‖·‖b‖).
    """

    axis: int = param(1, form=forms.Axis(), doc="Axis of the vectors: 1 for channels, −1 for the last")
    a = port("N F *", doc="the first")
    b = port("N F *", doc="the second, of the same shape")

    def summary(self) -> str:
        return axis_words(self.axis, 1)

    def object(self, a: Any, b: Any) -> Iterator[Objection]:
        yield from super().object(a, b)
        yield from axis_objection(self.axis, a)

    def torch(self, a: Any, b: Any) -> Code:
        return expression(
            "F.cosine_similarity({a}, {b}" + ("" if self.axis == 1 else f", dim={self.axis}") + ")"
        )


@declare(
    hint="distance of vectors", icon="dense", search="distance euclidean pairwise compare siamese metric"
)
class PairwiseDistance(Pair):
    """The distance of two vectors along the last axis.

    To compare codes, as in siamese networks.

    Source: (Σ |aᵢ − bᵢ + ε|ᵖ)^(1/p).
    """

    order: float = param(
        2.0, lo=1, hi=16, doc="The power p: 2 is the usual distance, 1 the sum of differences"
    )
    a = port("N * F", doc="the first")
    b = port("N * F", doc="the second, of the same shape")

    def torch(self, a: Any, b: Any) -> Code:
        return expression(
            "F.pairwise_distance({a}, {b}" + ("" if self.order == 2 else f", p={self.order!r}") + ")"
        )


@declare(
    family="combine",
    tall=False,
    icon="dense",
    hint="matrix product",
    search="matrix multiply product dot bmm attention scores",
)
class MatMul(Layer):
    """Multiplies matrices: rows of the first with columns of the second.

    For attention written by hand, and wherever both factors come from wires.

    Source: yᵢⱼ = Σₖ aᵢₖ·bₖⱼ.
    """

    turned: bool = param(False, doc="Turn the second first: rows with rows, as in Q·Kᵀ")
    a = port("N * T F", doc="matrices")
    b = port("N * F S", doc="matrices with as many rows as the first has columns")

    def summary(self) -> str:
        return "second turned" if self.turned else ""

    def object(self, a: Any, b: Any) -> Iterator[Objection]:
        inner = b.S if self.turned else b.F
        if a.shape.sample[:-2] != b.shape.sample[:-2]:
            yield Objection(
                "unequal-shapes",
                Message("shapes equal to {shape} but for the last two axes", shape=a.shape),
                Message("The second brings {shape}.", shape=b.shape),
                {"odd": (1,), "expected": a.shape.sample, "received": b.shape.sample},
            )
        elif inner != a.F:
            other = b.F if self.turned else b.S
            yield Objection(
                "inner-sizes-differ",
                Message(
                    "{size} {what} in the second",
                    size=a.F,
                    what=Message("columns" if self.turned else "rows"),
                ),
                Message(
                    "A row of the first has {size} numbers, and it meets {inner}.", size=a.F, inner=inner
                ),
                {
                    "expected": a.F,
                    "received": inner,
                    "settings": (("turned", not self.turned),) if other == a.F else (),
                },
            )

    def torch(self, a: Any, b: Any) -> Code:
        return expression("{a} @ {b}.mT" if self.turned else "{a} @ {b}")

    def macs(self, inputs: tuple[Any, ...], outputs: tuple[Shape, ...]) -> int:
        return outputs[0].size * int(inputs[0].F)

    def formula(self, a: Any, b: Any) -> str:
        rows, columns = (b.S, b.F) if self.turned else (b.F, b.S)
        return f"{a.T}×{a.F} · {rows}×{columns} → {a.T}×{columns}"


class Equation(forms.Text):
    """A sum over products in Einstein's notation: `nij,njk->nik`."""

    def accept(self, value: Any) -> str:
        text = super().accept(value).replace(" ", "")
        if not re.fullmatch(r"n[a-z]*(,n[a-z]*)*->n[a-z]*", text):
            raise Illegal(
                "expected letters for axes, n for the samples first, such as nij,njk->nik, received {value}",
                value=repr(value),
            )
        return text


@declare(
    family="combine",
    icon="dense",
    hint="any sum of products",
    search="einsum einstein tensor product sum contraction",
)
class Einsum(Layer):
    """Multiplies its inputs and sums over axes, as written in Einstein's notation; n is the batch.

    For products that no other layer has. A letter that is missing on the right is summed over.

    Source: Einstein 1916; torch.einsum.
    """

    equation: str = param(
        "nij,njk->nik", form=Equation(), doc="Axes of each input, and after -> those of the result"
    )
    xs = ports("N *", doc="one input for each part of the equation", least=1, dtype="float")

    def summary(self) -> str:
        return self.equation.replace("->", " → ")

    def object(self, xs: list[Incoming]) -> Iterator[Objection]:
        left, right = self.equation.split("->")
        terms = left.split(",")
        if len(terms) != len(xs):
            yield Objection(
                "term-count",
                Message("{terms} inputs", terms=len(terms)),
                Message(
                    "The equation has {terms} parts on its left, and {wires} wires arrive.",
                    terms=len(terms),
                    wires=len(xs),
                ),
                {"expected": len(terms), "received": len(xs)},
            )
            return
        sizes: dict[str, int] = {}
        for place, (term, x) in enumerate(zip(terms, xs, strict=True), start=1):
            if len(term) != x.rank:
                yield Objection(
                    "rank-differs",
                    Message("{axes} axes at input {place}", axes=len(term), place=place),
                    Message(
                        "{term} names {axes}, and {shape} arrives.", term=term, axes=len(term), shape=x.shape
                    ),
                    {"odd": (place - 1,), "expected": len(term), "received": x.rank},
                )
                return
            for letter, size in zip(term[1:], x.shape.sample, strict=True):
                if letter == "n" or sizes.setdefault(letter, size) != size:
                    yield Objection(
                        "inner-sizes-differ",
                        Message(
                            "{size} along {letter} everywhere", size=sizes.get(letter, "N"), letter=letter
                        ),
                        Message("Input {place} has {size} there.", place=place, size=size),
                        {"odd": (place - 1,), "received": size},
                    )
                    return
        strange = [letter for letter in right[1:] if letter not in sizes]
        if strange or len(set(right)) != len(right):
            yield Objection(
                "letter-unknown",
                Message("letters on the right that stand on the left, each once"),
                Message("The right side is {right}.", right=right),
            )

    def torch(self, xs: list[Incoming]) -> Code:
        names = ", ".join(f"{{xs[{i}]}}" for i in range(len(xs)))
        return expression(f'torch.einsum("{self.equation}", {names})')

    def macs(self, inputs: tuple[Any, ...], outputs: tuple[Shape, ...]) -> int:
        (xs,) = inputs
        terms = self.equation.split("->")[0].split(",")
        sizes: dict[str, int] = {
            letter: size
            for term, x in zip(terms, xs, strict=True)
            for letter, size in zip(term[1:], x.shape.sample, strict=True)
        }
        return prod(sizes.values()) * (len(terms) - 1)

    def formula(self, xs: list[Incoming]) -> str:
        return self.equation.replace("->", " → ")


@settings
class Function(Pointwise):
    """What functions share that are applied to each number by itself."""

    family = "combine"
    icon = "activation"
    call = ""

    def torch(self, x: Any) -> Code:
        return expression("{x}." + self.call)


@declare(hint="xᵖ", search="power square cube exponent")
class Power(Function):
    """Raises each number to a power.

    For squares and other powers. A broken power of a negative number is no number.

    Source: xᵖ.
    """

    exponent: float = param(2.0, doc="The power")

    def torch(self, x: Any) -> Code:
        exponent = int(self.exponent) if self.exponent.is_integer() else self.exponent
        return expression(f"{{x}} ** {exponent!r}" if exponent >= 0 else f"{{x}} ** ({exponent!r})")


@declare(hint="√x", search="square root sqrt")
class SquareRoot(Function):
    """Takes the square root of each number.

    For standard deviations. Negative numbers have none, and at zero the gradient is infinite.

    Source: √x.
    """

    call = "sqrt()"


@declare(hint="eˣ", search="exponential exp")
class Exponential(Function):
    """Raises e to the power of each number.

    To turn a log variance into a variance, as in a variational autoencoder.

    Source: eˣ.
    """

    call = "exp()"


@declare(hint="ln x", search="logarithm log natural")
class Logarithm(Function):
    """Takes the natural logarithm of each number.

    To tame large values. Numbers must be above zero: `shift` is added first.

    Source: ln(x + shift).
    """

    shift: float = param(0.0, lo=0, doc="What is added first, against the logarithm of zero")

    def torch(self, x: Any) -> Code:
        return expression(f"({{x}} + {self.shift!r}).log()" if self.shift else "{x}.log()")


@declare(hint="|x|", search="absolute value magnitude abs")
class Absolute(Function):
    """Takes the sign from each number.

    For sizes without direction.

    Source: |x|.
    """

    call = "abs()"


@declare(hint="keeps in limits", search="clamp clip limit cut range")
class Clamp(Function):
    """Cuts numbers below and above two limits.

    To keep values where the next step can take them.

    Source: min(max(x, lower), upper).
    """

    lower: float | None = param(0.0, optional=True, doc="Lower limit; none leaves it open")
    upper: float | None = param(1.0, optional=True, doc="Upper limit; none leaves it open")

    def summary(self) -> str:
        words = ["…" if end is None else f"{end:g}" for end in (self.lower, self.upper)]
        return " to ".join(words).replace("-", "−")

    def object(self, x: Any) -> Iterator[Objection]:
        if self.lower is None and self.upper is None:
            yield Objection(
                "limits-missing",
                Message("a limit below or above"),
                Message("Without any limit nothing is cut."),
                {"settings": (("lower", 0.0), ("upper", 1.0))},
            )
        elif self.lower is not None and self.upper is not None and self.lower > self.upper:
            yield Objection(
                "limits-crossed",
                Message("a lower limit of at most {upper:g}", upper=self.upper),
                Message("The lower limit is above the upper one."),
                {"settings": (("lower", self.upper), ("upper", self.lower))},
            )

    def torch(self, x: Any) -> Code:
        if self.upper is None:
            return expression(f"{{x}}.clamp({self.lower!r})")
        return expression(f"{{x}}.clamp({self.lower!r}, {self.upper!r})")


@declare(hint="a·x + b", icon="add", search="scale shift multiply add constant affine factor")
class ScaleShift(Function):
    """Multiplies each number by a constant and adds another.

    To bring values into another range.

    Source: scale·x + shift.
    """

    scale: float = param(1.0, doc="What is multiplied with")
    shift: float = param(0.0, doc="What is added")

    def summary(self) -> str:
        return f"{self.scale:g}·x + {self.shift:g}".replace("-", "−")

    def torch(self, x: Any) -> Code:
        return expression(f"{{x}} * {self.scale!r} + {self.shift!r}")


@declare(hint="to float or int", icon="reshape", search="cast convert type float int long dtype")
class Cast(Function):
    """Turns numbers into real or into whole ones; whole ones are cut off towards zero.

    Before an Embedding, which takes whole numbers, or after it. Nothing can be learned through whole numbers.

    Source: torch.Tensor.to.
    """

    to: str = param("float", options=("float", "int"), doc="What the numbers become")
    x = port("N *", doc="anything", dtype="any")

    def summary(self) -> str:
        return f"to {self.to}"

    def shapes(self, x: Any) -> tuple[Shape, ...]:
        return (Shape(x.shape.dims, "float" if self.to == "float" else "int"),)

    def torch(self, x: Any) -> Code:
        return expression("{x}.float()" if self.to == "float" else "{x}.long()")


@declare(
    family="combine", tall=False, hint="chooses by a third", search="where choose condition if select gate"
)
class Where(Layer):
    """Takes the first input where the condition is above zero, and the second elsewhere.

    To choose place by place between two branches.

    Source: torch.where.
    """

    condition = port("N *", doc="above zero: the first", dtype="any")
    a = port("N *", doc="the first")
    b = port("N *", doc="the second")

    def object(self, condition: Any, a: Any, b: Any) -> Iterator[Objection]:
        shapes = [condition.shape.sample, a.shape.sample, b.shape.sample]
        odd = tuple(i for i, shape in enumerate(shapes) if shape != shapes[1])
        if odd:
            yield Objection(
                "unequal-shapes",
                Message("{shape} at every input", shape=a.shape),
                Message(
                    "Input {place} brings {shape}.", place=odd[0] + 1, shape=(condition, a, b)[odd[0]].shape
                ),
                {"odd": odd, "expected": shapes[1], "received": tuple(shapes[i] for i in odd)},
            )

    def torch(self, condition: Any, a: Any, b: Any) -> Code:
        return expression("torch.where({condition} > 0, {a}, {b})")


@declare(family="combine", tall=False, hint="blanks places", search="mask fill padding ignore blank hide")
class Mask(Layer):
    """Replaces numbers where the mask is zero by a constant.

    To blank out padded steps; with −∞ before a softmax, choose a very negative value.

    Source: torch.Tensor.masked_fill.
    """

    value: float = param(0.0, doc="What stands at masked places")
    x = port("N *", doc="anything")
    mask = port("N *", doc="zero where x is masked; it may lack the last axes", dtype="any")

    def summary(self) -> str:
        return f"{self.value:g}".replace("-", "−")

    def object(self, x: Any, mask: Any) -> Iterator[Objection]:
        if x.shape.sample[: mask.rank - 1] != mask.shape.sample:
            yield Objection(
                "unequal-shapes",
                Message("a mask with the first axes of {shape}", shape=x.shape),
                Message("The mask is {shape}.", shape=mask.shape),
                {"odd": (1,), "expected": x.shape.sample, "received": mask.shape.sample},
            )

    def torch(self, x: Any, mask: Any) -> Code:
        lacking = "[..." + ", None" * (x.rank - mask.rank) + "]" if x.rank > mask.rank else ""
        zero = f"{{mask}}{lacking} == 0"
        return expression(f"{{x}}.masked_fill({zero}, {self.value!r})")
