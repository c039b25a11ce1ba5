"""What a trained network says of a file that it has never seen, with the run's own preprocessing."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import frozen

from engine.data.columns.column_type import Values
from engine.data.encoding import groups_of
from engine.data.own.file_source import FileSource
from engine.data.own.folder_files import FolderFiles, objects
from engine.data.prepare import Prepared
from engine.data.reading.skipped import Skipped
from engine.data.records import Records
from engine.data.sampling import SeriesWindows
from engine.data.settings import ColumnSettings
from engine.data.windows import in_time
from engine.files.atomic import write_text
from engine.message import Message, Trouble

if TYPE_CHECKING:
    from engine.training.predict import Prediction, Predictor

TOGETHER = 1024  # samples that go through the network at once


@frozen(eq=False)
class NewPredictions:
    """What a network says of the N rows of a file: `columns` by name, each N long, first those of the file,
    then the predictions with their probabilities. None stands where a row leaves nothing to say, and
    `skipped` says why. `foretold` are the names of the predictions.
    """

    columns: Mapping[str, Sequence[Any]]
    foretold: tuple[str, ...]
    skipped: tuple[Skipped, ...] = ()

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def rows(self) -> Iterator[dict[str, Any]]:
        """Row by row: what stands there and what is said of it."""
        for values in zip(*self.columns.values(), strict=True):
            yield dict(zip(self.columns, values, strict=True))

    def csv(self) -> str:
        """All of it as a table with commas."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows(zip(*self.columns.values(), strict=True))
        return text.getvalue()

    def write(self, path: Path) -> None:
        """Write the table to a file. Raises `Trouble`."""
        write_text(path, self.csv())


def predict_file(predictor: Predictor, path: Path, source: FileSource | None = None) -> NewPredictions:
    """What the network says of a table without the target, or of a folder or a file of the kind that it
    learnt from. `source` says how the file is read where that is not found by itself. Raises `Trouble`.
    """
    prepared = predictor.prepared
    records = _read(prepared, path, source)
    wanted = _wanted(prepared, records, path)
    table: dict[str, list[Any]] = {name: _plain(values) for name, values in records.columns.items()}
    said: dict[str, list[Any]] = {}
    usable, values, skipped = _usable(records, wanted)
    for rows, some in _batches(prepared, records, usable, values):
        for prediction in predictor.predict_raw(some):
            for name, column in in_columns(prediction, prepared).items():
                whole = said.setdefault(_free(name, table), [None] * len(records))
                for row, value in zip(rows[-len(column) :].tolist(), column, strict=True):
                    whole[row] = value
    if not said:
        reason = skipped[0].reason if skipped else Message("there are no rows")
        raise Trouble("Nothing can be said of {path}: {reason}.", path=str(path), reason=reason)
    return NewPredictions({**table, **said}, tuple(said), (*records.skipped, *skipped))


def _read(prepared: Prepared, path: Path, source: FileSource | None) -> Records:
    """What stands in the new file, read as the one that the network learnt from. Raises `Trouble`."""
    own = prepared.settings.source
    if not isinstance(own, FileSource) or not prepared.encoders:
        raise Trouble(
            "This network learnt from {data}, which comes with the program: expected one that learnt from a "
            "file of your own. Its samples are tried in the panel Try.",
            data=own.label(),
        )
    if not path.exists():
        raise Trouble("There is no file or folder {path}. Check its name and the folder.", path=str(path))
    if isinstance(own, FolderFiles) and path.is_file():
        media = next(one.name for one in prepared.settings.columns if one.role == "input")
        return Records({media: objects([str(path.absolute())])}, np.arange(1), lambda _: path.name)
    new = source or own
    if isinstance(own, FolderFiles):
        new = new.with_setting("convention", "")
    for setting, value in (("path", str(path.absolute())), ("fingerprint", "")):
        new = new.with_setting(setting, value)
    return new.read()


def _wanted(prepared: Prepared, records: Records, path: Path) -> list[ColumnSettings]:
    """The columns that the network needs. Raises `Trouble` where one is not there."""
    encoders = [one for name in prepared.schema.inputs for one in prepared.encoders[name]]
    names = [one.name for one in encoders if not prepared.begins(one)]
    missing = [name for name in names if name not in records.columns]
    if missing:
        raise Trouble(
            "There is no column {column} in {path}: the network was trained on {names}. Add it, or choose "
            "another file.",
            column=", ".join(missing),
            path=str(path),
            names=", ".join(dict.fromkeys(names)),
        )
    known = {one.name: one for one in prepared.settings.columns}
    return [known[name] for name in dict.fromkeys(names)]


def _usable(
    records: Records, wanted: Sequence[ColumnSettings]
) -> tuple[np.ndarray, dict[str, Values], tuple[Skipped, ...]]:
    """The rows of which something can be said, int64, what stands there, and why not of the others."""
    usable, skipped = np.ones(len(records), bool), []
    values: dict[str, Values] = {}
    for one in wanted:
        found = records.columns[one.name]
        lost = one.type.unusable(found, False)
        if lost.any():
            first = records.place(int(records.numbers[np.flatnonzero(lost)[0]]))
            skipped.append(Skipped(first, Message("{column} is missing", column=one.name), int(lost.sum())))
        usable &= ~lost
        values[one.name] = found
    for one in wanted:
        if one.type.from_files:
            rows = np.flatnonzero(usable)
            files = one.type.read(values[one.name][rows])
            skipped += files.skipped
            usable = np.zeros(len(records), bool)
            usable[rows[files.rows]] = True
            whole = np.zeros((len(records), *files.values.shape[1:]), files.values.dtype)
            whole[rows[files.rows]] = files.values
            values[one.name] = whole
    return np.flatnonzero(usable), values, tuple(skipped)


def _batches(
    prepared: Prepared, records: Records, usable: np.ndarray, values: Mapping[str, Values]
) -> Iterator[tuple[np.ndarray, dict[str, Values]]]:
    """Rows that go through the network together, int64, and what stands there: some at a time, but of a
    series all that follow each other.
    """
    if not isinstance(prepared.settings.sampling, SeriesWindows):
        for start in range(0, len(usable), TOGETHER):
            rows = usable[start : start + TOGETHER]
            yield rows, {name: column[rows] for name, column in values.items()}
        return
    settings = prepared.settings
    times = [one.name for one in settings.of_role("time") if one.name in records.columns]
    grouped = all(one.name in records.columns for one in settings.of_role("group"))
    there = records.take(usable)
    ordered, groups, _ = in_time(
        there, times[0] if times else "", groups_of(there, settings) if grouped else None
    )
    places = {int(number): place for place, number in enumerate(records.numbers)}
    for group in np.unique(groups):
        rows = np.array([places[int(number)] for number in ordered.numbers[groups == group]], np.int64)
        yield rows, {name: column[rows] for name, column in values.items()}


def in_columns(prediction: Prediction, prepared: Prepared) -> dict[str, list[Any]]:
    """What one Output says of N samples as columns of a table: the answer, and the probability of each
    class.
    """
    name = prediction.target or prediction.name
    answer = f"{name} predicted"
    known = prepared.schema.columns.get(prediction.target)
    if prediction.values is not None:
        numbers = prediction.values.reshape(len(prediction.values), -1).astype(float)
        if numbers.shape[1] == 1:
            return {answer: numbers[:, 0].tolist()}
        names = known.names if known is not None and len(known.names) == numbers.shape[1] else ()
        each = names or [f"{name} {place}" for place in range(1, numbers.shape[1] + 1)]
        return {f"{one} predicted": numbers[:, place].tolist() for place, one in enumerate(each)}
    assert prediction.labels is not None
    assert prediction.probabilities is not None
    labels, shares, classes = prediction.labels, prediction.probabilities, prediction.classes
    if labels.ndim == 1 or labels.size == len(labels):
        shares = shares.reshape(len(shares), shares.shape[1], -1)[:, :, 0]
        found: dict[str, list[Any]] = {answer: [_class(classes, one) for one in labels.reshape(-1).tolist()]}
        for place in range(shares.shape[1]):
            found[f"{name} is {_class(classes, place)}"] = _rounded(shares[:, place])
        return found
    questions = known.names if known is not None else ()
    if len(questions) == labels.shape[1] and labels.ndim == 2 and shares.shape[1] == 2:
        yes = [f"{name} is {one}" for one in questions]
        found = {
            answer: ["|".join(q for q, y in zip(questions, row, strict=True) if y) for row in labels.tolist()]
        }
        return found | {one: _rounded(shares[:, 1, place]) for place, one in enumerate(yes)}
    signs = prepared.signs(prediction.target)
    if labels.ndim == 2 and signs is not None:
        return {answer: [signs.decode(row) for row in labels.tolist()]}
    if labels.ndim == 2 and known is not None and known.padding is not None:
        filled = [[_class(classes, one) for one in row if one != known.padding] for row in labels.tolist()]
        return {answer: [" ".join(row) for row in filled]}
    if labels.ndim == 2:
        return {answer: [" ".join(_class(classes, one) for one in row) for row in labels.tolist()]}
    places = labels.reshape(len(labels), -1)
    return {
        f"{name}: share of {one}": _rounded((places == place).mean(1)) for place, one in enumerate(classes)
    }


def _class(classes: Sequence[str], number: int) -> str:
    return classes[number] if number < len(classes) else str(number)


def _rounded(shares: np.ndarray) -> list[float]:
    return [round(float(one), 6) for one in shares]


def _free(name: str, taken: Mapping[str, Any]) -> str:
    while name in taken:
        name += " (network)"
    return name


def _plain(values: Values) -> list[Any]:
    """A column as it stands in a table: whole numbers without decimals, None where one is missing."""
    if values.dtype == object:
        return [None if one is None else str(one) for one in values]
    if values.ndim > 1:
        return [f"{'×'.join(map(str, values.shape[1:]))} numbers"] * len(values)
    return [
        None if one != one else int(one) if float(one).is_integer() and abs(one) < 2**53 else float(one)
        for one in values.tolist()
    ]
