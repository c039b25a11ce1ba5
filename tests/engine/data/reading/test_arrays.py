"""The same small arrays come back from every format; what is damaged or hostile is a sentence."""

from __future__ import annotations

import gzip
import os
import random
import struct
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import h5py
import numpy as np
import pytest
from safetensors.numpy import save_file

from engine.data.reading.arrays import describe_arrays, read_arrays
from engine.data.reading.cifar import read_cifar
from engine.message import Trouble
from tests.engine.data.reading.made import saved

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (5, 3, 32, 32)).astype(np.uint8)
LABELS = np.array([0, 9, 3, 3, 7])
IDX_TYPES = {"uint8": 8, "int8": 9, "int16": 11, "int32": 12, "float32": 13, "float64": 14}


def idx_bytes(values: np.ndarray) -> bytes:
    head = bytes((0, 0, IDX_TYPES[values.dtype.name], values.ndim)) + struct.pack(
        f">{values.ndim}I", *values.shape
    )
    return head + values.astype(values.dtype.newbyteorder(">")).tobytes()


def npy(path: Path) -> None:
    np.save(path, IMAGES)


def npz(path: Path) -> None:
    np.savez(path, image=IMAGES, label=LABELS)


def npz_packed(path: Path) -> None:
    np.savez_compressed(path, image=IMAGES, label=LABELS)


def safetensors(path: Path) -> None:
    save_file({"image": IMAGES, "label": LABELS}, path)


def hdf5(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file.create_dataset("image", data=IMAGES, compression="gzip")
        file["label"] = LABELS


def idx(path: Path) -> None:
    path.write_bytes(idx_bytes(IMAGES))


def idx_packed(path: Path) -> None:
    path.write_bytes(gzip.compress(idx_bytes(IMAGES), mtime=0))


def cifar(path: Path) -> None:
    rows = [bytes((label,)) + image.tobytes() for label, image in zip(LABELS, IMAGES, strict=True)]
    path.write_bytes(b"".join(rows))


FORMS: dict[str, Callable[[Path], None]] = {
    "image.npy": npy,
    "x.npz": npz,
    "packed.npz": npz_packed,
    "x.safetensors": safetensors,
    "x.h5": hdf5,
    "image-idx4-ubyte": idx,
    "image-idx4-ubyte.gz": idx_packed,
    "data_batch_1.bin": cifar,
}


@pytest.mark.parametrize("name", FORMS)
def test_every_format_reads_the_same_arrays(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    FORMS[name](path)
    found, described = read_arrays(path), describe_arrays(path)
    np.testing.assert_array_equal(found["image"], IMAGES)
    assert found["image"].dtype == np.uint8
    if "label" in found:
        np.testing.assert_array_equal(found["label"], LABELS)
        assert list(read_arrays(path, ("label",))) == ["label"]
    assert {one: (values.shape, values.dtype) for one, values in found.items()} == {
        one: (facts.shape, facts.dtype) for one, facts in described.items()
    }
    with pytest.raises(Trouble, match=r"has no array mask: there are image"):
        read_arrays(path, ("mask",))


def test_one_array_is_mapped_and_not_read(tmp_path: Path) -> None:
    npy(tmp_path / "x.npy")
    assert isinstance(read_arrays(tmp_path / "x.npy")["x"], np.memmap)
    np.save(tmp_path / "none.npy", np.zeros((0, 3)))
    assert read_arrays(tmp_path / "none.npy")["none"].shape == (0, 3)


@pytest.mark.parametrize("dtype", [*IDX_TYPES, ">f8", "bool", "float16", "<U3", "S2"])
def test_types_of_numbers_and_texts(dtype: str, tmp_path: Path) -> None:
    values = np.array([[0, 1], [2, 3]]).astype(dtype)
    np.save(tmp_path / "x.npy", values)
    found = read_arrays(tmp_path / "x.npy")["x"]
    assert found.dtype.isnative
    np.testing.assert_array_equal(found, values)
    if dtype in IDX_TYPES:
        read = read_arrays(saved(tmp_path / "x.idx", idx_bytes(values)))["x"]
        assert read.dtype == values.dtype
        assert read.flags.writeable
        np.testing.assert_array_equal(read, values)


def test_texts_of_hdf5(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["a/names"] = ["猫", "a dog"]
    found = read_arrays(tmp_path / "x.h5")
    assert {name: values.tolist() for name, values in found.items()} == {"a/names": ["猫", "a dog"]}


def test_cifar_of_a_folder(tmp_path: Path) -> None:
    rows = [bytes((3, label)) + image.tobytes() for label, image in zip(LABELS, IMAGES, strict=True)]
    saved(tmp_path / "train.bin", b"".join(rows[:3]))
    saved(tmp_path / "test.bin", b"".join(rows[3:]))
    saved(tmp_path / "fine_label_names.txt", b"apple\nfish\n\n")
    found = read_cifar(tmp_path)
    np.testing.assert_array_equal(found.images, IMAGES)
    assert found.labels["fine"].tolist() == LABELS.tolist()
    assert found.labels["coarse"].tolist() == [3] * 5
    assert found.classes["fine"] == ("apple", "fish")
    assert found.parts is not None
    assert found.parts.tolist() == ["train"] * 3 + ["test"] * 2
    assert describe_arrays(tmp_path)["image"].shape == (5, 3, 32, 32)


# --------------------------------------------------------------------------- what is damaged or hostile


def claims(shape: tuple[int, ...], dtype: str = "<f8") -> bytes:
    """The header of an NPY of that shape, and no numbers."""
    file = BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": dtype, "fortran_order": False, "shape": shape})
    return file.getvalue()


class Harm:
    """What a pickle runs as it is read."""

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, ("touch harmed",)


def harmful() -> bytes:
    file = BytesIO()
    np.save(file, np.array([Harm()], object), allow_pickle=True)
    return file.getvalue()


def zipped(name: str, data: bytes) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("x.npy", b"", "breaks off or is damaged"),
        ("x.npy", claims((10**12,)), "claims 8,000,000,000,000 bytes and has 0"),
        ("x.npy", claims((2**62, 2**62)), "claims"),
        ("x.npy", harmful(), "holds Python objects, where numbers or texts were expected"),
        ("x.npy", claims((1,), "<c16") + bytes(16), "holds complex128"),
        ("x.npy", claims((10**12,), "<U0"), "holds <U0"),
        ("x.npy", claims((-1,)), "breaks off or is damaged|negative"),
        ("x.npy", b"\x93NUMPY\x01\0\xff\xff" + b"(" * 65535, "breaks off or is damaged"),
        ("x.npz", zipped("x.npy", claims((10**12,))), "the array x claims more than there is"),
        ("x.npz", zipped("x.npy", harmful()), "holds Python objects"),
        ("x.npz", zipped("x.txt", b""), "holds 0 NumPy arrays"),
        ("x.npz", b"PK\x03\x04", "breaks off or is damaged"),
        ("x.safetensors", struct.pack("<Q", 2**60) + b"{}", "breaks off or is damaged"),
        ("x.safetensors", b"", "breaks off or is damaged"),
        ("x.h5", b"\x89HDF\r\n\x1a\n", "breaks off or is damaged"),
        ("x.h5", b"words", "breaks off or is damaged"),
        ("x-idx1-ubyte", b"\0\0\x07\x01", "is no IDX file: expected to begin with 0, 0"),
        ("x-idx1-ubyte", b"\0\0\x08\x02\0\0", "its shape breaks off"),
        ("x-idx1-ubyte", b"\0\0\x08\x01\0\0\0\x02x", r"it claims 2 bytes, which|it claims 2 bytes and has 1"),
        ("x-idx1-ubyte", b"\0\0\x08\x01\0\0\0\x02xxx", "more follows than its 2 bytes"),
        ("x-idx4-ubyte", b"\0\0\x0e\x04" + b"\xff" * 16, "which cannot be in it"),
        ("x-idx4-ubyte.gz", gzip.compress(b"\0\0\x0e\x04" + b"\xff" * 16, mtime=0), "which cannot be in it"),
        (
            "x-idx1-ubyte.gz",
            gzip.compress(b"\0\0\x08\x01\0\0\0\x64", mtime=0)[:-9],
            "breaks off or is damaged",
        ),
        ("x.bin", b"", "has 0 bytes, where CIFAR has 3,073 or 3,074"),
        ("x.bin", bytes(5000), "has 5,000 bytes, where CIFAR"),
        ("x.bin", b"\x0b" + bytes(3072), "its picture 1 has the class 11"),
        ("x.xyz", b"words", "holds no arrays that can be read: expected npy"),
    ],
)
def test_what_is_no_array_is_a_sentence(name: str, data: bytes, sentence: str, tmp_path: Path) -> None:
    path = saved(tmp_path / name, data)
    with pytest.raises(Trouble, match=sentence) as caught:
        read_arrays(path)
    assert str(path) in str(caught.value)
    assert not (tmp_path / "harmed").exists()


def test_what_lies_outside_a_file_is_not_read(tmp_path: Path) -> None:
    secret = saved(tmp_path / "secret", bytes(range(16)))
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["hidden"] = LABELS
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["links/soft"] = h5py.SoftLink("/label")
        file["links/out"] = h5py.ExternalLink("other.h5", "/hidden")
        file["links/circle"] = file["links"]
        file["label"] = LABELS
    assert list(read_arrays(tmp_path / "x.h5")) == ["label"]
    with h5py.File(tmp_path / "y.h5", "w") as file:
        file.create_dataset("data", (16,), "u1", external=[(str(secret), 0, 16)])
    with pytest.raises(Trouble, match="the array data lies in another file, which is not read"):
        read_arrays(tmp_path / "y.h5")
    layout = h5py.VirtualLayout((5,), "i8")
    layout[:] = h5py.VirtualSource("other.h5", "hidden", (5,))
    with h5py.File(tmp_path / "z.h5", "w") as file:
        file.create_virtual_dataset("data", layout)
    with pytest.raises(Trouble, match="lies in another file"):
        read_arrays(tmp_path / "z.h5")


def test_more_than_fits_is_said_before_it_is_read(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file.create_dataset("data", (10**12,), "f8", chunks=(1000,))
    with pytest.raises(Trouble, match=r"claims 8\.0 TB of arrays, but at most"):
        read_arrays(tmp_path / "x.h5")
    npz_packed(tmp_path / "x.npz")
    with pytest.raises(Trouble, match="but at most 0 KB are read at once"):
        read_arrays(tmp_path / "x.npz", largest=100)


def test_what_is_no_ordinary_file_is_not_waited_for(tmp_path: Path) -> None:
    for name in ("x.npy", "x.npz", "x.h5", "x.safetensors", "x-idx1-ubyte", "x.bin"):
        os.mkfifo(tmp_path / name)
        with pytest.raises(Trouble, match="it is no ordinary file"):
            read_arrays(tmp_path / name)
        with pytest.raises(Trouble, match="No such file"):
            read_arrays(tmp_path / "gone" / name)
    with pytest.raises(Trouble, match="is a folder without arrays"):
        read_arrays(tmp_path)


@pytest.mark.parametrize("name", FORMS)
def test_a_damaged_file_is_arrays_or_a_sentence(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    FORMS[name](path)
    data, chance = path.read_bytes(), random.Random(name)
    for _ in range(60):
        hurt = bytearray(data[: chance.randrange(len(data))] if chance.random() < 0.3 else data)
        for _ in range(chance.choice((1, 1, 2, 8)) if hurt else 0):
            hurt[chance.randrange(min(len(hurt), chance.choice((150, len(hurt)))))] ^= 1 << chance.randrange(
                8
            )
        path.write_bytes(hurt)
        try:
            found = read_arrays(path, largest=2**26)
        except Trouble:
            continue
        assert all(isinstance(values, np.ndarray) for values in found.values())
