"""Columns of written text: as letters, as words, or as the pieces of words that come up often."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
from attrs import evolve, frozen

from engine.data.columns.column_type import ColumnType, Fitted, Values, as_text
from engine.data.schema import Column
from engine.data.signs import PADDING, UNKNOWN, UNKNOWN_SIGN
from engine.kinds import declare, param

if TYPE_CHECKING:
    from tokenizers import Tokenizer

CHARACTER, WORD, PIECE, GIVEN = "character", "word", "byte pair", "as given"
NO_MARKS, END, START = "none", "end", "start"
NAMES = ("padding", UNKNOWN_SIGN)
"""What the first numbers stand for: what fills a short text up, and what is not in the vocabulary."""
MARK, MARK_NAME = 2, "<end>"
"""The number that says where a text ends, or where one begins, where it is marked; no token is called so."""
TOGETHER = 500
"""Texts that are cut into byte pairs at once."""
_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORDS = re.compile(rf"[{_HAN}]|[^\W{_HAN}]+|[^\w\s]")
"""A Han character is a word by itself, since no spaces part them."""


@declare(
    title="text",
    family="columns",
    hint="written words",
    search="text words characters tokens language string",
)
class TextColumn(ColumnType):
    """Written text, cut into tokens of which each has a number.

    Where what is written matters: characters for names and for Chinese, words for short texts of which there
    are many, byte pairs for all else; as given, where each word has a tag of its own.

    Number 0 fills short texts up, 1 stands for what the training part did not have.

    Source: R. Sennrich, B. Haddow and A. Birch, Neural machine translation of rare words with subword units,
    2016 (byte pairs).
    """

    unit: str = param(
        CHARACTER,
        options=(CHARACTER, WORD, PIECE, GIVEN),
        doc="What has a number of its own; as given are words between spaces, or those of a JSON list",
    )
    size: int = param(
        1000,
        lo=3,
        hi=1_000_000,
        doc="How many numbers there are: the most frequent tokens of the training part",
    )
    length: int = param(
        64, lo=1, hi=100_000, doc="How many tokens the network sees; longer texts are cut", unit="tokens"
    )
    small_letters: bool = param(True, doc="Whether capitals are read as small letters")
    missing: str = param("drop", options=("drop", "empty"), doc="What a missing text is", advanced=True)
    marks: str = param(
        NO_MARKS,
        options=(NO_MARKS, END, START),
        doc="Whether a sign stands after a text that is to be written, or before one that is written so far",
        hidden=True,
    )

    def column(self, name: str, target: bool) -> Column:
        """The numbers of tokens; as a target each is a class."""
        if not target:
            return Column(name, (self.length,), "int", lo=0, hi=self.size - 1)
        return Column(name, (self.length,), "int", self._named(()), padding=PADDING)

    def named(self, column: Column, fitted: Fitted) -> Column:
        """The column with its tokens as the names of classes."""
        return evolve(column, classes=self._named(self.tokens(fitted))) if column.classes else column

    def _named(self, tokens: Sequence[str]) -> tuple[str, ...]:
        """A name for every number, also for those that no token has."""
        names = [*NAMES, *tokens]
        return tuple(names + [f"#{number}" for number in range(len(names), self.size)])

    def fit(self, values: Values) -> Fitted:
        """The vocabulary: the most frequent tokens, or which pieces to join."""
        texts = [text for value in values if (text := self._text(value))]
        if self.unit == PIECE:
            return {"tokenizer": _trained(texts, self.size - self._first)}
        counts: Counter[str] = Counter()
        for text in texts:
            counts.update(self._cut(text))
        # of those that are equally frequent the order must not depend on which text came first
        return {"tokens": sorted(counts, key=lambda one: (-counts[one], one))[: self.size - self._first]}

    def encode(self, values: Values, fitted: Fitted, target: bool) -> np.ndarray:
        """The numbers of each text's tokens N×length, int64: short ones filled up at their end, long ones
        cut.
        """
        coded = np.full((len(values), self.length), PADDING, np.int64)
        for row, numbers in enumerate(self.numbers(values, fitted)):
            coded[row, : len(numbers)] = numbers[: self.length]
        return coded

    def numbers(self, values: Values, fitted: Fitted) -> Iterator[np.ndarray]:
        """The numbers of all tokens of each text with its mark, uncut, int64."""
        for found in self._numbers(values, fitted):
            if self.marks == END:
                yield np.append(found, MARK)
            else:
                yield np.insert(found, 0, MARK) if self.marks == START else found

    def _numbers(self, values: Values, fitted: Fitted) -> Iterator[np.ndarray]:
        texts, first = (self._text(value) for value in values), self._first
        if self.unit == PIECE:
            tokenizer = _tokenizer(fitted["tokenizer"])
            while some := list(islice(texts, TOGETHER)):
                for one in tokenizer.encode_batch(some):
                    pieces = np.array(one.ids, np.int64) + first
                    yield np.where(pieces < self.size, pieces, UNKNOWN)
            return
        places = {token: place for place, token in enumerate(fitted["tokens"], start=first)}
        for text in texts:
            tokens = self._cut(text)
            yield np.fromiter((places.get(token, UNKNOWN) for token in tokens), np.int64, len(tokens))

    def decode(self, numbers: Sequence[int], fitted: Fitted) -> str:
        """The text that numbers stand for, to where it ends or only padding follows."""
        known = [int(one) for one in numbers]
        if self.marks != NO_MARKS:
            known = known[1:] if known[:1] == [MARK] and self.marks == START else known
            known = known[: known.index(MARK)] if MARK in known else known
        while known and known[-1] == PADDING:
            known.pop()
        if self.unit == PIECE:
            first = self._first
            return str(_tokenizer(fitted["tokenizer"]).decode([n - first for n in known if n >= first]))
        names = ("", UNKNOWN_SIGN, *self.tokens(fitted))
        words = [names[one] if one < len(names) else UNKNOWN_SIGN for one in known]
        return ("" if self.unit == CHARACTER else " ").join(words)

    def tokens(self, fitted: Fitted) -> tuple[str, ...]:
        """The tokens of the vocabulary, in the order of their numbers, which begin at 2."""
        marks = () if self.marks == NO_MARKS else (MARK_NAME,)
        if self.unit != PIECE:
            return (*marks, *fitted["tokens"])
        tokenizer = _tokenizer(fitted["tokenizer"])
        pieces = [str(tokenizer.decode([one])) for one in range(tokenizer.get_vocab_size())]
        taken: Counter[str] = Counter()
        for place, piece in enumerate(pieces):  # a piece may be part of a character, and two look alike then
            taken[piece] += 1
            pieces[place] = piece if taken[piece] == 1 else f"{piece} ({taken[piece]})"
        return (*marks, *pieces)

    @property
    def _first(self) -> int:
        """The number of the first token."""
        return MARK + (self.marks != NO_MARKS)

    def cut(self, texts: Sequence[str]) -> list[list[str]]:
        """The characters, or the words, of each text."""
        return [self._cut(self._text(text)) for text in texts]

    def _text(self, value: object) -> str:
        text = json.dumps(value, ensure_ascii=False) if isinstance(value, list) else as_text(value) or ""
        if self.unit == PIECE:  # half a character, as JSON may hold one, is none to the library
            text = text.encode("utf-8", "replace").decode("utf-8")
        return text.lower() if self.small_letters else text

    def _cut(self, text: str) -> list[str]:
        if self.unit == GIVEN:
            return words_given(text)
        return list(text) if self.unit == CHARACTER else _WORDS.findall(text)


@frozen(eq=False)
class TextSigns:
    """What the numbers of a person's own text stand for, by what its type has learnt."""

    type: TextColumn
    fitted: Fitted

    def numbers(self, text: str) -> list[int]:
        """What the network reads of a text, uncut, with what stands before one that is written so far."""
        (found,) = self.type.numbers(np.array([text], object), self.fitted)
        numbers: list[int] = found.tolist()
        return numbers

    def encode(self, texts: Sequence[str], length: int) -> np.ndarray:
        """The same of several, texts×length, int64: short ones filled up at their end, long ones cut."""
        column = self.type.with_setting("length", length)
        return column.encode(np.array([*texts, None], object)[:-1], self.fitted, False)

    def decode(self, numbers: Iterable[int]) -> str:
        """The text that these numbers stand for, to where it ends."""
        return self.type.decode(list(numbers), self.fitted)

    def read(self, text: str) -> list[tuple[str, bool]]:
        """Each token of a text, and whether it is in the vocabulary."""
        unmarked = self.type.with_setting("marks", NO_MARKS)
        if self.type.unit == PIECE:
            ids = _tokenizer(self.fitted["tokenizer"]).encode(unmarked._text(text)).ids
            return [(str(_tokenizer(self.fitted["tokenizer"]).decode([one])), True) for one in ids]
        known = set(self.fitted["tokens"])
        (tokens,) = unmarked.cut([text])
        return [(one, one in known) for one in tokens]


def words_given(text: str) -> list[str]:
    """The words of a JSON list, or those between spaces."""
    if text.lstrip().startswith("["):
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, list):
            return [one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in found]
    return text.split()


def _trained(texts: Sequence[str], size: int) -> str:
    """A vocabulary of byte pairs, as its library writes it."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    bytes = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(vocab_size=size - 2, initial_alphabet=bytes, show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    return str(tokenizer.to_str())


@lru_cache(maxsize=8)
def _tokenizer(text: str) -> Tokenizer:
    from tokenizers import Tokenizer

    return Tokenizer.from_str(text)
