"""Reads CIFAR-10 and CIFAR-100 in their binary form: a row of bytes a picture, its labels first."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from attrs import frozen

from engine.data.reading.array_facts import ArrayFacts, damaged
from engine.files.reading import read_bytes
from engine.message import Message, Trouble

_PIXELS = 3 * 32 * 32
LARGEST = 2**30  # bytes of a file: CIFAR's own have up to 154 million
_LABELS = {1: {"label": 10}, 2: {"coarse": 20, "fine": 100}}
"""By how many labels stand before a picture, their names and numbers of classes."""
_NAMES = {"label": "batches.meta.txt", "coarse": "coarse_label_names.txt", "fine": "fine_label_names.txt"}
_PARTS = {"data_batch_*.bin": "train", "train.bin": "train", "test_batch.bin": "test", "test.bin": "test"}


@frozen(eq=False)
class Cifar:
    """Pictures N×3×32×32 uint8 with their labels (N int64 each), the names of the classes where they stand
    beside, and the part of each row where whole sets were read.
    """

    images: np.ndarray
    labels: dict[str, np.ndarray]
    classes: dict[str, tuple[str, ...]]
    parts: np.ndarray | None = None


def is_cifar(path: Path) -> bool:
    """Whether a file can be one of CIFAR's, or a folder holds some."""
    if path.is_dir():
        return any(True for pattern in _PARTS for _ in path.glob(pattern))
    return path.suffix.lower() == ".bin"


def read_cifar(path: Path) -> Cifar:
    """A file of CIFAR, or all that lie in a folder. Raises `Trouble`."""
    if path.is_dir():
        return _folder(path)
    data = np.frombuffer(read_bytes(path, LARGEST), np.uint8)
    before = next((n for n in _likely(path) if len(data) and len(data) % (n + _PIXELS) == 0), 0)
    if not before:
        raise Trouble(
            "{path} has {n} bytes, where CIFAR has 3,073 or 3,074 for each picture. Choose another file.",
            path=str(path),
            n=f"{len(data):,}",
        )
    rows = data.reshape(-1, before + _PIXELS)
    labels = {name: rows[:, place].astype(np.int64) for place, name in enumerate(_LABELS[before])}
    for name, values in labels.items():
        row = int(values.argmax())
        if values[row] >= _LABELS[before][name]:
            reason = Message("its picture {row} has the class {n}", row=row + 1, n=int(values[row]))
            raise damaged(path, reason)
    images = rows[:, before:].reshape(-1, 3, 32, 32).copy()
    return Cifar(images, labels, {name: _class_names(path.parent, name) for name in labels})


def describe_cifar(path: Path) -> dict[str, ArrayFacts]:
    """The arrays of a file of CIFAR, or of a folder."""
    found = read_cifar(path)
    arrays = {"image": found.images, **found.labels}
    return {name: ArrayFacts(values.shape, values.dtype) for name, values in arrays.items()}


def _likely(path: Path) -> tuple[int, ...]:
    """How many labels may stand before a picture, the likelier first."""
    return (2, 1) if path.stem.casefold() in {"train", "test"} else (1, 2)


def _folder(path: Path) -> Cifar:
    files = [(file, part) for pattern, part in _PARTS.items() for file in sorted(path.glob(pattern))]
    if not files:
        raise Trouble("{path} holds no files of CIFAR (data_batch_1.bin, train.bin …).", path=str(path))
    read = [(read_cifar(file), part) for file, part in files]
    first = read[0][0]
    for (one, _), (file, _) in zip(read, files, strict=True):
        if set(one.labels) != set(first.labels):
            raise damaged(file, Message("it has other labels than {file}", file=files[0][0].name))
    parts = np.concatenate([np.full(len(one.images), part, "U10") for one, part in read])
    return Cifar(
        np.concatenate([one.images for one, _ in read]),
        {name: np.concatenate([one.labels[name] for one, _ in read]) for name in first.labels},
        first.classes,
        parts if len(set(parts.tolist())) > 1 else None,
    )


def _class_names(folder: Path, label: str) -> tuple[str, ...]:
    """The names of the classes as they stand beside the files, none where they do not."""
    try:
        text = read_bytes(folder / _NAMES[label], 2**20).decode("utf-8-sig", "replace")
    except Trouble:
        return ()
    return tuple(line.strip() for line in text.splitlines() if line.strip())
