"""Search as a person types: letters of a name in order, or the beginning of a word that describes it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Set
from functools import lru_cache
from typing import NamedTuple, TypeVar

T = TypeVar("T")

EXACT, PREFIX, TIGHT, WORD, INSIDE, DESCRIBED, LOOSE = 1000, 800, 600, 400, 300, 200, 100


class Searchable(NamedTuple):
    """What is searched in: the name, words that mean the same, and the sentences that describe it."""

    name: str
    words: str = ""
    description: str = ""


class Match(NamedTuple):
    """How well an entry fits, more being better, and which letters of its name were meant."""

    score: float
    letters: tuple[int, ...] = ()


def ranked(query: str, things: Iterable[tuple[T, Searchable]]) -> list[tuple[T, Match]]:
    """The things that fit, best first; equally good ones keep their order. An empty query fits everything."""
    matches = [(thing, hit) for thing, entry in things if (hit := match(query, entry)) is not None]
    return sorted(matches, key=lambda pair: -pair[1].score)


def match(query: str, entry: Searchable) -> Match | None:
    """How an entry fits what was typed, or None. Every word typed must be found somewhere."""
    parts = query.casefold().split()
    if not parts:
        return Match(0)
    # Words run together first: `conv2d` and `conv 2d` mean the same. A tight fit beats all that follows.
    whole = _in_name("".join(parts), entry.name)
    if whole is not None and whole.score >= TIGHT:
        return whole
    # Else each word by itself, in the name or in what describes it; all of them must be found.
    hits = []
    for part in parts:
        here = [hit for hit in (_in_name(part, entry.name), _in_words(part, entry)) if hit is not None]
        if not here:
            return whole
        hits.append(max(here, key=lambda hit: hit.score))
    letters = tuple(sorted({letter for hit in hits for letter in hit.letters}))
    return Match(sum(hit.score for hit in hits) / len(hits), letters)


def _in_name(part: str, name: str) -> Match | None:
    folded = name.casefold()
    if len(folded) != len(name):  # some letters fold to two; positions would not fit
        folded = name.lower()
    if folded == part:
        return Match(EXACT, tuple(range(len(name))))
    if folded.startswith(part):
        return Match(PREFIX - len(name), tuple(range(len(part))))
    rest = iter(folded)
    if not all(letter in rest for letter in part):
        return None
    starts = frozenset(_starts(name))
    letters = _aligned(part, folded, starts)
    if letters is None:
        return None
    tight = all(at in starts or (i > 0 and letters[i - 1] == at - 1) for i, at in enumerate(letters)) and (
        len(part) > 1 or letters[0] in starts
    )
    gaps = letters[-1] - letters[0] + 1 - len(letters)
    if not tight and gaps and " " in name[letters[0] : letters[-1]]:
        return None  # letters strewn over a sentence mean nothing: `head` is not in Switch between dark
    tier = TIGHT if tight else INSIDE if not gaps and len(part) > 2 else LOOSE
    return Match(tier - letters[0] - gaps - len(name) / 100, letters)


def _in_words(part: str, entry: Searchable) -> Match | None:
    for text, tier in ((entry.words, WORD), (entry.description, DESCRIBED)):
        for word in re.findall(r"\w+", text.casefold()):
            if word.startswith(part):
                return Match(tier - (len(word) - len(part)))
    return None


@lru_cache(maxsize=2000)
def _starts(name: str) -> list[int]:
    """Where words begin: the first letter, capitals, the first digit, letters after a gap."""
    return [
        i
        for i, letter in enumerate(name)
        if i == 0
        or (letter.isupper() and not name[i - 1].isupper())
        or (letter.isdigit() and not name[i - 1].isdigit())
        or (letter.isalnum() and not name[i - 1].isalnum())
    ]


def _aligned(part: str, name: str, begins: Set[int]) -> tuple[int, ...] | None:
    """The places in the name that the letters typed most likely mean: beginnings and runs first.

    One row for each letter typed, one cell for each letter of the name: the best score of the letters so far
    that ends there, and where the letter before it stands. The way back from the best end is the answer.
    """
    rows: list[list[tuple[float, int]]] = []
    nothing = float("-inf")
    for i, letter in enumerate(part):
        row: list[tuple[float, int]] = []
        best, before = (0.0, -1) if i == 0 else (nothing, -1)
        for at, there in enumerate(name):
            # the best place for the letter before, anywhere left of here
            if i and at and rows[-1][at - 1][0] > best:
                best, before = rows[-1][at - 1][0], at - 1
            score, origin = nothing, -1
            if there == letter and best > nothing:
                score, origin = best, before
                # or right beside it, which is worth three; a beginning is worth four
                run = rows[-1][at - 1][0] + 3 if i and at else nothing
                if run >= score:
                    score, origin = run, at - 1
                score += 4 if at in begins else 0
            row.append((score, origin))
        rows.append(row)
    end = max(range(len(name)), key=lambda at: rows[-1][at][0], default=-1)
    if end < 0 or rows[-1][end][0] == nothing:
        return None
    places = [end]
    for row in reversed(rows[1:]):
        places.append(row[places[-1]][1])
    return tuple(reversed(places))
