"""Speech that comes with the program, as series of measurements and as sound."""

from __future__ import annotations

import csv

import numpy as np

from engine.data.reading import spectra
from engine.data.schema import Column, Raw, Schema, schema_of
from engine.data.sets import shipped
from engine.data.source import Source
from engine.kinds import declare
from engine.message import Message


@declare(
    title="Japanese vowels",
    family="series",
    hint="640 utterances by nine speakers, 25 steps",
    search="speech voice speaker sequence classification audio",
)
class JapaneseVowels(Source):
    """Nine men say two vowels: 25 steps of 12 numbers, 270 to learn from and 370 to test. Who speaks?

    For recurrent layers and attention: who speaks shows only in the course of the steps.

    Source: M. Kudo, J. Toyama and M. Shimbo, Multidimensional curve classification using passing-through
    regions, 1999, UCI; equal-length version as in aeon.

    Licence: CC BY 4.0.
    """

    def schema(self) -> Schema:
        """A series of steps and one of nine speakers."""
        return schema_of(
            Column(
                "voice", (25, 12), doc="12 cepstrum coefficients at each step, evenly stretched to 25 steps"
            ),
            target=Column(
                "speaker", (), "int", tuple(f"speaker {i}" for i in range(1, 10)), doc="the man who speaks"
            ),
            samples=640,
            own_test=370,
        )

    def load(self) -> Raw:
        """Utterances for training first, then those that the set itself keeps for testing."""
        path = shipped.FOLDER / "japanese_vowels.npz"
        expected = Message("640 series of 12×25 with their speakers")
        shipped.present(path)
        try:
            # opened here, since numpy leaves the file open where it cannot read it
            with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
                series = np.concatenate([file["train_series"], file["test_series"]])
                speakers = np.concatenate([file["train_speakers"], file["test_speakers"]])
        except Exception as error:  # damage shows as anything: zlib.error, BadZipFile, TokenError, KeyError …
            raise shipped.broken(path, expected, shipped.reason(error)) from None
        if series.shape != (640, 12, 25) or speakers.shape != (640,):
            found = Message(
                "series {series} with speakers {speakers}",
                series="×".join(map(str, series.shape)),
                speakers="×".join(map(str, speakers.shape)),
            )
            raise shipped.broken(path, expected, found)
        return Raw(
            {"voice": series.transpose(0, 2, 1), "speaker": speakers.astype(np.int64)}, np.arange(270, 640)
        )


@declare(
    title="Spoken digits",
    family="sounds",
    hint="1,400 spoken digits by 70 voices, 0.64 s",
    search="sound audio speech commands voice spectrogram mel free spoken digit classification",
)
class SpokenDigits(Source):
    """Made-up voices say the digits 0 to 9, 56 voices to learn from and 14 others to test. Which digit is it?

    For sound: a network that reads its log-mel spectrogram like a picture, or the wave itself. What is learnt
    must hold for voices that were never heard.

    Source: made with espeak-ng 1.51 and its voices, as make_spoken_digits.py says.

    Licence: CC0 1.0.
    """

    SAMPLES, TEST, RATE, LENGTH = 1400, 280, 8000, 5120
    FRAME, HOP, BANDS = 256, 128, 40
    SILENCE = -60.0
    """Decibels of what cannot be heard: between the words there is nothing at all, which no recording has."""

    def schema(self) -> Schema:
        """The spectrogram and the wave it is made from, and one of ten digits."""
        shown = (1, self.BANDS, spectra.frames(self.LENGTH, self.HOP))
        return schema_of(
            Column(
                "spectrogram",
                shown,
                unit="dB",
                doc="power in 40 bands from low to high, every 16 ms",
                lo=self.SILENCE,
                kind="audio",
            ),
            Column(
                "wave",
                (1, self.LENGTH),
                doc="one channel, 8,000 samples a second",
                lo=-1,
                hi=1,
                kind="audio",
                rate=self.RATE,
            ),
            target=Column("digit", (), "int", tuple("0123456789"), doc="the digit that is said"),
            samples=self.SAMPLES,
            own_test=self.TEST,
        )

    def load(self) -> Raw:
        """Utterances of the voices to learn from first, then those of the others."""
        waves, digits, test = self._waves(), *self._digits()
        import torch

        found = spectra.log_mel(torch.from_numpy(waves), self.RATE, self.FRAME, self.HOP, self.BANDS)
        spectrograms = found.clamp_min(self.SILENCE).numpy()
        return Raw({"spectrogram": spectrograms[:, None], "wave": waves[:, None], "digit": digits}, test)

    def _waves(self) -> np.ndarray:
        """Utterances × samples, float32 from −1 to 1."""
        import soundfile

        path = shipped.FOLDER / "spoken_digits.flac"
        expected = Message(
            "{count:,} sounds of {length:,} samples at {rate:,} Hz",
            count=self.SAMPLES,
            length=self.LENGTH,
            rate=self.RATE,
        )
        shipped.present(path)
        total = self.SAMPLES * self.LENGTH
        try:
            with path.open("rb") as stream, soundfile.SoundFile(stream) as file:
                form = file.samplerate, file.channels, file.frames
                sound = file.read(total, dtype="float32", always_2d=True)
        except (OSError, RuntimeError) as error:
            raise shipped.broken(path, expected, shipped.reason(error)) from None
        if form != (self.RATE, 1, total) or len(sound) != total:
            found = Message(
                "{frames:,} samples in {channels} channel{channels:|s} at {rate:,} Hz",
                frames=len(sound),
                channels=form[1],
                rate=form[0],
            )
            raise shipped.broken(path, expected, found)
        waves: np.ndarray = sound.reshape(self.SAMPLES, self.LENGTH)
        return waves

    def _digits(self) -> tuple[np.ndarray, np.ndarray]:
        """The digit of each utterance, and which of them are of the test part."""
        path = shipped.FOLDER / "spoken_digits.csv"
        expected = Message(
            "a header and a line with part and digit for each of {count:,} sounds", count=self.SAMPLES
        )
        shipped.present(path)
        try:
            with path.open(newline="", encoding="utf-8") as file:
                rows = [(row["part"], int(row["digit"])) for row in csv.DictReader(file)]
        except (OSError, ValueError, KeyError, TypeError, csv.Error) as error:
            raise shipped.broken(path, expected, shipped.reason(error)) from None
        if len(rows) != self.SAMPLES:
            raise shipped.broken(path, expected, Message("{count:,} lines", count=len(rows)))
        test = np.flatnonzero([part == "test" for part, _ in rows])
        return np.array([digit for _, digit in rows], np.int64), test
