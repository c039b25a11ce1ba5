"""A person's own arrays: files of every form give the samples of the sets from which they were written."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Callable
from pathlib import Path

import attrs
import numpy as np
import pytest

from engine.data.columns.arrays import ArrayColumn
from engine.data.columns.categories import CategoryColumn
from engine.data.columns.images import ImageColumn
from engine.data.opening import open_data
from engine.data.overview import overview
from engine.data.prepare import Prepared, prepare, schema
from engine.data.sample_looks import looked_at, sample_look
from engine.data.sets.pictures import Digits, Fashion
from engine.data.sets.tables import Iris
from engine.data.source import Source
from engine.data.streaming import StreamedDataset
from engine.message import Trouble

Arrays = dict[str, np.ndarray]
COUNT = 400


def written_npz(arrays: Arrays) -> Path:
    np.savez("set.npz", **arrays)  # type: ignore[arg-type]  # arrays by their names
    return Path("set.npz")


def written_safetensors(arrays: Arrays) -> Path:
    from safetensors.numpy import save_file

    save_file({name: np.ascontiguousarray(values) for name, values in arrays.items()}, "set.safetensors")
    return Path("set.safetensors")


def written_hdf5(arrays: Arrays) -> Path:
    h5py = pytest.importorskip("h5py")
    with h5py.File("set.h5", "w") as file:
        for name, values in arrays.items():
            file[f"data/{name}"] = values
    return Path("set.h5")


def written_npy(arrays: Arrays) -> Path:
    for name, values in arrays.items():
        np.save(f"{name}.npy", values)
    return Path(f"{next(iter(arrays))}.npy")


def written_idx(arrays: Arrays) -> Path:
    types = {"uint8": (8, ">u1"), "int64": (12, ">i4"), "float64": (14, ">f8"), "float32": (13, ">f4")}
    for name, values in arrays.items():
        number, kind = types[values.dtype.name]
        head = struct.pack(f">BBBB{values.ndim}I", 0, 0, number, values.ndim, *values.shape)
        Path(f"{name}-idx{values.ndim}.gz").write_bytes(
            gzip.compress(head + values.astype(kind).tobytes(), 1)
        )
    return Path(f"{next(iter(arrays))}-idx{next(iter(arrays.values())).ndim}.gz")


WRITTEN = {
    "npz": written_npz,
    "safetensors": written_safetensors,
    "hdf5": written_hdf5,
    "npy": written_npy,
    "idx": written_idx,
}


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def whole(prepared: Prepared, column: str) -> np.ndarray:
    """All samples of a column in their own units, as they stand in the source."""
    parts = (prepared.train, prepared.validation, prepared.test)
    rows = np.concatenate([part.rows for part in parts])  # type: ignore[attr-defined]  # a person's own
    values = np.concatenate([prepared.decode(column, part.batch(slice(None))[column]) for part in parts])
    found: np.ndarray = values[np.argsort(rows)]
    return found


def first(source: Source, column: str, target: str, count: int = COUNT) -> Arrays:
    raw = source.load().columns
    every = max(1, len(raw[target]) // count)
    return {"x": raw[column][::every], "label": raw[target][::every]}


@pytest.mark.parametrize("form", WRITTEN)
@pytest.mark.parametrize(
    ("source", "column", "target", "white"),
    [(Fashion(), "image", "label", 255), (Digits(), "image", "label", 1), (Iris(), "features", "species", 1)],
    ids=["fashion", "digits", "iris"],
)
def test_arrays_of_every_form_give_the_samples_of_the_set(
    form: str, source: Source, column: str, target: str, white: int
) -> None:
    arrays = first(source, column, target)
    if white == 255:
        arrays["x"] = arrays["x"].astype(np.uint8)
    data = open_data(WRITTEN[form](arrays))
    known = schema(data)
    (inputs,), labels = known.inputs, known.target
    assert labels.endswith("label")
    assert known.columns[inputs].shape == source.schema().columns[column].shape
    assert known.classes == tuple(map(str, range(len(source.schema().classes))))
    prepared = prepare(data)
    np.testing.assert_array_equal(whole(prepared, labels), arrays["label"])
    np.testing.assert_allclose(whole(prepared, inputs) * white, arrays["x"], rtol=1e-5, atol=1e-5)
    if white == 255:  # what the network gets is the very same
        ours = prepared.scalers[inputs].forward(whole(prepared, inputs))
        np.testing.assert_array_equal(ours, (arrays["x"] / 255).astype(np.float32))


@pytest.mark.parametrize(
    ("shape", "dtype", "expected"),
    [
        ((9, 12), "uint8", ImageColumn(height=9, width=12, channels="grey")),
        ((9, 12, 3), "uint8", ImageColumn(height=9, width=12)),
        ((3, 9, 12), "uint16", ImageColumn(height=9, width=12)),
        ((9, 12, 4), "float32", ImageColumn(height=9, width=12, channels="colour and opacity")),
        ((9, 12), "float32", ArrayColumn(shape=(9, 12))),
        ((5,), "float64", ArrayColumn(shape=(5,))),
    ],
)
def test_shapes_and_types_say_what_an_array_is(
    shape: tuple[int, ...], dtype: str, expected: ImageColumn | ArrayColumn
) -> None:
    stream = np.random.default_rng(0)
    values = stream.random((60, *shape))
    values = values if dtype.startswith("float") else values * np.iinfo(dtype).max
    np.savez("set.npz", x=values.astype(dtype), y=np.arange(60) % 2)
    data = open_data(Path("set.npz"))
    assert data.columns[0].type == expected
    assert isinstance(data.columns[1].type, CategoryColumn)
    assert prepare(data).train.batch(slice(0, 1))["x"].shape == (1, *schema(data).columns["x"].shape)


def test_the_parts_that_names_tell_are_those_that_train_and_test() -> None:
    stream = np.random.default_rng(0)
    for part, count in (("train", 60), ("t10k", 20)):
        written_idx(
            {
                f"{part}-images": stream.integers(0, 255, (count, 8, 8)).astype(np.uint8),
                f"{part}-labels": (np.arange(count) % 3).astype(np.uint8),
            }
        )
    for path in (Path("train-images-idx3.gz"), Path.cwd()):
        data = open_data(path)
        assert (schema(data).samples, schema(data).own_test) == (80, 20)
        assert [one.name for one in data.columns] == ["images", "labels"]
        assert prepare(data).test.rows.tolist() == list(range(60, 80))  # type: ignore[attr-defined]


def test_the_parts_of_one_file() -> None:
    half = {"x": np.random.default_rng(0).random((50, 4)), "y": np.arange(50) % 2}
    np.savez("mnist.npz", x_train=half["x"], y_train=half["y"], x_test=half["x"][:10], y_test=half["y"][:10])
    data = open_data(Path("mnist.npz"))
    assert schema(data).own_test == 10
    assert schema(data).inputs == ("x",)


def test_cifar_with_the_names_of_its_classes() -> None:
    stream = np.random.default_rng(0)
    Path("cifar").mkdir()
    for name in ("data_batch_1.bin", "test_batch.bin"):
        rows = stream.integers(0, 255, (40, 3073)).astype(np.uint8)
        rows[:, 0] = np.arange(40) % 10
        Path("cifar", name).write_bytes(rows.tobytes())
    names = "airplane automobile bird cat deer dog frog horse ship truck"
    Path("cifar", "batches.meta.txt").write_text("\n".join(names.split()))
    data = open_data(Path("cifar"))
    assert set(schema(data).classes) == set(names.split())
    assert schema(data).columns["image"].shape == (3, 32, 32)
    assert schema(data).own_test == 40
    assert len(prepare(data).test) == 40


def test_an_array_in_a_file_is_read_as_it_is_wanted() -> None:
    stream = np.random.default_rng(0)
    path = written_npy({"x": stream.random((300, 6, 5)), "y": np.arange(300) % 2})
    data = open_data(path)
    one, other = (prepare(attrs.evolve(data, loading=way)) for way in ("memory", "stream"))
    assert isinstance(other.train, StreamedDataset)
    assert one.scalers == other.scalers
    for name, values in one.train.batch(slice(None)).items():
        np.testing.assert_array_equal(values, other.train.batch(slice(None))[name])
    np.save("x.npy", stream.random((300, 6, 5)) + 1)
    with pytest.raises(Trouble, match=r"x\.npy has changed since"):
        other.train.batch(slice(0, 3))


def test_missing_numbers_of_an_array_are_left_out_on_both_roads() -> None:
    values = np.random.default_rng(0).random((300, 6))
    values[7, 3] = np.nan
    data = open_data(written_npy({"x": values, "y": np.arange(300) % 2}))
    for way in ("memory", "stream"):
        prepared = prepare(attrs.evolve(data, loading=way))
        assert [(one.place, one.count) for one in prepared.skipped] == [("x.npy, sample 8", 1)]


def test_what_has_other_samples_is_left_out_and_said() -> None:
    np.savez("set.npz", x=np.zeros((30, 4)), y=np.arange(30) % 2, mean=np.zeros(4), size=3)
    data = open_data(Path("set.npz"))
    assert [one.name for one in data.columns] == ["x", "y"]
    assert "mean, size" in str(prepare(data).noticed[0])


@pytest.mark.parametrize("write", [written_npz, written_npy])
def test_an_array_alone_is_said_to_lack_answers(write: Callable[[Arrays], Path]) -> None:
    with pytest.raises(Trouble, match="expected another of as many"):
        open_data(write({"x": np.zeros((30, 4))}))


def test_the_data_page_shows_pictures_of_arrays() -> None:
    data = open_data(written_npy({"x": np.full((40, 8, 9), 7, np.uint8), "y": np.arange(40) % 2}))
    for way in ("memory", "stream"):
        seen = overview(attrs.evolve(data, loading=way))
        (frame,) = sample_look(looked_at(seen), 3, 96).frames
        assert frame.shape == (8, 9, 1)
