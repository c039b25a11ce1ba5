"""COCO's and YOLO's annotations say the same of the same pictures; what is damaged is named."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.data.reading import annotations
from engine.data.reading.annotations import Boxes, RunLengths, crops, draw_mask, has_outlines
from engine.data.reading.folders import list_folder
from engine.data.reading.listing import Listing
from engine.data.reading.pictures import read_picture
from engine.data.reading.yolo import names_in
from engine.message import Trouble
from tests.engine.data.reading.made import saved, written

HEIGHT, WIDTH = 40, 80
NAMES = ("cat", "a dog", "bird")
THINGS: dict[str, list[tuple[int, tuple[int, int, int, int]]]] = {
    "a.png": [(1, (8, 10, 40, 20)), (0, (0, 0, 16, 8))],
    "b.png": [(1, (40, 0, 40, 40))],
    "empty.png": [],
}
"""By picture: classes with left, top, width and height in pixels."""


def picture(name: str) -> bytes:
    """Black, with each thing in a grey of its class."""
    values = np.zeros((HEIGHT, WIDTH, 1), np.uint8)
    for number, (left, top, wide, high) in THINGS[name]:
        values[top : top + high, left : left + wide] = 100 + number
    return written(values, "png")


def coco(root: Path, outline: str = "polygons") -> Path:
    """The things as COCO writes them, with numbers that are no places in a list."""
    for name in THINGS:
        saved(root / "pictures" / name, picture(name))
    numbered = {name: 70 - index for index, name in enumerate(THINGS)}
    content: dict[str, Any] = {
        "images": [
            {"id": numbered[name], "file_name": name, "height": HEIGHT, "width": WIDTH} for name in THINGS
        ],
        "categories": [{"id": 11 * index + 5, "name": name} for index, name in enumerate(NAMES)],
        "annotations": [
            {
                "id": index,
                "image_id": numbered[name],
                "category_id": 11 * number + 5,
                "bbox": box,
                "segmentation": segmentation(box, outline),
            }
            for name, things in THINGS.items()
            for index, (number, box) in enumerate(things)
        ],
    }
    return saved(root / "annotations" / "instances.json", json.dumps(content).encode())


def segmentation(box: tuple[int, int, int, int], outline: str) -> Any:
    left, top, wide, high = box
    right, bottom = left + wide, top + high
    if outline == "polygons":
        return [[left, top, right, top, right, bottom, left, bottom]]
    area = np.zeros((HEIGHT, WIDTH), bool)
    area[top:bottom, left:right] = True
    counts = lengths(area)
    return {"size": [HEIGHT, WIDTH], "counts": counts if outline == "counts" else packed(counts)}


def lengths(area: np.ndarray) -> list[int]:
    places = area.T.ravel()
    changes = np.flatnonzero(places[1:] != places[:-1]) + 1
    counts = np.diff([0, *changes, len(places)]).tolist()
    return [0, *counts] if places[0] else counts


def packed(counts: list[int]) -> str:
    """As COCO's own tools do it."""
    text = ""
    for index, count in enumerate(counts):
        value = count - counts[index - 2] if index > 2 else count
        while True:
            code, value = value & 31, value >> 5
            more = value != (-1 if code & 16 else 0)
            text += chr((code | 32 if more else code) + 48)
            if not more:
                break
    return text


def yolo(root: Path, outlined: bool = False, beside: bool = False) -> Path:
    for name, things in THINGS.items():
        folder = "all" if beside else "images"
        saved(root / folder / name, picture(name))
        lines = []
        for number, (left, top, wide, high) in things:
            right, bottom = left + wide, top + high
            if outlined:
                values = [left, top, right, top, right, bottom, left, bottom]
            else:
                values = [left + wide / 2, top + high / 2, wide, high]
            shares = [value / (HEIGHT if index % 2 else WIDTH) for index, value in enumerate(values)]
            lines.append(" ".join(map(str, (number, *shares))))
        if things:  # a picture without things has no text
            text = "\n".join(lines) + "\n"
            saved(root / ("all" if beside else "labels") / name.replace("png", "txt"), text.encode())
    saved(root / "data.yaml", b"train: images\nnc: 3\nnames: [cat, 'a dog', \"bird\"] # all\n")
    return root


def listed(form: str, root: Path) -> Listing:
    if form.startswith("coco"):
        coco(root, form.split()[1])
    else:
        yolo(root, "outlined" in form, "beside" in form)
    return list_folder(root)


FORMS = ("coco polygons", "coco counts", "coco packed", "yolo", "yolo outlined", "yolo beside")


@pytest.mark.parametrize("form", FORMS)
def test_every_form_says_the_same(form: str, tmp_path: Path) -> None:
    found = listed(form, tmp_path)
    assert found.convention == form.split()[0]
    assert found.classes == NAMES
    assert not found.skipped
    assert [Path(file).name for file in found.columns["file"]] == list(THINGS)
    assert found.columns["classes"] == [("cat", "a dog"), ("a dog",), ()]
    for boxes, things in zip(found.columns["boxes"], THINGS.values(), strict=True):
        assert isinstance(boxes, Boxes)
        assert boxes.classes.tolist() == [number for number, _ in things]
        expected = [(x / WIDTH, y / HEIGHT, (x + w) / WIDTH, (y + h) / HEIGHT) for _, (x, y, w, h) in things]
        np.testing.assert_allclose(boxes.corners, np.reshape(expected, (-1, 4)), atol=1e-6)


@pytest.mark.parametrize("form", FORMS)
def test_crops_show_one_thing_each(form: str, tmp_path: Path) -> None:
    found = crops(listed(form, tmp_path))
    assert found.columns["class"] == ["a dog", "cat", "a dog"]
    for path, box, name in zip(found.paths, found.columns["box"], found.columns["class"], strict=True):
        assert set(np.unique(read_picture(path, box=box))) == {100 + NAMES.index(name)}


@pytest.mark.parametrize("form", FORMS)
def test_outlines_are_drawn_as_masks(form: str, tmp_path: Path) -> None:
    found = listed(form, tmp_path)
    assert has_outlines(found) == (form not in ("yolo", "yolo beside"))
    if has_outlines(found):
        for path, boxes in zip(found.paths, found.columns["boxes"], strict=True):
            shown = read_picture(path)[0].astype(int)
            expected = np.where(shown > 0, shown - 99, 0)
            np.testing.assert_array_equal(draw_mask(boxes, HEIGHT, WIDTH), expected)


def test_what_is_smaller_lies_above_what_is_larger() -> None:
    square = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float32)
    small, large = annotations.clipped((0.25, 0.25, 0.75, 0.75)), annotations.clipped((0, 0, 1, 1))
    assert small is not None
    assert large is not None
    boxes = annotations.boxes_of([(small, 4, (square / 2 + 0.25,)), (large, 1, (square,))])
    mask = draw_mask(boxes, 8, 8)
    assert mask.dtype == np.int64
    assert (mask[3:5, 3:5] == 5).all()
    assert (mask[0] == 2).all()


def test_the_parts_are_those_of_folders_or_files(tmp_path: Path) -> None:
    for part in ("train", "val"):
        for name in ("1.png", "2.png"):
            saved(tmp_path / f"{part}2017" / name, picture("a.png"))
        images = [{"id": i, "file_name": f"{i}.png", "height": HEIGHT, "width": WIDTH} for i in (1, 2)]
        entry = {"image_id": 1, "category_id": part, "bbox": [1, 1, 9, 9]}
        content = {"images": images, "categories": [{"id": part, "name": part}], "annotations": [entry]}
        path = tmp_path / "annotations" / f"instances_{part}2017.json"
        saved(path, json.dumps(content).encode())
        saved(path.with_name(f"person_keypoints_{part}2017.json"), json.dumps(content).encode())
    found = list_folder(tmp_path)
    assert found.parts is not None
    assert list(found.parts) == ["train", "train", "validation", "validation"]
    assert found.columns["file"] == ["train2017/1.png", "train2017/2.png", "val2017/1.png", "val2017/2.png"]
    assert found.columns["classes"] == [("train",), (), ("val",), ()]
    assert [str(one.reason) for one in found.skipped] == ["2 files ending in .json"]


def test_yolo_parts(tmp_path: Path) -> None:
    for part in ("train", "valid"):
        saved(tmp_path / part / "images" / "1.jpg", b"")
        saved(tmp_path / part / "labels" / "1.txt", b"0 0.5 0.5 0.1 0.1\n")
    saved(tmp_path / "classes.txt", "猫\n".encode())
    found = list_folder(tmp_path)
    assert found.convention == "yolo"
    assert found.parts is not None
    assert list(found.parts) == ["train", "validation"]
    assert found.classes == ("猫",)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("names: [a, b]", ("a", "b")),
        ("names: ['it, is', \"b]c\",\n  d ]\nnc: 3", ("it, is", "b]c", "d")),
        ("names:\n  0: person  # who\n  1: 'a: bike'\nnc: 2", ("person", "a: bike")),
        ("names:\n- a b\n- c\ntrain: x", ("a b", "c")),
        ("names: {0: a, 2: c}", ("a", "1", "c")),
        ("train: x", None),
        ("names:\nnc: 3", None),
        ("names: {999999: a}", None),
    ],
)
def test_the_names_of_classes_in_yaml(text: str, names: tuple[str, ...] | None) -> None:
    assert names_in(text) == names


# --------------------------------------------------------------------------- what is damaged


def test_lines_that_say_nothing_are_named(tmp_path: Path) -> None:
    yolo(tmp_path)
    lines = (
        "9 .5 .5 .1 .1",
        "0 .5 .5 2 .1",
        "x",
        "0 .5 .5",
        "0 .5 .5 0 0",
        "0 nan .5 .1 .1",
        "",
        "2 .5 .5 .1 .1 .9",
    )
    saved(tmp_path / "labels" / "b.txt", "\n".join(lines).encode())
    saved(tmp_path / "labels" / "lost.txt", b"0 .5 .5 .1 .1")
    found = list_folder(tmp_path)
    assert found.columns["classes"][1] == ("bird",)
    assert [(one.place, str(one.reason)) for one in found.skipped] == [
        ("labels/b.txt", "Line 1 is left out: its class is not among those that are declared."),
        ("labels/b.txt", "Line 2 is left out: expected shares of the picture, from 0 to 1."),
        ("labels/b.txt", "Line 3 is left out: expected numbers: class, x, y, width, height."),
        (
            "labels/b.txt",
            "Line 4 is left out: expected class, x, y, width, height, or class and corners.",
        ),
        ("labels/b.txt", "Line 5 is left out: its box has no area within the picture."),
        ("labels/b.txt", "Line 6 is left out: it has a number that is not finite."),
        ("labels/lost.txt", "The labels belong to no picture."),
    ]


def test_entries_that_say_nothing_are_named(tmp_path: Path) -> None:
    path = coco(tmp_path)
    content = json.loads(path.read_text())
    content["annotations"] += [
        7,
        {"image_id": 70, "category_id": 99, "bbox": [0, 0, 1, 1]},
        {"image_id": 70, "category_id": 5, "bbox": [0, 0, -1, 1]},
        {"image_id": 70, "category_id": 5, "bbox": [], "segmentation": {"size": [4, 4], "counts": [3]}},
        {"image_id": 70, "category_id": [], "bbox": [0, 0, 1, 1]},
        {"image_id": 70, "category_id": 5, "segmentation": [[8, 4, 16, 4, 16, 8]]},  # has an outline alone
    ]
    content["images"].append({"id": 5, "file_name": "../../secret.png", "height": 1, "width": 1})
    content["images"].append({"id": 5, "file_name": "a.png", "height": 1e400, "width": 1})
    content["categories"].append({"id": 7})
    path.write_text(json.dumps(content))
    saved(tmp_path / "pictures" / "more.png", b"")
    found = list_folder(tmp_path)
    assert len(found) == 3
    assert len(found.columns["boxes"][0]) == 3
    np.testing.assert_allclose(found.columns["boxes"][0].corners[2], (0.1, 0.1, 0.2, 0.2), atol=1e-6)
    reasons = [str(one.reason) for one in found.skipped]
    assert sorted(reason.split(" ")[1:4:2] for reason in reasons if reason.startswith("Entry")) == [
        *(["3", "annotations"], ["3", "categories"], ["3", "images"]),
        *(["4", "annotations"], ["4", "images"], ["5", "annotations"], ["6", "annotations"]),
        ["7", "annotations"],
    ]
    assert reasons[-1] == "No entry of annotations/instances.json names it."


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b'{"images": [\n1,\n', "breaks off or is damaged in line 3"),
        (b"\xff\xfe\x00", "is not JSON"),
        (b'{"images": 3, "annotations": [], "categories": []}', "has 3 as images where a list"),
        (b'{"images": [], "annotations": []}', "has nothing as categories"),
        (b'{"images": ' + b"[" * 9000 + b"]" * 9000 + b"}", "is nested too deeply"),
        (b"[]", "an object was expected"),
    ],
)
def test_damaged_json_is_named_with_its_line(text: bytes, sentence: str, tmp_path: Path) -> None:
    path = coco(tmp_path)
    path.write_bytes(text)
    with pytest.raises(Trouble, match=rf"instances\.json is damaged: it .*{sentence}|{sentence}"):
        list_folder(tmp_path, convention="coco")


def test_areas_that_fill_nothing_are_none() -> None:
    assert annotations.run_lengths(10**6, 10**6, [10**12]) is None
    assert annotations.run_lengths(2, 2, [1, -1, 4]) is None
    whole = annotations.run_lengths(2, 3, [0, 6])
    assert isinstance(whole, RunLengths)
    assert whole.area().tolist() == [[True] * 3] * 2
    for text in ("é", "P", "\x00", "o" * 99):
        with pytest.raises(ValueError, match=r".*"):
            annotations.unpacked_counts(text)
    counts = [5, 100_000, 3, 7, 90_000, 1]
    assert annotations.unpacked_counts(packed(counts)) == counts


@pytest.mark.parametrize("form", FORMS)
def test_damaged_annotations_are_boxes_or_a_sentence(form: str, tmp_path: Path) -> None:
    listed(form, tmp_path)
    path = tmp_path / "annotations" / "instances.json"
    path = path if path.exists() else next(tmp_path.glob("*/a.txt"))
    text, chance = path.read_bytes(), random.Random(form)
    for _ in range(40):
        hurt = bytearray(text[: chance.randrange(len(text))] if chance.random() < 0.2 else text)
        for _ in range(chance.choice((1, 2, 9)) if hurt else 0):
            hurt[chance.randrange(len(hurt))] = chance.choice(b'0-9e[]{}",. \n\xff\x00nN')
        path.write_bytes(hurt)
        try:
            found = list_folder(tmp_path, convention=form.split()[0])
        except Trouble:
            continue
        for boxes in found.columns["boxes"]:
            assert np.isfinite(boxes.corners).all()
            assert draw_mask(boxes, 8, 8).shape == (8, 8)
