"""A text file as blocks of whole records in UTF-8: read in order, unpacked and decoded on the way, so that no
file is too large, a stop is obeyed at once and a file that shrinks meanwhile ends no program.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
from attrs import frozen

from engine.data.reading.encodings import Utf8Decoder, not_of
from engine.data.reading.listing import Cancelled, go_on
from engine.files.reading import ordinary
from engine.message import Trouble

BLOCK = 8 * 2**20
"""Bytes of a block: large enough that polars parses it on all cores, small enough to stop within a blink."""
LONGEST_RECORD = 256 * 2**20
HEAD = 2**20

_GZIP = b"\x1f\x8b"
_MOST_UNPACKED = 200
"""Bytes that a packed byte may become: tables become five to twenty, what was made to fill a disk a
thousand.
"""
_FREE_UNPACKED = 16 * 2**20


@frozen(eq=False)
class TextBlock:
    """Whole records in UTF-8, each with a `\\n` at its end, as all lines have; the line of the first, from 1;
    and how many bytes of the file are read until their end.
    """

    data: bytes
    line: int
    done: int


def head_of(path: Path, most: int = HEAD) -> tuple[bytes, bool]:
    """The first bytes of a file, unpacked, and whether they are all. Raises `Trouble` where nothing can be
    read.
    """
    found = b""
    with ordinary(path) as file:
        for piece, _ in _unpacked(path, file, most, None):
            found += piece
            if len(found) > most:
                return found[:most], False
    return found, True


def blocks(
    path: Path, encoding: str, quoted: bool = False, cancelled: Cancelled | None = None, size: int = BLOCK
) -> Iterator[TextBlock]:
    """A text file, block by block. Where fields are `quoted`, an end of line within quotation marks ends no
    record. Raises `Trouble` where the file cannot be read, is no text of that encoding, or has a quotation
    mark that is never closed.
    """
    line, rest, done = 1, b"", 0
    decoder = Utf8Decoder(encoding)
    with ordinary(path) as file:
        for packed, done in _with_end(_unpacked(path, file, size, cancelled)):
            try:
                piece = decoder.decode(packed, not packed)
            except UnicodeDecodeError as error:
                raise not_of(path, encoding, line + _lines(rest), error) from None
            data = with_line_feeds(rest + piece, whole=not packed)
            cut = end_of_records(data, quoted)
            data, rest = data[:cut], data[cut:]
            if data:
                yield TextBlock(data, line, done)
                line += _lines(data)
            elif len(rest) > LONGEST_RECORD:
                raise _too_long(path, line, quoted)
            go_on(cancelled, path)
    if rest:
        if quoted and rest.count(b'"') % 2:
            raise _open_quote(path, rest, line)
        yield TextBlock(rest if rest.endswith(b"\n") else rest + b"\n", line, done)


def _with_end(pieces: Iterator[tuple[bytes, int]]) -> Iterator[tuple[bytes, int]]:
    """The pieces, and an empty one at their end."""
    done = 0
    for piece, done in pieces:
        if piece:
            yield piece, done
    yield b"", done


def _lines(data: bytes) -> int:
    """How many lines end there; several times as quick as counting bytes one after the other."""
    return int(np.count_nonzero(np.frombuffer(data, np.uint8) == ord("\n")))


def with_line_feeds(data: bytes, whole: bool = True) -> bytes:
    """A text whose lines end with `\\n`, however they ended. Where it is not `whole`, a last `\\r` is left:
    its `\\n` may follow.
    """
    if b"\r" not in data:
        return data
    last = b"" if whole or not data.endswith(b"\r") else b"\r"
    kept = data[: len(data) - len(last)]
    return kept.replace(b"\r\n", b"\n").replace(b"\r", b"\n") + last


def end_of_records(data: bytes, quoted: bool) -> int:
    """Where the last whole record ends, 0 where none does."""
    end = data.rfind(b"\n") + 1
    if not quoted:
        return end
    marks = data.count(b'"', 0, end)
    while end and marks % 2:  # within quotation marks: go back to before the one that opened them
        mark = data.rfind(b'"', 0, end)
        before = data.rfind(b"\n", 0, mark) + 1
        marks -= data.count(b'"', before, end)
        end = before
    return end


def _unpacked(
    path: Path, file: BinaryIO, size: int, cancelled: Cancelled | None
) -> Iterator[tuple[bytes, int]]:
    """Pieces of a file, unpacked where it is packed by gzip, and how many of its bytes are read."""
    first = file.read(size)
    if not first.startswith(_GZIP):
        read = len(first)
        yield first, read
        while piece := file.read(size):
            read += len(piece)
            yield piece, read
        return
    packed, read, made = first, len(first), 0
    inflate = zlib.decompressobj(31)
    try:
        while packed:
            go_on(cancelled, path)
            piece = inflate.decompress(packed, size)
            made += len(piece)
            if made > _FREE_UNPACKED + _MOST_UNPACKED * read:
                raise Trouble(
                    "{path} was expected to be a packed table, but it unpacks to more than {times} times its "
                    "size. Unpack it yourself if you trust it.",
                    path=str(path),
                    times=_MOST_UNPACKED,
                )
            if piece:
                yield piece, read
            packed = inflate.unconsumed_tail
            if inflate.eof and inflate.unused_data:  # several packed files in a row are one
                packed, inflate = inflate.unused_data, zlib.decompressobj(31)
            if not packed:
                packed = file.read(size)
                read += len(packed)
        if not inflate.eof:
            raise zlib.error
    except zlib.error:
        raise Trouble(
            "{path} is damaged: it is packed by gzip, and breaks off or cannot be unpacked after {n} bytes. "
            "Get it again from where it came.",
            path=str(path),
            n=made,
        ) from None


def _too_long(path: Path, line: int, quoted: bool) -> Trouble:
    sentence = "{path}, line {line}: a row of at most {most} megabytes was expected, but this one is longer."
    if quoted:
        sentence += (
            " A quotation mark may be missing; close it, or read quotation marks as ordinary characters."
        )
    return Trouble(sentence, path=str(path), line=line, most=LONGEST_RECORD // 2**20)


def _open_quote(path: Path, record: bytes, line: int) -> Trouble:
    """The last mark of a text in which they are odd is as good a guess as any; where it stands is said."""
    at = line + record.count(b"\n", 0, record.find(b'"'))
    return Trouble(
        "{path}, line {line}: a quotation mark that opens here was expected to be closed, but the file ends "
        "before. Close it, or read quotation marks as ordinary characters.",
        path=str(path),
        line=at,
    )
