"""What a person should know of texts that are learnt from, though none of them is left out."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engine.data.columns.column_type import Encoder, as_text
from engine.data.columns.text import NO_MARKS, START, TextColumn
from engine.data.encoding import Encoders
from engine.data.records import Records
from engine.data.schema import Raw
from engine.data.signs import PADDING, UNKNOWN
from engine.data.split import Rows
from engine.message import Message

LEAST = 0.001
"""A share of unknown tokens below is not worth a word."""


def text_notes(records: Records, encoders: Encoders, rows: Rows, raw: Raw) -> Iterator[Message]:
    """Of each text: what of the validation part is unknown, what is cut, what is empty, and what stands on
    both sides of the split. `rows` are those of each part.
    """
    for name, several in encoders.items():
        encoder = several[0]
        written = isinstance(encoder.type, TextColumn) and encoder.type.marks != START
        if written and name in raw.columns:
            yield from unknown(encoder, raw.columns[name][rows.validation])
            yield from _cut(encoder, records, raw.columns[name])
            yield from of_texts(encoder.name, records, rows)


def unknown(encoder: Encoder, validation: np.ndarray) -> Iterator[Message]:
    """What share of its tokens, N×length numbers, is not in the vocabulary."""
    share = (validation == UNKNOWN).sum() / max(1, (validation != PADDING).sum())
    if share >= LEAST:
        yield Message(
            "{share:.1%} of the tokens of {column} in the validation part are not in its vocabulary of "
            "{size:,}, which is that of the training part.",
            share=float(share),
            column=encoder.name,
            size=getattr(encoder.type, "size", 0),
        )


def _cut(encoder: Encoder, records: Records, numbers: np.ndarray) -> Iterator[Message]:
    """How many texts are longer than what the network sees."""
    type = encoder.type
    assert isinstance(type, TextColumn)
    full = np.flatnonzero(numbers[:, -1] != PADDING)  # others cannot be longer
    texts = records.columns[encoder.name][full]
    bare = type.with_setting("marks", NO_MARKS)
    lost = [
        row
        for row, found in zip(full, bare.numbers(texts, encoder.fitted), strict=True)
        if len(found) > type.length
    ]
    if lost:
        yield Message(
            "{count} of {all} texts of {column} {count:has|have} more than {length} tokens and "
            "{count:is|are} cut, the first is {place}.",
            count=len(lost),
            all=len(records),
            column=encoder.name,
            length=type.length,
            place=records.place(int(records.numbers[lost[0]])),
        )


def of_texts(column: str, records: Records, rows: Rows) -> Iterator[Message]:
    """Texts that are empty, and those that stand on both sides of the split."""
    texts = [
        as_text(value) if not isinstance(value, list) else str(value) for value in records.columns[column]
    ]
    empty = [row for row, text in enumerate(texts) if not (text or "").strip()]
    if empty:
        yield Message(
            "{count} text{count:|s} of {column} {count:is|are} empty, the first is {place}.",
            count=len(empty),
            column=column,
            place=records.place(int(records.numbers[empty[0]])),
        )
    learnt = {text for row in rows.train if (text := texts[row])}
    twice = [int(row) for part in (rows.validation, rows.test) for row in part if texts[row] in learnt]
    if twice:
        yield Message(
            "{count} text{count:|s} of {column} that validate or test stand{count:s|} among those to "
            "train on as well, the first is {place}. What is said of them is learnt by heart.",
            count=len(twice),
            column=column,
            place=records.place(int(records.numbers[twice[0]])),
        )
