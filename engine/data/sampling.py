"""What a sample is: a row of a table by itself, or a window of rows that follow each other in time."""

from __future__ import annotations

from typing import ClassVar

from engine.kinds.declaring import Kind, declare, role
from engine.kinds.params import param

PIECE = 64
"""Tokens of a piece of text to begin with."""
LAST, EVERY = "the last step", "every step"
USE, LEAVE_OUT = "use them", "leave them out"


@role
class Sampling(Kind):
    """What a sample is made of."""

    title: ClassVar[str] = ""

    @classmethod
    def label(cls) -> str:
        """The name a person reads."""
        return cls.title or cls.__name__


@declare(title="Each row", family="sampling", hint="a row by itself", search="table independent sample")
class EachRow(Sampling):
    """Every row is a sample.

    Where rows have nothing to do with each other.
    """


@declare(
    title="Windows of a series",
    family="sampling",
    hint="rows in time",
    search="time series forecast sequence lag window horizon",
)
class SeriesWindows(Sampling):
    """A window of rows that follow each other, to foretell what comes after it.

    For measurements in the order of time: the column with the role time orders them, one with the role group
    tells several series apart. Parts follow each other in time, and nothing is shuffled across.

    Source: R. J. Hyndman and G. Athanasopoulos, Forecasting: principles and practice, 3rd edition, 2021.
    """

    window: int = param(24, lo=1, hi=100_000, doc="How many steps the network sees", unit="steps")
    horizon: int = param(
        1, lo=1, hi=10_000, doc="How far ahead of the last step seen the target lies", unit="steps"
    )
    foretells: str = param(
        LAST, options=(LAST, EVERY), doc="Whether only the step that far ahead is foretold, or all up to it"
    )
    stride: int = param(
        1,
        lo=1,
        hi=100_000,
        doc="How many steps lie between the ends of two windows",
        advanced=True,
        unit="steps",
    )
    past: bool = param(True, doc="Whether the network sees the past of what it foretells", advanced=True)
    gaps: str = param(
        USE,
        options=(USE, LEAVE_OUT),
        doc="What is done with windows in which steps are missing from the series",
        advanced=True,
    )

    @property
    def foretold(self) -> int:
        """How many steps are foretold."""
        return self.horizon if self.foretells == EVERY else 1


@declare(
    title="Pieces of texts",
    family="sampling",
    hint="what comes next",
    search="language model next token word letter corpus generate write gpt",
)
class NextToken(Sampling):
    """A piece of a text, to foretell at each of its tokens the one that comes next.

    For a network that writes. Every token is foretold once. A whole text comes into one part; where there are
    only a few, each is cut by its order: its beginning trains, its end tests.

    Source: Y. Bengio et al., A neural probabilistic language model, 2003.
    """

    length: int = param(PIECE, lo=1, hi=100_000, doc="How many tokens a piece has", unit="tokens")
    tokens: int = param(0, lo=0, doc="How many tokens all texts have", hidden=True)
