"""Reads IDX, the format of MNIST and its kin: a type, a shape and numbers, packed by gzip or not."""

from __future__ import annotations

import gzip
import struct
import zlib
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np

from engine.data.reading.array_facts import ArrayFacts, check_size, damaged, facts, native
from engine.files.reading import ordinary
from engine.message import Message, Trouble

_TYPES = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}
_MOST_AXES = 8
_MOST_PACKED = 1032  # bytes that one packed byte can stand for
_GZIP = b"\x1f\x8b"


def is_idx(path: Path) -> bool:
    """Whether a file begins as IDX does, packed or not."""
    try:
        with ordinary(path) as file, _unpacked(file) as stream:
            begin = stream.read(4)
    except (OSError, EOFError, zlib.error, Trouble):
        return False
    return len(begin) == 4 and begin[:2] == b"\0\0" and begin[2] in _TYPES and 0 < begin[3] <= _MOST_AXES


def describe_idx(path: Path) -> dict[str, ArrayFacts]:
    """The array of an IDX file by the name of the file. Raises `Trouble`."""
    with ordinary(path) as file, _unpacked(file) as stream:
        return {_name(path): _header(path, stream, _room(file))}


def read_idx(path: Path) -> dict[str, np.ndarray]:
    """The array of an IDX file. Raises `Trouble`."""
    with ordinary(path) as file, _unpacked(file) as stream:
        found = _header(path, stream, _room(file))
        try:
            data = stream.read(found.size + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise damaged(path, str(error)[:150]) from None
    if len(data) != found.size:
        more = Message("more follows than its {n} bytes", n=f"{found.size:,}")
        less = Message("it claims {n} bytes and has {there}", n=f"{found.size:,}", there=f"{len(data):,}")
        raise damaged(path, more if len(data) > found.size else less)
    values = np.frombuffer(bytearray(data), found.dtype).reshape(found.shape)
    return {_name(path): native(values)}


def _name(path: Path) -> str:
    """The name without its endings: train-images of train-images-idx3-ubyte.gz."""
    stem = path.name.removesuffix(".gz")
    for begin in ("-idx", ".idx"):
        stem = stem.split(begin)[0]
    return stem or path.stem


def _unpacked(file: BinaryIO) -> BinaryIO:
    packed = file.read(2) == _GZIP
    file.seek(0)
    return cast(BinaryIO, gzip.GzipFile(fileobj=file)) if packed else file


def _room(file: BinaryIO) -> int:
    """The bytes that a file can hold at most."""
    here = file.tell()
    size = file.seek(0, 2)
    file.seek(0)
    packed = file.read(2) == _GZIP
    file.seek(here)
    return size * _MOST_PACKED if packed else size


def _header(path: Path, stream: BinaryIO, room: int) -> ArrayFacts:
    try:
        begin = stream.read(4)
        axes = begin[3] if len(begin) == 4 else 0
        if begin[:2] != b"\0\0" or begin[2] not in _TYPES or not 0 < axes <= _MOST_AXES:
            raise Trouble(
                "{path} is no IDX file: expected to begin with 0, 0, a type and the number of axes, but it "
                "begins with {begin}.",
                path=str(path),
                begin=begin.hex(" ") or Message("nothing"),
            )
        lengths = stream.read(4 * axes)
    except (OSError, EOFError, zlib.error) as error:
        raise damaged(path, str(error)[:150]) from None
    if len(lengths) != 4 * axes:
        raise damaged(path, Message("its shape breaks off"))
    found = facts(path, _name(path), struct.unpack(f">{axes}I", lengths), np.dtype(_TYPES[begin[2]]))
    if found.size > room:
        raise damaged(path, Message("it claims {n} bytes, which cannot be in it", n=f"{found.size:,}"))
    check_size(path, found.size)
    return found
