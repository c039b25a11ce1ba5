"""Speech that comes with the program, as series of measurements."""

from __future__ import annotations

import numpy as np

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
