"""Folders of samples as people already have them: class folders, train/validation/test, metadata beside the
files, pictures with masks, COCO and YOLO annotations.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from pathlib import Path

from attrs import frozen

from engine.data.reading import coco, metadata, pairs, yolo
from engine.data.reading.content import MEDIA, Content, most, part_of
from engine.data.reading.listing import Cancelled, Listing, Progress
from engine.data.reading.walking import joined, walk
from engine.message import Trouble


def list_folder(
    path: Path,
    *,
    convention: str = "",
    media: str = "",
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> Listing:
    """The samples of a folder, by the convention and of the medium asked for, else by those that fit.

    Instead of a folder the file that describes it may be named: a table with a column of paths, COCO's JSON,
    YOLO's YAML. No sample is opened. Raises `Trouble` where there is none.
    """
    description = path.name if path.is_file() else ""
    chosen = convention or (_described_by(path) if description else "")
    if chosen and chosen not in CONVENTIONS:
        raise Trouble(
            "Expected one of {known} as the convention of {path}, but got {chosen}.",
            known=", ".join(CONVENTIONS),
            path=str(path),
            chosen=chosen,
        )
    tree = walk(path.parent if description else path, progress, cancelled)
    medium = media or most(tree)
    if medium not in MEDIA:
        raise Trouble(
            "{path} holds no pictures, sounds, videos or texts: none of its files ends in {endings} ….",
            path=str(path),
            endings=", ".join(endings[0] for endings in MEDIA.values()),
        )
    content = Content(tree, medium, description, progress, cancelled)
    found = chosen or next(name for name, one in CONVENTIONS.items() if one.fits(content))
    listing = CONVENTIONS[found].read(content)
    if not len(listing):
        raise Trouble(
            "{path} has no {media} in the convention {convention}{why}. Choose another convention or folder.",
            path=str(path),
            media=medium,
            convention=found,
            why=f" ({str(listing.skipped[0].reason).rstrip('.')})" if listing.skipped else "",
        )
    return listing


def _described_by(path: Path) -> str:
    """The convention of which a file is the description. Raises `Trouble` where it is of none."""
    for name, one in CONVENTIONS.items():
        if path.name.lower().endswith(one.described_in or ("\0",)):
            return name
    raise Trouble(
        "{path} describes no folder: expected a file that ends in {endings}. Choose the folder itself.",
        path=str(path),
        endings=", ".join(ending for one in CONVENTIONS.values() for ending in one.described_in),
    )


# --------------------------------------------------------------------------- folders as classes and as parts


def _step(folder: str, prefix: str) -> str:
    """The name of the next folder on the way from `prefix` to `folder`, "" where it is there."""
    return folder[len(prefix) :].lstrip("/").split("/", 1)[0] if folder != prefix else ""


def _inner(content: Content) -> str:
    """The folder that really holds the samples: what was unpacked often lies in a folder within a folder."""
    prefix = ""
    while prefix not in content.files:
        inner = {_step(folder, prefix) for folder in content.files}
        below = joined(prefix, inner.pop()) if len(inner) == 1 else ""
        if not below or below in content.files:  # several folders, or one with files: they may be classes
            return prefix
        prefix = below
    return prefix


def _tops(content: Content) -> tuple[str, set[str]]:
    """The folder that really holds the samples, and the folders in it."""
    prefix = _inner(content)
    return prefix, {step for folder in content.files if (step := _step(folder, prefix))}


def _shown(content: Content, folder: str) -> str:
    return f"{content.tree.root.name}/{folder}".rstrip("/")


def _has_parts(content: Content) -> bool:
    """Whether the folders are those of parts: all of them, or one to learn from with another. A class of
    vehicles may be called "train" as well.
    """
    _, tops = _tops(content)
    parts = [part for top in tops if (part := part_of(top))]
    return len(set(parts)) > 1 and ("train" in parts or len(parts) == len(tops))


def _parts(content: Content) -> Listing:
    prefix, tops = _tops(content)
    named = {top for top in tops if part_of(top)}
    # how many classes there are in all parts together: one alone is a folder such as train/images
    labels = {
        label
        for folder in content.files
        if (top := _step(folder, prefix)) in named and (label := _step(folder, joined(prefix, top)))
    }
    files: list[str] = []
    classes: list[str] = []
    parts: list[str] = []
    for folder, names in content.files.items():
        top = _step(folder, prefix)
        label = _step(folder, joined(prefix, top)) if top else ""
        if top not in named:
            template = "{n} file{n:|s} beside the folders of the parts, in {of}"
            content.tree.skips.count(template, len(names), of=_shown(content, folder))
        elif len(labels) > 1 and not label:
            content.tree.skips.count(
                "{n} file{n:|s} in no class folder, in {of}", len(names), of=_shown(content, folder)
            )
        else:
            files += [joined(folder, name) for name in names]
            classes += [_label(label)] * len(names)
            parts += [part_of(top)] * len(names)
    columns = {"file": files, "class": classes} if len(labels) > 1 else {"file": files}
    return content.listing("parts", columns, parts)


def _has_classes(content: Content) -> bool:
    return len(_tops(content)[1]) > 1


def _classes(content: Content) -> Listing:
    prefix, _ = _tops(content)
    files: list[str] = []
    classes: list[str] = []
    for folder, names in content.files.items():
        label = _step(folder, prefix)
        if label:
            files += [joined(folder, name) for name in names]
            classes += [_label(label)] * len(names)
        else:
            content.tree.skips.count(
                "{n} file{n:|s} in no class folder, in {of}", len(names), of=_shown(content, folder)
            )
    return content.listing("classes", {"file": files, "class": classes})


def _label(folder: str) -> str:
    """A class by the name of its folder. On a Mac the same name may be written in another form of Unicode."""
    return unicodedata.normalize("NFC", folder)


def _flat(content: Content) -> Listing:
    files = [joined(folder, name) for folder, names in content.files.items() for name in names]
    return content.listing("flat", {"file": files})


# --------------------------------------------------------------------------- every convention


@frozen
class _Convention:
    """A layout of samples: whether a folder has it, how it is read, and by which files it may be named."""

    fits: Callable[[Content], bool]
    read: Callable[[Content], Listing]
    described_in: tuple[str, ...] = ()


CONVENTIONS: dict[str, _Convention] = {
    "metadata": _Convention(metadata.fits, metadata.read, metadata.ENDINGS),
    "coco": _Convention(coco.fits, coco.read, (".json",)),
    "yolo": _Convention(yolo.fits, yolo.read, (".yaml", ".yml")),
    "pairs": _Convention(pairs.fits, pairs.read),
    "parts": _Convention(_has_parts, _parts),
    "classes": _Convention(_has_classes, _classes),
    "flat": _Convention(lambda content: True, _flat),
}
"""By name, in the order in which they are tried."""
