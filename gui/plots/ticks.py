"""Where an axis is marked and how the marks are written."""

from __future__ import annotations

import itertools
import math

from gui.text.words import MINUS, duration

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_CLOCK = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400)
_LOG_MANTISSAS = ((1.0,), (1.0, 3.0), (1.0, 2.0, 5.0), (1.0, 1.5, 2.0, 3.0, 5.0, 7.0))


def even(low: float, high: float, most: int = 5) -> list[float]:
    """At most so many round values between two limits, evenly spaced."""
    span = high - low
    if not (math.isfinite(span) and span > 0):
        return [low] if math.isfinite(low) else []
    magnitude = 10.0 ** math.floor(math.log10(span / most))
    for step in (factor * magnitude for factor in (*_STEPS, 20.0, 50.0)):
        marks = _multiples(low, high, step)
        if len(marks) <= most:
            return marks
    return []


def whole(low: float, high: float, most: int = 8) -> list[float]:
    """Round whole numbers: epochs and steps come in no fractions."""
    marks = even(low, high, most)
    return marks if len(marks) < 2 or marks[1] - marks[0] >= 1 else _multiples(low, high, 1.0)


def clock(low: float, high: float, most: int = 8) -> list[float]:
    """Round lengths of time in seconds."""
    for step in _CLOCK:
        if (high - low) / step <= most:
            return _multiples(low, high, step)
    return even(low, high, most)


def logarithmic(low: float, high: float, most: int = 5) -> list[float]:
    """Round values between two positive limits of a logarithmic axis: decades, or 1 and 3, or finer."""
    if not (0 < low < high and math.isfinite(high)):
        return []
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    for mantissas in _LOG_MANTISSAS:
        every = [m * 10.0**power for power in range(first, last + 1) for m in mantissas]
        marks = [value for value in every if low * (1 - 1e-9) <= value <= high * (1 + 1e-9)]
        if len(marks) >= 4:
            return marks[:: math.ceil(len(marks) / (most + 1))]
    return even(low, high, most)


def _multiples(low: float, high: float, step: float) -> list[float]:
    slack = 1e-9 * step
    first, last = math.ceil((low - slack) / step), math.floor((high + slack) / step)
    return [round(index * step, 12) if step < 1 else index * step for index in range(first, last + 1)]


def written(values: list[float]) -> list[str]:
    """The marks of an even axis, all with as many decimals as tell them apart."""
    if not values:
        return []
    step = min((b - a for a, b in itertools.pairwise(values)), default=abs(values[0]) or 1.0)
    greatest = max(abs(value) for value in values)
    if greatest >= 1e6 or (greatest and step < 1e-4):
        return [_short(value) for value in values]
    places = next((p for p in range(7) if abs(round(step, p) - step) < step * 1e-6), 6)
    return [f"{value:,.{places}f}".replace("-", MINUS) for value in values]


def written_each(values: list[float]) -> list[str]:
    """The marks of a logarithmic axis, each as short as it can be."""
    return [_short(value) for value in values]


def written_clock(values: list[float]) -> list[str]:
    """The marks of an axis of time: `1:30`."""
    return [duration(value) for value in values]


def _short(value: float) -> str:
    if value and not 1e-4 <= abs(value) < 1e6:
        mantissa, exponent = f"{value:.1e}".split("e")
        return f"{mantissa.removesuffix('.0')}e{int(exponent)}".replace("-", MINUS, 1 if value < 0 else 0)
    return f"{value:,.10g}".replace("-", MINUS)
