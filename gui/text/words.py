"""Numbers and the engine's sentences, put into words for a person."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from string import Formatter
from typing import Any

from PySide6.QtCore import QCoreApplication

from engine.message import Message, Trouble, agreed, sentence

MINUS = "−"


def exact(value: int) -> str:
    """A whole number to the last digit: `89,226`."""
    return f"{value:,}".replace("-", MINUS)


def signed(value: int) -> str:
    """A change of a whole number: `+2,112`, `−18,464`, `0`."""
    return f"+{exact(value)}" if value > 0 else exact(value)


def _scaled(value: float, step: int, units: Sequence[str]) -> tuple[str, str]:
    """Three figures of a number and its unit; the figures round up into the next unit, never to 1,000."""
    size, index = abs(value), 0
    while index < len(units) - 1 and size >= step - 0.5:
        size, index = size / step, index + 1
    places = max(0, 2 - math.floor(math.log10(size))) if size else 0
    places = min(places, 1 if size >= 10 else 2)
    return f"{MINUS if value < 0 else ''}{size:,.{places}f}", units[index]


def at_least(text: str, value: float, whole: bool, unknown: str = "?") -> str:
    """A sum, worded: where parts of it are not known it is the least that there can be."""
    if whole:
        return text
    return QCoreApplication.translate("words", "at least {count}").format(count=text) if value else unknown


def short(value: float) -> str:
    """A large number for a summary: `11.5 M`. Below ten thousand a whole number is exact."""
    if abs(value) < 10_000 and value == int(value):
        return exact(int(value))
    text, unit = _scaled(value, 1000, ("", "k", "M", "G", "T", "P"))
    return f"{text} {unit}".rstrip()


def bytes_text(count: float) -> str:
    """An amount of memory, 1,024 bytes to the KB: `49.0 KB`."""
    text, unit = _scaled(count, 1024, ("B", "KB", "MB", "GB", "TB", "PB"))
    return f"{exact(round(count))} B" if unit == "B" else f"{text} {unit}"


def figure(value: float, digits: int = 3) -> str:
    """A measured number with that many significant digits: `0.0990`, `1.32`, `9.80e-4`, `1,754`."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    if value == 0:
        return "0"
    magnitude = math.floor(math.log10(abs(float(f"{value:.{digits - 1}e}"))))
    sign = MINUS if value < 0 else ""
    if magnitude < -3 or magnitude > 8:
        mantissa, exponent = f"{abs(value):.{digits - 1}e}".split("e")
        return f"{sign}{mantissa}e{int(exponent)}"
    return f"{sign}{abs(value):,.{max(0, digits - 1 - magnitude)}f}"


def plain(value: float) -> str:
    """A number a person set, as short as it can be told apart: `0.001`, `1e-5`, `64`."""
    if isinstance(value, int) or (math.isfinite(value) and value == int(value) and abs(value) < 1e6):
        return str(int(value)).replace("-", MINUS)
    if not math.isfinite(value):
        return figure(value)
    text = repr(float(value))
    if "e" in text:
        mantissa, exponent = text.split("e")
        text = f"{mantissa.removesuffix('.0')}e{int(exponent)}"
    return MINUS + text[1:] if text.startswith("-") else text


def percent(share: float, places: int = 1) -> str:
    """A share of one: `98.8 %`."""
    return f"{share * 100:.{places}f} %".replace("-", MINUS)


def lowered(title: str) -> str:
    """A title within a sentence; an abbreviation keeps its capitals."""
    return title[:1].lower() + title[1:] if title[1:2].islower() else title


def duration(seconds: float) -> str:
    """A length of time: `0:41`, `1:02:05`."""
    whole = max(0, round(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, last = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{last:02}" if hours else f"{minutes}:{last:02}"


class _Words(Formatter):
    """Fills a translated template: numbers as the design writes them, messages translated in their turn."""

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec:
            text = format(value, format_spec)
            return (
                text.replace("-", MINUS, 1)
                if isinstance(value, int | float) and text.startswith("-")
                else text
            )
        return value_text(value)


def value_text(value: object) -> str:
    """Any value that a sentence of the engine carries, in words."""
    translate = QCoreApplication.translate
    if isinstance(value, Message | Trouble):
        return words(value)
    if isinstance(value, bool):
        return translate("words", "on") if value else translate("words", "off")
    if value is None:
        return translate("words", "none")
    if isinstance(value, int):
        return exact(value)
    if isinstance(value, float):
        return plain(value)
    if isinstance(value, list | tuple | set | frozenset) and not hasattr(value, "_fields"):
        return ", ".join(value_text(part) for part in value)
    return str(value)


def words(message: Message | Trouble | str) -> str:
    """An engine sentence in the person's language; in English where a translation's blanks do not match."""
    if isinstance(message, Trouble):
        message = message.message
    if not isinstance(message, Message):
        return str(message)
    template = QCoreApplication.translate("engine", message.template)
    try:
        return sentence(template, message.values, _filled)
    except (KeyError, IndexError, ValueError):
        return sentence(message.template, message.values, _filled)


NAMES = frozenset({"name", "path", "column"})
"""The blanks for what a person named: it stays as it was written, also where a sentence begins with it."""


def begun(message: Message | Trouble) -> str:
    """A sentence that stands by itself: it begins with a capital, unless with a person's own name."""
    text = words(message)
    return text if _begins_with_name(message) else text[:1].upper() + text[1:]


def stated(message: Message | Trouble) -> str:
    """A sentence that stands by itself, with a stop at its end."""
    text = begun(message)
    return text if not text or text.endswith((".", "?", "…")) else f"{text}."


def _begins_with_name(message: Message | Trouble) -> bool:
    message = message.message if isinstance(message, Trouble) else message
    blank = re.match(r"\{(\w+)\}", QCoreApplication.translate("engine", message.template))
    if blank is None:
        return False
    value = message.values.get(blank[1])
    return _begins_with_name(value) if isinstance(value, Message | Trouble) else blank[1] in NAMES


def filled(template: str, **values: Any) -> str:
    """A template of the window with its values in words, and its words in agreement with them."""
    return _filled(template, values)


def _filled(template: str, values: Mapping[str, Any]) -> str:
    return _Words().vformat(agreed(template, values), (), values)
