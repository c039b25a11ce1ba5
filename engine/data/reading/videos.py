"""Video as it stands on disk: some of its frames, spread evenly over it and brought to one size.

PyAV reads it, which comes with `pip install layerloom[video]`. How many frames there are is counted, not
believed: headers often say nothing, or something else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
from attrs import field, frozen

from engine.data.reading.listing import Cancelled, Progress
from engine.data.reading.many import ManyFiles, read_many
from engine.message import Message, Trouble

MOST_PIXELS = 64_000_000
"""Pixels of a frame at most: a header that claims more would take gigabytes."""
MOST_FRAMES = 300_000
"""Frames of a video at most, more than two hours: all before the last one wanted are decoded."""
LOOKED_AT = 200
"""How many files are looked at to know what a folder holds."""
PATIENCE = 60.0
"""Seconds that are waited for a file."""
_FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpeg,mpegts,mpegvideo,m4v,h264,hevc,av1,obu,flv,asf,ogg,gif,"
    "apng,ivf,mjpeg,dv,nut,rawvideo,webp_pipe,y4m,yuv4mpegpipe,wtv,mxf,rm,vob,mpjpeg"
)
"""What is taken for a video. A list of others, which could name any file or address, is none."""


@frozen
class VideoFacts:
    """What the header of a video says: its size as it is shown, frames a second, and how long it lasts; 0
    where it does not say.
    """

    height: int
    width: int
    rate: float
    seconds: float


@frozen
class VideoSurvey:
    """What some videos hold: how many there are and how many of them were looked at, by their headers.

    `sizes` counts files by height and width as they are shown; `seconds` are the shortest, the median and the
    longest. Each unreadable one has its reason.
    """

    files: int
    looked_at: int
    sizes: Mapping[tuple[int, int], int] = field(hash=False)
    seconds: tuple[float, float, float]
    unreadable: tuple[tuple[Path, Message], ...] = ()


def facts(path: Path) -> VideoFacts:
    """What the header says. Raises `Trouble` for what is no video, and where PyAV is missing."""
    with _opened(path) as (container, stream):
        height, width = stream.codec_context.height, stream.codec_context.width
        rate = float(stream.average_rate or 0)
        if stream.duration is not None and stream.time_base is not None:
            seconds = float(stream.duration * stream.time_base)
        else:
            seconds = (container.duration or 0) / 1_000_000
        if _turns(_first_frame(path, container)) % 2:
            height, width = width, height
    return VideoFacts(height, width, rate, max(0.0, seconds))


def read_video(path: Path, *, frames: int, height: int, width: int, colour: bool = True) -> np.ndarray:
    """So many frames of a video as frames × channels × height × width, uint8: red, green and blue, or grey.

    The frames stand in the middle of equal parts of the whole; where the video has fewer, some stand twice.
    Each is turned as the camera was held, and stretched to the size asked for.

    Raises `Trouble` where the file cannot be read, or holds no frame, and where PyAV is missing.
    """
    if min(frames, height, width) < 1:
        raise ValueError(f"{frames} frames of {height}×{width}")
    size = height, width
    found = _picked(path, _spread(_counted(path), frames), size, colour)
    if isinstance(found, int):  # fewer were decoded than counted: some packets held none
        found = _picked(path, _spread(found, frames), size, colour)
    if isinstance(found, int):
        raise _unreadable(path, Message("frames that are there one time and missing another"))
    return found


def read_videos(
    paths: Sequence[Path],
    *,
    frames: int,
    height: int,
    width: int,
    colour: bool = True,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> ManyFiles:
    """Many videos as N × frames × channels × height × width, uint8. Unreadable ones are left out, and said.
    Raises `Trouble` where PyAV is missing.
    """
    _av()

    def read(path: Path) -> np.ndarray:
        return read_video(path, frames=frames, height=height, width=width, colour=colour)

    shape = (frames, 3 if colour else 1, height, width)
    return read_many(paths, read, shape, np.uint8, progress, cancelled)


def survey(paths: Sequence[Path], most: int = LOOKED_AT) -> VideoSurvey:
    """What these files hold, by their headers: all of them, or so many that are spread evenly over them."""
    _av()
    looked_at = [*paths[:: max(1, ceil(len(paths) / most))]]
    headers: list[VideoFacts] = []
    unreadable: list[tuple[Path, Message]] = []
    for path in looked_at:
        try:
            headers.append(facts(path))
        except Trouble as trouble:
            unreadable.append((path, trouble.message))
    lengths = sorted(one.seconds for one in headers) or [0.0]
    return VideoSurvey(
        len(paths),
        len(looked_at),
        Counter((one.height, one.width) for one in headers),
        (lengths[0], lengths[len(lengths) // 2], lengths[-1]),
        tuple(unreadable),
    )


# --------------------------------------------------------------------------- frames


def _spread(there: int, wanted: int) -> list[int]:
    """The numbers of the frames in the middle of equal parts: of 8 frames 2 are numbers 2 and 6."""
    return [int((place + 0.5) * there / wanted) for place in range(wanted)]


def _counted(path: Path) -> int:
    """How many frames the file holds: its packets, without decoding them."""
    with _opened(path) as (container, stream):
        count = 0
        for packet in container.demux(stream):
            count += packet.size > 0
            if count > MOST_FRAMES:
                raise Trouble(
                    "{path} is too long: expected a video of at most {most:,} frames, received more. "
                    "Cut it into shorter ones.",
                    path=str(path),
                    most=MOST_FRAMES,
                )
    if not count:
        raise _unreadable(path, Message("a video without a single frame"))
    return count


def _picked(path: Path, numbers: list[int], size: tuple[int, int], colour: bool) -> np.ndarray | int:
    """The frames of those numbers, or how many there are where some of them are not."""
    wanted, kept = set(numbers), {}
    count = 0
    with _opened(path) as (container, stream):
        for frame in container.decode(stream):
            if count in wanted:
                kept[count] = _pixels(path, frame, size, colour)
            count += 1
            if count > numbers[-1]:
                return np.stack([kept[number] for number in numbers])
    if not count:
        raise _unreadable(path, Message("a video without a single frame"))
    return count


def _pixels(path: Path, frame: Any, size: tuple[int, int], colour: bool) -> np.ndarray:
    """Channels × height × width, uint8."""
    _require_size(path, frame.width, frame.height)
    turns = _turns(frame)
    height, width = size if turns % 2 == 0 else size[::-1]
    scaled = frame.reformat(width, height, format="rgb24" if colour else "gray", interpolation="AREA")
    values = np.rot90(scaled.to_ndarray(), turns)
    return np.ascontiguousarray(np.moveaxis(values, -1, 0) if colour else values[None])


def _turns(frame: Any) -> int:
    """By how many quarters a frame is to be turned against the clock, as the camera was held."""
    return round(float(frame.rotation) / 90) % 4


def _first_frame(path: Path, container: Any) -> Any:
    frame = next(container.decode(video=0), None)
    if frame is None:
        raise _unreadable(path, Message("a video without a single frame"))
    return frame


# --------------------------------------------------------------------------- files


def _av() -> Any:
    try:
        import av
        import av.logging
    except ImportError:
        raise Trouble(
            "Videos are read by PyAV, which is not installed. Install it with: pip install layerloom[video]"
        ) from None
    av.logging.set_level(None)  # what it says of damage comes as an error as well
    return av


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Any, Any]]:
    """The file and its first video stream. Raises `Trouble` for whatever goes wrong while it is open."""
    av = _av()
    try:
        if not path.is_file():  # a pipe or a device would be waited for without end
            raise Trouble(
                "There is no file {path}: expected a video. Put it there, or choose other data.",
                path=str(path),
            )
        # handed over as an open file, so that no name is taken for an address
        with (
            path.open("rb") as file,
            av.open(
                file,
                container_options={"format_whitelist": _FORMATS, "protocol_whitelist": ""},
                timeout=PATIENCE,
                metadata_errors="replace",
            ) as container,
        ):
            if not container.streams.video:
                raise _unreadable(path, Message("a file without pictures"))
            stream = container.streams.video[0]
            if stream.codec_context is None:
                raise _unreadable(path, Message("pictures in a form that nobody here knows"))
            stream.thread_type = "NONE"  # the processes that read data are many already
            _require_size(path, stream.codec_context.width, stream.codec_context.height)
            yield container, stream
    except av.ArgumentError:  # what FFmpeg says of a format that is not in the list
        raise _unreadable(path, Message("something else")) from None
    except (av.FFmpegError, OSError, ValueError, EOFError, MemoryError) as error:
        raise _unreadable(path, " ".join(str(getattr(error, "strerror", "") or error).split())) from None


def _require_size(path: Path, width: int, height: int) -> None:
    if not 0 < width * height <= MOST_PIXELS:
        raise _unreadable(path, Message("frames of {width:,}×{height:,} pixels", width=width, height=height))


def _unreadable(path: Path, found: Message | str) -> Trouble:
    return Trouble(
        "{path} cannot be read as a video: expected MP4, WebM, AVI or the like, received {found}. "
        "Save it anew, or take it out of the data.",
        path=str(path),
        found=found,
    )
