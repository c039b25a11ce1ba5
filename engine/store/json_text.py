"""JSON as it stands in project files and on the clipboard: laid out to be read and compared, and read with
errors that say what was expected, what came and what to do.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from engine.files import checked_json
from engine.message import Message, Trouble

T = TypeVar("T")

FORMAT = 1
"""The number at the head of a project file. One that is higher was written by a newer version."""

# --------------------------------------------------------------------------- writing


def pretty(data: Mapping[str, Any]) -> str:
    """JSON with one line for each layer and wire, so that two versions compare well."""
    return _object(data, "") + "\n"


def _object(data: Mapping[str, Any], indent: str) -> str:
    lines = []
    for name, value in data.items():
        head = f"{indent}  {json.dumps(name)}: "
        if isinstance(value, list) and value:
            items = [
                _object(item, indent + "    ") if isinstance(item, dict) and "nodes" in item else _line(item)
                for item in value
            ]
            body = ",\n".join(f"{indent}    {item}" for item in items)
            lines.append(f"{head}[\n{body}\n{indent}  ]")
        else:
            lines.append(head + _line(value))
    return "{" + ",\n".join(lines).lstrip() + f"\n{indent}}}"


def _line(value: Any) -> str:
    """JSON on one line. Letters stay as they are; what cannot be excerpt, or written in UTF-8, is escaped."""
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isprintable() else json.dumps(value)


# --------------------------------------------------------------------------- reading


def parse(text: str, name: str) -> dict[str, Any]:
    """The object that a text holds. `name` says in a sentence where the text is from. Raises `Trouble`."""
    try:
        data = checked_json.parse(text)
    except checked_json.Damaged as damaged:
        if damaged.line and not text.lstrip().startswith("{"):
            raise Trouble(
                "expected a Layerloom project, a .loom file as the window or layerloom new writes it, but "
                "{name} {start}",
                name=name,
                start=_start(text),
            ) from None
        raise Trouble("{name} {fault}; open an earlier copy", name=name, fault=damaged.message) from None
    if not isinstance(data, dict) or "format" not in data:
        raise Trouble(
            'expected a Layerloom project, but {name} is JSON of another program (it has no "format")',
            name=name,
        )
    number = data["format"]
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise Trouble("expected a format number in {name}, received {number}", name=name, number=repr(number))
    if number > FORMAT:
        raise Trouble(
            "{name} was written by a newer Layerloom (format {number}; this one reads up to {mine}); "
            "update Layerloom to open it",
            name=name,
            number=number,
            mine=FORMAT,
        )
    return data


def _start(text: str) -> Message:
    """With what a text that is no project begins: its first line, not all too much of it."""
    line = next(iter(text.strip().splitlines()), "")
    if not line:
        return Message("is empty")
    return Message('begins with "{text}"', text=line if len(line) <= 24 else f"{line[:23]}…")


def member(data: Mapping[str, Any], name: str, kind: type[T]) -> T:
    """What stands under a name: a text, a list or an object, as `kind` says. Raises `Trouble`."""
    value = data.get(name)
    if not isinstance(value, kind):
        words: dict[type, Message] = {
            str: Message("a text"),
            list: Message("a list"),
            dict: Message("an object"),
        }
        raise Trouble(
            'expected {kind} under "{name}", received {value}',
            kind=words[kind],
            name=name,
            value=Message("nothing") if value is None else type(value).__name__,
        )
    return value


def excerpt(item: Any) -> str:
    """A piece of a file as the file has it, at most 80 characters."""
    text = json.dumps(item, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:79]}…"
