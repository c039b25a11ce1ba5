"""A person's own folders of sounds and videos: what a network gets of them, and what cannot be read."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import attrs
import numpy as np
import pytest
import soundfile
import torch

from engine.data.columns.column_type import ColumnType
from engine.data.columns.sounds import LOG_MEL, MFCC, STEREO, STFT, WAVE, SoundColumn
from engine.data.columns.videos import VideoColumn
from engine.data.opening import open_data
from engine.data.prepare import Prepared, prepare, schema
from engine.data.reading import spectra
from engine.data.sets.speech import SpokenDigits
from engine.data.settings import DataSettings
from engine.kinds.declaring import from_json, to_json
from engine.message import Trouble
from tests.engine.data.reading import test_videos

COUNT = 120


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@cache
def spoken() -> tuple[np.ndarray, np.ndarray]:
    """Waves N × samples at 8,000 Hz, and the digits that are said."""
    raw = SpokenDigits().load()
    return raw.columns["wave"][:COUNT, 0], raw.columns["digit"][:COUNT]


def written(ending: str = "flac", count: int = COUNT) -> Path:
    waves, digits = spoken()
    for number in range(count):
        path = Path(f"my digits/{digits[number]}/{number}.{ending}")
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, waves[number], 8000)
    return Path("my digits")


def with_type(data: DataSettings, type: SoundColumn | VideoColumn) -> DataSettings:
    return attrs.evolve(data, columns=(data.columns[0].with_setting("type", type), *data.columns[1:]))


def in_order(prepared: Prepared, column: str) -> np.ndarray:
    """All samples of a column as the network gets them, in the order of the files."""
    parts = (prepared.train, prepared.validation, prepared.test)
    rows = np.concatenate([part.rows for part in parts])  # type: ignore[attr-defined]  # all in memory
    return np.concatenate([part.batch(slice(None))[column] for part in parts])[np.argsort(rows)]


@pytest.mark.parametrize("ending", ["flac", "wav"])
def test_a_folder_of_sounds_gives_what_the_set_gives(ending: str) -> None:
    data = open_data(written(ending))
    known = schema(data)
    assert known.classes == tuple("0123456789")
    sound = data.columns[0].type
    assert sound == SoundColumn(rate=8000, seconds=0.64, frame=256, hop=128)
    assert known.columns["sound"].shape == (1, 40, 41)
    assert known.columns["sound"].kind == "audio"
    prepared = prepare(with_type(data, attrs.evolve(sound, silence=-60.0)))
    order = np.argsort(spoken()[1], kind="stable")  # as the folders stand
    np.testing.assert_array_equal(in_order(prepared, "class"), spoken()[1][order])
    heard = prepared.decode("sound", in_order(prepared, "sound"))
    ours = SpokenDigits().load().columns["spectrogram"][:COUNT][order]
    np.testing.assert_allclose(heard, ours, atol=1e-3)


def test_a_network_gets_what_is_asked_for() -> None:
    data = open_data(written(count=40))
    waves = torch.from_numpy(spoken()[0][:40][np.argsort(spoken()[1][:40], kind="stable")])
    expected = {
        WAVE: waves,
        STFT: spectra.stft(waves, 256, 100),
        LOG_MEL: spectra.log_mel(waves, 8000, 256, 100, 30, scale="htk", faintest=1e-8),
        MFCC: spectra.mfcc(waves, 8000, 256, 100, 30, 12, scale="htk", faintest=1e-8),
    }
    for features, values in expected.items():
        sound = SoundColumn(
            rate=8000,
            seconds=0.64,
            features=features,
            frame=256,
            hop=100,
            bands=30,
            coefficients=12,
            scale="htk",
        )
        prepared = prepare(with_type(data, sound))
        found = prepared.decode("sound", in_order(prepared, "sound"))
        np.testing.assert_allclose(found[:, 0], values, atol=1e-3)
        assert from_json(to_json(sound), ColumnType) == sound
    assert prepared.schema.columns["sound"].shape == (1, 12, 52)
    stereo = SoundColumn(rate=8000, seconds=0.5, channels=STEREO, features=WAVE)
    both = in_order(prepare(with_type(data, stereo)), "sound")
    assert both.shape == (40, 2, 4000)
    np.testing.assert_array_equal(both[:, 0], waves[:, :4000])  # a wave is not scaled
    np.testing.assert_array_equal(both[:, 0], both[:, 1])


def test_settings_that_do_not_go_together_are_told_before_anything_is_read() -> None:
    data = open_data(written(count=40))
    with pytest.raises(Trouble, match="too short for 200 bands"):
        schema(with_type(data, SoundColumn(rate=8000, frame=256, bands=200)))
    with pytest.raises(Trouble, match="expected 1 to 20, received 40"):
        schema(with_type(data, SoundColumn(features=MFCC, bands=20, coefficients=40)))


def test_a_sound_that_cannot_be_read_stops_or_is_skipped_and_counted() -> None:
    folder = written(count=60)
    for number in (3, 50):
        (path,) = folder.glob(f"*/{number}.flac")
        path.write_bytes(path.read_bytes()[:100])
    data = open_data(folder)
    with pytest.raises(Trouble, match=r"2 files cannot be read; the first is .*\.flac"):
        prepare(data)
    prepared = prepare(attrs.evolve(data, unreadable="skip"))
    assert prepared.schema.samples == 58
    assert sorted(Path(one.place).name for one in prepared.skipped) == ["3.flac", "50.flac"]


def test_a_rate_that_differs_is_brought_to_the_others_and_said() -> None:
    folder = written(count=40)
    path = folder / "5" / "other.wav"
    soundfile.write(path, np.zeros(22_050), 44_100)
    prepared = prepare(open_data(folder))
    (note,) = map(str, prepared.noticed)
    assert note.startswith("1 of 41 sounds has another rate than 8,000 Hz, which most have (first: other")


@pytest.mark.parametrize("rate", [200, 1000, 2000, 4000, 5500, 11_025, 16_000, 48_000])
def test_what_sounds_are_taken_for_can_be_heard_at_every_rate(rate: int) -> None:
    for name in ("a", "b"):
        Path("sounds", name).mkdir(parents=True)
        soundfile.write(f"sounds/{name}/1.wav", np.zeros(rate // 2), rate)
    data = open_data(Path("sounds"))
    sound = data.columns[0].type
    assert isinstance(sound, SoundColumn)
    assert sound.rate == min(max(rate, 1000), 16_000)
    assert schema(data).columns["sound"].shape[1] == sound.bands


def test_what_is_tried_goes_the_same_way() -> None:
    data = open_data(written(count=40))
    prepared = prepare(data)
    paths = np.array([str(path) for path in sorted(data.source.files())[:3]], object)  # type: ignore[attr-defined]  # a folder
    tried = prepared.encode_raw({"sound": paths})["sound"]
    np.testing.assert_allclose(tried, in_order(prepared, "sound")[:3], atol=1e-5)


def test_a_folder_of_videos() -> None:
    for number in range(40):
        path = Path(f"clips/{'long' if number % 2 else 'short'}/{number}.mp4")
        path.parent.mkdir(parents=True, exist_ok=True)
        test_videos.written(path, count=6 if number % 2 else 3)
    data = with_type(open_data(Path("clips")), VideoColumn(frames=4, height=12, width=16))
    known = schema(data)
    assert known.columns["video"].shape == (4, 3, 12, 16)
    assert (known.columns["video"].kind, known.classes) == ("video", ("long", "short"))
    prepared = prepare(data)
    clips = in_order(prepared, "video")
    assert (clips.min(), clips.max()) == (0, pytest.approx(1, abs=0.05))
    first = sorted(data.source.files())[0]  # type: ignore[attr-defined]  # a folder
    expected = test_videos.read_video(first, frames=4, height=12, width=16)
    np.testing.assert_allclose(clips[0], expected / np.float32(255), atol=1e-6)
