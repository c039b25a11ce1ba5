"""By what files are known again: their names, sizes and contents."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from engine.message import Trouble

WHOLE = 64_000_000
"""Bytes of a data set up to which all of it is looked at; of more, the ends of every file are."""
END = 65_536

Stamp = tuple[int, int]
"""Size and time of change of a file."""


def fingerprint(files: Sequence[Path]) -> str:
    """The same text for the same files, wherever they are. Raises `Trouble` where one cannot be read."""
    return _fingerprint(tuple(map(str, files)), stamps(files))


def stamps(files: Sequence[Path]) -> tuple[Stamp, ...]:
    """Size and time of change of every file: what tells in a moment that one may have changed."""
    try:
        return tuple((found.st_size, found.st_mtime_ns) for found in map(os.stat, files))
    except OSError as error:
        raise Trouble(
            "{path} cannot be read: {reason}. Put it back, or choose other data.",
            path=str(error.filename),
            reason=error.strerror or str(error),
        ) from None


@lru_cache(maxsize=16)
def _fingerprint(files: tuple[str, ...], stamps: tuple[Stamp, ...]) -> str:
    whole = sum(size for size, _ in stamps) <= WHOLE
    known = hashlib.blake2b(digest_size=16)
    folder = os.path.dirname(files[0]) if len(files) == 1 else os.path.commonpath(files)
    for path, (size, _) in zip(files, stamps, strict=True):
        known.update(f"{os.path.relpath(path, folder)}\0{size}\0".encode(errors="surrogatepass"))
        try:
            with open(path, "rb") as stream:
                if whole or size <= 2 * END:
                    while piece := stream.read(1 << 20):
                        known.update(piece)
                else:
                    known.update(stream.read(END))
                    stream.seek(-END, os.SEEK_END)
                    known.update(stream.read(END))
        except OSError as error:
            raise Trouble(
                "{path} cannot be read: {reason}. Put it back, or choose other data.",
                path=path,
                reason=error.strerror or str(error),
            ) from None
    return known.hexdigest()
