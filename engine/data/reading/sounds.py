"""Sound as it stands on disk: WAV, FLAC, OGG and MP3, brought to one rate and one length."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import ceil
from pathlib import Path
from typing import Any, Literal

import numpy as np
from attrs import field, frozen

from engine.data.reading.listing import Cancelled, Progress
from engine.data.reading.many import ManyFiles, read_many
from engine.message import Message, Trouble

Cut = Literal["start", "centre"]
CUTS: tuple[Cut, ...] = ("start", "centre")
"""Which part of a longer sound is kept; a shorter one stands there in the silence around it."""
LOWEST_RATE, HIGHEST_RATE, MOST_CHANNELS = 100, 768_000, 64
"""What a header may claim. Beyond it lies damage, for which no memory is set aside."""
LONGEST = 3600.0
"""Seconds that are read of a file at most."""
LOUDEST = 2.0
"""What a sample of a float file may reach: a little over 1 is cut off, as a player does; much more was never
divided by the largest whole number.
"""
_SHORTER = re.compile(r"^data : (\d+) \(should be (\d+)\)$", re.MULTILINE)
"""What libsndfile notes of a WAV file that is shorter than its header says, in bytes."""
_OPEN_END = 0x7FFF_0000
"""A size from here on stands in the header of what was recorded without knowing its end."""
_PIECE = 1 << 16
LOOKED_AT = 1000
"""How many files are looked at to know what a folder holds; the rest is taken to be like them."""


@frozen
class SoundFacts:
    """What the header of a sound file says: samples a second, channels, and samples of each channel."""

    rate: int
    channels: int
    frames: int

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.frames / self.rate


@frozen
class SoundSurvey:
    """What some sound files hold: how many there are, how many of them were looked at, by their headers.

    `rates` and `channels` count files; `seconds` are the shortest, the median and the longest. Each
    unreadable one has its reason.
    """

    files: int
    looked_at: int
    rates: Mapping[int, int] = field(hash=False)
    channels: Mapping[int, int] = field(hash=False)
    seconds: tuple[float, float, float]
    unreadable: tuple[tuple[Path, Message], ...] = ()
    other_rate: Path | None = None
    other_channels: Path | None = None
    """The first file that is not like most."""

    @property
    def rate(self) -> int:
        """The rate of most files, the lower one of two; 0 where none can be read."""
        return _most(self.rates)

    def notes(self) -> tuple[Message, ...]:
        """What a person should know of files that are not like the others."""
        found = []
        if self.other_rate is not None:
            found.append(
                Message(
                    "{odd:,} of {files:,} sounds {odd:has|have} another rate than {rate:,} Hz, which most "
                    "have (first: {name}). They are brought to the rate that is set.",
                    odd=sum(self.rates.values()) - self.rates[self.rate],
                    files=self.looked_at,
                    rate=self.rate,
                    name=self.other_rate.name,
                )
            )
        if self.other_channels is not None:
            usual = _most(self.channels)
            found.append(
                Message(
                    "{odd:,} of {files:,} sounds {odd:has|have} another number of channels than {usual}, "
                    "which most have (first: {name}). Mix all to mono, or take these files out.",
                    odd=sum(self.channels.values()) - self.channels[usual],
                    files=self.looked_at,
                    usual=usual,
                    name=self.other_channels.name,
                )
            )
        return tuple(found)


def _most(counts: Mapping[int, int]) -> int:
    return min(counts, key=lambda one: (-counts[one], one), default=0)


def facts(path: Path) -> SoundFacts:
    """What the header says. Raises `Trouble` for what is no sound, or claims what no sound has."""
    with _opened(path) as file:
        return _facts(path, file)


def read_sound(path: Path, *, rate: int, seconds: float, mono: bool = True, cut: Cut = "start") -> np.ndarray:
    """A sound as channels × samples, float32 from −1 to 1, `round(seconds · rate)` samples of each channel.

    The channels of a sound are never laid end to end: `mono` is their mean, otherwise each is a row. Another
    rate is brought to the one asked for; what is too long is cut, what is too short stands in silence.

    Raises `Trouble` where the file cannot be read, ends before its header says, holds nothing, or holds what
    is no number.
    """
    if not (0 < seconds <= LONGEST and LOWEST_RATE <= rate <= HIGHEST_RATE):
        raise ValueError(f"{seconds} s at {rate} Hz")
    wanted = samples_of(rate, seconds)
    with _opened(path) as file:
        known = _facts(path, file)
        kept = min(known.frames, ceil(wanted * known.rate / rate))
        try:
            if cut == "centre":
                _skip(file, (known.frames - kept) // 2)
            found = file.read(kept, dtype="float32", always_2d=True)
        except (RuntimeError, ValueError, MemoryError) as error:
            raise _unreadable(path, _reason(error)) from None
    if len(found) < kept:
        raise _cut_off(path, known.frames, known.frames - kept + len(found), Message("samples"))
    _require_numbers(path, found)
    sound = found.mean(axis=1, keepdims=True) if mono else found
    if known.rate != rate:
        import soxr

        sound = soxr.resample(sound, known.rate, rate)
    return _fitted(np.clip(sound.T, -1, 1), wanted, cut)


def read_sounds(
    paths: Sequence[Path],
    *,
    rate: int,
    seconds: float,
    stereo: bool = False,
    cut: Cut = "start",
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> ManyFiles:
    """Many sounds as N × channels × samples, float32: one channel, or two, which a mono file has both alike.
    Unreadable ones, and those of more channels where two are asked for, are left out, and said.
    """

    def read(path: Path) -> np.ndarray:
        sound = read_sound(path, rate=rate, seconds=seconds, mono=not stereo, cut=cut)
        if stereo and len(sound) > 2:
            raise Trouble(
                "{path} has {channels} channels: expected one or two. Mix them to mono, or take it out of "
                "the data.",
                path=str(path),
                channels=len(sound),
            )
        return sound  # one channel is laid into both

    shape = (2 if stereo else 1, samples_of(rate, seconds))
    return read_many(paths, read, shape, np.float32, progress, cancelled)


def samples_of(rate: int, seconds: float) -> int:
    """How many samples so many seconds have."""
    return max(1, round(seconds * rate))


def survey(paths: Sequence[Path], most: int = LOOKED_AT) -> SoundSurvey:
    """What these files hold, by their headers: all of them, or so many that are spread evenly over them."""
    step = max(1, ceil(len(paths) / most))
    looked_at = [*paths[::step]]
    headers: list[tuple[Path, SoundFacts]] = []
    unreadable: list[tuple[Path, Message]] = []
    for path in looked_at:
        try:
            headers.append((path, facts(path)))
        except Trouble as trouble:
            unreadable.append((path, trouble.message))
    rates = Counter(one.rate for _, one in headers)
    channels = Counter(one.channels for _, one in headers)
    lengths = sorted(one.seconds for _, one in headers) or [0.0]
    return SoundSurvey(
        len(paths),
        len(looked_at),
        rates,
        channels,
        (lengths[0], lengths[len(lengths) // 2], lengths[-1]),
        tuple(unreadable),
        next((path for path, one in headers if one.rate != _most(rates)), None),
        next((path for path, one in headers if one.channels != _most(channels)), None),
    )


# --------------------------------------------------------------------------- files


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """The file, open for reading. Raises `Trouble` where it is no file of sound."""
    import soundfile

    try:
        if not path.is_file():  # a pipe or a device would be waited for without end
            raise Trouble(
                "There is no file {path}: expected a file of sound. Put it there, or choose other data.",
                path=str(path),
            )
        if path.stat().st_size == 0:
            raise _unreadable(path, Message("an empty file"))
        with path.open("rb") as stream:  # opened here, so that the ending of a name decides nothing
            try:
                file = soundfile.SoundFile(stream)
            except (RuntimeError, TypeError, ValueError, MemoryError) as error:
                raise _unreadable(path, _reason(error)) from None
            with file:
                yield file
    except OSError as error:
        raise _unreadable(path, error.strerror or _reason(error)) from None


def _facts(path: Path, file: Any) -> SoundFacts:
    rate, channels, frames = int(file.samplerate), int(file.channels), int(file.frames)
    if not (LOWEST_RATE <= rate <= HIGHEST_RATE and 1 <= channels <= MOST_CHANNELS):
        raise _unreadable(
            path,
            Message(
                "a header that claims {rate:,} Hz and {channels:,} channel{channels:|s}",
                rate=rate,
                channels=channels,
            ),
        )
    lie = _SHORTER.search(file.extra_info)
    if lie and int(lie[1]) < _OPEN_END:
        raise _cut_off(path, int(lie[1]), int(lie[2]), Message("bytes"))
    if frames <= 0:
        raise _unreadable(path, Message("a sound without a single sample"))
    return SoundFacts(rate, channels, frames)


def _skip(file: Any, frames: int) -> None:
    """Go on by so many frames. libsndfile gives silence after any jump within an MP3, even one to where it
    stands already, as soundfile makes after each read: so that is read straight through.
    """
    if file.format != "MP3":
        file.seek(frames)
        return
    file.seekable = lambda: False
    while frames > 0 and (read := len(file.read(min(frames, _PIECE), dtype="float32"))):
        frames -= read


def _cut_off(path: Path, claimed: int, found: int, what: Message) -> Trouble:
    return Trouble(
        "{path} is cut off: expected {claimed:,} {what} as its header says, received {found:,}. "
        "Copy the file anew, or take it out of the data.",
        path=str(path),
        claimed=claimed,
        found=found,
        what=what,
    )


def _unreadable(path: Path, found: Message | str) -> Trouble:
    return Trouble(
        "{path} cannot be read as sound: expected WAV, FLAC, OGG or MP3, received {found}. "
        "Save it anew, or take it out of the data.",
        path=str(path),
        found=found,
    )


def _reason(error: Exception) -> str:
    """What libsndfile says, without the name of the file's handle. A damaged MP3 it calls missing."""
    text = str(getattr(error, "error_string", "") or error) or type(error).__name__
    return "damage" if "does not exist" in text else " ".join(text.split()).rstrip(".")


def _require_numbers(path: Path, found: np.ndarray) -> None:
    bad = int(np.count_nonzero(~np.isfinite(found)))
    if bad:
        raise Trouble(
            "{path} holds what is no number: expected samples from −1 to 1, received {bad:,} of {total:,} "
            "that are not finite. Save it anew, or take it out of the data.",
            path=str(path),
            bad=bad,
            total=found.size,
        )
    peak = float(np.abs(found).max(initial=0.0))
    if peak > LOUDEST:
        raise Trouble(
            "{path} is far too loud: expected samples from −1 to 1, received {peak:,.0f}. Whole numbers were "
            "saved as fractions: divide them by the largest one, and save it anew.",
            path=str(path),
            peak=peak,
        )


def _fitted(sound: np.ndarray, wanted: int, cut: Cut) -> np.ndarray:
    """Channels × samples, cut or filled with silence to so many samples."""
    spare = sound.shape[1] - wanted
    if spare >= 0:
        first = spare // 2 if cut == "centre" else 0
        return np.ascontiguousarray(sound[:, first : first + wanted], np.float32)
    before = -spare // 2 if cut == "centre" else 0
    filled = np.zeros((len(sound), wanted), np.float32)
    filled[:, before : before + sound.shape[1]] = sound
    return filled
