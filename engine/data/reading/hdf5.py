"""Reads HDF5: arrays in groups. What lies outside the file is never followed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from engine.data.reading.array_facts import (
    LARGEST,
    MOST_ARRAYS,
    ArrayFacts,
    because,
    check_size,
    facts,
    native,
)
from engine.files.reading import ordinary
from engine.message import Trouble

MAGIC = b"\x89HDF\r\n\x1a\n"
_DEEPEST = 20  # groups within each other


def describe_hdf5(path: Path) -> dict[str, ArrayFacts]:
    """The arrays of an HDF5 file by their paths, without reading them. Raises `Trouble`."""
    with _opened(path) as file:
        return {name: _facts(path, name, data) for name, data in _datasets(path, file).items()}


def read_hdf5(path: Path, names: tuple[str, ...] = (), largest: int = LARGEST) -> dict[str, np.ndarray]:
    """The arrays of an HDF5 file, or those of these names. Raises `Trouble`."""
    with _opened(path) as file:
        chosen = {name: data for name, data in _datasets(path, file).items() if not names or name in names}
        check_size(path, sum(_facts(path, name, data).size for name, data in chosen.items()), largest)
        return {name: _values(data) for name, data in chosen.items()}


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    try:
        import h5py
    except ImportError:
        raise Trouble(
            "{path} is an HDF5 file, which needs h5py. Install it with: pip install layerloom[hdf5]",
            path=str(path),
        ) from None
    with ordinary(path):  # a pipe would be waited for
        pass
    try:
        with h5py.File(path, "r") as file:
            yield file
    except Trouble:
        raise
    except Exception as error:  # what is wrong shows anywhere, and as anything
        raise because(path, error) from None


def _datasets(path: Path, file: Any) -> dict[str, Any]:
    """Every array of a file by its path. Groups may hold each other in a circle; links out of the file are
    not followed.
    """
    import h5py

    found: dict[str, Any] = {}
    seen = set()
    waiting = [("", file, 0)]
    while waiting:
        prefix, group, depth = waiting.pop()
        for name in group:
            if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                continue
            one, place = group[name], f"{prefix}{name}"
            key = h5py.h5o.get_info(one.id).addr
            if key in seen:
                continue
            seen.add(key)
            if isinstance(one, h5py.Dataset):
                found[place] = one
            elif isinstance(one, h5py.Group) and depth < _DEEPEST:
                waiting.append((f"{place}/", one, depth + 1))
    if not 0 < len(found) <= MOST_ARRAYS:
        raise Trouble(
            "{path} holds {n} array{n:|s}, where 1 to {most} were expected. Choose another file.",
            path=str(path),
            n=len(found),
            most=MOST_ARRAYS,
        )
    return dict(sorted(found.items()))


def _facts(path: Path, name: str, data: Any) -> ArrayFacts:
    import h5py

    if data.external or data.is_virtual:
        raise Trouble(
            "{path}: the array {name} lies in another file, which is not read. Save it into this one.",
            path=str(path),
            name=name,
        )
    if data.shape is None:
        raise Trouble("{path}: the array {name} is empty.", path=str(path), name=name)
    is_text = h5py.check_string_dtype(data.dtype) is not None
    dtype = np.dtype("S64") if is_text and data.dtype.hasobject else data.dtype  # texts of any length
    return facts(path, name, data.shape, dtype)


def _values(data: Any) -> np.ndarray:
    import h5py

    if h5py.check_string_dtype(data.dtype) is not None:
        return np.asarray(data.asstr()[...], np.str_)
    return native(np.asarray(data[...]))
