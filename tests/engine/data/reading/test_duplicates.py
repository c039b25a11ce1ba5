"""Pictures that are the same or nearly so are found, others are not taken for it."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from engine.data.reading.duplicates import alike, fingerprints, on_both_sides
from engine.data.reading.listing import Abandoned
from tests.engine.data.reading.made import saved, speckled, written


def landscape(seed: int, size: int = 96) -> Image.Image:
    """Hills of chance, in colours."""
    values = np.random.default_rng(seed).integers(0, 256, (6, 6, 3)).astype(np.uint8)
    return Image.fromarray(values).resize((size, size), Image.Resampling.BICUBIC)


def as_file(image: Image.Image, form: str, **settings: int) -> bytes:
    file = BytesIO()
    image.save(file, form, **settings)
    return file.getvalue()


def test_what_was_saved_anew_belongs_together(tmp_path: Path) -> None:
    files: list[tuple[str, bytes]] = []
    for seed in range(12):
        image = landscape(seed)
        files += [
            ("a.png", as_file(image, "png")),
            ("copy.png", as_file(image, "png")),
            ("b.jpg", as_file(image, "jpeg", quality=70)),
            ("c.png", as_file(image.resize((64, 64)), "png")),
            ("d.webp", as_file(image.convert("L"), "webp")),
        ]
    paths = [saved(tmp_path / f"{index}{name}", data) for index, (name, data) in enumerate(files)]
    told: list[int] = []
    prints = fingerprints(paths, progress=told.append)
    assert told[-1] == 60
    assert alike(prints).reshape(12, 5).tolist() == [[seed] * 5 for seed in range(12)]
    exact = alike(prints, near=False).reshape(12, 5)
    assert (exact[:, 0] == exact[:, 1]).all()
    assert len(np.unique(exact)) == 48
    with pytest.raises(Abandoned):
        fingerprints(paths, cancelled=lambda: True)


def test_digits_are_not_taken_for_each_other(tmp_path: Path) -> None:
    digits = (load_digits().images[:300, ..., None] * 15.9).astype(np.uint8)
    paths = [saved(tmp_path / f"{index}.png", written(one, "png")) for index, one in enumerate(digits)]
    groups = alike(fingerprints(paths))
    assert len(np.unique(groups)) == len(np.unique(digits.reshape(300, -1), axis=0))


def test_what_cannot_be_read_is_like_nothing(tmp_path: Path) -> None:
    paths = [saved(tmp_path / f"{index}.png", b"") for index in range(3)]
    paths.append(saved(tmp_path / "x.png", written(speckled(9, 9, 3), "png")))
    prints = fingerprints(paths)
    assert [Path(one.place).name for one in prints.skipped] == ["0.png", "1.png", "2.png"]
    assert str(paths[0]) in str(prints.skipped[0].reason)
    assert prints.read.tolist() == [False, False, False, True]
    assert len(np.unique(alike(prints))) == 4
    assert alike(fingerprints([])).tolist() == []


def test_leakage_is_what_lies_on_both_sides() -> None:
    parts = np.array(["train", "test", "train", "train", "test"])
    found = on_both_sides(np.array([0, 0, 1, 1, 2]), parts)
    assert found.tolist() == [True, True, False, False, False]
