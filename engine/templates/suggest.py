"""A first network for data that a person has just opened: drawn, with a recipe, and explained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from math import prod

from attrs import evolve, frozen

from engine.data.prepare import schema as schema_of
from engine.data.schema import Column, Schema
from engine.data.settings import DataSettings
from engine.data.split import sizes
from engine.kinds import Layer
from engine.layers.activation import ReLU, Tanh
from engine.layers.arithmetic import Subtract
from engine.layers.attention import Embedding, MultiheadAttention
from engine.layers.combine import Add, Concatenate
from engine.layers.convolution import Conv2d
from engine.layers.cutting import Slice
from engine.layers.dense import Linear
from engine.layers.dropout import Dropout
from engine.layers.input_output import Output
from engine.layers.rearrange import Transpose
from engine.layers.recurrent import EVERYTHING, GRU, LSTM, SEQUENCE
from engine.layers.reshape import Flatten, Reshape
from engine.losses.binary import BinaryCrossEntropy
from engine.losses.classification import BALANCED, CrossEntropy
from engine.losses.loss import Loss
from engine.losses.regression import MeanSquaredError
from engine.message import Message
from engine.metrics.metric import AUROC, F1, MAE, R2, RMSE, Accuracy, BalancedAccuracy, IoU, Perplexity
from engine.optim.optimisers import AdamW
from engine.project.project import Project
from engine.project.recipe import Recipe
from engine.templates.branches import Branch, branch, dense, entered
from engine.templates.builder import Sketch
from engine.templates.convolutional import unet

RARE_CLASS = 0.2  # of the largest class: one that is smaller would hardly be learnt unless it counts more
STEPS = 12_000  # of a training on few samples, unless it stops early

Counts = Mapping[str, Sequence[int]]
"""How many samples each class of a target has, where somebody has counted."""


@frozen
class Suggestion:
    """A project for the data, and two sentences: what was drawn, and how it is trained and judged."""

    project: Project
    network: Message
    training: Message


@frozen
class _Goal:
    """How one target is judged: by which loss and metrics, and by how many scores for each of its places."""

    column: Column
    loss: Loss
    metrics: tuple[str, ...]
    scores: int
    words: Message


def suggest(data: DataSettings, name: str = "", counts: Counts | None = None) -> Suggestion:
    """A first network for that data, by what its columns are and how many samples there are. Reads nothing.
    Raises `Trouble` where nothing can be learnt from it, or nobody knows a network for such a column.
    """
    schema = schema_of(data)
    samples = sizes(schema, data).train
    goals = [_goal(schema.columns[target], (counts or {}).get(target, ())) for target in schema.targets]
    sketch = Sketch(name or _title(data), data, _recipe(schema, samples, goals))
    body = _network(sketch, schema, samples, goals)
    project = sketch.project()
    judged = dict.fromkeys(goal.metrics[0] for goal in goals)
    return Suggestion(
        project,
        Message("{goal}: {body}.", goal=_listed([goal.words for goal in goals]), body=body),
        Message(
            "It learns from {samples} samples in steps of {batch}, at most {epochs} epochs, stops where the "
            "validation loss has not fallen for {patience}, and is judged by {metrics}.",
            samples=f"{samples:,}",
            batch=project.recipe.batch_size,
            epochs=project.recipe.epochs,
            patience=project.recipe.patience,
            metrics=", ".join(judged),
        ),
    )


def suggested(project: Project, counts: Counts | None = None) -> Project:
    """The edit that puts the suggested network and recipe in the place of a project's own. Its data, its
    title and what the person's machine computes with stay. Raises `Trouble`.
    """
    found = suggest(project.data, project.graph.name, counts).project
    recipe = found.recipe
    for kept in ("seed", "device", "threads"):
        recipe = recipe.with_setting(kept, getattr(project.recipe, kept))
    return evolve(found, recipe=recipe)


def _title(data: DataSettings) -> str:
    path = str(getattr(data.source, "path", ""))
    stem = path.replace("\\", "/").rstrip("/").rpartition("/")[2].rpartition(".")
    return (stem[0] or stem[2] or data.source.label())[:80]


def _listed(words: Sequence[Message]) -> Message:
    """Several things one after the other."""
    return reduce(lambda some, one: Message("{some} and {one}", some=some, one=one), words)


# --------------------------------------------------------------------------- what is asked


def _goal(column: Column, counts: Sequence[int]) -> _Goal:
    name, classes = column.name, len(column.classes)
    if column.dtype == "float":
        words = Message("{name} is a number", name=name)
        if prod(column.shape) > 1:
            words = Message("{name} is {n} numbers", name=name, n=prod(column.shape))
        return _Goal(column, MeanSquaredError(), (RMSE.name, MAE.name, R2.name), 0, words)
    if len(column.shape) == 1 and classes == 2 and column.names:
        words = Message("{name} is {n} questions of yes or no", name=name, n=column.shape[0])
        return _Goal(column, BinaryCrossEntropy(), (F1.name, AUROC.name, Accuracy.name), 0, words)
    words = Message("{name} is one of {n} classes", name=name, n=classes)
    if column.following:
        words = Message("what comes next in {name} is one of {n} tokens", name=column.following, n=classes)
        return _Goal(column, CrossEntropy(), (Perplexity.name, Accuracy.name), classes, words)
    if column.shape:
        words = Message("{name} is one of {n} classes at each place", name=name, n=classes)
        of_places = (IoU.name, Accuracy.name) if len(column.shape) == 2 else (Accuracy.name,)
        return _Goal(column, CrossEntropy(), of_places, classes, words)
    there = [count for count in counts if count]
    if there and min(there) < RARE_CLASS * max(there):
        metrics: tuple[str, ...] = (BalancedAccuracy.name, Accuracy.name, F1.name)
        words = Message("{words}, the rare ones of which count more", words=words)
        return _Goal(column, CrossEntropy(class_weights=BALANCED), metrics, classes, words)
    if classes == 2:
        metrics = (Accuracy.name, AUROC.name, F1.name)
        return _Goal(column, BinaryCrossEntropy(), metrics, 0, Message("{name} is yes or no", name=name))
    return _Goal(column, CrossEntropy(), (Accuracy.name, BalancedAccuracy.name), classes, words)


def _recipe(schema: Schema, samples: int, goals: Sequence[_Goal]) -> Recipe:
    """Few samples are gone through often, in small steps; many seldom, in large ones."""
    batch = next(size for most, size in _BATCHES if samples <= most)
    inputs = [schema.columns[name] for name in schema.inputs]
    heavy = any(len(column.shape) > 1 or column.kind == "text" for column in inputs)
    if heavy:
        batch = min(batch, 64)
    epochs = max(3, min(400, STEPS * batch // samples if heavy else 4 * STEPS * batch // samples))
    epochs = min(epochs, 60) if heavy and not schema.series else epochs
    numbers = all(goal.column.dtype == "float" for goal in goals)
    # few samples whose numbers are full of chance are learnt by heart unless weights are pulled to zero
    pulled = numbers and not heavy and not schema.series and samples < 1_000
    return Recipe(
        optimiser=AdamW(rate=1e-3 if pulled else 2e-3, weight_decay=1.0 if pulled else 0.01),
        epochs=epochs,
        batch_size=batch,
        patience=max(2, min(40, epochs // 5)),
        clip=1.0 if any(map(_recurrent, inputs)) else None,
    )


_BATCHES = ((300, 16), (3_000, 32), (20_000, 64), (100_000, 256), (10**12, 1_024))
"""Up to how many samples there are, how many are in one step."""


def _recurrent(column: Column) -> bool:
    return len(column.shape) == 2 and column.dtype == "float"


# --------------------------------------------------------------------------- what is drawn


def _network(sketch: Sketch, schema: Schema, samples: int, goals: Sequence[_Goal]) -> Message:
    """Draw it all; what it is, in words."""
    inputs = [schema.columns[name] for name in schema.inputs]
    if len(inputs) == len(goals) == 1:
        drawn = _place_by_place(sketch, inputs[0], goals[0])
        drawn = drawn or (_change(sketch, inputs[0], goals[0]) if schema.series else None)
        if drawn is not None:
            return drawn
    if len(inputs) == 2 and len(goals) == 1 and _written_after_reading(inputs[0], inputs[1], goals[0].column):
        return _translation(sketch, inputs[0], inputs[1], goals[0])
    only = len(inputs) == 1
    entries = [entered(sketch, column.name, only) for column in inputs]
    branches = [branch(sketch, column, x, samples) for column, x in zip(inputs, entries, strict=True)]
    x, words = _joined(sketch, branches, samples)
    for goal in goals:
        places, scores = goal.column.shape or (() if goal.scores else (1,)), goal.scores
        shape = ((scores,) if scores else ()) + places
        _judged(sketch, goal, sketch.chain(x, *_last(shape)), alone=len(goals) == 1)
    return words


def _joined(sketch: Sketch, branches: Sequence[Branch], samples: int) -> tuple[str, Message]:
    """One row of numbers out of those of all inputs, and dense layers where nothing is learnt of them yet."""
    words = [one.words for one in branches]
    if len(branches) == 1 and not branches[0].plain:
        (one,) = branches
        return sketch.add(Dropout(rate=0.3), one.id), one.words
    x, width = branches[0].id, sum(one.width for one in branches)
    if len(branches) > 1:
        x = sketch.add(Concatenate(), *(one.id for one in branches))
    x, layers = dense(sketch, x, width, samples)
    return x, Message("{layers} over {what}", layers=layers, what=_listed(words))


def _last(shape: tuple[int, ...]) -> tuple[Layer, ...]:
    """The layers that give a prediction of that shape."""
    last = Linear(out_features=prod(shape))
    return (last, Reshape(sizes=shape)) if len(shape) > 1 else (last,)


def _judged(sketch: Sketch, goal: _Goal, x: str, alone: bool = True) -> None:
    name = "" if alone else goal.column.name
    sketch.add(Output(target=name, loss=goal.loss, metrics=goal.metrics), x, name=name or None)


def _change(sketch: Sketch, window: Column, goal: _Goal) -> Message | None:
    """A series that foretells itself: what changes against its last value is easier to say than the value."""
    target = goal.column
    if goal.scores or len(window.shape) != 2 or window.shape[1] != 1 or prod(target.shape) != 1:
        return None
    x = sketch.add(Flatten(), entered(sketch, window.name, only=True))
    last = sketch.add(Slice(start=-1), x, name="last value")
    change = sketch.add(Subtract(stretch=True), x, last, name="against it")
    change = sketch.chain(change, Linear(out_features=32), ReLU(), Linear(out_features=1))
    _judged(sketch, goal, sketch.add(Add(), last, change))
    return Message(
        "a dense layer 32 wide foretells by how much it differs from the last of {steps} values",
        steps=window.shape[0],
    )


def _written_after_reading(read: Column, written: Column, target: Column) -> bool:
    """Whether one text is read and the other is what was written so far, of which the target is the next."""
    texts = all(len(one.shape) == 1 and one.dtype == "int" for one in (read, written, target))
    return texts and written.shape == target.shape and None not in {read.most, written.most}


def _translation(sketch: Sketch, read: Column, written: Column, goal: _Goal) -> Message:
    """An encoder, a decoder that begins with what the encoder remembers, and looks at all that was read.

    Source: Luong, Pham and Manning 2015, "Effective approaches to attention-based neural machine
    translation".
    """
    width = 64
    first, second = (entered(sketch, one.name, only=False) for one in (read, written))
    first = sketch.add(Embedding(entries=(read.most or 0) + 1, width=32), first)
    second = sketch.add(Embedding(entries=(written.most or 0) + 1, width=32), second)
    encoder = sketch.add(GRU(hidden_size=width, give=EVERYTHING), first, name="encoder")
    states = (encoder, "state")
    decoder = sketch.add(GRU(hidden_size=width, give=SEQUENCE), second, states, name="decoder")
    looked = sketch.add(MultiheadAttention(heads=1), decoder, (encoder, "out"))
    x = sketch.add(Concatenate(axis=2), decoder, looked)
    x = sketch.chain(x, Linear(out_features=width), Tanh(), Linear(out_features=goal.scores), Transpose())
    _judged(sketch, goal, x)
    return Message("a GRU reads {read}, another looks back at it and writes", read=read.name)


def _place_by_place(sketch: Sketch, column: Column, goal: _Goal) -> Message | None:
    """A network that answers for each place of what it sees: each pixel, each step; None where places do not
    belong together.
    """
    target = goal.column
    if len(column.shape) == 3 and column.dtype == "float" and target.shape[-2:] == column.shape[1:]:
        height, width = column.shape[1:]
        levels = 1
        while levels < 4 and height % 2**levels == 0 and width % 2**levels == 0:
            levels += 1
        widths = (16, 32, 64, 128)[:levels]
        x = unet(sketch, entered(sketch, column.name, only=True), widths, normed=True)
        maps = goal.scores or prod(target.shape[:-2])
        x = sketch.add(Conv2d(out_channels=maps, kernel_size=1), x)
        if not goal.scores and len(target.shape) == 2:
            x = sketch.add(Reshape(sizes=target.shape), x)
        _judged(sketch, goal, x)
        return Message("a U-Net of {levels} sizes looks at {size}", levels=levels, size=f"{height}×{width}")
    steps = column.shape[:1]
    if not goal.scores or target.shape != steps or (column.most is None and column.dtype == "int"):
        return None
    if column.dtype == "int" and len(column.shape) == 1:
        x = entered(sketch, column.name, only=True)
        x = sketch.add(Embedding(entries=(column.most or 0) + 1, width=64), x)
    elif _recurrent(column):
        x = entered(sketch, column.name, only=True)
    else:
        return None
    x = sketch.chain(x, LSTM(hidden_size=128, give=SEQUENCE), Dropout(rate=0.2))
    _judged(sketch, goal, sketch.chain(x, Linear(out_features=goal.scores), Transpose()))
    return Message("an LSTM 128 wide answers at each of {steps} steps", steps=column.shape[0])
