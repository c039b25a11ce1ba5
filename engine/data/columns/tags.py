"""Columns that say something of each token of a text: which part of speech a word is, what it names."""

from __future__ import annotations

import json

import numpy as np

from engine.data.columns.column_type import ColumnType, Fitted, Values, as_text
from engine.data.columns.text import NAMES, words_given
from engine.data.schema import Column
from engine.data.signs import PADDING
from engine.kinds import declare, param
from engine.kinds.types import Texts
from engine.message import Trouble


@declare(
    title="tags",
    family="columns",
    hint="a name for each word",
    search="tagging sequence labelling ner pos named entity part of speech token classification",
)
class TagsColumn(ColumnType):
    """A name for each token of a text beside it: names between spaces, or those of a JSON list.

    For finding names, places and parts of speech. The text is read as given, so that each of its words has
    its tag. Number 0 fills short rows up and does not count.

    Source: L. A. Ramshaw and M. P. Marcus, Text chunking using transformation-based learning, 1995.
    """

    names: tuple[str, ...] = param((), type=Texts(), doc="The names there are, in the order of their numbers")
    length: int = param(
        64,
        lo=1,
        hi=100_000,
        doc="How many tags are learnt of each text; those after them are cut",
        unit="tags",
    )
    missing: str = param("drop", options=("drop",), doc="What is done where tags are missing", hidden=True)

    def column(self, name: str, target: bool) -> Column:
        """A class for each token, or its number."""
        if target:
            return Column(name, (self.length,), "int", (NAMES[PADDING], *self.names), padding=PADDING)
        return Column(name, (self.length,), "int", lo=0, hi=len(self.names))

    def encode(self, values: Values, fitted: Fitted, target: bool) -> np.ndarray:
        """The numbers of each row's tags, N×length int64. Raises `Trouble` where one has no number."""
        places = {name: place for place, name in enumerate(self.names, start=1)}
        coded = np.full((len(values), self.length), PADDING, np.int64)
        for row, value in enumerate(values):
            tags = tags_of(value)[: self.length]
            unknown = next((one for one in tags if one not in places), None)
            if unknown is not None:
                raise Trouble(
                    "Expected tags of {names}, received {unknown}. Read the data anew, or correct the file.",
                    names=", ".join(self.names[:8]) + (" …" if len(self.names) > 8 else ""),
                    unknown=unknown[:60],
                )
            coded[row, : len(tags)] = [places[one] for one in tags]
        return coded

    def in_words(self, target: bool) -> str:
        return f"{len(self.names)} tags"


def tags_of(value: object) -> list[str]:
    """The tags in one field."""
    if isinstance(value, list):
        return [one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in value]
    return words_given(as_text(value) or "")
