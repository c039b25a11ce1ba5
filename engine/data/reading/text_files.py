"""Texts from files, in whatever encoding they stand."""

from __future__ import annotations

from pathlib import Path

from engine.data.reading.encodings import encoding_of, not_of
from engine.data.reading.text_blocks import blocks, head_of
from engine.message import Trouble

MOST = 16_000_000
"""Bytes of one text at most: a sample is a page or a book, not a library."""
MOST_LINES = 500_000_000
"""Bytes of a file of lines at most: all of them stand in memory, and the numbers of their tokens beside."""


def read_text(path: Path, encoding: str = "") -> str:
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
    try:
        text = data.decode(encoding or encoding_of(data), "strict" if encoding else "replace")
    except UnicodeDecodeError as error:
        raise not_of(path, encoding, 1, error) from None
    text = text.removeprefix("\ufeff")
    if "\0" in text:
        raise Trouble("{path} was expected to be text, but holds binary data. Take it out.", path=str(path))
    return "\n".join(text.splitlines())


def read_lines(path: Path, encoding: str = "") -> list[str]:
    """The lines of a text file, empty ones too, without what ends them. Raises `Trouble` with the line."""
    size = path.stat().st_size
    if size > MOST_LINES:
        raise Trouble(
            "{path} is too large to be read whole: expected at most {most:,} bytes, received {size:,}. Cut "
            "it into several files in a folder, or take a part of it.",
            path=str(path),
            most=MOST_LINES,
            size=size,
        )
    if not encoding:
        encoding = encoding_of(*head_of(path))
    lines: list[str] = []
    for block in blocks(path, encoding):
        if b"\0" in block.data:
            line = block.line + block.data.count(b"\n", 0, block.data.find(b"\0"))
            raise Trouble(
                "{path}, line {line}, was expected to be text, but holds binary data. Take it out, or choose "
                "another encoding.",
                path=str(path),
                line=line,
            )
        some = block.data.decode("utf-8", "replace").split("\n")[:-1]
        for number, text in enumerate(some, block.line):
            if len(text) > MOST:
                raise Trouble(
                    "{path}, line {line}, is too long for one text: expected at most {most:,} characters, "
                    "received {count:,}. Cut it into several.",
                    path=str(path),
                    line=number,
                    most=MOST,
                    count=len(text),
                )
        lines += some
    return lines
