"""Samples that are pieces of texts: at each token the next one is to be foretold."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from attrs import evolve, frozen

from engine.data.columns.text import CHARACTER, END, MARK, TextColumn
from engine.data.records import Records
from engine.data.sampling import NextToken
from engine.data.schema import Schema
from engine.data.settings import ColumnSettings, DataSettings
from engine.data.signs import PADDING
from engine.data.split import Rows
from engine.message import Message, Trouble

NEXT = "next"
"""The target of a network that writes."""
WHOLE = 4
"""Texts of which there are fewer are each cut by their order: not one of so few is to be spared whole."""
NEAR = 200
"""Characters within which an end of a word is looked for where a long text is cut."""


def written(settings: DataSettings, pieces: NextToken) -> ColumnSettings:
    """The column of the texts. Raises `Trouble` where there is none, or another input beside it."""
    inputs = settings.of_role("input")
    if len(inputs) != 1 or not isinstance(inputs[0].type, TextColumn) or settings.of_role("target"):
        raise Trouble(
            "To foretell the next token, expected one text as the only input and no target, since the target "
            "is what comes next in it; received {names}. Give all other columns the role ignore.",
            names=", ".join(f"{one.name} ({one.role})" for one in settings.columns if one.role != "ignore")
            or Message("none"),
        )
    (one,) = inputs
    text = one.type.with_setting("marks", END).with_setting("length", pieces.length)
    return one.with_setting("type", text)


def foretold(name: str) -> str:
    """What the target is called, beside a text of that name."""
    return NEXT if name != NEXT else f"{NEXT} token"


def schema_of_pieces(settings: DataSettings, pieces: NextToken, samples: int) -> Schema:
    """What a network gets of such texts."""
    one = written(settings, pieces)
    target = foretold(one.name)
    following = evolve(one.type.column(target, True), following=one.name)
    columns = {one.name: one.type.column(one.name, False), target: following}
    known = max(samples, -(-pieces.tokens // pieces.length))
    return Schema(columns, (one.name,), target, known, stratified=False)


@frozen(eq=False)
class TextPieces:
    """Texts as P pieces: the tokens of each and those that come next, both P×length int64, and the number of
    the text that each is from, P int64.
    """

    seen: np.ndarray
    following: np.ndarray
    text: np.ndarray

    def of(self, rows: Rows) -> Rows:
        """The pieces of each part, by its texts."""
        return Rows(
            *(np.flatnonzero(np.isin(self.text, part)) for part in (rows.train, rows.validation, rows.test))
        )


def cut_into_pieces(numbers: Iterator[np.ndarray], length: int) -> TextPieces:
    """The tokens of each text, with the mark at their end, cut into pieces. Each token is the next of one
    before it once: what a text begins after is the mark, what a piece begins after is the token before.
    """
    seen, following, text = [], [], []
    for place, tokens in enumerate(numbers):
        count = -(-len(tokens) // length)
        target = np.full(count * length, PADDING, np.int64)
        target[: len(tokens)] = tokens
        before = np.full_like(target, PADDING)
        before[0], before[1 : len(tokens)] = MARK, tokens[:-1]
        seen.append(before.reshape(count, length))
        following.append(target.reshape(count, length))
        text.append(np.full(count, place))
    return TextPieces(np.concatenate(seen), np.concatenate(following), np.concatenate(text))


def cut_by_order(
    records: Records, one: ColumnSettings, settings: DataSettings, own: np.ndarray | None
) -> tuple[Records, Rows]:
    """Few texts, each as a beginning to train on, what follows to validate and its end to test, as far as the
    files set nothing aside. `own` holds for each text its part, as `Records.parts` does.
    """
    parts = np.full(len(records), -1) if own is None else own
    held = [0.0 if (parts == part).any() else share for part, share in _shares(settings)]
    texts: list[object] = []
    rows: list[int] = []
    where: list[int] = []
    for row, (value, part) in enumerate(zip(records.columns[one.name], parts.tolist(), strict=True)):
        if part > 0:
            texts, rows, where = [*texts, value], [*rows, row], [*where, part]
            continue
        for number, piece in enumerate(_parted(str(value), one.type, held)):
            if piece:
                texts, rows, where = [*texts, piece], [*rows, row], [*where, number]
    place = np.array(where)
    for part, name in enumerate((Message("to train"), Message("to validate"), Message("to test"))):
        if not (place == part).any():
            raise Trouble(
                "The texts are too short: expected something {what} as well, received {count} "
                "text{count:|s}. Add more text.",
                what=name,
                count=len(records),
            )
    noticed = Message(
        "There {count:is|are} {count} long text{count:|s}: {count:its|their} beginning trains, then comes "
        "what validates, and {count:its|their} end tests.",
        count=int((parts < 1).sum()),
    )
    kept = records.take(np.array(rows, np.int64))
    values = np.empty(len(texts), object)
    values[:] = texts
    kept = evolve(kept, columns={**kept.columns, one.name: values}, parts=None)
    if any(held):
        kept = evolve(kept, noticed=(*kept.noticed, noticed))
    return kept, Rows(*(np.flatnonzero(place == part) for part in range(3)))


def _shares(settings: DataSettings) -> tuple[tuple[int, float], ...]:
    return (1, settings.validation), (2, settings.test)


def _parted(text: str, type: object, held: list[float]) -> list[str]:
    """A text as what trains, validates and tests, cut between words where those are tokens."""
    cuts = [int(len(text) * (1 - sum(held))), int(len(text) * (1 - held[1]))]
    if getattr(type, "unit", CHARACTER) != CHARACTER:
        cuts = [_between_words(text, cut) for cut in cuts]
    return [text[: cuts[0]], text[cuts[0] : cuts[1]], text[cuts[1] :]]


def _between_words(text: str, place: int) -> int:
    near = range(place, min(len(text), place + NEAR))
    return next((one for one in near if text[one].isspace()), place)


def few(records: Records) -> bool:
    """Whether there are so few texts, beside those that the files set aside, that each is cut."""
    free = len(records) if records.parts is None else int((records.parts < 1).sum())
    return free < WHOLE
