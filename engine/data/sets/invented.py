"""Data made up by rule: random numbers to look at shapes with, and a task that a network can learn."""

from __future__ import annotations

import numpy as np

from engine.data.schema import Column, Raw, Schema
from engine.data.source import Source
from engine.kinds import declare, param

CLASS, MASK, ROW, NEXT = "class", "mask", "row of numbers", "next word"


def _classes(number: int, name: str) -> tuple[str, ...]:
    return tuple(f"{name} {i}" for i in range(number))


@declare(
    title="Random pictures, for looking at shapes",
    family="invented",
    hint="random numbers in the shape of pictures",
    search="random pictures blank noise shapes imagenet size famous test",
)
class RandomPictures(Source):
    """Random numbers in the shape of pictures. There is nothing to learn in them.

    For looking at a network made for large pictures: its shapes, its cost, and whether it runs.

    Source: made up by the program.
    """

    channels: int = param(3, lo=1, hi=1000, doc="Channels of a picture; 3 for colour, 1 for grey")
    height: int = param(224, lo=1, hi=4096, doc="Height of a picture", unit="px")
    width: int = param(224, lo=1, hi=4096, doc="Width of a picture", unit="px")
    target: str = param(
        CLASS,
        options=(CLASS, MASK),
        doc="What is asked: a class for each picture, or yes or no for each pixel",
    )
    classes: int = param(1000, lo=2, hi=100_000, doc="How many classes there are")
    samples: int = param(32, lo=8, hi=10_000, doc="How many pictures are made up")

    def schema(self) -> Schema:
        """A picture, and a class or a mask."""
        picture = (self.channels, self.height, self.width)
        image = Column("image", picture, doc="random numbers from 0 to 1", lo=0, hi=1)
        if self.target == CLASS:
            names = _classes(self.classes, "class")
            target = Column("label", (), "int", names, doc="a class drawn at random")
        else:
            pixels = (1, *picture[1:])
            target = Column("mask", pixels, "int", ("no", "yes"), doc="yes or no for each pixel, at random")
        return _schema((image,), target, self.samples)

    def load(self) -> Raw:
        """The same numbers every time."""
        chance = np.random.default_rng(0)
        image = chance.random((self.samples, self.channels, self.height, self.width), np.float32)
        if self.target == CLASS:
            return Raw({"image": image, "label": chance.integers(self.classes, size=self.samples)})
        mask = chance.integers(2, size=(self.samples, 1, self.height, self.width))
        return Raw({"image": image, "mask": mask})


@declare(
    title="Random words, for looking at shapes",
    family="invented",
    hint="random numbers in the shape of words",
    search="random words tokens text blank noise shapes language model famous test",
)
class RandomWords(Source):
    """Random whole numbers that stand for words. There is nothing to learn in them.

    For looking at a network made for text: its shapes, its cost, and whether it runs.

    Source: made up by the program.
    """

    length: int = param(512, lo=1, hi=100_000, doc="How many words a sample has", unit="words")
    words: int = param(30_522, lo=2, hi=1_000_000, doc="How many different words there are")
    target: str = param(
        NEXT, options=(NEXT, ROW), doc="What is asked: the next word at every step, or a row of numbers"
    )
    width: int = param(768, lo=1, hi=100_000, doc="How many numbers the row has, where one is asked")
    samples: int = param(32, lo=8, hi=10_000, doc="How many samples are made up")

    def schema(self) -> Schema:
        """Words and the sentence that each stands in; as target the next words, or a row of numbers."""
        words = Column(
            "words",
            (self.length,),
            "int",
            doc="the numbers of words, drawn at random",
            lo=0,
            hi=self.words - 1,
        )
        sentence = Column(
            "sentence", (self.length,), "int", doc="0 in the first sentence, 1 in the second", lo=0, hi=1
        )
        if self.target == NEXT:
            names = _classes(self.words, "word")
            target = Column("next", (self.length,), "int", names, doc="the word after each word")
        else:
            target = Column("row", (self.width,), doc="numbers drawn at random")
        return _schema((words, sentence), target, self.samples)

    def load(self) -> Raw:
        """The same numbers every time."""
        chance = np.random.default_rng(0)
        words = chance.integers(self.words, size=(self.samples, self.length + 1))
        ends = chance.integers(1, self.length + 1, size=(self.samples, 1))
        columns = {"words": words[:, :-1], "sentence": (np.arange(self.length) >= ends).astype(np.int64)}
        if self.target == NEXT:
            return Raw({**columns, "next": words[:, 1:]})
        return Raw({**columns, "row": chance.standard_normal((self.samples, self.width))})


@declare(
    title="Random sequences, for looking at shapes",
    family="invented",
    hint="random numbers in the shape of two sequences",
    search="random sequences rows blank noise shapes transformer translation famous test",
)
class RandomSequences(Source):
    """Random numbers in the shape of two sequences of rows. There is nothing to learn in them.

    For looking at a network that makes one sequence from another: its shapes, its cost, and whether it runs.

    Source: made up by the program.
    """

    length: int = param(128, lo=1, hi=100_000, doc="How many steps the first sequence has", unit="steps")
    made: int = param(128, lo=1, hi=100_000, doc="How many steps the second sequence has", unit="steps")
    width: int = param(512, lo=1, hi=100_000, doc="How many numbers stand at a step")
    samples: int = param(32, lo=8, hi=10_000, doc="How many samples are made up")

    def schema(self) -> Schema:
        """The sequence that is read, the one that is made up to each step, and what comes next in it."""
        read = Column("read", (self.length, self.width), doc="the sequence that is read")
        made = Column("made", (self.made, self.width), doc="the sequence that is made, up to each step")
        target = Column("next", (self.made, self.width), doc="what comes next at each step")
        return _schema((read, made), target, self.samples)

    def load(self) -> Raw:
        """The same numbers every time."""
        chance = np.random.default_rng(0)
        read = chance.standard_normal((self.samples, self.length, self.width), np.float32)
        both = chance.standard_normal((self.samples, self.made + 1, self.width), np.float32)
        return Raw({"read": read, "made": both[:, :-1], "next": both[:, 1:]})


@declare(
    title="Digits to write backwards",
    family="invented",
    hint="2,000 made-up rows of eight digits",
    search="reverse backwards sequence to sequence translation attention copy task made up",
)
class Backwards(Source):
    """Rows of eight digits, made up at random. Write each from its end to its beginning.

    A small translation with one right answer: whoever writes the first digit must know the last one read.

    Source: made up by the program.
    """

    length: int = param(8, lo=2, hi=100, doc="How many digits a row has", unit="digits")
    SAMPLES, START = 2000, 10

    def schema(self) -> Schema:
        """The row that is read, what is written already before each step, and the digit to write there."""
        read = Column("read", (self.length,), "int", doc="the digits that are read", lo=0, hi=9)
        written = Column(
            "written", (self.length,), "int", doc="the digit written last; 10 before the first", lo=0, hi=10
        )
        digits = tuple("0123456789")
        target = Column("backwards", (self.length,), "int", digits, doc="the digit to write at each step")
        return _schema((read, written), target, self.SAMPLES)

    def load(self) -> Raw:
        """The same rows every time."""
        read = np.random.default_rng(0).integers(10, size=(self.SAMPLES, self.length))
        backwards = read[:, ::-1]
        start = np.full((self.SAMPLES, 1), self.START)
        return Raw({"read": read, "written": np.hstack([start, backwards[:, :-1]]), "backwards": backwards})


def _schema(inputs: tuple[Column, ...], target: Column, samples: int) -> Schema:
    """A set whose parts need not hold every class."""
    return Schema(
        {column.name: column for column in (*inputs, target)},
        tuple(column.name for column in inputs),
        target.name,
        samples,
        stratified=False,
    )
