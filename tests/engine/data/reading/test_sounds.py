"""Sound files of every format, rate and length are read as one thing; bad ones are told in words."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data.reading import sounds
from engine.data.reading.listing import Abandoned
from engine.data.reading.sounds import read_sound, read_sounds, survey
from engine.message import Trouble

RATE = 16_000
FORMATS = ("wav", "flac", "ogg", "mp3")
LOSSLESS = ("wav", "flac")
EVERY = pytest.mark.parametrize("ending", FORMATS)


def tone(seconds: float, rate: int = RATE, pitch: float = 440) -> np.ndarray:
    """A sine that grows louder, samples."""
    time = np.arange(round(seconds * rate)) / rate
    return 0.8 * np.sin(2 * np.pi * pitch * time) * np.linspace(0.2, 1, len(time))


def written(path: Path, sound: np.ndarray, rate: int = RATE, **how: str) -> Path:
    """A file of samples or samples × channels."""
    soundfile.write(path, sound, rate, **how)
    return path


@EVERY
def test_every_format_gives_the_same_wave(ending: str, tmp_path: Path) -> None:
    sound = tone(1.0)
    found = read_sound(written(tmp_path / f"a sound 声音.{ending}", sound), rate=RATE, seconds=1.0)
    assert found.shape == (1, RATE)
    assert found.dtype == np.float32
    apart = np.abs(found[0] - sound)[200:-200].max()
    assert apart < (1e-4 if ending in LOSSLESS else 0.08)


@EVERY
@pytest.mark.parametrize("cut", sounds.CUTS)
def test_what_is_long_is_cut_and_what_is_short_stands_in_silence(
    ending: str, cut: sounds.Cut, tmp_path: Path
) -> None:
    path = written(tmp_path / f"tone.{ending}", tone(3.0))
    whole = read_sound(path, rate=RATE, seconds=3.0)[0]
    start = RATE if cut == "centre" else 0
    found = read_sound(path, rate=RATE, seconds=1.0, cut=cut)
    np.testing.assert_allclose(found[0], whole[start : start + RATE], atol=1e-6)
    filled = read_sound(path, rate=RATE, seconds=4.0, cut=cut)[0]
    start = RATE // 2 if cut == "centre" else 0
    np.testing.assert_allclose(filled[start : start + 3 * RATE], whole, atol=1e-6)
    assert not filled[:start].any()
    assert not filled[start + 3 * RATE :].any()


def test_the_middle_of_a_long_mp3_is_no_silence(tmp_path: Path) -> None:
    path = written(tmp_path / "long.mp3", tone(20.0))
    found = read_sound(path, rate=RATE, seconds=2.0, cut="centre")[0]
    np.testing.assert_allclose(
        found, read_sound(path, rate=RATE, seconds=20.0)[0][9 * RATE : 11 * RATE], atol=1e-6
    )


@pytest.mark.parametrize("rate", [8000, 11_025, 22_050, 44_100, 48_000])
def test_another_rate_keeps_pitch_and_length(rate: int, tmp_path: Path) -> None:
    path = written(tmp_path / "tone.wav", tone(1.0, rate), rate)
    found = read_sound(path, rate=RATE, seconds=1.0)[0]
    assert found.shape == (RATE,)
    np.testing.assert_allclose(found[300:-300], tone(1.0)[300:-300], atol=0.01)


def test_stereo_is_one_sample_of_two_channels(tmp_path: Path) -> None:
    left, right = tone(0.5), tone(0.5, pitch=1000)
    path = written(tmp_path / "both.wav", np.stack([left, right], 1))
    found = read_sound(path, rate=RATE, seconds=0.5, mono=False)
    np.testing.assert_allclose(found, [left, right], atol=1e-4)
    mono = read_sound(path, rate=RATE, seconds=0.5)
    np.testing.assert_allclose(mono, [(left + right) / 2], atol=1e-4)
    lower = read_sound(path, rate=8000, seconds=0.5, mono=False)
    assert lower.shape == (2, 4000)
    np.testing.assert_allclose(
        lower[0], read_sound(written(tmp_path / "l.wav", left), rate=8000, seconds=0.5)[0], atol=1e-3
    )


def test_a_little_too_loud_is_cut_off_and_silence_is_silence(tmp_path: Path) -> None:
    path = written(tmp_path / "loud.wav", 1.5 * tone(0.2), subtype="FLOAT")
    assert np.abs(read_sound(path, rate=RATE, seconds=0.2)).max() == 1
    silent = written(tmp_path / "silent.flac", np.zeros(1000))
    assert not read_sound(silent, rate=8000, seconds=1).any()


# --------------------------------------------------------------------------- bad files


def _refused(path: Path, match: str) -> None:
    with pytest.raises(Trouble, match=match) as caught:
        read_sound(path, rate=RATE, seconds=1.0)
    assert str(path) in str(caught.value)


def test_what_is_no_sound_is_told(tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("hello, this is no sound", encoding="utf-8")
    (tmp_path / "empty.mp3").touch()
    (tmp_path / "circle.wav").symlink_to(tmp_path / "circle.wav")
    _refused(tmp_path / "text.wav", r"expected WAV, FLAC, OGG or MP3, received .+\. Save it anew")
    _refused(tmp_path / "empty.mp3", "received an empty file")
    _refused(written(tmp_path / "none.wav", np.zeros(0)), "without a single sample")
    for missing in (tmp_path, tmp_path / "gone.wav", tmp_path / "circle.wav", Path("/dev/zero")):
        _refused(missing, r"There is no file .*\. Put it there")


@EVERY
def test_what_is_cut_off_is_told(ending: str, tmp_path: Path) -> None:
    path = written(tmp_path / f"tone.{ending}", tone(1.0))
    content = path.read_bytes()
    for share in (0.1, 0.5, 0.97):
        path.write_bytes(content[: int(len(content) * share)])
        _refused(path, "cut off|cannot be read")


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_samples_that_are_no_numbers_are_counted(bad: float, tmp_path: Path) -> None:
    sound = tone(0.5)
    sound[[5, 17, 400]] = bad
    _refused(written(tmp_path / "bad.wav", sound, subtype="FLOAT"), "received 3 of 8,000 that are not finite")


def test_whole_numbers_in_a_float_file_are_told(tmp_path: Path) -> None:
    _refused(
        written(tmp_path / "loud.wav", 32_768 * tone(0.5), subtype="FLOAT"),
        r"received 2\d,\d{3}\. Whole numbers",
    )


def _header(path: Path, *, rate: int = 8000, channels: int = 1, size: int = 200) -> Path:
    """A WAV file of 200 bytes of sound whose header says something else."""
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, channels, rate, rate * 2, 2, 16)
    head = struct.pack("<4sI4s", b"RIFF", 236, b"WAVE") + form + struct.pack("<4sI", b"data", size)
    path.write_bytes(head + bytes(200))
    return path


def test_a_header_that_lies_takes_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "lie.wav"
    _refused(_header(path, size=0x7000_0000), "is cut off: expected 1,879,048,192 bytes .* received 200")
    _refused(_header(path, rate=2**31 - 1), "claims 2,147,483,647 Hz and 1 channel")
    _refused(_header(path, channels=1000), "1,000 channels")
    _refused(_header(path, rate=0), "cannot be read")
    _refused(_header(path, channels=0), "cannot be read")
    # what is recorded into a pipe has no size yet, which is no lie
    assert read_sound(_header(path, size=0xFFFF_FFFF), rate=8000, seconds=1).shape == (1, 8000)


ORIGINALS: dict[str, bytes] = {}


@settings(max_examples=60, deadline=None)
@given(
    ending=st.sampled_from(FORMATS),
    changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=12),
)
def test_a_damaged_file_is_sound_or_a_sentence(
    ending: str, changes: list[tuple[float, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp()
    if ending not in ORIGINALS:
        ORIGINALS[ending] = written(folder / f"whole.{ending}", tone(0.2)).read_bytes()
    content = bytearray(ORIGINALS[ending])
    for place, value in changes:
        content[int(place * place * (len(content) - 1))] = value  # more of them in the header
    path = folder / f"damaged.{ending}"
    path.write_bytes(content)
    try:
        found = read_sound(path, rate=8000, seconds=0.5, cut="centre")
    except Trouble:
        return  # any other error fails
    assert found.shape == (1, 4000)
    assert np.isfinite(found).all()


# --------------------------------------------------------------------------- many


def test_many_sounds_are_one_array_without_those_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("no sound", encoding="utf-8")
    mono, both = tone(0.5), np.stack([tone(0.5), tone(0.5, pitch=800)], 1)
    paths = [
        written(tmp_path / "mono.wav", mono),
        tmp_path / "text.wav",
        written(tmp_path / "both.flac", both),
        written(tmp_path / "six.wav", np.zeros((800, 6))),
    ]
    done: list[int] = []
    found = read_sounds(paths, rate=RATE, seconds=0.5, progress=done.append)
    assert found.values.shape == (3, 1, RATE // 2)
    assert found.rows.tolist() == [0, 2, 3]
    assert [one.place for one in found.skipped] == [str(paths[1])]
    assert done == [0, 1, 2, 3, 4]
    stereo = read_sounds(paths, rate=RATE, seconds=0.5, stereo=True)
    assert stereo.rows.tolist() == [0, 2]
    np.testing.assert_allclose(stereo.values[0], [mono, mono], atol=1e-4)
    np.testing.assert_allclose(stereo.values[1], both.T, atol=1e-4)
    assert "has 6 channels: expected one or two" in str(stereo.skipped[1].reason)
    assert len(read_sounds([], rate=RATE, seconds=0.5).values) == 0
    with pytest.raises(Abandoned):
        read_sounds(paths, rate=RATE, seconds=0.5, cancelled=lambda: True)


# --------------------------------------------------------------------------- survey


def test_a_survey_says_what_is_not_like_the_rest(tmp_path: Path) -> None:
    paths = [written(tmp_path / f"{i}.wav", tone(0.1 * (i + 1))) for i in range(5)]
    paths.append(written(tmp_path / "other.flac", tone(0.3, 44_100), 44_100))
    paths.append(written(tmp_path / "stereo.wav", np.zeros((1600, 2))))
    (tmp_path / "text.wav").write_text("no sound", encoding="utf-8")
    found = survey([*paths, tmp_path / "text.wav"])
    assert (found.files, found.looked_at, found.rate) == (8, 8, RATE)
    assert found.rates == {RATE: 6, 44_100: 1}
    assert found.channels == {1: 6, 2: 1}
    assert found.seconds == pytest.approx((0.1, 0.3, 0.5))
    assert [path.name for path, _ in found.unreadable] == ["text.wav"]
    rate, channels = map(str, found.notes())
    assert rate.startswith(
        "1 of 8 sounds has another rate than 16,000 Hz, which most have (first: other.flac)"
    )
    assert channels.startswith("1 of 8 sounds has another number of channels than 1")


def test_a_survey_of_many_looks_at_some_and_one_of_none_is_quiet(tmp_path: Path) -> None:
    path = written(tmp_path / "one.wav", tone(0.1))
    found = survey([path] * 95, most=10)
    assert (found.files, found.looked_at, found.notes()) == (95, 10, ())
    nothing = survey([])
    assert (nothing.files, nothing.rate, nothing.notes(), nothing.seconds) == (0, 0, (), (0, 0, 0))
