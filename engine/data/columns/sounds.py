"""Columns of sound: the wave itself, or how strong which pitch is at which time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from engine.data.columns.column_type import ColumnType, FilesRead, Fitted, Values
from engine.data.reading import spectra
from engine.data.reading.sounds import CUTS, samples_of
from engine.data.schema import Column
from engine.kinds import declare, param
from engine.message import Trouble

if TYPE_CHECKING:
    import torch

    from engine.data.reading.listing import Progress
    from engine.data.reading.sounds import Cut
    from engine.data.reading.spectra import MelScale

MONO, STEREO = "mono", "stereo"
WAVE, STFT, LOG_MEL, MFCC = "wave", "spectrum", "log-mel", "MFCC"
AT_ONCE = 4_000_000
"""Samples whose spectra are computed at once: enough for full speed, some tens of megabytes."""


@declare(title="sound", family="columns", hint="a recording", search="audio wave wav mp3 speech music voice")
class SoundColumn(ColumnType):
    """A sound, brought to one rate and one length, as a network can take it.

    For speech, music and noises. Log-mel is what most networks hear best: a picture of pitch over time for
    Conv2d. A wave is for Conv1d.
    """

    from_files = True
    rate: int = param(
        16_000, lo=1000, hi=192_000, doc="Samples a second that every sound is brought to", unit="Hz"
    )
    seconds: float = param(
        1.0,
        lo=0.01,
        hi=600,
        doc="How long every sound is made: what is longer is cut, what is shorter stands in silence",
        unit="s",
    )
    cut: str = param("start", options=CUTS, doc="Which part of a longer sound is kept")
    channels: str = param(MONO, options=(MONO, STEREO), doc="The mean of all channels, or left and right")
    features: str = param(
        LOG_MEL,
        options=(LOG_MEL, MFCC, STFT, WAVE),
        doc="What a network gets: power in bands of equal width to the ear; the shape of that; the magnitude "
        "of every pitch; or the wave itself",
    )
    frame: int = param(512, lo=16, hi=16_384, doc="How many samples are heard at once", unit="samples")
    hop: int = param(256, lo=1, hi=16_384, doc="How many samples lie between two frames", unit="samples")
    bands: int = param(40, lo=1, hi=512, doc="How many bands there are from low to high")
    coefficients: int = param(
        13, lo=1, hi=512, doc="How many coefficients of a cepstrum are kept", advanced=True
    )
    scale: str = param(
        "slaney",
        options=spectra.MEL_SCALES,
        doc="By which formula pitches are made mel: that of Slaney, or of HTK",
        advanced=True,
    )
    silence: float = param(
        -80.0, lo=-100, hi=0, doc="What is fainter counts as this", unit="dB", advanced=True
    )

    def column(self, name: str, target: bool) -> Column:
        """Channels and samples of a wave, else channels, pitches and frames. Raises `Trouble` where the
        settings do not go together.
        """
        channels, samples = 2 if self.channels == STEREO else 1, samples_of(self.rate, self.seconds)
        if self.features == WAVE:
            return Column(name, (channels, samples), lo=-1, hi=1, kind="audio", rate=self.rate)
        rows = self.frame // 2 + 1
        if self.features != STFT:
            spectra.mel_filters(self.rate, self.frame, self.bands, scale=cast("MelScale", self.scale))
            rows = self.bands
        if self.features == MFCC:
            spectra.cosines(self.coefficients, self.bands)
            rows = self.coefficients
        unit = "dB" if self.features == LOG_MEL else ""
        return Column(name, (channels, rows, spectra.frames(samples, self.hop)), unit=unit, kind="audio")

    def read(self, values: Values, progress: Progress | None = None) -> FilesRead:
        """Waves N × channels × samples, float32 from −1 to 1."""
        from engine.data.reading.sounds import read_sounds

        found = read_sounds(
            [Path(one) for one in values],
            rate=self.rate,
            seconds=self.seconds,
            stereo=self.channels == STEREO,
            cut=cast("Cut", self.cut),
            progress=progress,
        )
        return FilesRead(found.values, found.rows, found.skipped)

    def encode(self, values: Values, fitted: Fitted, target: bool) -> np.ndarray:
        """What a network gets of N sounds, float32. Raises `Trouble` for a sound that cannot be read."""
        waves, shape = self.read_whole(values), self.column("x", target).shape
        if waves.shape[1:] != (shape[0], samples_of(self.rate, self.seconds)):
            raise Trouble(
                "Expected sounds of {samples:,} samples in {channels} channel{channels:|s}, received "
                "{received}.",
                samples=samples_of(self.rate, self.seconds),
                channels=shape[0],
                received="×".join(map(str, waves.shape[1:])),
            )
        waves = waves.astype(np.float32, copy=False)
        if self.features == WAVE:
            return waves
        import torch

        found = np.empty((len(waves), *shape), np.float32)
        step = max(1, AT_ONCE // waves[:1].size) if len(waves) else 1
        for start in range(0, len(waves), step):
            some = torch.from_numpy(waves[start : start + step].reshape(-1, waves.shape[2]))
            found[start : start + step] = self._features(some).numpy().reshape(-1, *shape)
        return found

    def _features(self, waves: torch.Tensor) -> torch.Tensor:
        """Waves N × samples as N × pitches × frames."""
        if self.features == STFT:
            return spectra.stft(waves, self.frame, self.hop)
        scale, faintest = cast("MelScale", self.scale), 10 ** (self.silence / 10)
        if self.features == LOG_MEL:
            return spectra.log_mel(
                waves, self.rate, self.frame, self.hop, self.bands, scale=scale, faintest=faintest
            )
        return spectra.mfcc(
            waves,
            self.rate,
            self.frame,
            self.hop,
            self.bands,
            self.coefficients,
            scale=scale,
            faintest=faintest,
        )
