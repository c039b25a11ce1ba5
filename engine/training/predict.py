"""A trained network, asked about single samples in their own units."""

from __future__ import annotations

import copy
from collections.abc import Mapping

import numpy as np
import torch
from attrs import evolve, frozen
from torch import Tensor, nn

from engine.data.dataset import Dataset
from engine.data.prepare import Prepared, prepare
from engine.data.schema import Column
from engine.data.signs import PADDING
from engine.kinds import Layer
from engine.message import Trouble
from engine.project.project import Project
from engine.training.metrics import predicted_classes
from engine.training.objectives import Objective, objectives, predictions, tensor

Values = Mapping[str, np.ndarray] | np.ndarray
"""Samples in own units: by column, N× its shape or of its shape alone, or the only column by itself."""


@frozen(eq=False)
class Prediction:
    """What one Output says of N samples.

    For classes `probabilities` (N×classes, further axes after them) has a share for each class and `labels`
    (N×…, int64) the number of the likeliest; `values` is None. For numbers `values` holds them in the
    target's own units, N× its shape. A sequence has the classes it says as `labels`, N×length, and shares
    N×classes×steps; an Output without a target has an empty `target` and in `values` what arrives there,
    N×…
    """

    name: str
    target: str
    classes: tuple[str, ...]
    unit: str
    probabilities: np.ndarray | None
    labels: np.ndarray | None
    values: np.ndarray | None


class Predictor:
    """A network with its weights as they are now, apart from any training. May be asked from any thread."""

    def __init__(self, project: Project, module: nn.Module, prepared: Prepared | None = None) -> None:
        """`prepared` is the data as a run knows it; else it is read and learnt from."""
        self.project = project
        self.module = copy.deepcopy(module).cpu().eval()
        self.prepared = prepared or prepare(project.data)
        graph, schema = project.graph, self.prepared.schema
        alive = [node for node in graph.inputs if node.id in graph.alive]
        self.inputs = tuple(_column(node.kind) or schema.inputs[0] for node in alive)
        """The columns that the network looks at, in the order of its Inputs."""
        order = [id for id in graph.order if id in {node.id for node in graph.outputs}]
        self._objectives = objectives(project, self.prepared, order)

    def predict(self, samples: Values) -> tuple[Prediction, ...]:
        """One prediction for each Output. `samples` holds a batch, or one sample, of each input column in its
        own units.

        A network with one Input takes the array alone. Raises `Trouble` where a shape does not fit.
        """
        if not isinstance(samples, Mapping):
            samples = dict.fromkeys(self.inputs, samples)
        missing = [name for name in self.inputs if name not in samples]
        if missing:
            raise Trouble("Expected values for {columns}.", columns=", ".join(missing))
        return self._run([self.prepared.encode(name, np.asarray(samples[name])) for name in self.inputs])

    def predict_raw(self, values: Mapping[str, np.ndarray]) -> tuple[Prediction, ...]:
        """The same for samples as they stand in a person's files: N of each column that the encoders name.
        Raises `Trouble`.
        """
        columns = self.prepared.encode_raw(values)
        known = self.prepared.schema.columns
        for name in self.prepared.schema.targets:
            # what is written after reading is written by the network itself
            if known[name].following in self.inputs and len(set(self.inputs)) > 1:
                columns = self._written(columns, known[name])
        said = self._run([columns[name] for name in self.inputs])
        return tuple(self._without_padding(one, columns) for one in said)

    def _written(self, columns: Mapping[str, np.ndarray], target: Column) -> dict[str, np.ndarray]:
        """Inputs N×… with what the network writes of a target: at each step the likeliest token."""
        so_far = columns[target.following].copy()
        for step in range(1, so_far.shape[1]):
            said = self._run([{**columns, target.following: so_far}[name] for name in self.inputs])
            labels = next(one.labels for one in said if one.target == target.name)
            assert labels is not None
            so_far[:, step] = labels[:, step - 1]
        return {**columns, target.following: so_far}

    def _without_padding(self, said: Prediction, columns: Mapping[str, np.ndarray]) -> Prediction:
        """A prediction that says nothing of the places beside which no token stands."""
        column = self.prepared.schema.columns.get(said.target)
        if said.labels is None or column is None or column.padding is None or column.following:
            return said
        beside = (columns[name] for name in self.inputs)
        text = next((one for one in beside if one.shape == said.labels.shape and one.dtype.kind == "i"), None)
        if text is None:
            return said
        return evolve(said, labels=np.where(text == PADDING, column.padding, said.labels))

    def predict_part(
        self, dataset: Dataset, rows: np.ndarray | slice = slice(None)
    ) -> tuple[Prediction, ...]:
        """The same for samples of the train, validation or test part, which are scaled already."""
        columns = dataset.batch(rows)
        return self._run([columns[name] for name in self.inputs])

    def sample(self, dataset: Dataset, row: int) -> dict[str, np.ndarray]:
        """Every column of one sample of a part, shaped as the column is, in its own units: what goes in, and
        the truth.
        """
        columns = dataset.batch(slice(row, row + 1))
        return {name: self.prepared.decode(name, values)[0] for name, values in columns.items()}

    def _run(self, columns: list[np.ndarray]) -> tuple[Prediction, ...]:
        """What the network says of N samples; columns N×…, scaled, in the order of its Inputs."""
        # gradients are off in this thread alone: a training in another one goes on needing them
        with torch.no_grad():
            outputs = self.module(*(tensor(values) for values in columns))
            pairs = zip(self._objectives, predictions(self._objectives, outputs), strict=True)
        return tuple(_in_words(objective, prediction) for objective, prediction in pairs)


def _in_words(objective: Objective, prediction: Tensor) -> Prediction:
    """A prediction N×…, as the loss takes it, in the terms of its column: shares, labels, own units."""
    column = objective.column
    probabilities = labels = values = None
    if not objective.loss.judged:
        return Prediction(objective.name, "", (), "", None, None, prediction.numpy())
    if objective.task == "sequence":
        probabilities = prediction.softmax(2).transpose(1, 2).numpy()
        labels = predicted_classes(objective, prediction).numpy()
    elif objective.task == "numbers":
        values = objective.own_units(prediction)
    elif objective.task == "classes":
        probabilities = prediction.softmax(1).numpy()
        labels = predicted_classes(objective, prediction).numpy()
    else:
        yes = prediction.reshape(len(prediction), *column.shape).sigmoid()
        probabilities = torch.stack([1 - yes, yes], 1).numpy()
        labels = (yes > 0.5).long().numpy()
    return Prediction(objective.name, column.name, column.classes, column.unit, probabilities, labels, values)


def _column(kind: Layer) -> str:
    return str(getattr(kind, "column", ""))
