"""Sentences the engine says, kept as a template and its values so that the window can translate them."""

from __future__ import annotations

from typing import Any


class Message:
    """A sentence for a person: a `str.format` template in English and the values that go into it.

    Values may be numbers, strings, shapes or further messages. `str(message)` is the English sentence.
    """

    __slots__ = ("template", "values")

    def __init__(self, template: str, **values: Any) -> None:
        self.template = template
        self.values = values

    def __str__(self) -> str:
        return self.template.format(**self.values)

    def __repr__(self) -> str:
        return f"Message({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Message) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))


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
