"""Layers in which chance has a part."""

from __future__ import annotations

from collections.abc import Iterator

from engine.kinds import Layer, declare
from engine.kinds.code import Call, Code
from engine.kinds.objections import UNEQUAL_SHAPES, Objection
from engine.kinds.ports import Incoming, port

VARIANCES_DIFFER = UNEQUAL_SHAPES.worded(
    expected="a variance for each mean, {shape}", why="The variances bring {other}."
)


@declare(
    family="normalise",
    icon="dropout",
    tall=False,
    hint="at random, bell-shaped",
    stem="sample",
    search="normal gaussian sample noise random reparametrisation variational autoencoder vae latent",
)
class NormalSample(Layer):
    """While training, draws normal numbers of the mean and variance that arrive; in use it gives the mean.

    Between encoder and decoder of a variational autoencoder: gradients flow back to mean and variance.

    Formula: y = mean + e^(variance / 2)·ε; ε ~ N(0, 1); in use y = mean

    Source: Kingma and Welling 2013, "Auto-encoding variational Bayes".
    """

    mean = port("N F *", doc="the mean μ")
    variance = port("N F *", doc="the logarithm of the variance, ln σ²")

    def object(self, mean: Incoming, variance: Incoming) -> Iterator[Objection]:
        if mean.shape.sample != variance.shape.sample:
            yield VARIANCES_DIFFER(shape=mean.shape, other=variance.shape, odd=(1,))

    def torch(self, mean: Incoming, variance: Incoming) -> Code:
        lines = (
            "{out} = {m}({mean})",
            "if {m}.training:",
            "    {out} = {out} + torch.exp({variance} / 2) * torch.randn_like({out})",
        )
        return Code(lines, Call("nn.Identity"))
