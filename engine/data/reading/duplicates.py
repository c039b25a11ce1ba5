"""Finds pictures that are the same, or nearly so: on both sides of a split they make a network look better
than it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path

import numpy as np
from attrs import frozen

from engine.data.reading import decoding
from engine.data.reading.listing import Cancelled, Progress, go_on
from engine.data.reading.pictures import read_picture, shares
from engine.data.reading.skipped import Skipped
from engine.files.reading import read_bytes
from engine.message import Trouble

_OFTEN = 64  # pictures between two looks at whether somebody cancelled
_HIGH, _WIDE = 8, 9  # of the small grey picture by which two are compared
_BITS = 64
_NEIGHBOURS = 32  # among which a near picture is looked for, in each of four orders
_NEAR_BITS = 4  # of 64 that may differ
_NEAR_GREY = 14  # of 255 that may differ anywhere in the small picture


@frozen(eq=False)
class Fingerprints:
    """Of each picture (N) a hash of the file's bytes (16), one of how brightness rises from left to right
    (64 bits), and a small grey picture (8×9). Unreadable ones have zeros, and are not `read`.
    """

    content: np.ndarray
    look: np.ndarray
    small: np.ndarray
    read: np.ndarray
    skipped: tuple[Skipped, ...]


def fingerprints(
    paths: Sequence[Path], *, progress: Progress | None = None, cancelled: Cancelled | None = None
) -> Fingerprints:
    """What tells pictures apart, each file read once."""
    content = np.zeros(len(paths), "S16")
    small = np.zeros((len(paths), _HIGH, _WIDE), np.uint8)
    read = np.zeros(len(paths), bool)
    skipped: list[Skipped] = []
    for row, path in enumerate(paths):
        if row % _OFTEN == 0:
            go_on(cancelled, path)
            if progress is not None:
                progress(row)
        try:
            data = read_bytes(path, decoding.LARGEST)
            picture = read_picture(path, channels=1, size=(_HIGH, _WIDE))
        except Trouble as trouble:
            skipped.append(Skipped(str(path), trouble.message))
            continue
        content[row] = blake2b(data, digest_size=16).digest()
        small[row] = _as_bytes(picture[0])
        read[row] = True
    if progress is not None:
        progress(len(paths))
    return Fingerprints(content, _looks(small), small, read, tuple(skipped))


def alike(prints: Fingerprints, *, near: bool = True) -> np.ndarray:
    """A number for each picture (N int64), the same for those that are the same file, or nearly the same to
    look at: saved anew, in another size or format, a frame later.

    Near ones are looked for among the neighbours in four orders of the hash, each of which begins with
    another quarter of its bits: not all pairs of a large set need to be compared.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    rows = np.flatnonzero(prints.read)
    order = rows[np.argsort(prints.content[rows], kind="stable")]
    same = prints.content[order[1:]] == prints.content[order[:-1]]
    pairs = [np.stack([order[1:][same], order[:-1][same]])]
    for quarter in range(4) if near else ():
        turned = prints.look[rows]
        bits = np.uint64(16 * quarter)
        if quarter:
            turned = turned << bits | turned >> np.uint64(_BITS) - bits
        order = rows[np.argsort(turned, kind="stable")]
        pairs += [
            _near(prints, order[step:], order[:-step]) for step in range(1, min(_NEIGHBOURS, len(rows)))
        ]
    one, other = np.concatenate(pairs, axis=1)
    size = len(prints.read)
    graph = coo_array((np.ones(len(one), bool), (one, other)), shape=(size, size))
    return np.asarray(connected_components(graph, directed=False)[1], np.int64)


def on_both_sides(groups: np.ndarray, parts: np.ndarray) -> np.ndarray:
    """Which rows (N bool) have one of their group in another part."""
    rows: dict[int, set[str]] = {}
    for group, part in zip(groups.tolist(), parts.tolist(), strict=True):
        rows.setdefault(group, set()).add(part)
    return np.array([len(rows[group]) > 1 for group in groups.tolist()], bool)


def _near(prints: Fingerprints, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The pairs (2×n) of rows that look nearly the same."""
    differing = (prints.look[one] ^ prints.look[other]).view(np.uint8).reshape(-1, 8)
    few = _ONES[differing].sum(axis=1) <= _NEAR_BITS
    one, other = one[few], other[few]
    apart = np.abs(prints.small[one].astype(np.int16) - prints.small[other])
    close = apart.reshape(-1, _HIGH * _WIDE).max(axis=1, initial=0) <= _NEAR_GREY
    return np.stack([one[close], other[close]])


_ONES = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).sum(axis=1)
"""How many bits of a byte are set."""


def _looks(small: np.ndarray) -> np.ndarray:
    """N×8×9 as N numbers of 64 bits: where it becomes brighter towards the right."""
    brighter = small[:, :, 1:] > small[:, :, :-1]
    return np.packbits(brighter.reshape(-1, _BITS), axis=1).view(np.uint64).ravel()


def _as_bytes(picture: np.ndarray) -> np.ndarray:
    """A picture of any depth in 8 bits; one without a natural range from its darkest to its brightest."""
    if picture.dtype == np.uint8:
        return picture
    values = shares(picture)
    if picture.dtype.kind == "f":
        low, high = np.nanmin(values), np.nanmax(values)
        values = (values - low) / (high - low) if high > low else np.zeros_like(values)
    grey: np.ndarray = np.rint(np.nan_to_num(values).clip(0, 1) * 255).astype(np.uint8)
    return grey
