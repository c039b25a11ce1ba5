"""What there is to know of some data before a network learns from it, each with a way out: what is missing,
what stands in two parts, what says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

import numpy as np
from attrs import frozen

from engine.data.columns.categories import CategoryColumn
from engine.data.columns.column_type import ColumnType, as_text, factorised
from engine.data.columns.numbers import DateColumn, NumberColumn
from engine.data.overview import ColumnOverview, Overview
from engine.data.own.file_source import FileSource
from engine.data.prepare import Prepared, unshared_classes
from engine.data.reading.column_notes import ColumnNote
from engine.data.rereading import taken_for
from engine.data.settings import ColumnSettings, DataSettings
from engine.data.steps import with_steps
from engine.data.transforms.geometry import Flip
from engine.message import Message

READABLE = 45
"""Degrees to which a sign may be turned and is still the same."""
MOST = 40
"""Findings that are told; a table of ten thousand columns has as many."""
TYPES: Mapping[str, type[ColumnType]] = {
    "number": NumberColumn,
    "category": CategoryColumn,
    "date": DateColumn,
}


@frozen(eq=False)
class DataFinding:
    """One thing that was noticed. The way out is another setting of the data (`change`), or the samples it is
    about (`rows`, numbers int64) for a person to see; `verb` says which.
    """

    level: Literal["warning", "note", "success"]
    message: Message
    verb: Message | None = None
    change: DataSettings | None = None
    rows: np.ndarray | None = None


def findings(view: Overview) -> tuple[DataFinding, ...]:
    """All that was noticed, the weightiest first."""
    found = [*_left_out(view), *_missing(view), *_notes(view)]
    if view.prepared is not None:
        found += [DataFinding("note", message) for message in view.prepared.noticed]
    if view.prepared is not None:
        found += [*_unshared(view.prepared), *_twice(view.prepared), *_never_seen(view, view.prepared)]
    found += [*_of_one_class(view), *_copies(view)]
    order = {"warning": 0, "note": 1, "success": 2}
    found.sort(key=lambda one: order[one.level])
    return tuple(found[:MOST])


def findings_of_steps(view: Overview) -> tuple[DataFinding, ...]:
    """Steps of training after which a label may no longer be true: of signs that are written, a mirror image
    or one that is turned far says something else, or nothing.
    """
    if not view.classes or not all(len(name) == 1 and name.isalnum() for name in view.classes):
        return ()
    found = []
    for one in view.settings.columns:
        for step in one.in_training:
            far = getattr(step, "degrees", 0) > READABLE
            if not (isinstance(step, Flip) and step.chance > 0) and not far:
                continue
            change = with_steps(
                view.settings, one.name, tuple(other for other in one.transforms if other is not step)
            )
            text = Message(
                "The step {step} changes what is written: a 6 that stands on its head is a 9, and a "
                "mirrored 2 is none. The label stays as it was.",
                step=Message(step.label()),
            )
            found.append(DataFinding("warning", text, Message("Take it out"), change))
    return tuple(found)


def _left_out(view: Overview) -> Iterator[DataFinding]:
    """What no part has, although it stands in the data."""
    for one in view.prepared.skipped if view.prepared is not None else ():
        place = (
            Message(", {place} first", place=one.place)
            if one.count > 1
            else Message(", {place}", place=one.place)
        )
        yield DataFinding(
            "warning",
            Message(
                "{n} {n:row is|rows are} left out: {reason}{place}.",
                n=one.count,
                reason=one.reason,
                place=place if one.place else "",
            ),
        )
    out = np.flatnonzero(view.parts < 0)
    if view.prepared is not None and view.prepared.skipped and len(out):
        yield DataFinding(
            "note", Message("{n} row{n:|s} {n:is|are} in no part.", n=len(out)), Message("Show"), rows=out
        )


def _missing(view: Overview) -> Iterator[DataFinding]:
    """Gaps in the inputs. Columns that lack the same rows are told of together."""
    together: dict[bytes, list[ColumnOverview]] = {}
    for one in view.columns:
        if one.role == "input" and one.missing is not None and one.lost:
            together.setdefault(np.packbits(one.missing).tobytes(), []).append(one)
    for columns in together.values():
        lost = columns[0].missing
        assert lost is not None
        rows = np.flatnonzero(lost)
        names = ", ".join(one.name for one in columns[:3]) + (" …" if len(columns) > 3 else "")
        if len(columns) > 1:
            text = Message(
                "{n} row{n:|s} {n:lacks|lack} {number} columns: {names}",
                n=len(rows),
                number=len(columns),
                names=names,
            )
        else:
            text = Message("{n} row{n:|s} {n:does|do} not say {names}", n=len(rows), names=names)
        dropped = all(one.type is not None and one.type.drops_missing for one in columns)
        if dropped or len(columns) == 1 or len(rows) * 5 > view.samples:
            yield DataFinding("warning", text, Message("Show"), rows=rows)
        else:
            change = _with_types(
                view.settings, {one.name: _dropping(one.type) for one in columns if one.type is not None}
            )
            yield DataFinding("warning", text, Message("Leave them out"), change, rows)


def _dropping(kind: ColumnType) -> ColumnType:
    changed = kind.with_setting("missing", "drop") if hasattr(kind, "missing") else kind
    assert isinstance(changed, ColumnType)
    return changed


def _with_types(data: DataSettings, types: Mapping[str, ColumnType]) -> DataSettings:
    return data.with_setting(
        "columns",
        tuple(
            one.with_setting("type", types[one.name]) if one.name in types else one for one in data.columns
        ),
    )


def with_role(data: DataSettings, name: str, role: str) -> DataSettings:
    """The data with a column that is for something else. There may be several targets."""
    columns = (one.with_setting("role", role) if one.name == name else one for one in data.columns)
    return data.with_setting("columns", tuple(columns))


def _notes(view: Overview) -> Iterator[DataFinding]:
    """What the columns themselves show."""
    source = view.settings.source
    if not isinstance(source, FileSource):
        return
    used = {one.name: one for one in view.settings.columns if one.role in {"input", "target"}}
    for name, notes in source.notes().items():
        one = used.get(name)
        for note in notes if one is not None else ():
            if one is not None and note.about not in {"missing", "truth"}:
                yield from _note(view, one, note)


def _note(view: Overview, one: ColumnSettings, note: ColumnNote) -> Iterator[DataFinding]:
    text = Message("{column}: {note}", column=one.name, note=note.message)
    wanted = TYPES.get(note.suggests)
    if note.suggests == "ignore" and one.role == "input":
        yield DataFinding("warning", text, Message("Ignore it"), with_role(view.settings, one.name, "ignore"))
    elif wanted is not None and not isinstance(one.type, wanted):
        kind = taken_for(wanted, view[one.name].values)
        if kind is not None:
            verb = Message("Take as {kind}", kind=Message(kind.label()))
            yield DataFinding("note", text, verb, _with_types(view.settings, {one.name: kind}))
    elif wanted is None and note.suggests != "ignore":
        yield DataFinding("warning", text)


def _unshared(prepared: Prepared) -> Iterator[DataFinding]:
    classes = unshared_classes(prepared)
    if classes:
        yield DataFinding(
            "warning",
            Message(
                "Too few samples of {classes}: not every part has {n:it|them}.",
                n=len(classes),
                classes=", ".join(classes[:5]) + (" …" if len(classes) > 5 else ""),
            ),
        )


def _twice(prepared: Prepared) -> Iterator[DataFinding]:
    """Samples whose inputs are the very same in the training part and in another: what is judged by them is
    partly what was learnt by heart.
    """
    if prepared.schema.series or not prepared.train.resident:
        return
    learnt = input_keys(prepared, "train")
    learnt.sort()
    twice = [
        part.rows[_among(input_keys(prepared, name), learnt)]
        for name, part in (("validation", prepared.validation), ("test", prepared.test))
    ]
    rows = np.sort(np.concatenate(twice))
    if not len(rows):
        yield DataFinding("success", Message("No sample stands in two parts"))
        return
    text = Message("{n} sample{n:|s} of validation or test {n:is|are} in training, too", n=len(rows))
    yield DataFinding("warning", text, Message("Show"), rows=rows)


def _among(keys: np.ndarray, learnt: np.ndarray) -> np.ndarray:
    """Which of N keys are among others, which are sorted: much faster than numpy's own search."""
    places = np.searchsorted(learnt, keys)
    places[places == len(learnt)] = 0
    found: np.ndarray = learnt[places] == keys
    return found


def _of_one_class(view: Overview) -> Iterator[DataFinding]:
    there = np.unique(view.class_of[view.class_of >= 0])
    if len(there) == 1 and view.classes:
        yield DataFinding(
            "warning",
            Message(
                "All samples are {name}: expected at least two classes of {target} to tell apart. Choose "
                "another target.",
                name=view.classes[int(there[0])],
                target=view.target,
            ),
        )


def _copies(view: Overview) -> Iterator[DataFinding]:
    """Inputs that say the target in other words: a network would learn nothing else."""
    roles = {one.name: one.role for one in view.settings.columns}
    targets = [one for one in view.columns if roles.get(one.name) == "target"]
    for one in view.columns:
        if roles.get(one.name) != "input":
            continue
        for target in targets:
            if _says_the_same(one.values, target.values):
                yield DataFinding(
                    "warning",
                    Message(
                        "{column} says the same as {target} in every row: with it nothing else is learnt.",
                        column=one.name,
                        target=target.name,
                    ),
                    Message("Ignore it"),
                    with_role(view.settings, one.name, "ignore"),
                )


def _says_the_same(one: np.ndarray | None, other: np.ndarray | None) -> bool:
    """Whether each of two columns of N values follows from the other, more than once."""
    if (
        one is None
        or other is None
        or one.ndim > 1
        or other.ndim > 1
        or len(one) != len(other)
        or not len(one)
    ):
        return False
    if one.dtype.kind == "f" and other.dtype.kind == "f":
        both = np.isfinite(one) & np.isfinite(other)
        spread = one[both].std() * other[both].std() if both.sum() > 2 else 0.0
        if not np.isfinite(spread) or spread <= 0:
            return False
        product = np.mean((one[both] - one[both].mean()) * (other[both] - other[both].mean()))
        return bool(abs(product) > (1 - 1e-12) * spread)
    (names, codes), (others, other_codes) = factorised(one), factorised(other)
    if not 2 <= len(names) == len(others) <= len(one) // 2:
        return False
    known = (codes >= 0) & (other_codes >= 0)
    pairs = np.unique(codes[known].astype(np.int64) * len(others) + other_codes[known])
    return len(pairs) == len(names)


def _never_seen(view: Overview, prepared: Prepared) -> Iterator[DataFinding]:
    """Names in validation and test that training had none of: to a network they are all alike."""
    rows = np.concatenate([prepared.validation.rows, prepared.test.rows])
    for name in prepared.schema.inputs:
        for encoder in prepared.encoders.get(name, ()):
            new = set(getattr(encoder.type, "names", ())) - set(encoder.fitted.get("seen", ()))
            if not isinstance(encoder.type, CategoryColumn) or not new:
                continue
            values = view[encoder.name].values
            held = rows[rows < len(values)] if values is not None else rows[:0]
            found = np.sort(held[np.array([as_text(values[row]) in new for row in held], bool)])
            if len(found):
                yield DataFinding(
                    "note",
                    Message(
                        "{n} row{n:|s} of validation or test {n:has|have} a {column} that training never "
                        "saw: {names}",
                        n=len(found),
                        column=encoder.name,
                        names=", ".join(sorted(new)[:5]) + (" …" if len(new) > 5 else ""),
                    ),
                    Message("Show"),
                    rows=found,
                )


def input_keys(prepared: Prepared, part: str) -> np.ndarray:
    """A number for each of the N samples of a part, uint64: the same for the same inputs, and hardly ever for
    others. A random sum of their bytes, four by four, which takes a hundredth of sorting them.
    """
    dataset = getattr(prepared, part)
    columns = dataset.batch(slice(None))
    keys = np.zeros(len(dataset), np.uint64)
    chance = np.random.default_rng(7)
    for name in prepared.schema.inputs:
        values = np.ascontiguousarray(columns[name].reshape(len(dataset), -1))
        words = values.view(np.uint32).reshape(len(dataset), -1)
        factors = chance.integers(1, 2**63, words.shape[1], np.uint64) * np.uint64(2) + np.uint64(1)
        step = max(1, 4_000_000 // max(1, words.shape[1]))
        for start in range(0, len(words), step):
            piece = words[start : start + step].astype(np.uint64)
            with np.errstate(over="ignore"):
                mixed = (piece ^ (piece << np.uint64(29))) * factors
                keys[start : start + step] += (mixed ^ (mixed >> np.uint64(31))).sum(1, dtype=np.uint64)
    return keys
