"""Reads YOLO's annotations: a text beside each picture, or in labels/ beside images/, with a thing a line."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from engine.data.reading.annotations import Boxes, Thing, around, boxes_of, clipped, seen
from engine.data.reading.content import Content, parts_in
from engine.data.reading.listing import Listing
from engine.data.reading.places import Places
from engine.data.reading.walking import joined
from engine.files.reading import read_bytes
from engine.message import Message, Trouble

LARGEST = 2**24  # bytes of one picture's labels
MOST_CLASSES = 100_000
_LARGEST_YAML = 2**20
_LOOKED_AT = 1000  # pictures by which the convention is recognised
_OFTEN = 256  # pictures between two looks at whether somebody cancelled
_NAMES = ("classes.txt", "obj.names", "labels.txt")
_YAMLS = (".yaml", ".yml")
_OUTSIDE = 0.01  # share of a picture by which a rounded box may reach out of it


def fits(content: Content) -> bool:
    """Whether at least half of the pictures have labels, and the first of these are numbers."""
    if content.medium != "image":
        return False
    labels = _Labels(content)
    files = labels.pictures[:_LOOKED_AT]
    found = [label for file in files if (label := labels.of(file))]
    if not found:
        return False
    if len(found) * 2 < len(files) and not _yamls(content):
        return False
    things, wrong = _things(_text(content, found[0]))
    return bool(things) or not wrong


def read(content: Content) -> Listing:
    """A row for each picture with its boxes. One without labels is a picture on which nothing is."""
    labels = _Labels(content)
    skips = content.tree.skips
    names = _class_names(content)
    rows: list[str] = []
    boxes: list[Boxes] = []
    used: list[str] = []
    for number, file in enumerate(labels.pictures):
        if number % _OFTEN == 0:
            content.go_on(number)
        label = labels.of(file)
        things: list[Thing] = []
        if label:
            used.append(label)
            try:
                things, wrong = _things(_text(content, label), len(names))
            except Trouble as trouble:
                skips.file(file, "Its labels cannot be read: {reason}", reason=trouble.message)
                continue
            for line, reason in wrong:
                skips.file(label, "Line {line} is left out: {reason}.", line=line, reason=reason)
        rows.append(file)
        boxes.append(boxes_of(things))
    for label in labels.without_picture():
        used.append(label)
        skips.file(label, "The labels belong to no picture.")
    most = max((int(one.classes.max()) for one in boxes if len(one)), default=-1)
    classes = names or tuple(str(number) for number in range(most + 1))
    columns: dict[str, Sequence[Any]] = {
        "file": rows,
        "boxes": boxes,
        "classes": [seen(one, classes) for one in boxes],
    }
    return content.listing(
        "yolo", columns, parts_in(rows), used=(*used, *_described(content)), classes=classes
    )


class _Labels:
    """Which text belongs to which picture."""

    def __init__(self, content: Content) -> None:
        self.pictures = [joined(folder, name) for folder, names in content.files.items() for name in names]
        described = set(_described(content))
        texts = [path for path in content.texts() if path not in described]
        self._places = Places(content.tree.root, texts)

    def of(self, picture: str) -> str:
        """The labels of a picture, "" where it has none: in labels where it lies in images, or beside it."""
        path = PurePosixPath(picture).with_suffix(".txt")
        steps = list(path.parts)
        for index in range(len(steps) - 2, -1, -1):
            if steps[index].casefold() == "images":
                beside = [*steps[:index], "labels", *steps[index + 1 :]]
                found, _ = self._places.find("", "/".join(beside))
                if found:
                    return found
        return self._places.find("", str(path))[0]

    def without_picture(self) -> list[str]:
        """Labels in a folder of that name that belong to no picture. Other texts may be about anything."""
        return [
            path
            for path in self._places.unnamed()
            if any(step.casefold() == "labels" for step in PurePosixPath(path).parent.parts)
        ]


def _things(text: str, classes: int = 0) -> tuple[list[Thing], list[tuple[int, Message]]]:
    """What the lines say, and which say nothing that can be understood, with the reason."""
    things: list[Thing] = []
    wrong: list[tuple[int, Message]] = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if not words:
            continue
        thing = _thing(words, classes or MOST_CLASSES)
        if isinstance(thing, Message):
            wrong.append((number, thing))
        else:
            things.append(thing)
    return things, wrong


def _thing(words: Sequence[str], classes: int) -> Thing | Message:
    """A class with centre and size of a box, or with the corners of an outline; else what is wrong."""
    try:
        values = [float(word) for word in words]
    except ValueError:
        return Message("expected numbers: class, x, y, width, height")
    if not all(math.isfinite(value) for value in values):
        return Message("it has a number that is not finite")
    number = values[0]
    if number != int(number) or not 0 <= number < classes:
        return Message("its class is not among those that are declared")
    if min(values[1:], default=0) < -_OUTSIDE or max(values[1:], default=0) > 1 + _OUTSIDE:
        return Message("expected shares of the picture, from 0 to 1")
    if len(values) in (5, 6):  # a prediction says as the sixth how sure it is
        x, y, wide, high = values[1:5]
        corners, outline = clipped((x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)), None
    elif len(values) >= 7 and len(values) % 2:
        polygon = np.array(values[1:], np.float32).reshape(-1, 2).clip(0, 1)
        return _outlined((polygon,), int(number))
    else:
        return Message("expected class, x, y, width, height, or class and corners")
    return (corners, int(number), outline) if corners else Message("its box has no area within the picture")


def _outlined(outline: tuple[np.ndarray, ...], number: int) -> Thing | Message:
    corners = clipped(around(outline) or ())
    return (corners, number, outline) if corners else Message("its outline has no area within the picture")


def _text(content: Content, path: str, largest: int = LARGEST) -> str:
    return read_bytes(content.tree.path(path), largest).decode("utf-8-sig", "replace")


# --------------------------------------------------------------------------- the names of the classes


def _yamls(content: Content) -> list[str]:
    return content.described_by(_YAMLS)


def _described(content: Content) -> list[str]:
    """The files that may name the classes."""
    texts = [path for path in content.texts() if PurePosixPath(path).name.casefold() in _NAMES]
    return [*_yamls(content), *texts]


def _class_names(content: Content) -> tuple[str, ...]:
    """The names of the classes in their order, none where nobody says them. Raises `Trouble` where they are
    not understood.
    """
    for path in _described(content):
        text = _text(content, path, _LARGEST_YAML)
        if not path.lower().endswith(_YAMLS):
            return tuple(line.strip() for line in text.splitlines() if line.strip())
        names = names_in(text)
        if names is None and content.description:
            raise Trouble(
                "{path} names no classes: expected “names:” with a list. Choose another file, or the folder.",
                path=str(content.tree.path(path)),
            )
        if names:
            return names
    return ()


def names_in(text: str) -> tuple[str, ...] | None:
    """The list `names` of a YAML file, as YOLO's are written: [a, b], lines of "- a", or lines of "0: a"."""
    lines = [re.sub(r"(^|\s)#.*", "", line).rstrip() for line in text.splitlines()]
    begin = next((index for index, line in enumerate(lines) if re.match(r"names\s*:", line)), None)
    if begin is None:
        return None
    rest = lines[begin].split(":", 1)[1].strip()
    block: list[str] = []
    for line in lines[begin + 1 :]:
        if line and not line[0].isspace() and line[0] not in "-]}":
            break
        block.append(line.strip())
    if rest[:1] in ("[", "{"):
        inner = " ".join((rest, *block))[1:]
        end = re.search(r"[\]}]", re.sub(r"'[^']*'|\"[^\"]*\"", lambda quoted: "x" * len(quoted[0]), inner))
        items = re.findall(
            r"\s*((?:'[^']*'|\"[^\"]*\"|[^,'\"])+)\s*(?:,|$)", inner[: end.start()] if end else inner
        )
    else:
        items = [line[1:] if line.startswith("-") else line for line in block if line]
    numbered: dict[int, str] = {}
    for index, item in enumerate(items):
        named = re.match(r"\s*(\d{1,6})\s*:\s*(.+)", item)
        numbered[int(named[1]) if named else index] = _unquoted(named[2] if named else item)
    if not numbered or max(numbered) >= MOST_CLASSES:
        return None
    return tuple(numbered.get(number, str(number)) for number in range(max(numbered) + 1))


def _unquoted(word: str) -> str:
    word = word.strip()
    return word[1:-1] if len(word) > 1 and word[0] == word[-1] and word[0] in "'\"" else word
