"""Breaks long lines of code as the usual formatters do, so that emitted code needs no formatting."""

from __future__ import annotations

import re
from collections.abc import Iterator

WIDTH = 110
_OPEN, _CLOSE = "([{", ")]}"
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_HEAD = re.compile(r"( *(?:return|[\w, ]+ =)) (.*)")


def wrapped(line: str) -> list[str]:
    """A line of code as lines that are short enough where it can be broken: within its last brackets, between
    results, or between terms of a sum.
    """
    if len(line) <= WIDTH:
        return [line]
    indent = line[: len(line) - len(line.lstrip())]
    span = _last_brackets(line)
    head = _HEAD.fullmatch(line)
    if span is not None:
        start, end = span
        body = line[start + 1 : end]
        if len(indent) + 4 + len(body) <= WIDTH:
            inner = [body]
        else:
            inner = [f"{item}," for item in _parts(body, ", ")]
        opened, closed = line[: start + 1], line[end:]
    elif head is not None:
        opened, closed = f"{head[1]} (", ")"
        inner = [f"{item}," for item in _parts(head[2], ", ")]
        if len(inner) == 1:
            inner = _terms(head[2])
    else:
        return [line]
    if len(inner) == 1 and len(indent) + 4 + len(inner[0]) > WIDTH:
        return [line]
    return [opened, *(piece for item in inner for piece in wrapped(f"{indent}    {item}")), indent + closed]


def _last_brackets(line: str) -> tuple[int, int] | None:
    """Where the brackets open and close that end the line. None where there are none, where they are empty,
    or where they are part of one term of a sum only.
    """
    opened: list[int] = []
    span = None
    for i, depth in _depths(line):
        if line[i] in _OPEN:
            opened.append(i)
        elif line[i] in _CLOSE:
            span = (opened.pop(), i)
        elif depth == 0 and line.startswith((" + ", " * "), i):
            return None
    if span is None or line[span[1] + 1 :] not in {"", ",", ":"} or span[1] == span[0] + 1:
        return None
    return span


def _depths(text: str) -> Iterator[tuple[int, int]]:
    """Each place outside of strings, with the number of brackets that are open around it."""
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
