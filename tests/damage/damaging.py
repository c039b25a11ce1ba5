"""Damages files as disks, other programs and people do. What is done follows from a seed alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from random import Random
from typing import Any

RAW = {
    "@deep@": "[" * 2000 + "]" * 2000,
    "@deepest@": '{"a":' * 100_000 + "1" + "}" * 100_000,
    "@huge@": "1" + "0" * 400,
    "@longer@": "9" * 5000,
    "@infinite@": "1e999",
    "@nan@": "NaN",
    "@half@": r'"\ud800"',
    "@zero@": r'"a\u0000b"',
}
"""What stands in a text in the place of a word, since no value of Python's is written so."""
ODD: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2**31, 2**63, -(2**64), 0.5, -0.0, 1e30, 1e-320, 1e308),
    *("", "x", "x" * 5000, "\n", "\u202e", "../..", "/dev/zero", "Use", "Linear", "[]"),
    *([], [[]], [None], ["a"], {}, {"": {}}, {"kind": []}, {"kind": "Use", "block": []}, [1, 2, 3, 4]),
    *RAW,
)


def damaged_json(text: str, random: Random) -> bytes:
    """The JSON with one to three values replaced, taken away, doubled or named otherwise; now and then the
    bytes themselves are damaged.
    """
    if random.random() < 0.2:
        return damaged_bytes(text.encode(), random)
    data = json.loads(text)
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        places = list(_places(data))
        if not places:
            break
        _change(*random.choice(places), random)
    text = json.dumps(data)
    for word, raw in RAW.items():
        text = text.replace(f'"{word}"', raw)
    return text.encode()


def damaged_bytes(data: bytes, random: Random) -> bytes:
    """The bytes cut off, or with a piece of them overwritten, taken out, put twice or filled with zeros."""
    start = random.randrange(len(data) + 1)
    end = min(len(data), start + random.choice((1, 2, 8, 100, 5000)))
    match random.randrange(6):
        case 0:
            return data[:start]
        case 1:
            return data[:start] + data[end:]
        case 2:
            return data[:end] + data[start:]
        case 3:
            return data[:start] + bytes(end - start) + data[end:]
        case 4:
            return data[:start] + random.randbytes(end - start) + data[end:]
        case _:
            return random.choice((b"", b"\0" * len(data), data + data, data[::-1], random.randbytes(64)))


def _places(data: Any) -> Iterator[tuple[Any, Any]]:
    """Every container with every name or index in it."""
    if isinstance(data, dict | list):
        for key in data if isinstance(data, dict) else range(len(data)):
            yield data, key
            yield from _places(data[key])


def _change(container: Any, key: Any, random: Random) -> None:
    match random.randrange(6):
        case 0:
            del container[key]
        case 1 if isinstance(container, dict):
            container[random.choice(("", "kind", "id", "x" * 300, "naïve"))] = container.pop(key)
        case 1:
            container.insert(key, json.loads(json.dumps(container[key])))
        case 2 if isinstance(container[key], str):
            container[key] += random.choice((" ", "x", "1", "é", "\0", "@half@"))
        case 2 if isinstance(container[key], int | float):
            container[key] = -container[key] * random.choice((1, 0.5, 1e9, 10**15))
        case _:
            container[key] = deepcopy(random.choice(ODD))
