"""The types that a setting can have: what each accepts, in which limits, in what words it refuses, and what
comes nearest to what it refuses.

A type is the one place that knows whether a value is legal. Reading a file, the inspector, the command line
and `edits.set_param` all ask it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, Protocol

from attrs import field, frozen

from engine.message import Illegal, Message


class SettingType:
    """What a setting may be. `accept` gives the value in its normal form or raises `Illegal`."""

    def wanted(self) -> Message:
        """What it accepts, in words: `a whole number of at least 1`."""
        raise NotImplementedError(type(self).__name__)  # each type below says it

    def refusal(self, value: Any) -> Illegal:
        """Why a value is not accepted."""
        return Illegal("expected {wanted}, received {value}", wanted=self.wanted(), value=_shown(value))

    def accept(self, value: Any) -> Any:
        raise NotImplementedError(type(self).__name__)  # each type below says what it accepts

    def nearest(self, value: Any) -> Any:
        """The legal value that is nearest to one that is not. Raises `Illegal` where none is near."""
        return self.accept(value)


def _whole(value: Any) -> bool:
    """Whether it is a whole number, such as 64 bits hold: PyTorch takes no larger one."""
    return isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63


def _number(value: Any) -> float:
    """The finite number that a value is or spells. Raises `Illegal`."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise Illegal("expected a number, received {value}", value=_shown(value))
    return number


def _finite(number: float) -> bool:
    """Whether it is a number that a float can hold: a whole one may be far beyond that."""
    try:
        return math.isfinite(number)
    except OverflowError:
        return False


def _within(number: float, lo: float | None, hi: float | None) -> float:
    """The number, or the limit that it is beyond."""
    number = number if lo is None else max(number, lo)
    return number if hi is None else min(number, hi)


def _limits(lo: float | None, hi: float | None) -> Message:
    if lo is not None and hi is not None:
        return Message(" from {lo} to {hi}", lo=f"{lo:,}", hi=f"{hi:,}")
    if lo is not None:
        return Message(" of at least {lo}", lo=f"{lo:,}")
    return Message(" of at most {hi}", hi=f"{hi:,}") if hi is not None else Message("")


@frozen
class Integer(SettingType):
    """A whole number between `lo` and `hi`, or nothing where it is optional."""

    lo: int | None = None
    hi: int | None = None
    optional: bool = False

    def wanted(self) -> Message:
        return Message("a whole number{limits}", limits=_limits(self.lo, self.hi))

    def accept(self, value: Any) -> int | None:
        if value is None and self.optional:
            return None
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if (
            not _whole(value)
            or (self.lo is not None and value < self.lo)
            or (self.hi is not None and value > self.hi)
        ):
            raise self.refusal(value)
        return int(value)

    def nearest(self, value: Any) -> int | None:
        return self.accept(round(_within(_number(value), self.lo, self.hi)))


@frozen
class Number(SettingType):
    """A finite number between `lo` and `hi`, or nothing where it is optional. `above` leaves out `lo`
    itself.
    """

    lo: float | None = None
    hi: float | None = None
    optional: bool = False
    above: bool = False

    def wanted(self) -> Message:
        limits = _limits(self.lo, self.hi)
        if self.above:
            limits = Message(" above {lo}", lo=self.lo)
            if self.hi is not None:
                limits = Message(" above {lo} and at most {hi}", lo=self.lo, hi=self.hi)
        return Message("a number{limits}", limits=limits)

    def accept(self, value: Any) -> float | None:
        if value is None and self.optional:
            return None
        legal = isinstance(value, int | float) and not isinstance(value, bool) and _finite(value)
        if legal and self.lo is not None:
            legal = value > self.lo if self.above else value >= self.lo
        if legal and self.hi is not None:
            legal = value <= self.hi
        if not legal:
            raise self.refusal(value)
        return float(value)

    def nearest(self, value: Any) -> float | None:
        return self.accept(_within(_number(value), self.lo, self.hi))


@frozen
class Boolean(SettingType):
    """Yes or no."""

    def wanted(self) -> Message:
        return Message("yes or no (true or false)")

    def accept(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise self.refusal(value)
        return value

    def nearest(self, value: Any) -> bool:
        words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
        return self.accept(words.get(str(value).lower()))


@frozen
class Choice(SettingType):
    """One of a few words."""

    options: tuple[str, ...]

    def wanted(self) -> Message:
        return Message("one of {options}", options=", ".join(self.options))

    def accept(self, value: Any) -> str:
        if value not in self.options or not isinstance(value, str):
            raise self.refusal(value)
        return value

    def nearest(self, value: Any) -> str:
        return self.accept(next(iter(get_close_matches(str(value), self.options, 1)), None))


@frozen
class Size(SettingType):
    """One whole number for every axis, or one each. Equal ones are kept as one number. `words` are allowed
    instead.
    """

    axes: int
    lo: int = 0
    words: tuple[str, ...] = ()
    optional: bool = False

    def wanted(self) -> Message:
        return Message(
            "1 or {axes} whole numbers{limits}{words}" if self.axes > 1 else "a whole number{limits}{words}",
            axes=self.axes,
            limits=_limits(self.lo, None),
            words="".join(f' or "{word}"' for word in self.words),
        )

    def accept(self, value: Any) -> int | tuple[int, ...] | str | None:
        if value is None and self.optional:
            return None
        if isinstance(value, str) and value in self.words:
            return value
        numbers = list(value) if isinstance(value, list | tuple) else [value]
        if len(numbers) not in {1, self.axes} or not all(_whole(n) and n >= self.lo for n in numbers):
            raise self.refusal(value)
        return int(numbers[0]) if len(set(numbers)) == 1 else tuple(numbers)

    def nearest(self, value: Any) -> int | tuple[int, ...] | str | None:
        numbers = list(value) if isinstance(value, list | tuple) else [value]
        whole = [round(_within(_number(one), self.lo, None)) for one in numbers]
        return self.accept(whole if len(whole) == self.axes else whole[:1])


@frozen
class Integers(SettingType):
    """A list of whole numbers, each at least `lo`."""

    lo: int | None = None
    least: int = 1

    def wanted(self) -> Message:
        return Message("whole numbers{limits}", limits=_limits(self.lo, None))

    def accept(self, value: Any) -> tuple[int, ...]:
        numbers = [value] if _whole(value) else value
        if (
            not isinstance(numbers, Sequence)
            or isinstance(numbers, str)
            or len(numbers) < self.least
            or not all(_whole(n) and (self.lo is None or n >= self.lo) for n in numbers)
        ):
            raise self.refusal(value)
        return tuple(numbers)


NestedNumbers = tuple["float | NestedNumbers", ...]
"""Decimal numbers in rows, rows in matrices and so on, all of a depth alike."""


@frozen
class Numbers(SettingType):
    """Decimal numbers: a row, a matrix as rows of equal length, or more axes nested likewise."""

    most: int = 4096

    def wanted(self) -> Message:
        return Message(
            "at most {most} numbers, in rows of equal length where there are several", most=f"{self.most:,}"
        )

    def accept(self, value: Any) -> NestedNumbers:
        alone = isinstance(value, int | float) and not isinstance(value, bool)
        try:
            numbers = _nested([value] if alone else value, self.most)
        except (ValueError, RecursionError):
            raise self.refusal(value) from None
        sizes = sizes_of(numbers)
        if not 0 < math.prod(sizes) <= self.most or not _even(numbers, sizes):
            raise self.refusal(value)
        return numbers


def _nested(value: Any, most: int) -> NestedNumbers:
    """Lists as tuples and numbers as decimal ones. Raises `ValueError` for anything else."""
    if not isinstance(value, list | tuple) or len(value) > most:
        raise ValueError(value)
    return tuple(_nested(one, most) if isinstance(one, list | tuple) else _decimal(one) for one in value)


def _decimal(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not _finite(value):
        raise ValueError(value)
    return float(value)


def sizes_of(numbers: NestedNumbers) -> tuple[int, ...]:
    """How many there are along each axis, by the first of each."""
    first = numbers[0] if numbers else 0.0
    return (len(numbers), *sizes_of(first)) if isinstance(first, tuple) else (len(numbers),)


def _even(numbers: float | NestedNumbers, sizes: tuple[int, ...]) -> bool:
    """Whether numbers have these sizes everywhere."""
    if not isinstance(numbers, tuple) or not sizes:
        return not isinstance(numbers, tuple) and not sizes
    return len(numbers) == sizes[0] and all(_even(one, sizes[1:]) for one in numbers)


class MeasureName(SettingType):
    """What reports call a measure: `loss`, `accuracy`, `output2.rmse`. Which there are, the Outputs say."""

    def wanted(self) -> Message:
        return Message("the name of a measure, such as loss or accuracy")

    def accept(self, value: Any) -> str:
        if not isinstance(value, str) or not value.strip() or len(value) > 200:
            raise self.refusal(value)
        return value.strip()


@frozen
class Axis(SettingType):
    """The number of an axis, the first after the batch being 1 and the last −1. The batch itself, 0, is
    refused.
    """

    def wanted(self) -> Message:
        return Message("the number of an axis, 1 or more, or −1 for the last")

    def accept(self, value: Any) -> int:
        if not _whole(value) or value == 0:
            raise self.refusal(value)
        return int(value)


@frozen
class AxisList(SettingType):
    """Numbers of axes, each counted as an `Axis` is."""

    def wanted(self) -> Message:
        return Message("numbers of axes, 1 or more, or negative ones from the last, which is −1")

    def accept(self, value: Any) -> tuple[int, ...]:
        numbers = [value] if _whole(value) else value
        if not isinstance(numbers, list | tuple) or not numbers or not all(_whole(n) and n for n in numbers):
            raise self.refusal(value)
        return tuple(numbers)


@frozen
class Extent(SettingType):
    """The sizes of one sample, first axis first. One of them may be −1, which stands for what is left
    over.
    """

    def wanted(self) -> Message:
        return Message("sizes of at least 1, of which one may be −1 for the rest")

    def accept(self, value: Any) -> tuple[int, ...]:
        numbers = [value] if _whole(value) else value
        if (
            not isinstance(numbers, list | tuple)
            or not numbers
            or not all(_whole(n) and (n >= 1 or n == -1) for n in numbers)
            or list(numbers).count(-1) > 1
        ):
            raise self.refusal(value)
        return tuple(numbers)


@frozen
class Text(SettingType):
    """A short text on one line."""

    longest: int = 200

    def wanted(self) -> Message:
        return Message("one line of at most {longest} characters", longest=self.longest)

    def accept(self, value: Any) -> str:
        if not isinstance(value, str) or len(value) > self.longest or "\n" in value:
            raise self.refusal(value)
        return value


@frozen
class Texts(SettingType):
    """Texts of one line each, none of them twice, such as the names of classes."""

    most: int = 100_000

    def wanted(self) -> Message:
        return Message("a list of at most {most} different texts", most=f"{self.most:,}")

    def accept(self, value: Any) -> tuple[str, ...]:
        texts = tuple(value) if isinstance(value, list | tuple) else None
        if (
            texts is None
            or len(texts) > self.most
            or not all(isinstance(text, str) for text in texts)
            or len(set(texts)) < len(texts)
        ):
            raise self.refusal(value)
        return texts


@frozen
class FilePath(Text):
    """Where a file or a folder is. Project files write it relative to themselves where they can."""

    longest: int = 4096

    def wanted(self) -> Message:
        return Message("the path of a file or a folder")

    def accept(self, value: Any) -> str:
        if not isinstance(value, str) or len(value) > self.longest or "\0" in value or "\n" in value:
            raise self.refusal(value)
        return value


@frozen
class ColumnName(Text):
    """The name of a column of the data; an empty one leaves the choice to the data itself.

    `role` is "input" or "target" and says which columns are offered first.
    """

    role: str = "input"


class Labelled(Protocol):
    """A family of kinds, by whose labels one chooses."""

    @classmethod
    def labels(cls) -> tuple[str, ...]: ...


@frozen
class Several(SettingType):
    """Any number of words out of a few, in the order of the list: those that are `fixed`, or else the labels
    of a family of kinds, those of plug-ins included.
    """

    fixed: tuple[str, ...] = field(default=(), alias="options")
    base: type[Labelled] | None = None

    @property
    def options(self) -> tuple[str, ...]:
        """The words."""
        return self.fixed if self.base is None else self.base.labels()

    def wanted(self) -> Message:
        return Message("some of {options}", options=", ".join(self.options))

    def accept(self, value: Any) -> tuple[str, ...]:
        if isinstance(value, list | tuple) and not value:
            return ()  # as kinds begin, which may be before all kinds of the family are declared
        if not isinstance(value, list | tuple) or any(word not in self.options for word in value):
            raise self.refusal(value)
        return tuple(word for word in self.options if word in value)


def _shown(value: Any) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "…"
