"""What a person decides about the data: which set, how it is split, how it is scaled."""

from __future__ import annotations

from engine.data.sets.pictures import Digits
from engine.data.source import Source
from engine.kinds import Kind, param, settings
from engine.kinds.nested import Nested


@settings
class DataSettings(Kind):
    """The data a network learns from, and how it is split and scaled."""

    source: Source = param(  # type: ignore[assignment,misc]  # elsewhere the paper a kind follows
        Digits(), type=Nested(Source), doc="Where the data comes from"
    )
    validation: float = param(
        0.15,
        lo=0.01,
        hi=0.5,
        doc="Share of the data that is held back to watch the training",
        unit="of the data",
    )
    test: float = param(
        0.15,
        lo=0.01,
        hi=0.5,
        doc="Share of the data that is held back to judge the result, at least 30 samples of a set of 150 or "
        "more. A set that brings a test part of its own uses that",
        unit="of the data",
    )
    seed: int = param(
        0, lo=0, hi=2**32 - 1, doc="Which samples go where; a series is split by time instead", advanced=True
    )
    scale: str = param(
        "auto",
        options=("auto", "standardise", "range", "none"),
        doc="How values are scaled: to mean 0 and standard deviation 1, or to 0 … 1; "
        "auto takes 0 … 1 for pictures and standardises the rest",
        advanced=True,
    )
