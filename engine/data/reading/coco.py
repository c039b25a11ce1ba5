"""Reads COCO's annotations: one JSON that names pictures, categories, boxes, and outlines or areas."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

import numpy as np
from attrs import frozen

from engine.data.reading.annotations import (
    Boxes,
    Outline,
    Polygon,
    Thing,
    around,
    boxes_of,
    clipped,
    run_lengths,
    seen,
    unpacked_counts,
)
from engine.data.reading.content import Content, part_in, part_of
from engine.data.reading.listing import Listing
from engine.data.reading.places import Places
from engine.data.reading.walking import folder_of, joined
from engine.files import checked_json
from engine.files.checked_json import anything, items, members, number, text, whole
from engine.files.reading import ordinary, read_bytes
from engine.message import Message, Trouble

LARGEST = 2**30  # bytes of a file: that of COCO's own 118,287 pictures has 448 million
MOST = 50_000_000  # entries of a list
_KEYS = (b'"images"', b'"annotations"', b'"categories"')
_LONGEST_KEY = max(map(len, _KEYS))
_CHUNK = 2**22  # bytes
_MOST_SNIFFED = 64  # files
_OFTEN = 1024  # pictures between two looks at whether somebody cancelled

Name = int | str
"""How COCO calls pictures and categories: by a number, or some by a text."""

_FILE = members(
    ("images", "annotations", "categories"),
    images=items(anything(), MOST),
    annotations=items(anything(), MOST),
    categories=items(anything(), MOST),
)
_PICTURE = members(
    ("file_name", "width", "height"), file_name=text(4096), width=whole(1, 10**6), height=whole(1, 10**6)
)
_CATEGORY = members(("name",), name=text(1000))
_BOX = items(number(), 4)
_AREA = members(("size", "counts"), size=items(whole(1, 10**6), 2))


def fits(content: Content) -> bool:
    """Whether there is a JSON of that kind."""
    return content.medium == "image" and bool(_described(content))


def read(content: Content) -> Listing:
    """A row for each picture that is named and there, with its boxes, also where it has none."""
    described = _described(content) or content.described_by((".json",))[:1]
    if not described:
        raise Trouble("{path} holds no annotations in COCO's form (.json).", path=str(content.tree.root))
    files = [joined(folder, name) for folder, names in content.files.items() for name in names]
    places = Places(content.tree.root, files)
    names: dict[str, int] = {}
    rows: list[str] = []
    boxes: list[Boxes] = []
    parts: list[str] = []
    for description in described:
        part = _part_of_file(description)
        for file, things in _File(content, description, places, part, names).rows():
            rows.append(file)
            boxes.append(things)
            parts.append(part_in(folder_of(file)) or part)
    for file in places.unnamed():
        content.tree.skips.file(file, "No entry of {name} names it.", name=described[0])
    classes = tuple(names)
    told = parts if len(set(parts)) > 1 and all(parts) else ()
    columns: dict[str, Sequence[Any]] = {
        "file": rows,
        "boxes": boxes,
        "classes": [seen(one, classes) for one in boxes],
    }
    return content.listing("coco", columns, told, used=described, classes=classes)


def _described(content: Content) -> list[str]:
    """The files with annotations. Of COCO's own several about the same pictures, those with boxes."""
    if content.description:
        return [content.description]
    found = [path for path in content.described_by((".json",))[:_MOST_SNIFFED] if _is_coco(content, path)]
    instances = [path for path in found if PurePosixPath(path).name.startswith("instances")]
    return instances or found


def _is_coco(content: Content, path: str) -> bool:
    """Whether a JSON names all that COCO's does, wherever in it."""
    missing, before = set(_KEYS), b""
    try:
        with ordinary(content.tree.path(path), LARGEST) as file:
            while missing and (chunk := file.read(_CHUNK)):
                if not before and not chunk.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
                    return False
                text = before + chunk
                missing -= {key for key in missing if key in text}
                before = text[-_LONGEST_KEY:]
    except (OSError, Trouble):
        return False
    return not missing


def _part_of_file(path: str) -> str:
    """The part that a file's name or folder says, as in instances_val2017.json."""
    words = re.split(r"[^A-Za-z]+", PurePosixPath(path).stem)
    named = {part for word in words if (part := part_of(word))}
    return named.pop() if len(named) == 1 else part_in(folder_of(path))


@frozen
class _Picture:
    file: str
    height: int
    width: int


class _File:
    """One JSON of annotations. `classes` are the names of all files so far, with their numbers."""

    def __init__(
        self, content: Content, description: str, places: Places, part: str, classes: dict[str, int]
    ) -> None:
        self._content, self._name, self._skips = content, description, content.tree.skips
        path = content.tree.path(description)
        try:
            data = checked_json.parse(read_bytes(path, LARGEST).decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise Trouble("{path} is damaged: it is not JSON.", path=str(path)) from None
        except checked_json.Damaged as damaged:
            raise Trouble("{path} is damaged: it {fault}.", path=str(path), fault=damaged.message) from None
        checked_json.must_be(data, _FILE, path)
        self._annotations: list[Any] = data["annotations"]
        self._numbers = self._categories(data["categories"], classes)
        self._pictures = self._found(data["images"], places, part)

    def _categories(self, categories: list[Any], classes: dict[str, int]) -> dict[Name, int]:
        numbers: dict[Name, int] = {}
        for index, category in enumerate(categories):
            if checked_json.fits(_CATEGORY, category) and isinstance(category.get("id"), Name):
                numbers[category["id"]] = classes.setdefault(category["name"], len(classes))
            else:
                self._skip("categories", index, Message("it has no id or no name"))
        return numbers

    def _found(self, pictures: list[Any], places: Places, part: str) -> dict[Name, _Picture]:
        folder = folder_of(self._name)
        found: dict[Name, _Picture] = {}
        for index, picture in enumerate(pictures):
            if index % _OFTEN == 0:
                self._content.go_on(index)
            if not checked_json.fits(_PICTURE, picture) or not isinstance(picture.get("id"), Name):
                self._skip("images", index, Message("it has no id, file_name, width or height"))
                continue
            files = places.find_anywhere(folder, picture["file_name"])
            if len(files) > 1:  # the same name in the folders of several parts
                files = [file for file in files if part_in(folder_of(file)) == part]
            if len(files) != 1:
                self._skip(
                    "images",
                    index,
                    Message("its file {file} is not there, or there are several", file=picture["file_name"]),
                )
                continue
            places.take(files[0])
            found[picture["id"]] = _Picture(files[0], picture["height"], picture["width"])
        return found

    def rows(self) -> list[tuple[str, Boxes]]:
        """The pictures that are there, each with what is on it."""
        things: dict[Name, list[Thing]] = defaultdict(list)
        for index, annotation in enumerate(self._annotations):
            if index % _OFTEN == 0:
                self._content.go_on(index)
            if not isinstance(annotation, dict):
                self._skip("annotations", index, Message("it is no object"))
                continue
            names = annotation.get("image_id"), annotation.get("category_id")
            if not all(isinstance(name, Name) for name in names) or names[1] not in self._numbers:
                self._skip("annotations", index, Message("its picture or category is not declared"))
            elif names[0] in self._pictures:  # of a picture that is not there, that is said already
                picture = self._pictures[names[0]]
                outline = _outline(annotation.get("segmentation"), picture)
                corners = _corners(annotation.get("bbox"), picture) or clipped(around(outline) or ())
                if corners:
                    things[names[0]].append((corners, self._numbers[names[1]], outline))
                else:
                    self._skip("annotations", index, Message("its box has no area within the picture"))
        return [(picture.file, boxes_of(things[name])) for name, picture in self._pictures.items()]

    def _skip(self, which: str, index: int, reason: Message) -> None:
        template = "Entry {index} of {which} is left out: {reason}."
        self._skips.file(self._name, template, index=index, which=which, reason=reason)


def _corners(box: Any, picture: _Picture) -> tuple[float, float, float, float] | None:
    """COCO's left, top, width, height in pixels."""
    if not checked_json.fits(_BOX, box) or len(box) != 4:
        return None
    left, top, wide, high = box
    return clipped(
        (
            left / picture.width,
            top / picture.height,
            (left + wide) / picture.width,
            (top + high) / picture.height,
        )
    )


def _outline(segmentation: Any, picture: _Picture) -> Outline:
    """Polygons as lists of x, y, x, y … in pixels, or an area of counts; None where it is neither."""
    if isinstance(segmentation, Mapping):
        return _area(segmentation)
    if not isinstance(segmentation, list) or not segmentation:
        return None
    size = np.array((picture.width, picture.height), np.float32)
    polygons: list[Polygon] = []
    for numbers in segmentation:
        try:
            values = np.array(numbers, np.float32)  # much faster than a look at each of forty million numbers
        except (ValueError, TypeError, OverflowError):
            return None
        if values.ndim != 1 or len(values) < 6 or len(values) % 2 or not np.isfinite(values).all():
            return None
        polygons.append(values.reshape(-1, 2) / size)
    return tuple(polygons)


def _area(segmentation: Mapping[str, Any]) -> Outline:
    if not checked_json.fits(_AREA, segmentation) or len(segmentation["size"]) != 2:
        return None
    height, width = segmentation["size"]
    counts = segmentation.get("counts")
    try:
        numbers = unpacked_counts(counts) if isinstance(counts, str) else list(counts or ())
        return run_lengths(height, width, numbers)
    except (ValueError, TypeError, OverflowError):
        return None
