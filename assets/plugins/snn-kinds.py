"""Two layers of one's own, to be copied into the plug-in folder and changed there.

`layerloom plugins --check snn-kinds.py` tries them: shapes, parameters, file and code.
"""

from engine.api import Code, Incoming, Layer, Shape, declare, expression, module, param, port


@declare(family="activation", hint="smooth", search="swish silu smooth own")
class Swoosh(Layer):
    """Lets through what is large, and a little of what is not.

    In the place of ReLU, where gradients should not end at zero.

    Formula: y = x / (1 + e^(−steepness·x))

    Source: Ramachandran, Zoph and Le 2017, "Searching for activation functions".
    """

    steepness: float = param(1.0, lo=0, above=True, doc="How soon it opens")
    x = port("N *", doc="anything")

    def torch(self, x: Incoming) -> Code:
        return expression(f"{{x}} * torch.sigmoid({self.steepness!r} * {{x}})")


@declare(family="recurrent", hint="spikes", search="spiking neuron snn leaky integrate fire pulse")
class SpikingLIF(Layer):
    """Neurons that gather what arrives, leak it, and send a spike when they are full.

    For signals over time where few spikes should carry much. Each feature learns how fast it leaks.

    Formula: v ← σ(d)·v + x, y = 1 if v > threshold else 0; after a spike v ← v − threshold, d is learned

    Source: Neftci et al. 2019, "Surrogate gradient learning in spiking neural networks".
    """

    threshold: float = param(1.0, lo=0, above=True, doc="How much makes a spike")
    x = port("N T F", doc="a sequence of rows")
    modules = '''
class LeakyIntegrateAndFire(nn.Module):
    """Spikes, with the gradient of a sigmoid in the place of a step's."""

    def __init__(self, features, threshold=1.0):
        super().__init__()
        self.decay = nn.Parameter(torch.full((features,), 2.0))
        self.threshold = threshold

    def forward(self, x):
        potential, spikes = torch.zeros_like(x[:, 0]), []
        for arriving in x.unbind(1):
            potential = torch.sigmoid(self.decay) * potential + arriving
            soft = torch.sigmoid(4 * (potential - self.threshold))
            spike = (potential > self.threshold).to(x.dtype) + soft - soft.detach()
            potential = potential - spike * self.threshold
            spikes.append(spike)
        return torch.stack(spikes, 1)

    def extra_repr(self):
        return f"{len(self.decay)}, threshold={self.threshold}"
'''

    def summary(self) -> str:
        return f"spike at {self.threshold:g}"

    def shapes(self, x: Incoming) -> tuple[Shape, ...]:
        return (x.shape,)

    def torch(self, x: Incoming) -> Code:
        return module("LeakyIntegrateAndFire", x.F, threshold=self.threshold)

    def count(self, x: Incoming) -> str:
        return str(x.F)
