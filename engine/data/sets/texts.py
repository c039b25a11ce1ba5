"""Written text that comes with the program: names in Latin letters, poems in Chinese characters."""

from __future__ import annotations

import csv
import gzip
import string
import zlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np
from attrs import evolve

from engine.data.columns.text import END, START, TextColumn, TextSigns
from engine.data.schema import Column, Raw, Schema, schema_of
from engine.data.sets import shipped
from engine.data.signs import Signs, Written
from engine.data.source import Source
from engine.kinds import declare, param
from engine.message import Message

SEX, NEXT_LETTER = "the sex", "the next letter"


@declare(
    title="First names",
    family="texts",
    hint="4,832 first names, by sex",
    search="english text letters characters gender sex classification names census",
)
class FirstNames(Source):
    """First names in the United States, letter by letter. Is it a woman's or a man's?

    The first set for text: names are short, of two to eleven letters, and their ends tell much. Four of five
    are women's, so look at balanced accuracy as well. Asked for the next letter, a network makes up new ones.

    Each letter is a number: 0 fills short names up, 1 is any sign but a letter, 2 to 27 are a to z.

    Source: U.S. Census Bureau, Frequently occurring first names, 1990; names of both sexes are left out.

    Licence: public domain.
    """

    length: int = param(
        11, lo=2, hi=30, doc="How many letters the network sees; longer names are cut", unit="letters"
    )

    SAMPLES = 4832
    SEXES = ("female", "male")
    asked: str = param(
        SEX,
        options=(SEX, NEXT_LETTER),
        doc="What is asked: whose name it is, or at each letter which comes next, to make up new names",
        later=True,
    )
    LETTERS = Signs(tuple(string.ascii_lowercase))

    @property
    def _written(self) -> TextSigns:
        """The letters as a network reads them that writes names: 2 stands before the first and is the end."""
        text = TextColumn(size=3 + len(self.LETTERS.signs), length=self.length + 1, marks=START)
        return TextSigns(text, {"tokens": list(self.LETTERS.signs)})

    def schema(self) -> Schema:
        """The letters of a name and one of two sexes, or the letters that come next."""
        if self.asked == NEXT_LETTER:
            text = self._written.type
            letters = evolve(text.named(text.column("next", True), self._written.fitted), following="name")
            name = evolve(text.column("name", False), doc="the letters as numbers, 2 before the first")
            return evolve(schema_of(name, target=letters, samples=self.SAMPLES), stratified=False)
        return schema_of(
            Column(
                "name", (self.length,), "int", doc="the letters as numbers, 0 after the last", lo=0, hi=27
            ),
            target=Column("sex", (), "int", self.SEXES, doc="whose name it is"),
            samples=self.SAMPLES,
        )

    def load(self) -> Raw:
        """Every name, by the alphabet."""
        path = shipped.FOLDER / "first_names.csv"
        expected = Message("a header and {count} names, each with a sex", count=f"{self.SAMPLES:,}")
        names, sexes = _labelled(path, path.read_bytes, expected, self.SAMPLES, self.SEXES)
        if self.asked == NEXT_LETTER:
            signs = self._written
            ended = TextSigns(signs.type.with_setting("marks", END), signs.fitted)
            length = self.length + 1
            return Raw({"name": signs.encode(names, length), "next": ended.encode(names, length)})
        return Raw({"name": self.LETTERS.encode(names, self.length), "sex": sexes})

    def signs(self, column: str) -> Written | None:
        """The small letters, for the name."""
        if column != "name":
            return None
        return self._written if self.asked == NEXT_LETTER else self.LETTERS


@declare(
    title="Tang and Song poems",
    family="texts",
    hint="7,997 beginnings of Chinese poems, two dynasties",
    search="chinese text characters hanzi poetry dynasty classification 唐诗 宋诗 中文",
)
class Poems(Source):
    """The beginnings of Chinese poems, character by character. Was it written under the Tang or the Song?

    For text that has no spaces: a sign is a word here, there are thousands of them, and most are rare.

    Each character is a number: 0 fills short poems up, 1 is any character that is not in the vocabulary, then
    come the characters, the most frequent first. The vocabulary is that of the 6,797 poems outside the test
    part, which are 1,200 and the same every time; what stands only in the test part is not in it.

    Source: classical texts as in chinese-poetry 2.0.1, 4,000 poems of each dynasty, of each at most 64
    characters; three that stand there twice are read once.

    Licence: public domain; the collection is MIT.
    """

    length: int = param(
        64, lo=4, hi=64, doc="How many characters the network sees; longer poems are cut", unit="characters"
    )
    characters: int = param(
        3000, lo=10, hi=5500, doc="How many different characters are told apart, the most frequent ones"
    )

    SAMPLES, TEST = 7997, 1200
    DYNASTIES = ("唐", "宋")
    NAMES = ("Tang 唐", "Song 宋")

    def schema(self) -> Schema:
        """The characters of a poem and one of two dynasties."""
        return schema_of(
            Column(
                "poem",
                (self.length,),
                "int",
                doc="the characters as numbers, 0 after the last",
                lo=0,
                hi=self.characters + 1,
            ),
            target=Column("dynasty", (), "int", self.NAMES, doc="when it was written"),
            samples=self.SAMPLES,
            own_test=self.TEST,
        )

    def load(self) -> Raw:
        """Every poem, the test part last."""
        poems, dynasties = _poems(shipped.FOLDER / "poems.csv.gz")
        coded = _vocabulary(shipped.FOLDER / "poems.csv.gz", self.characters).encode(poems, self.length)
        return Raw({"poem": coded, "dynasty": dynasties}, np.arange(self.SAMPLES - self.TEST, self.SAMPLES))

    def signs(self, column: str) -> Signs | None:
        """The characters of the vocabulary, for the poem."""
        return _vocabulary(shipped.FOLDER / "poems.csv.gz", self.characters) if column == "poem" else None


@lru_cache(maxsize=1)
def _poems(path: Path) -> tuple[tuple[str, ...], np.ndarray]:
    """The poems and the numbers of their dynasties, the test part last. They are in no order."""
    expected = Message("a header and 8,000 poems, each with a dynasty")

    def content() -> bytes:
        with gzip.open(path) as stream:
            return stream.read()

    poems, dynasties = _labelled(path, content, expected, 8000, Poems.DYNASTIES)
    first = {poem: row for row, poem in reversed(list(enumerate(poems)))}
    rows = np.array(sorted(first.values()))
    if len(rows) != Poems.SAMPLES:
        found = Message("{count} different ones", count=f"{len(rows):,}")
        raise shipped.broken(path, Message("7,997 different poems"), found)
    return tuple(poems[row] for row in rows), dynasties[rows]


@lru_cache(maxsize=4)
def _vocabulary(path: Path, size: int) -> Signs:
    """The most frequent characters outside the test part."""
    return Signs.most_frequent(_poems(path)[0][: Poems.SAMPLES - Poems.TEST], size)


def _labelled(
    path: Path, content: Callable[[], bytes], expected: Message, count: int, labels: tuple[str, ...]
) -> tuple[list[str], np.ndarray]:
    """The texts of a table of two columns and the numbers of their labels, int64."""
    shipped.present(path)
    try:
        rows = list(csv.reader(content().decode("utf-8").splitlines()))[1:]
        texts = [text for text, _ in rows]
        numbers = np.array([labels.index(label) for _, label in rows], np.int64)
    except (OSError, ValueError, EOFError, csv.Error, zlib.error) as error:
        raise shipped.broken(path, expected, shipped.reason(error)) from None
    if len(texts) != count:
        raise shipped.broken(path, expected, Message("{count} of them", count=f"{len(texts):,}"))
    return texts, numbers
