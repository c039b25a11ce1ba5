"""What an array in a file is said to be, and whether it may be read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from attrs import frozen

from engine.hardware import memory
from engine.message import Message, Trouble

LARGEST = 2**34  # bytes of arrays that are read into memory at once
MOST_ARRAYS = 10_000  # of one file


@frozen
class ArrayFacts:
    """An array before it is read: its shape, and its type of numbers as NumPy calls it."""

    shape: tuple[int, ...]
    dtype: np.dtype

    @property
    def size(self) -> int:
        """Bytes that it takes in memory."""
        return math.prod(self.shape) * self.dtype.itemsize


def facts(path: Path, name: str, shape: Sequence[int], dtype: np.dtype) -> ArrayFacts:
    """What an array is said to be. Raises `Trouble` where it holds neither numbers nor texts: objects would
    run what somebody else wrote.
    """
    if dtype.kind not in "biufUS" or not dtype.itemsize:
        raise Trouble(
            "{path}: the array {name} holds {dtype}, where numbers or texts were expected. Save those.",
            path=str(path),
            name=name,
            dtype=Message("Python objects") if dtype.hasobject else str(dtype)[:60],
        )
    if any(length < 0 for length in shape):
        raise damaged(path, Message("the array {name} has a negative length", name=name))
    return ArrayFacts(tuple(int(length) for length in shape), dtype)


def check_size(path: Path, size: int, largest: int = LARGEST) -> None:
    """Raise `Trouble` where more is claimed than is read at once, or than there is memory free."""
    free = memory.available()
    largest = largest if free is None else min(largest, free)
    if size > largest:
        raise Trouble(
            "{path} claims {size} of arrays, but at most {largest} are read at once. Make it smaller, "
            "or save a single array as NPY, which is read piece by piece.",
            path=str(path),
            size=memory.words(size),
            largest=memory.words(largest),
        )


def damaged(path: Path, reason: Message | str) -> Trouble:
    """A file that is not what its beginning says."""
    return Trouble(
        "{path} breaks off or is damaged: {reason}. Fetch or save it anew.", path=str(path), reason=reason
    )


def because(path: Path, error: Exception) -> Trouble:
    """What a library says of a damaged file."""
    text = str(error).split("\n")[0].strip().rstrip(".")[:150] or type(error).__name__
    return damaged(path, text)


def native(values: np.ndarray) -> np.ndarray:
    """The same numbers in this machine's order of bytes, and in at most 64 bits."""
    if values.dtype.kind == "f" and values.dtype.itemsize > 8:
        return values.astype(np.float64)
    return values if values.dtype.isnative else values.astype(values.dtype.newbyteorder("="))
