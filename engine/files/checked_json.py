"""Reads JSON that another program, a person or a failing disk may have changed: whole, within bounds, and
only as what its reader expects. What is wrong is said in one sentence about that file alone.

What is expected is declared with the functions of this page, which give a `Check` each:

    RUN = members(number=whole(1, 9999), title=text(), seconds=maybe(number(0)))
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from engine.files.reading import read_bytes
from engine.message import Message, Trouble

LARGEST = 64 * 2**20  # bytes of a file: a network of ten thousand layers has five million
DEEPEST = 500  # lists and objects within each other: forty blocks in each other are 170
MOST_DIGITS = 20  # of a whole number: as many as 64 bits can need
LONGEST = 100_000  # characters of a text
LONGEST_PATH = 4096

Check = Callable[[Any, str], None]
"""Raises `Damaged` where a value is not as expected; its place is named in the sentence."""


class Damaged(Trouble):
    """What is wrong with a text, without its name: "breaks off or is damaged in line 3". `line` is 0 where
    the text is JSON.
    """

    def __init__(self, template: str, line: int = 0, **values: Any) -> None:
        super().__init__(template, line=line, **values)
        self.line = line


# --------------------------------------------------------------------------- reading


def read(path: Path, check: Check, largest: int = LARGEST) -> Any:
    """What a file holds. Raises `Trouble` with the file's name where it is not there or not as expected."""
    try:
        data = parse(read_bytes(path, largest).decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Trouble("{path} is damaged: it is not JSON.", path=str(path)) from None
    except Damaged as damaged:
        if damaged.line:
            raise Trouble("{path} is damaged: it is not JSON.", path=str(path)) from None
        raise _of_file(path, damaged) from None
    must_be(data, check, path)
    return data


def must_be(data: Any, check: Check, path: Path) -> None:
    """Raise `Trouble` with the file's name where what was read from it is not as expected."""
    try:
        check(data, "")
    except Damaged as damaged:
        raise _of_file(path, damaged) from None


def _of_file(path: Path, damaged: Damaged) -> Trouble:
    return Trouble("{path} is damaged: it {fault}.", path=str(path), fault=damaged.message)


def of_text(text: str, check: Check) -> Any:
    """What a text holds. Raises `Damaged`."""
    data = parse(text)
    check(data, "")
    return data


def parse(text: str) -> Any:
    """The value of a JSON text, whose depth and numbers are within bounds. Raises `Damaged`."""

    def whole(digits: str) -> int:
        if len(digits) > MOST_DIGITS:
            line = text.count("\n", 0, text.find(digits)) + 1
            raise Damaged("has a number with too many digits in line {where}", where=line)
        return int(digits)

    try:
        data = json.loads(text, parse_int=whole)
    except json.JSONDecodeError as error:
        raise Damaged("breaks off or is damaged in line {line}", error.lineno) from None
    except RecursionError:
        raise Damaged("is nested too deeply") from None
    level = [data]
    for _ in range(DEEPEST):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return data
    raise Damaged("is nested too deeply")


# --------------------------------------------------------------------------- what is expected


def anything() -> Check:
    """Any value: who takes it looks at its parts."""
    return lambda value, place: None


def fits(check: Check, value: Any) -> bool:
    """Whether a value is as expected."""
    try:
        check(value, "")
    except Damaged:
        return False
    return True


def text(longest: int = LONGEST) -> Check:
    """A text that can be shown and written: at most so long, and without halves of characters."""

    def check(value: Any, place: str) -> None:
        if not isinstance(value, str) or len(value) > longest or not _writable(value):
            raise _refusal(place, Message("a text of at most {longest} characters", longest=longest), value)

    return check


def file_path() -> Check:
    """A text that can be the path of a file."""

    def check(value: Any, place: str) -> None:
        legal = isinstance(value, str) and 0 < len(value) <= LONGEST_PATH and "\0" not in value
        if not legal or not _writable(value):
            raise _refusal(place, Message("the path of a file"), value)

    return check


def moment() -> Check:
    """A date and a time as `isoformat` writes it, of a year that a calendar can show."""

    def check(value: Any, place: str) -> None:
        try:
            legal = isinstance(value, str) and 1970 < datetime.fromisoformat(value).year < 9999
        except ValueError:
            legal = False
        if not legal:
            raise _refusal(place, Message("a date and a time"), value)

    return check


def whole(least: int, most: int) -> Check:
    """A whole number within limits."""

    def check(value: Any, place: str) -> None:
        if type(value) is not int or not least <= value <= most:
            wanted = Message("a whole number from {least} to {most}", least=least, most=most)
            raise _refusal(place, wanted, value)

    return check


def number(least: float = -math.inf, most: float = math.inf) -> Check:
    """A finite number within limits."""

    def check(value: Any, place: str) -> None:
        if type(value) not in (int, float) or not (math.isfinite(value) and least <= value <= most):
            limits = math.isfinite(least) and math.isfinite(most)
            wanted = Message("a number from {least:g} to {most:g}", least=least, most=most)
            raise _refusal(place, wanted if limits else Message("a number"), value)

    return check


def boolean() -> Check:
    """Yes or no."""

    def check(value: Any, place: str) -> None:
        if not isinstance(value, bool):
            raise _refusal(place, Message("yes or no (true or false)"), value)

    return check


def one_of(*values: str) -> Check:
    """One of these texts."""

    def check(value: Any, place: str) -> None:
        if not isinstance(value, str) or value not in values:
            raise _refusal(place, Message("one of {values}", values=", ".join(values)), value)

    return check


def maybe(expected: Check) -> Check:
    """The same, or null."""

    def check(value: Any, place: str) -> None:
        if value is not None:
            expected(value, place)

    return check


def either(first: Check, second: Check) -> Check:
    """As the one or the other; what the second says is said where it is neither."""

    def check(value: Any, place: str) -> None:
        try:
            first(value, place)
        except Damaged:
            second(value, place)

    return check


def items(expected: Check, most: int = 10_000) -> Check:
    """A list of such values."""

    def check(value: Any, place: str) -> None:
        if not isinstance(value, list) or len(value) > most:
            raise _refusal(place, Message("a list of at most {most} values", most=most), value)
        for index, item in enumerate(value):
            expected(item, f"{place}[{index}]")

    return check


def row(*expected: Check) -> Check:
    """A list of just these values."""

    def check(value: Any, place: str) -> None:
        if not isinstance(value, list) or len(value) != len(expected):
            raise _refusal(place, Message("a list of {n} values", n=len(expected)), value)
        for index, (one, item) in enumerate(zip(expected, value, strict=True)):
            one(item, f"{place}[{index}]")

    return check


def named(expected: Check, most: int = 10_000) -> Check:
    """An object that has such a value under every name."""

    def check(value: Any, place: str) -> None:
        if not isinstance(value, dict) or len(value) > most:
            raise _refusal(place, Message("an object of at most {most} names", most=most), value)
        for name, item in value.items():
            expected(item, f"{place}.{name}" if place else name)

    return check


def members(needed: tuple[str, ...] = (), /, **expected: Check) -> Check:
    """An object that has these values under these names, where it has them; those that are `needed` it must
    have. What else it holds is not looked at: newer versions may say more.
    """

    def check(value: Any, place: str) -> None:
        if not isinstance(value, dict):
            raise _refusal(place, Message("an object"), value)
        for name, one in expected.items():
            if name in value or name in needed:
                one(value.get(name), f"{place}.{name}" if place else name)

    return check


def _writable(value: str) -> bool:
    """Whether a text can be written in UTF-8, and so shown: halves of a pair cannot."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _refusal(place: str, wanted: Message, value: Any) -> Damaged:
    received = Message("nothing") if value is None else ascii(value)[:60]
    if not place:
        return Damaged("holds {received} where {wanted} was expected", received=received, wanted=wanted)
    return Damaged(
        "has {received} as {place} where {wanted} was expected",
        received=received,
        place=ascii(place[:80])[1:-1],
        wanted=wanted,
    )
