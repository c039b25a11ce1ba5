"""Pictures with masks: in folders beside each other (images, masks) or by name (x.png, x_mask.png)."""

from __future__ import annotations

import re
from collections import defaultdict

from engine.data.reading.content import Content, parts_in
from engine.data.reading.listing import Listing
from engine.data.reading.walking import joined

_PICTURES = {"image", "images", "img", "imgs", "picture", "pictures", "jpegimages", "input", "inputs"}
_MASKS = {
    *("mask", "masks", "label", "labels", "annotation", "annotations", "gt", "ground_truth", "groundtruth"),
    *("seg", "segmentation", "segmentations", "segmentationclass", "target", "targets"),
}
"""Names of folders, in small letters."""
_SUFFIX = re.compile(r"[ _.-](mask|masks|seg|segmentation|label|labels|gt|matte)$", re.IGNORECASE)

Key = tuple[str, str]
"""What a picture and its mask share: the folders, without that which tells them apart, and the name."""


def fits(content: Content) -> bool:
    """Whether at least half of what looks like a mask belongs to a picture: a class may be called "mask"."""
    if content.medium != "image" or not _has_masks(content):
        return False
    pictures, masks = _sorted(content)
    found = sum(len(paths) for key, paths in masks.items() if key in pictures)
    return found * 2 >= max(sum(map(len, masks.values())), 1)


def read(content: Content) -> Listing:
    """A row for each picture that has a mask. What has no partner, or more than one, is left out."""
    pictures, masks = _sorted(content)
    skips = content.tree.skips
    files: list[str] = []
    partners: list[str] = []
    for key, paths in pictures.items():
        found = masks.pop(key, [])
        for path in paths:
            if not found:
                skips.file(path, "The picture has no mask.")
            elif len(found) > 1 or len(paths) > 1:
                others = ", ".join((*(one for one in paths if one != path), *found))
                skips.file(
                    path, "It is not clear which mask belongs to it: there are {others}.", others=others
                )
            else:
                files.append(path)
                partners.append(found[0])
    for paths in masks.values():
        for path in paths:
            skips.file(path, "The mask has no picture.")
    return content.listing("pairs", {"file": files, "mask": partners}, parts_in(files))


def _has_masks(content: Content) -> bool:
    """Whether anything is called as a mask is: a look that is quick in a folder of a million files."""
    folders = {step.casefold() for folder in content.files for step in folder.split("/")}
    return not _MASKS.isdisjoint(folders) or any(
        _SUFFIX.search(name.rpartition(".")[0]) for names in content.files.values() for name in names
    )


def _sorted(content: Content) -> tuple[dict[Key, list[str]], dict[Key, list[str]]]:
    """Pictures and masks, by what tells which belong together."""
    pictures: dict[Key, list[str]] = defaultdict(list)
    masks: dict[Key, list[str]] = defaultdict(list)
    for folder, names in content.files.items():
        steps = folder.split("/") if folder else []
        within_masks = any(step.casefold() in _MASKS for step in steps)
        place = "/".join(step for step in steps if step.casefold() not in _PICTURES | _MASKS)
        for name in names:
            stem = name.rpartition(".")[0]
            bare = _SUFFIX.sub("", stem)
            is_mask = within_masks or bare != stem
            (masks if is_mask else pictures)[place, bare if is_mask else stem].append(joined(folder, name))
    return pictures, masks
