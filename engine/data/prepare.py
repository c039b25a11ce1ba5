"""From settings to arrays that are split, scaled and ready to train on."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from weakref import WeakValueDictionary

import numpy as np
from attrs import evolve, field, frozen

from engine.data.columns.column_type import Encoder, Values
from engine.data.columns.text import START, TextColumn, TextSigns
from engine.data.complete import require_complete, require_legal
from engine.data.dataset import AT_ONCE, ArrayDataset, Dataset
from engine.data.encoding import (
    Encoders,
    classes_of,
    encode,
    encoded,
    fitted,
    groups_of,
    in_order,
    named,
    own_part,
    read_files,
    require_columns,
    schema_of_columns,
    unusable,
    usable,
)
from engine.data.loading import late_columns, scaling, streams
from engine.data.own.file_source import FileSource
from engine.data.pieces import cut_by_order, cut_into_pieces, few, foretold, written
from engine.data.reading.skipped import Skipped
from engine.data.records import Records
from engine.data.sampling import NextToken, SeriesWindows
from engine.data.scale import Scaler, fit_in_pieces, fit_range, fit_standard
from engine.data.schema import Column, Raw, Schema
from engine.data.settings import ColumnSettings, DataSettings
from engine.data.signs import Written
from engine.data.source import Source
from engine.data.split import Own, Rows, split
from engine.data.steps import given_columns, require_steps
from engine.data.streaming import LateColumn, StreamedDataset, all_readable, late_column
from engine.data.tagging import matching
from engine.data.text_notes import of_texts, text_notes, unknown
from engine.data.transforms.sizes import NormalisePicture
from engine.data.transforms.transform import brought, column_after
from engine.data.windows import in_time, last_windows, places
from engine.message import Message, Trouble


@frozen(eq=False)
class Prepared:
    """A data set ready to train on. `scalers` holds one for every column of numbers, none for classes."""

    settings: DataSettings
    schema: Schema
    train: Dataset
    validation: Dataset
    test: Dataset
    scalers: Mapping[str, Scaler]
    encoders: Encoders = field(factory=dict)
    """Of a person's own files: what makes each column out of what stands there."""
    skipped: tuple[Skipped, ...] = ()
    """What was left out, and why."""
    noticed: tuple[Message, ...] = ()
    """What a person should know of the data, though nothing was left out."""
    ranges: Mapping[str, tuple[float, float]] = field(factory=dict)
    """Of the data of a run: between which numbers what the network sees lay in training."""
    gone: Message | None = None
    """Of the data of a run: why there are no samples any more."""

    def encode(self, column: str, values: np.ndarray) -> np.ndarray:
        """A batch as the network takes it, N× the column's shape, float32 or int64 classes, from values in
        the column's own units.

        One sample alone, without the first axis, is a batch of one.
        Raises `Trouble` where the shape does not fit or a value is not a finite number.
        """
        known = self.schema.columns[column]
        batch = np.asarray(values)
        if batch.shape in {known.shape, self._given(column).shape}:
            batch = batch[None]
        if batch.shape[1:] == self._given(column).shape != known.shape:  # as the set gives it
            batch = brought(batch, self._given(column), self.settings.steps(column))
        if batch.shape[1:] != known.shape:
            raise Trouble(
                "{column}: expected values of shape {expected}, received {received}.",
                column=column,
                expected=str(known.shaped),
                received="×".join(map(str, batch.shape)),
            )
        require_legal(known, batch)
        return self.scalers[column].forward(batch) if known.dtype == "float" else batch.astype(np.int64)

    def _given(self, column: str) -> Column:
        """A column as its set gives it, before the steps that every sample goes. Of a person's own files the
        encoders make these steps.
        """
        source = self.settings.source
        own_files = isinstance(source, FileSource) or not self.settings.steps(column)
        return self.schema.columns[column] if own_files else source.schema().columns[column]

    def decode(self, column: str, values: np.ndarray) -> np.ndarray:
        """What `encode` made, or a network foretold, N× the column's shape, in its own units. Classes stay as
        they are.
        """
        scaler = self.scalers.get(column)
        return np.asarray(values) if scaler is None else scaler.backward(values)

    def preprocessing(self) -> dict[str, object]:
        """How every column is scaled, as plain JSON, to stand beside an exported model."""
        return {name: scaler.json() for name, scaler in self.scalers.items()}

    def encode_raw(self, values: Mapping[str, Values]) -> dict[str, np.ndarray]:
        """Samples as they stand in a person's files (N of each column) as the network takes them. Raises
        `Trouble`.
        """
        values = {**self._unwritten(values), **values}
        encoded = {name: encode(self.encoders[name], values) for name in self.schema.inputs}
        windows = self.settings.sampling
        if isinstance(windows, SeriesWindows):
            encoded = last_windows(encoded, windows)
        return {name: self.encode(name, own) for name, own in encoded.items()}

    def _unwritten(self, values: Mapping[str, Values]) -> dict[str, Values]:
        """Empty texts for those that the network is to write: nothing is written of them so far."""
        count = len(next(iter(values.values()), ()))
        nothing = np.full(count, "", object)
        begun = (one for name in self.schema.inputs for one in self.encoders[name])
        return {one.name: nothing for one in begun if self.begins(one)}

    def begins(self, encoder: Encoder) -> bool:
        """Whether an encoder makes what is written so far of a target, which nobody needs to give."""
        return getattr(encoder.type, "marks", "") == START and encoder.name in self.schema.targets

    def signs(self, column: str) -> Written | None:
        """What the numbers of a written column stand for; None where nobody can write it."""
        encoders = self.encoders.get(column, ())
        if len(encoders) == 1 and isinstance(encoders[0].type, TextColumn):
            return TextSigns(encoders[0].type, encoders[0].fitted)
        source = self.settings.source
        return None if isinstance(source, FileSource) else source.signs(column)


def schema(settings: DataSettings) -> Schema:
    """What the data looks like. Reads nothing, so a view may ask at any time. Raises `Trouble` where nothing
    can be learnt from it.
    """
    own_files = isinstance(settings.source, FileSource)
    require_steps(settings, given_columns(settings))
    return schema_of_columns(settings) if own_files else _schema(settings.source, settings.columns)


@lru_cache(maxsize=64)
def _schema(source: Source, columns: tuple[ColumnSettings, ...]) -> Schema:
    """What a set that comes with the program is, with the roles that a person gave its columns."""
    known = source.schema()
    roles = {one.name: one.role for one in columns if one.name in known.columns}
    if not roles:
        return known
    steps = {one.name: one.always for one in columns}
    brought_on = {name: column_after(one, steps.get(name, ())) for name, one in known.columns.items()}
    known = evolve(known, columns=brought_on)
    targets = [name for name in known.targets if roles.get(name, "target") == "target"]
    targets += [name for name, role in roles.items() if role == "target" and name not in targets]
    inputs = [name for name in known.inputs if roles.get(name, "input") == "input"]
    inputs += [name for name, role in roles.items() if role == "input" and name not in inputs]
    if not targets or not inputs:
        raise Trouble(
            "Expected at least one input and one target among the columns. Give a column that role."
        )
    return evolve(known, inputs=tuple(inputs), target=targets[0], targets=tuple(targets))


def prepare(settings: DataSettings) -> Prepared:
    """Read, split and scale. The same settings give the same arrays, on any machine.

    Raises `Trouble` where the data cannot be read, is no longer what was opened, has values that are not
    finite, or is too small to split.
    """
    if isinstance(settings.source, FileSource):
        settings.source.require_present()
    prepared = _prepared(settings.undisturbed)
    return prepared if prepared.settings == settings else evolve(prepared, settings=settings)


@lru_cache(maxsize=4)  # a few, so that stepping between two sets is instant; a set may take many megabytes
def _prepared(settings: DataSettings) -> Prepared:
    read = _from_files(settings) if isinstance(settings.source, FileSource) else _from_set(settings)
    known, raw, rows = read.schema, read.raw, read.rows
    scalers = _scalers(known, settings, read)
    late = {name: column.scaled(scalers.get(name)) for name, column in read.late.items()}

    def part(rows: np.ndarray) -> Dataset:
        columns = {}
        for name in known.columns.keys() - late.keys():
            values = raw.columns[name]
            if name in scalers:
                columns[name] = scalers[name].forward(values, rows)
            else:
                columns[name] = values[rows].astype(np.int64, copy=False)
            columns[name].setflags(write=False)
        numbers = np.array(rows if read.records is None else read.records.numbers[rows], np.int64)
        numbers.setflags(write=False)
        return StreamedDataset(columns, late, rows, numbers) if late else ArrayDataset(columns, numbers)

    parts = part(rows.train), part(rows.validation), part(rows.test)
    prepared = Prepared(settings, known, *parts, scalers, read.encoders)
    if read.records is not None:
        prepared = evolve(prepared, skipped=read.records.skipped, noticed=read.records.noticed)
    _in_memory[settings] = prepared
    return prepared


@frozen(eq=False)
class _Read:
    """What was read, and which of its rows come into which part."""

    schema: Schema
    raw: Raw
    rows: Rows
    encoders: Encoders = field(factory=dict)
    records: Records | None = None
    late: Mapping[str, LateColumn] = field(factory=dict)
    """The columns that are read when they are wanted; `raw` has the others."""


def _from_set(settings: DataSettings) -> _Read:
    known, raw = schema(settings), settings.source.load()
    if any(one.always for one in settings.columns):
        given = settings.source.schema()
        require_complete(given, raw)
        columns = {
            name: brought(values, given.columns[name], settings.steps(name))
            for name, values in raw.columns.items()
        }
        raw = evolve(raw, columns=columns)
    require_complete(known, raw)
    own = Own(raw.own_test, raw.own_validation)
    return _Read(known, raw, split(known, settings, raw.columns[known.target], own))


def _from_files(settings: DataSettings) -> _Read:
    source = settings.source
    assert isinstance(source, FileSource)
    records = source.read()
    require_columns(records, settings)
    if isinstance(settings.sampling, SeriesWindows):
        return _of_series(records, settings, settings.sampling)
    if isinstance(settings.sampling, NextToken):
        return _of_texts(usable(records, settings), settings, settings.sampling)
    late = {one.name for one in late_columns(settings)} if streams(settings, schema(settings)) else set()
    records = matching(usable(records, settings), settings)
    records = all_readable(read_files(records, settings, late), settings, late)
    records = in_order(records, settings)
    own = Own(own_part(records, 2), own_part(records, 1))
    known = evolve(
        schema(settings),
        samples=len(records),
        own_test=0 if own.test is None else len(own.test),
        own_validation=0 if own.validation is None else len(own.validation),
    )
    rows = split(known, settings, classes_of(records, settings, known), own, groups_of(records, settings))
    encoders = fitted(records, settings, rows.train)  # what is learnt, of the training part alone
    known = named(known, encoders)
    raw = encoded(records, {name: one for name, one in encoders.items() if name not in late})
    require_complete(known, raw, late)
    read_late = {
        name: late_column(known.columns[name], encoders[name][0], records.columns[name]) for name in late
    }
    notes = (*records.noticed, *text_notes(records, encoders, rows, raw))
    return _Read(known, raw, rows, encoders, evolve(records, noticed=notes), read_late)


def _of_series(records: Records, settings: DataSettings, windows: SeriesWindows) -> _Read:
    """Windows of a series, in the order of what they foretell."""
    times = settings.of_role("time")
    groups = groups_of(records, settings)
    records, group, time = in_time(records, times[0].name if times else "", groups)
    lying, records = places(records, windows, group, time, unusable(records, settings))
    known = evolve(schema(settings), samples=len(lying.last), own_test=0, own_validation=0)
    rows = split(known, settings, np.zeros((known.samples, 1)))
    encoders = fitted(records, settings, lying.rows(rows.train))
    raw = encoded(records, encoders, lying, known)
    require_complete(known, raw)
    return _Read(
        known, raw, rows, encoders, evolve(records, numbers=records.numbers[lying.last + windows.horizon])
    )


def _of_texts(records: Records, settings: DataSettings, pieces: NextToken) -> _Read:
    """Pieces of texts, of which each belongs into one part."""
    one, known = written(settings, pieces), schema(settings)
    assert isinstance(one.type, TextColumn)
    if few(records):
        records, rows = cut_by_order(records, one, settings, records.parts)
    else:
        own = Own(own_part(records, 2), own_part(records, 1))
        drawn = evolve(
            known,
            samples=len(records),
            own_test=0 if own.test is None else len(own.test),
            own_validation=0 if own.validation is None else len(own.validation),
        )
        groups = groups_of(records, settings)
        rows = split(drawn, settings, np.zeros((len(records), 1)), own, groups)
    texts = records.columns[one.name]
    learnt = one.type.fit(texts[rows.train])
    cut = cut_into_pieces(one.type.numbers(texts, learnt), pieces.length)
    target = foretold(one.name)
    encoders = {
        one.name: (Encoder(one.name, one.type.with_setting("marks", START), False, learnt),),
        target: (Encoder(one.name, one.type, True, learnt),),
    }
    known = named(evolve(known, samples=len(cut.text)), encoders)
    raw = Raw({one.name: cut.seen, target: cut.following})
    require_complete(known, raw)
    found = cut.of(rows)
    (encoder,) = encoders[target]
    notes = (*unknown(encoder, cut.following[found.validation]), *of_texts(one.name, records, rows))
    records = evolve(records, numbers=records.numbers[cut.text], noticed=(*records.noticed, *notes))
    return _Read(known, raw, found, encoders, records)


_in_memory: WeakValueDictionary[DataSettings, Prepared] = WeakValueDictionary()


def prepared_already(settings: DataSettings) -> Prepared | None:
    """That data, where `prepare` has it at hand."""
    return _in_memory.get(settings.undisturbed)


def unshared_classes(prepared: Prepared) -> tuple[str, ...]:
    """The classes of which a part of the data has none, as there are too few to share out: by their names."""
    schema = prepared.schema
    if not (schema.classes and schema.stratified) or schema.columns[schema.target].shape:
        return ()
    counts = np.stack(
        [
            np.bincount(
                part.batch(slice(None), {schema.target})[schema.target], minlength=len(schema.classes)
            )
            for part in (prepared.train, prepared.validation, prepared.test)
        ]
    )
    unshared = (counts == 0).any(0) & (counts > 0).any(0)
    return tuple(schema.classes[i] for i in np.flatnonzero(unshared))


def persistence(prepared: Prepared, dataset: Dataset) -> float:
    """The RMSE, in the target's own units, of foretelling that the last value of the window stays as it is.

    A forecast is worth something only where it does better.
    """
    if not prepared.schema.series:
        raise ValueError("only a series has a last value to go on with")
    window, target = prepared.schema.inputs[0], prepared.schema.target
    columns = dataset.batch(slice(None), {window, target})
    seen = prepared.decode(window, columns[window])[:, -1].astype(np.float64)
    last = seen.reshape(len(seen), -1)[:, prepared.schema.past : prepared.schema.past + 1]
    truth = prepared.decode(target, columns[target]).astype(np.float64)
    return float(np.sqrt(np.mean((last - truth) ** 2)))


def _scalers(schema: Schema, settings: DataSettings, read: _Read) -> dict[str, Scaler]:
    in_parts = {one.name for one in late_columns(settings)}
    scalers = {
        name: _fit_in_parts(column, settings.scale, read)
        if name in in_parts
        else _fit(column, settings.scale, read.raw.columns[name], read.rows.train)
        for name, column in schema.columns.items()
        if column.dtype == "float"
    }
    for name in scalers:
        for step in settings.steps(name):
            if isinstance(step, NormalisePicture):
                scalers[name] = step.scaler(schema.columns[name])
    if schema.series:
        # a series foretells itself: one scale for both, so that "the same as last year" is the identity
        scalers[schema.target] = scalers[schema.inputs[0]].of(schema.past)
    return scalers


def _fit_in_parts(column: Column, scale: str, read: _Read) -> Scaler:
    """How a column is scaled that may be too large for memory: by the same sums where it is not, so that both
    give the same bits.
    """
    method = scaling(column, scale)
    if method == "none" or (method == "range" and column.lo is not None and column.hi is not None):
        return Scaler() if method == "none" else fit_range(np.zeros(1), column.lo, column.hi)
    late, train = read.late.get(column.name), read.rows.train
    rows = (train[start : start + AT_ONCE] for start in range(0, len(train), AT_ONCE))
    if late is None:
        return fit_in_pieces(method, (read.raw.columns[column.name][some] for some in rows))
    return fit_in_pieces(method, (late.decoder.own(late.wanted(some)) for some in rows))


def _fit(column: Column, scale: str, values: np.ndarray, train: np.ndarray) -> Scaler:
    """How a column is scaled, by what its training part alone shows. Only what is looked at is copied."""
    if set(column.scales) - {"auto"}:
        return _fit_each(column, scale, values[train])
    method = scaling(column, scale)
    if method == "range" and column.lo is not None and column.hi is not None:
        return fit_range(values, column.lo, column.hi)
    if method == "range":
        return fit_range(values[train], column.lo, column.hi)
    return fit_standard(values[train].astype(np.float64)) if method == "standardise" else Scaler()


def _fit_each(column: Column, scale: str, values: np.ndarray) -> Scaler:
    """How each feature is scaled, N×features or N×steps×features, where they are not all scaled alike."""
    features = column.shape[-1:]
    offset, size = np.zeros(features), np.ones(features)
    own = np.array([scaling(column, scale) if one == "auto" else one for one in column.scales])
    for method, fit in (("standardise", fit_standard), ("range", fit_range)):
        chosen = own == method
        if chosen.any():
            found = fit(np.asarray(values[..., chosen], np.float64))
            offset[chosen], size[chosen] = found.offset, found.size
    methods = set(own.tolist()) - {"none"}
    return Scaler("standardise" if methods != {"range"} else "range", offset, size)
