"""Columns of written text: as letters, as words, or as the pieces of words that come up often."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from attrs import evolve

from engine.data.columns.column_type import ColumnType, Fitted, Values, as_text
from engine.data.schema import Column
from engine.data.signs import PADDING, UNKNOWN, UNKNOWN_SIGN
from engine.kinds import declare, param

if TYPE_CHECKING:
    from tokenizers import Tokenizer

CHARACTER, WORD, PIECE = "character", "word", "byte pair"
NAMES = ("padding", UNKNOWN_SIGN)
"""What the first numbers stand for: what fills a short text up, and what is not in the vocabulary."""
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
    are many, byte pairs for all else.

    Number 0 fills short texts up, 1 stands for what the training part did not have.

    Source: R. Sennrich, B. Haddow and A. Birch, Neural machine translation of rare words with subword units,
    2016 (byte pairs).
    """

    unit: str = param(CHARACTER, options=(CHARACTER, WORD, PIECE), doc="What has a number of its own")
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

    def column(self, name: str, target: bool) -> Column:
        """The numbers of tokens; as a target each is a class."""
        if not target:
            return Column(name, (self.length,), "int", lo=0, hi=self.size - 1)
        return Column(name, (self.length,), "int", self._named(()))

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
            return {"tokenizer": _trained(texts, self.size)}
        counts = Counter(token for text in texts for token in self._cut(text))
        # of those that are equally frequent the order must not depend on which text came first
        return {"tokens": sorted(counts, key=lambda one: (-counts[one], one))[: self.size - 2]}

    def encode(self, values: Values, fitted: Fitted, target: bool) -> np.ndarray:
        """The numbers of each text's tokens N×length, int64: short ones filled up at their end, long ones
        cut.
        """
        coded = np.full((len(values), self.length), PADDING, np.int64)
        for row, numbers in enumerate(self.numbers(values, fitted)):
            coded[row, : len(numbers)] = numbers[: self.length]
        return coded

    def numbers(self, values: Values, fitted: Fitted) -> list[list[int]]:
        """The numbers of all tokens of each text, uncut."""
        texts = [self._text(value) for value in values]
        if self.unit == PIECE:
            found = _tokenizer(fitted["tokenizer"]).encode_batch(texts)
            return [[n + 2 if n + 2 < self.size else UNKNOWN for n in one.ids] for one in found]
        places = {token: place for place, token in enumerate(fitted["tokens"], start=2)}
        return [[places.get(token, UNKNOWN) for token in self._cut(text)] for text in texts]

    def decode(self, numbers: Sequence[int], fitted: Fitted) -> str:
        """The text that numbers stand for, to where only padding follows."""
        known = [int(one) for one in numbers]
        while known and known[-1] == PADDING:
            known.pop()
        if self.unit == PIECE:
            return str(_tokenizer(fitted["tokenizer"]).decode([one - 2 for one in known if one >= 2]))
        names = ("", UNKNOWN_SIGN, *fitted["tokens"])
        words = [names[one] if one < len(names) else UNKNOWN_SIGN for one in known]
        return ("" if self.unit == CHARACTER else " ").join(words)

    def tokens(self, fitted: Fitted) -> tuple[str, ...]:
        """The tokens of the vocabulary, in the order of their numbers, which begin at 2."""
        if self.unit != PIECE:
            return tuple(fitted["tokens"])
        tokenizer = _tokenizer(fitted["tokenizer"])
        pieces = [str(tokenizer.decode([one])) for one in range(tokenizer.get_vocab_size())]
        taken: Counter[str] = Counter()
        for place, piece in enumerate(pieces):  # a piece may be part of a character, and two look alike then
            taken[piece] += 1
            pieces[place] = piece if taken[piece] == 1 else f"{piece} ({taken[piece]})"
        return tuple(pieces)

    def cut(self, texts: Sequence[str]) -> list[list[str]]:
        """The characters, or the words, of each text."""
        return [self._cut(self._text(text)) for text in texts]

    def _text(self, value: object) -> str:
        text = as_text(value) or ""
        return text.lower() if self.small_letters else text

    def _cut(self, text: str) -> list[str]:
        return list(text) if self.unit == CHARACTER else _WORDS.findall(text)


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
