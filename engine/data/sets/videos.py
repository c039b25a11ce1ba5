"""Moving pictures that come with the program."""

from __future__ import annotations

import numpy as np

from engine.data.schema import Column, Raw, Schema, schema_of
from engine.data.sets.pictures import Digits
from engine.data.source import Source
from engine.kinds import declare

DIRECTIONS = {
    "right": (0, 1),
    "down and right": (1, 1),
    "down": (1, 0),
    "down and left": (1, -1),
    "left": (0, -1),
    "up and left": (-1, -1),
    "up": (-1, 0),
    "up and right": (-1, 1),
}
"""Rows and columns that the digit moves from one frame to the next."""


@declare(
    title="Moving digits",
    family="videos",
    hint="1,797 videos of a digit that moves, 8 frames",
    search="video moving mnist motion direction frames time conv3d classification",
)
class MovingDigits(Source):
    """A handwritten digit moves over a dark ground, a pixel with each of eight frames. Which way does it go?

    For video: no single frame tells the answer, so a network must compare them.

    Source: made by the program from the digits of E. Alpaydin and C. Kaynak, Optical recognition of
    handwritten digits, UCI, 1998, as N. Srivastava, E. Mansimov and R. Salakhutdinov did, 2015.

    Licence: CC BY 4.0 (UCI).
    """

    SAMPLES, TEST, FRAMES, SIDE, DIGIT = 1797, 300, 8, 16, 8

    def schema(self) -> Schema:
        """Frames, and one of eight directions."""
        return schema_of(
            Column(
                "video",
                (self.FRAMES, 1, self.SIDE, self.SIDE),
                doc="grey frames, bright ink on dark ground",
                lo=0,
                hi=16,
                kind="video",
            ),
            target=Column("direction", (), "int", tuple(DIRECTIONS), doc="which way the digit goes"),
            samples=self.SAMPLES,
            own_test=self.TEST,
        )

    def load(self) -> Raw:
        """The same videos every time. Those of the last digits, seen nowhere else, are the test part."""
        digits = Digits().load().columns["image"][:, 0].astype(np.float32)
        chance = np.random.default_rng(0)
        # every direction equally often, in the test part too
        directions = np.arange(self.SAMPLES) % len(DIRECTIONS)
        steps = np.array(list(DIRECTIONS.values()))[directions]
        way, room = self.FRAMES - 1, self.SIDE - self.DIGIT
        # the first corner, so that the whole way stays within the frame
        low, high = np.maximum(0, -steps * way), room - np.maximum(0, steps * way)
        first = chance.integers(low, high + 1)
        video = np.zeros((self.SAMPLES, self.FRAMES, 1, self.SIDE, self.SIDE), np.float32)
        for sample, digit in enumerate(digits):
            for frame in range(self.FRAMES):
                row, column = first[sample] + frame * steps[sample]
                video[sample, frame, 0, row : row + self.DIGIT, column : column + self.DIGIT] = digit
        test = np.arange(self.SAMPLES - self.TEST, self.SAMPLES)
        return Raw({"video": video, "direction": directions.astype(np.int64)}, test)
