"""What a verb prints. What anything else prints meanwhile, such as a plug-in, goes to the error stream: the
output belongs to whoever reads it, often another program.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import TextIO

_own: list[TextIO] = []


@contextmanager
def only_of_the_verb() -> Iterator[None]:
    """Keep the output for `say` alone."""
    _own.append(sys.stdout)
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        _own.pop()


def stream() -> TextIO:
    """Where a verb's words go."""
    return _own[-1] if _own else sys.stdout


def say(text: object, end: str = "\n", flush: bool = False) -> None:
    """Print what was asked for."""
    print(text, end=end, flush=flush, file=stream())
