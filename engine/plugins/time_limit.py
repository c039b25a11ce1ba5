"""Ends what other people's code does not end itself: a loop without end becomes an error with its line."""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

READING = 10.0  # seconds that a file may compute: it may import what is large
CALLING = 5.0  # seconds that one question to a kind may take
AGAIN = 1.0  # seconds after which code that caught the error gets it once more


class TooLong(BaseException):
    """Raised in a thread whose code is not done in time. No `except Exception` of that code catches it."""

    def __str__(self) -> str:
        return "it is not done in time; perhaps a loop does not end"


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise `TooLong` in this thread where what stands inside computes longer. What waits outside of Python,
    such as for a network, cannot be ended.
    """
    thread, done, raised = threading.get_ident(), threading.Event(), threading.Event()
    closing = threading.Lock()
    now = _clock(thread)
    end = now() + seconds

    def watch() -> None:
        left = seconds
        while not done.wait(left):
            with closing:
                left = end - now()  # on a busy machine a thread computes less than time goes by
                if left <= 0 and not done.is_set():
                    raised.set()
                    _raise(thread)
                    left = AGAIN

    watcher = threading.Thread(target=watch, name="time limit", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        with closing:
            done.set()
        if raised.is_set():
            _let_arrive(thread)


def _clock(thread: int) -> Callable[[], float]:
    """The seconds that a thread has computed, or those that went by where the system does not say."""
    if not hasattr(time, "pthread_getcpuclockid"):
        return time.monotonic
    clock = time.pthread_getcpuclockid(thread)
    return lambda: time.clock_gettime(clock)


def _raise(thread: int) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(TooLong))


def _let_arrive(thread: int) -> None:
    """Take an error that may be on its way, so that it does not arrive outside. Taking it back instead would
    leave Python 3.11 waiting for it, and a thread that is traced while it waits never goes on.
    """
    with suppress(TooLong):
        _raise(thread)
        while True:
            pass
