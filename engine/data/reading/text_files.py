"""Texts from files, in whatever encoding they stand."""

from __future__ import annotations

from pathlib import Path

from engine.data.reading.encodings import encoding_of
from engine.message import Trouble

MOST = 16_000_000
"""Bytes of one text at most: a sample is a page or a book, not a library."""


def read_text(path: Path) -> str:
    """What stands in a text file, its lines parted by `\\n`. Raises `Trouble` with the file."""
    try:
        with path.open("rb") as stream:
            data = stream.read(MOST + 1)
    except OSError as error:
        raise Trouble(
            "{path} cannot be read: {reason}. Give yourself the right to read it, or take it out of the "
            "data.",
            path=str(path),
            reason=error.strerror or str(error),
        ) from None
    if len(data) > MOST:
        raise Trouble(
            "{path} is too long for one text: expected at most {most:,} bytes. Cut it into parts.",
            path=str(path),
            most=MOST,
        )
    text = data.decode(encoding_of(data), errors="replace").removeprefix("\ufeff")
    if "\0" in text:
        raise Trouble("{path} was expected to be text, but holds binary data. Take it out.", path=str(path))
    return "\n".join(text.splitlines())
