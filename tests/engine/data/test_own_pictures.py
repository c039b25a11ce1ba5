"""A person's own folder of pictures: the conventions, what a network gets, and what cannot be read."""

from __future__ import annotations

import csv
from pathlib import Path

import attrs
import numpy as np
import pytest
from PIL import Image

from engine.data.columns.categories import LabelsColumn
from engine.data.columns.images import GREY, ImageColumn, MaskColumn
from engine.data.opening import open_data
from engine.data.own.folder_files import FolderFiles
from engine.data.prepare import Prepared, prepare, schema
from engine.data.sets.pictures import Digits
from engine.data.settings import DataSettings
from engine.message import Trouble

COUNT = 300


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def digits() -> tuple[np.ndarray, np.ndarray]:
    """Grey pictures N×8×8, uint8 of 0 to 255, and the digits on them."""
    raw = Digits().load()
    pictures = raw.columns["image"][:COUNT, 0]
    return (pictures * 15.9375).astype(np.uint8), raw.columns["label"][:COUNT]


def written(pattern: str = "digits/{label}/{number}.png") -> Path:
    for number, (picture, label) in enumerate(zip(*digits(), strict=True)):
        part = ("train", "validation", "test")[number % 3]
        path = Path(pattern.format(number=number, label=label, part=part))
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(path)
    return Path("digits")


def in_order(prepared: Prepared, column: str) -> tuple[np.ndarray, np.ndarray]:
    """All samples of a column and their rows in the source."""
    parts = (prepared.train, prepared.validation, prepared.test)
    rows = np.concatenate([part.rows for part in parts])  # type: ignore[attr-defined]  # all in memory
    values = np.concatenate([part.batch(slice(None))[column] for part in parts])
    return values[np.argsort(rows)], np.sort(rows)


def test_a_folder_for_each_class() -> None:
    data = open_data(written())
    assert schema(data).columns["image"].shape == (1, 8, 8)
    assert schema(data).classes == tuple("0123456789")
    prepared = prepare(data)
    values, _ = in_order(prepared, "image")
    labels, _ = in_order(prepared, "class")
    pictures, truth = digits()
    order = np.argsort(truth, kind="stable")  # as the folders stand
    np.testing.assert_array_equal(labels, truth[order])
    np.testing.assert_array_equal(values[:, 0], pictures[order].astype(np.float32) / np.float32(255))


def test_a_folder_for_each_part() -> None:
    data = open_data(written("digits/{part}/{label}/{number}.png"))
    known = schema(data)
    assert (known.own_validation, known.own_test) == (100, 100)
    prepared = prepare(data)
    assert [len(part) for part in (prepared.train, prepared.validation, prepared.test)] == [100, 100, 100]
    assert known.classes == tuple("0123456789")


def test_a_table_beside_the_pictures() -> None:
    folder = written("digits/{number}.png")
    _, labels = digits()
    with open(folder / "metadata.csv", "w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["file_name", "digit", "weight"])
        rows.writerows([f"{number}.png", label, number / 7] for number, label in enumerate(labels))
    data = open_data(folder, "digit")
    assert isinstance(data.columns[0].type, ImageColumn)
    assert [(one.name, one.role) for one in data.columns] == [
        ("image", "input"),
        ("digit", "target"),
        ("weight", "input"),
    ]
    values, _ = in_order(prepare(data), "digit")
    np.testing.assert_array_equal(values, labels)


def test_pictures_with_masks() -> None:
    pictures, _ = digits()
    for folder in ("images", "masks"):
        Path("digits", folder).mkdir(parents=True)
    for number, picture in enumerate(pictures[:60]):
        Image.fromarray(picture).save(f"digits/images/{number}.png")
        Image.fromarray(((picture > 100) * 255).astype(np.uint8)).save(f"digits/masks/{number}.png")
    data = open_data(Path("digits"))
    (_, mask) = data.columns
    assert mask.type == MaskColumn(height=8, width=8, values=(0, 255), names=("no", "yes"))
    assert mask.role == "target"
    prepared = prepare(data)
    values, rows = in_order(prepared, "mask")
    np.testing.assert_array_equal(values[:, 0], pictures[rows] > 100)


def test_another_size_and_colour_follow_the_settings() -> None:
    data = open_data(written())
    image = ImageColumn(height=5, width=7)
    columns = (data.columns[0].with_setting("type", image), *data.columns[1:])
    data = attrs.evolve(data, columns=columns)
    assert schema(data).columns["image"].shape == (3, 5, 7)
    assert prepare(data).train.batch(slice(0, 2))["image"].shape == (2, 3, 5, 7)


def broken(folder: Path) -> DataSettings:
    data = open_data(folder)
    for number in ("4", "11"):
        (path,) = folder.glob(f"*/{number}.png")
        path.write_bytes(path.read_bytes()[:60])
    return open_data(folder, source=FolderFiles()) if data else data


def test_what_cannot_be_read_stops_or_is_skipped_and_counted() -> None:
    data = broken(written())
    with pytest.raises(Trouble, match=r"2 files cannot be read; the first is .*\.png"):
        prepare(data)
    prepared = prepare(attrs.evolve(data, unreadable="skip"))
    assert prepared.schema.samples == COUNT - 2
    assert [Path(one.place).name for one in prepared.skipped] == ["11.png", "4.png"]


def test_a_folder_that_says_nothing_of_its_pictures() -> None:
    with pytest.raises(Trouble, match="nothing is known of them: expected a folder for each class"):
        open_data(written("digits/{number}.png"))


def test_what_is_drawn_on_pictures_as_names_and_as_cuttings() -> None:
    import json

    pictures, labels = digits()
    Path("digits").mkdir()
    for number in range(0, 120, 2):
        Image.fromarray(np.hstack(pictures[number : number + 2])).save(f"digits/{number}.png")
    things = [
        {"id": n, "image_id": n - n % 2, "category_id": int(labels[n]), "bbox": [8 * (n % 2), 0, 8, 8]}
        for n in range(120)
    ]
    images = [{"id": n, "file_name": f"{n}.png", "width": 16, "height": 8} for n in range(0, 120, 2)]
    coco = {
        "images": images,
        "annotations": things,
        "categories": [{"id": n, "name": f"digit {n}"} for n in range(10)],
    }
    Path("digits/annotations.json").write_text(json.dumps(coco), encoding="utf-8")
    data = open_data(Path("digits"))
    assert data.columns[1].type == LabelsColumn(names=tuple(f"digit {n}" for n in range(10)), separator="|")
    values, rows = in_order(prepare(data), "classes")
    for row, seen in zip(rows, values, strict=True):
        assert set(np.flatnonzero(seen)) == set(labels[2 * row : 2 * row + 2].tolist())
    cut = open_data(Path("digits"), source=FolderFiles(annotated="each thing by itself"))
    assert [(one.name, one.role) for one in cut.columns] == [
        ("image", "input"),
        ("picture", "group"),
        ("class", "target"),
    ]
    sides = [{row // 2 for row in part.rows} for part in (prepare(cut).train, prepare(cut).test)]  # type: ignore[attr-defined]  # all in memory
    assert not sides[0] & sides[1]
    image = ImageColumn(height=8, width=8, channels=GREY)
    cut = attrs.evolve(cut, columns=(cut.columns[0].with_setting("type", image), *cut.columns[1:]))
    made, rows = in_order(prepare(cut), "image")
    np.testing.assert_array_equal(made[:, 0], pictures[rows].astype(np.float32) / np.float32(255))
