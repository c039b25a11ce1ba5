"""Sentences the engine says, kept as a template and its values so that the window can translate them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from string import Formatter
from typing import Any

_CHOICE = re.compile(r"\{(\w+):((?:[^{}|]|\{\w+\})*)\|((?:[^{}|]|\{\w+\})*)\}")


def agreed(template: str, values: Mapping[str, Any]) -> str:
    """The template with its words chosen to agree with the values, as `{name:this|that}` asks for.

    The first where the number is one, else the second: "{n} layer{n:|s} reach{n:es|} the end". Before a word,
    the first where it begins with a consonant, else the second: "a{kind:|n} {kind}".
    """
    if "|" not in template:
        return template
    return _CHOICE.sub(lambda choice: choice[2 if _first(values[choice[1]]) else 3], template)


def _first(value: Any) -> bool:
    text = str(value)
    if text[:1].isalpha():
        return text[0].lower() not in "aeiou"
    return text.lstrip("+-−") == "1"


@cache
def placeholders(template: str) -> frozenset[str]:
    """The names of the values that a template needs, those within a choice of words among them."""
    names = set()
    for _, name, choice, _ in Formatter().parse(template):
        if name:
            names |= {name, *placeholders(choice or "")}
    return frozenset(names)


def counted(number: int, one: str, many: str = "") -> str:
    """How many there are of something: "1 layer", "1,024 layers"; `many` where it is not `one` with an s."""
    return f"{number:,} {one if abs(number) == 1 else many or one + 's'}"


LONGEST = 399
"""Characters of a sentence at most: more is not read, and no dialog is as large."""
_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_WITHIN_WORDS = {"\u200c", "\u200d"}
"""What joins or parts letters within a word, as in Persian, and the parts of an emoji."""


def shown(text: str) -> str:
    """A text as it can be shown in one line: without control characters, and without those that turn the
    direction of what follows, whoever wrote them.
    """
    if text.isprintable():
        return text
    line = " ".join(_COLOUR.sub("", text).split())
    return "".join(c if c.isprintable() or c in _WITHIN_WORDS else "�" for c in line)


def sentence(template: str, values: Mapping[str, Any], fill: Callable[[str, Mapping[str, Any]], str]) -> str:
    """A template filled, to be shown to a person: in one line, and not too long. What is cut is the longest
    of the values, not what to do about it, which stands last.
    """
    text = shown(fill(template, values))
    if len(text) <= LONGEST:
        return text
    texts = {name: str(value) for name, value in values.items() if not isinstance(value, int | float)}
    name = max(texts, key=lambda one: len(texts[one]), default="")
    if name:
        kept = max(len(texts[name]) - (len(text) - LONGEST) - 1, 20)
        text = shown(fill(template, {**values, name: f"{texts[name][:kept]}…"}))
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


class Message:
    """A sentence for a person: a `str.format` template in English, whose words may agree with the values that
    go into it (`agreed`).

    Values may be numbers, strings, shapes or further messages. `str(message)` is the English sentence.
    """

    __slots__ = ("template", "values")

    def __init__(self, template: str, **values: Any) -> None:
        self.template = template
        self.values = values

    def __str__(self) -> str:
        return sentence(self.template, self.values, _filled)

    def __repr__(self) -> str:
        return f"Message({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Message) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))


def _filled(template: str, values: Mapping[str, Any]) -> str:
    return agreed(template, values).format(**values)


def fill(*templates: str, **values: Any) -> tuple[Message, ...]:
    """Several templates, filled with one set of values. Raises `TypeError` where a value that one of them
    names is missing.
    """
    missing = sorted(frozenset[str]().union(*map(placeholders, templates)) - values.keys())
    if missing:
        raise TypeError(f"{templates[0]!r} says nothing without {', '.join(missing)}")
    return tuple(Message(template, **values) for template in templates)


class Trouble(Exception):
    """Something a person must read: what was expected, what came and what to do."""

    def __init__(self, template: str | Message, **values: Any) -> None:
        self.message = template if isinstance(template, Message) else Message(template, **values)
        super().__init__(self.message)

    def __str__(self) -> str:
        return str(self.message)


class Refused(Trouble):
    """An edit that may not be made. The project it was tried on is unchanged."""


class Illegal(Trouble, ValueError):
    """A value that its declaration does not allow."""
