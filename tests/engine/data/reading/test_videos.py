"""Videos of every format are read as evenly spread frames; bad ones are told in words."""

from __future__ import annotations

import builtins
import struct
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data.reading import videos
from engine.data.reading.videos import facts, read_video, read_videos, survey
from engine.message import Trouble

HEIGHT, WIDTH, COUNT = 48, 64, 30
FORMATS = {"mp4": "libx264", "avi": "mpeg4", "webm": "libvpx", "mkv": "libx264", "gif": "gif"}


def written(path: Path, count: int = COUNT, height: int = HEIGHT, width: int = WIDTH) -> Path:
    """A video that grows brighter in its upper half; below it is red at the left and black at the right."""
    ending = path.suffix[1:]
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(FORMATS[ending], rate=10)
        stream.width, stream.height = width, height
        stream.pix_fmt = "bgr8" if ending == "gif" else "yuv420p"
        for number in range(count):
            frame = np.zeros((height, width, 3), np.uint8)
            frame[: height // 2] = round(255 * number / count)
            frame[height // 2 :, : width // 2, 0] = 255
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())
    return path


def brightness(video: np.ndarray) -> np.ndarray:
    """Of the upper half of each frame."""
    return video[:, :, : video.shape[2] // 4].mean(axis=(1, 2, 3))


@pytest.mark.parametrize("ending", FORMATS)
def test_frames_are_spread_evenly_over_every_format(ending: str, tmp_path: Path) -> None:
    path = written(tmp_path / f"a video 视频.{ending}")
    found = read_video(path, frames=5, height=24, width=32)
    assert found.shape == (5, 3, 24, 32)
    assert found.dtype == np.uint8
    expected = [255 * number / COUNT for number in (3, 9, 15, 21, 27)]
    np.testing.assert_allclose(brightness(found), expected, atol=9)
    assert (found[:, 0, 20, 4] > 230).all()
    assert (found[:, 1:, 20, 4] < 25).all()
    assert (found[:, :, 20, 28] < 25).all()
    known = facts(path)
    assert (known.height, known.width, known.rate) == (HEIGHT, WIDTH, 10)
    assert known.seconds == pytest.approx(3.0, abs=0.11)


def test_a_short_video_fills_up_with_its_own_frames(tmp_path: Path) -> None:
    path = written(tmp_path / "short.mp4", count=3)
    grey = read_video(path, frames=6, height=8, width=8, colour=False)
    assert grey.shape == (6, 1, 8, 8)
    np.testing.assert_allclose(brightness(grey), [0, 0, 85, 85, 170, 170], atol=4)


@pytest.mark.parametrize(("quarters", "corner"), [(1, (2, 2)), (3, (2, 20))])
def test_a_video_stands_as_its_camera_was_held(
    quarters: int, corner: tuple[int, int], tmp_path: Path
) -> None:
    path = written(tmp_path / "turned.mp4")
    content = bytearray(path.read_bytes())
    start = content.index(b"tkhd") + 44  # of the matrix, which an upright video leaves at the identity
    assert struct.unpack(">9i", content[start : start + 36])[:2] == (65536, 0)
    sine = 65536 if quarters == 1 else -65536
    content[start : start + 36] = struct.pack(">9i", 0, sine, 0, -sine, 0, 0, 0, 0, 1 << 30)
    path.write_bytes(content)
    assert (facts(path).height, facts(path).width) == (WIDTH, HEIGHT)
    found = read_video(path, frames=1, height=32, width=24)[0]
    # clockwise, what was below at the left comes to the top at the left; the other way, to the bottom right
    row, column = (corner[0], corner[1]) if quarters == 1 else (29, corner[1])
    assert found[0, row, column] > 200
    assert found[1, row, column] < 50


def test_many_videos_are_one_array_without_those_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("no video", encoding="utf-8")
    paths = [written(tmp_path / "a.mp4"), tmp_path / "text.mp4", written(tmp_path / "b.avi", count=9)]
    found = read_videos(paths, frames=3, height=8, width=10)
    assert found.values.shape == (2, 3, 3, 8, 10)
    assert found.rows.tolist() == [0, 2]
    assert [one.place for one in found.skipped] == [str(paths[1])]
    np.testing.assert_array_equal(found.values[1], read_video(paths[2], frames=3, height=8, width=10))


# --------------------------------------------------------------------------- bad files


def _refused(path: Path, match: str) -> None:
    with pytest.raises(Trouble, match=match) as caught:
        read_video(path, frames=4, height=8, width=8)
    assert str(path) in str(caught.value)


def test_what_is_no_video_is_told(tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("hello", encoding="utf-8")
    (tmp_path / "empty.mp4").touch()
    soundfile.write(tmp_path / "sound.ogg", np.zeros(1000), 8000)
    _refused(tmp_path / "text.mp4", r"expected MP4, WebM, AVI or the like, received .+\. Save it anew")
    _refused(tmp_path / "empty.mp4", "cannot be read as a video")
    _refused(tmp_path / "sound.ogg", "received a file without pictures")
    for missing in (tmp_path, tmp_path / "gone.mp4", Path("/dev/zero")):
        _refused(missing, r"There is no file .*\. Put it there")


def test_pictures_in_an_unknown_form_are_told(tmp_path: Path) -> None:
    path = written(tmp_path / "unknown.mp4")
    path.write_bytes(path.read_bytes().replace(b"avc1", b"zzzz"))
    _refused(path, "received pictures in a form that nobody here knows")


def test_a_list_of_other_files_or_addresses_is_never_followed(tmp_path: Path) -> None:
    other = written(tmp_path / "other.mp4", count=2)
    (tmp_path / "list.mp4").write_text(f"ffconcat version 1.0\nfile '{other.name}'\n", encoding="utf-8")
    address = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n"
    (tmp_path / "playlist.mp4").write_text(address, encoding="utf-8")
    _refused(tmp_path / "list.mp4", "cannot be read as a video")
    _refused(tmp_path / "playlist.mp4", "cannot be read as a video")


@pytest.mark.parametrize("ending", ["mp4", "avi", "webm"])
def test_what_is_cut_off_gives_the_frames_that_are_there_or_is_told(ending: str, tmp_path: Path) -> None:
    path = written(tmp_path / f"whole.{ending}")
    content = path.read_bytes()
    for share in (0.05, 0.5, 0.9):
        path.write_bytes(content[: int(share * len(content))])
        try:
            found = read_video(path, frames=4, height=8, width=8)
        except Trouble:
            continue  # any other error fails
        assert found.shape == (4, 3, 8, 8)


def test_a_duration_that_lies_changes_nothing(tmp_path: Path) -> None:
    path = written(tmp_path / "lie.webm")
    whole = read_video(path, frames=5, height=8, width=8)
    content = bytearray(path.read_bytes())
    start = content.index(b"\x44\x89\x88") + 3  # Matroska's duration, a double in milliseconds
    content[start : start + 8] = struct.pack(">d", 7.2e7)
    path.write_bytes(content)
    assert facts(path).seconds == pytest.approx(72_000, rel=0.01)
    np.testing.assert_array_equal(read_video(path, frames=5, height=8, width=8), whole)


def test_a_frame_or_a_length_beyond_bounds_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "large.mp4", count=4)
    monkeypatch.setattr(videos, "MOST_FRAMES", 3)
    _refused(path, "at most 3 frames, received more. Cut it")
    monkeypatch.setattr(videos, "MOST_PIXELS", 1000)
    _refused(path, "received frames of 64×48 pixels")


ORIGINAL: list[bytes] = []


@settings(max_examples=30, deadline=None)
@given(changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=20))
def test_a_damaged_file_is_a_video_or_a_sentence(
    changes: list[tuple[float, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp()
    if not ORIGINAL:
        ORIGINAL.append(written(folder / "whole.mp4", count=6).read_bytes())
    content = bytearray(ORIGINAL[0])
    for place, value in changes:
        content[int(place * (len(content) - 1))] = value
    path = folder / "damaged.mp4"
    path.write_bytes(content)
    try:
        found = read_video(path, frames=3, height=8, width=8)
    except Trouble:
        return  # any other error fails
    assert found.shape == (3, 3, 8, 8)


def test_without_pyav_it_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **named: Any) -> Any:
        if name.split(".")[0] == "av":
            raise ImportError(name)
        return real(name, *rest, **named)

    path = written(tmp_path / "a.mp4", count=2)
    monkeypatch.setattr(builtins, "__import__", without)
    for read in (lambda: read_video(path, frames=1, height=8, width=8), lambda: survey([path])):
        with pytest.raises(Trouble, match=r"not installed\. Install it with: pip install layerloom\[video\]"):
            read()


def test_a_survey_says_what_there_is(tmp_path: Path) -> None:
    paths = [written(tmp_path / f"{i}.mp4", count=10 * (i + 1)) for i in range(3)]
    paths.append(written(tmp_path / "small.avi", count=5, height=32, width=32))
    (tmp_path / "text.mp4").write_text("no video", encoding="utf-8")
    found = survey([*paths, tmp_path / "text.mp4"])
    assert (found.files, found.looked_at) == (5, 5)
    assert found.sizes == {(HEIGHT, WIDTH): 3, (32, 32): 1}
    assert found.seconds == pytest.approx((0.5, 2.0, 3.0), abs=0.11)
    assert [path.name for path, _ in found.unreadable] == ["text.mp4"]
    assert survey(paths * 100, most=8).looked_at == 8
