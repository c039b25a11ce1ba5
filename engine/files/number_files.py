"""Numbers from a file: a NumPy array, or text with a row a line."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from engine.files.atomic import os_errors_in_words
from engine.message import Trouble

LARGEST = 1_000_000  # bytes: the numbers of a setting are few


def read(path: Path) -> list[object]:
    """The numbers of an NPY file, or of text with commas or spaces between them, nested as they lie there.
    Raises `Trouble`.
    """
    with os_errors_in_words(path):
        size = path.stat().st_size
    if size > LARGEST:
        raise Trouble(
            "expected a file of at most {largest} bytes, but {path} has {size}",
            largest=f"{LARGEST:,}",
            path=str(path),
            size=f"{size:,}",
        )
    try:
        if path.suffix.lower() == ".npy":
            array = np.load(path, allow_pickle=False)
        else:
            text = path.read_text(encoding="utf-8").replace(",", " ").replace(";", "\n")
            array = np.loadtxt(text.splitlines(), ndmin=1)
        numbers = np.atleast_1d(np.asarray(array, np.float64))
    except (OSError, ValueError, TypeError, EOFError) as error:
        reason = str(error).split("\n")[0][:200]
        raise Trouble("{path} holds no table of numbers: {reason}", path=str(path), reason=reason) from None
    nested: list[object] = numbers.tolist()
    return nested
