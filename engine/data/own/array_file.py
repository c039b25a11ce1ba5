"""Arrays of a person's own: NPY, NPZ, safetensors, HDF5, IDX and CIFAR, of a file or of those beside it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from attrs import frozen

from engine.data.columns.column_type import Values
from engine.data.mapped import MappedArray
from engine.data.own.file_source import FileSource, Progress
from engine.data.reading import arrays, cifar
from engine.data.reading.array_facts import ArrayFacts
from engine.data.reading.idx import is_idx
from engine.data.records import PARTS, Records
from engine.kinds import declare
from engine.message import Message, Trouble

SINGLE = ("npy", "idx")
"""Forms of which a file holds one array, so that those beside it belong to it."""
_WORDS = {"train": 0, "training": 0, "val": 1, "valid": 1, "validation": 1, "dev": 1, "test": 2, "t10k": 2}
_PART = re.compile(rf"(?:^|(?<=[-_. /]))({'|'.join(_WORDS)})(?=$|[-_. /])", re.IGNORECASE)
_BESIDE = (".txt", ".md", ".html", ".json")
_SMALLEST = 4  # pixels of a picture's side
MOST_BESIDE = 64


@declare(
    title="Arrays of your own",
    family="own",
    hint="NPY, NPZ, safetensors, HDF5, IDX, CIFAR",
    search="numpy npy npz safetensors hdf5 h5 idx ubyte mnist cifar tensor array own file open",
)
class ArrayFile(FileSource):
    """Arrays from a file, or from those that lie beside it: a row of each is a sample.

    For what another program has computed, and for sets as they are handed around: pictures as one array,
    their labels as another.
    """

    @property
    def late(self) -> bool:
        """An NPY is mapped: single rows of it can be read."""
        return self.path.lower().endswith(".npy") and not self.own_test and not self.own_validation

    def files(self) -> Sequence[Path]:
        """Every file that an array is taken from."""
        if self.place.is_dir() and cifar.is_cifar(self.place):
            return sorted(one for one in self.place.iterdir() if one.suffix.lower() == ".bin")
        if not self.place.is_dir() and arrays.form_of(self.place) not in SINGLE:
            return (self.place,)
        return sorted({one.path for part in arrays_of(self.place).columns.values() for one in part.values()})

    def read(self, progress: Progress | None = None) -> Records:
        """All samples: an array for each column. Raises `Trouble`."""
        self.require_present()
        return read_arrays(self.place, self.late)


@frozen
class ArrayPlace:
    """Where an array stands, and what it is."""

    path: Path
    name: str
    facts: ArrayFacts


@frozen(eq=False)
class ArraysFound:
    """Of each column the array of each part (a number of `PARTS`, or -1), and what was left out."""

    columns: Mapping[str, Mapping[int, ArrayPlace]]
    left_out: tuple[str, ...]


def holds_arrays(path: Path) -> bool:
    """Whether a file holds arrays, or a folder nothing but such files."""
    if path.is_dir():
        if cifar.is_cifar(path):
            return True
        inside = [one for one in path.iterdir() if not one.name.startswith(".")]
        known = [one for one in inside if one.is_file() and _is_arrays(one)]
        return bool(known) and all(one in known or one.suffix.lower() in _BESIDE for one in inside)
    return _is_arrays(path)


def _is_arrays(path: Path) -> bool:
    ending = path.suffix.lower()
    if ending == ".bin":
        return path.stat().st_size % 3073 == 0 or path.stat().st_size % 3074 == 0
    if ending in {".gz", ""} or "idx" in path.name.lower():
        return is_idx(path)
    return ending in arrays.ENDINGS


@lru_cache(maxsize=4)
def _found(path: Path, stamp: int) -> ArraysFound:
    return _grouped(_single_arrays(path) if _of_single(path) else _described(path), path)


def arrays_of(path: Path) -> ArraysFound:
    """The columns of a file, or of those beside it, without reading them. Raises `Trouble`."""
    beside = path.parent if path.is_file() else path
    return _found(path, max(path.stat().st_mtime_ns, beside.stat().st_mtime_ns))


def _of_single(path: Path) -> bool:
    return path.is_dir() or arrays.form_of(path) in SINGLE


def _described(path: Path) -> list[ArrayPlace]:
    return [ArrayPlace(path, name, facts) for name, facts in arrays.describe_arrays(path).items()]


def _single_arrays(path: Path) -> list[ArrayPlace]:
    """The arrays of all files of one form in a folder: of that of the file that was opened."""
    folder = path if path.is_dir() else path.parent
    files = sorted(one for one in folder.iterdir() if one.is_file() and _is_arrays(one))
    forms = {one: arrays.form_of(one) for one in files[:MOST_BESIDE] if one.suffix.lower() not in _BESIDE}
    form = forms.get(path) or Counter(forms.values()).most_common(1)[0][0]
    alike = [one for one, own in forms.items() if own == form]
    if path.is_file():  # its own first, by which the others are chosen
        alike = [path, *(one for one in alike if one != path)]
    return [place for one in alike for place in _described(one)]


def _grouped(places: Sequence[ArrayPlace], path: Path) -> ArraysFound:
    """Arrays of the same samples as columns, and columns of several parts as one. Raises `Trouble`."""
    table: dict[int, dict[str, ArrayPlace]] = {}
    for place in places:
        part, name = _part_of(place.name)
        if place.facts.shape:
            table.setdefault(part, {})[name] = place
    if not table:
        raise Trouble("{path} holds no array of several samples. Choose another file.", path=str(path))
    if path.is_file() and len(places) and _of_single(path):
        first = _part_of(places[0].name)[0]  # of the file that was opened
    else:
        first = 0 if 0 in table else max(table, key=lambda part: len(table[part]))
    lengths = Counter(place.facts.shape[0] for place in table[first].values())
    most = max(lengths, key=lambda length: (lengths[length], length))
    if path.is_file() and _of_single(path):
        most = places[0].facts.shape[0]
    columns = {name: {first: place} for name, place in table[first].items() if place.facts.shape[0] == most}
    for part, own in table.items():
        there = [own.get(name) for name in columns]
        if part in {first, -1} or any(one is None for one in there) or first == -1:
            continue
        if len({one.facts.shape[0] for one in there if one is not None}) == 1:
            for name, one in zip(columns, there, strict=True):
                assert one is not None
                columns[name][part] = one
    taken = {one for own in columns.values() for one in own.values()}
    return ArraysFound(columns, tuple(one.name for one in places if one not in taken))


def _part_of(name: str) -> tuple[int, str]:
    """The part that the name of an array tells, -1 for none, and the name without that."""
    found = _PART.search(name)
    if found is None:
        return -1, name
    rest = (name[: found.start()] + name[found.end() :]).strip("-_. /")
    rest = re.sub(r"[-_. /]{2,}", "_", rest)
    return _WORDS[found[1].lower()], rest or "values"


def read_arrays(path: Path, late: bool) -> Records:
    """The columns of a file, mapped where they are to be read `late`. Raises `Trouble`."""
    if path.is_dir() or arrays.form_of(path) == "cifar":
        folder = cifar.is_cifar(path) if path.is_dir() else True
        if folder:
            return _of_cifar(path)
    found = arrays_of(path)
    present = sorted({part for own in found.columns.values() for part in own})
    columns: dict[str, Any] = {}
    for name, own in found.columns.items():
        order = order_of(own[present[0]].facts)
        if late and len(order) > 1:
            columns[name] = MappedArray.of(own[present[0]].path, order)
            continue
        whole = [arrays.read_arrays(own[part].path, (own[part].name,))[own[part].name] for part in present]
        columns[name] = arranged(np.concatenate(whole) if len(whole) > 1 else whole[0], order)
    first = next(iter(found.columns.values()))
    parts = np.concatenate([np.full(first[part].facts.shape[0], part) for part in present])
    return _records(path, columns, parts, found.left_out)


def _of_cifar(path: Path) -> Records:
    found = cifar.read_cifar(path)
    columns: dict[str, Any] = {"image": found.images}
    for name, labels in found.labels.items():
        names = found.classes.get(name, ())
        columns[name] = np.array(names, object)[labels] if names else labels.astype(np.float64)
    parts = np.full(len(found.images), -1)
    if found.parts is not None:
        parts = np.array([PARTS.index(one) for one in found.parts])
    return _records(path, columns, parts, ())


def _records(path: Path, columns: Mapping[str, Any], parts: np.ndarray, left_out: Sequence[str]) -> Records:
    noticed = Message(
        "{n} array{n:|s} {n:has|have} other samples and {n:is|are} left out: {names}.",
        n=len(left_out),
        names=", ".join(left_out),
    )
    return Records(
        columns,
        np.arange(len(parts)),
        lambda row: f"{path.name}, sample {row + 1}",
        None if (parts < 0).any() or not parts.any() else parts,
        noticed=(noticed,) if left_out else (),
    )


def order_of(facts: ArrayFacts) -> tuple[int, ...]:
    """In which order the axes of an array make samples: pictures have their channels first, and one at
    least. -1 is an axis that it lacks.
    """
    axes = len(facts.shape)
    sides = facts.shape[1:]
    if axes == 4 and sides[2] in {1, 3, 4} and min(sides[:2]) >= _SMALLEST and sides[0] not in {1, 3, 4}:
        return 0, 3, 1, 2
    if axes == 3 and min(sides) >= _SMALLEST and (facts.dtype.kind == "u" or sides[0] == sides[1]):
        return 0, -1, 1, 2
    return tuple(range(axes))


def arranged(values: np.ndarray, order: tuple[int, ...]) -> Values:
    """An array with its axes in that order; single numbers and texts as the types of columns take them."""
    if values.ndim > 1 and order:
        values = np.transpose(values, [axis for axis in order if axis >= 0])
        lone = tuple(place for place, axis in enumerate(order) if axis < 0)
        return np.ascontiguousarray(np.expand_dims(values, lone))
    if values.dtype.kind in "US":
        texts = np.char.decode(values, "utf-8", "replace") if values.dtype.kind == "S" else values
        return np.array([str(one) or None for one in texts], object)
    return values.astype(np.float64)
