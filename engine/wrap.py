"""Breaks long lines of code as the usual formatters do, so that emitted code needs no formatting."""

from __future__ import annotations

import re
from collections.abc import Iterator

WIDTH = 110
_OPEN, _CLOSE = "([{", ")]}"
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


def wrapped(line: str) -> list[str]:
    """A line of code as lines that are short enough where it can be broken: within its last brackets, between
    results, or between terms of a sum.
    """
    if len(line) <= WIDTH:
        return [line]
    indent = line[: len(line) - len(line.lstrip())]
    start = _last_bracket(line)
    if start is None:
        head, gap, rest = line.partition(" = " if " = " in line else "return ")
        opened, closed = f"{head}{gap}(", f"{indent})"
        items = [f"{item}," for item in _parts(rest, ", ")]
        if len(items) == 1:
            return [opened, *(f"{indent}    {term}" for term in _terms(rest)), closed]
        return [opened, *(f"{indent}    {item}" for item in items), closed]
    end = line.rindex(_CLOSE[_OPEN.index(line[start])])
    opened, body, closed = line[: start + 1], line[start + 1 : end], indent + line[end:]
    if not body:
        return [line]
    if len(indent) + 4 + len(body) <= WIDTH:
        return [opened, f"{indent}    {body}", closed]
    items = [f"{item}," for item in _parts(body, ", ")]
    return [opened, *(part for item in items for part in wrapped(f"{indent}    {item}")), closed]


def _last_bracket(line: str) -> int | None:
    """Where the bracket opens that closes at the end of the line. None where no bracket does, or where more
    than one call or a name stands before it.
    """
    if not line.endswith((")", "]", "):")):
        return None
    places: list[int] = []
    start = None
    for i, depth in _depths(line):
        if line[i] in _OPEN:
            places.append(i)
        elif line[i] in _CLOSE:
            start = places.pop()
        elif depth == 0 and line[i : i + 3] in {" + ", " * "}:
            return None
    return start


def _depths(text: str) -> Iterator[tuple[int, int]]:
    """Each place outside of strings, with the number of brackets that are open before it."""
    quoted = [match.span() for match in _STRING.finditer(text)]
    depth = i = 0
    while i < len(text):
        if quoted and i == quoted[0][0]:
            i = quoted.pop(0)[1]
            continue
        depth -= text[i] in _CLOSE
        yield i, depth
        depth += text[i] in _OPEN
        i += 1


def _parts(text: str, mark: str) -> list[str]:
    """The text split where the mark stands outside of brackets and strings."""
    cuts = [i for i, depth in _depths(text) if depth == 0 and text.startswith(mark, i)]
    starts = [0, *(cut + len(mark) for cut in cuts)]
    return [text[start:end] for start, end in zip(starts, [*cuts, len(text)], strict=True)]


def _terms(text: str) -> list[str]:
    """The terms of a sum or product, each but the first with its sign before it."""
    sign = " + " if len(_parts(text, " + ")) > 1 else " * "
    first, *rest = _parts(text, sign)
    return [first, *(f"{sign.strip()} {term}" for term in rest)]
