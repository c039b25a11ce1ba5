"""Reads safetensors: arrays by their names, with a header that its own library checks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from engine.data.reading.array_facts import LARGEST, ArrayFacts, because, check_size, facts
from engine.files.reading import ordinary
from engine.message import Trouble

_TYPES = {
    "BOOL": "bool",
    **{f"I{bits}": f"int{bits}" for bits in (8, 16, 32, 64)},
    **{f"U{bits}": f"uint{bits}" for bits in (8, 16, 32, 64)},
    **{f"F{bits}": f"float{bits}" for bits in (16, 32, 64)},
}


def describe_safetensors(path: Path) -> dict[str, ArrayFacts]:
    """The arrays of a file, without reading them. Raises `Trouble`."""
    with _opened(path) as file:
        return {name: _facts(path, name, file) for name in sorted(file.keys())}


def read_safetensors(
    path: Path, names: tuple[str, ...] = (), largest: int = LARGEST
) -> dict[str, np.ndarray]:
    """The arrays of a file, or those of these names. Raises `Trouble`."""
    with _opened(path) as file:
        chosen = [name for name in sorted(file.keys()) if not names or name in names]
        check_size(path, sum(_facts(path, name, file).size for name in chosen), largest)
        return {name: file.get_tensor(name) for name in chosen}


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    from safetensors import safe_open

    with ordinary(path):  # a pipe would be waited for
        pass
    try:
        with safe_open(path, framework="numpy") as file:
            yield file
    except Trouble:
        raise
    except Exception as error:
        raise because(path, error) from None


def _facts(path: Path, name: str, file: Any) -> ArrayFacts:
    part = file.get_slice(name)
    dtype = part.get_dtype()
    if dtype not in _TYPES:
        raise Trouble(
            "{path}: the array {name} is of type {dtype}, which NumPy does not know. Save it as float32.",
            path=str(path),
            name=name,
            dtype=dtype,
        )
    return facts(path, name, part.get_shape(), np.dtype(_TYPES[dtype]))
