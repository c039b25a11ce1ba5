"""Ways out of warnings: of what can be trained, but will hardly learn."""

from __future__ import annotations

from engine import kinds
from engine.analysis.problems import (
    IGNORES_NOTHING,
    NESTEROV_WITHOUT_MOMENTUM,
    NO_LOG_SHARES,
    TOO_FEW_SAMPLES,
    TWO_AS_ONE,
)
from engine.analysis.results import Analysis
from engine.layers.activation import LogSoftmax, ReLU, Softmax
from engine.layers.input_output import Output
from engine.losses.classification import Weighing
from engine.losses.loss import Loss
from engine.message import Message
from engine.project.graph import Wire
from engine.repairs.ideas import ideas, network_ideas
from engine.repairs.repair import single
from engine.repairs.site import Ideas, Site, set_param


@ideas(NO_LOG_SHARES)
def no_log_shares(site: Site) -> Ideas:
    """Logarithms of shares for a loss that takes them, or the loss that makes them itself."""
    kind, before = site.node.kind, site.graph.nodes[str(site.problem.facts["before"])]
    if isinstance(before.kind, Softmax):
        title = Message("Change {name} to LogSoftmax", name=before.name)
        yield single(title, "set_kind", id=before.id, kind=LogSoftmax(axis=before.kind.axis))
    else:
        yield site.put_in(Message("Insert LogSoftmax"), site.wires[0], LogSoftmax(axis=1))
    if isinstance(kind, Output) and isinstance(kind.loss, Weighing):
        loss = kinds.registry(Loss)["CrossEntropy"](
            class_weights=kind.loss.class_weights, ignore=kind.loss.ignore
        )
        yield set_param(site.node, "loss", loss, Message("Use {loss}", loss=loss.label().lower()))


@ideas(IGNORES_NOTHING)
def ignores_nothing(site: Site) -> Ideas:
    """A loss that counts every class, as it does already."""
    kind = site.node.kind
    if isinstance(kind, Output):
        yield set_param(site.node, "loss", kind.loss.with_setting("ignore", None), Message("Ignore no class"))


@ideas(TWO_AS_ONE)
def two_as_one(site: Site) -> Ideas:
    """An activation between two Linear layers, so that they can do more than one."""
    wire = site.problem.facts["wire"]
    if isinstance(wire, Wire):
        yield site.put_in(Message("Insert ReLU between them"), wire, ReLU())


@network_ideas(NESTEROV_WITHOUT_MOMENTUM)
def nesterov(analysis: Analysis) -> Ideas:
    """A momentum to look ahead along, or plain steps."""
    recipe = analysis.project.recipe
    for name, value, title in (
        ("momentum", 0.9, Message("Set momentum to 0.9")),
        ("nesterov", False, Message("Turn Nesterov off")),
    ):
        optimiser = recipe.optimiser.with_setting(name, value)
        yield single(title, "set_recipe", recipe=recipe.with_setting("optimiser", optimiser))


@network_ideas(TOO_FEW_SAMPLES)
def too_few_samples(analysis: Analysis) -> Ideas:
    """Smaller shares for validation and test: the usual ones, or a tenth and less."""
    for share in (0.15, 0.1, 0.05, 0.02):
        data = analysis.project.data.with_setting("validation", share).with_setting("test", share)
        title = Message("Hold back {share} for validation and {share} for test", share=f"{share:.0%}")
        yield single(title, "set_data", data=data)
