"""The sound and the video that come with the program are what they say, and damage to them is told."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.data.sets import shipped
from engine.data.sets.pictures import Digits
from engine.data.sets.speech import SpokenDigits
from engine.data.sets.videos import DIRECTIONS, MovingDigits
from engine.message import Trouble

SPOKEN = ("spoken_digits.flac", "spoken_digits.csv")


def test_the_voices_of_the_test_part_are_never_heard_before() -> None:
    with (shipped.FOLDER / "spoken_digits.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    voices = {part: {row["voice"] for row in rows if row["part"] == part} for part in ("train", "test")}
    assert len(voices["train"]) == 56
    assert len(voices["test"]) == 14
    assert not voices["train"] & voices["test"]
    raw = SpokenDigits().load()
    assert raw.own_test is not None
    assert {rows[i]["voice"] for i in raw.own_test} == voices["test"]
    digits = raw.columns["digit"]
    assert np.bincount(digits[raw.own_test]).tolist() == [28] * 10
    assert np.bincount(digits).tolist() == [140] * 10


def test_every_word_is_there_whole_and_no_sound_twice() -> None:
    columns = SpokenDigits().load().columns
    waves = columns["wave"][:, 0]
    assert len({wave.tobytes() for wave in waves}) == len(waves)
    assert (np.abs(waves).max(1) > 0.85).all()
    assert not waves[:, [0, -1]].any()
    heard = (columns["spectrogram"] > SpokenDigits.SILENCE).any(axis=(1, 2))
    assert heard.sum(1).min() >= 9  # frames of 16 ms
    assert heard.sum(1).max() <= 41
    assert (shipped.FOLDER / "spoken_digits.flac").stat().st_size < 4_000_000


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in SPOKEN:
        shutil.copy(shipped.FOLDER / name, tmp_path)
    monkeypatch.setattr(shipped, "FOLDER", tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", SPOKEN)
def test_missing_and_damaged_files_are_told(name: str, folder: Path) -> None:
    whole = (folder / name).read_bytes()
    for content in (b"", b"hello", whole[: len(whole) // 2], whole[:1000], bytes(2000)):
        (folder / name).write_bytes(content)
        with pytest.raises(Trouble, match=r"damaged: expected .*1,400 sounds.* received .+\. Install"):
            SpokenDigits().load()
    (folder / name).unlink()
    with pytest.raises(Trouble, match=rf"missing: expected .*{name}\. Install"):
        SpokenDigits().load()


def test_another_sound_in_its_place_is_told(folder: Path) -> None:
    soundfile.write(folder / "spoken_digits.flac", np.zeros((100, 2)), 16_000)
    with pytest.raises(Trouble, match="received 100 samples in 2 channels at 16,000 Hz"):
        SpokenDigits().load()


def test_a_digit_moves_whole_the_way_that_is_told() -> None:
    raw = MovingDigits().load()
    video, direction = raw.columns["video"], raw.columns["direction"]
    ink = Digits().load().columns["image"].sum(axis=(1, 2, 3))
    for frame in range(MovingDigits.FRAMES):
        np.testing.assert_allclose(video[:, frame].sum(axis=(1, 2, 3)), ink)
    for number, (down, right) in enumerate(DIRECTIONS.values()):
        clips = video[direction == number]
        moved = np.roll(clips[:, :-1], (down, right), axis=(3, 4))
        np.testing.assert_array_equal(moved, clips[:, 1:])
    first = video[:, 0].mean(axis=(0, 1))
    assert (first[1:-1, 1:-1] > 0).all(), "it begins anywhere"


def test_no_way_is_rare_in_the_test_part_of_the_videos() -> None:
    raw = MovingDigits().load()
    assert raw.own_test is not None
    counts = np.bincount(raw.columns["direction"][raw.own_test])
    assert len(counts) == 8
    assert counts.max() - counts.min() <= 1
