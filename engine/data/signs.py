"""The signs of a written text, each with a number: how letters and characters become what a network reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Protocol

import numpy as np
from attrs import frozen

PADDING, UNKNOWN = 0, 1
"""The number that fills a short text up, and the one of every sign that is not known."""
UNKNOWN_SIGN = "�"


class Written(Protocol):
    """What the numbers of a written column stand for."""

    def numbers(self, text: str) -> list[int]:
        """What the network reads of a text, uncut."""

    def encode(self, texts: Sequence[str], length: int) -> np.ndarray:
        """The same of several, texts×length, int64: short ones filled up at their end, long ones cut."""

    def decode(self, numbers: Iterable[int]) -> str:
        """The text that these numbers stand for."""

    def read(self, text: str) -> list[tuple[str, bool]]:
        """Each token of a text, and whether it is known."""


@frozen
class Signs:
    """Signs by their numbers, which begin after `PADDING` and `UNKNOWN`."""

    signs: tuple[str, ...]

    @classmethod
    def most_frequent(cls, texts: Iterable[str], count: int) -> Signs:
        """At most so many signs, those that the texts have most of, in the order of how many."""
        counts = Counter(sign for text in texts for sign in text)
        return cls(tuple(sorted(counts, key=lambda sign: (-counts[sign], sign))[:count]))

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {sign: number for number, sign in enumerate(self.signs, start=2)}

    def _number(self, sign: str) -> int:
        return self._numbers.get(sign) or self._numbers.get(sign.lower(), UNKNOWN)

    def numbers(self, text: str) -> list[int]:
        """The number of each sign."""
        return [self._number(sign) for sign in text]

    def read(self, text: str) -> list[tuple[str, bool]]:
        """Each sign, and whether it is known."""
        return [(sign, self._number(sign) != UNKNOWN) for sign in text]

    def encode(self, texts: Sequence[str], length: int) -> np.ndarray:
        """The numbers of each text's signs, texts×length, int64: short ones filled up at their end, long ones
        cut. A capital that is not known is read as the small letter.
        """
        coded = np.full((len(texts), length), PADDING, np.int64)
        for row, text in enumerate(texts):
            numbers = self.numbers(text[:length])
            coded[row, : len(numbers)] = numbers
        return coded

    def decode(self, numbers: Iterable[int]) -> str:
        """The text that these numbers stand for, to where only padding follows."""
        named = ("", UNKNOWN_SIGN, *self.signs)
        return "".join(named[int(one)] if 0 <= int(one) < len(named) else UNKNOWN_SIGN for one in numbers)
