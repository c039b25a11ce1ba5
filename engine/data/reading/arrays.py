"""Reads files of arrays: NPY, NPZ, safetensors, HDF5, IDX and CIFAR's binary form, each by its beginning."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from attrs import frozen

from engine.data.reading import cifar, hdf5, idx, numpy_arrays, safetensors_arrays
from engine.data.reading.array_facts import LARGEST, ArrayFacts
from engine.files.reading import ordinary
from engine.message import Trouble

ENDINGS = (".npy", ".npz", ".safetensors", ".h5", ".hdf5", ".idx", ".bin", ".gz")


@frozen
class _Form:
    """How arrays lie in a file: what they are, and they themselves, by their names."""

    describe: Callable[[Path], dict[str, ArrayFacts]]
    read: Callable[[Path, tuple[str, ...], int], dict[str, np.ndarray]]


def _cifar(path: Path) -> dict[str, np.ndarray]:
    found = cifar.read_cifar(path)
    return {"image": found.images, **found.labels}


FORMS: dict[str, _Form] = {
    "npy": _Form(numpy_arrays.describe_npy, lambda path, names, largest: numpy_arrays.read_npy(path)),
    "npz": _Form(numpy_arrays.describe_npz, numpy_arrays.read_npz),
    "safetensors": _Form(safetensors_arrays.describe_safetensors, safetensors_arrays.read_safetensors),
    "hdf5": _Form(hdf5.describe_hdf5, hdf5.read_hdf5),
    "idx": _Form(idx.describe_idx, lambda path, names, largest: idx.read_idx(path)),
    "cifar": _Form(cifar.describe_cifar, lambda path, names, largest: _cifar(path)),
}


def form_of(path: Path) -> str:
    """Which of `FORMS` a file has, by its first bytes and else by its name. Raises `Trouble`."""
    if path.is_dir():
        if cifar.is_cifar(path):
            return "cifar"
        raise Trouble("{path} is a folder without arrays: expected files of CIFAR in it.", path=str(path))
    with ordinary(path) as file:
        begin = file.read(9)
    ending = path.suffix.lower()
    if begin.startswith(b"\x93NUMPY") or ending == ".npy":
        return "npy"
    if begin.startswith(b"PK\x03\x04") or ending == ".npz":
        return "npz"
    if begin.startswith(hdf5.MAGIC) or ending in (".h5", ".hdf5"):
        return "hdf5"
    # a number of eight bytes, and an object of JSON
    if ending == ".safetensors" or (begin[8:9] == b"{" and int.from_bytes(begin[:8], "little") < 2**27):
        return "safetensors"
    if cifar.is_cifar(path):
        return "cifar"
    if idx.is_idx(path) or "idx" in path.name.lower():
        return "idx"
    raise Trouble(
        "{path} holds no arrays that can be read: expected {forms}. Choose another file.",
        path=str(path),
        forms=", ".join(FORMS),
    )


def describe_arrays(path: Path) -> dict[str, ArrayFacts]:
    """What the arrays of a file are, by their names, without reading them. Raises `Trouble`."""
    return FORMS[form_of(path)].describe(path)


def read_arrays(path: Path, names: tuple[str, ...] = (), largest: int = LARGEST) -> dict[str, np.ndarray]:
    """The arrays of a file by their names, or those of these names: numbers and texts in this machine's order
    of bytes. That of an NPY is mapped and read as it is used, so that it may be larger than the memory.
    Raises `Trouble` where one is missing or damaged, or all together take more than `largest` bytes.
    """
    try:
        found = FORMS[form_of(path)].read(path, names, largest)
    except MemoryError:
        raise Trouble(
            "{path} needs more memory than there is. Choose fewer of its arrays.", path=str(path)
        ) from None
    missing = [name for name in names if name not in found]
    if missing:
        raise Trouble(
            "{path} has no array {missing}: there are {names}.",
            path=str(path),
            missing=", ".join(missing),
            names=", ".join(found) or ", ".join(describe_arrays(path)),
        )
    return {name: found[name] for name in names} if names else found
