"""Layers and a loss of one's own, as somebody wrote them for the first version."""

from engine.calls import Call, Code, expression, module
from engine.kinds import Layer, Loss, declare, param
from engine.ports import port, ports


@declare(family="dense", hint="own")
class Widen(Layer):
    """Turns every row into a longer one.

    Where a later layer wants more numbers than there are.

    Formula: y = x·Wᵀ + b
    """

    times: int = param(2, lo=1, hi=64, doc="How much longer")
    bias: bool = param(True, doc="Add a learned number to every output", advanced=True)
    x = port("N F", doc="a row of numbers")

    def torch(self, x):
        return module("nn.Linear", x.F, self.times * x.F, bias=self.bias)

    def count(self, x):
        return f"{x.F} × {self.times * x.F}" + (f" + {self.times * x.F}" if self.bias else "")


@declare(family="combine", hint="own", search="mean blend", stem="mix")
class Blend(Layer):
    """Goes from its first input towards its second one.

    Where two views of one thing are to be weighed against each other.

    Formula: y = (1 − share)·a + share·b
    """

    share: float = param(0.5, lo=0, hi=1, doc="How much of the second")
    way: str = param("even", options=("even", "steep"), doc="How the share acts")
    a = port("N *", doc="anything")
    b = port("N *", doc="as much of it again; free: nothing", optional=True)

    def torch(self, a, b):
        if b is None:
            return expression(f"{{a}} * {1 - self.share!r}")
        share = self.share if self.way == "even" else self.share**2
        return expression(f"torch.lerp({{a}}, {{b}}, {share!r})")


@declare(family="combine", hint="own")
class Largest(Layer):
    """Takes the largest of its inputs, number by number.

    Where any of several looks may find what counts.

    Formula: y = max(x₁, x₂, …)
    """

    xs = ports("N *", doc="rows of one length", least=2, dtype="float")

    def torch(self, xs):
        rows = ", ".join(f"{{xs[{place}]}}" for place in range(len(xs)))
        return expression(f"torch.stack([{rows}]).amax(0)")


@declare(family="dense", hint="own")
class Gate(Layer):
    """Lets through as much of every number as it has learned to, and tells how much.

    Where some features count and others are noise.

    Formula: g = σ(W·x), out = g·x, opened = g
    """

    outputs = ("out", "opened")
    x = port("N F", doc="a row of numbers")
    modules = '''
import math


class GateModule(nn.Module):
    """Weights between nothing and all, and what they let through."""

    def __init__(self, features, start=0.0):
        super().__init__()
        self.map = nn.Linear(features, features)
        nn.init.constant_(self.map.bias, start)

    def forward(self, x):
        opened = torch.sigmoid(self.map(x) / math.sqrt(x.shape[1]))
        return opened * x, opened
'''

    def torch(self, x) -> Code:
        return module("GateModule", x.F, start=1.0, line="{out}, {opened} = {m}({x})")


@declare(hint="own", search="own smooth numbers")
class Soft(Loss):
    """Squared for small differences and straight for large ones.

    For predicting numbers with a few wild values among them.

    Formula: L = mean (d² / (2·beta) if |d| < beta else |d| − beta / 2); d = x − t
    """

    task = "numbers"
    natural = ("RMSE", "MAE")
    beta: float = param(0.5, lo=0, above=True, doc="Difference from which it is straight")

    def torch(self, counts=()):
        return Call("nn.SmoothL1Loss", (), (("beta", self.beta),))
