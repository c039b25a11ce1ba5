"""The trained network that a person tries: fetched and asked beside the window."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from attrs import frozen

from engine.data.columns.column_type import Encoder
from engine.data.raw_rows import Row, as_columns, asked_for, rows_to_try
from engine.data.schema import Column
from engine.data.signs import PADDING, Written
from gui.panels.predict.answers import Answer
from gui.panels.predict.sample_view import Ranges
from gui.plots.scatter import Scatter, scatter_of

if TYPE_CHECKING:
    from engine.training.predict import Prediction, Predictor

LOOKED_AT = 10_000
"""Samples whose numbers tell the least and the greatest, where they must be read for that."""
Sample = dict[str, np.ndarray]
"""A value for each column of the data, in the column's own units and shape."""


@frozen(eq=False)
class TrainedNetwork:
    """A network with its weights, and the run that it comes from."""

    key: str
    predictor: Predictor
    number: int
    epoch: float
    signs: Mapping[str, Written]
    """Of each written column what its numbers stand for."""
    rows: Sequence[Row] = ()
    """The test part as it stands in a person's own table, where the network looks at such a row."""

    @property
    def encoders(self) -> tuple[Encoder, ...]:
        """The columns that a form asks for, where the network looks at a row of a person's own table."""
        return asked_for(self.predictor.prepared) if self.rows else ()

    @property
    def of_own_files(self) -> bool:
        """Whether it can be asked about another file."""
        return bool(self.predictor.prepared.encoders)

    @property
    def writes(self) -> str:
        """The only input, where the network goes on with a text that is begun there; else empty."""
        target = self.predictor.prepared.schema.columns[self.predictor.prepared.schema.target]
        return target.following if self.predictor.inputs == (target.following,) else ""

    @property
    def count(self) -> int:
        """How many samples the test part has."""
        return len(self.rows) or len(self.predictor.prepared.test)

    def sample(self, index: int) -> Sample:
        """One sample of the test part; nothing is known of one where the data is gone."""
        if self.predictor.prepared.gone is not None:
            return {}
        return self.predictor.sample(self.predictor.prepared.test, index)

    def column(self, name: str) -> Column:
        """What is known of a column of the data."""
        return self.predictor.prepared.schema.columns[name]

    def ranges(self, name: str) -> Ranges | None:
        """Least and greatest value of each number in a row of the training part, in the column's own units;
        None for anything else than rows of numbers.
        """
        prepared, column = self.predictor.prepared, self.column(name)
        if len(column.shape) != 1 or column.dtype != "float" or prepared.gone is not None:
            return None
        some = slice(None) if prepared.train.resident else slice(0, LOOKED_AT)
        values = prepared.train.batch(some, {name})[name]
        low, high = (prepared.decode(name, bound[None])[0] for bound in (values.min(0), values.max(0)))
        return low, high

    def plane(self, name: str) -> Scatter | None:
        """The points of the training part, for a column of points in the plane; None for any other."""
        return None if self.predictor.prepared.gone is not None else scatter_of(self.predictor.prepared, name)


@frozen(eq=False)
class Answered:
    """What came back of one question: the answers, whose they are, and of which sample.

    `own` says that a person made the sample: nobody knows its truth.
    """

    network: TrainedNetwork
    sample: Sample
    own: bool
    answers: list[Answer]


@frozen
class Foretold:
    """What was written of a file: where, of how many rows, and of how many nothing could be said."""

    path: Path
    rows: int
    unsaid: int


def loading(
    folder: Path | None, shelf: Path, path: Path | None, fingerprint: str
) -> Callable[[], TrainedNetwork | None]:
    """What fetches the network: of the folder, else the newest run of the same file or the same network."""

    def load() -> TrainedNetwork | None:
        from engine.runs.record import Record  # here, in the worker's thread: the panel shows itself without
        from engine.runs.shelf import Shelf

        record = Record(folder) if folder is not None else Shelf(shelf).latest(path, fingerprint)
        if record is None:
            return None
        epoch = float(record.data.get("kept_epoch") or 0.0)
        predictor = record.predictor()
        prepared = predictor.prepared
        signs = {name: known for name in predictor.inputs if (known := prepared.signs(name)) is not None}
        rows = rows_to_try(prepared) if asked_for(prepared) else ()
        return TrainedNetwork(str(record.folder), predictor, record.number, epoch, signs, rows)

    return load


def asking(
    network: TrainedNetwork, sample: Sample, own: bool, row: Row | None = None
) -> Callable[[], Answered]:
    """What asks the network about one sample, or about a row as it stands in a table."""

    def ask() -> Answered:
        predictor = network.predictor
        if row is not None:
            predictions = predictor.predict_raw(as_columns(row))
        else:
            predictions = predictor.predict({name: sample[name] for name in predictor.inputs})
        return Answered(network, sample, own, [_answer(network, one, sample, own) for one in predictions])

    return ask


def writing(network: TrainedNetwork, begun: str, temperature: float, seed: int) -> Callable[[], str]:
    """What lets the network go on with a text."""

    def write() -> str:
        from engine.training.writing import write_on  # here, in the worker's thread

        return write_on(network.predictor, begun, temperature=temperature, seed=seed)

    return write


def foretelling(network: TrainedNetwork, path: Path, to: Path) -> Callable[[], Foretold]:
    """What asks the network about every row of a file, and writes what it says into another."""

    def foretell() -> Foretold:
        from engine.runs.new_data import predict_file

        found = predict_file(network.predictor, path)
        found.write(to)
        return Foretold(to, len(found), sum(one.count for one in found.skipped))

    return foretell


def _answer(network: TrainedNetwork, prediction: Prediction, sample: Sample, own: bool) -> Answer:
    """The prediction of one Output, a batch of one, beside the truth where it is known."""
    target = prediction.target
    place = _place(network, sample, target)
    truth = None if own or target not in sample else float(np.asarray(sample[target]).reshape(-1)[place])
    if prediction.probabilities is not None:
        # 1×classes×…: of several places that are classified, one
        shares = prediction.probabilities[0].reshape(len(prediction.probabilities[0]), -1)[:, place]
        return Answer(prediction.name, prediction.classes, shares, truth=truth)
    assert prediction.values is not None
    schema = network.predictor.prepared.schema
    persistence = None
    if schema.series and target == schema.target:
        persistence = float(sample[schema.inputs[0]].reshape(-1)[-1])
    value = float(prediction.values[0].reshape(-1)[0])
    return Answer(prediction.name, value=value, unit=prediction.unit, truth=truth, persistence=persistence)


def _place(network: TrainedNetwork, sample: Sample, target: str) -> int:
    """Which place of a target that has several is told: what comes after the last token of a text that is
    written so far, else the first.
    """
    following = network.column(target).following if target else ""
    if following not in sample:
        return 0
    filled = np.flatnonzero(np.asarray(sample[following]) != PADDING)
    return int(filled[-1]) if len(filled) else 0
