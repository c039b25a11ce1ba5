"""A text file of a person's own: one text a line, or one text as a whole."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from attrs import frozen

from engine.data.own.file_source import FileSource, Progress
from engine.data.own.folder_files import objects
from engine.data.reading.encodings import ENCODINGS
from engine.data.reading.skipped import Skipped
from engine.data.reading.text_files import read_lines, read_text
from engine.data.records import Records
from engine.kinds import declare, param
from engine.message import Message

LINE, FILE = "a line", "the whole file"
TEXT = "text"
"""What the column is called."""


@declare(
    title="A text file of your own",
    family="own",
    hint="one text a line, or one long text",
    search="txt text file lines corpus book poems language model own open",
)
class TextLines(FileSource):
    """A text file: every line is a text, or the whole file is one.

    For lists of names, sentences and verses, and for books.
    """

    each: str = param(LINE, options=(LINE, FILE), doc="What one text is")
    encoding: str = param(
        "", options=("", *ENCODINGS), doc="In which encoding it stands; empty where that is found by itself"
    )

    def texts(self) -> Lines:
        """All texts. Raises `Trouble`."""
        found = self.place.stat()
        return _lines(self.place, self.each, self.encoding, found.st_size, found.st_mtime_ns)

    def read(self, progress: Progress | None = None) -> Records:
        """The lines that say something; those that are empty are counted."""
        self.require_present()
        found, name = self.texts(), self.place.name
        skipped: tuple[Skipped, ...] = ()
        if found.empty:
            place = f"{name}, line {found.empty[0] + 1}"
            skipped = (Skipped(place, Message("the line is empty"), len(found.empty)),)
        return Records(
            {TEXT: objects(found.texts)},
            found.numbers,
            lambda row: name if self.each == FILE else f"{name}, line {row + 1}",
            skipped=skipped,
        )


@frozen(eq=False)
class Lines:
    """N texts, the line of each from 0 (N int64), and the lines that are empty."""

    texts: tuple[str, ...]
    numbers: np.ndarray
    empty: tuple[int, ...]


@lru_cache(maxsize=2)
def _lines(path: Path, each: str, encoding: str, size: int, changed: int) -> Lines:
    """The texts of a file as it is now: read once, and again where the file has changed."""
    if each == FILE:
        return Lines((read_text(path, encoding),), np.zeros(1, np.int64), ())
    lines = read_lines(path, encoding)
    full = [number for number, line in enumerate(lines) if line.strip()]
    empty = tuple(number for number, line in enumerate(lines) if not line.strip())
    return Lines(tuple(lines[number] for number in full), np.array(full, np.int64), empty)
