"""Ways out of warnings: of what can be trained, but will hardly learn."""

from __future__ import annotations

from math import ceil

from engine import kinds
from engine.analysis.problems import (
    AVERAGE_BEGINS_LATE,
    BALANCED_TWICE,
    BATCH_TOO_LARGE,
    CLIPS_ALL,
    HALF_ON_PROCESSOR,
    IGNORES_NOTHING,
    NESTEROV_WITH_DAMPENING,
    NESTEROV_WITHOUT_MOMENTUM,
    NEVER_FALLS,
    NO_CLASSES_TO_BALANCE,
    NO_LOG_SHARES,
    NOTHING_RECOMPUTED,
    PATIENCE_LASTS,
    RATE_TOO_HIGH,
    SEARCHES_ALONE,
    SPARES_NOTHING,
    TOO_FEW_SAMPLES,
    TWO_AS_ONE,
    WARM_UP_LASTS,
    WATCHES_NOTHING,
    WHOLE_BATCH_NEEDED,
    WHOLE_BATCH_WANTED,
)
from engine.analysis.results import Analysis
from engine.analysis.warnings import measures, usual_rate
from engine.data.split import sizes
from engine.layers.activation import LogSoftmax, ReLU, Softmax
from engine.layers.input_output import Output
from engine.losses.classification import Weighing
from engine.losses.loss import Loss
from engine.message import Message
from engine.optim.averaging import NoAveraging
from engine.optim.optimisers import Adam
from engine.optim.schedules import Constant, MultiStep, Step, Warmed
from engine.project.graph import Wire
from engine.project.recipe import ALL, BF16, FP16, FULL, ONCE, Recipe
from engine.repairs.ideas import ideas, network_ideas
from engine.repairs.repair import Repair, single
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


@network_ideas(WARM_UP_LASTS)
def shorter_warm_up(analysis: Analysis) -> Ideas:
    """A tenth of the training to warm up, none, or a training ten times as long as the warm-up."""
    recipe = analysis.project.recipe
    assert isinstance(recipe.schedule, Warmed)
    for epochs in (recipe.epochs / 10, 0.0):
        title = Message("Set the warm-up to {epochs} epoch{epochs:|s}", epochs=f"{epochs:g}")
        schedule = recipe.schedule.with_setting("warm_up", epochs)
        yield single(title, "set_recipe", recipe=recipe.with_setting("schedule", schedule))
    yield _recipe(recipe, "epochs", ceil(10 * recipe.schedule.warm_up), Message("Train for {value} epochs"))


@network_ideas(NEVER_FALLS)
def earlier_falls(analysis: Analysis) -> Ideas:
    """A fall after each third of the training, as the schedule is mostly used, or a constant rate."""
    recipe = analysis.project.recipe
    third = max(1, recipe.epochs // 3)
    schedule = recipe.schedule
    if isinstance(schedule, Step):
        schedule = schedule.with_setting("every", third)
        title = Message("Let the rate fall every {every} epoch{every:|s}", every=third)
    elif isinstance(schedule, MultiStep):
        falls = (third, max(third + 1, 2 * third))
        schedule = schedule.with_setting("after_epochs", falls)
        words = "Let the rate fall after {first} and {second} epochs"
        title = Message(words, first=falls[0], second=falls[1])
    else:
        schedule = schedule.with_setting("patience", third // 2)
        title = Message("Let the rate fall after {waited} epochs without a lower loss", waited=third // 2)
    yield single(title, "set_recipe", recipe=recipe.with_setting("schedule", schedule))
    constant = recipe.with_setting("schedule", Constant())
    yield single(Message("Leave the rate as it is"), "set_recipe", recipe=constant)


@network_ideas(PATIENCE_LASTS)
def shorter_patience(analysis: Analysis) -> Ideas:
    """A quarter of the training, or none: to train to the end."""
    recipe = analysis.project.recipe
    yield _recipe(recipe, "patience", max(1, recipe.epochs // 4), Message("Set patience to {value}"))
    yield _recipe(recipe, "patience", None, Message("Train to the end"))


@network_ideas(WATCHES_NOTHING)
def something_measured(analysis: Analysis) -> Ideas:
    """The loss, which is always there, or the measure of the first Output."""
    for name in measures(analysis.project)[:3]:
        title = Message("Watch {name}", name=name.replace("_", " "))
        yield single(title, "set_recipe", recipe=analysis.project.recipe.with_setting("watch", name))


@network_ideas(NO_CLASSES_TO_BALANCE, BALANCED_TWICE)
def each_sample_once(analysis: Analysis) -> Ideas:
    """The usual epoch."""
    yield _recipe(analysis.project.recipe, "sampling", ONCE, Message("Take each sample once an epoch"))


@network_ideas(HALF_ON_PROCESSOR)
def other_digits(analysis: Analysis) -> Ideas:
    """The short numbers that processors have, or whole ones."""
    for precision in (BF16, FULL):
        yield _recipe(analysis.project.recipe, "precision", precision, Message("Compute in {value}"))


@network_ideas(NOTHING_RECOMPUTED)
def keep_outputs(analysis: Analysis) -> Ideas:
    """Outputs are kept as usual."""
    yield _recipe(analysis.project.recipe, "recompute", False, Message("Keep what layers give"))


@network_ideas(AVERAGE_BEGINS_LATE)
def earlier_average(analysis: Analysis) -> Ideas:
    """An average of half of the training, or none."""
    recipe = analysis.project.recipe
    halves = recipe.averaging.with_setting("begin", 0.5)
    if halves.taken(recipe.epochs - 1, recipe.epochs, epoch_over=True):
        title = Message("Begin the average after half of the training")
        yield single(title, "set_recipe", recipe=recipe.with_setting("averaging", halves))
    whole = recipe.with_setting("averaging", NoAveraging())
    yield single(Message("Leave the average out"), "set_recipe", recipe=whole)


@network_ideas(SEARCHES_ALONE)
def left_to_others(analysis: Analysis) -> Ideas:
    """The optimiser with usual settings, or one that can do with these."""
    recipe = analysis.project.recipe
    usual = recipe.with_setting("accumulate", 1).with_setting("sampling", ONCE)
    if recipe.precision == FP16:
        usual = usual.with_setting("precision", FULL)
    yield single(Message("Leave out what it cannot do with"), "set_recipe", recipe=usual)
    yield single(Message("Use Adam"), "set_recipe", recipe=recipe.with_setting("optimiser", Adam()))


@network_ideas(BATCH_TOO_LARGE)
def smaller_batch(analysis: Analysis) -> Ideas:
    """A batch that gives some ten steps an epoch, or all samples where one step is meant."""
    recipe = analysis.project.recipe
    title = Message("Set the batch size to {value}")
    schema = analysis.schema
    if schema is not None:
        samples = sizes(schema, analysis.project.data).train
        yield _recipe(recipe, "batch_size", 1 << max(0, (samples // 8).bit_length() - 1), title)
        yield _recipe(recipe, "batch_size", ALL, Message("Take all samples in one step"))


@network_ideas(WHOLE_BATCH_NEEDED, WHOLE_BATCH_WANTED)
def whole_batch(analysis: Analysis) -> Ideas:
    """All samples in one step, or an optimiser that learns from a few at a time."""
    recipe = analysis.project.recipe
    yield _recipe(recipe, "batch_size", ALL, Message("Take all samples in one step"))
    yield single(Message("Use Adam"), "set_recipe", recipe=recipe.with_setting("optimiser", Adam()))


@network_ideas(NESTEROV_WITH_DAMPENING)
def no_dampening(analysis: Analysis) -> Ideas:
    """One or the other."""
    recipe = analysis.project.recipe
    for name, value, title in (
        ("dampening", 0.0, Message("Set dampening to 0")),
        ("nesterov", False, Message("Turn Nesterov off")),
    ):
        optimiser = recipe.optimiser.with_setting(name, value)
        yield single(title, "set_recipe", recipe=recipe.with_setting("optimiser", optimiser))


@network_ideas(SPARES_NOTHING)
def something_to_spare(analysis: Analysis) -> Ideas:
    """A usual decay, or nothing to spare."""
    recipe = analysis.project.recipe
    for name, value, title in (
        ("weight_decay", 0.01, Message("Set weight decay to 0.01")),
        ("spare_biases", False, Message("Spare nothing")),
    ):
        optimiser = recipe.optimiser.with_setting(name, value)
        yield single(title, "set_recipe", recipe=recipe.with_setting("optimiser", optimiser))


@network_ideas(CLIPS_ALL)
def longer_gradients(analysis: Analysis) -> Ideas:
    """The usual length, or gradients as they are."""
    recipe = analysis.project.recipe
    yield _recipe(recipe, "clip", 1.0, Message("Shorten gradients to {value:g} at most"))
    yield _recipe(recipe, "clip", None, Message("Leave gradients as they are"))


@network_ideas(RATE_TOO_HIGH)
def usual_steps(analysis: Analysis) -> Ideas:
    """The rate that the optimiser has where nobody sets it."""
    recipe = analysis.project.recipe
    rate = usual_rate(recipe.optimiser)
    optimiser = recipe.optimiser.with_setting("rate", rate)
    title = Message("Set the learning rate to {rate:g}", rate=rate)
    yield single(title, "set_recipe", recipe=recipe.with_setting("optimiser", optimiser))


def _recipe(recipe: Recipe, name: str, value: float | str | None, title: Message) -> Repair:
    """The recipe with another value of a setting."""
    said = Message(title.template, value=value)
    return single(said, "set_recipe", recipe=recipe.with_setting(name, value))


@network_ideas(TOO_FEW_SAMPLES)
def too_few_samples(analysis: Analysis) -> Ideas:
    """Smaller shares for validation and test: the usual ones, or a tenth and less."""
    for share in (0.15, 0.1, 0.05, 0.02):
        data = analysis.project.data.with_setting("validation", share).with_setting("test", share)
        title = Message("Hold back {share} for validation and {share} for test", share=f"{share:.0%}")
        yield single(title, "set_data", data=data)
