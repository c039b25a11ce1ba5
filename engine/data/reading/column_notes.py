"""What a column is taken for, and what a person should know of it before the column is learnt from."""

from __future__ import annotations

from datetime import date
from typing import Literal

from attrs import frozen

from engine.data.reading.content import medium_of
from engine.data.reading.tallies import ColumnTally
from engine.message import Message

ColumnGuess = Literal["number", "category", "date", "text", "image", "sound", "video"]

_FEW_WHOLE = 10
"""Different whole numbers that may well be names of classes."""
_MOST_CLASSES = 1000
_FLOAT32 = 2**24
"""Whole numbers beyond it are not all told apart by the numbers that networks compute with."""
_ENOUGH = 20
"""Values from which on it says something that all are different."""


@frozen
class ColumnNote:
    """One thing to know of a column, by a word for what it is about; and what to make of the column:
    "ignore", or the type that suits it better; "" where nothing need be done.
    """

    about: str
    message: Message
    suggests: str = ""


def guess_of(tally: ColumnTally) -> ColumnGuess:
    """What a column is taken for, from what was counted of it."""
    if tally.types == {"date"}:
        return "date"
    if tally.numeric:
        return "category" if _is_truth(tally) else "number"
    if tally.types == {"Boolean"}:
        return "category"
    medium = _medium(tally)
    if medium:
        return medium
    words = tally.first_words
    if words is None or tally.overflowed or len(tally.counts) > _MOST_CLASSES:
        return "text" if words is not None else "category"
    repeated = tally.known >= 2 * len(tally.counts) or tally.known < _ENOUGH
    long = words.str.len_chars().sum() > 50 * words.len()
    return "category" if repeated and not long else "text"


def notes_of(tally: ColumnTally, guess: ColumnGuess) -> tuple[ColumnNote, ...]:
    """Everything to know of a column, what matters most first."""
    if not tally.known:
        return (ColumnNote("missing", Message("All values are missing."), "ignore"),)
    if len(tally.counts) == 1 and not tally.overflowed and tally.known > 1:
        value = str(next(iter(tally.counts)))
        note = Message("All values are the same: {value}. Nothing can be learnt from it.", value=value)
        return (ColumnNote("constant", note, "ignore"), *_about_missing(tally))
    found = _about_mixed(tally) or _about_identity(tally)
    if tally.numeric:
        found += _about_numbers(tally, guess)
    elif guess == "category" and not found:
        found += _about_classes(tally)
    return (*found, *_about_missing(tally))


def _is_truth(tally: ColumnTally) -> bool:
    return not tally.overflowed and 0 < len(tally.counts) <= 2 and set(tally.counts) <= {0, 1}


def _medium(tally: ColumnTally) -> Literal["image", "sound", "video", ""]:
    """What files the words are paths of, where nearly all are."""
    words = tally.first_words
    if words is None:
        return ""
    media = [medium_of(word) for word in words.head(200).to_list()]
    for medium in ("image", "sound", "video"):
        if media.count(medium) > 0.9 * len(media):
            return medium
    return ""


def _about_mixed(tally: ColumnTally) -> list[ColumnNote]:
    if not tally.mixed:
        return []
    share = (tally.numbers + tally.infinite) / tally.known
    rows = ", ".join(f"{word} ({line})" for line, word in tally.odd)
    note = Message(
        "{share:.4g} % are numbers, but {n} value{n:|s} {n:is|are} not, with {n:its|their} row{n:|s}: "
        "{rows}. Mend them, or read them as missing.",
        share=100 * share,
        n=tally.odd_count,
        rows=rows + (" …" if tally.odd_count > len(tally.odd) else ""),
    )
    return [ColumnNote("mixed", note, "number")]


def _about_identity(tally: ColumnTally) -> list[ColumnNote]:
    """Names of things that stand as numbers or as single words: nothing can be learnt from those."""
    words = tally.first_words
    if words is not None and not tally.odd_count:
        digits = words.str.contains(r"^\d+$")
        if digits.all() and words.str.starts_with("0").any():
            note = Message("Digits with zeros before them, as in postcodes: they are names and no amounts.")
            return [ColumnNote("postcode", note, "ignore")]
        single = not words.str.contains(r"\s").any() and bool(words.str.contains(r"\d").all())
        if single and tally.all_different and tally.known >= _ENOUGH:
            note = Message(
                "All values are different: they may be identifiers, which tell nothing of new samples."
            )
            return [ColumnNote("identifier", note, "ignore")]
    whole_numbers = tally.types == {"Int64"} or (tally.types == {"Float64"} and tally.whole)
    if whole_numbers and tally.all_different and tally.known >= _ENOUGH and not _as_date(tally):
        note = Message(
            "Whole numbers, all different: they may be identifiers, which tell nothing of new samples."
        )
        return [ColumnNote("identifier", note, "ignore")]
    return []


def _about_numbers(tally: ColumnTally, guess: ColumnGuess) -> list[ColumnNote]:
    found: list[ColumnNote] = []
    if guess == "category":
        found.append(ColumnNote("truth", Message("Only 0 and 1: taken for a category of two classes.")))
    elif tally.whole and not tally.overflowed and len(tally.counts) <= _FEW_WHOLE <= tally.known / 2:
        note = Message("Only {n} different whole numbers: they may be classes.", n=len(tally.counts))
        found.append(ColumnNote("few", note, "category"))
    as_date = _as_date(tally)
    if as_date:
        found.append(ColumnNote("date", as_date, "date"))
    largest = max(abs(tally.lowest), abs(tally.highest)) if tally.numbers else 0
    if tally.whole and largest > _FLOAT32 and not as_date:
        note = Message("Some whole numbers are beyond 16,777,216: networks cannot tell all of those apart.")
        found.append(ColumnNote("large", note))
    if tally.infinite:
        note = Message("{n} value{n:|s} {n:is|are} infinite, and cannot be learnt from.", n=tally.infinite)
        found.append(ColumnNote("infinite", note))
    return found


def _as_date(tally: ColumnTally) -> Message | None:
    """How the numbers would be read as dates, where they may well be some."""
    if tally.lowest is None or not tally.numbers or isinstance(tally.lowest, date):
        return None
    low, high = tally.lowest, tally.highest
    if tally.whole and low > 1e7 and high < 1e8 and _is_day(low) and _is_day(high):
        return Message("They may be dates, written as year, month and day in one number.")
    if not tally.whole and low > 1500 and high < 2200 and high - low < 600 and tally.deviation is not None:
        return Message("They may be years with a fraction, as {example}.", example=tally.examples[0])
    name = tally.name.lower()
    if tally.whole and low > 1500 and high < 2200 and any(word in name for word in ("year", "jahr", "年")):
        return Message("They may be years.")
    if any(word in name for word in ("date", "datum", "time", "zeit", "日期", "时间", "時間")):
        if tally.whole and low > 9e8 and high < 5e9:
            return Message("They may be seconds since 1970.")
        if tally.whole and low > 9e11 and high < 5e12:
            return Message("They may be milliseconds since 1970.")
        if low > 20_000 and high < 80_000:
            return Message("They may be days as spreadsheets count them, from 1900 on.")
    return None


def _is_day(number: float) -> bool:
    year, month, day = int(number) // 10_000, int(number) // 100 % 100, int(number) % 100
    return 1500 < year < 2200 and 1 <= month <= 12 and 1 <= day <= 31


def _about_classes(tally: ColumnTally) -> list[ColumnNote]:
    """Classes of one sample cannot stand on both sides of a split."""
    if tally.overflowed or tally.known < _ENOUGH:
        return []
    once = [str(value) for value, count in tally.counts.items() if count == 1]
    if not once:
        return []
    note = Message(
        "{n} class{n:|es} {n:has|have} one row alone: {names}.",
        n=len(once),
        names=", ".join(once[:5]) + (" …" if len(once) > 5 else ""),
    )
    return [ColumnNote("rare", note)]


def _about_missing(tally: ColumnTally) -> list[ColumnNote]:
    if not tally.missing:
        return []
    note = Message("{n} of {rows} values are missing.", n=tally.missing, rows=tally.rows)
    return [ColumnNote("missing", note)]
