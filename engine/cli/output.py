"""What a verb prints. What anything else prints meanwhile, such as a plug-in, goes to the error stream: the
output belongs to whoever reads it, often another program.

Neither stream is taken for granted: one may be closed from the start, and a reader may go away.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from typing import TextIO

_own: list[TextIO] = []
ENDINGS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
"""Signals by which the system asks us to end: on its own wish, or because our terminal was closed."""
GONE = frozenset({errno.EPIPE, errno.EIO})
"""What the system says where nobody reads any more: the other end of a pipe, or a terminal, is gone."""


def open_closed_streams() -> None:
    """Let streams that were closed before we began (`2>&-`) lead nowhere.

    Otherwise the next file that is opened gets their number, and what libraries write to "the error stream"
    lands in it.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is not None:
            continue
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free: this one
            stream = open(number, "r" if number == 0 else "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        else:  # somebody has it already
            stream = open(os.devnull, "r" if number == 0 else "w", encoding="utf-8")  # noqa: SIM115
        setattr(sys, name, stream)


def lead_nowhere(stream: TextIO) -> None:
    """Let a stream whose reader is gone take everything in silence, Python's last flush too."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


@contextmanager
def only_of_the_verb(debug: bool = False) -> Iterator[None]:
    """Keep the output for `say` alone, and from the errors what libraries warn their programmers of, unless
    one of these asks for it.
    """
    _own.append(sys.stdout)
    try:
        with redirect_stdout(sys.stderr), warnings.catch_warnings():
            if not debug:
                warnings.simplefilter("ignore")
            yield
    finally:
        _own.pop()


def stream() -> TextIO:
    """Where a verb's words go."""
    return _own[-1] if _own else sys.stdout


def say(text: object, end: str = "\n", flush: bool = False) -> None:
    """Print what was asked for."""
    print(text, end=end, flush=flush, file=stream())


def complain(text: object) -> None:
    """Say on the error stream what is wrong, if anybody is there to read it."""
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:
        lead_nowhere(sys.stderr)
