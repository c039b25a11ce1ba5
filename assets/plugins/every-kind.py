"""One kind of each family, to be copied into the plug-in folder and changed there.

`layerloom plugins --check every-kind.py` tries them.
"""

import math

import numpy as np

from engine.api import (
    Call,
    Code,
    Column,
    Incoming,
    Initialisation,
    Layer,
    Loss,
    Metric,
    Optimiser,
    Raw,
    Schedule,
    Schema,
    Source,
    declare,
    expression,
    param,
    port,
    schema_of,
)


@declare(family="activation", hint="waves", search="siren sine periodic implicit own")
class Sine(Layer):
    """The sine of what arrives, some times as fast.

    For pictures, sounds and shapes that a network shall draw out of coordinates. The layers before it begin
    with Siren.

    Formula: y = sin(speed·x)

    Source: Sitzmann et al. 2020, "Implicit neural representations with periodic activation functions".
    """

    speed: float = param(1.0, lo=0, above=True, doc="How many times as fast")
    x = port("N *", doc="anything")

    def torch(self, x: Incoming) -> Code:
        return expression(f"torch.sin({self.speed!r} * {{x}})")


@declare(hint="for Sine", search="siren sine fan uniform own")
class Siren(Initialisation):
    """Even numbers whose spread follows from the inputs of a layer, so that Sine has all of its wave to use.

    For Linear layers with Sine behind them.

    Formula: w ~ U(−a, a); a = √(6 / inputs) / speed

    Source: Sitzmann et al. 2020, "Implicit neural representations with periodic activation functions".
    """

    axes = 2
    speed: float = param(1.0, lo=0, above=True, doc="That of the Sine behind the layer")
    modules = '''
import math

def siren_(weight, speed=1.0):
    """Fill a weight of outputs×inputs."""
    limit = math.sqrt(6 / weight[0].numel()) / speed
    return nn.init.uniform_(weight, -limit, limit)
'''

    def call(self, weight: str) -> str:
        return f"siren_({weight}, speed={self.speed!r})"


@declare(title="Whorls", family="tables", hint="two arms, wound up", search="spiral toy two classes own")
class Whorls(Source):
    """Points on two spirals that are wound around each other. On which one is it?

    To see how a network bends a plane: no straight line parts the two.

    Source: Lang and Witbrock 1988, "Learning to tell two spirals apart".
    """

    turns: float = param(1.5, lo=0.25, hi=4, doc="How often each is wound around the middle")
    noise: float = param(0.02, lo=0, hi=1, doc="How far points lie off their spiral")
    samples: int = param(600, lo=100, hi=100_000, doc="How many points there are")

    def schema(self) -> Schema:
        return schema_of(
            Column("place", (2,), doc="across and up", names=("x", "y"), lo=-1, hi=1),
            target=Column("arm", (), "int", ("first", "second"), doc="the spiral that it lies on"),
            samples=self.samples,
        )

    def load(self) -> Raw:
        drawn = np.random.default_rng(0)
        arm = np.arange(self.samples) % 2
        along = np.sqrt(drawn.uniform(0.02, 1, self.samples))
        angle = 2 * math.pi * self.turns * along + math.pi * arm
        place = along[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1)
        place += drawn.normal(0, self.noise, place.shape)
        return Raw({"place": place.clip(-1, 1), "arm": arm})


@declare(hint="several classes", search="poly cross entropy classification own")
class PolyLoss(Loss):
    """Cross-entropy, and a little more for every right class that is not sure yet.

    For choosing one of several classes, where cross-entropy soon has little left to say.

    Formula: L = mean −ln p[t] + extra·(1 − p[t]); p = softmax(x), t the right class

    Source: Leng et al. 2022, "PolyLoss: a polynomial expansion perspective of classification loss functions".
    """

    task = "classes"
    takes = "scores"
    natural = ("accuracy", "Matthews")
    extra: float = param(1.0, lo=0, doc="How much more")
    modules = '''
class Poly1(nn.Module):
    """Of scores N×classes and classes N."""

    def __init__(self, extra=1.0):
        super().__init__()
        self.extra = extra

    def forward(self, prediction, target):
        right = prediction.softmax(1).gather(1, target.unsqueeze(1))
        return F.cross_entropy(prediction, target) + self.extra * (1 - right).mean()

    def extra_repr(self):
        return f"extra={self.extra}"
'''

    def torch(self, counts: tuple[int, ...] = ()) -> Call:
        return Call("Poly1", (), (("extra", self.extra),))


@declare(name="Matthews", hint="fair to rare classes", search="mcc matthews correlation phi own")
class Matthews(Metric):
    """How much predicted and true classes go together: 1 is perfect, 0 no better than chance.

    For classes of which some are rare; all four corners of the table of hits and misses count.

    Formula: MCC = (c·n − Σ p[k]·t[k]) / √((n² − Σ p[k]²)·(n² − Σ t[k]²)); c right answers among n, class k
    predicted p[k] times and true t[k] times

    Source: Matthews 1975, "Comparison of the predicted and observed secondary structure of T4 phage
    lysozyme".
    """

    def compute(self, prediction, target):
        classes, said = prediction.shape[1], prediction.argmax(1)
        right, number = float((said == target).sum()), len(target)
        guessed = said.bincount(minlength=classes).double()
        true = target.bincount(minlength=classes).double()
        spread = (number**2 - guessed.square().sum()) * (number**2 - true.square().sum())
        return float((right * number - (guessed * true).sum()) / spread.sqrt()) if spread > 0 else None


@declare(hint="signs alone", search="signum signsgd sign momentum own")
class Signum(Optimiser):
    """Steps of one length for every weight, in the direction of a running mean of the gradients.

    Keeps one number for each weight, where Adam keeps two. Its rate is a third to a tenth of Adam's.

    Formula: w ← w − rate·(sign(m) + weight_decay·w), m ← momentum·m + (1 − momentum)·g; g = gradient

    Source: Bernstein et al. 2018, "signSGD: compressed optimisation for non-convex problems".
    """

    states = 1
    rate: float = param(1e-3, lo=0, above=True, doc="How far a step goes")
    momentum: float = param(0.9, lo=0, hi=0.9999, doc="Memory of the mean", advanced=True)
    weight_decay: float = param(0.0, lo=0, doc="How strongly weights are pulled towards zero")
    modules = '''
class Signum(torch.optim.Optimizer):
    """Changes each weight by the sign of a mean gradient."""

    def __init__(self, weights, lr=1e-3, momentum=0.9, weight_decay=0.0):
        super().__init__(weights, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                state = self.state[weight]
                mean = state.setdefault("mean", torch.zeros_like(weight))
                mean.lerp_(weight.grad, 1 - group["momentum"])
                weight.mul_(1 - group["lr"] * group["weight_decay"])
                weight.sub_(group["lr"] * mean.sign())
'''

    def torch(self) -> Call:
        options = (("momentum", self.momentum), ("weight_decay", self.weight_decay))
        return Call("Signum", (), (("lr", self.rate), *options))


@declare(hint="falls slower and slower", search="inverse square root transformer noam warm-up own")
class InverseRoot(Schedule):
    """The rate rises in a straight line, then falls with the root of the epochs.

    For Transformers, and where it is not known how long training will last.

    Formula: rate(e) = rate·√(warm_up / e); before: rate·e / warm_up

    Source: Vaswani et al. 2017, "Attention is all you need".
    """

    warm_up: float = param(1.0, lo=0, above=True, doc="Epochs over which the rate rises", unit="epochs")

    def factor(self, progress: float, epochs: int) -> float:
        return progress / self.warm_up if progress < self.warm_up else math.sqrt(self.warm_up / progress)
