"""Folders are listed as people have them, in one order everywhere, and what is left out is counted."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import pytest

from engine.data.reading.folders import list_folder
from engine.data.reading.listing import Abandoned
from engine.message import Trouble


def made(root: Path, *files: str) -> Path:
    for file in files:
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    return root


def reasons(listing: object) -> list[tuple[str, str]]:
    return [(one.place, str(one.reason)) for one in listing.skipped]  # type: ignore[attr-defined]  # of a Listing


@pytest.mark.parametrize(
    ("files", "convention", "classes", "parts"),
    [
        (("cat/2.png", "cat/10.png", "dog/1.JPG"), "classes", ["cat", "cat", "dog"], None),
        (("flowers/flowers/rose/1.png", "flowers/flowers/lily/1.png"), "classes", ["lily", "rose"], None),
        (("train/1.png", "bus/1.png", "car/1.png"), "classes", ["bus", "car", "train"], None),
        (("cat/a/1.png", "cat/b/1.png", "dog/1.png"), "classes", ["cat", "cat", "dog"], None),
        (
            ("train/cat/1.png", "train/dog/1.png", "val/cat/1.png", "Test/dog/1.png"),
            "parts",
            ["dog", "cat", "dog", "cat"],
            ["test", "train", "train", "validation"],
        ),
        (("set/train/cat/1.png", "set/dev/dog/1.png"), "parts", ["dog", "cat"], ["validation", "train"]),
        (("train/images/1.png", "test/images/1.png"), "parts", None, ["test", "train"]),
        (("train/cat/1.png", "train/dog/1.png"), "classes", ["cat", "dog"], None),
        (("images/1.png", "images/2.png"), "flat", None, None),
        (("1.png", "2.png"), "flat", None, None),
        (("masks/1.png", "no_mask/1.png"), "classes", ["masks", "no_mask"], None),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_convention_is_recognised(
    files: Sequence[str], convention: str, classes: list[str] | None, parts: list[str] | None, tmp_path: Path
) -> None:
    found = list_folder(made(tmp_path, *files))
    assert (found.media, found.convention) == ("image", convention)
    assert found.columns.get("class") == classes
    assert (None if found.parts is None else list(found.parts)) == parts
    assert sorted(found.columns["file"]) == sorted(files)
    assert not found.skipped
    assert all(path.is_file() for path in found.paths)


def test_the_order_is_natural_and_the_same_everywhere(tmp_path: Path) -> None:
    made(tmp_path, "x10.png", "x2.png", "X1.png", "b 2/猫 🐈.png", "b 10/a.png", "é.png")
    expected = ["X1.png", "x2.png", "x10.png", "é.png", "b 2/猫 🐈.png", "b 10/a.png"]
    assert list_folder(tmp_path, convention="flat").columns["file"] == expected


def test_a_class_is_the_same_in_every_form_of_unicode(tmp_path: Path) -> None:
    composed, taken_apart = (unicodedata.normalize(form, "café") for form in ("NFC", "NFD"))
    found = list_folder(
        made(tmp_path, f"train/{composed}/1.png", f"test/{taken_apart}/1.png", "test/tea/1.png")
    )
    assert set(found.columns["class"]) == {composed, "tea"}


@pytest.mark.parametrize(
    ("files", "media"),
    [
        (("a.png", "b.wav", "c.wav"), "sound"),
        (("a/1.png", "a/1.txt", "b/2.png", "b/2.txt", "read.txt"), "image"),
        (("pos/1.txt", "neg/2.txt"), "text"),
        (("a.mp4", "b.MOV"), "video"),
    ],
)
def test_the_medium_is_what_most_files_are(files: Sequence[str], media: str, tmp_path: Path) -> None:
    assert list_folder(made(tmp_path, *files)).media == media


def test_what_is_left_out_is_counted(tmp_path: Path) -> None:
    root = made(tmp_path / "set", "train/a/1.png", "train/b/2.png", "test/a/3.png", "test/4.png")
    found = list_folder(made(root, "spare/5.png", ".git/6.png", "a.md", "b.md", "Thumbs.db", "LICENCE"))
    assert found.columns["file"] == ["test/a/3.png", "train/a/1.png", "train/b/2.png"]
    assert sorted(text for _, text in reasons(found)) == [
        "1 file beside the folders of the parts, in set/spare",
        "1 file in no class folder, in set/test",
        "1 file without an ending",
        "2 files ending in .md",
        "2 hidden files or folders",
    ]
    assert found.left_out == 7


def test_links_are_followed_to_files_within_the_folder_alone(tmp_path: Path) -> None:
    made(tmp_path, "secret.png", "outside/1.png", "set/a/1.png", "set/b/1.png")
    root = tmp_path / "set"
    for link, target in {
        "a/circle": "..",
        "a/self.png": "self.png",
        "a/out.png": "../../secret.png",
        "a/outside": "../../outside",
        "a/gone.png": "nowhere.png",
        "b/2.png": "../a/1.png",
    }.items():
        os.symlink(target, root / link)
    os.mkfifo(root / "b" / "pipe.png")
    found = list_folder(root)
    assert found.columns["file"] == ["a/1.png", "b/1.png", "b/2.png"]
    assert dict(reasons(found)) == {
        "a/circle": "The link leads to a folder that is read already.",
        "a/self.png": "The link leads nowhere, or in a circle.",
        "a/gone.png": "The link leads nowhere, or in a circle.",
        "a/out.png": "The link leads out of the folder. Copy what it leads to into the folder.",
        "a/outside": "The link leads out of the folder. Copy what it leads to into the folder.",
        "b/pipe.png": "It is no ordinary file.",
    }


def test_a_folder_without_an_end_is_left_where_it_is_too_deep(tmp_path: Path) -> None:
    made(tmp_path, "a/1.png", "b/1.png", "/".join(["a", *["d"] * 60, "2.png"]))
    found = list_folder(tmp_path)
    assert found.columns["file"] == ["a/1.png", "b/1.png"]
    assert [text for _, text in reasons(found)] == ["It lies more than 40 folders deep."]


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    made(tmp_path, "a/1.png", "b/1.png", "c/1.png")
    (tmp_path / "c").chmod(0)
    try:
        found = list_folder(tmp_path)
    finally:
        (tmp_path / "c").chmod(0o700)
    assert reasons(found) == [("c", "The folder cannot be read: Permission denied.")]


def test_a_name_that_is_no_text_is_counted(tmp_path: Path) -> None:
    made(tmp_path, "a/1.png", "b/1.png")
    try:
        (tmp_path / "a" / os.fsdecode(b"\xe9.png")).write_bytes(b"")
    except OSError:
        pytest.skip("this file system takes no such name")
    found = list_folder(tmp_path)
    assert [text for _, text in reasons(found)] == ["1 file whose name is no text. Rename it."]


def test_pairs_of_picture_and_mask(tmp_path: Path) -> None:
    made(tmp_path, "train/images/1.jpg", "train/images/2.jpg", "train/masks/1.png", "train/masks/3.png")
    made(tmp_path, "val/images/1.jpg", "val/masks/1_mask.png")
    found = list_folder(tmp_path)
    assert found.convention == "pairs"
    assert found.columns == {
        "file": ["train/images/1.jpg", "val/images/1.jpg"],
        "mask": ["train/masks/1.png", "val/masks/1_mask.png"],
    }
    assert found.parts is not None
    assert list(found.parts) == ["train", "validation"]
    assert dict(reasons(found)) == {
        "train/images/2.jpg": "The picture has no mask.",
        "train/masks/3.png": "The mask has no picture.",
    }


def test_pairs_by_name(tmp_path: Path) -> None:
    made(
        tmp_path,
        "p1/a.tif",
        "p1/a_mask.tif",
        "p2/a.tif",
        "p2/a_mask.tif",
        "p2/b.tif",
        "p2/b.png",
        "p2/b_mask.tif",
    )
    found = list_folder(tmp_path)
    assert found.columns == {"file": ["p1/a.tif", "p2/a.tif"], "mask": ["p1/a_mask.tif", "p2/a_mask.tif"]}
    assert [path for path, _ in reasons(found)] == ["p2/b.png", "p2/b.tif"]


def test_metadata_names_files_and_their_columns(tmp_path: Path) -> None:
    taken_apart = unicodedata.normalize("NFD", "café.png")
    made(tmp_path, f"train/{taken_apart}", "train/2.png", "test/sub/3.png", "test/4.png", "secret.png")
    (tmp_path / "train" / "metadata.csv").write_text(
        f"file_name,kind\n{unicodedata.normalize('NFC', 'café.png')},cup\n"
        "2.PNG,tea\n../../x.png,no\ngone.png,no\n,no\n"
    )
    (tmp_path / "test" / "metadata.jsonl").write_text(
        '{"kind": "tea", "age": 3, "file_name": "sub\\\\3.png"}\n'
    )
    found = list_folder(tmp_path)
    assert found.convention == "metadata"
    assert found.columns == {
        "file": ["test/sub/3.png", f"train/{taken_apart}", "train/2.png"],
        "kind": ["tea", "cup", "tea"],
        "age": [3, None, None],
    }
    assert found.parts is not None
    assert list(found.parts) == ["test", "train", "train"]
    assert reasons(found) == [
        ("train/metadata.csv", "Row 3 names ../../x.png, which lies outside the folder."),
        ("train/metadata.csv", "Row 4 names gone.png, which is not there."),
        ("train/metadata.csv", "Row 5 names no file."),
        ("secret.png", "No row of test/metadata.jsonl names it."),
        ("test/4.png", "No row of test/metadata.jsonl names it."),
    ]


def test_a_table_with_a_column_of_paths(tmp_path: Path) -> None:
    made(tmp_path, "pictures/1.png", "pictures/2.png", "2.png")
    table = tmp_path / "labels.csv"
    table.write_text(
        f"label,where\na,pictures/1.png\nb,{tmp_path / 'pictures' / '2.png'}\nc,/etc/passwd.png\n"
    )
    found = list_folder(table)
    assert found.columns == {"file": ["pictures/1.png", "pictures/2.png"], "label": ["a", "b"]}
    table.write_text("label,other\na,b\n")
    with pytest.raises(Trouble, match=r"labels\.csv has no column of paths: expected one such as file_name"):
        list_folder(table)


def test_a_million_files_may_be_cancelled(tmp_path: Path) -> None:
    made(tmp_path, "a/1.png", "b/2.png")
    told: list[int] = []
    assert len(list_folder(tmp_path, progress=told.append)) == 2
    assert told == sorted(told)
    assert told[-1] == 2
    with pytest.raises(Abandoned, match="was cancelled"):
        list_folder(tmp_path, cancelled=lambda: True)


@pytest.mark.parametrize(
    ("files", "name", "sentence"),
    [
        ((), "", "holds no pictures, sounds, videos or texts"),
        (("a.md",), "", "holds no pictures, sounds, videos or texts"),
        ((), "gone", "cannot be read: No such file or directory. Was it moved or renamed?"),
        (("a.md",), "a.md", "describes no folder"),
    ],
)
def test_a_folder_without_samples_is_said(
    files: Sequence[str], name: str, sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(Trouble, match=sentence):
        list_folder(made(tmp_path, *files) / name)


def test_a_convention_that_does_not_fit_is_said(tmp_path: Path) -> None:
    made(tmp_path, "1.png")
    with pytest.raises(Trouble, match=r"no image in the convention classes \(1 file in no class folder, in "):
        list_folder(tmp_path, convention="classes")
    with pytest.raises(Trouble, match="no sound in the convention flat"):
        list_folder(tmp_path, media="sound")
    with pytest.raises(Trouble, match="Expected one of metadata, coco, yolo, pairs"):
        list_folder(tmp_path, convention="magic")
    os.symlink(tmp_path / "circle", tmp_path / "circle")
    with pytest.raises(Trouble, match="cannot be read"):
        list_folder(tmp_path / "circle")
