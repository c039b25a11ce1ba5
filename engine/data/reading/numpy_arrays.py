"""Reads NumPy's own files: NPY with one array, NPZ with several by their names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO
from zipfile import ZipFile

import numpy as np

from engine.data.reading.array_facts import (
    LARGEST,
    MOST_ARRAYS,
    ArrayFacts,
    because,
    check_size,
    damaged,
    facts,
    native,
)
from engine.files.reading import ordinary
from engine.message import Message, Trouble

_LONGEST_HEADER = 65_536  # characters: a shape, a type and an order
_HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}


def describe_npy(path: Path) -> dict[str, ArrayFacts]:
    """The array of an NPY file by the name of the file, without reading it. Raises `Trouble`."""
    with ordinary(path) as file:
        name = path.stem
        found = _header(path, name, file)
        there = file.seek(0, 2) - _begin(file, path, name)
        if found.size > there:
            reason = Message("it claims {n} bytes and has {there}", n=f"{found.size:,}", there=f"{there:,}")
            raise damaged(path, reason)
        return {name: found}


def _begin(file: BinaryIO, path: Path, name: str) -> int:
    file.seek(0)
    _header(path, name, file)
    return file.tell()


def read_npy(path: Path) -> dict[str, np.ndarray]:
    """The array of an NPY file, mapped: what is not used is never read. Raises `Trouble`."""
    for name, found in describe_npy(path).items():
        try:
            mapped = np.load(path, mmap_mode="r" if found.size else None, allow_pickle=False)
        except Exception as error:  # of a damaged header NumPy raises anything
            raise because(path, error) from None
        return {name: native(mapped)}
    return {}


def describe_npz(path: Path) -> dict[str, ArrayFacts]:
    """The arrays of an NPZ file, without reading them. Raises `Trouble`."""
    with _opened(path) as archive:
        return {name: found for name, _, found in _members(path, archive)}


def read_npz(path: Path, names: tuple[str, ...] = (), largest: int = LARGEST) -> dict[str, np.ndarray]:
    """The arrays of an NPZ file, or those of these names. Raises `Trouble`."""
    with _opened(path) as archive:
        chosen = [one for one in _members(path, archive) if not names or one[0] in names]
        check_size(path, sum(found.size for _, _, found in chosen), largest)
        arrays: dict[str, np.ndarray] = {}
        for name, member, _ in chosen:
            with archive.open(member) as file:
                values = np.lib.format.read_array(file, allow_pickle=False, max_header_size=_LONGEST_HEADER)
            arrays[name] = native(values)
        return arrays


@contextmanager
def _opened(path: Path) -> Iterator[ZipFile]:
    """An archive. What is wrong with it shows anywhere and as anything: zlib.error, BadZipFile, EOFError …"""
    with ordinary(path) as file:
        try:
            with ZipFile(file) as archive:
                yield archive
        except Trouble:
            raise
        except Exception as error:
            raise because(path, error) from None


def _members(path: Path, archive: ZipFile) -> list[tuple[str, str, ArrayFacts]]:
    """Each array with its name, the name within the archive, and what it is said to be."""
    members = [one for one in archive.infolist() if one.filename.endswith(".npy")]
    if not members or len(members) > MOST_ARRAYS:
        raise Trouble(
            "{path} holds {n} NumPy array{n:|s}, where 1 to {most} were expected. Choose another file.",
            path=str(path),
            n=len(members),
            most=MOST_ARRAYS,
        )
    found: list[tuple[str, str, ArrayFacts]] = []
    for one in members:
        name = one.filename.removesuffix(".npy")
        with archive.open(one) as file:
            described = _header(path, name, file)
        if described.size > one.file_size:
            raise damaged(path, Message("the array {name} claims more than there is", name=name))
        found.append((name, one.filename, described))
    return found


def _header(path: Path, name: str, file: IO[bytes]) -> ArrayFacts:
    """What an array says of itself, read from its beginning."""
    try:
        version = np.lib.format.read_magic(file)
        if version not in _HEADERS:
            raise ValueError(f"version {version}")
        shape, _, dtype = _HEADERS[version](file, max_header_size=_LONGEST_HEADER)
    except Exception as error:
        raise because(path, error) from None
    return facts(path, name, shape, dtype)
